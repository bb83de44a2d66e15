"""Sentiment toward something that a text speaks of, out of the words that the score of the whole text comes from.

`T = sum v * exp(-(d - 1) / 6) * w` over the words of the explanation, where `v` is what a word weighs after the rules,
`d` its distance in words to the nearest place where the target is named, and `w` 1 in a clause that names it, 0.3 in
others, and 0 in a piece between commas that names another tracked one and not the target. What compares the two ("A is
better than B", "left B for A") adds to one and takes from the other. The score is `T / sqrt(T*T + 15)`. Chosen on the
training part of Dong 2014, where it gives macro-F1 .52 beyond +-0.2 with 5 % wrong signs; the whole text .46 and 9 %.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from listen.sentiment.explained import Scored

Span = tuple[int, int]
"""First character and the one after the last."""

FADES_OVER = 6.0
"""Words over which a weight falls to 1/e."""
IN_ANOTHER_CLAUSE = 0.3
COMPARED = 2.0
"""What a comparison adds for the better one and takes from the other."""
NO_MORE_THAN = 0.02
"""A word whose share is smaller is not counted at all."""
ALPHA = 15

_WORD = re.compile(r"\w+")
_HARD = re.compile(r"[.!?…\n;]+|(?<=\s)[-–—|]+(?=\s)")
_COMMA = re.compile(",")
_TURNS = {
    "en": frozenset(("but", "however", "although", "though", "while", "whereas", "yet", "except", "unlike")),
    "fr": frozenset(
        ("mais", "cependant", "pourtant", "toutefois", "néanmoins", "tandis", "sauf", "contrairement", "malgré")
    ),
}
"""Words with which another clause begins."""

T, R = "\u16a0", "\u16a2"
"""Runes that stand for the names of the target and of others in the patterns below."""

_THEN = r"\W+(?:[\w'’]+\W+){0,4}?"
_NEAR = r"\W+(?:[\w'’]+\W+){0,2}?"
_NEXT = r"\W+(?:[\w'’]+\W+)?"
_COMPARISONS = {
    "en": (
        (rf"{T}{_THEN}(?:better|faster|nicer|superior|cheaper|easier|stronger){_NEXT}than{_NEAR}{R}", 1),
        (rf"{T}{_THEN}(?:worse|slower|inferior|weaker|pricier){_NEXT}than{_NEAR}{R}", -1),
        (rf"prefer(?:red|s)?{_NEAR}{T}{_NEAR}(?:to|over){_NEXT}{R}", 1),
        (rf"(?:switch(?:ed|ing)?|mov(?:e|ed|ing)|chang(?:ed|ing)|went|going){_NEXT}from{_NEXT}{R}"
         rf"{_NEXT}to{_NEXT}{T}", 1),
        (rf"(?:left|leaving|leave|ditch(?:ed|ing)?|dump(?:ed|ing)?|quit(?:ting)?|replac(?:ed|ing)|dropp(?:ed|ing)){_NEXT}"
         rf"{R}{_NEXT}(?:for|with|to){_NEXT}{T}", 1),
        (rf"{T}\s*>+\s*{R}", 1),
        (rf"{R}\s*<+\s*{T}", 1),
    ),
    "fr": (
        (rf"{T}{_THEN}(?:mieux|meilleure?s?|supérieure?s?|plus (?:rapide|fiable|simple|pratique|sympa)s?){_NEXT}"
         rf"qu(?:e|'|’)\W*(?:chez |à |la |le |les )?{R}", 1),
        (rf"{T}{_THEN}(?:pires?|moins (?:bien|bonne?s?|fiable|rapide)s?|plus (?:lent|cher|chère|nul)s?e?){_NEXT}"
         rf"qu(?:e|'|’)\W*(?:chez |à |la |le |les )?{R}", -1),
        (rf"préfèr\w+{_NEAR}{T}\W+(?:à|au|plutôt que){_NEXT}{R}", 1),
        (rf"pass(?:é|ée|er|ons|e)\W+(?:de|d['’])\W*(?:chez )?{R}\W+(?:à|chez){_NEXT}{T}", 1),
        (rf"(?:quitt\w+|lâch\w+|abandonn\w+){_NEXT}{R}\W+pour{_NEXT}{T}", 1),
        (rf"{T}\s*>+\s*{R}", 1),
        (rf"{R}\s*<+\s*{T}", 1),
    ),
}  # fmt: skip
"""Pattern with T for the target and R for a rival, and for whom it speaks. Whoever is left is spoken against."""

_LEAVING = {
    "en": rf"(?:left|leaving|quit(?:ting)?|ditch(?:ed|ing)|dump(?:ed|ing)|done with|tired of|sick of){_NEXT}{T}",
    "fr": rf"(?:quitt\w+|résili\w+|marre d(?:e |'|’)|adieu|fini){_NEAR}{T}",
}


@dataclass(frozen=True, slots=True)
class Toward:
    """A score toward a target, in thousandths, and what each word had to do with it."""

    score: int
    shares: tuple[float, ...]
    """For each word of the explanation what of its valence counted, in its order."""
    compared: float = 0.0
    """What a comparison added, or leaving the target took."""


def toward(
    text: str, words: Sequence[Scored], targets: Sequence[Span], others: Sequence[Span], lang: str
) -> Toward | None:
    """The score toward the target named at `targets`; None when it is not named, or nothing within reach says anything.

    `words` are those of the text's explanation, `others` where other tracked ones are named (may overlap the targets).
    """
    if not targets:
        return None
    lang = lang.partition("-")[0].lower()
    starts = [found.start() for found in _WORD.finditer(text)]
    named = _places(starts, targets)
    others = [other for other in others if not _within(other, targets)]
    names = [*targets, *others]
    clauses, pieces = _cuts(text, lang), _cuts(text, lang, commas=True)
    clauses_named = {bisect_right(clauses, start) for start, _ in targets}
    rivals = _rival_pieces(text, pieces, targets, others)
    shares = []
    for word in words:
        place = bisect_right(starts, word.start) - 1
        distance = min((max(0, first - place, place - last) for first, last in named), default=99)
        share = math.exp(-max(0, distance - 1) / FADES_OVER)
        if _within((word.start, word.end), names) or bisect_right(pieces, word.start) in rivals:
            share = 0.0
        elif bisect_right(clauses, word.start) not in clauses_named:
            share *= IN_ANOTHER_CLAUSE
        shares.append(word.valence * share if share > NO_MORE_THAN else 0.0)
    total = math.fsum(shares)
    compared = _compared(text, targets, others, lang, total)
    if not compared and not any(shares):
        return None
    total += compared
    return Toward(round(1_000 * total / math.sqrt(total * total + ALPHA)), tuple(shares), compared)


def named(text: str, name: str) -> list[Span]:
    """Where a name stands in a text, as a word of its own, a tag or a handle, whatever its case."""
    return [found.span() for found in re.finditer(rf"(?<!\w)[#@]?{re.escape(name)}(?!\w)", text, re.IGNORECASE)]


def _places(starts: Sequence[int], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The first and last word of each span, as places among the words that begin there."""
    return [(bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1) for start, end in spans]


def _within(span: Span, spans: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in spans)


def _cuts(text: str, lang: str, *, commas: bool = False) -> list[int]:
    """Where clauses begin; with `commas`, pieces between commas."""
    cuts = [found.end() for found in _HARD.finditer(text)]
    turns = _TURNS.get(lang, frozenset())
    cuts += [found.start() for found in _WORD.finditer(text) if found.group().lower() in turns]
    if commas:
        cuts += [found.end() for found in _COMMA.finditer(text)]
    return sorted(cuts)


def _rival_pieces(text: str, pieces: Sequence[int], targets: Sequence[Span], others: Sequence[Span]) -> set[int]:
    """Pieces between commas that speak of another one: it is named there, the target is not, and more than its name."""
    found = {bisect_right(pieces, start) for start, _ in others} - {bisect_right(pieces, start) for start, _ in targets}
    speaking = {
        bisect_right(pieces, word.start())
        for word in _WORD.finditer(text)
        if not _within(word.span(), others)
    }  # fmt: skip
    return found & speaking


# --- comparisons -----------------------------------------------------------------------------------------------------


def _compared(text: str, targets: Sequence[Span], others: Sequence[Span], lang: str, total: float) -> float:
    """What a comparison says; half of what the words said gives way to it, since it mostly was said of both."""
    if lang not in _COMPARISONS:
        return 0.0
    marked = _marked(text, targets, others)
    for pattern, side in _patterns(lang):
        if pattern.search(marked):
            return side * COMPARED - total * 0.5
    turned = marked.translate(_TURNED)
    for pattern, side in _patterns(lang):
        if pattern.search(turned):
            return -side * COMPARED - total * 0.5
    return -COMPARED if _leaving(lang).search(marked) else 0.0


_TURNED = {ord(T): R, ord(R): T}


def _marked(text: str, targets: Sequence[Span], others: Sequence[Span]) -> str:
    """The text with one rune in the place of each name."""
    named = sorted([(start, end, T) for start, end in targets] + [(start, end, R) for start, end in others])
    parts, at = [], 0
    for start, end, sign in named:
        if start >= at:
            parts += [text[at:start], sign]
            at = end
    return "".join([*parts, text[at:]])


@cache
def _patterns(lang: str) -> tuple[tuple[re.Pattern[str], int], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), side) for pattern, side in _COMPARISONS[lang])


@cache
def _leaving(lang: str) -> re.Pattern[str]:
    return re.compile(_LEAVING[lang], re.IGNORECASE)
