"""All of the console's threads together: who reads, who watches, who writes."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path

from listen.clock import Clock
from listen.console import pages, questions
from listen.console.answers import Mailbox
from listen.console.clerk import Clerk, Hands
from listen.console.view import View
from listen.console.watch import Watch
from listen.store import presence
from listen.store.files import shared
from listen.store.sqlite import short_transaction
from listen.store.triage import Triage

STAY = 60.0
"""Seconds between two notes that the person is here, so that a console that is killed loses little."""


class Desk:
    """The console's side of the store. Answers go to `mail`.

    Started before there is a screen, so that the first page is ready when it is painted.
    """

    def __init__(self, store: Path, *, who: str, clock: Clock, read_only: bool = False, collects: bool = False) -> None:
        self.store, self.who, self.clock, self.read_only = store, who, clock, read_only
        self.collects = collects
        """This console sees to it that somebody collects."""
        self.mail = Mailbox()
        self.pages = Clerk("pages", store, self.mail.post, who)
        """Ids and rows of the list."""
        self.reading = Clerk("reading", store, self.mail.post, who)
        """The mention under the cursor, which waits for nothing else."""
        self.details = Clerk("details", store, self.mail.post, who)
        """Everything around it."""
        self.counts = Clerk("counts", store, self.mail.post, who)
        """What may take its time: how much everything is, and what saved queries have."""
        self.aside = Clerk("aside", store, self.mail.post, who)
        """What a person asked for and may take long: all ids of a view, texts to copy."""
        self.reports = Clerk("reports", store, self.mail.post, who)
        """Reports, one after another."""
        self.own = presence.console(who)
        """This console among those that are open on the store."""
        self.alone = True
        """No other one is."""
        self.watch = Watch(store, clock, self.mail.post, self.own)
        self.hands = None if read_only else Hands(store, who, clock, self.mail.post)
        self._busy = False
        self._noted = time.monotonic()
        self._last_key = time.monotonic() - presence.STALE
        self._arrived = False
        self._on: int | None = None
        self._stood = 0.0

    def begin(self, view: View) -> None:
        """Start to read, with a view's first page."""
        self.watch.follow(view.number, view.node)
        self.pages.ask("visit", questions.visited(self.who))
        self.pages.ask("page", pages.first(view, self.clock.now()))

    @cached_property
    def team(self) -> bool:
        """Whether others work on this store, too."""
        return shared(self.store)

    @property
    def is_busy(self) -> bool:
        """Whether the person has done something since that was noted last."""
        return self._busy

    def busy(self) -> None:
        """The person does something: they are here."""
        self._busy, self._last_key = True, time.monotonic()

    def note_visit(self, every: float = STAY) -> None:
        """Note that they are here, so often at most, when they did anything since it was noted last."""
        if self.hands is not None and self._busy and time.monotonic() - self._noted >= every:
            self._busy, self._noted = False, time.monotonic()
            self.hands.do("", (), Triage.here)

    def arrive(self, seen: int) -> None:
        """What came in behind this arrival is looked for, and other consoles learn that they are not alone.

        Who only reads sees where others are, and is seen by nobody.
        """
        self.watch.start(seen)
        if not self._arrived:
            self._arrived = True
            self._stand(None)

    @property
    def at_work(self) -> bool:
        """Whether the person has done something lately."""
        return time.monotonic() - self._last_key < presence.STALE

    def stand(self, mention_id: int | None) -> None:
        """The person rests on that mention, or on none; told where others may see it."""
        if self.alone and not self.team:
            mention_id = None
        if mention_id == self._on and (mention_id is None or time.monotonic() - self._stood < STAY):
            return
        self._on, self._stood = mention_id, time.monotonic()
        self._stand(mention_id)

    def _stand(self, mention_id: int | None) -> None:
        def stand(triage: Triage) -> None:
            with short_transaction(triage.connection):
                presence.stand(triage.connection, self.own, mention_id, int(triage.clock.now()))

        if self.hands is not None:
            self.hands.do("", (), stand)

    def _leave(self) -> None:
        def leave(triage: Triage) -> None:
            with short_transaction(triage.connection):
                presence.leave(triage.connection, self.own)

        if self.hands is not None:
            self.hands.do("", (), leave)

    def close(self) -> None:
        """End all threads; what a person did is finished first."""
        self.note_visit(every=0.0)
        self._leave()
        if self.hands is not None:
            self.hands.close()
        for part in (self.watch, self.pages, self.reading, self.details, self.counts, self.aside, self.reports):
            part.close()
