"""A long text is scored sentence by sentence, and what is not its author's own words is not scored at all.

The engines' score is a sum that saturates: of a page of text it says little more than which sign it begins with. So a
text of more than LONG characters has the mean of its sentences' scores, in which its headline counts HEADLINE times.
Texts joined from labelled tweets (n of them, label: their mean) are read so, beside the sum, macro-F1 and wrong sign:

                          n = 5                 n = 8                 n = 12
    English, the sum     .423  13.7 %          .473  12.6 %          .475  10.9 %
             so read     .519   9.5 %          .585   8.6 %          .589   7.4 %
    French,  the sum     .429  17.5 %          .479  16.0 %          .469  11.6 %
             so read     .567   7.8 %          .610   6.0 %          .636   2.8 %

What stands in a line that begins with `>` somebody else has written, and code says nothing: a labelled tweet with
another one quoted so above it is read with macro-F1 .40 instead of .56 where the quoted one counts. (Words in quotation
marks do count: without them TweetEval's recall falls from .599 to .547.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from listen.sentiment.explained import Scored
from listen.sentiment.vader import Polarity

LONG = 300
"""Characters up to which a text is scored as a whole: all posts of short-message networks are."""

READ = 2_000
"""Characters that any engine reads."""

HEADLINE = 2
"""Sentences that a headline counts for."""

LONGEST_HEADLINE = 200
"""Characters of a first line that may be one."""

_QUOTED = re.compile(r"^[ \t]*>(?![:;=<._-])[^\n]*", re.MULTILINE)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_ENDS = re.compile(r"[.!?…]+[\"'»”)\]]*(?=\s)|\n+")
_SAYS = re.compile(r"\w|[^\x00-\x7f]|[:;=][-']?[()DP/\\|]|<3")


class Part(NamedTuple):
    """A sentence of a long text, or all of a short one."""

    start: int
    text: str
    weight: float
    """Its share of the score, which is a mean of such."""


def own_words(text: str) -> str:
    """The text with blanks in the place of quoted lines and of code: everything else stays where it is."""
    if "`" in text:
        text = _CODE.sub(_blank, text)
    return _QUOTED.sub(_blank, text) if ">" in text else text


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def parts(text: str) -> list[Part]:
    """The parts whose scores the score of a text is the mean of; their weights add up to 1."""
    text = own_words(text[:READ])
    if len(text) <= LONG:
        return [Part(0, text, 1.0)]
    cuts = [0, *(found.end() for found in _ENDS.finditer(text)), len(text)]
    found = [(start, text[start:end]) for start, end in pairwise(cuts) if _SAYS.search(text, start, end)]
    if not found:
        return [Part(0, text, 1.0)]
    headline = text.find("\n") if 0 < text.find("\n") <= LONGEST_HEADLINE else 0
    weights = [HEADLINE if start < headline else 1 for start, _ in found]
    return [Part(start, said, weight / sum(weights)) for (start, said), weight in zip(found, weights, strict=True)]


def polarity(text: str, engine: Callable[[str], Polarity]) -> Polarity:
    """The four figures of a text, and its hits, by an engine for a whole text."""
    found = [(engine(part.text), part.weight) for part in parts(text)]
    if len(found) == 1:
        return found[0][0]
    neg, neu, pos, compound = (
        sum(getattr(one, name) * weight for one, weight in found) for name in ("neg", "neu", "pos", "compound")
    )
    return Polarity(round(neg, 3), round(neu, 3), round(pos, 3), round(compound, 4), sum(one.hits for one, _ in found))


def words(text: str, engine: Callable[[str], tuple[Sequence[Scored], float]]) -> tuple[list[Scored], float]:
    """The words of a text with their shares in its score, and the share of `!` and `?`; `engine` explains a whole."""
    found: list[Scored] = []
    emphasis = 0.0
    for part in parts(text):
        some, added = engine(part.text)
        found += [
            one._replace(start=one.start + part.start, end=one.end + part.start, share=one.share * part.weight)
            for one in some
        ]
        emphasis += added * part.weight
    return found, emphasis
