"""Brands whose names are words that weigh something: "Best Buy called" is no praise, nor is a word about Free.

Of a brand or a competitor each word or phrase of its query that is made of words of the topic's name names it: those
that an engine would weigh are blanked before the texts that match the topic are scored. A theme has no name in this
sense: `broken screen` speaks of what is broken. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from listen import sentiment
from listen.model import RIVALS, Tracked
from listen.query import tree
from listen.query.spans import Field, Sought, leaves
from listen.query.topics import node_of
from listen.sentiment import parts
from listen.text import fold, tokens

_NOTHING = re.compile(r"[\W_]+")


class Namesakes:
    """The names of topics that would say something by themselves."""

    def __init__(self, tracked: Mapping[int, Tracked]) -> None:
        self._named: dict[int, Sought] = {}
        spelled: set[str] = set()
        for number, one in tracked.items():
            if names := _weighing(one.name, one.query, one.role):
                self._named[number] = Sought(tree.Or(names))
                spelled.add(f"{one.name} {one.query}")
        self.version = hashlib.sha256("\n".join(sorted(spelled)).encode()).hexdigest()[:12] if spelled else ""
        """What is stored is scored anew in the background when this changes; empty when no name weighs anything."""

    def blanked(self, text: str, matched: Iterable[int]) -> str:
        """The text that is scored where these topics match: as long as before, with blanks in the place of names."""
        asked = [self._named[number] for number in matched if number in self._named]
        if not asked:
            return text
        field = Field(text[: parts.READ])
        for start, end in (span for one in asked for span in one.spans(field)):
            text = text[:start] + " " * (end - start) + text[end:]
        return text


def blanked(text: str, topics: Sequence[Tracked]) -> str:
    """The same where all of these match."""
    found = Namesakes(dict(enumerate(topics)))
    return found.blanked(text, range(len(topics))) if found.version else text


@lru_cache(maxsize=1_024)
def _weighing(name: str, query: str, role: str) -> tuple[tree.Node, ...]:
    """The names in a query that an engine weighs."""
    if role not in RIVALS:
        return ()
    own = _words(name)
    named = [leaf for leaf in leaves(node_of(query)) if own.issuperset(words := [*_of(leaf)]) and words]
    return tuple(
        leaf for leaf in named if any(sentiment.weighed(" ".join(_of(leaf)), lang) for lang in sentiment.ENGINES)
    )


def _words(name: str) -> set[str]:
    """What a name is made of, each word and all of them as one."""
    apart = [fold(word) for word in _NOTHING.split(name) if word]
    return {*apart, "".join(apart)}


def _of(leaf: tree.Node) -> Iterator[str]:
    match leaf:
        case tree.Words(words, prefix=False):
            yield from words
        case tree.Exact(text):
            yield from tokens(text)[0]
