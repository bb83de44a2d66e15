"""One author who says the same again and again within a day, whatever the links, handles and numbers in it."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from listen.model import SEQUENCE_BITS

OFTEN = 5
"""So many times within a day of the calendar (UTC) is a flood."""

WORDS = 5
"""Texts of fewer words ("Thank you!") are said often by honest people."""

KEPT = 20_000
"""Texts that are remembered, those that were heard last."""

SPARED = frozenset({"review", "edit", "issue"})
"""Kinds whose authors are no persons ("A Google user"), or whose texts come from a form."""

_DAY = 86_400 << SEQUENCE_BITS
_PASSING = re.compile(r"https?://\S+|[@#]\S+|[\W\d_]+")
"""What differs from one copy to the next."""


@dataclass(slots=True)
class _Said:
    """One text of one author on one day."""

    first: int
    """The earliest mention of it: it stays."""
    others: list[int] = field(default_factory=list)
    """The rest, until it is a flood."""
    flood: bool = False


class Floods:
    """Remembers who said what lately. In whatever order a flood is heard, the same mentions are noise in the end."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._said: OrderedDict[tuple[int, int, int], _Said] = OrderedDict()

    def heard(self, mention_id: int, author: int | None, kind: str, title: str | None, text: str) -> list[int]:
        """The mentions that have become noise by this one, itself perhaps among them."""
        if author is None or kind in SPARED:
            return []
        key = _key(mention_id, author, title, text)
        if key is None:
            return []
        said = self._said.get(key)
        if said is None:
            self._said[key] = _Said(mention_id)
            if len(self._said) > self._kept:
                self._said.popitem(last=False)
            return []
        self._said.move_to_end(key)
        return _again(said, mention_id)

    def forget(self) -> None:
        """Begin anew: what was heard may never have been stored."""
        self._said.clear()


def _again(said: _Said, mention_id: int) -> list[int]:
    if mention_id == said.first or mention_id in said.others:
        return []
    later, said.first = max(said.first, mention_id), min(said.first, mention_id)
    if said.flood:
        return [later]
    said.others.append(later)
    if len(said.others) + 1 < OFTEN:
        return []
    found, said.others, said.flood = said.others, [], True
    return found


def _key(mention_id: int, author: int, title: str | None, text: str) -> tuple[int, int, int] | None:
    words = _PASSING.sub(" ", f"{title or ''} {text[:1_000]}").casefold().split()
    if len(words) < WORDS and sum(map(len, words)) < 8 * WORDS:
        return None
    return author, mention_id // _DAY, hash(tuple(words))
