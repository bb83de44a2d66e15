"""Copying through the terminal: OSC 52, as the screen multiplexers on the way let it pass, and what can be said of it.

A terminal never answers whether it took the text, so nothing here claims that it did. tmux can be asked: its own
command puts the text into its paste buffer and sends it on, also with `set-clipboard external`, its default, under
which it ignores what programs send.
"""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from listen.text import block

if TYPE_CHECKING:
    from textual.app import App

LONGEST = 8_000
"""Characters that are sent at most: terminals drop longer sequences."""

PIECE = 76
"""Characters of a sequence that GNU screen passes on at a time; it takes some hundred."""

PATIENCE = 2.0
"""Seconds that tmux has to take a text."""

Route = Literal["plain", "tmux", "beyond tmux", "screen", "beyond screen", "none"]
"""What stands between this program and the terminal; "beyond" is on another machine, where it cannot be asked."""


class Sent(NamedTuple):
    """Where a text went, as far as that can be known."""

    where: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.where}; {self.note}" if self.note else self.where


_TERMINAL = "to the terminal's clipboard (OSC 52)"
_SET_CLIPBOARD = "inside tmux it needs `set -g set-clipboard on`"

SENT: Mapping[Route, Sent] = {
    "plain": Sent(_TERMINAL),
    "tmux": Sent(_TERMINAL, _SET_CLIPBOARD),
    "beyond tmux": Sent(_TERMINAL, _SET_CLIPBOARD),
    "screen": Sent(_TERMINAL, "through GNU screen"),
    "beyond screen": Sent(_TERMINAL, "tmux needs `set -g set-clipboard on` for it"),
    "none": Sent("nowhere", "this terminal has no clipboard: mark it with the mouse"),
}
IN_TMUX = Sent("to tmux (prefix ] pastes it) and the terminal")


def route(environment: Mapping[str, str]) -> Route:
    """The way that a text has to take."""
    term = environment.get("TERM", "")
    if environment.get("TMUX"):
        return "tmux"
    if environment.get("STY"):
        return "screen"
    if term.startswith("tmux"):
        return "beyond tmux"
    if term.startswith("screen"):
        return "beyond screen"
    if term in ("", "dumb", "linux") or environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return "none"
    return "plain"


def sequence(text: str, way: Route) -> str:
    """What to write to the terminal so that the text comes into its clipboard.

    `ESC ] 52 ; c ; base64 BEL`; tmux passes on what is wrapped in `ESC P tmux ; … ESC \\` with each ESC doubled (with
    `allow-passthrough on`), GNU screen what is wrapped in `ESC P … ESC \\` in short pieces.
    """
    bare = f"\x1b]52;c;{b64encode(text.encode('utf-8', 'replace')).decode()}\x07"
    passed = "\x1bPtmux;" + bare.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    pieces = "".join(f"\x1bP{bare[at : at + PIECE]}\x1b\\" for at in range(0, len(bare), PIECE))
    match way:
        case "tmux" | "beyond tmux":
            return bare + passed
        case "screen":
            return pieces
        case "beyond screen":  # tmux, which goes by this name as well, drops the pieces and takes the bare one
            return bare + pieces
        case "plain":
            return bare
    return ""


def send(text: str, environment: Mapping[str, str], write: Callable[[str], object]) -> Sent:
    """Send a text, LONGEST characters at most, on its way; waits for tmux where that can be asked.

    `write` writes to the terminal as it is. No foreign controls leave here.
    """
    text, way = clean(text), route(environment)
    if way == "tmux" and _into_tmux(text, environment):
        return IN_TMUX
    if way != "none":
        write(sequence(text, way))
    return SENT[way]


def hand_over(app: App[Any], text: str, told: Callable[[Sent], object]) -> None:
    """Send a text on its way, and tell where to when that is known; no key waits for tmux."""
    from listen.console.links import environment

    def write(data: str) -> None:
        driver = app._driver
        if driver is not None:
            getattr(driver, "send", driver.write)(data)

    def ask_tmux() -> None:
        app.call_from_thread(told, send(text, environment(), write))

    app._clipboard = clean(text)
    if route(environment()) == "tmux":
        app.run_worker(ask_tmux, thread=True, exit_on_error=False, group="clipboard")
    else:
        told(send(text, environment(), write))


def clean(text: str) -> str:
    """The text as it may be sent: controls as marks, cut."""
    return block(text[:LONGEST], LONGEST)[:LONGEST]


def _into_tmux(text: str, environment: Mapping[str, str]) -> bool:
    """Put it into tmux's buffer, which sends it on to the terminal; whether tmux did (it can since 3.2)."""
    tmux = shutil.which("tmux", path=environment.get("PATH"))
    if tmux is None:
        return False
    try:
        run = subprocess.run(
            [tmux, "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0
