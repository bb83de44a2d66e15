"""The gate to the screen: every text that somebody else wrote passes here on its way to a terminal.

Storage keeps what was written, and rows may come from an older version or by hand; so nothing is trusted here. Controls
and direction overrides show as marks. What has no width of its own goes, so that a text is as wide as the sum of its
signs in every terminal: joiners, variation selectors and skin tones too, at the price of an emoji family shown as its
members.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from listen.text.storage import few_marks

MARKS_ON_A_SIGN = 8
"""Most combining marks shown on one letter; Burmese and Tibetan need about five."""

ACCENTS_ON_A_SIGN = 2
"""Most marks of the general kind, those that are piled up to flood the lines above and below."""

# Signs that are shown as they are: Latin, Greek, Cyrillic, punctuation, money, all one cell wide; then arrows,
# drawings, kana, emoji. Anything else is looked at; the sets only make the usual case quick.
_NARROW = frozenset(
    chr(code)
    for first, last in (
        (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x48A, 0x52F), (0x2010, 0x2027), (0x2030, 0x205E),
        (0x20A0, 0x20BF),
    )
    for code in range(first, last + 1)
)  # fmt: skip
_PLAIN = _NARROW.union(
    chr(code)
    for first, last in (
        (0x2190, 0x27FF), (0x3041, 0x3096), (0x30A1, 0x30FF), (0x1F300, 0x1F3FA), (0x1F400, 0x1F64F),
        (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF),
    )
    for code in range(first, last + 1)
)  # fmt: skip
_MANY = 8  # from so many different signs on, one pass over the text is quicker than a replacement for each

_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BLANKS = re.compile(" +")
_LINE_ENDS = " \u3000"
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WIDTHLESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u206a-\u206f\u20e3\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U00013440\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_NEWER = re.compile("[\U0001f000-\U0001faff\U00020000-\U0003fffd]")  # emoji and Chinese signs that Python may not know

_JAMO = "\u1160-\u11ff\ud7b0-\ud7ff"  # vowels and finals of taken-apart Korean: they ride on a sign as marks do
_ACCENT = f"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f{_JAMO}]"
_MANY_ACCENTS = re.compile(f"({_ACCENT}{{{ACCENTS_ON_A_SIGN}}}){_ACCENT}+")
_MANY_SIGNS = re.compile(rf"[^\w\s\x00-\x7f]{{{MARKS_ON_A_SIGN + 1},}}")
_SIGNS_AFTER_BLANK = re.compile(rf"(?:^|(?<=\s))(?:[^\w\s\x00-\x7f]|[{_JAMO}])+")
_REGIONAL = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{1,2}")


def one_line(text: str, limit: int | None = None) -> str:
    """The text as one line for the screen, cut to `limit` cells with `…` at its end.

    Blanks and line breaks of every kind become single spaces; see the module for the rest. Shown twice, it stays the
    same.
    """
    if not (text.isascii() and text.isprintable()) and not _PLAIN.issuperset(text):
        text = _shown(_BREAKS.sub(" ", text).replace("\t", " ").replace("\u3000", " "))
    if "  " in text:
        text = _BLANKS.sub(" ", text)
    text = text.strip(" ")
    return text if limit is None else _cropped(text, limit)


def block(text: str, max_lines: int = 500) -> str:
    """The text as lines for the screen, at most `max_lines`, the last one saying how many more there are.

    Line breaks of every kind become `\\n`, tabs four spaces; blanks at the end of lines and blank lines at both ends
    go. Shown twice, it stays the same.
    """
    lines = [line.rstrip(_LINE_ENDS) for line in _laid_out(text).split("\n")]
    first, last, more = _extent(lines, max_lines)
    return "\n".join([*lines[first:last], *([f"… {more} more lines"] if more else ())])


def placed_block(text: str, places: Sequence[int], max_lines: int = 500) -> tuple[str, list[int]]:
    """What `block` gives, and where in it the given places of the text, which ascend, have come to lie.

    A place behind what is shown lies at its end. Where a place takes apart what is shown as one (a letter and its mark,
    say) none can be told: the list is empty.
    """
    shown = block(text, max_lines)
    pieces = [_laid_out(text[start:end]) for start, end in pairwise((0, *places, len(text)))]
    whole = "".join(pieces)
    if not places or whole != _laid_out(text):
        return shown, []
    lines = whole.split("\n")
    kept = [line.rstrip(_LINE_ENDS) for line in lines]
    first, last, _ = _extent(kept, max_lines)
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    shown_starts = list(accumulate((len(line) + 1 for line in kept[first:last]), initial=0))
    found = []
    for at in list(accumulate(map(len, pieces)))[:-1]:
        line = bisect_right(starts, at) - 1
        if line < first:
            found.append(0)
        elif line >= last:
            found.append(min(shown_starts[-1], len(shown)))
        else:
            found.append(shown_starts[line - first] + min(at - starts[line], len(kept[line])))
    return shown, found


def _laid_out(text: str) -> str:
    """All of it in signs that can be shown, its lines apart."""
    return _shown(_BREAKS.sub("\n", text).replace("\t", "    "))


def _extent(lines: Sequence[str], most: int) -> tuple[int, int, int]:
    """The first line that is shown and the one behind the last, and how many more there are."""
    first, last = 0, len(lines)
    while first < last and not lines[first]:
        first += 1
    while first < last and not lines[last - 1]:
        last -= 1
    more = last - first - most
    return (first, last, 0) if more <= 0 else (first, first + most - 1, more + 1)


def cell_width(text: str) -> int:
    """How many terminal cells a shown text takes, counted as the console's renderer counts them."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # 12 ms, and not needed for plain English

    return cell_len(text)


def _shown(text: str) -> str:
    """Marks for controls, nothing for what has no width, few combining marks; line feeds stay."""
    strange = set(text) - _PLAIN
    strange.discard("\n")
    shown = {sign: _alone(sign) for sign in strange}
    changes = {sign: instead for sign, instead in shown.items() if instead != sign}
    if len(changes) > _MANY:
        text = text.translate({ord(sign): instead for sign, instead in changes.items()})
    else:
        for sign, instead in changes.items():
            text = text.replace(sign, instead)
    if any(map(_rides, strange)):
        text = _MANY_ACCENTS.sub(r"\1", text)
        text = _MANY_SIGNS.sub(lambda run: few_marks(run[0], MARKS_ON_A_SIGN), text)
        text = _SIGNS_AFTER_BLANK.sub(_without_leading_marks, text)
    if not _REGIONAL.isdisjoint(strange):
        text = _FLAG.sub(_flag, text)
    return text


@lru_cache(maxsize=4096)
def _alone(sign: str) -> str:
    """How one sign is shown: itself, a space, nothing, or a mark.

    A control is its picture (␛), C1 ␦, what turns the direction ⇄, a code point without a character �.
    """
    code = ord(sign)
    if code < 0x20:
        return chr(0x2400 + code)
    if 0x7F <= code < 0xA0:
        return "␡" if code == 0x7F else "␦"
    if sign in _DIRECTION:
        return "⇄"
    if _WIDTHLESS.match(sign):
        return ""
    kind = unicodedata.category(sign)
    if kind == "Cs" or (kind == "Cn" and not _NEWER.match(sign)):
        return "\ufffd"
    return " " if kind[0] == "Z" and sign != "\u3000" else sign


@lru_cache(maxsize=4096)
def _rides(sign: str) -> bool:
    """Whether a sign is drawn on the one before it."""
    return unicodedata.category(sign)[0] == "M" or "\u1160" <= sign <= "\u11ff" or "\ud7b0" <= sign <= "\ud7ff"


def _without_leading_marks(start: re.Match[str]) -> str:
    """Without a letter of its own a mark would land on whatever the screen shows before it."""
    signs = start[0]
    marks = 0
    while marks < len(signs) and _rides(signs[marks]):
        marks += 1
    return signs[marks:]


def _flag(letters: re.Match[str]) -> str:
    """Two regional letters are a flag, two cells wide; one alone has no agreed width and becomes a letter."""
    return letters[0] if len(letters[0]) == 2 else chr(ord(letters[0]) - 0x1F1E6 + ord("A"))


def _cropped(text: str, limit: int) -> str:
    if _NARROW.issuperset(text):
        return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip(" ") + "…"[:limit]
    if 2 * len(text) <= limit:
        return text
    from rich.cells import get_character_cell_size

    width = end = 0
    for place, sign in enumerate(text):
        width += get_character_cell_size(sign)
        if width < limit:
            end = place + 1
        elif width > limit:
            return _FLAG.sub(_flag, text[:end]).rstrip(" ") + "…"[:limit]
    return text
