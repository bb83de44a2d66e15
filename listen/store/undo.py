"""What people do back and forth: every action is taken back by what the journal holds of it, and done again.

The journal names mentions by network and external id, so that an undo never reaches another mention that has come to
the same place.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from listen.packed import MANY, packed
from listen.store import alerts, customers, following, identities, marks, tags
from listen.store.actions import UNDONE, Actions, Done
from listen.store.ids import identified
from listen.store.journal import CUSTOMER, Change, Field, Name, account, detail_of, mentions
from listen.store.rivals import DESK


def _each_once(ids: Sequence[int]) -> Sequence[int]:
    """What several parts of an action changed: each of its fields has parts of its own. Of many, the newest first."""
    if len(ids) <= MANY:
        return tuple(dict.fromkeys(ids))
    found = sorted(ids, reverse=True)
    return packed([one for at, one in enumerate(found) if not at or found[at - 1] != one])


class Undo(Actions):
    """Actions that can be taken back and done again."""

    def undo(self, step: int | None = None) -> Done | None:
        """Take back this person's last action that still stands, whenever it was, or that very one; None for none.

        What a desk did (`listen.store.duties`), or what followed its story (`listen.store.following`), is taken back by
        its number, by anybody; what followed mentions that wait again waits with them. A mention that somebody has
        changed since stays as it is.
        """
        row = self.connection.execute(
            "SELECT step FROM journal WHERE (by = ?1 OR ((by LIKE 'desk %' OR by = ?3) AND ?2 IS NOT NULL)) "
            "AND undone_at IS NULL AND ifnull(?2, step) = step ORDER BY id DESC LIMIT 1",
            (self.who, step, following.BY),
        ).fetchone()
        if row is None:
            return None
        return self._replay("undone", self._parts("undone_at IS NULL", row[0], "DESC"), self._undo_part)

    def redo(self) -> Done | None:
        """Do again what this person undid last; None when there is nothing, or when they did something else since."""
        row = self.connection.execute(
            f"SELECT step FROM journal WHERE undone_by = ? AND {UNDONE} ORDER BY undone_at DESC, id LIMIT 1",  # noqa: S608
            (self.who,),
        ).fetchone()
        if row is None:
            return None
        return self._replay("redone", self._parts(UNDONE, row[0], "ASC"), self._redo_part)

    def _parts(self, where: str, step: int, order: str) -> list[tuple[int, str, int]]:
        """(number, in words, how many mentions) of the journal's rows of a step."""
        return self.connection.execute(
            f"SELECT id, action, count FROM journal WHERE step = ? AND {where} ORDER BY id {order}",  # noqa: S608
            (step,),
        ).fetchall()

    def _replay(
        self, verb: str, parts: Sequence[tuple[int, str, int]], replayed: Callable[[int], tuple[list[Change], int]]
    ) -> Done:
        changed = array("q")
        others = missed = 0

        def one(part: tuple[int, str, int]) -> int:
            nonlocal others, missed
            changes, left = replayed(part[0])
            changed.extend(mentions(changes))
            others += sum(not change.mention_id for change in changes)
            missed += left
            return part[2]

        self._in_parts(parts, one, sum(part[2] for part in parts), verb)
        ids = _each_once(changed)
        count = len(ids) or others
        text = f"{verb}: {count:,} {parts[0][1]}"
        text = f"{text} ({missed:,} changed or gone since, left alone)" if missed else text
        return Done(text, count, ids)

    def _undo_part(self, part: int) -> tuple[list[Change], int]:
        """Put old values back; (what changed, how many were left alone)."""
        field, value, before = self._detail(part)
        if before is None:
            return [], 0
        changes: list[Change] = []
        for old, names in before:
            if field == "on":
                changes += self._switch(names, bool(old))
            elif field == identities.PERSON:
                changes += identities.put(self.connection, names, old, standing=value)
            elif field == CUSTOMER:
                changes += customers.say(self.connection, dict.fromkeys(names, old), customers.wanted_of(value))
            elif field == "topic":
                changes += self._ask_for_query(names, standing=value, query=old)
            elif field == "definition":
                changes += self._ask_for_puts(names, standing=value, puts=old)
            elif field == "spelling":
                changes += self._spell(names, old)
            elif field in (alerts.ACKNOWLEDGED, alerts.SILENCED):
                changes += self._say_of_alerts(field, names, old, standing=value)
            elif field == marks.MARK:
                changes += marks.let_stand(self.connection, marks.ids_of(names), bool(old), self.clock.now())
            else:
                changes += self._fields.set(self._found(names), field, old, standing=value)
        missed = sum(len(names) for _, names in before) - len(changes)
        if field == "status":
            behind = following.followers(self.connection, mentions(changes))
            changes += self._fields.set(behind, field, 0, standing=value)
        self.connection.execute(
            "UPDATE journal SET undone_at = ?, undone_by = ?, undone_user = ? WHERE id = ?",
            (int(self.clock.now()), self.who, account(), part),
        )
        return changes, missed

    def _redo_part(self, part: int) -> tuple[list[Change], int]:
        """Set the new value again, and remember what was there this time."""
        field, value, before = self._detail(part)
        if before is None:
            return [], 0
        names = [name for _, names in before for name in names]
        if field == "on":
            changes = self._switch(names, value)
        elif field == identities.PERSON:
            changes = identities.put(self.connection, names, value)
        elif field == CUSTOMER:
            changes = customers.say(self.connection, customers.wanted_of(value))
            done = {change.name for change in changes}
            value = [one for one in value if (one[0], one[1]) in done]
        elif field == "topic":
            changes = self._ask_for_query(names, standing=before[0][0], query=value)
        elif field == "definition":
            changes = self._ask_for_puts(names, standing=before[0][0], puts=value)
        elif field == "spelling":
            changes = self._spell(names, value)
        elif field in (alerts.ACKNOWLEDGED, alerts.SILENCED):
            changes = [one for old, its in before for one in self._say_of_alerts(field, its, value, standing=old)]
        elif field == marks.MARK:
            changes = marks.let_stand(self.connection, marks.ids_of(names), bool(value), self.clock.now())
        else:
            changes = self._set_again(part, field, value, before)
        self.connection.execute(
            "UPDATE journal SET undone_at = NULL, undone_by = NULL, undone_user = NULL, count = ?, detail = ? "
            "WHERE id = ?",
            (len(changes), detail_of(field, value, changes), part),
        )
        return changes, len(names) - len(changes)

    def _set_again(self, part: int, field: Field, value: Any, before: Sequence[tuple[Any, list[Name]]]) -> list[Change]:
        """What a person did counts over what others did meanwhile; what a desk did never does."""
        (by,) = self.connection.execute("SELECT by FROM journal WHERE id = ?", (part,)).fetchone()
        if not by.startswith(DESK):
            return self._fields.set(self._found(name for _, names in before for name in names), field, value)
        found: list[Change] = []
        for old, names in before:
            found += self._fields.set(self._found(names), field, value, standing=old)
        return found

    def _say_of_alerts(self, field: Field, names: Iterable[Name], value: Any, *, standing: Any) -> list[Change]:
        """Acknowledge alerts or let silences stand, where nobody has said otherwise since."""
        ids, at = alerts.ids_of(names), self.clock.now()
        if field == alerts.SILENCED:
            return alerts.let_stand(self.connection, ids, value, at)
        return alerts.acknowledge(self.connection, ids, value, at, self.who, standing)

    def _spell(self, names: Iterable[Name], name: str) -> list[Change]:
        """Write tags so; those that no mention has any more are left out."""
        found = []
        for _, key in names:
            old = tags.spelled(self.connection, key)
            if old is not None and tags.respell(self.connection, key, name):
                found.append(Change(0, ("", key), old))
        return found

    def _ask_for_query(self, names: Iterable[Name], *, standing: str, query: str) -> list[Change]:
        """Have the collector give a topic the query back that it had, unless it has another one by now."""
        names = list(names)
        for _, topic in names:
            self._ask_to_edit({"topic": topic, "query": query, "standing": standing, "again": True})
        return [Change(0, name, standing) for name in names]

    def _ask_for_puts(self, names: Iterable[Name], *, standing: str, puts: str) -> list[Change]:
        """Have the collector write these tables into `console.toml` unless they have been changed; both as JSON."""
        names = list(names)
        for _, about in names:
            body = {"puts": json.loads(puts), "standing": json.loads(standing)}
            self._ask_to_edit({**body, "about": about, "again": True})
        return [Change(0, name, standing) for name in names]

    def _ask_to_edit(self, body: dict[str, Any]) -> None:
        self.connection.execute(
            "INSERT INTO requests(at, by, user, kind, body) VALUES (?,?,?,'edit',?)",
            (int(self.clock.now()), self.who, account(), json.dumps(body)),
        )

    def _detail(self, part: int) -> tuple[Field, Any, list[tuple[Any, list[Name]]] | None]:
        row = self.connection.execute("SELECT detail FROM journal WHERE id = ?", (part,)).fetchone()
        if row is None:  # pruned by somebody in this moment
            return "status", None, None
        found = json.loads(row[0])
        return found["field"], found["value"], [(old, [(n, e) for n, e in names]) for old, names in found["before"]]

    def _found(self, names: Iterable[Name]) -> list[int]:
        """Ids of the named mentions that are still there."""
        found = [identified(self.connection, network, external_id) for network, external_id in names]
        return [one for one in found if one is not None]
