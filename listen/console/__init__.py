"""The console. Light to import: Textual is loaded when it runs, beside the first question to the store."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from listen.clock import Clock

if TYPE_CHECKING:
    from listen.console.first.beginning import Beginning
    from listen.console.own_commands import OwnCommand
    from listen.console.screens.leaving import Collects

SWITCH = 0.0005
"""Seconds that a thread of the store may keep the interpreter while a key waits."""

MONOCHROME = r"vt\d.*|.*-m(ono)?"
"""Kinds of terminals that have no colours."""

PLAY_DEMO = -1
"""What `run` returns when the person chose to play the demonstration instead."""


class Habits(NamedTuple):
    """What a person has set for every console of theirs, checked."""

    keys: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Binding id -> keys."""
    commands: Sequence[OwnCommand] = ()
    theme: str = "listen-dark"
    mouse: bool = True
    bell: bool = True


USUAL = Habits()


def run(
    store: Path,
    *,
    who: str,
    clock: Clock,
    habits: Habits = USUAL,
    companion: Collects | None = None,
    read_only: bool = False,
    query: str = "",
    configured: bool = True,
    beginning: Beginning | None = None,
) -> int:
    """Run the console until it is left; its exit code.

    `companion` sees to it, every few seconds and in a thread, that somebody collects. Without a
    configuration and without a store the console begins with `beginning`.

    Raises:
        QueryError: `query` cannot be read.
    """
    # Nothing that is made until the first paint is ever thrown away: looking through it for garbage is a tenth of it.
    gc.disable()
    sys.setswitchinterval(SWITCH)
    from listen.console.desk import Desk
    from listen.console.view import View

    view, desk = View.of(1, query), None
    if configured or store.exists() or beginning is None:
        desk = Desk(store, who=who, clock=clock, read_only=read_only, collects=companion is not None)
        desk.begin(view)
    try:
        prepare_environment(os.environ)
        from listen.console.app import ListenApp

        app = ListenApp(
            desk, view=view, own_keys=habits.keys, own_commands=habits.commands, companion=companion,
            look=habits.theme, history_file=_history_file, beginning=beginning, greets=not read_only, rings=habits.bell,
        )  # fmt: skip
        try:
            app.run(mouse=habits.mouse)
        finally:
            desk = app.desk  # the first screen may have opened one
        return PLAY_DEMO if app.return_value == PLAY_DEMO else app.return_code or 0
    finally:
        if desk is not None:
            desk.close()


def _history_file() -> Path:
    from listen.console.history import user_file

    return user_file()


def prepare_environment(environment: dict[str, str] | os._Environ[str]) -> None:
    """Settings that Textual reads when it is imported; what the person has set stays."""
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)  # exported by a shell they would count more than the window, and for good
    environment.setdefault("TEXTUAL_ANIMATIONS", "none")
    environment.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if re.fullmatch(MONOCHROME, environment.get("TERM", "")):
        environment["NO_COLOR"] = "1"
    elif not environment.get("NO_COLOR"):
        environment.pop("NO_COLOR", None)  # Textual obeys an empty one, too; those who thought it out do not
    environment.setdefault("ESCDELAY", "50")
    environment.setdefault("TEXTUAL_FPS", "125")  # a key waits for the next frame; arrivals come four times a second
