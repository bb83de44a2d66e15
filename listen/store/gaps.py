"""Overwrites what SQLite leaves of deleted rows in the unused middle of its pages: `python -I gaps.py FILE`.

`secure_delete` zeroes a deleted row where it lies, and not the copy that stays in the gap of a page whose rows were
moved to another page before (`rebuildPage` of SQLite's btree.c). The gap of a b-tree page lies between its list of
cells and its first cell, and belongs to nobody, so that no reader can see it change. A process of its own: closing a
second handle of the file would take the locks away from a process that has it open by SQLite.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

TREES = {2: 12, 5: 12, 10: 8, 13: 8}
"""First byte of a b-tree page -> bytes of its header, as in "Database File Format" of SQLite, section 1.6."""

MOST_PAGES = 1 << 25
"""In a file of more pages an overflow page could begin like a b-tree page."""

CHECKPOINT_LOCK = 121
"""The byte of the -shm file that a checkpoint locks: no other process writes to the file itself meanwhile."""

OPEN_LOCK = (510, 0x40000002)
"""The bytes of the file that who has it open locks together: nobody puts another -shm file in the place of this one."""

BUSY, UNFIT = 5, 6
"""Exit codes: a checkpoint would not end; a file whose pages cannot be told apart."""

PATIENCE = 10.0
"""Seconds to wait for another process's checkpoint."""


def wash(path: Path, pages: Iterable[int] | None = None) -> int:
    """Zero the gaps of a store that stays open elsewhere, or of these pages of it; how many had something there.

    Raises TimeoutError when somebody else checkpoints for PATIENCE seconds, ValueError for a file that is unfit.
    """
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    _lock(file, fcntl.LOCK_SH, *OPEN_LOCK)
    shared = os.open(f"{path}-shm", os.O_RDWR | os.O_CLOEXEC)
    _lock(shared, fcntl.LOCK_EX, 1, CHECKPOINT_LOCK)
    header = os.pread(file, 100, 0)
    size = int.from_bytes(header[16:18], "big")
    size = 65_536 if size == 1 else size
    last = os.fstat(file).st_size // size if size else 0
    if header[:16] != b"SQLite format 3\0" or last >= MOST_PAGES or any(header[52:56]) or header[20]:
        raise ValueError("not a file whose pages can be told apart")
    found = 0
    wanted = range(last) if pages is None else sorted(number - 1 for number in pages if 0 < number <= last)
    for number in wanted:
        page = os.pread(file, size, number * size)
        start, end = gap(page, 100 if number == 0 else 0)
        if page.count(0, start, end) < end - start:
            os.pwrite(file, bytes(end - start), number * size + start)
            found += 1
    os.fsync(file)
    return found


def gap(page: bytes, offset: int) -> tuple[int, int]:
    """(start, end) of the unused middle of a page; empty for what is no b-tree page. `offset`: where its header is."""
    header = TREES.get(page[offset]) if len(page) > offset + 12 else None
    if header is None:
        return 0, 0
    start = offset + header + 2 * int.from_bytes(page[offset + 3 : offset + 5], "big")
    end = int.from_bytes(page[offset + 5 : offset + 7], "big") or 65_536
    return (start, end) if start < end <= len(page) else (0, 0)


def logged(log: Path) -> set[int]:
    """Numbers (from 1) of the pages that a write-ahead log holds, or has held since it was last cut to nothing."""
    found: set[int] = set()
    try:
        file = os.open(log, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return found
    try:
        header = os.pread(file, 32, 0)
        frame = 24 + int.from_bytes(header[8:12], "big")  # "WAL File Format" of SQLite
        for at in range(32, os.fstat(file).st_size, frame):
            found.add(int.from_bytes(os.pread(file, 4, at), "big"))
    finally:
        os.close(file)
    return found


def _lock(file: int, kind: int, length: int, start: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.lockf(file, kind | fcntl.LOCK_NB, length, start, os.SEEK_SET)
            return
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN) or time.monotonic() > end:
                raise TimeoutError from error
        time.sleep(0.05)


if __name__ == "__main__":
    try:
        listed = sys.stdin.read().split() if sys.argv[2:] else None
        print(wash(Path(sys.argv[1]), None if listed is None else map(int, listed)))
    except (TimeoutError, OSError):
        sys.exit(BUSY)
    except ValueError:
        sys.exit(UNFIT)
