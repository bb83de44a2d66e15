"""What people do: status, star and assignee of mentions, sources on and off, each with its inverse in the journal.

The journal names mentions by network and external id, so that an undo never reaches another mention that has come to
the same place. Light on purpose: the console imports this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from listen.clock import Clock
from listen.model import STATUSES
from listen.store import inbox, switches
from listen.store.ids import identified
from listen.store.sqlite import connect_people, short_transaction

Field = Literal["status", "starred", "assignee", "on"]

STEP = 1_000
"""Mentions changed in one transaction: about 50 ms, so that neither the collector nor other people wait long."""

_UNDONE = "undone_at IS NOT NULL AND NOT buried"
"""What can be redone; as the index on it is spelled."""

Name = tuple[str, str]
"""(network, external id)"""


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did."""

    text: str
    """In words: `3 done`, `1 starred`, `undone: 3 done`."""
    count: int
    """How many mentions changed; those that were so already, or are gone, do not count."""


@dataclass(frozen=True, slots=True)
class _Change:
    mention_id: int
    name: Name
    old: Any


class Triage:
    """One person's actions on a store. Every change keeps the inbox exact. Raises `StoreError`."""

    def __init__(self, path: str | Path, who: str, clock: Clock, *, forced: bool = False) -> None:
        self.connection = connect_people(path, forced=forced)
        self.who = who
        self.clock = clock

    def close(self) -> None:
        """Close the connection to the store."""
        self.connection.close()

    def __enter__(self) -> Triage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- actions -----------------------------------------------------------------------------------------------------

    def set_status(self, ids: Iterable[int], status: str) -> Done:
        """Give mentions one of `listen.model.STATUSES`."""
        if status not in STATUSES:
            raise ValueError(f"no such status: {status!r}; one of {', '.join(STATUSES)}")
        return self._act(ids, "status", STATUSES.index(status))

    def star(self, ids: Iterable[int], on: bool = True) -> Done:
        """Star mentions, or take their star away."""
        return self._act(ids, "starred", int(on))

    def assign(self, ids: Iterable[int], person: str | None) -> Done:
        """Give mentions to a person, or to nobody."""
        return self._act(ids, "assignee", person)

    def switch(self, targets: Iterable[switches.Target], on: bool) -> Done:
        """Switch sources and channels on or off; one step, however many they are."""
        with short_transaction(self.connection):
            changes = self._switch(targets, on)
            if changes:
                self._note(None, "on", on, changes)
        return Done(words("on", on), len(changes))

    def _switch(self, targets: Iterable[switches.Target], on: bool) -> list[_Change]:
        at = int(self.clock.now())
        return [
            _Change(0, target, not on)
            for target in targets
            if switches.switch(self.connection, target, on, self.who, at)
        ]

    def _act(self, ids: Iterable[int], field: Field, value: Any) -> Done:
        wanted = list(dict.fromkeys(ids))
        step, count = None, 0
        for start in range(0, len(wanted), STEP):
            with short_transaction(self.connection):
                changes = self._set(wanted[start : start + STEP], field, value)
                if changes:
                    step = self._note(step, field, value, changes)
                    count += len(changes)
        return Done(f"{count:,} {words(field, value)}", count)

    def _note(self, step: int | None, field: Field, value: Any, changes: Sequence[_Change]) -> int:
        """Write a part of an action into the journal; the number of the whole action."""
        row = self.connection.execute(
            "INSERT INTO journal(step, at, by, action, count, detail) VALUES (?,?,?,?,?,?)",
            (
                step or 0,
                int(self.clock.now()),
                self.who,
                words(field, value),
                len(changes),
                _detail(field, value, changes),
            ),
        ).lastrowid
        assert row is not None
        if step is None:
            self.connection.execute("UPDATE journal SET step = id WHERE id = ?", (row,))
            self.connection.execute(f"UPDATE journal SET buried = 1 WHERE by = ? AND {_UNDONE}", (self.who,))  # noqa: S608
        return step or row

    # --- back and forth ----------------------------------------------------------------------------------------------

    def undo(self) -> Done | None:
        """Take back this person's last action that still stands, whenever it was; None when there is none.

        A mention that somebody has changed since stays as it is.
        """
        row = self.connection.execute(
            "SELECT step FROM journal WHERE by = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1", (self.who,)
        ).fetchone()
        if row is None:
            return None
        parts = self._parts("undone_at IS NULL", row[0], "DESC")
        return self._replay("undone", parts, self._undo_part)

    def redo(self) -> Done | None:
        """Do again what was undone last; None when there is nothing, or when something else was done since."""
        row = self.connection.execute(
            f"SELECT step FROM journal WHERE by = ? AND {_UNDONE} ORDER BY id LIMIT 1",  # noqa: S608
            (self.who,),
        ).fetchone()
        if row is None:
            return None
        parts = self._parts(_UNDONE, row[0], "ASC")
        return self._replay("redone", parts, self._redo_part)

    def _parts(self, where: str, step: int, order: str) -> list[tuple[int, str]]:
        return self.connection.execute(
            f"SELECT id, action FROM journal WHERE by = ? AND step = ? AND {where} ORDER BY id {order}",  # noqa: S608
            (self.who, step),
        ).fetchall()

    def _replay(self, verb: str, parts: Sequence[tuple[int, str]], one: Any) -> Done:
        count = missed = 0
        for part, _ in parts:
            with short_transaction(self.connection):
                done, left = one(part)
                count += done
                missed += left
        text = f"{verb}: {count:,} {parts[0][1]}"
        return Done(f"{text} ({missed:,} changed or gone since, left alone)" if missed else text, count)

    def _undo_part(self, part: int) -> tuple[int, int]:
        """Put old values back; (how many, how many were left alone)."""
        field, value, before = self._detail(part)
        if before is None:
            return 0, 0
        count = wanted = 0
        for old, names in before:
            wanted += len(names)
            if field == "on":
                count += len(self._switch(names, bool(old)))
                continue
            ids = [one for one in self._found(names) if self._current(one, field) == value]
            count += len(self._set(ids, field, old))
        self.connection.execute("UPDATE journal SET undone_at = ? WHERE id = ?", (int(self.clock.now()), part))
        return count, wanted - count

    def _redo_part(self, part: int) -> tuple[int, int]:
        """Set the new value again, and remember what was there this time."""
        field, value, before = self._detail(part)
        if before is None:
            return 0, 0
        names = [name for _, names in before for name in names]
        changes = self._switch(names, value) if field == "on" else self._set(self._found(names), field, value)
        self.connection.execute(
            "UPDATE journal SET undone_at = NULL, count = ?, detail = ? WHERE id = ?",
            (len(changes), _detail(field, value, changes), part),
        )
        return len(changes), len(names) - len(changes)

    def _detail(self, part: int) -> tuple[Field, Any, list[tuple[Any, list[Name]]] | None]:
        row = self.connection.execute("SELECT detail FROM journal WHERE id = ?", (part,)).fetchone()
        if row is None:  # pruned by somebody in this moment
            return "status", None, None
        found = json.loads(row[0])
        return found["field"], found["value"], [(old, [(n, e) for n, e in names]) for old, names in found["before"]]

    # --- one mention -------------------------------------------------------------------------------------------------

    def _found(self, names: Iterable[Name]) -> list[int]:
        """Ids of the named mentions that are still there."""
        found = [identified(self.connection, network, external_id) for network, external_id in names]
        return [one for one in found if one is not None]

    def _current(self, mention_id: int, field: Field) -> Any:
        row = self.connection.execute(
            f"SELECT {field} FROM triage WHERE mention_id = ?",  # noqa: S608
            (mention_id,),
        ).fetchone()
        return _DEFAULTS[field] if row is None else row[0]

    def _set(self, ids: Iterable[int], field: Field, value: Any) -> list[_Change]:
        """Set a field of those that are there and have another value, and keep the inbox; what was changed."""
        changes = []
        for mention_id in ids:
            name = self.connection.execute(
                "SELECT n.name, m.external_id FROM mentions m JOIN networks n ON n.id = m.network_id WHERE m.id = ?",
                (mention_id,),
            ).fetchone()
            if name is None:
                continue
            old = self._current(mention_id, field)
            if old == value:
                continue
            self._write(mention_id, field, value)
            if field == "status" and not value:
                inbox.put(self.connection, mention_id)
            elif field == "status" and not old:
                inbox.take(self.connection, mention_id)
            if field == "status" and value == inbox.DISMISSED:
                inbox.discount(self.connection, mention_id)
            elif field == "status" and old == inbox.DISMISSED:
                inbox.count_again(self.connection, mention_id)
            changes.append(_Change(mention_id, (name[0], name[1]), old))
        return changes

    def _write(self, mention_id: int, field: Field, value: Any) -> None:
        at = int(self.clock.now())
        self.connection.execute(
            f"INSERT INTO triage(mention_id, {field}, at, by) VALUES (?,?,?,?) "  # noqa: S608
            f"ON CONFLICT DO UPDATE SET {field}=excluded.{field}, at=excluded.at, by=excluded.by",
            (mention_id, value, at, self.who),
        )
        if value == _DEFAULTS[field]:
            self.connection.execute(
                "DELETE FROM triage WHERE mention_id = ? AND status = 0 AND starred = 0 AND assignee IS NULL",
                (mention_id,),
            )


_DEFAULTS: dict[Field, Any] = {"status": 0, "starred": 0, "assignee": None}


def words(field: Field, value: Any) -> str:
    """An action as people say it: `done`, `starred`, `given to ana`."""
    if field == "status":
        return "new again" if value == 0 else STATUSES[value]
    if field == "starred":
        return "starred" if value else "no longer starred"
    if field == "on":
        return "switched on" if value else "switched off"
    return f"given to {value}" if value else "given to nobody"


def _detail(field: Field, value: Any, changes: Sequence[_Change]) -> str:
    """What the journal needs to take the action back: the new value, and the mentions by their old one."""
    before: dict[Any, list[Name]] = {}
    for change in changes:
        before.setdefault(change.old, []).append(change.name)
    return json.dumps({"field": field, "value": value, "before": list(before.items())}, separators=(",", ":"))
