"""A console on a real store, driven by keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from listen.console import prepare_environment
from listen.console.desk import Desk
from listen.console.view import View
from tests.console.town import Town, make_town

DEADLINE = 30.0
"""Seconds of real time that a test waits for something before it fails."""


@pytest.fixture(autouse=True)
def quiet_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on where it runs."""
    for name in (
        "NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "DISPLAY", "WAYLAND_DISPLAY", "TMUX", "STY",
        "TERM_PROGRAM",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An empty store with sources and topics."""
    made = make_town(tmp_path / "listen.db")
    yield made
    made.writer.connection.close()


class Driven:
    """A console and its keys."""

    def __init__(self, pilot: Pilot[Any], desk: Desk) -> None:
        self.pilot, self.desk, self.app = pilot, desk, pilot.app

    @property
    def screen(self) -> Any:
        return self.app.screen

    @property
    def stream(self) -> Any:
        return self.app.screen_stack[0].stream  # type: ignore[attr-defined]

    @property
    def feed(self) -> Any:
        return self.stream.feed

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Wait for something to be so."""
        deadline = time.monotonic() + DEADLINE
        while not holds():
            await self.pilot.pause()
            assert time.monotonic() < deadline, what or "it did not come to be"
            await asyncio.sleep(0.005)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text, key by key."""
        names = {
            " ": "space",
            ":": "colon",
            "(": "left_parenthesis",
            ")": "right_parenthesis",
            "-": "minus",
            "?": "question_mark",
            "*": "asterisk",
            ".": "full_stop",
            "=": "equals_sign",
            "!": "exclamation_mark",
        }
        await self.press(*(names.get(sign, sign) for sign in text))

    def drawn(self) -> list[str]:
        """The screen as text, line by line."""
        screen = self.app.screen
        width, height = screen.size
        lines = screen._compositor.render_strips(screen.size)
        assert len(lines) == height
        return ["".join(segment.text for segment in line)[: width * 2].rstrip() for line in lines]

    def text(self) -> str:
        return "\n".join(self.drawn())

    def footer(self) -> str:
        return self.drawn()[-1]


@asynccontextmanager
async def console(
    path: Path,
    clock: Any,
    *,
    size: tuple[int, int] = (120, 40),
    query: str = "",
    read_only: bool = False,
    wait: bool = True,
    **options: Any,
) -> AsyncIterator[Driven]:
    """A console on that store, closed at the end."""
    import os

    prepare_environment(os.environ)
    from listen.console.app import ListenApp

    view = View.of(1, query)
    desk = Desk(path, who="ana", clock=clock, read_only=read_only)
    desk.begin(view)
    app = ListenApp(desk, view=view, **options)
    try:
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            driven = Driven(pilot, desk)
            if wait:
                await driven.until(lambda: app.screen_stack[0].view.loaded, "the first page")  # type: ignore[attr-defined]
                await driven.until(lambda: not driven.feed.ids or driven.screen.detail.lines, "the first detail")
            yield driven
    finally:
        desk.close()
