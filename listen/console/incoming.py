"""What comes from the terminal, before Textual's parser sees it: whole sequences, and only those that it understands.

Textual types out, sign by sign, a sequence that it does not know: a late answer of the terminal would be verbs. It
keeps the whole of what is pasted, however much, and takes a size that nobody has for the window's.
"""

from __future__ import annotations

import re
import sys

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

PASTED = 16_384
"""Characters of one paste that are passed on: as many as a query has at most."""

LONGEST = 8_192
"""Characters of an unfinished string sequence that are waited for."""

PATIENCE = 1.0
"""Seconds after which a paste that does not go on has ended, and after which a sequence has to be complete."""

BY_HAND = 0.1
"""Seconds after which the first two signs of a sequence were alt and a key."""

BEGIN, END = "\x1b[200~", "\x1b[201~"

KNOWN = re.compile(
    r"\x1b\[(?:"
    r"[IO]"  # the terminal has the focus, or no longer
    r"|<\d{1,4};-?\d{1,5};-?\d{1,5}[Mm]"  # the mouse
    r"|\d{1,7}(?::\d{0,7}){0,2}(?:;\d{0,3}(?::\d)?(?:;\d{1,7}(?::\d{1,7}){0,8})?)?[u~ABCDEFHPQRS]"  # as kitty has them
    r"|\?\d{1,4};\d\$y"  # which modes there are
    r")",
    re.ASCII,
)
"""Sequences that Textual's parser understands."""

STRING = re.compile(r"\x1b[\]P_^X][^\x1b\x07]*(?:\x07|\x1b\\)")
"""Answers of the terminal that no console asked for."""

PIECE = re.compile(r"\x1b\[\[[A-E]|\x1b\[\d\d?\$|\x1b\[(?!\[\Z)[0-?]*[ -/]*[@-~]|\x1bO[ -~]|\x1b[^\[\]P_^X\x1b]")
OPEN = re.compile(r"\x1b\[\[?\Z|\x1b\[[0-?]*[ -/]*\Z|\x1bO\Z|\x1b[\]P_^X][^\x07\x1b]*\x1b?\Z")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def understood(sequence: str) -> bool:
    """Whether Textual's parser understands a sequence, and survives it: it takes any number for a character."""
    if sequence in ANSI_SEQUENCES_KEYS:
        return True
    if not KNOWN.fullmatch(sequence):
        return False
    if sequence[-1] != "u":
        return True
    codes = [int(code) for code in re.findall(r"\d+", sequence)]
    return all(code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF for code in codes)


class Incoming:
    """Keeps what is not complete until it is, or until it is clear that it will not be."""

    def __init__(self) -> None:
        self._held = ""
        self._since = 0.0
        self._pasting = False
        self._pasted = 0

    @property
    def waiting(self) -> bool:
        """Whether something unfinished is kept."""
        return bool(self._held) or self._pasting

    def feed(self, text: str, now: float) -> str:
        """What of this, and of what was kept, the parser shall see; `now` is a monotonic time in seconds."""
        out = [] if self._pasting else [self.tick(now)]
        if self._pasting or not self._held:
            self._since = now
        text, self._held = self._held + text, ""
        while text:
            text = self._rest_of_paste(text, out) if self._pasting else self._typed(text, out)
        return "".join(out)

    def tick(self, now: float) -> str:
        """The same when nothing has come."""
        by_hand = len(self._held) == 2 and not self._pasting
        if not self.waiting or now - self._since < (BY_HAND if by_hand else PATIENCE):
            return ""
        held, self._held = self._held, ""
        if self._pasting:
            self._pasting = False
            return END
        return held if by_hand else ""

    def _typed(self, text: str, out: list[str]) -> str:
        """Pass on up to the first sequence, and that one when it is known; what is left."""
        start = text.find("\x1b")
        if start < 0:
            out.append(text)
            return ""
        out.append(text[:start])
        text = text[start:]
        if string := STRING.match(text):
            return text[string.end() :]
        if piece := PIECE.match(text):
            sequence = piece[0]
            if sequence == BEGIN:
                self._pasting, self._pasted = True, 0
            if sequence == "\x1b[M" and len(text) < 6:
                self._held = text
                return ""
            if sequence == "\x1b[M":
                return text[6:]  # the mouse as terminals of old told it
            if not sequence.startswith("\x1b[") or understood(sequence):
                out.append(sequence)
            return text[piece.end() :]
        if OPEN.match(text) and len(text) < LONGEST:
            self._held = text
            return ""
        if text[1:2] in ("]", "P", "_", "^", "X"):  # a string without an end, or too long
            return text[2:].partition("\x1b")[1] + text[2:].partition("\x1b")[2]
        out.append("\x1b")
        return text[1:]

    def _rest_of_paste(self, text: str, out: list[str]) -> str:
        """Pass on as much of what is pasted as anything can use, without signs that control; what follows the paste."""
        inside, end, after = text.partition(END)
        if not end:
            keep = next((size for size in range(len(END) - 1, 0, -1) if text.endswith(END[:size])), 0)
            inside, self._held = text[: len(text) - keep], text[len(text) - keep :]
        room = PASTED - self._pasted
        if room > 0 and inside:
            told = CONTROLS.sub("", inside[:room])
            self._pasted += min(room, len(inside))
            out.append(told)
        if end:
            self._pasting = False
            out.append(END)
        return after
