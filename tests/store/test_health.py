"""How channels and sources fare, what was set aside, and what people asked."""

from __future__ import annotations

from listen import query
from listen.store import requests
from listen.store.layout import NEVER
from listen.store.mirror import ChannelUpdate
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, Turned, make_post


def test_channels_and_sources_tell_their_health(reader: Reader, world: Desk) -> None:
    bad = ChannelUpdate(
        errors=2, error_reason="http 404", error="not found", error_remedy="look for its new address", error_at=NOW,
        checked_at=NOW, next_at=NOW + 60,
    )  # fmt: skip
    world.writer.update_channel(world.channels["a1"].id, bad)
    world.writer.update_channel(
        world.channels["b1"].id, ChannelUpdate(errors=0, good_at=NOW, checked_at=NOW, rate_left=7)
    )
    world.writer.sync_channels(world.channels["a2"].source_id, [("a1", "first")])
    channels = {channel.key: channel for channel in reader.channels()}
    assert {key: channel.state for key, channel in channels.items()} == {
        "a1": "failing", "a2": "off", "b1": "ok", "b2": "waiting",
    }  # fmt: skip
    a1 = channels["a1"]
    assert (a1.source, a1.adapter, a1.label, a1.error_remedy, a1.next_at) == (
        "a", "feed", "first", "look for its new address", NOW + 60,
    )  # fmt: skip
    assert (a1.mentions, channels["b1"].mentions, channels["b1"].rate_left) == (30, 10, 7)
    a, b = reader.sources()
    assert (a.name, a.adapter, a.channels, a.failing, a.mentions, a.settings) == ("a", "feed", 2, 1, 30, {})
    assert (b.failing, b.good_at, b.new_at, b.active) == (0, NOW, NOW, True)


def test_a_channel_of_a_source_that_is_configured_no_more_is_off(reader: Reader, world: Desk) -> None:
    world.writer.sync_sources([("b", "mastodon", {})])
    assert {channel.source for channel in reader.channels() if not channel.active} == {"a"}
    assert reader.page(query.parse("source:a"), budget=None, now=NOW).ids, "what it heard stays"


def test_coverage_is_the_share_of_time_in_which_a_channel_was_heard(reader: Reader, world: Desk) -> None:
    channel = world.channels["a1"].id
    world.writer.update_channel(channel, ChannelUpdate(heard=(NOW - 3600, NOW - 1800)))
    assert reader.coverage(NOW - 3600, NOW) == {channel: 0.5}
    assert reader.coverage(NOW - 7200, NOW) == {channel: 0.25}


def test_rejects_newest_first_with_where(reader: Reader, world: Desk, clock: Turned) -> None:
    world.writer.add_rejects(world.channels["b1"].id, [("too deep", "nested 5,000 times", "<a><a>")])
    clock.at += 5
    world.writer.add_rejects(None, [("hung", "took 10 s", "<rss>")] * 2)
    first, second = reader.rejects()
    assert (first.reason, first.seen, first.source, first.channel) == ("hung", 2, None, None)
    assert (second.source, second.channel, second.message, second.sample) == (
        "b",
        "first",
        "nested 5,000 times",
        "<a><a>",
    )
    assert len(reader.rejects(1)) == 1
    assert reader.rejects(channel=world.channels["b1"].id) == [second]


def test_a_channel_in_a_word(reader: Reader, world: Desk) -> None:
    failed = ChannelUpdate(errors=1, error="gone", next_at=NEVER)
    world.writer.update_channel(world.channels["a1"].id, failed)
    paused = ChannelUpdate(good_at=NOW, error_reason="waiting", error="its host asked for a pause", next_at=NOW + 60)
    world.writer.update_channel(world.channels["a2"].id, paused)
    world.writer.update_channel(world.channels["b1"].id, ChannelUpdate(good_at=NOW))
    assert {one.key: one.state for one in reader.channels()} == {
        "a1": "stopped", "a2": "waiting", "b1": "ok", "b2": "waiting",
    }  # fmt: skip


def test_what_a_channel_heard_lately(reader: Reader, world: Desk) -> None:
    before = reader.heard_since(NOW)
    world.add([make_post("late", published_at=NOW + 5), make_post("early", published_at=NOW - 90_000)], "b1")
    after = reader.heard_since(NOW)
    channel = world.channels["b1"].id
    assert after[channel] - before.get(channel, 0) == 1


def test_what_became_of_requests(reader: Reader, world: Desk, people: Triage, clock: Turned) -> None:
    mine, other = (requests.ask(people.connection, "try", {}, who, clock) for who in ("ana", "bo"))
    requests.finish(world.connection, mine, clock, answer={"new": 3})
    assert [(one.id, one.answer) for one in reader.requests([mine, 999])] == [(mine, {"new": 3}), (other, None)]
    assert [one.id for one in reader.requests([])] == [other]
