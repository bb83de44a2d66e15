"""The gate to the screen: every text that somebody else wrote passes here on its way to a terminal.

Storage keeps what was written, and rows may come from an older version or by hand; so nothing is trusted here. Controls
and direction overrides show as marks. What has no width of its own goes, so that a text is as wide as the sum of its
signs in every terminal: joiners, variation selectors and skin tones too, at the price of an emoji family shown as its
members.
"""

from __future__ import annotations

import re

from listen.text.storage import few_marks

MARKS_ON_A_SIGN = 8
"""Most combining marks shown on one letter; Burmese and Tibetan need about five."""

ACCENTS_ON_A_SIGN = 2
"""Most marks of the general kind, those that are piled up to flood the lines above and below."""

_ACCENT = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MANY_ACCENTS = re.compile(f"({_ACCENT}{{{ACCENTS_ON_A_SIGN}}}){_ACCENT}+")
_MANY_SIGNS = re.compile(rf"[^\w\s\x00-\x7f]{{{MARKS_ON_A_SIGN + 1},}}")
_LEADING_MARKS = re.compile(r"^[^\w\s\x00-\x7f]+", re.MULTILINE)

_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_SPACES = re.compile(r"[\t\n\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_ODD_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f]")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_WIDTHLESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u206a-\u206f\u20e3\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U00013440\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]+"
)
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{2}|[\U0001f1e6-\U0001f1ff]")


def one_line(text: str, limit: int | None = None) -> str:
    """The text as one line for the screen, cut to `limit` cells with `…` at its end.

    Blanks and line breaks of every kind become single spaces; see the module for the rest.
    """
    if not (text.isascii() and text.isprintable()):
        text = _SPACES.sub(" ", _shown(_SPACES.sub(" ", text)))
    elif "  " in text:
        text = _SPACES.sub(" ", text)
    text = text.strip(" ")
    return text if limit is None else _cropped(text, limit)


def block(text: str, max_lines: int = 500) -> str:
    """The text as lines for the screen, at most `max_lines`, the last one saying how many more there are.

    Line breaks of every kind become `\\n`, tabs four spaces; blanks at the end of lines and blank lines at
    both ends go.
    """
    text = _BREAKS.sub("\n", text).replace("\t", "    ")
    if not text.isascii():
        text = _ODD_SPACES.sub(" ", text)
    lines = [line.rstrip(" ") for line in _shown(text).strip("\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    if len(lines) > max_lines:
        left = len(lines) - max_lines + 1
        lines[max_lines - 1 :] = [f"… {left} more lines"]
    return "\n".join(lines)


def cell_width(text: str) -> int:
    """How many terminal cells a shown text takes, counted as the console's renderer counts them."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # 12 ms, and not needed for plain English

    return cell_len(text)


def _shown(text: str) -> str:
    """Marks for controls, nothing for what has no width, few combining marks; spaces and line feeds as they are."""
    text = _CONTROLS.sub(_mark, text)
    if text.isascii():
        return text
    text = _WIDTHLESS.sub("", text)
    text = _MANY_ACCENTS.sub(r"\1", text)
    text = _MANY_SIGNS.sub(lambda run: few_marks(run[0], MARKS_ON_A_SIGN), text)
    text = _LEADING_MARKS.sub(_without_leading_marks, text)
    return _FLAGS.sub(_flag, text)


def _mark(control: re.Match[str]) -> str:
    """One visible sign: the control's picture (␛), ␦ for C1, ⇄ for what turns the direction, � for no character."""
    code = ord(control[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code < 0xA0:
        return "␦"
    return "⇄" if code < 0xD800 else "\ufffd"


def _without_leading_marks(start: re.Match[str]) -> str:
    """Without a letter of its own a mark would land on whatever the screen shows before the line."""
    signs = start[0]
    marks = 0
    while marks < len(signs) and few_marks(signs[marks], 0) == "":
        marks += 1
    return signs[marks:]


def _flag(letters: re.Match[str]) -> str:
    """Two regional letters are a flag, two cells wide; one alone has no agreed width and becomes a letter."""
    return letters[0] if len(letters[0]) == 2 else chr(ord(letters[0]) - 0x1F1E6 + ord("A"))


def _cropped(text: str, limit: int) -> str:
    if cell_width(text) <= limit:
        return text
    if limit < 1:
        return ""
    if text.isascii():
        return text[: limit - 1].rstrip(" ") + "…"
    end, width = 0, 0
    for end, sign in enumerate(text):  # noqa: B007
        width += cell_width(sign)
        if width > limit - 1:
            break
    return _FLAGS.sub(_flag, text[:end]).rstrip(" ") + "…"
