"""Opening and copying links. Only web links, never through a shell, and no browser where the reader cannot see it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from listen.text import safe_url


def opener(environment: Mapping[str, str]) -> Sequence[str] | None:
    """The command that opens a link on this person's own screen; None over SSH and without a display."""
    if any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")):
        return None
    if sys.platform == "darwin":
        return ["/usr/bin/open"]
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return None
    found = shutil.which("xdg-open", path=environment.get("PATH"))
    return [found] if found else None


def ascii_form(url: str) -> str:
    """A safe link with its host as it is really asked for: `xn--…` shows what looks like another site."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        return url
    return url.replace(host, plain, 1) if plain != host else url


def open_link(url: str, command: Sequence[str], failed: Callable[[str, int], object] | None = None) -> bool:
    """Start the command with the link as its one argument, away from our terminal; whether it could be started.

    When it ends with a fault, `failed` is told so (link, exit code), in a thread of its own.
    """
    safe = safe_url(url)
    if safe is None:
        return False
    try:
        process = subprocess.Popen(
            [*command, ascii_form(safe)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False

    def wait() -> None:
        code = process.wait()
        if code and failed is not None:
            failed(url, code)

    threading.Thread(target=wait, name="listen-browser", daemon=True).start()
    return True


def environment() -> Mapping[str, str]:
    """This process's environment."""
    return os.environ
