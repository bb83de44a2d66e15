"""What is left of a fault of our own: a file that only its person can read, and one sentence."""

from __future__ import annotations

import os
import platform
import time
import traceback
from pathlib import Path

from listen import __version__

KEPT = 10
"""Files that are kept."""


def folder() -> Path:
    """Where they are kept: `~/.local/state/listen/crashes` or its like."""
    from platformdirs import user_state_path

    return user_state_path("listen") / "crashes"


def keep(error: BaseException) -> Path | None:
    """Write an error's traceback, without the values of variables and without secrets; None when that fails, too.

    Foreign signs in messages become visible marks: somebody will show this file on a terminal.
    """
    from listen.secrets import mask
    from listen.text import block

    told = "".join(traceback.format_exception(error))
    head = f"listen {__version__}, Python {platform.python_version()}, {platform.system()}\n\n"
    try:
        place = folder()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = place / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}.txt"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
            file.write(head + block(mask(told)) + "\n")
        for old in sorted(place.glob("*.txt"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path
