"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any


@contextlib.contextmanager
def whole_file(path: Path, *, binary: bool = False) -> Iterator[IO[Any]]:
    """A new file that takes the place of `path` when the block is through; else what was there stays as it was.

    Yours alone, or with the permissions of the older one. A symbolic link is replaced, not followed: who could write
    into a folder would choose the file that is overwritten. What is no plain file (a pipe, /dev/stdout) is written to
    as it is.
    """
    mode, how = ("wb", {}) if binary else ("w", {"encoding": "utf-8", "newline": ""})
    if path.exists() and not path.is_file():
        with open(path, mode, **how) as file:  # type: ignore[call-overload]
            yield file
        return
    half = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        with open(half, mode, opener=_new, **how) as file:  # type: ignore[call-overload]
            if path.exists() and not path.is_symlink():
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or error.filename not in (None, str(half)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error  # nobody knows the half one
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def _new(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL | os.O_NOFOLLOW, 0o600)
