"""Rules over a real store: what arrives is counted, and what is history, own, noise or dismissed is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from listen import service
from listen.alerts import past
from listen.alerts.cycle import Notice
from listen.alerts.engine import Engine
from listen.alerts.leaps import PATIENCE
from listen.alerts.replay import NoReplay, replay
from listen.alerts.rules import CROWDED, Rule, read, told
from listen.alerts.told import crowded
from listen.insight.objectives import Progress
from listen.model import Author
from listen.store import alerts, outbox, sqlite
from listen.store.alerts import Alert
from listen.store.mirror import ChannelUpdate
from listen.store.outbox import Draft
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import Desk, Turned, fast, make_post

HOUR = 3_600


@dataclass
class Watch:
    """A store, a clock, and an engine that can be thrown away and made anew."""

    desk: Desk
    path: Path
    clock: Turned
    rules: list[Rule]
    sent: list[Notice] = field(default_factory=list)
    number: int = 0

    def start(self) -> None:
        """As the collector does: configure, then read the past of what is watched."""
        self.engine = Engine(lambda connection, notices, now: self.sent.extend(notices))
        self.desk.writer.remembers = True
        self.engine.configure(self.desk.writer, self.rules)
        self.turn()
        self.learn()

    def learn(self) -> None:
        with Reader(self.path) as reader:
            for one in self.engine.unread():
                self.engine.learn(one.rule, *past.of_rule(reader, one.rule, one.since, self.clock.now()))

    def turn(self, after: float = 0.0) -> list[Notice]:
        self.clock.at += after
        return self.engine.turn(self.desk.writer)

    def say(self, n: int = 1, text: str = "acme is bad", **more: Any) -> list[int]:
        """So many mentions arrive now, each by somebody else and a story of its own."""
        quiet = more.pop("quiet", False)
        topics = {self.desk.topics["acme"]: -600}
        posts = []
        for _ in range(n):
            self.number += 1
            given: dict[str, Any] = {"author": Author(f"u{self.number}"), "topics": topics, "score": -600}
            posts.append(make_post(f"s{self.number}", f"{text} {self.number}", **(given | more)))
        return self.desk.add(posts, seen_at=int(self.clock.now()), quiet=quiet).new_ids

    def heard(self, start: float, end: float) -> None:
        """All channels are heard in that time."""
        for row in self.desk.channels.values():
            update = ChannelUpdate.well(end, int(end) + 600, (int(start), int(end)))
            self.desk.writer.update_channel(row.id, update)

    def alerts(self) -> list[Alert]:
        return alerts.alerts(self.desk.connection)

    def states(self) -> list[tuple[str, str]]:
        return [(one.instance, one.standing) for one in self.alerts()]


@pytest.fixture
def watch(desk: Desk, store_path: Path, clock: Turned) -> Iterator[Watch]:
    made = Watch(desk, store_path, clock, [])
    yield made
    made.engine.close()


def rule(when: str, **more: Any) -> Rule:
    return Rule("r", when, **({"query": "topic:acme"} | more))


def test_after_a_restart_and_another_desk_the_instances_are_what_they_would_be(watch: Watch) -> None:
    watch.desk.writer.sync_desks([service.Desk("care", "intent:complaint")])
    watch.rules = [rule("count", at_least=4, per=("desk", "intent"))]
    watch.start()
    watch.say(3, intents="complaint churn")
    watch.turn()
    watch.start()
    assert not watch.states()
    watch.say(1, intents="complaint", quiet=True)
    watch.say(1, intents="complaint")
    watch.turn(1)
    assert watch.states() == [("desk:care intent:complaint", "firing")]
    watch.desk.writer.sync_desks([service.Desk("care", "intent:complaint"), service.Desk("loss", "intent:churn")])
    watch.engine.configure(watch.desk.writer, watch.rules)
    watch.turn(1)
    watch.learn()
    watch.say(1, intents="churn")
    watch.turn(1)
    assert watch.states() == [("desk:loss intent:churn", "firing"), ("desk:care intent:complaint", "firing")]


def promised(name: str, met: bool | None, risk: str = "") -> Progress:
    short = "74 % ± 4: short by 6"
    return Progress(
        name, "recovery", "> 80 %", "", date(2026, 12, 24), 0.74, 0.7, 0.78, 99, met, 0.5, (), None, short, risk=risk
    )


def test_an_objective_that_is_about_to_be_missed_is_told_until_it_is_not(watch: Watch) -> None:
    watch.rules = [Rule("r", "objective", objectives=("care", "mood"), repeat=7 * 86_400.0)]
    watch.start()
    assert not watch.turn(60), "nobody has looked yet"
    watch.engine.heed(
        [promised("care", False, "little time is left"), promised("mood", False), promised("x", False, "y")]
    )
    (notice,) = watch.turn(60)
    (one,) = notice.alerts
    assert (one.instance, dict(one.labels)) == ("objective:care", {"objective": "care"})
    assert one.evidence["text"] == "care: 74 % ± 4: short by 6; little time is left; the target is > 80 % by 2026-12-24"
    watch.engine.heed([promised("care", None), promised("mood", None)])
    assert not watch.turn(HOUR), "of what nothing can be said nothing changes"
    assert watch.states() == [("objective:care", "firing")]
    watch.engine.close()
    watch.start()
    assert not watch.turn(HOUR), "after a restart it stands until somebody has looked"
    watch.engine.heed([promised("care", True), promised("mood", True)])
    assert [one.kind for one in watch.turn(HOUR)] == ["resolved"]
    with Reader(watch.path) as reader, pytest.raises(NoReplay, match="how things stood"):
        replay(reader, watch.rules[0], 0.0, watch.clock.now())


def test_a_match_is_told_at_once_and_more_of_them_together(watch: Watch) -> None:
    watch.say(3)  # before the rule was there
    watch.rules = [rule("match", query="topic:acme recall", severity="page", group_interval=300)]
    watch.start()
    watch.say(2, "all is well")
    assert not watch.turn()
    watch.say(1, "a recall", quiet=True)
    watch.say(1, "a recall", state="deleted")
    assert not watch.turn()
    found = watch.say(1, "a recall")
    (notice,) = watch.turn()
    assert (notice.kind, notice.severity, notice.alerts[0].evidence["mentions"]) == ("firing", "page", found)
    watch.say(2, "a recall")
    assert not watch.turn(60)
    (more,) = watch.turn(300)
    assert (more.kind, more.alerts[0].evidence["count"]) == ("firing", 3)
    assert more.key != notice.key
    assert [one.kind for one in watch.turn(2 * HOUR)] == ["resolved"]
    assert watch.states() == [("", "resolved")]


def test_own_noise_and_dismissed_mentions_do_not_count(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=4)]
    watch.desk.writer.sync_accounts({"we": ["@us"]})
    watch.start()
    ids = watch.say(5)
    watch.say(3, author=Author("us"))
    with Triage(watch.path, "ana", watch.clock) as ana:
        ana.set_status(ids[:1], "dismissed")
        ana.call_noise(ids[1:2], True)
    assert not watch.turn()
    watch.say(1)
    (notice,) = watch.turn()
    assert notice.alerts[0].evidence["count"] == 4
    with Triage(watch.path, "ana", watch.clock) as ana:
        ana.set_status(ids[2:3], "dismissed")
    assert [one.kind for one in watch.turn(400)] == ["resolved"]


def test_instances_are_told_apart_and_a_story_is_one_voice(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=2, per=("lang",), authors=2, stories=2)]
    watch.start()
    watch.say(2, lang="fr")
    watch.say(1, lang="de")
    text = "the very same press release about acme and its batteries, word for word, as the agency has sent it"
    watch.desk.add(
        [
            make_post(f"c{n}", text, lang="es", author=Author(f"p{n}"), topics={watch.desk.topics["acme"]: -600})
            for n in range(4)
        ]
    )
    watch.turn()
    assert watch.states() == [("lang:fr", "firing")]
    assert watch.alerts()[0].labels == {"lang": "fr"}


def weeks(watch: Watch, n: int, each: int = 2) -> None:
    """So many mentions in every hour of the same day of earlier weeks, all of it heard."""
    now = watch.clock.at
    watch.heard(now - 5 * 7 * 86_400, now)
    for week in range(1, n + 1):
        for hour in range(-3, 4):
            watch.clock.at = now - week * 7 * 86_400 + hour * HOUR + 60
            watch.say(each)
    watch.clock.at = now


def test_a_spike_wants_more_than_chance_and_tells_its_arithmetic(watch: Watch) -> None:
    weeks(watch, 4)
    watch.rules = [rule("spike", for_=600, mentions=5, authors=3, stories=2, coverage=0.8, resolve_after=600)]
    watch.start()
    watch.say(3)
    watch.turn()
    assert not watch.alerts()
    watch.say(20, "acme batteries burn")
    watch.turn()
    assert watch.states() == [("", "pending")]
    watch.heard(watch.clock.at, watch.clock.at + 700)
    (notice,) = watch.turn(700)
    told = notice.alerts[0].evidence
    assert told["text"] == (
        "23 in the hour, expected 0.7 ± 0.9 (the same hours of earlier weeks), 23 authors, 23 stories, coverage 100 %"
    )
    assert len(told["mentions"]) == 3
    assert "burn" in told["words"]
    watch.heard(watch.clock.at, watch.clock.at + 4_000)
    assert [one.kind for one in watch.turn(4_000)] == ["resolved"]


def test_what_was_not_heard_holds_a_spike_and_is_no_silence(watch: Watch) -> None:
    weeks(watch, 4)
    watch.rules = [
        rule("spike", mentions=5, coverage=0.8),
        replace(rule("silence", window=6.0 * HOUR, coverage=0.8), name="hush"),
    ]
    watch.start()
    watch.turn(9 * HOUR)
    watch.say(30)
    watch.turn(2)
    assert not watch.alerts()
    assert "0 % of 6 h was heard" in str(watch.desk.writer.state("alerts_held"))
    with watch.desk.writer.transaction():
        watch.desk.connection.execute("UPDATE coverage SET seconds = 3600")
    watch.heard(watch.clock.at - 9 * HOUR, watch.clock.at + 120)
    watch.turn(120)
    assert [one.rule for one in watch.alerts()] == ["r"]
    watch.heard(watch.clock.at, watch.clock.at + 7 * HOUR)
    watch.turn(7 * HOUR)
    assert {one.rule: one.state for one in watch.alerts()} == {"r": "resolved", "hush": "firing"}


def test_what_waited_while_we_were_deaf_is_no_spike_and_yet_a_match(watch: Watch) -> None:
    weeks(watch, 4)
    watch.rules = [rule("spike", mentions=5, coverage=0.8), replace(rule("match", window=24.0 * HOUR), name="each")]
    watch.start()
    watch.clock.at += 12 * HOUR
    now = int(watch.clock.at)
    for hour in range(1, 11):
        watch.say(3, published_at=now - hour * HOUR)
    watch.heard(now - 12 * HOUR, now)
    watch.turn(1)
    assert [one.rule for one in watch.alerts()] == ["each"]
    watch.heard(now, now + 120)
    watch.turn(120)
    watch.say(20)
    watch.turn(1)
    assert {one.rule for one in watch.alerts()} == {"each", "r"}


def test_a_share_has_a_floor(watch: Watch) -> None:
    watch.rules = [rule("share", query="sentiment:neg", of="topic:acme", threshold=0.5, mentions=8)]
    watch.start()
    watch.say(4)
    watch.turn()
    assert not watch.alerts()
    watch.say(4, score=600)
    (notice,) = watch.turn()
    assert notice.alerts[0].evidence["text"].startswith("50 % in the hour (4 of 8), 50 % is much")
    watch.say(1, score=600)
    assert watch.turn(1) == []
    assert watch.states() == [("", "resolved")]


def test_one_story_and_one_post_go_viral(watch: Watch) -> None:
    watch.rules = [rule("growth", at_least=3, gained=100, authors=3)]
    watch.start()
    text = "the very same press release about acme and its batteries, word for word, as the agency has sent it"
    for n in range(3):
        topics = {watch.desk.topics["acme"]: -600}
        watch.desk.add([make_post(f"c{n}", text, author=Author(f"p{n}"), topics=topics)], seen_at=int(watch.clock.at))
        watch.turn(30)
    ((story, _),) = watch.states()
    assert story.startswith("story:")
    watch.say(1, likes=3)
    watch.turn(30)
    again = make_post(f"s{watch.number}", f"acme is bad {watch.number}", author=Author(f"u{watch.number}"), likes=203,
                      topics={watch.desk.topics["acme"]: -600}, score=-600)  # fmt: skip
    watch.desk.add([again], seen_at=int(watch.clock.at))
    watch.turn(30)
    assert {one.instance.partition(":")[0] for one in watch.alerts()} == {"story", "counts of mention"}
    watch.engine.close()
    watch.start()
    watch.turn(2)
    assert {one.state for one in watch.alerts()} == {"firing"}, "the next collector knows of them, too"
    watch.turn(2 * HOUR)
    watch.turn(2 * PATIENCE)
    assert {one.state for one in watch.alerts()} == {"resolved"}


def test_a_broken_promise_and_a_dead_source_fire_and_clear(watch: Watch) -> None:
    from listen.service import Desk as Service

    watch.desk.writer.sync_desks([Service("care", "topic:acme", 1_800.0)])
    watch.rules = [
        Rule("late", "late", at_least=2, desk=("care",)),
        Rule("deaf", "source", fares=("dead", "quiet")),
    ]
    watch.start()
    ids = watch.say(2)
    watch.turn(60)
    assert not watch.alerts()
    with watch.desk.writer.transaction():
        watch.desk.connection.execute("UPDATE channels SET fare = 'dead', fare_words = 'gone' WHERE key = 'a1'")
    watch.turn(HOUR)
    found = {one.rule: one for one in watch.alerts()}
    assert found["late"].evidence["text"] == "2 late at care, 2 are too many"
    assert found["deaf"].labels == {"source": "a", "channel": "first"}
    with Triage(watch.path, "ana", watch.clock) as ana:
        ana.set_status(ids, "answered")
    with watch.desk.writer.transaction():
        watch.desk.connection.execute("UPDATE channels SET fare = NULL")
    watch.turn(60)
    assert {one.state for one in watch.alerts()} == {"resolved"}


def test_acknowledged_is_told_no_more_and_silenced_not_at_all(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=2, window=6.0 * HOUR, repeat=HOUR)]
    watch.start()
    with Triage(watch.path, "ana", watch.clock) as ana:
        number, _ = ana.silence(watch.clock.at + 600, "TV ad", query="topic:acme")
        watch.say(3)
        assert not watch.turn(1)
        assert watch.alerts()[0].muted == f"silence {number}"
        assert [one.kind for one in watch.turn(700)] == ["firing"]
        assert [one.kind for one in watch.turn(HOUR)] == ["repeat"]
        ana.acknowledge([watch.alerts()[0].id], "on it")
        assert not watch.turn(2 * HOUR)
        assert watch.states() == [("", "acknowledged")]
        assert not watch.turn(6 * HOUR), "what was said meanwhile is awaited"
        assert [one.kind for one in watch.turn(2 * PATIENCE)] == ["resolved"]
    events = alerts.events(watch.desk.connection, 1)
    assert [one.what for one in events] == ["firing", "told", "told", "acknowledged", "resolved", "told"]


def test_a_crash_at_any_moment_loses_nothing_and_counts_nothing_twice(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=4, for_=60, group_interval=300)]
    watch.start()
    watch.say(2)
    watch.turn()
    watch.engine.close()
    watch.say(2)  # stored, and nobody has looked
    watch.desk.connection.close()
    watch.desk.writer = Writer(fast(sqlite.connect_writer(watch.path)), watch.clock)
    watch.desk.writer.claim()
    watch.start()
    watch.turn(1)
    assert watch.states() == [("", "pending")]
    watch.engine.close()
    watch.start()
    (notice,) = watch.turn(61)
    assert notice.alerts[0].evidence["count"] == 4
    watch.engine.close()
    watch.start()
    assert not watch.turn(1)
    assert [one.key for one in watch.sent] == [notice.key]


def test_an_instance_of_which_nothing_is_left_resolves_in_time(watch: Watch) -> None:
    watch.rules = [
        rule("count", at_least=2, per=("lang",), resolve_after=600),
        replace(rule("match", window=6.0 * HOUR), name="each"),
    ]
    watch.start()
    watch.say(2, lang="fr")
    watch.turn()
    watch.engine.close()
    watch.start()
    watch.turn(60)
    assert {one.state for one in watch.alerts()} == {"firing"}
    assert len(watch.sent) == 2
    for _ in range(3):
        watch.turn(HOUR)
    assert {one.rule: one.state for one in watch.alerts()} == {"r": "resolved", "each": "firing"}


def test_what_was_over_for_more_than_a_year_goes_with_its_letters(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=2, per=("lang",), resolve_after=600)]
    watch.start()
    watch.say(2, lang="fr")
    watch.turn()
    now = watch.clock.now()
    with watch.desk.writer.transaction():
        drafts = [Draft(key, "duty", key, "r", "firing", "warn", (1,), {}, now) for key in ("sent", "waiting")]
        outbox.put(watch.desk.connection, drafts, now)
        outbox.mark_sent(watch.desk.connection, [outbox.due(watch.desk.connection, "duty", now)[0].id], now)
    for _ in range(3):
        watch.turn(HOUR)
    assert [one.state for one in watch.alerts()] == ["resolved"]
    watch.turn(401 * 86_400)
    watch.clock.at += HOUR
    watch.say(2, lang="de")
    watch.turn()
    assert [one.instance for one in watch.alerts()] == ["lang:de"]
    assert watch.desk.rows("SELECT key FROM outbox") == [("waiting",)]


def test_that_instances_are_left_out_is_said_and_logged_once(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("listen.alerts.watched.INSTANCES", 2)
    watch.rules = [rule("count", at_least=1, per=("lang",), window=1_800.0)]
    watch.start()

    def crowds() -> list[str]:
        with Reader(watch.path) as reader:
            return crowded(reader)

    for lang in ("fr", "de"):
        watch.say(1, lang=lang)
    watch.turn(1)
    assert not crowds()
    for _ in range(3):
        watch.say(1, lang="es")
        watch.turn(1)
    assert {one.instance for one in watch.alerts()} == {"lang:fr", "lang:de"}
    assert crowds() == ["r"]
    assert [one.levelname for one in caplog.records if CROWDED in one.getMessage()] == ["WARNING"]
    watch.turn(HOUR)
    watch.turn(1)
    assert not crowds()


def test_a_transaction_that_fails_changes_nothing(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=2)]
    watch.start()
    watch.say(2)

    def full(*_: object) -> None:
        raise OSError("no room")

    put, watch.engine._put = watch.engine._put, full
    with pytest.raises(OSError, match="no room"):
        watch.turn()
    assert not watch.alerts()
    watch.engine._put = put
    assert [one.kind for one in watch.turn(1)] == ["firing"]
    assert watch.states() == [("", "firing")]


def test_rules_that_change_keep_what_they_know_and_those_that_go_are_closed(watch: Watch) -> None:
    watch.rules = [rule("count", at_least=2)]
    watch.start()
    watch.say(2)
    watch.turn()
    watch.engine.configure(watch.desk.writer, [replace(watch.rules[0], severity="page")])
    assert not watch.engine.unread()
    watch.turn(1)
    assert [(one.severity, one.state) for one in watch.alerts()] == [("page", "firing")]
    bad = replace(watch.rules[0], name="bad", query="view:nothing (")
    watch.engine.configure(watch.desk.writer, [bad])
    watch.turn(1)
    assert watch.states() == [("", "resolved")]
    assert "bad" in watch.engine.faults
    assert read(told(watch.rules)) == tuple(watch.rules)
