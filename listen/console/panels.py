"""The pages and panels that the palette opens over whatever is in front; each is loaded when it is first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from listen.text import one_line

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from listen.console.app import ListenApp
    from listen.console.desk import Desk
    from listen.console.screens.stream import StreamScreen


BUSY = 60.0
"""Seconds for which the last line says at most that something is being done."""


def offered(app: ListenApp) -> Iterator[SystemCommand]:
    """All of them by their names, as far as there is something to show."""
    desk, stream = app.desk, app.stream
    if stream is not None:
        for name, help, panel in (
            ("check", "how many of what is shown are about it", check),
            ("quality", "how well the sentiment of what is shown is computed", quality),
            ("teach", "what the corrections of the topic suggest", teach),
            ("brief", "what has happened since you were here", brief),
        ):
            yield SystemCommand(name, help, partial(panel, app, stream))
    if desk is not None:
        for name, help, page in (
            ("desks", "what waits, what is late, how soon it was answered and done", desks),
            ("objectives", "what was promised, and how far it is", objectives),
            ("log", "what you and others did, and taking it back", doings),
            ("rejects", "what could not be read, and why", rejects),
        ):
            yield SystemCommand(name, help, partial(page, app, desk))


# --- over the stream -------------------------------------------------------------------------------------------------


def check(app: ListenApp, stream: StreamScreen) -> None:
    """How many of what the stream shows are about it, from a sample that is judged."""
    from listen.console.checking import subject_of
    from listen.console.screens.checking import Checking

    subject = subject_of(stream.view, stream.glance.topics)
    if subject is None:
        app.say("choose a topic or a filter first: this checks whether what it finds is about it")
        return
    app.push_screen(Checking(stream.desk, app.colours, app.table, subject))


def quality(app: ListenApp, stream: StreamScreen) -> None:
    """How well the sentiment of what the stream shows is computed, from a sample that is labelled blind."""
    from listen.console.quality import subject_of
    from listen.console.screens.quality import Quality

    subject = subject_of(stream.view, stream.glance.topics)
    app.push_screen(Quality(stream.desk, app.colours, app.table, subject))


def teach(app: ListenApp, stream: StreamScreen) -> None:
    """What the corrections of the topic that is shown suggest that it be taught."""
    from listen.console.screens.teaching import Teach

    if stream.topic is None:
        app.say("choose a topic first: its corrections suggest what it can be taught")
        return
    app.push_screen(Teach(stream.desk, app.colours, stream.topic, stream.heartbeat.silent), stream.teach)


def brief(app: ListenApp, _stream: StreamScreen) -> None:
    """What has happened since the person was here before."""
    app.run_worker(tell_brief(app), exit_on_error=False)


async def tell_brief(app: ListenApp, only_at_rest: bool = False) -> None:
    """The card of what has happened; `only_at_rest`: unless the person works, or there is nothing to tell."""
    from listen.console.screens.brief import BriefCard, made
    from listen.store.sqlite import StoreError

    desk, stream = app.desk, app.stream
    if desk is None or stream is None:
        return
    try:
        card = await asyncio.to_thread(made, desk, app.visited)
    except StoreError as error:
        app.say(str(error))
        return
    if only_at_rest and (desk.is_busy or len(app.screen_stack) > 1 or not (card.brief.mentions or card.waiting)):
        return
    app.push_screen(BriefCard(desk, app.colours, app.table, card, stream.pass_over))


def report(app: ListenApp, typed: str = "") -> AwaitMount | None:
    """A report of the topic and the window that is looked at, into a file that is asked for."""
    from listen.console.screens.report_to import ReportTo

    desk, place = app.desk, app.place
    wanted = place.to_report if place is not None else None
    if desk is None or place is None or wanted is None:
        app.say("choose a topic first: a report is about one")
        return None

    def begun(path: Path | None) -> None:
        if path is not None:
            place.say(f"writing {one_line(path.name, 60)} …", seconds=BUSY)

    return app.push_screen(ReportTo(desk, app.colours, wanted, typed), begun)


# --- over any screen -------------------------------------------------------------------------------------------------


def desks(app: ListenApp, desk: Desk) -> None:
    """All desks on a page."""
    from listen.console.screens.desks import Desks

    app.push_screen(Desks(desk, app.colours))


def objectives(app: ListenApp, desk: Desk) -> None:
    """What was promised, and how far it is."""
    from listen.console.screens.objectives import Objectives

    app.push_screen(Objectives(desk, app.colours))


def doings(app: ListenApp, desk: Desk) -> None:
    """What was done, step by step."""
    from listen.console.screens.doings import Doings

    app.push_screen(Doings(desk, app.colours))


def rejects(app: ListenApp, desk: Desk, channel: int | None = None) -> None:
    """What could not be read and was set aside, of one channel or of all."""
    from listen.console.screens.rejects import Rejects

    app.push_screen(Rejects(desk, app.colours, channel))
