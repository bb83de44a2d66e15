"""The store's place on disk: collecting pauses before the room is used up, and ends when the file is taken away."""

from __future__ import annotations

import shutil
from pathlib import Path

RESERVE = 64 << 20
"""Bytes left free, or SHARE of a small disk."""

SHARE = 0.05


def short_of_room(store: Path, *, resuming: bool = False) -> str:
    """Why nothing more should be written, in a sentence; empty when there is room.

    To go on after a pause there must be twice as much as it takes to begin one, or the two would alternate.
    """
    usage = shutil.disk_usage(store.parent)
    reserve = min(RESERVE, int(usage.total * SHARE)) * (2 if resuming else 1)
    if usage.free >= reserve:
        return ""
    free, needed = (f"{size / (1 << 20):.1f} MB" for size in (usage.free, reserve))
    return (
        f"the disk of {store} is almost full ({free} free, {needed} needed); "
        "free some space, then collecting goes on by itself"
    )


def identity(store: Path) -> tuple[int, int] | None:
    """What tells the store's file from another one of the same name; None when there is none."""
    try:
        status = store.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
