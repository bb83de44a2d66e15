"""The life of an alert, over generated timelines: what holds of each of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from listen.alerts import cycle
from listen.alerts.cycle import Notice, Reading
from listen.alerts.rules import Rule
from listen.service import Service
from listen.store.alerts import FIRING, RESOLVED, Alert

NOW = 1_767_225_600
"""2026-01-01 00:00 UTC."""


@dataclass
class Moment:
    after: int
    """Seconds since the one before."""
    instance: str
    holds: bool | None
    acked: bool
    muted: bool


MOMENTS = st.lists(
    st.builds(
        Moment,
        st.integers(1, 900),
        st.sampled_from(["a", "b"]),
        st.sampled_from([True, True, True, False, False, None]),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=60,
)
DURATIONS = st.sampled_from([0.0, 60.0, 600.0, 3_600.0])
RULES = st.builds(
    Rule,
    st.just("buzz"),
    st.just("spike"),
    for_=DURATIONS,
    resolve_after=DURATIONS,
    cooldown=DURATIONS,
    repeat=st.sampled_from([600.0, 14_400.0]),
    group_interval=st.sampled_from([60.0, 300.0, 1_800.0]),
)


@dataclass
class Life:
    """What the engine does, without a store."""

    rule: Rule
    now: int = NOW
    open: dict[str, Alert] = field(default_factory=dict)
    over: list[Alert] = field(default_factory=list)
    cool: dict[str, float] = field(default_factory=dict)
    last: float | None = None
    numbers: int = 0
    ended: list[Alert] = field(default_factory=list)
    told: list[Notice] = field(default_factory=list)
    changes: list[tuple[int, str, str]] = field(default_factory=list)

    def read(self, instance: str, holds: bool | None) -> None:
        before = self.open.get(instance)
        reading = Reading(instance, {"topic": instance}, holds, 1.0, {"text": "1"})
        after, what = cycle.step(before, reading, self.rule, self.now, self.cool.get(instance, 0.0))
        if what:
            self.changes.append((self.now, instance, what))
        if after is None:
            self.open.pop(instance, None)
            return
        if before is None:
            self.numbers += 1
            after = replace(after, id=self.numbers)
        if what == RESOLVED:
            self.cool[instance] = self.now + self.rule.cooldown
            self.over.append(after)
            del self.open[instance]
        else:
            self.open[instance] = after

    def tell(self, muted: bool) -> None:
        group = [replace(one, muted="silence 1" if muted else "") for one in (*self.open.values(), *self.over)]
        changed, notices = cycle.tell(self.rule, group, self.last, self.now)
        by_id = {one.id: one for one in changed}
        self.open = {key: by_id.get(one.id, one) for key, one in self.open.items()}
        left = [by_id.get(one.id, one) for one in self.over]
        self.over, ended = [one for one in left if not one.over], [one for one in left if one.over]
        self.ended += ended
        if notices:
            self.last = self.now
        self.told += notices

    def acknowledge(self, instance: str) -> None:
        one = self.open.get(instance)
        if one is not None and one.fired_at is not None and one.acked_at is None:
            self.open[instance] = replace(one, acked_at=self.now, acked_by="ana")


@settings(max_examples=200, deadline=None)
@given(RULES, MOMENTS)
def test_whatever_happens_the_promises_of_a_life_hold(rule: Rule, moments: list[Moment]) -> None:
    life, acked = Life(rule), dict[int, int]()
    for moment in moments:
        life.now += moment.after
        life.read(moment.instance, moment.holds)
        if moment.acked:
            life.acknowledge(moment.instance)
            acked.update({one.id: life.now for one in life.open.values() if one.acked_at == life.now})
        before = life.last
        sent = len(life.told)
        life.tell(moment.muted)
        more = life.told[sent:]
        assert not more or before is None or life.now - before >= rule.group_interval
        assert not (more and moment.muted)
        for notice in more:
            for one in notice.alerts:
                assert notice.kind == "resolved" or one.id not in acked, "who acknowledged is left alone"
    # At the end everything clears and nobody mutes: what fired is told, to the end, once.
    for _ in range(4):
        life.now += 40_000
        for instance in ("a", "b"):
            life.read(instance, False)
        life.tell(False)
    assert not life.open
    assert not life.over
    keys = [notice.key for notice in life.told]
    assert len(keys) == len(set(keys)), "a key is given once"
    for one in life.ended:
        kinds = [notice.kind for notice in life.told if one.id in {each.id for each in notice.alerts}]
        assert kinds.count("resolved") <= 1
        assert kinds[:1] in ([], ["firing"])
        if not kinds:
            assert one.muted or one.acked_at is not None
    held: dict[str, int] = {}
    ended: dict[str, int] = {}
    for at, instance, what in life.changes:
        if what == "pending":
            held[instance] = at
        if what == FIRING:
            assert at - held.pop(instance, at) >= (rule.for_ if rule.for_ else 0)
            assert at - ended.get(instance, 0) >= rule.cooldown
        if what == RESOLVED:
            ended[instance] = at


def test_the_first_is_told_at_once_and_the_next_together_after_the_interval() -> None:
    life = Life(Rule("buzz", "spike", group_interval=300, repeat=3_600))
    life.read("a", True)
    life.tell(False)
    assert [(one.kind, len(one.alerts)) for one in life.told] == [("firing", 1)]
    for instance in ("b", "c"):
        life.now += 10
        life.read(instance, True)
        life.tell(False)
    assert len(life.told) == 1
    life.now += 300
    life.tell(False)
    assert [(one.kind, [each.instance for each in one.alerts]) for one in life.told[1:]] == [("firing", ["b", "c"])]
    life.acknowledge("a")
    life.now += 3_600
    life.tell(False)
    assert [(one.kind, [each.instance for each in one.alerts]) for one in life.told[2:]] == [("repeat", ["b", "c"])]


def test_time_that_nobody_heard_neither_fires_nor_resolves() -> None:
    life = Life(Rule("buzz", "spike", for_=600, resolve_after=600))
    life.read("a", True)
    life.now += 700
    life.read("a", None)
    assert life.open["a"].state == "pending"
    life.read("a", True)
    assert life.open["a"].state == FIRING
    life.now += 7_000
    life.read("a", None)
    life.now += 300
    life.read("a", False)
    assert life.open["a"].state == FIRING, "the unheard hours are not counted"
    life.now += 600
    life.read("a", False)
    assert life.over[0].state == RESOLVED


def test_notices_wait_for_the_end_of_quiet_hours_and_pages_do_not() -> None:
    night = Service((22 * 60, 31 * 60))
    for severity, told in (("notice", 0), ("page", 1)):
        life = Life(Rule("buzz", "spike", quiet=night, severity=severity, repeat=86_400), now=NOW + 3 * 3_600)
        life.read("a", True)
        life.tell(False)
        assert len(life.told) == told
        life.now = NOW + 7 * 3_600
        life.tell(False)
        assert [one.kind for one in life.told] == ["firing"]


def test_what_says_more_inhibits_what_says_less_of_the_same() -> None:
    rules = {"big": Rule("big", "spike", inhibits=("small",)), "small": Rule("small", "count")}

    def alert(rule: str, **labels: str) -> Alert:
        return Alert(1, rule, "", labels, "page", FIRING, NOW, NOW, NOW)

    here = alert("small", topic="acme", lang="fr")
    assert cycle.inhibited(here, [alert("big", topic="acme")], rules) == "big"
    assert cycle.inhibited(here, [alert("big")], rules) == "big"
    assert cycle.inhibited(here, [alert("big", topic="rival")], rules) == ""
    assert cycle.inhibited(here, [replace(alert("big", topic="acme"), state=RESOLVED)], rules) == ""
    assert cycle.inhibited(alert("big"), [here], rules) == ""
