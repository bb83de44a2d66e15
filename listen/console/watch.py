"""The thread that notices what others write: a cheap look four times a second, then what came in."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from listen.clock import Clock
from listen.console.answers import Arrived, Changed, Failed, Here, Post, Recovered, Replaced, Ringing
from listen.console.clerk import AGAIN, sentence_of
from listen.console.owed import rows
from listen.query import tree
from listen.query.folding import NOISE
from listen.store.files import identity
from listen.store.presence import STALE, Console, Seat, ended, others
from listen.store.read import Reader

NAME = "watch"

EVERY = 0.25
"""Seconds between two looks while nothing happens."""

BUSY = 0.5
"""Seconds until the next look when something was written: what arrives is told, and painted, at most so often."""

PAINTED = 60
"""Rows that are told with arrivals."""

AT_ONCE = 500
"""Mentions that are compared with the view's query at a time."""


class Watch:
    """Tells of arrivals (`Arrived`), that anything was written (`Changed`), and where other people are (`Here`)."""

    def __init__(self, store: Path, clock: Clock, post: Post, own: Console) -> None:
        """`own` is the console that it watches for."""
        self._store, self._clock, self._post, self._own = store, clock, post, own
        self._touched: int | None = None
        self._here = Here({}, True)
        self._seats: Sequence[Seat] = ()
        self._ringing: Ringing | None = None
        self._here_at = 0.0
        self._closed = threading.Event()
        self._view: tuple[int, tree.Node] = (0, tree.All())
        self._reader: Reader | None = None
        self._version = 0
        self._seen = 0
        self._failed = False
        self._file: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name=f"listen-{NAME}", daemon=True)

    def start(self, seen: int) -> None:
        """Start to look, behind this arrival."""
        if self._thread.ident is None:
            self._seen = seen
            self._thread.start()

    def follow(self, view: int, node: tree.Node) -> None:
        """From now on arrivals are compared with this query. To be called before the view is asked for."""
        self._view = view, node

    def close(self, patience: float = 2.0) -> None:
        """End the thread."""
        self._closed.set()
        if self._reader is not None:
            self._reader.stop()
        if self._thread.ident is not None:
            self._thread.join(patience)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                pause = BUSY if self.look() else EVERY
            except Exception as error:
                self._post(Failed(sentence_of(error), NAME))
                self._failed = True
                self._drop_reader()
                pause = AGAIN
            self._closed.wait(pause)
        self._drop_reader()

    def _drop_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _open(self) -> Reader:
        before, self._file = self._file, identity(self._store) or self._file
        self._reader = reader = Reader(self._store, self._own.who)
        self._version = -1
        if before not in (None, self._file):
            self._touched = None
            self._seen, _ = reader.arrivals(None)
            self._post(Replaced())
        if self._failed:
            self._failed = False
            self._post(Recovered(NAME))
        return reader

    def look(self) -> bool:
        """One look: tell what came in since the last one; whether anything was written."""
        if self._reader is not None and self._reader.moved:
            self._drop_reader()
        reader = self._reader or self._open()
        version = reader.data_version()
        if version == self._version:
            asleep = self._here.people and self._clock.now() - self._here_at >= STALE
            if asleep or any(ended(seat.console) for seat in self._seats):
                self._look_around(reader)  # who falls asleep, or is killed, writes nothing any more
            return False
        known = self._version >= 0
        self._version = version
        while not self._closed.is_set():
            self._seen, ids = reader.arrivals(self._seen)
            if not ids:
                break
            view, node = self._view
            found = self._matching(reader, node, ids)
            if found:
                newest = sorted(found, reverse=True)[:PAINTED]
                stories = reader.stories(node, found, now=self._clock.now())
                self._post(Arrived(view, found, rows(reader, newest, self._clock.now()), stories))
        before, (self._touched, touched) = self._touched, reader.touched(self._touched or 0)
        self._look_around(reader)
        self._listen_for_alarms(reader)
        if known:
            self._post(Changed(touched if before is not None else ()))
        return known

    def _listen_for_alarms(self, reader: Reader) -> None:
        ringing = Ringing(tuple(reader.firing()))
        known = self._ringing.alerts if self._ringing is not None else None
        if known is None or [one.id for one in ringing.alerts] != [one.id for one in known]:
            self._ringing = ringing
            self._post(ringing)

    def _look_around(self, reader: Reader) -> None:
        self._here_at = self._clock.now()
        self._seats = reader.seats(self._own)
        found = Here(others(self._seats, self._here_at, self._own.who), not self._seats)
        if found != self._here:
            self._here = found
            self._post(found)

    def _matching(self, reader: Reader, node: tree.Node, ids: Sequence[int]) -> Sequence[int]:
        """Those of the ids that the query wants."""
        if isinstance(node, tree.All):
            return ids
        if node == tree.Not(NOISE):
            return reader.without_noise(ids)
        from listen.query.match import Subject, compile

        holds = compile(reader.meant(node), self._clock.now())
        found: list[int] = []
        for start in range(0, len(ids), AT_ONCE):
            mentions = reader.mentions(ids[start : start + AT_ONCE])
            found += [mention.id for mention in mentions if holds(Subject.of(mention))]
        return found
