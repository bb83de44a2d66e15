"""The fields of mentions that people set: columns of triage, tags, notes, corrections, and what hangs on each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from listen.clock import Clock
from listen.store import changes as noted
from listen.store import corrections, inbox, noise, tags
from listen.store.journal import Change, Field
from listen.store.layout import NO_TOPIC
from listen.store.sqlite import Connection

_DEFAULTS: dict[Field, Any] = {"status": 0, "starred": 0, "assignee": None, "noise": None}
_ANY: Any = object()


class Fields:
    """Sets them, inside the caller's transaction."""

    def __init__(self, connection: Connection, who: str, clock: Clock) -> None:
        self.connection, self.who, self.clock = connection, who, clock

    def set(self, ids: Sequence[int], field: Field, value: Any, standing: Any = _ANY) -> list[Change]:
        """Set a field of those that are there and have another value, and keep the inbox; what was changed.

        With `standing`, of those alone that have this very value now.
        """
        changes = [
            change
            for change in self._stored(ids, field)
            if not _same(field, change.old, value) and (standing is _ANY or change.old == standing)
        ]
        found = [change.mention_id for change in changes]
        noted.note(self.connection, found)
        if field == corrections.FIELD:
            corrections.put(self.connection, found, value)
        elif tags.own(field):
            tags.put(self.connection, field, found, value)
        else:
            self._write(changes, field, value)
        return changes

    def _write(self, changes: Sequence[Change], field: Field, value: Any) -> None:
        """Set a column of triage, and what hangs on it."""
        at = int(self.clock.now())
        self.connection.executemany(
            f"INSERT INTO triage(mention_id, {field}, at, by) VALUES (?,?,?,?) "  # noqa: S608
            f"ON CONFLICT DO UPDATE SET {field}=excluded.{field}, at=excluded.at, by=excluded.by",
            [(change.mention_id, value, at, self.who) for change in changes],
        )
        if value == _DEFAULTS[field]:
            self.connection.executemany(
                "DELETE FROM triage WHERE mention_id = ? AND status = 0 AND starred = 0 AND assignee IS NULL "
                "AND noise IS NULL",
                [(change.mention_id,) for change in changes],
            )
        if field == "status":
            self._keep_inbox(changes, value)
        elif field == "noise":
            noise.settle(self.connection, [change.mention_id for change in changes])

    def _stored(self, ids: Sequence[int], field: Field) -> list[Change]:
        """What is stored of these mentions, in their order; those that are gone are left out."""
        column, values = _column(field)
        rows = self.connection.execute(
            f"SELECT m.id, n.name, m.external_id, {column}, m.state, e.why IS NOT NULL FROM json_each(?) AS j "  # noqa: S608
            "CROSS JOIN mentions AS m ON m.id = j.value JOIN networks AS n ON n.id = m.network_id "
            "LEFT JOIN triage AS t ON t.mention_id = m.id LEFT JOIN aside AS e ON e.mention_id = m.id ORDER BY j.key",
            (*values, json.dumps(ids)),
        )
        default = _DEFAULTS.get(field)
        return [
            Change(row[0], (row[1], row[2]), default if row[3] is None else row[3], row[4], bool(row[5]))
            for row in rows
        ]

    def _keep_inbox(self, changes: Sequence[Change], status: int) -> None:
        """Bring what is still new, and what was dismissed, in line with a new status."""
        topics = inbox.topics_of_many(self.connection, [change.mention_id for change in changes])
        waiting: list[tuple[int, int]] = []
        taken: list[tuple[int, int]] = []
        left_out: list[tuple[int, int]] = []
        counted: list[tuple[int, int]] = []
        for change in changes:
            its = [(topic, change.mention_id) for topic in topics[change.mention_id]]
            none = (NO_TOPIC, change.mention_id)
            if not status and change.state < inbox.GONE and not change.aside:
                waiting += its or [none]
            elif status and not change.old:
                taken += [none, *its]
            if status == inbox.DISMISSED:
                left_out += its
            elif change.old == inbox.DISMISSED and not change.aside:
                counted += its
        inbox.write(self.connection, waiting=waiting, taken=taken, left_out=left_out, counted=counted)


def _column(field: Field) -> tuple[str, tuple[str, ...]]:
    """(SQL, values) of what a mention `m` has in a field."""
    if field == corrections.FIELD:
        return corrections.column()
    return tags.column(field) if tags.own(field) else (f"t.{field}", ())


def _same(field: Field, old: Any, value: Any) -> bool:
    return corrections.same(old, value) if field == corrections.FIELD else bool(old == value)
