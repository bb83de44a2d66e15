"""The store's door: who waits to write stands there, and the collector lets them in before its next transaction.

SQLite gives its write lock to whoever asks at the right moment, and those who wait ask ever more seldom: beside a
writer with one batch after the other, people would wait for many of them. The door is a shared `flock` on the store's
folder: no file of its own, and the kernel frees it when its holder dies.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK = 0.003
"""Seconds between two looks whether the write lock is free, or whether nobody stands at the door any more."""

COURTESY = 0.05
"""Seconds at most for which the collector lets others go first: each of them needs some milliseconds."""


@contextmanager
def standing(store: str | Path) -> Iterator[None]:
    """Stand at the door of a store meanwhile; where it has none, nobody hears of it, and that is all."""
    door, tries = _opened(store), 5
    try:
        # Who looks whether anybody stands here holds it for some microseconds.
        while door is not None and tries and not _locked(door, fcntl.LOCK_SH):
            tries -= 1
            time.sleep(LOOK)
        yield
    finally:
        if door is not None:
            os.close(door)


def give_way(store: str | Path, most: float = COURTESY) -> bool:
    """Wait until nobody stands at the door, so many seconds at most; whether anybody did."""
    door = _opened(store)
    if door is None:
        return False
    try:
        end = time.monotonic() + most
        waited = not _locked(door, fcntl.LOCK_EX)
        while waited and time.monotonic() < end:
            time.sleep(LOOK)
            if _locked(door, fcntl.LOCK_EX):
                break
        return waited
    finally:
        os.close(door)


def _opened(store: str | Path) -> int | None:
    try:
        return os.open(Path(store).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None


def _locked(door: int, kind: int) -> bool:
    """Whether the lock was to be had; where there are none, nobody is in the way."""
    try:
        fcntl.flock(door, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
