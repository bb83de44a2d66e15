"""One collector per store: an exclusive `flock` on `<store>.lock`, which the kernel frees when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from listen.store import files

RETRY = 0.05
"""Seconds between two attempts: whoever merely looks (`holder`) has the lock for some microseconds."""

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """Who collects into a store."""

    pid: int
    host: str
    since: float
    """Unix time of the machine's own clock."""

    def __str__(self) -> str:
        begun = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.since)) if self.since else "an unknown time"
        return f"process {self.pid or 'unknown'} on {self.host or 'an unknown machine'}, since {begun}"


class Held(Exception):
    """Somebody else collects into this store. The command line ends with exit code 4."""

    def __init__(self, store: Path, who: Holder) -> None:
        super().__init__(
            f"Another collector already writes to {store}: {who}. "
            "Stop it first, or run `listen collect --standby` to take over when it ends."
        )
        self.store = store
        self.who = who


def lock_path(store: Path) -> Path:
    """The lock lies beside the store and stays there: removing it would let two collectors hold two files."""
    return store.with_name(store.name + ".lock")


class CollectorLock:
    """The held lock of a store. Let go by `release`, or by the end of the process, however it ends.

    Raises Held with who has it, and OSError when the folder cannot be written.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        # close-on-exec is Python's default for new descriptors: no child of ours can keep the lock alive.
        fd = os.open(lock_path(store), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self._fd: int | None = fd
        try:
            if os.fstat(fd).st_uid == os.geteuid():
                os.fchmod(fd, files.file_mode(store))
            _lock(fd, store)
            self.who = Holder(os.getpid(), socket.gethostname(), time.time())
            os.ftruncate(fd, 0)
            os.pwrite(fd, json.dumps(asdict(self.who)).encode(), 0)
        except OSError as error:  # a full disk names no file
            self.release()
            raise OSError(error.errno, error.strerror, str(lock_path(store))) from error
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> CollectorLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _lock(fd: int, store: Path) -> None:
    for attempt in range(ATTEMPTS):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if attempt + 1 < ATTEMPTS:
                time.sleep(RETRY)
    raise Held(store, _written(fd))


def holder(store: Path) -> Holder | None:
    """Who collects into that store now; None when nobody does. Never waits and leaves nothing behind."""
    try:
        fd = os.open(lock_path(store), os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _written(fd)
    finally:
        os.close(fd)


def _written(fd: int) -> Holder:
    """What the holder wrote. It may be about to write it: then nobody is named, but the lock is held all the same."""
    try:
        told = json.loads(os.pread(fd, 4096, 0))
        return Holder(int(told["pid"]), str(told["host"]), float(told["since"]))
    except (ValueError, KeyError, TypeError):
        return Holder(0, "", 0.0)
