"""What the store says at a glance: numbers against slow, obvious sums; arrivals; who collects."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listen import query
from listen.model import EPOCH, Mention, first_id
from listen.store import counted, overview
from listen.store.layout import hour_of
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, make_post
from tests.store.worlds import Story, build, stories


def ids(reader: Reader, written: str, limit: int = 1000) -> list[int]:
    return reader.page(query.parse(written), limit=limit, budget=None, now=NOW).ids


# --- numbers ---------------------------------------------------------------------------------------------------------


def slow_numbers(mentions: list[Mention], topic: str, since: float, until: float) -> Numbers:
    """The same numbers, from the mentions themselves: whole hours, nothing dismissed, nothing of ours, no noise."""
    scores = [
        one.topics[topic]
        for one in mentions
        if topic in one.topics
        and one.status != "dismissed"
        and not one.own
        and not one.noise
        and since - since % 3600 <= one.time < until
    ]
    known = [score for score in scores if score is not None]
    return Numbers(len(scores), sum(s <= -50 for s in known), sum(s >= 50 for s in known), len(known), sum(known))


def topic_numbers(reader: Reader, since: float) -> dict[str, Numbers]:
    """Topic -> its numbers from the hour of `since` (Unix seconds) on."""
    with reader.snapshot() as connection:
        names = dict(connection.execute("SELECT id, name FROM topics WHERE active").fetchall())
        span = counted.Span(hour_of(first_id(since)), counted.EVER.last)
        found = counted.by_topic(connection, names, span)
    return {names[number]: numbers for number, numbers in found.items()}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(told=st.lists(stories(), min_size=20, max_size=40))
def test_numbers_are_those_of_the_mentions(told: list[Story]) -> None:
    topics = ("acme", "Zoé", "rival", "東京")
    with tempfile.TemporaryDirectory() as folder:
        world = build(Path(folder), told)
        with Reader(world.path) as reader:
            for hours in (0, 1, 2, 30, 24 * 45, 24 * 365 * 30):
                since = NOW - 3600 * hours
                wanted = {topic: slow_numbers(world.mentions, topic, since, 1 << 40) for topic in topics}
                assert topic_numbers(reader, since) == wanted
            for topic in topics:
                pulse = reader.pulse(topic, 50, now=NOW)
                assert pulse is not None
                hourly = pulse.hours
                assert [hour.start for hour in hourly] == [NOW - 3600 * n for n in range(49, -1, -1)]
                assert [hour.numbers for hour in hourly] == [
                    slow_numbers(world.mentions, topic, hour.start, hour.start + 3600) for hour in hourly
                ]
            waiting = Counter(name for one in world.mentions if one.status == "new" for name in one.topics or [None])
            assert reader.waiting() == {name: waiting[name] for name in (*topics, None)}
            listed = {topic.name: (topic.mentions, topic.last_day, topic.new) for topic in reader.topics(now=NOW)}
            assert listed == {
                topic: (
                    slow_numbers(world.mentions, topic, EPOCH, 1 << 40).n,
                    slow_numbers(world.mentions, topic, NOW - 23 * 3600, NOW // 3600 * 3600 + 3600).n,
                    waiting[topic],
                )
                for topic in topics
            }


def test_a_dismissal_counts_at_once_and_its_undoing_too(reader: Reader, people: Triage) -> None:
    before = topic_numbers(reader, EPOCH)["acme"]
    found = ids(reader, "topic:acme sentiment:pos")[:4]
    people.set_status(found, "dismissed")
    after = topic_numbers(reader, EPOCH)["acme"]
    assert (after.n, after.pos, after.total) == (before.n - 4, before.pos - 4, before.total - 4 * 700)
    people.undo()
    assert topic_numbers(reader, EPOCH)["acme"] == before


def test_a_correction_counts_at_once_and_stays_when_the_text_is_edited(
    reader: Reader, people: Triage, world: Desk
) -> None:
    before, all_before = topic_numbers(reader, EPOCH)["acme"], reader.pulse(None, 24 * 400, now=NOW)
    (one,) = ids(reader, "topic:acme sentiment:pos")[:1]
    (external_id,) = world.rows("SELECT external_id FROM mentions WHERE id = ?", one)[0]
    people.correct([one], "neg", "acme")
    after, all_after = topic_numbers(reader, EPOCH)["acme"], reader.pulse(None, 24 * 400, now=NOW)
    assert (after.n, after.pos, after.neg) == (before.n, before.pos - 1, before.neg + 1)
    assert after.total == before.total - 700 - 525
    assert all_before is not None
    assert all_after is not None
    assert all_after.numbers.total == all_before.numbers.total - 700 - 525
    assert one in ids(reader, "sentiment:-0.6..-0.5")
    assert ids(reader, "is:corrected") == [one]
    world.add([make_post(external_id, "great", edited_at=NOW, score=900, hits=3, topics={1: 900})])
    (mention,) = reader.mentions([one])
    assert (mention.text, mention.tone, mention.topics) == ("great", "neg", {"acme": -525})
    assert mention.correction is not None
    assert mention.correction.was == 900
    people.set_status([one], "dismissed")
    assert topic_numbers(reader, EPOCH)["acme"].total == before.total - 700
    people.undo()
    people.undo()
    assert ids(reader, "is:corrected") == []
    assert topic_numbers(reader, EPOCH)["acme"].total == before.total + 200


def test_the_mean_of_nothing_is_unknown() -> None:
    assert Numbers(3, 0, 0, 0, 0).mean is None
    assert Numbers(3, 1, 1, 2, 100).mean == 50


def test_queues_are_counted_up_to_a_cap(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "WAITING_CAP", 5)
    assert reader.waiting()["acme"] == 5


# --- what happens ----------------------------------------------------------------------------------------------------


def test_arrivals_are_told_in_order_from_where_one_was(
    reader: Reader, world: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, nothing = reader.arrivals(None)
    assert (at, nothing) == (40, [])
    first = world.add([make_post("n1"), make_post("n0", published_at=NOW - 9_000_000)]).new_ids
    second = world.add([make_post("n2")]).new_ids
    assert reader.arrivals(at) == (43, first + second)
    assert reader.arrivals(43) == (43, [])
    monkeypatch.setattr(overview, "ARRIVALS_AT_ONCE", 2)
    assert reader.arrivals(at) == (42, first)


def test_data_version_moves_when_others_write(reader: Reader, world: Desk) -> None:
    before = reader.data_version()
    assert reader.data_version() == before
    world.add([make_post("n1")])
    assert reader.data_version() != before


def test_who_collects(reader: Reader, world: Desk) -> None:
    who = reader.collector()
    assert who is not None
    assert (who.epoch, who.since, who.heartbeat, who.problem) == (1, NOW, NOW, None)
    world.writer.release()
    assert reader.collector() is None
