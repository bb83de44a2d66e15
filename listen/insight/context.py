"""A brand whose name is a common word: whether it is one, and a query that tells the brand from the word.

Pure: texts go in, and what a person said of them. Nothing is stored or asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from listen.query.brands import brand_query, plain_name
from listen.text import tokens
from listen.text.terms import stop_words, words_of

FEW = 6
"""Uses of the name below which the packaged list of common words has a say, too."""

LISTED = 0.12
"""Share of its uses in lower case, in the middle of a sentence, from which on a listed word is taken for one here."""

UNLISTED = 0.5
"""The same for other words: many people write coined names in lower case, too."""

BOTH = 2
"""Uses with a capital that an unlisted word must have: what nearly nobody writes with one is a name in lower case."""

MOST = 4
"""Words proposed of each kind."""

COVERED = 0.7
"""Share of the good hits that the context words must leave: otherwise none are proposed."""

SEEN = 2
"""Hits that a word must stand in before it is believed."""


class Judged(NamedTuple):
    """A hit, and what a person said of it: True kept, False refused, None nothing yet."""

    text: str
    kept: bool | None = None


class Uses(NamedTuple):
    """How a name is written: in lower case in the middle of a sentence, and in all there."""

    lower: int
    total: int


class Removal(NamedTuple):
    """A word to exclude, and what that would take away of the hits that were refused or kept."""

    word: str
    refused: int
    kept: int


class Proposal(NamedTuple):
    """A query that tells the brand from the word, and why."""

    query: str
    context: tuple[str, ...]
    removals: tuple[Removal, ...]


def uses(name: str, texts: Iterable[str]) -> Uses:
    """How the name is written where a sentence does not begin with it, in texts that use capitals at all.

    Somebody who writes everything in lower case says nothing about the word.
    """
    lower = total = 0
    for text in texts:
        found = [word for word in _written(name, text) if word is not None]
        others = _word_of(name).sub(" ", text)
        if found and _capitals(others + "".join(found)):
            total += len(found)
            lower += sum(word == word.lower() for word in found)
    return Uses(lower, total)


def is_common(name: str, texts: Sequence[str]) -> bool:
    """Whether the name is a common word, too: from how the hits write it, with few of them also from a list.

    Names of several words, and scripts without capitals, never are.
    """
    words = tokens(name)[0]
    if len(words) != 1 or name.lower() == name.upper():
        return False
    lower, total = uses(name, texts)
    if words[0] in common_words():
        return total < FEW or lower / total >= LISTED
    return total >= FEW and lower / total >= UNLISTED and total - lower >= BOTH


def propose(name: str, hits: Sequence[Judged]) -> Proposal | None:
    """A query for a name that is a common word, from hits of its plain name; None when there is nothing to go by.

    Good hits are those that were kept, bad ones those that were refused; of the others, those that write the name with
    a capital are good and those in lower case bad. `{Name}` takes the bad ones in lower case away; words that stand
    with good ones and not with bad ones, and words to exclude, see to the rest and to what comes.
    """
    good, bad = _sides(name, hits)
    if not good:
        return None
    name = _spelled(name, good)
    context = _context(name, good, bad)
    removals = _removals(name, good, bad)
    query = brand_query(name, exact=True, context=context, unwanted=[one.word for one in removals])
    return Proposal(query, tuple(context), tuple(removals))


def removals(name: str, hits: Sequence[Judged]) -> list[Removal]:
    """Words to exclude, for any name: those of refused hits, with what each would take away."""
    good = [hit.text for hit in hits if hit.kept]
    bad = [hit.text for hit in hits if hit.kept is False]
    return _removals(name, good, bad)


@cache
def common_words() -> frozenset[str]:
    """Folded words that are also names of brands."""
    return words_of(Path(__file__).with_name("common_words.txt"))


# --- how a name is written -------------------------------------------------------------------------------------------


@cache
def _word_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(plain_name(name))}(?!\w)", re.IGNORECASE)


def _written(name: str, text: str) -> list[str | None]:
    """Each use of the name as it is written; None for one that begins a sentence or is a tag."""
    found: list[str | None] = []
    for use in _word_of(name).finditer(text):
        before = text[max(0, use.start() - 40) : use.start()].rstrip(" \"'“”«»(*_")
        begins = not before or before[-1] in ".!?:\n#@…—–|•"
        found.append(None if begins else use[0])
    return found


def _capitals(text: str) -> bool:
    return any(sign.isupper() for sign in text)


def _is_lower(name: str, text: str) -> bool | None:
    """Whether a text writes the name as a word, not as a name; None when it does not say."""
    if not any(_written(name, text)):
        return None
    lower, total = uses(name, [text])
    return lower == total if total else None


def _spelled(name: str, good: Sequence[str]) -> str:
    """The spelling with a capital that good hits use most, else the name with one."""
    found = Counter(use[0] for text in good for use in _word_of(name).finditer(text) if use[0] != use[0].lower())
    plain = plain_name(name)
    return found.most_common(1)[0][0] if found else plain if plain != plain.lower() else plain[:1].upper() + plain[1:]


# --- words that tell good from bad -----------------------------------------------------------------------------------


def _sides(name: str, hits: Sequence[Judged]) -> tuple[list[str], list[str]]:
    good: list[str] = []
    bad: list[str] = []
    for hit in hits:
        kept = hit.kept
        if kept is None and (lower := _is_lower(name, hit.text)) is not None:
            kept = not lower
        if kept is not None:
            (good if kept else bad).append(hit.text)
    return good, bad


def _bags(name: str, texts: Iterable[str]) -> list[frozenset[str]]:
    """The telling words of each text: folded, three letters or more, no stop words, not the name."""
    own = set(tokens(name)[0])
    return [
        frozenset(
            word for word in tokens(text)[0] if len(word) > 2 and word.isalpha() and word not in own | stop_words()
        )
        for text in texts
    ]


def _context(name: str, good: Sequence[str], bad: Sequence[str]) -> list[str]:
    """Few words of which nearly every good hit holds one and hardly a bad one; [] when there are none such.

    One word alone would be the query: it is not company that a name may keep.
    """
    goods, bads = _bags(name, good), _bags(name, bad)
    if not bads:
        return []
    chosen: list[str] = []
    open_ones = list(goods)
    while len(chosen) < MOST:
        counts = Counter(word for bag in open_ones or goods for word in bag if word not in chosen)
        worth = {
            word: n - 2 * sum(word in bag for bag in bads)
            for word, n in counts.items()
            if sum(word in bag for bag in goods) >= SEEN
        }
        best = max(worth, key=lambda word: (worth[word], len(word), word), default="")
        if not best or worth[best] <= 0:
            break
        chosen.append(best)
        open_ones = [bag for bag in open_ones if best not in bag]
    covers = len(goods) - len(open_ones) >= COVERED * len(goods)
    return chosen if covers and len(chosen) > 1 else []


def _removals(name: str, good: Sequence[str], bad: Sequence[str]) -> list[Removal]:
    """Words of bad hits that hardly a good one holds, those first that take most bad ones away."""
    goods, bads = _bags(name, good), _bags(name, bad)
    found: list[Removal] = []
    while bads and len(found) < MOST:
        counts = Counter(word for bag in bads for word in bag)
        costs = {word: sum(word in bag for bag in goods) for word in counts}
        best = max(counts, key=lambda word: (counts[word] - 4 * costs[word], len(word), word), default="")
        if not best or counts[best] < SEEN or counts[best] <= 4 * costs[best]:
            break
        found.append(Removal(best, counts[best], costs[best]))
        bads = [bag for bag in bads if best not in bag]
        goods = [bag for bag in goods if best not in bag]
    return found
