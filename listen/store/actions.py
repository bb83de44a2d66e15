"""How people's actions are carried out: many mentions in short transactions, all of them one step of the journal."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from listen.clock import Clock
from listen.packed import packed
from listen.store import fields, switches
from listen.store.journal import Change, Field, account, detail_of, mentions, words
from listen.store.rivals import Rival, quicker
from listen.store.sqlite import StoreError, connect_people, short_transaction

T = TypeVar("T")

STEP = 500
"""Mentions changed in one transaction: some 20 ms, so that neither the collector nor other people wait long."""

GIVE_WAY = 0.02
"""Seconds between two of them. SQLite's lock goes to whoever asks at the right moment, and those who wait look every
100 ms at most: without a pause the same process would take it again each time."""

UNDONE = "undone_at IS NOT NULL AND NOT buried"
"""What can be redone; as the index on it is spelled."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did."""

    text: str
    """In words: `3 done`, `1 starred`, `undone: 3 done`."""
    count: int
    """How many mentions changed; those that were so already, or are gone, do not count."""
    ids: Sequence[int] = field(default=(), compare=False)
    """Those that changed."""
    rivals: tuple[Rival, ...] = field(default=(), compare=False)
    """Those that were left alone, because somebody else was quicker."""


class HalfDone(StoreError):
    """An action on many mentions could not go on; what it did before stays, and is one step for undo."""


Report = Callable[[int, int], None]
"""Hears how many mentions of how many an action has gone through."""


def portions(wanted: Sequence[T]) -> Iterator[list[T]]:
    """As many at a time as one transaction may change."""
    return (list(wanted[start : start + STEP]) for start in range(0, len(wanted), STEP))


class Actions:
    """One person's connection to a store, and what every action of theirs needs. Raises `StoreError`."""

    def __init__(self, path: str | Path, who: str, clock: Clock, *, forced: bool = False) -> None:
        self.connection = connect_people(path, forced=forced)
        self.who = who
        self.clock = clock
        self.report: Report = lambda _done, _of: None
        """Called between the transactions of an action on many mentions."""
        self.wary = 0.0
        """What others did within so many seconds is left alone, and told, instead of done over; 0 leaves nothing."""
        self._fields = fields.Fields(self.connection, who, clock)

    def close(self) -> None:
        """Close the connection to the store."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _act(self, ids: Iterable[int], sets: Sequence[tuple[Field, Any]], said: str = "") -> Done:
        wanted = ids if isinstance(ids, array) else list(dict.fromkeys(ids))
        changed = array("q")
        step: int | None = None
        said = said or ", ".join(words(what, value) for what, value in sets)
        left: list[Rival] = []

        def one(part: Sequence[int]) -> int:
            nonlocal step
            if self.wary:
                asked = [what for what, _ in sets]
                left.extend(found := quicker(self.connection, part, asked, self.who, self.clock.now(), self.wary))
                part = [one for one in part if one not in {rival.mention_id for rival in found}]
            touched: list[Change] = []
            for what, value in sets:
                changes = self._fields.set(part, what, value)
                if changes:
                    step = self._note(step, what, value, changes, said)
                    touched += changes
            changed.extend(mentions(touched))
            return len(part)

        self._in_parts(portions(wanted), one, len(wanted), said)
        return Done(f"{len(changed):,} {said}", len(changed), packed(changed), tuple(left))

    def _in_parts(self, parts: Iterable[Any], one: Callable[[Any], int], total: int, verb: str) -> None:
        """Carry out part by part, each in a transaction of its own; `one` says how many mentions it went through.

        Raises:
            HalfDone: not all of the parts could be written.
        """
        done = 0
        for number, part in enumerate(parts):
            if number:
                time.sleep(GIVE_WAY)
            try:
                with short_transaction(self.connection):
                    went = one(part)
            except StoreError as error:
                if not number:
                    raise
                raise HalfDone(f"{done:,} of {total:,} {verb}, then {error}") from error
            done += went
            self.report(done, total)

    def _note(self, step: int | None, field: Field, value: Any, changes: Sequence[Change], said: str = "") -> int:
        """Write a part of an action into the journal; the number of the whole action."""
        row = self.connection.execute(
            "INSERT INTO journal(step, at, by, user, action, count, detail) VALUES (?,?,?,?,?,?,?)",
            (
                step or 0,
                int(self.clock.now()),
                self.who,
                account(),
                said or words(field, value),
                len(changes),
                detail_of(field, value, changes),
            ),
        ).lastrowid
        assert row is not None
        if step is None:
            self.connection.execute("UPDATE journal SET step = id WHERE id = ?", (row,))
            self.connection.execute(f"UPDATE journal SET buried = 1 WHERE undone_by = ? AND {UNDONE}", (self.who,))  # noqa: S608
        return step or row

    def _done(self, field: Field, value: Any, changes: Sequence[Change], said: str, noted: str = "") -> Done:
        """Inside a transaction: what changed in one step, if anything did; `noted`: as the journal tells it."""
        if changes:
            self._note(None, field, value, changes, noted)
        return Done(f"{len(changes):,} {said}", len(changes))

    def _switch(self, targets: Iterable[switches.Target], on: bool) -> list[Change]:
        at = int(self.clock.now())
        return [
            Change(0, target, not on)
            for target in targets
            if switches.switch(self.connection, target, on, self.who, at)
        ]
