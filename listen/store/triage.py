"""What people do: status, star, tags, note and assignee of mentions, sources on and off, each with its inverse.

An action on many mentions is one step (`listen.store.actions`), and `undo()` takes it back (`listen.store.undo`).
Light on purpose: the console imports this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from listen.model import ME, STATUSES
from listen.store import alerts, corrections, customers, identities, marks, outbox, switches, tags
from listen.store.actions import Done, HalfDone, Report, portions
from listen.store.journal import CUSTOMER, Change, Field, Name, words
from listen.store.presence import note_visit
from listen.store.sqlite import short_transaction
from listen.store.undo import Undo
from listen.text import fold
from listen.text.tag import tag_of

__all__ = ["Done", "HalfDone", "Report", "Triage"]


class Triage(Undo):
    """One person's actions on a store. Every change keeps the inbox exact. Raises `StoreError`."""

    # --- mentions ----------------------------------------------------------------------------------------------------

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

    def correct(self, ids: Iterable[int], tone: str | None, topic: str | None = None) -> Done:
        """Say that mentions are `pos`, `neu` or `neg`, whatever is computed; None takes what was said away.

        `topic` is the one that was looked at, if there was one. Raises ValueError for no such sentiment.
        """
        value = corrections.value_of(tone, topic, self.who, int(self.clock.now()))
        return self._act(ids, [(corrections.FIELD, value)])

    def call_noise(self, ids: Iterable[int], is_noise: bool | None) -> Done:
        """Say that mentions are noise, or are none, whatever its patterns say; None leaves it to the patterns again."""
        return self._act(ids, [("noise", None if is_noise is None else int(is_noise))])

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

    # --- sources, customers, people ----------------------------------------------------------------------------------

    def switch(self, targets: Iterable[switches.Target], on: bool) -> Done:
        """Switch sources and channels on or off; one step, however many they are."""
        with short_transaction(self.connection):
            changes = self._switch(targets, on)
            if changes:
                self._note(None, "on", on, changes)
        return Done(words("on", on), len(changes))

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

        self._in_parts(portions(names), one, len(names), words_)
        return Done(f"{count:,} {words_}", count)

    def drop_letters(self, ids: Sequence[int] | None = None) -> int:
        """Have letters that were set aside never sent, all of them for None; how many. It cannot be undone.

        What became of their alerts says so, and by whom.
        """
        with short_transaction(self.connection):
            dropped = outbox.drop(self.connection, ids)
            for target, why, about in dropped:
                for number in about:
                    alerts.note(self.connection, number, self.clock.now(), f"to {target}: dropped", self.who, why)
        return len(dropped)

    def unite(self, persons: Sequence[int], reason: str) -> Done:
        """Say that the first of these persons is all of them, in one step. Raises ValueError for no reason."""
        why, at, said = identities.reason_of(reason), int(self.clock.now()), "accounts taken for one person"
        with short_transaction(self.connection):
            value, names = identities.united(self.connection, persons, why, self.who, at)
            changes = identities.put(self.connection, names, value)
            return self._done(identities.PERSON, value, changes, said, said)

    def part(self, person: int) -> Done:
        """Say that a person's accounts are several persons, as before anybody said otherwise."""
        said = "accounts taken apart"
        with short_transaction(self.connection):
            changes = identities.put(self.connection, identities.parted(self.connection, person), None)
            return self._done(identities.PERSON, None, changes, said, said)

    def here(self) -> None:
        """The person is here now: `Reader.last_visit` tells it next time. No action, so that undo passes it over."""
        with short_transaction(self.connection):
            note_visit(self.connection, self.who, int(self.clock.now()))

    # --- alerts and marks --------------------------------------------------------------------------------------------

    def acknowledge(self, ids: Iterable[int], note: str = "", verdict: str | None = None) -> Done:
        """Take note of alerts until they are over: with a note, and whether they were `useful` or `noise`.

        Raises ValueError for another verdict.
        """
        at = self.clock.now()
        value = alerts.value_of(note, verdict, self.who, at)
        with short_transaction(self.connection):
            changes = alerts.acknowledge(self.connection, ids, value, at, self.who)
            return self._done(alerts.ACKNOWLEDGED, value, changes, "acknowledged")

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
            return self._done(alerts.SILENCED, False, changes, words(alerts.SILENCED, False))

    def send_again(self, ids: Sequence[int] | None = None) -> int:
        """Have letters tried again that were set aside, all of them for None; how many."""
        with short_transaction(self.connection):
            return outbox.send_again(self.connection, ids, self.clock.now())

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
