"""What people do: status, star, tags, note and assignee of mentions, sources on and off, each with its inverse.

The journal names mentions by network and external id, so that an undo never reaches another mention that has come to
the same place. An action on many mentions is one step, written in short transactions with room between them for others.
Light on purpose: the console imports this module.
"""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from listen.clock import Clock
from listen.model import ME, STATUSES
from listen.packed import MANY, packed
from listen.store import alerts, corrections, customers, fields, following, identities, marks, outbox, switches, tags
from listen.store.ids import identified
from listen.store.journal import CUSTOMER, Change, Field, Name, account, detail_of, mentions, words
from listen.store.presence import note_visit
from listen.store.rivals import DESK, Rival, quicker
from listen.store.sqlite import StoreError, connect_people, short_transaction
from listen.text import fold
from listen.text.tag import tag_of

STEP = 500
"""Mentions changed in one transaction: some 20 ms, so that neither the collector nor other people wait long."""

GIVE_WAY = 0.02
"""Seconds between two of them. SQLite's lock goes to whoever asks at the right moment, and those who wait look every
100 ms at most: without a pause the same process would take it again each time."""

_UNDONE = "undone_at IS NOT NULL AND NOT buried"
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


def _each_once(ids: Sequence[int]) -> Sequence[int]:
    """What several parts of an action changed: each of its fields has parts of its own. Of many, the newest first."""
    if len(ids) <= MANY:
        return tuple(dict.fromkeys(ids))
    found = sorted(ids, reverse=True)
    return packed([one for at, one in enumerate(found) if not at or found[at - 1] != one])


class Triage:
    """One person's actions on a store. Every change keeps the inbox exact. Raises `StoreError`."""

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
        return self._act(ids, [("status", STATUSES.index(status))])

    def star(self, ids: Iterable[int], on: bool = True) -> Done:
        """Star mentions, or take their star away."""
        return self._act(ids, [("starred", int(on))])

    def assign(self, ids: Iterable[int], person: str | None) -> Done:
        """Give mentions to a person, or to nobody."""
        return self._act(ids, [("assignee", self._person(person or ""))])

    def tag(self, ids: Iterable[int], text: str) -> Done:
        """`vip -old`: give mentions tags and take others away, in one step. Raises ValueError for what is no tag."""
        return self._act(ids, tags.asked(text))

    def edit(self, ids: Iterable[int], *, note: str | None = None, person: str | None = None) -> Done:
        """Another note, another person who takes care, or both in one step; "" is none, None leaves it as it is."""
        sets: list[tuple[Field, Any]] = []
        if note is not None:
            sets.append((tags.NOTE, tags.note_of(note, self.who, int(self.clock.now()))))
        if person is not None:
            sets.append(("assignee", self._person(person)))
        return self._act(ids, sets)

    def _person(self, written: str) -> str | None:
        """Whom mentions are given to; `me` is this person."""
        name = tags.person_of(written)
        return tags.person_of(self.who) if name == ME else name

    def rename_tag(self, old: str, new: str) -> Done:
        """Call a tag otherwise on all its mentions; when there is one of that name, they are one from then on.

        Raises ValueError for what is no tag, and for a tag that no mention has.
        """
        old, new = tag_of(old), tag_of(new)
        row = tags.spelled(self.connection, old)
        if row is None:
            raise ValueError(f"no mention has the tag {old}")
        if fold(old) == fold(new):
            return self._respell(row, new)
        merged = tags.spelled(self.connection, new)
        said = f"{row} merged into {merged}" if merged else f"{row} renamed to {new}"
        ids = tags.tagged(self.connection, old)
        return self._act(ids, [(f"{tags.TAG}{merged or new}", 1), (f"{tags.TAG}{row}", 0)], said)

    def _respell(self, old: str, new: str) -> Done:
        """The same tag, written otherwise."""
        with short_transaction(self.connection):
            changed = [] if old == new else [Change(0, ("", fold(old)), old)]
            count = tags.respell(self.connection, fold(old), new) if changed else 0
            if changed:
                self._note(None, "spelling", new, changed, f"{old} written {new}")
        return Done(f"{old} written {new}", count)

    def correct(self, ids: Iterable[int], tone: str | None, topic: str | None = None) -> Done:
        """Say that mentions are `pos`, `neu` or `neg`, whatever is computed; None takes what was said away.

        `topic` is the one that was looked at, if there was one. Raises ValueError for no such sentiment.
        """
        value = corrections.value_of(tone, topic, self.who, int(self.clock.now()))
        return self._act(ids, [(corrections.FIELD, value)])

    def call_noise(self, ids: Iterable[int], is_noise: bool | None) -> Done:
        """Say that mentions are noise, or are none, whatever its patterns say; None leaves it to the patterns again."""
        return self._act(ids, [("noise", None if is_noise is None else int(is_noise))])

    def keep_customers(self, wanted: Iterable[customers.Customer], *, replace: bool) -> Done:
        """Take these into our own list of customers, and drop all others when it is replaced; one step."""
        said = dict(map(customers.told, wanted))
        if replace:
            said |= dict.fromkeys(customers.others(self.connection, {(handle, net) for net, handle in said}))
        names, words_, step, count = list(said), "customers imported", 0, 0

        def one(part: Sequence[Name]) -> int:
            nonlocal step, count
            if changes := customers.say(self.connection, {name: said[name] for name in part}):
                new = customers.value_of({change.name: said[change.name] for change in changes})
                step = self._note(step or None, CUSTOMER, new, changes, words_)
                count += len(changes)
            return len(part)

        self._in_parts([names[at : at + STEP] for at in range(0, len(names), STEP)], one, len(names), words_)
        return Done(f"{count:,} {words_}", count)

    def switch(self, targets: Iterable[switches.Target], on: bool) -> Done:
        """Switch sources and channels on or off; one step, however many they are."""
        with short_transaction(self.connection):
            changes = self._switch(targets, on)
            if changes:
                self._note(None, "on", on, changes)
        return Done(words("on", on), len(changes))

    def acknowledge(self, ids: Iterable[int], note: str = "", verdict: str | None = None) -> Done:
        """Take note of alerts until they are over: with a note, and whether they were `useful` or `noise`.

        Raises ValueError for another verdict.
        """
        at = self.clock.now()
        value = alerts.value_of(note, verdict, self.who, at)
        with short_transaction(self.connection):
            changes = alerts.acknowledge(self.connection, ids, value, at, self.who)
            if changes:
                self._note(None, alerts.ACKNOWLEDGED, value, changes)
        return Done(f"{len(changes):,} acknowledged", len(changes))

    def silence(
        self, until: float, comment: str, *, rule: str = "", instance: str = "", query: str = ""
    ) -> tuple[int, Done]:
        """Have nobody told of some alerts until then; (the number of the silence, what was done)."""
        at = int(self.clock.now())
        with short_transaction(self.connection):
            number = alerts.silence(self.connection, rule, instance, query, until, comment, self.who, at)
            self._note(None, alerts.SILENCED, True, [Change(0, alerts.name_of(number), False)])
        return number, Done(words(alerts.SILENCED, True), 1)

    def end_silence(self, ids: Iterable[int]) -> Done:
        """End silences before their time."""
        with short_transaction(self.connection):
            changes = alerts.let_stand(self.connection, ids, False, self.clock.now())
            if changes:
                self._note(None, alerts.SILENCED, False, changes)
        return Done(f"{len(changes):,} {words(alerts.SILENCED, False)}", len(changes))

    def mark(self, text: str, at: float, topic: str | None = None) -> tuple[int, Done]:
        """Set what happened then (Unix seconds) beside the numbers; (the number of the mark, what was done).

        `topic` is the one that it is about, None all of them. Raises ValueError for no text, or too much of it.
        """
        said = marks.text_of(text)
        with short_transaction(self.connection):
            number = marks.put(self.connection, at, said, topic, self.who, self.clock.now())
            self._note(None, marks.MARK, True, [Change(0, marks.name_of(number), False)], marks.words(said, True))
        return number, Done(marks.words(said, True), 1)

    def unmark(self, ids: Iterable[int]) -> Done:
        """Take marks away, in one step; those that are gone already do not count."""
        with short_transaction(self.connection):
            changes = marks.let_stand(self.connection, ids, False, self.clock.now())
            if changes:
                said = marks.taken_away(self.connection, changes)
                self._note(None, marks.MARK, False, changes, said)
        return Done(f"{len(changes):,} mark{'s' * (len(changes) != 1)} taken away", len(changes))

    def send_again(self, ids: Sequence[int] | None = None) -> int:
        """Have letters tried again that were set aside, all of them for None; how many."""
        with short_transaction(self.connection):
            return outbox.send_again(self.connection, ids, self.clock.now())

    def unite(self, persons: Sequence[int], reason: str) -> Done:
        """Say that the first of these persons is all of them, in one step. Raises ValueError for no reason."""
        why, at = identities.reason_of(reason), int(self.clock.now())
        with short_transaction(self.connection):
            value, names = identities.united(self.connection, persons, why, self.who, at)
            return self._say_of(names, value, "accounts taken for one person")

    def part(self, person: int) -> Done:
        """Say that a person's accounts are several persons, as before anybody said otherwise."""
        with short_transaction(self.connection):
            return self._say_of(identities.parted(self.connection, person), None, "accounts taken apart")

    def _say_of(self, names: Iterable[Name], value: identities.Value, said: str) -> Done:
        changes = identities.put(self.connection, names, value)
        if changes:
            self._note(None, identities.PERSON, value, changes, said)
        return Done(f"{len(changes):,} {said}", len(changes))

    def _switch(self, targets: Iterable[switches.Target], on: bool) -> list[Change]:
        at = int(self.clock.now())
        return [
            Change(0, target, not on)
            for target in targets
            if switches.switch(self.connection, target, on, self.who, at)
        ]

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

        parts = (list(wanted[start : start + STEP]) for start in range(0, len(wanted), STEP))
        self._in_parts(parts, one, len(wanted), said)
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
            self.connection.execute(f"UPDATE journal SET buried = 1 WHERE undone_by = ? AND {_UNDONE}", (self.who,))  # noqa: S608
        return step or row

    def here(self) -> None:
        """The person is here now: `Reader.last_visit` tells it next time. No action, so that undo passes it over."""
        with short_transaction(self.connection):
            note_visit(self.connection, self.who, int(self.clock.now()))

    # --- back and forth ----------------------------------------------------------------------------------------------

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
            f"SELECT step FROM journal WHERE undone_by = ? AND {_UNDONE} ORDER BY undone_at DESC, id LIMIT 1",  # noqa: S608
            (self.who,),
        ).fetchone()
        if row is None:
            return None
        return self._replay("redone", self._parts(_UNDONE, row[0], "ASC"), self._redo_part)

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
