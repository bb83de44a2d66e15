"""The screens that lie above the stream, made when they are first gone to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from listen.console.keys import Key
from listen.console.theme import Palette

if TYPE_CHECKING:
    from listen.console.screens.place import Place
    from listen.console.screens.stream import StreamScreen

PLACES = ("overview", "alerts", "people", "sources")
"""By the names that their keys give them."""


def place(name: str, stream: StreamScreen, colours: Palette, table: Sequence[Key]) -> Place:
    """One of the PLACES, beside the stream that its numbers and names lead to."""
    match name:
        case "overview":
            from listen.console.screens.overview import OverviewScreen

            return OverviewScreen(stream.desk, colours, table, stream)
        case "alerts":
            from listen.console.screens.alarms import AlertsScreen

            return AlertsScreen(stream.desk, colours, table, stream.heartbeat)
        case "people":
            from listen.console.screens.people import PeopleScreen

            return PeopleScreen(stream.desk, colours, table, stream)
        case "sources":
            from listen.console.screens.sources import SourcesScreen

            return SourcesScreen(stream.desk, colours, table, stream.heartbeat)
    raise ValueError(name)
