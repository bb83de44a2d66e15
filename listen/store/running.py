"""What runs: who collects, and the views, lists, desks, people and objectives of its configuration."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from listen import absence
from listen.absence import Absence
from listen.store import mirror
from listen.store.question import Questions
from listen.store.scored import INTENTS

if TYPE_CHECKING:
    from listen.objectives import Objective
    from listen.query.book import Book
    from listen.service import Desk


@dataclass(frozen=True, slots=True)
class Collector:
    """Who collects, as it says itself; the lock says whether it is alive."""

    pid: int
    host: str
    since: int
    heartbeat: int
    epoch: int
    problem: str | None = None
    who: str | None = None
    """The person who started it."""


class SavedView(NamedTuple):
    """A saved query of the configuration."""

    name: str
    query: str
    queue: bool
    """To be emptied: it counts what is still new in it."""


class Running(Questions):
    """The part of a reader that knows it."""

    def state(self, name: str) -> str | None:
        """A fact that the collector remembers, None when it was never set."""
        return self._ask(mirror.state, name)

    def collector(self) -> Collector | None:
        """Who collects, None when nobody says so."""
        told = json.loads(self.state("collector") or "null")
        if not told:
            return None
        return Collector(**{field.name: told.get(field.name) for field in fields(Collector)})

    def views(self) -> list[SavedView]:
        """The saved queries of the configuration that runs, in its order."""
        told = json.loads(self.state("views") or "[]")
        return [SavedView(view["name"], view["query"], view["queue"]) for view in told]

    def lists(self) -> dict[str, list[str]]:
        """The named lists of the configuration that runs, as they are written."""
        found: dict[str, list[str]] = json.loads(self.state("lists") or "{}")
        return found

    def book(self) -> Book:
        """Saved queries and lists of the configuration that runs, for `listen.query.book.resolved`."""
        from dataclasses import replace

        from listen.store.names import book

        found = book(self.state("views") or "[]", self.state("lists") or "{}", self.state("desks") or "[]")
        return replace(found, me=self.asker)

    def desks(self) -> tuple[Desk, ...]:
        """The desks of the configuration that runs, in its order, closed ones too."""
        from listen import service

        return service.read(self.state("desks") or "[]")

    def objectives(self) -> tuple[Objective, ...]:
        """The objectives of the configuration that runs, in its order."""
        from listen import objectives

        return objectives.read(self.state(objectives.STATE) or "[]")

    def absences(self) -> dict[str, Absence]:
        """Who is away, and who covers for them, by folded name."""
        return absence.read(self.state("people"))

    def own_intents(self) -> dict[str, dict[str, Any]]:
        """What the configuration changes of the intents that texts are read for (`listen.intents.intents`)."""
        return dict(json.loads(self.state(INTENTS) or "{}"))

    def edits(self) -> list[mirror.Edit]:
        """Topics and views whose query was given in the console or by a command."""
        return self._ask(mirror.edits)

    def rules_written(self) -> mirror.Written:
        """The rules of the configuration that runs."""
        return mirror.written(self.state("rules_written"))
