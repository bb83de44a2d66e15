"""The three standard streams as commands find them: open, and able to take any text."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def settle() -> None:
    """Open what was closed, and have signs that a stream's encoding lacks become `?` instead of an error.

    Without it a file opened later would get the number of a closed stream, and what is meant for people would be
    written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in ("strict", "surrogateescape"):
        sys.stdout.reconfigure(errors="replace")


def _nowhere(mode: str) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")  # type: ignore[return-value]


def finish() -> None:
    """What cannot be written any more goes nowhere: Python would complain about it at its end, and change our code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
