"""Bodies, decompressed in bounded steps: 481 bytes may unfold to 300 MiB, and must not do it in memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

OFFERED = "gzip, deflate, br, zstd"
"""What Accept-Encoding says: no more than what is decoded here."""

STEP = 256 << 10
"""Bytes that a decoder may hand out at a time."""
ZSTD_SLICE = 64
"""zstd has no output limit, but 4 bytes of input yield 128 KiB at most, so a slice yields 2 MiB at most."""
ZSTD_WINDOW = 8 << 20
"""The largest window of zstd over HTTP (RFC 9659)."""
MEMBERS = 1_000
"""A gzip or zstd body may be several in a row; each costs a decoder."""


class TooLarge(Exception):
    """The decoded body passed its limit."""


class Damaged(Exception):
    """The body is not what its Content-Encoding says."""


class Truncated(Exception):
    """The compressed body ends early."""


class Unpacker(Protocol):
    def steps(self, data: bytes) -> Iterator[bytes]:
        """What this piece of the body yields, in parts of bounded size."""
        ...

    def finished(self) -> bool:
        """Whether the compressed stream came to its own end."""
        ...


class Body:
    """Collects a body and stops it at `limit` decoded bytes. Raises TooLarge, Damaged, Truncated."""

    def __init__(self, unpacker: Unpacker | None, limit: int) -> None:
        self._unpacker, self._limit = unpacker, limit
        self._parts: list[bytes] = []
        self._size = 0
        self._began = False

    def add(self, piece: bytes) -> None:
        self._began = self._began or bool(piece)
        for part in (piece,) if self._unpacker is None else self._unpacker.steps(piece):
            self._size += len(part)
            if self._size > self._limit:
                self._parts.clear()
                raise TooLarge
            self._parts.append(part)

    def close(self) -> bytes:
        """The whole body. An empty one is empty whatever its encoding."""
        if self._unpacker is not None and self._began and not self._unpacker.finished():
            raise Truncated
        return b"".join(self._parts)


def unpacker(content_encoding: str) -> Unpacker | None:
    """The decoder for a Content-Encoding, None when there is none. Raises Damaged for unknown and stacked ones."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return None
    make = _UNPACKERS.get(names[0])
    if make is None or len(names) > 1:
        raise Damaged
    return make()


class _Zlib:
    """gzip (several members in a row, as RFC 1952 has it) and deflate (with or without the wrapper it should have)."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._decoder = zlib.decompressobj(31) if gzip else None
        self._held = b""
        self._members = 1
        self._ended = False

    def steps(self, data: bytes) -> Iterator[bytes]:
        data, self._held = self._held + data, b""
        while data and not self._ended:
            if self._decoder is not None and self._decoder.eof:
                data = self._next_member(data)
            elif self._decoder is None and len(data) < 2:
                self._held, data = data, b""
            else:
                self._decoder = self._decoder or zlib.decompressobj(15 if _has_zlib_head(data) else -15)
                yield from self._inflate(self._decoder, data)
                data = self._decoder.unused_data

    def _inflate(self, decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                part = decoder.decompress(data, STEP)
            except zlib.error:
                raise Damaged from None
            if part:
                yield part
            data = decoder.unconsumed_tail
            # A full part may leave output inside the decoder although all input is used up.
            if decoder.eof or (not data and len(part) < STEP):
                return

    def _next_member(self, rest: bytes) -> bytes:
        """What of `rest` is to be decoded by a new decoder; padding and junk after the last member are left alone."""
        if not self._gzip or not b"\x1f\x8b".startswith(rest[:2]):
            self._ended = True
            return b""
        if len(rest) < 2:
            self._held = rest
            return b""
        self._members += 1
        if self._members > MEMBERS:
            raise Damaged
        self._decoder = zlib.decompressobj(31)
        return rest

    def finished(self) -> bool:
        return self._decoder is not None and self._decoder.eof


def _has_zlib_head(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


class _Brotli:
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    def steps(self, data: bytes) -> Iterator[bytes]:
        while not self._decoder.is_finished():
            try:
                part = self._decoder.process(data, output_buffer_limit=STEP)
            except brotli.error:
                raise Damaged from None
            data = b""
            if part:
                yield part
            # With all input taken in, output may still be inside: only an empty part says that it is not.
            elif self._decoder.can_accept_more_data():
                return

    def finished(self) -> bool:
        return bool(self._decoder.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._engine = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._decoder = self._engine.decompressobj()
        self._frames = 1

    def steps(self, data: bytes) -> Iterator[bytes]:
        start = 0
        while start < len(data):
            if self._decoder.eof:
                self._frames += 1
                if self._frames > MEMBERS:
                    raise Damaged
                self._decoder = self._engine.decompressobj()
            part = data[start : start + ZSTD_SLICE]
            start += len(part)
            try:
                out = self._decoder.decompress(part)
            except zstandard.ZstdError:
                raise Damaged from None
            if out:
                yield out
            start -= len(self._decoder.unused_data)

    def finished(self) -> bool:
        return bool(self._decoder.eof)


_UNPACKERS: dict[str, Callable[[], Unpacker]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}
