"""When two mentions tell the same: the keys by which candidates are found, and the comparison that decides.

Pure: where stories are kept is the store's business. Three ways lead into one story, the narrowest first:

- the words: shared pairs of neighbouring words make up `ALIKE` of the shorter text, and the texts are about as long;
- the headline: articles with the same one within `HEADLINE` days, or a post that is nothing but that headline;
- the link: two mentions of one page within `LINK` days, of which one adds no words of its own. Two people who say
  different things about the same page stay two stories.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

from listen import text

if TYPE_CHECKING:
    from listen.model import Prepared

SHORTEST = 5
"""Words of the shortest text that can be recognised; nobody who says "thank you very much" copies another."""

SHORTEST_REPLY = 8
"""The same of comments and replies, whose phrases are common property."""

LONGEST = 400
"""Words of a text that are compared."""

SMALLEST = 6
"""Pairs of words that are keys of a text: those with the smallest hashes (Broder 1997, bottom-k sketch)."""

ALIKE = 0.72
"""Share of the shorter text's pairs that alike texts have in common at least."""

ALIKE_SHORT = 0.85
"""The same below `FEW` pairs, where one other word is another statement."""

FEW = 9

AS_LONG = 0.6
"""The shorter of two alike texts has at least this share of the longer one's words."""

OWN = 0.25
"""Share of the words beside a link that may be nobody else's, when it is shared without an opinion."""

STRONG = 1 << 62
"""The bit of keys that say much by themselves."""

DAY = 86_400
WORDS_WITHIN, LINK_WITHIN, HEADLINE_WITHIN = 30 * DAY, 14 * DAY, 3 * DAY
"""Seconds between two mentions of a story, by what makes them one."""

VERSION = hash((1, 2, 0x5EED)) ^ (crc32(text.TOKENIZER.encode()) << 8) ^ 2
"""Changes when the same text gives other keys: by another tokenizer, another Python's hash, or another method here."""

_WEAK = STRONG - 1
_LEFT_OUT = ("rt", "via")
_LINK = re.compile(r"https?://[^\s<>\"”»）)\]]+")
_SOURCE = re.compile(r"\s[-–—|·]\s([^-–—|·]{2,40})$")
_ANSWERS = ("comment", "reply")


@dataclass(slots=True)
class Said:
    """What is compared of a mention."""

    kind: str
    words: list[str]
    """Of title and text, without the names of those it was taken from."""
    headline: list[str]
    """Of the title, without the name of the paper at its end."""
    bare: bool
    """It has a title and no text of its own."""
    url: str | None
    """The page that a title stands for."""
    body: str
    own: list[str]
    """Words of the text below a title; [] where there is no title."""
    _pairs: set[int] = field(default_factory=set)
    _links: list[str] | None = None

    @property
    def pairs(self) -> set[int]:
        """Hashes of neighbouring words."""
        if not self._pairs and len(self.words) > 1:
            self._pairs = set(_pairs(_hashes(self.words)))
        return self._pairs

    @property
    def links(self) -> list[str]:
        """Pages that it is about, canonical: its own when it has a title, and the first in its text."""
        if self._links is None:
            self._links = _links(self.url, self.body)
        return self._links

    @property
    def shortest(self) -> int:
        """How many words it must have to be recognised by them."""
        return SHORTEST_REPLY if self.kind in _ANSWERS else SHORTEST


def read(kind: str, title: str | None, body: str, url: str | None) -> Said:
    """What is compared of a stored mention."""
    title_words, title_marks = text.tokens(title) if title else ([], [])
    words, marks = text.tokens(body)
    return _said(kind, title, body, url, title_words, words, title_marks + marks)


def heard(post: Prepared) -> Said:
    """The same of a post on its way into the store."""
    return _said(
        post.kind, post.title, post.text, post.url, post.title_words.split(), post.words.split(), post.marks
    )  # fmt: skip


def _said(
    kind: str,
    title: str | None,
    body: str,
    url: str | None,
    title_words: list[str],
    body_words: list[str],
    marks: Sequence[str],
) -> Said:
    titled = bool(title_words) and kind not in _ANSWERS  # a comment's title is that of what it answers
    words = [*title_words, *body_words] if titled else body_words
    names = {mark[1:] for mark in marks if mark[0] == "@"}
    names.update(_LEFT_OUT)
    if not names.isdisjoint(words):
        words = [word for word in words if word not in names]
    headline = _headline(title or "", title_words) if titled else []
    return Said(
        kind,
        words[:LONGEST],
        headline,
        titled and not body_words,
        url if titled else None,
        body,
        body_words if titled else [],
    )


def _headline(title: str, words: list[str]) -> list[str]:
    source = _SOURCE.search(title)
    if source:
        short = words[: -len(text.tokens(source[1])[0]) or None]
        return short if len(short) >= SHORTEST else words
    return words


def _links(url: str | None, body: str) -> list[str]:
    found = [text.canonical_url(url)] if url else []
    if "://" in body and (link := _LINK.search(body)):
        found.append(text.canonical_url(link[0].rstrip(".,;:!?…'’")))
    return found


# --- keys ------------------------------------------------------------------------------------------------------------


def keys(said: Said) -> list[int]:
    """Keys of 63 bits, some ten at most, of which alike mentions share some; [] for what cannot be recognised.

    The highest bit marks those that say much by themselves: of all words, of a headline, of a link.
    """
    found: list[int] = []
    strong: list[int] = []
    if _weight(said.words) >= said.shortest:
        hashes = _hashes(said.words)
        strong.append(_whole(hashes))
        found += sorted(set(_pairs(hashes)))[:SMALLEST]
    if len(said.headline) >= SHORTEST and len(said.headline) < len(said.words):
        strong.append(_whole(_hashes(said.headline)))
    if said.links:
        strong += [int.from_bytes(blake2b(link.encode(), digest_size=8).digest(), "big") for link in said.links]
    return [one & _WEAK | STRONG for one in strong] + [one & _WEAK for one in found]


def _weight(words: Sequence[str]) -> float:
    """How many words there are; the overlapping pairs of scripts without spaces, and emoji, are half a word each."""
    if len(words) >= 2 * SHORTEST_REPLY:
        return len(words)
    return sum(0.5 if word[0] >= "\u0e00" else 1 for word in words)


def _hashes(words: Sequence[str]) -> list[int]:
    return [crc32(word.encode()) for word in words]


def _pairs(hashes: Sequence[int]) -> list[int]:
    """Python's hash of a tuple of whole numbers mixes well and is the same in every process."""
    return list(map(hash, pairwise(hashes)))


def _whole(hashes: Sequence[int]) -> int:
    return hash((len(hashes), *hashes))


# --- comparison ------------------------------------------------------------------------------------------------------


def same(one: Said, other: Said, seconds: float) -> float:
    """How surely two mentions that lie `seconds` apart tell the same: above 0 when they do, 1 for the same words."""
    apart = abs(seconds)
    if apart <= WORDS_WITHIN and (alike := _alike(one, other)):
        return alike
    if apart <= HEADLINE_WITHIN and _same_headline(one, other):
        return 0.7
    if apart <= LINK_WITHIN and not set(one.links).isdisjoint(other.links) and _passes_on(one, other):
        return 0.6
    return 0.0


def _alike(one: Said, other: Said) -> float:
    shortest = max(one.shortest, other.shortest)
    short, long = sorted((len(one.words), len(other.words)))
    if short < AS_LONG * long or short < 2 or min(_weight(one.words), _weight(other.words)) < shortest:
        return 0.0
    if one.words == other.words:
        return 1.0
    fewer = min(len(one.pairs), len(other.pairs))
    shared = len(one.pairs & other.pairs) / fewer
    if one.own and other.own and not one.kind == other.kind == "article" and not _alike_below(one, other):
        return 0.0
    return shared if shared >= (ALIKE_SHORT if fewer < FEW else ALIKE) else 0.0


def _alike_below(one: Said, other: Said) -> bool:
    """Whether two posts share half of what stands below their titles: a title every week is no story."""
    pairs = [set(pairwise(said.own[:LONGEST])) for said in (one, other)]
    fewer = min(map(len, pairs))
    return len(pairs[0] & pairs[1]) >= 0.5 * fewer if fewer else one.own == other.own


def _same_headline(one: Said, other: Said) -> bool:
    """Two articles under one headline, or one that is nothing but the other's."""
    if one.kind == other.kind == "article":
        return len(one.headline) >= SHORTEST and one.headline == other.headline
    short, long = sorted((one, other), key=lambda said: len(said.words))
    if short.own or short.kind in _ANSWERS or len(long.headline) < SHORTEST:
        return False
    return long.headline in (short.words, short.headline)


def _passes_on(one: Said, other: Said) -> bool:
    """Whether one of two mentions of a page adds nothing of its own: the link alone, a link post, the page's title."""
    short, long = sorted((one, other), key=lambda said: (not said.bare, len(said.words)))
    if short.kind in _ANSWERS or short.kind == "quote":
        return False
    if not short.words:  # it passes on the page, not what others say of it
        return bool(long.headline) or not long.words
    if short.bare and (long.bare or long.kind == "article"):
        return True
    theirs = set(long.headline or long.words[:60])
    own = sum(word not in theirs for word in short.words)
    return len(short.words) > 2 and own <= OWN * len(short.words)
