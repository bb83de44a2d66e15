"""The filters that a person typed before, kept from one start to the next in a small file of their own.

Nothing here is needed for anything else: a file that cannot be read or trusted is left alone, and told of once.
"""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from listen.text import one_line

MOST = 200
"""Filters that are kept."""

LONGEST = 2_000
"""Characters of a filter that is kept; longer ones are programs, not filters."""

LARGEST = 1 << 20
"""Bytes of a file that is read at most."""


class Refused(Exception):
    """The file is not one that we would have written; one sentence."""


def user_file() -> Path:
    """Where this person's filters are kept."""
    from platformdirs import user_state_path

    return user_state_path("listen") / "filters"


class History:
    """Filters, oldest first. Safe to use from several threads; without a file it lives as long as the console."""

    def __init__(self, place: Callable[[], Path] | None = None) -> None:
        self.entries: list[str] = []
        self._place = place
        self._lock = threading.Lock()
        self._told = False

    def load(self) -> str:
        """Read what was kept; why that was not possible, or ""."""
        return self._file(())

    def add(self, text: str) -> None:
        """Remember a filter, in memory."""
        shown = one_line(text)
        if shown and len(shown) <= LONGEST:
            self.entries[:] = _merged(self.entries, [shown])

    def keep(self, text: str) -> str:
        """Remember a filter in the file, beside what other consoles have added; why that was not possible, or ""."""
        shown = one_line(text)
        return self._file([shown]) if shown and len(shown) <= LONGEST else ""

    def _file(self, new: Iterable[str]) -> str:
        if self._place is None:
            return ""
        with self._lock:
            try:
                path = self._place()
                kept = _merged(read(path), new)
                if new:
                    write(path, kept)
            except (Refused, OSError) as error:
                return self._fault(error)
            # Other consoles' filters come before those of this one, which the person remembers.
            self.entries[:] = _merged(kept, self.entries)
        return ""

    def _fault(self, error: Exception) -> str:
        if self._told:
            return ""
        self._told = True
        reason = str(error) if isinstance(error, Refused) else f"{error.strerror}: {error.filename}"  # type: ignore[attr-defined]
        return f"earlier filters are not kept: {one_line(reason)}"


def _merged(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Both, each filter once at its newest place."""
    newest = dict.fromkeys(reversed([*old, *new]))
    return list(newest)[:MOST][::-1]


def read(path: Path) -> list[str]:
    """The filters of a file, oldest first; none when there is no such file.

    Raises:
        Refused: it is no plain file, somebody else's, too large, or not text.
        OSError: it cannot be read.
    """
    try:
        # Neither follow a link nor wait for whoever writes to a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    except OSError as error:
        if path.is_symlink():
            raise Refused(f"{path} is a link; remove it") from error
        raise
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise Refused(f"{path} is no plain file; remove it")
        if about.st_uid != os.geteuid():
            raise Refused(f"{path} belongs to somebody else; remove it")
        data = os.read(descriptor, LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(data) > LARGEST:
        raise Refused(f"{path} is larger than {LARGEST >> 20} MiB; remove it")
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not text; remove it") from error
    shown = (one_line(line) for line in lines if len(line) <= LONGEST)
    return [line for line in shown if line][-MOST:]


def write(path: Path, entries: Iterable[str]) -> None:
    """Put these filters into the file, all or none of them, readable by this person only. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{entry}\n" for entry in entries)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
