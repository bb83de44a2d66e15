"""The store's files: where they may lie, who may read them, and how what is written there lasts."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from listen import places
from listen.store.errors import StoreError

NETWORK_TYPES = {
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "afpfs", "ncpfs", "coda", "ceph", "lustre", "gpfs",
    "beegfs", "davfs", "webdav", "fuse.sshfs", "fuse.glusterfs", "fuse.rclone", "fuse.davfs2", "fuse.s3fs", "fuse.ceph",
}  # fmt: skip
"""File system types on which SQLite's locks or shared memory cannot be trusted."""


def check_place(path: str | Path, forced: bool = False) -> None:
    """Raise `StoreError` when this user may not look there, or, unless forced, when it is a network file system."""
    if (why := places.closed(Path(path))) is not None:
        raise StoreError("; ".join(why))
    folder = Path(path).resolve().parent
    kind = file_system(folder, mounts())
    if kind in NETWORK_TYPES and not forced:
        raise StoreError(
            f"{folder} is on a network file system ({kind}), where SQLite's locks cannot be trusted and two "
            "sessions corrupt the store; keep it on a local disk, or pass --force if only one process ever opens it"
        )


def mounts() -> list[tuple[str, str]]:
    """(mount point, type) of all mounts of this process; empty when the system does not tell."""
    if sys.platform == "darwin":
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
        pairs = [line.partition(" on ")[2].rpartition(" (") for line in listed.splitlines()]
        return [(point, options.split(",")[0].rstrip(")")) for point, _, options in pairs]
    try:
        return linux_mounts(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"))
    except OSError:
        return []


def linux_mounts(listed: str) -> list[tuple[str, str]]:
    """The same from the text of /proc/self/mountinfo."""
    found = []
    for line in listed.splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.partition(" ")
        # Windows drives seen from WSL are 9p; the same protocol elsewhere is a virtual machine's own disk.
        kind = "smb" if kind == "9p" and "drvfs" in options else kind
        point = left.split(" ")[4]
        for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
            point = point.replace(code, sign)
        found.append((point, kind))
    return found


def file_system(folder: Path, mounts: list[tuple[str, str]]) -> str | None:
    """The type of the mount that holds the folder: the longest mount point above it, the later one of equals."""
    best: tuple[int, str | None] = (-1, None)
    for point, kind in mounts:
        if (folder == Path(point) or Path(point) in folder.parents) and len(point) >= best[0]:
            best = (len(point), kind)
    return best[1]


def shared(path: str | Path) -> bool:
    """Whether it is a team's: it lies in a directory that gives its group to its files."""
    parent = Path(path).resolve().parent
    return parent.is_dir() and bool(parent.stat().st_mode & stat.S_ISGID)


def file_mode(path: str | Path) -> int:
    """0600; 0660 for a team's store."""
    return 0o660 if shared(path) else 0o600


def new_file(path: str | Path) -> bool:
    """Create the empty file with the store's permissions, its folder with 0700; False when something is there already.

    SQLite gives its -wal and -shm files the permissions of this one.
    """
    parent = Path(path).resolve().parent
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = file_mode(path)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, mode)
    except FileExistsError:
        return False
    os.fchmod(handle, mode)
    os.close(handle)
    return True


def identity(path: str | Path) -> tuple[int, int] | None:
    """Which file lies there (device, inode), None when none does: a file that was replaced is another one."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def sync(path: str | Path) -> None:
    """Make a finished file, or a folder's list of files, survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
