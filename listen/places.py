"""Why somebody cannot come to a file, in words that say what to do: who is no member of a team, above all."""

from __future__ import annotations

import getpass
import grp
import os
from pathlib import Path


def closed(path: Path) -> tuple[str, str] | None:
    """(why this user cannot even see whether the file is there, what to do); None when that is not so."""
    try:
        os.stat(path)
    except PermissionError:
        shut = next((folder for folder in reversed(path.absolute().parents) if not os.access(folder, os.X_OK)), None)
        return _told(shut or path.parent)
    except OSError:
        return None
    return None


def unreadable(path: Path) -> tuple[str, str]:
    """The same for a file that is there and refuses to be read."""
    return closed(path) or _told(path)


def unwritable(path: Path) -> tuple[str, str] | None:
    """(why this user may only read the store, what to do); None when they may write, or it is not there yet."""
    wanted = [one for one in (path, path.parent) if one.exists()]
    shut = next((one for one in wanted if not os.access(one, os.W_OK)), None)
    if shut is None:
        return None
    why, remedy = _told(shut, 0o020)
    return f"{path} can only be read by you: {why.replace('is closed to you', 'cannot be written')}", remedy


def _told(path: Path, wanted: int = 0o050) -> tuple[str, str]:
    """`wanted`: what its group would have to be allowed, for joining it to help. Nobody is sent into root's."""
    try:
        status = os.stat(path)
        group = grp.getgrgid(status.st_gid).gr_name
    except (OSError, KeyError):
        return f"{path} is closed to you", "check its owner and permissions"
    helps = status.st_gid != 0 and status.st_mode & wanted
    if status.st_gid in (*os.getgroups(), os.getegid()) or not helps:
        return f"{path} is closed to you", "check its owner and permissions"
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = "NAME"
    return (
        f"{path} is for the group {group}, and you are not in it",
        f"`sudo usermod -aG {group} {name}`, then log in again; `--db` and `--config` name places of your own",
    )
