"""All rules at work, in the collector's writing thread: what arrives is counted, conditions are asked, states change.

Everything that it remembers can be made anew from the store: after a failed transaction it is.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from listen.alerts import cycle, evidence, facts, mutes, polled
from listen.alerts.arriving import Arrived, arrived, restored
from listen.alerts.cycle import Notice, Reading
from listen.alerts.facts import Labels
from listen.alerts.index import Index
from listen.alerts.known import Known
from listen.alerts.leaps import KINDS, LEAP, Leaps, write_down
from listen.alerts.past import Past
from listen.alerts.rules import CROWDED, Rule, told
from listen.alerts.watched import Watched
from listen.insight.hearing import Hearing
from listen.model import id_time
from listen.query import QueryError, tree
from listen.service import read
from listen.store import alerts, changes, mirror, outbox
from listen.store.alerts import FIRING, Alert
from listen.store.names import book
from listen.store.read import Reader
from listen.store.sqlite import Connection
from listen.store.write import Writer
from listen.text import fold

if TYPE_CHECKING:
    from listen.insight.objectives import Progress

SEQ, RULES, HELD = "alerts_seq", "rules", "alerts_held"
"""Facts in the store: the last arrival that was counted; the rules that run; those that are held, and why."""

STEP = 2_000
"""Arrivals that are counted at once."""

SAVED_EVERY = 1_000
"""Arrivals after which the place is saved although nothing has changed."""

WHOLE_EVERY = 1.0
"""Seconds between two looks at all instances; between them those are asked that something arrived for."""

GREW = 1.2
"""While an alert fires its arithmetic is told anew when it has grown by so much."""

ANEW = 30
"""Seconds after which it may be told anew."""

KEPT = 400 * 86_400.0
"""Seconds for which alerts that are over are kept."""

log = logging.getLogger("listen.alerts")

Put = Callable[[Connection, Sequence[Notice], float], None]
"""Takes notices for delivery, inside the transaction that changes the alerts."""


class Engine:
    """The rules of one collector."""

    def __init__(self, put: Put | None = None) -> None:
        self.watched: dict[str, Watched] = {}
        self.rules: dict[str, Rule] = {}
        self.faults: dict[str, str] = {}
        """Rules that cannot be asked, and why."""
        self._put = put or (lambda connection, notices, now: None)
        self._numbers: list[str] = []
        self._index = Index({}, 0.0)
        self._known = Known()
        self._hearing = Hearing()
        self._explainer = evidence.Explainer()
        self._reader: Reader | None = None
        self._polled = polled.Polled()
        self._leaps = Leaps()
        self._topics: dict[int, str] = {}
        self._seq = self._saved = self._changed = 0
        self._whole_at = self._pruned_at = 0.0
        self._held: dict[str, str] = {}
        self._crowds: set[str] = set()
        """Rules that were said to leave instances out."""
        self._stale, self._placed = True, False

    def close(self) -> None:
        """Close what it reads with."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # --- rules -------------------------------------------------------------------------------------------------------

    def configure(self, writer: Writer, rules: Sequence[Rule]) -> None:
        """Watch exactly these; what is known of rules that ask the same as before is kept."""
        state = {name: mirror.state(writer.connection, name) for name in ("views", "lists", "desks")}
        known = book(state["views"] or "[]", state["lists"] or "{}", state["desks"] or "[]")
        before, self.watched, self.faults = self.watched, {}, {}
        self._take_place(writer.connection)
        self._hearing.look(writer.connection, writer.clock.now(), writer.clock.pace())
        self.rules = {rule.name: rule for rule in rules}
        for rule in rules:
            try:
                one = Watched(rule, known, self._seq)
            except QueryError as error:
                self.faults[rule.name] = str(error)
                continue
            old = before.get(rule.name)
            if old is not None and old.asks_as(one):
                old.rule, one = rule, old
            self.watched[rule.name] = one
        told_apart = any("desk" in rule.per for rule in rules)
        desks = facts.open_desks(read(state["desks"] or "[]"), known) if told_apart else {}
        self._make_index(writer.clock.now(), desks)
        self._stale = True
        if mirror.state(writer.connection, RULES) != told(rules):
            writer.set_state(RULES, told(rules))

    def _make_index(self, now: float, desks: Mapping[str, tree.Node]) -> None:
        queries: dict[int, tree.Node] = {}
        self._numbers = [name for name, one in self.watched.items() if one.rule.windowed]
        for number, name in enumerate(self._numbers):
            one = self.watched[name]
            queries[2 * number] = one.node
            if one.of is not None:
                queries[2 * number + 1] = one.of
        self._index = Index(queries, now, desks)

    def unread(self) -> list[Watched]:
        """Rules whose past nobody has read yet; what arrived after their `since` is counted already."""
        return [one for one in self.watched.values() if one.rule.windowed and not one.ready]

    def learn(self, rule: Rule, past: Past, of: Past | None) -> None:
        """The past of a rule has been read, up to where the rule was watched from."""
        one = self.watched.get(rule.name)
        if one is not None and one.rule.asked == rule.asked and not one.ready:
            one.learn(past, of)

    def heed(self, found: Sequence[Progress]) -> None:
        """How far the objectives are, which takes too long to be looked at in a turn."""
        self._polled.heed(found)

    def leapt(self, now: float) -> tuple[Rule, float] | None:
        """A rule that may have missed something while nobody looked, and since when."""
        found = self._leaps.take(now)
        return (self.rules[found[0]], found[1]) if found is not None and found[0] in self.rules else None

    def recall(self, writer: Writer, rule: Rule, found: Sequence[Alert]) -> None:
        """Write down what a rule would have fired while nobody looked; the next turn tells it. Raises StoreError."""
        if self.rules.get(rule.name) != rule or not found:
            return
        with writer.transaction():
            write_down(writer.connection, rule, found, self._leaps.spared(rule.name, writer.clock.now()))
        self._stale = True

    def urgent(self) -> dict[str, str]:
        """Folded topic -> the rule whose page fires about it."""
        found: dict[str, str] = {}
        for (name, _), one in self._known.open.items():
            if one.severity == "page" and one.state == FIRING and name in self.watched:
                named = {fold(one.labels["topic"])} if "topic" in one.labels else self.watched[name].named
                found |= dict.fromkeys(sorted(named), name)
        return found

    # --- a turn ------------------------------------------------------------------------------------------------------

    def turn(self, writer: Writer) -> list[Notice]:
        """Count what has arrived, ask conditions, change states and hand over notices; these. Raises StoreError."""
        try:
            return self._turn(writer)
        except BaseException:
            self._stale = True
            raise

    def _turn(self, writer: Writer) -> list[Notice]:
        connection, now = writer.connection, writer.clock.now()
        if self._stale:
            self._load(connection, now)
        touched = self._count(writer, now)
        whole = not 0 <= now - self._whole_at < WHOLE_EVERY
        if whole:
            self._heed_leap(now)
            self._whole_at = now
            self._names(connection)
            self._known.heed_people(connection)
        if not touched and not whole:
            return []
        self._hearing.look(connection, now, writer.clock.pace())
        readings = self._readings(connection, touched, whole, now)
        if whole:
            held = {rule.name: str(one.evidence.get("text", "")) for rule, one in readings if one.holds is None}
            self._held = held | self._crowded()
        steps = self._steps(connection, readings, now)
        return self._carry_out(writer, steps, whole, now)

    def _load(self, connection: Connection, now: float) -> None:
        """Take up what the store knows."""
        self._known.load(connection, self.rules, now)
        self._names(connection)
        self._stale = False

    def _take_place(self, connection: Connection) -> None:
        if self._placed:
            return
        (last,) = connection.execute("SELECT ifnull(max(seq), 0) FROM arrivals").fetchone()
        # Without a place of its own, what is there already is history.
        self._seq = self._saved = min(int(mirror.state(connection, SEQ) or last), last)
        self._changed = changes.since(connection, 0)[0]
        self._placed = True

    def _names(self, connection: Connection) -> None:
        self._topics = dict(connection.execute("SELECT id, name FROM topics WHERE active").fetchall())

    # --- counting ----------------------------------------------------------------------------------------------------

    def _count(self, writer: Writer, now: float) -> dict[str, set[Labels]]:
        """Count what has arrived and what has changed; the instances that it touches, by rule."""
        touched: dict[str, set[Labels]] = {}
        self._index = self._index.at(now)
        size = STEP
        while size == STEP:
            self._seq, size, found = arrived(writer, self._seq, STEP, self._topics, self._index)
            for one in found:
                self._take(one, touched)
                self._heed_late(one, now)
        self._heed_changes(writer.connection, touched)
        return touched

    def _take(self, one: Arrived, touched: dict[str, set[Labels]]) -> None:
        waited = self._hearing.deaf(one.fact.channel, one.fact.at) and id_time(one.fact.id) < one.fact.at
        arrival = one.fact.arrival(one.seq)
        for number in {hit // 2 for hit in one.hits}:
            watched = self.watched[self._numbers[number]]
            whole = 2 * number + 1 in one.hits
            if watched.of is not None and not whole:
                continue
            its = watched.take(one.fact, arrival, counts=2 * number in one.hits, waited=waited)
            touched.setdefault(watched.rule.name, set()).update(its)

    def _heed_late(self, one: Arrived, now: float) -> None:
        """What waited for us, or for this look, is looked at again by when it was said."""
        fact, good_at = one.fact, self._hearing.good_at(one.fact.channel)
        waited = good_at > 0 and self._hearing.deaf(fact.channel, fact.at) and id_time(fact.id) < fact.at
        if waited or now - fact.at > LEAP:
            since = min(fact.at, good_at) if waited else fact.at
            for name in {self._numbers[hit // 2] for hit in one.hits}:
                if self.watched[name].rule.when in KINDS:
                    self._leaps.mark(name, since, now)

    def _heed_leap(self, now: float) -> None:
        """What was pending when the clock leapt may have fired, and what fired may do so still."""
        if self._whole_at and now - self._whole_at > LEAP:
            for key, one in self._known.open.items():
                if one.rule in self.rules and self.rules[one.rule].when in KINDS:
                    self._leaps.mark(one.rule, self._whole_at, now)
                    if one.state == FIRING and not self.rules[one.rule].coverage:  # which holds it by itself
                        self._leaps.spare(key, now)

    def _heed_changes(self, connection: Connection, touched: dict[str, set[Labels]]) -> None:
        """Mentions that were dismissed, taken away or judged noise count no more; others have become one story."""
        at, ids = changes.since(connection, self._changed)
        if at == self._changed:
            return
        self._changed = at
        watched = list(self.watched.values())
        if ids is None:  # too many at once to know them all
            ids = [one for each in watched for window in each.windows.values() for one in window.known]
        self._polled.changed(ids)
        for fact in facts.of(connection, ids, {}, topics=False).values():
            for one in watched:
                if fact.left_out:
                    if one.leave_out(fact.id):
                        touched.setdefault(one.rule.name, set()).update(one.windows)
                elif fact.story is not None:
                    one.retell(fact.id, fact.story)
        if any(one.rule.when == "growth" for one in watched):
            self._take_first_copies(connection, ids, touched)

    def _take_first_copies(self, connection: Connection, ids: Sequence[int], touched: dict[str, set[Labels]]) -> None:
        """What was told first belongs to its story only when it is told again."""
        for one in restored(connection, ids, self._topics, self._index):
            if one.fact.story is not None:
                one.hits.intersection_update(
                    2 * at for at, name in enumerate(self._numbers) if self.watched[name].rule.when == "growth"
                )
                self._take(one, touched)

    # --- conditions --------------------------------------------------------------------------------------------------

    def _readings(
        self, connection: Connection, touched: dict[str, set[Labels]], whole: bool, now: float
    ) -> list[tuple[Rule, Reading]]:
        found: list[tuple[Rule, Reading]] = []
        for name, one in self.watched.items():
            which = touched.get(name, set())
            if one.rule.windowed and not one.ready:
                # Until its past is known a match is a match, and nothing else can be said.
                told = self._safely(one, which, connection, now) if one.rule.when == "match" else []
                found += [(one.rule, each) for each in told if each.holds]
            elif one.rule.windowed and (whole or which):
                which = one.instances() | self._open_of(one) if whole else {n for n in which if not one.is_quiet(n)}
                found += [(one.rule, each) for each in self._safely(one, which, connection, now)]
        if whole and self.rules:
            reader = self._reading_store(connection)
            found += self._polled.readings(reader, self.rules.values(), self.watched, self._known.open.values(), now)
        return found

    def _crowded(self) -> dict[str, str]:
        """Rules that leave instances out, for want of room; the log hears of each once."""
        found = {name: CROWDED for name, one in self.watched.items() if one.crowded}
        for name in found.keys() - self._crowds:
            log.warning("the rule %s: %s; make its query or its `per` narrower", name, CROWDED)
        self._crowds |= found.keys()
        return found

    def _open_of(self, one: Watched) -> set[Labels]:
        """The instances of its open alerts: of some nothing may be left in the window."""
        return {
            tuple(each.labels.items())
            for each in self._known.open.values()
            if each.rule == one.rule.name and not polled.is_post(each)
        }

    def _safely(self, one: Watched, which: Iterable[Labels], connection: Connection, now: float) -> list[Reading]:
        """A rule that cannot be worked out holds no other up."""

        def heard(start: float, end: float, sources: frozenset[str]) -> float:
            return self._hearing.share(connection, start, end, sources)

        try:
            return one.readings(which, heard, lambda sources: self._hearing.hours(connection, sources), now)
        except ArithmeticError as error:
            self.faults[one.rule.name] = f"{type(error).__name__}: {error}"
            log.exception("the rule %s cannot be worked out", one.rule.name)
            return []

    def _reading_store(self, connection: Connection) -> Reader:
        if self._reader is None:
            (path,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
            self._reader = Reader(Path(path))
        return self._reader

    # --- states ------------------------------------------------------------------------------------------------------

    def _steps(
        self, connection: Connection, readings: Sequence[tuple[Rule, Reading]], now: float
    ) -> list[tuple[Alert | None, Alert | None, str]]:
        """(before, after, what has become of it) of all alerts that change."""
        found = []
        for rule, reading in readings:
            key = (rule.name, reading.instance)
            before = self._known.open.get(key)
            if reading.holds:
                self._leaps.holds(key)
            elif reading.holds is False and self._leaps.spares(key, now):
                continue
            after, what = cycle.step(before, reading, rule, now, self._known.cool.get(key, 0.0))
            if after is not None and reading.holds and (what == FIRING or _worth_telling_anew(after, reading)):
                after = replace(after, evidence=self._explained(connection, rule, reading, now))
            if what or (after is not None and (before is None or _differ(before, after))):
                found.append((before, after, what))
            elif after is not None:
                self._known.open[key] = after
        for key, one in list(self._known.open.items()):
            if key[0] not in self.rules:
                found.append((one, *cycle.close(one, now)))
        return found

    def _explained(self, connection: Connection, rule: Rule, reading: Reading, now: float) -> dict[str, object]:
        """The arithmetic with the mentions and words that explain it."""
        one = self.watched.get(rule.name)
        labels: Labels = tuple(reading.labels.items())
        window = one.windows.get(labels) if one is not None else None
        if window is None:
            return dict(reading.evidence)
        since = float(reading.evidence.get("since", 0.0))
        return {**reading.evidence, **self._explainer.explained(connection, list(window.known), since, now)}

    def _carry_out(
        self, writer: Writer, steps: Sequence[tuple[Alert | None, Alert | None, str]], whole: bool, now: float
    ) -> list[Notice]:
        connection = writer.connection
        held = json.dumps(self._held | self.faults, ensure_ascii=False, sort_keys=True)
        say_held = whole and held != (mirror.state(connection, HELD) or "{}")
        fired = any(one.fired_at is not None for one in self._known.open.values())
        reader = self._reading_store(connection) if steps or fired or self._known.over else None
        muted = mutes.Mutes(connection, reader, self.rules, now)
        if (
            not steps
            and not say_held
            and self._seq - self._saved < SAVED_EVERY
            and not self._known.to_tell(muted, self.rules, now)
        ):
            return []
        with writer.transaction():
            if whole and not 0 <= now - self._pruned_at < 86_400:
                self._pruned_at = now
                alerts.forget_before(connection, now - KEPT)
                outbox.forget_before(connection, now - KEPT)
            for before, after, what in steps:
                self._known.keep(connection, before, after, what, self.rules, now)
            notices = self._known.tell(connection, muted, self.rules, now)
            if notices:
                self._put(connection, notices, now)
            mirror.set_state(connection, SEQ, str(self._seq))
            if say_held:
                mirror.set_state(connection, HELD, held)
        self._saved = self._seq
        return notices


def _differ(before: Alert, after: Alert) -> bool:
    """Whether a change is worth a write; that it still holds is not, by itself, more than once a minute."""
    same = replace(after, held_at=before.held_at, value=before.value) == before
    return not same or after.held_at - before.held_at >= 60


def _worth_telling_anew(one: Alert, reading: Reading) -> bool:
    """Whether the arithmetic of a firing alert has changed so much that it is to be kept instead."""
    if one.state != FIRING or reading.evidence["until"] - one.evidence.get("until", 0) < ANEW:
        return False
    if cycle.MARK in reading.evidence:
        return bool(reading.evidence[cycle.MARK] > one.evidence.get(cycle.MARK, 0))
    return reading.value > GREW * float(one.evidence.get("value", one.evidence.get("count", 0.0)))
