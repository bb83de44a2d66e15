"""Whoever tells a number of a topic in a window of time tells the same one, whatever was written and taken back."""

from __future__ import annotations

import math
import tempfile
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listen.insight.apart import apart
from listen.insight.brief import TOLD, brief, loudness
from listen.insight.figures import Figures, figures, topic_query
from listen.insight.marks import Mark, effect
from listen.insight.metrics import Scope, measure
from listen.insight.portrait import portrait
from listen.insight.window import HOUR, Window, window
from listen.objectives import METRICS, Objective, target_of
from listen.query import parse
from listen.query.folding import counted
from listen.report.gathering import page
from listen.report.page import Asked
from listen.report.words import Speech
from listen.store import numbers as rollups
from listen.store import rematch, schema, tones
from listen.store.pulse import Numbers
from listen.store.read import Reader
from tests.insight.reckoning import check_figures
from tests.store import test_numbers as life
from tests.store.posts import NOW, Turned
from tests.store.test_rematch import QUERIES

WINDOWS = ("2h", "24h", "27h", "40d")

ACTS = st.one_of(
    life.acts,
    st.tuples(st.just("match"), st.sampled_from(QUERIES)),
    st.tuples(st.just("match"), st.sampled_from(QUERIES)),
    st.tuples(st.just("listen"), st.tuples(st.sampled_from(life.CHANNELS), st.integers(0, 90), st.integers(1, 2_000))),
)


class Life(life.Life):
    """The same life, whose topic `power` is matched anew now and then."""

    def match(self, query: str) -> None:
        self.clock.at += 1
        self.desk.writer.sync_topics([("acme", "acme", "brand"), ("rival", "rival", "competitor"),
                                      ("power", query, "theme")])  # fmt: skip
        for _ in range(3):
            self.desk.writer.idle()

    def listen(self, what: tuple[str, int, int]) -> None:
        """A channel tells that it heard so many hours, up to so many hours ago."""
        channel, until, hours = what
        span = (NOW - (until + hours) * HOUR, NOW - until * HOUR)
        with self.desk.writer.transaction():
            rollups.heard(self.desk.connection, self.desk.channels[channel].id, [span])
            self.desk.connection.execute("UPDATE channels SET good_at = ?, next_at = ?", (NOW, NOW + 60))


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rematch, "STEP", 2)
    monkeypatch.setattr(tones, "STEP", 2)


def test_all_say_the_same_after_whatever_was_done() -> None:
    census = life.Census()

    @given(st.lists(ACTS, min_size=3, max_size=12), st.sampled_from(WINDOWS))
    @settings(
        max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate]
    )
    def lives(acts: list[tuple[str, Any]], written: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "listen.db"
            schema.prepare(path)
            clock = Turned(NOW)
            lived = Life(path, life.open_desk(path, clock), clock)
            with Reader(path) as reader:
                for name, what in (*life.BEGINNING, *acts):
                    lived.act(name, what)
                    reader.pulse(None, 24, now=NOW)  # it remembers hours that are over
                for topic in ("acme", "rival", "power"):
                    check(reader, topic, written)
                check_all(reader)
            check_figures(lived.desk.connection, path, NOW, (written,))
            census.take(lived.desk.connection)
            lived.desk.connection.close()

    lives()
    census.check()


def check(reader: Reader, topic: str, written: str) -> None:
    """All that is told of one topic, against the overview's figures, which are reckoned from single matches, too."""
    span = window(written, NOW)
    found = figures(reader, topic, span, now=NOW)
    assert found is not None
    sides = ((found.numbers, found.stories, span), (found.before, found.stories_before, span.before()))
    for numbers, stories, at in sides:
        assert asked(reader, topic, at) == (numbers[:4], stories), "the query language"
        told = {one.topic: (one.n, one.stories) for one in loudness(reader, at.since, at.until).volumes}
        assert told.get(topic, (0, 0)) == (numbers.n, stories), "the brief"
        assert promised(reader, topic, at) == (numbers.n, numbers.net, share(numbers.neg, numbers.scored)), "objectives"
        assert viewed(reader, topic, at) == numbers[:4], "v_hourly"
        assert spoken(reader, topic, at) == numbers, "people"
    check_mark(reader, found)
    check_expected(reader, found)
    check_shares(reader, found)
    check_report(reader, found)
    check_open(reader, found)


def check_mark(reader: Reader, found: Figures) -> None:
    """A mark where the window begins, told when the window is over."""
    since, until = found.window.since, found.window.until
    mark = Mark(1, since, "TV ad", "ana", None)
    told = effect(reader, mark, found.topic, now=until, span=until - since)
    assert told is not None
    assert (told.before, told.after, told.heard_before) == (found.before, found.numbers, found.coverage_before)


def check_expected(reader: Reader, found: Figures) -> None:
    """What was to be expected of the window so far, and how much of it was heard."""
    volumes, _, heard, heard_from = loudness(reader, found.window.since, NOW)
    assert heard == found.coverage
    assert heard_from == (found.window.since if heard is None else max(found.window.since, found.heard_from))
    usual = next((one.expected for one in volumes if one.topic == found.topic), None)
    steps = [math.nan if one.expected is None else one.expected for one in found.points if one.start < NOW]
    if usual is not None:
        assert usual.mean == pytest.approx(sum(steps))
    else:
        assert not sum(steps) >= TOLD, "as little as that is not told where nothing was said"


def check_shares(reader: Reader, found: Figures) -> None:
    """Share of voice and of who recommends, as charts and objectives tell them."""
    said = {one.name: one.numbers.n for one in found.voice}
    alone = next((one for one in found.voice if one.name == found.topic), None)
    assert ((alone.numbers.n, alone.before) if alone else (0, 0)) == (found.numbers.n, found.before.n)
    assert measured(reader, found.topic, "share_of_voice", found.window) == share(found.numbers.n, sum(said.values()))
    if found.parted:
        both = found.recommend + found.dissuade
        assert measured(reader, found.topic, "recommend_share", found.window) == share(found.recommend, both)


def asked(reader: Reader, topic: str, at: Window) -> tuple[tuple[int, ...], int]:
    """((mentions, negative, positive, scored), stories), each counted by a query that anybody can type."""
    name = topic_query(topic)
    tones = ("", f"toward:{topic}:neg", f"toward:{topic}:pos", f"toward:{topic}:-1..1")
    counts = [counted(parse(f"{name} {at.query()} {tone}")) for tone in tones]
    return (
        tuple(reader.count(one, None, None, now=NOW).n for one in counts),
        reader.count_stories(counts[0], cap=10_000, now=NOW),
    )


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def promised(reader: Reader, topic: str, at: Window) -> tuple[float | None, ...]:
    return tuple(measured(reader, topic, name, at) for name in ("volume", "net_sentiment", "negative_share"))


def measured(reader: Reader, topic: str, metric: str, at: Window) -> float | None:
    objective = Objective("one", metric, target_of("> 0", METRICS[metric].kind), topic=topic)
    return measure(Scope(reader, objective, NOW, patience=60.0), at).value


def viewed(reader: Reader, topic: str, at: Window) -> tuple[int, ...]:
    with reader.snapshot() as connection:
        row = connection.execute(
            "SELECT sum(mentions), sum(negative), sum(positive), sum(negative + neutral + positive) FROM v_hourly "
            "WHERE topic = ? AND hour_unix >= ? AND hour_unix < ?",
            (topic, at.since, at.until),
        ).fetchone()
    return tuple(n or 0 for n in row)


NOBODY = """
SELECT count(*), sum(x.sentiment <= -0.05), sum(x.sentiment >= 0.05), count(x.sentiment), round(sum(x.sentiment * 1000))
FROM v_matches AS x JOIN v_mentions AS m ON m.id = x.mention_id AND m.author IS NULL
WHERE x.counts AND x.topic = ? AND x.time_unix >= ? AND x.time_unix < ?"""


def spoken(reader: Reader, topic: str, at: Window) -> Numbers:
    """What each person said, and what nobody known said."""
    node = counted(parse(f"{topic_query(topic)} {at.query()}"))
    found = reader.voices(node, topic=topic, budget=None, now=NOW)
    total = Numbers()
    with reader.snapshot() as connection:
        nobody = connection.execute(NOBODY, (topic, at.since, at.until)).fetchone()
        total = Numbers(*(int(n or 0) for n in nobody))
    for one in found.cells:
        total = total.plus(Numbers(one.n, one.neg, one.pos, one.scored, one.total))
    return total


def check_report(reader: Reader, found: Figures) -> None:
    speech = Speech("en", UTC)
    told = page(reader, Asked(found.topic, found.window, found.window.before(), speech, "UTC", NOW))
    assert told is not None
    for head, numbers, stories in (
        (told.head, found.numbers, found.stories),
        (told.before, found.before, found.stories_before),
    ):
        assert (head.n, head.stories, head.net.value) == (numbers.n, stories, numbers.net)
        assert head.negative == share(numbers.neg, numbers.scored)
    assert [one.numbers for one in told.figures.points] == [one.numbers for one in found.points]
    assert told.head.coverage == found.coverage


def check_open(reader: Reader, found: Figures) -> None:
    """Where the window reaches up to now: the side pane and the list of topics."""
    hours = (NOW // HOUR * HOUR + HOUR - found.window.since) // HOUR
    pulse = reader.pulse(found.topic, hours, now=NOW)
    assert pulse is not None
    assert (pulse.numbers, pulse.stories) == (found.numbers, found.stories)
    day = figures(reader, found.topic, window("24h", NOW), now=NOW)
    assert day is not None
    (listed,) = (one for one in reader.topics(now=NOW) if one.name == found.topic)
    assert (listed.last_day, listed.last_day_stories) == (day.numbers.n, day.stories)
    ever = counted(parse(topic_query(found.topic)))
    assert listed.mentions == reader.count(ever, None, None, now=NOW).n
    (talk,) = (one for one in reader.talk(now=NOW) if one.name == found.topic)
    assert talk.last_hour == reader.numbers_between(found.topic, NOW - HOUR, 1 << 40).n
    waits = reader.count(counted(parse(f"{topic_query(found.topic)} status:new")), None, None, now=NOW).n
    assert reader.waiting()[found.topic] == listed.new == talk.new == waits, "the status line"
    assert listed.stories == reader.count_stories(ever, cap=10_000, now=NOW)
    since = reader.numbers_between(found.topic, NOW - 40 * 86_400, 1 << 40)
    about = portrait(reader, found.topic, {}, now=NOW, days=40)
    assert about is not None
    assert (about.total, about.mean) == (since.n, None if since.mean is None else pytest.approx(since.mean / 1000))
    beside = apart(reader, f"{topic_query(found.topic)} since:40d", now=NOW)
    with reader.snapshot() as connection:
        left = connection.execute(LEFT_OUT, (found.topic, NOW - 40 * 86_400)).fetchone()[0]
    assert (about.noise, about.own, sum(beside.values())) == (beside["noise"], beside["own"], left)


LEFT_OUT = "SELECT count(*) FROM v_matches WHERE NOT counts AND topic = ? AND time_unix >= ?"


def check_all(reader: Reader) -> None:
    """All topics and none: the header, against the query language."""
    at = window("24h", NOW)
    pulse = reader.pulse(None, 24, now=NOW)
    assert pulse is not None
    node = counted(parse(at.query()))
    tones = [counted(parse(f"{at.query()} sentiment:{tone}")) for tone in ("neg", "pos", "-1..1")]
    assert pulse.numbers[:4] == tuple(reader.count(one, None, None, now=NOW).n for one in (node, *tones))
    assert pulse.stories == reader.count_stories(node, cap=10_000, now=NOW)
    new = counted(parse("status:new has:topic"))
    assert reader.new_mentions() == reader.count(new, None, None, now=NOW).n, "the status line"
    told = brief(reader, "ana", now=NOW, since=at.since, budget=0.0)
    said = counted(parse(f"has:topic {Window(at.since, NOW, HOUR).query()}"))
    assert told.mentions == reader.count(said, None, None, now=NOW).n
    assert told.told == reader.count_stories(said, cap=10_000, now=NOW)
