"""Server-sent events: bytes -> events, as the HTML standard reads them (9.2.5 and 9.2.6, "event stream").

Lines may end with CR LF, LF or CR, and a piece of bytes may end anywhere. What belongs to an event that is not ended by
an empty line is never told: it comes again after the last event id.
"""

from __future__ import annotations

from collections.abc import Iterator

from sources.base import Frame

BOM = b"\xef\xbb\xbf"
_DIGITS = 9
"""Of a `retry`: more milliseconds than any server can mean."""


class Events:
    """Takes pieces as they come and gives the events that are complete."""

    def __init__(self, limit: int) -> None:
        """`limit` is the most bytes of one event; a longer one is left out and counted in `oversized`."""
        self.oversized = 0
        self.retry: float | None = None
        """Seconds that the server wants us to wait before we connect again."""
        self._limit = limit
        self._rest = bytearray()
        self._looked = 0
        """So many bytes of the rest have no end of a line among them."""
        self._begun = False
        self._after_cr = False
        self._skipping = False
        """The rest of this line belongs to an event that is too long."""
        self._clear()
        self._id = ""
        self._last_id = ""

    def _clear(self) -> None:
        self._data: list[bytes] = []
        self._event = ""
        self._too_long = False
        self._size = 0

    def feed(self, piece: bytes) -> list[Frame]:
        """The events that this piece completes."""
        found = []
        for line in self._lines(piece):
            frame = self._line(line)
            if frame is not None:
                found.append(frame)
        return found

    def _lines(self, piece: bytes) -> Iterator[bytes]:
        if self._after_cr and piece:
            self._after_cr = False
            if piece[:1] == b"\n":
                piece = piece[1:]
        self._rest += piece
        if not self._begun:
            if BOM.startswith(self._rest[:3]) and len(self._rest) < len(BOM):
                return
            self._begun = True
            if self._rest.startswith(BOM):
                del self._rest[: len(BOM)]
        start = 0
        while (end := self._end(max(start, self._looked))) is not None:
            stop, after = end
            yield bytes(self._rest[start:stop])
            start = after
        del self._rest[:start]
        self._looked = len(self._rest)
        if self._size + len(self._rest) > self._limit:
            self._too_long = self._skipping = True
            self._rest.clear()
            self._looked = 0

    def _end(self, start: int) -> tuple[int, int] | None:
        """Where the next line ends, and where the one after it begins."""
        newline = self._rest.find(b"\n", start)
        # Most streams have no CR at all: look for one only up to the LF.
        stop = self._rest.find(b"\r", start, newline if newline >= 0 else len(self._rest))
        if stop < 0:
            return None if newline < 0 else (newline, newline + 1)
        if stop + 1 < len(self._rest):
            return stop, stop + (2 if self._rest[stop + 1] == 0x0A else 1)
        self._after_cr = True
        return stop, stop + 1

    def _line(self, line: bytes) -> Frame | None:
        if self._skipping:
            self._skipping = False
            return None
        if not line:
            return self._dispatch()
        if line[:1] == b":":
            return None
        name, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        match name:
            case b"data":
                self._size += len(value) + 1
                self._too_long = self._too_long or self._size > self._limit
                if self._too_long:
                    self._data.clear()
                self._data.append(b"" if self._too_long else value)
            case b"event":
                self._event = value.decode("utf-8", "replace")
            case b"id" if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
            case b"retry" if value.isdigit() and len(value) <= _DIGITS:
                self.retry = int(value) / 1000
        return None

    def _dispatch(self) -> Frame | None:
        self._last_id = self._id
        data, event, too_long = self._data, self._event, self._too_long
        self._clear()
        if too_long:
            self.oversized += 1
            return None
        return Frame(b"\n".join(data), event, self._last_id) if data else None
