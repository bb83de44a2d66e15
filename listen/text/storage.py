"""The gate to storage: what SQLite, full text and exports need of a text, and no more."""

from __future__ import annotations

import re
import unicodedata

TEXT_LIMIT = 65_536
TITLE_LIMIT = 500
AUTHOR_LIMIT = 200
URL_LIMIT = 2_000

MARKS_IN_A_ROW = 30
"""Unicode's own bound for text that is safe to process as a stream (UAX #15, section 13): no writing needs more."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_SPACE = re.compile("[\t\n\v\f\r\x1c-\x1f \x85\u2028\u2029]+")
_SIGNS_IN_A_ROW = re.compile(rf"[^\w\s\x00-\x7f]{{{MARKS_IN_A_ROW + 1},}}")
_REGIONAL = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def clean(text: str, limit: int = TEXT_LIMIT, *, lines: bool = True) -> tuple[str, bool]:
    """The text as it is stored, and whether it was cut.

    Run it after the last decoding step (character references can bring back what an earlier step took out). The result
    is NFC, has no NUL and no lone surrogate (they become U+FFFD), ends lines with `\\n`, starts and ends with something
    visible and has at most `limit` characters (code points, in all limits: a text is at most 256 KB of UTF-8). Other
    code points stay as they were written: the screen marks them, exports escape them. With `lines=False` line breaks,
    tabs and runs of spaces become one space, for titles and names. Cleaning twice changes nothing.
    """
    raw_limit = 4 * limit  # NFC makes one of at most three or four; what is beyond costs nothing
    truncated = False
    if len(text) > raw_limit:
        text = text.strip()
        truncated = len(text) > raw_limit
        text = text[:raw_limit]
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii():
        text = _normal(text)
    if not lines:
        text = _LINE_SPACE.sub(" ", text)
    elif "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.strip()
    if len(text) > limit:
        truncated = True
        text = text[: _cut(text, limit)].rstrip()
    return text, truncated


def _normal(text: str) -> str:
    """NFC without surrogates. Two surrogates that belong together become the sign they stand for."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if unicodedata.is_normalized("NFC", text):
        return text
    # Sorting the marks of one letter takes quadratic time: 64,000 of them take seconds.
    text = _SIGNS_IN_A_ROW.sub(lambda run: few_marks(run[0], MARKS_IN_A_ROW), text)
    return unicodedata.normalize("NFC", text)


def few_marks(text: str, most: int) -> str:
    """The text without the combining marks that follow `most` others."""
    kept: list[str] = []
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.category(sign)[0] == "M" else 0
        if marks <= most:
            kept.append(sign)
    return "".join(kept)


def _cut(text: str, limit: int) -> int:
    """Where to cut: at `limit` or a little before, so that marks, joined emoji and flags are not torn apart."""
    for end in range(limit, max(limit - 16, 0), -1):
        if not (_rides(text[end]) or text[end - 1] == "\u200d"):
            before = len(text[:end].rstrip(_REGIONAL))
            return end - 1 if text[end] in _REGIONAL and (end - before) % 2 and end > 1 else end
    return limit


def _rides(sign: str) -> bool:
    """Whether a sign is part of the one before it: a mark, a variation, a joiner, a skin tone."""
    return unicodedata.category(sign)[0] == "M" or sign in "\u200c\u200d" or "\U0001f3fb" <= sign <= "\U0001f3ff"
