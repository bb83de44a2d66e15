"""The collector over HTTP on loopback: what it stores, what it says of failing sources, and that it stays alive."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.collect import collector as collecting_module
from listen.collect import disk, lock, outside, schedule
from listen.collect.workshop import Workshop
from listen.store import audit, requests, sqlite, write
from listen.store.read import Reader
from listen.store.triage import Triage
from sources.base import Post, Reject
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, item, rows, rss, source
from tests.collect.server import Reply, Server

MENTIONS = "SELECT external_id, title, text, score, unscored FROM mentions ORDER BY id"
MATCHES = (
    "SELECT m.title, t.name, x.score FROM matches x JOIN mentions m ON m.id = x.mention_id "
    "JOIN topics t ON t.id = x.topic_id"
)
BY_SOURCE = (
    "SELECT s.name, c.errors, c.error_reason, c.error, c.error_remedy, c.next_at FROM channels c "
    "JOIN sources s ON s.id = c.source_id"
)
HEALTH = "SELECT errors, error_reason, error, error_remedy, next_at, etag, body_hash FROM channels WHERE label LIKE ?"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "listen.db"


async def test_a_feed_becomes_mentions_with_topics_scores_and_health(store: Path, server: Server) -> None:
    server.on(
        "/feed", Reply(body=rss(item(1, "I love the acme battery"), item(2, "Nothing to see")), headers={"ETag": '"a"'})
    )
    async with collecting(config(store, source("press", server.url("/feed")))) as run:
        await run.until(lambda: run.of("page"))
        assert len(run.of("ready")) == 1
    page = run.of("page")[0]
    assert (page.source, page.new, page.again, page.rejects) == ("press", 2, 0, 0)
    found = {row[1]: row for row in rows(store, MENTIONS)}
    assert found["Post 1"][3] > 500
    ((title, topic, toward),) = rows(store, MATCHES)
    assert (title, topic) == ("Post 1", "acme")
    assert 500 < toward < found["Post 1"][3], "the praise is some words away from the name"
    ((errors, reason, _, _, next_at, etag, digest),) = rows(store, HEALTH, "%feed")
    assert (errors, reason, etag) == (0, None, '"a"')
    assert digest
    assert next_at > page.at
    assert rows(store, "SELECT value FROM state WHERE name = 'collector'") == []


async def test_an_unchanged_feed_is_not_parsed(store: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    body = rss(item(1))
    server.on("/same", Reply(body=body))
    server.on("/validated", Reply(body=body, headers={"ETag": 'W/"v 1"'}), Reply(304))
    read: list[str] = []
    parse = Workshop.parse

    async def counted(self: object, adapter: str, channel: object, *rest: object) -> object:
        read.append(channel.label)  # type: ignore[attr-defined]
        return await parse(self, adapter, channel, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Workshop, "parse", counted)
    both = config(store, source("a", server.url("/same")), source("b", server.url("/validated")))
    async with collecting(both, TurnedClock()) as run:
        await run.until(lambda: len(run.of("unchanged", "a")) >= 2 and len(run.of("unchanged", "b")) >= 2)
    assert sorted(label.rpartition("/")[2] for label in read) == ["same", "validated"]
    asked = [seen.headers.get("if-none-match") for seen in server.seen if seen.path == "/validated"]
    assert asked[:2] == [None, 'W/"v 1"']
    assert rows(store, "SELECT count(*) FROM mentions") == [(2,)]
    assert rows(store, "SELECT count(*) FROM coverage")[0][0] > 0


async def test_the_same_posts_again_make_no_second_mention(store: Path, server: Server) -> None:
    def feed(comment: str) -> Reply:
        odd = "<item><title>no guid</title><link>http://x.test/c</link></item><item><title>neither</title></item><item></item>"
        twice = item(1, title="first").replace("/1<", "/a<") + item(1, title="second").replace("/1<", "/b<")
        return Reply(body=rss(item(7), odd, twice, head=f"<!-- {comment} -->"))

    server.on("/feed", feed("1"), feed("2"), feed("3"))
    async with collecting(config(store, source("press", server.url("/feed"))), TurnedClock()) as run:
        await run.until(lambda: len(run.of("page")) >= 3)
    first, second, third = run.of("page")[:3]
    assert first.new == 5
    assert first.rejects == 1
    assert (second.new, third.new) == (0, 0)
    assert rows(store, "SELECT count(*) FROM mentions") == [(5,)]
    assert rows(store, "SELECT seen FROM rejects") == [(3,)]


async def test_of_a_feed_that_gains_a_post_only_that_one_is_prepared(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []
    prepare = Workshop.prepare

    async def counted(self: Workshop, posts: list[Post], *rest: object) -> object:
        prepared.extend(post.title or "" for post in posts)
        return await prepare(self, posts, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Workshop, "prepare", counted)
    old, newer, edited = item(1), item(2), item(1, "It is the acme battery that we like")
    server.on("/feed", Reply(body=rss(old)), Reply(body=rss(newer, old)), Reply(body=rss(newer, edited)))
    async with collecting(config(store, source("press", server.url("/feed"))), TurnedClock()) as run:
        await run.until(lambda: len(run.of("page")) >= 3)
    assert prepared[:3] == ["Post 1", "Post 2", "Post 1"]
    assert [(page.new, page.again) for page in run.of("page")[:3]] == [(1, 0), (1, 1), (0, 2)]
    assert rows(store, "SELECT text FROM mentions ORDER BY id") == [
        ("It is the acme battery that we like",),
        ("We like the acme battery",),
    ]


async def test_a_source_that_fails_says_why_and_spares_the_others(store: Path, server: Server) -> None:
    server.on("/good", Reply(body=rss(item(1))))
    server.on(
        "/page", Reply(body=b"<!doctype html><title>Moved</title><p>Hello", headers={"Content-Type": "text/html"})
    )
    server.on("/gone", Reply(410))
    server.on("/broken", Reply(body=b"<rss><channel><item><title>a</ti"))
    failing = ("page", "gone", "broken", "absent")
    every = [source(name, server.url(f"/{name}")) for name in ("good", *failing)]
    private = source("private", server.url("/good"), allow_private=())
    nowhere = source("nowhere", "ftp://x.test/")
    async with collecting(config(store, *every, private, nowhere)) as run:
        await run.until(lambda: run.of("page", "good") and all(run.of("error", name) for name in (*failing, "private")))
    assert rows(store, "SELECT count(*) FROM mentions") == [(1,)]
    health = {name: row for name, *row in rows(store, BY_SOURCE)}
    assert health["good"][0] == 0
    for name in (*failing, "private", "nowhere"):
        errors, reason, message, remedy, _ = health[name]
        assert errors == 1, name
        assert reason, name
        assert message, name
        assert remedy, name
    assert health["gone"][1] == "gone"
    assert health["gone"][4] == health["nowhere"][4] == schedule.NEVER
    assert health["absent"][1] == "http-404"
    assert health["private"][1] == "private-address"


async def test_failures_are_counted_and_come_less_and_less_often_until_one_answer_is_good(
    store: Path, server: Server
) -> None:
    bad, good = Reply(body=b"<html>", headers={"ETag": '"bad"'}), Reply(body=rss(item(1)), headers={"ETag": '"good"'})
    server.on("/feed", bad, bad, bad, bad, good)
    clock = TurnedClock()
    async with collecting(config(store, source("press", server.url("/feed"))), clock) as run:
        await run.until(lambda: run.of("page"))
    times = [event.at for event in run.events if event.kind in ("error", "page")]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert all(later > 1.9 * earlier for earlier, later in itertools.pairwise(gaps))
    assert 54 <= gaps[0] <= 67
    # The validators of an answer that was no use are never sent: "not modified" would hide the good one.
    assert [seen.headers.get("if-none-match") for seen in server.seen[:5]] == [None] * 5
    assert rows(store, HEALTH, "%feed")[0][:4] == (0, None, None, None)


async def test_a_pause_that_a_host_asked_for_outlives_the_collector(store: Path, server: Server) -> None:
    server.on("/feed", Reply(429, headers={"Retry-After": "7200"}))
    server.on("/other", Reply(body=rss(item(1))))
    begun = TurnedClock()

    class Still(TurnedClock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(3600)

    async with collecting(config(store, source("a", server.url("/feed"))), Still()) as run:
        await run.until(lambda: run.of("error"))
    assert rows(store, HEALTH, "%feed")[0][4] >= begun.now() + 7200
    asked = len(server.seen)
    again = config(store, source("a", server.url("/feed")), source("b", server.url("/other")))
    async with collecting(again, Still(begun.now() + 3600)) as run:
        await run.until(lambda: run.of("waiting", "b"))
    assert len(server.seen) == asked


async def test_a_channel_that_waits_for_its_host_says_so(store: Path, server: Server) -> None:
    server.on("/busy", Reply(429, headers={"Retry-After": "120"}))
    server.on("/good", Reply(body=rss(item(1))))
    busy, good = source("busy", server.url("/busy")), source("good", server.url("/good"))
    async with collecting(config(store, busy)) as run:
        await run.until(lambda: run.of("error", "busy"))
    server.on("/busy", Reply(body=rss(item(2))))  # once the pause is over nobody asks for another
    clock = TurnedClock(time.time())
    async with collecting(config(store, busy, good), clock) as run:
        await run.until(lambda: run.of("waiting", "good"))
        errors, reason, message, remedy, _ = next(row[1:] for row in rows(store, BY_SOURCE) if row[0] == "good")
        assert (errors, reason) == (0, "waiting")
        assert "asked us to pause (http-429)" in message
        assert remedy
        await run.until(lambda: run.of("page", "good"))
    assert next(row[1:4] for row in rows(store, BY_SOURCE) if row[0] == "good") == (0, None, None)


class SetClock(SystemClock):
    """The machine's time, as somebody has set it."""

    off = 0.0

    def now(self) -> float:
        return super().now() + self.off


async def test_a_clock_that_is_set_back_stops_nothing(store: Path, server: Server) -> None:
    server.on("/feed", Reply(body=rss(item(1))), Reply(body=rss(item(2))), Reply(body=rss(item(3))))
    asked = config(store, source("press", server.url("/feed"), every=2.0))
    clock = SetClock()
    async with collecting(asked, clock) as run:
        await run.until(lambda: run.of("page"))
        clock.off = -30 * 86_400
        await run.until(lambda: len(run.of("page")) == 2, 20)
    clock.off = -60 * 86_400
    async with collecting(asked, clock) as run:
        await run.until(lambda: run.of("page"), 20)
    assert rows(store, "SELECT count(*) FROM mentions") == [(3,)]
    assert list(audit.problems(store, deep=True)) == []


async def test_no_key_inside_an_address_is_kept_or_told(store: Path, server: Server, tmp_path: Path) -> None:
    keys = "canary-user:canary%2Dpass", "canary-token"
    plain = server.url(f"/feed?token={keys[1]}&page=2").replace("//", f"//{keys[0]}@")
    (tmp_path / "feeds.opml").write_text(
        f'<opml><body><outline xmlUrl="{plain.replace("&", "&amp;")}1"/></body></opml>'
    )
    wrong = plain.replace("http", "gopher")
    names = {"plain": plain, "list": f"opml:{tmp_path}/feeds.opml", "wrong": wrong}
    server.on("/feed", Reply(body=f"<rss>{plain} broken".encode()))
    async with collecting(config(store, *(source(name, url) for name, url in names.items()))) as run:
        await run.until(lambda: all(run.of("error", name) for name in names))
    assert all(seen.path.startswith("/feed?token=canary-token") for seen in server.seen)
    assert len(server.seen) == 2
    told = repr(run.events) + store.read_bytes().decode("latin-1")  # noqa: ASYNC240 - a small file on this machine
    assert "page=2" in told
    assert "canary" not in told


async def test_a_fresh_channel_is_not_asked_again_after_a_restart(store: Path, server: Server) -> None:
    server.on("/feed", Reply(body=rss(item(1), head="<ttl>90</ttl>")))
    press = config(store, source("press", server.url("/feed")))
    async with collecting(press) as run:
        await run.until(lambda: run.of("page"))
    async with collecting(press) as run:
        await run.until(lambda: run.of("ready"))
        assert run.events[-1].kind == "ready"
    assert len(server.seen) == 1
    ((every, wait),) = rows(store, "SELECT every, next_at - checked_at FROM channels")
    assert every == 5400
    assert 4800 <= wait <= 6000


async def test_only_matched_posts_are_kept_where_that_is_wanted(store: Path, server: Server) -> None:
    server.on("/feed", Reply(body=rss(item(1), item(2, "something else"), item(3, "and another"))))
    async with collecting(config(store, source("hose", server.url("/feed"), keep="matched"))) as run:
        await run.until(lambda: run.of("page"))
    assert (run.of("page")[0].new, run.of("page")[0].dropped) == (1, 2)
    assert rows(store, "SELECT count(*) FROM mentions") == [(1,)]


async def test_posts_beside_a_bad_one_are_stored_and_it_is_set_aside(store: Path, server: Server) -> None:
    server.on("/feed", Reply(body=rss(item(1), "<item></item>", item(2, "x \x00 &#27;]2;PWNED&#7; y"), item(3))))
    async with collecting(config(store, source("press", server.url("/feed")))) as run:
        await run.until(lambda: run.of("page"))
    assert rows(store, "SELECT count(*) FROM mentions") == [(3,)]
    assert rows(store, "SELECT count(*) FROM rejects") == [(1,)]
    assert "\0" not in "".join(str(row) for row in rows(store, MENTIONS))


async def test_posts_that_all_fail_in_our_own_code_are_not_lost(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, broken = Workshop.prepare, [True]

    async def failing(self: object, posts: list[object], *rest: object) -> object:
        if broken:
            broken.clear()
            return [Reject("prepare: NameError: x") for _ in posts]
        return await prepare(self, posts, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Workshop, "prepare", failing)
    server.on("/feed", Reply(body=rss(item(1), item(2))))
    async with collecting(config(store, source("press", server.url("/feed"))), TurnedClock()) as run:
        await run.until(lambda: run.of("page"))
    assert run.of("error")[0].reason == "workshop"
    assert rows(store, "SELECT count(*) FROM mentions") == [(2,)]


async def test_collecting_pauses_when_the_disk_is_almost_full_and_goes_on_by_itself(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = ["the disk is almost full"]
    monkeypatch.setattr(disk, "short_of_room", lambda *_, **__: short[0] if short else "")
    monkeypatch.setattr(collecting_module, "PROBE", 0.1)
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    server.on("/feed", Reply(body=rss(item(1))))
    async with collecting(config(store, source("press", server.url("/feed")))) as run:
        await run.until(lambda: run.of("paused"))
        await run.until(lambda: _problem(store))
        assert _problem(store) == "the disk is almost full"
        assert server.seen == []
        short.clear()
        await run.until(lambda: run.of("page"))
        assert _problem(store) is None
    assert [event.kind for event in run.events[:4]] == ["ready", "paused", "resumed", "page"]


async def test_a_write_that_fails_for_want_of_room_loses_nothing(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "PROBE", 0.1)
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    add, full = write.Writer.add_all, [True]

    def failing(self: write.Writer, *rest: object, **more: object) -> object:
        if full:
            full.clear()
            raise sqlite.StoreFull("no room left to write")
        return add(self, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(write.Writer, "add_all", failing)
    server.on("/feed", Reply(body=rss(item(1), item(2))))
    async with collecting(config(store, source("press", server.url("/feed")))) as run:
        await run.until(lambda: run.of("page"))
    assert [event.kind for event in run.events[:4]] == ["ready", "paused", "resumed", "page"]
    assert rows(store, "SELECT count(*) FROM mentions") == [(2,)]
    assert rows(store, "SELECT errors FROM channels") == [(0,)]


def _problem(store: Path) -> str | None:
    with Reader(store) as reader:
        told = reader.collector()
    return told.problem if told else None


async def test_a_changed_configuration_is_taken_up_and_a_broken_one_is_not(
    store: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    server.on("/one", Reply(body=rss(item(1))))
    server.on("/two", Reply(body=rss(item(2, "veltra is new"))))
    file = tmp_path / "config.toml"
    file.write_text("1")
    one = config(store, source("one", server.url("/one")), files=(file,))
    two = config(
        store, *one.sources.values(), source("two", server.url("/two")), topics={"veltra": "veltra"}, files=(file,)
    )

    def reload() -> object:
        if file.read_text() == "broken":
            raise ValueError("config.toml:3: sources.two: unknown key")
        return two

    async with collecting(one, reload=reload) as run:
        await run.until(lambda: run.of("page", "one"))
        file.write_text("broken")
        await run.until(lambda: run.of("config-error"))
        await run.until(lambda: _problem(store))
        assert "config.toml:3" in (_problem(store) or "")
        file.write_text("two two")
        await run.until(lambda: run.of("page", "two"))
        await run.until(lambda: not _problem(store))
    assert run.of("page", "two")[0].new == 1
    assert rows(store, "SELECT t.name, t.active FROM matches x JOIN topics t ON t.id = x.topic_id ORDER BY t.id") == [
        ("acme", 0),
        ("veltra", 1),
    ]
    assert len(run.of("page", "one")) == 1


async def test_people_can_have_a_source_tried_now(store: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    server.on("/gone", Reply(410), Reply(body=rss(item(1))))

    def outcome(number: int) -> requests.Request:
        found = requests.request(people, number)
        assert found is not None
        return found

    async with collecting(config(store, source("press", server.url("/gone")))) as run:
        await run.until(lambda: run.of("error"))
        people = sqlite.connect_people(store)
        clock = TurnedClock()
        number = requests.ask(people, "try", {"source": "press"}, "ana", clock)
        await run.until(lambda: outcome(number).done_at)
        assert outcome(number).answer == {"channels": 1, "new": 1, "again": 0, "failed": 0, "errors": []}
        unknown = requests.ask(people, "try", {"source": "nobody"}, "ana", clock)
        later = requests.ask(people, "report", {}, "ana", clock)
        await run.until(lambda: outcome(unknown).done_at and outcome(later).done_at)
        assert outcome(unknown).error
        assert "report" in (outcome(later).error or "")
        people.close()


async def test_an_answer_to_a_trial_says_what_went_wrong_and_what_to_do(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    server.on("/gone", Reply(410))
    server.on("/good", Reply(body=rss(item(1), item(2))))
    people_clock = TurnedClock()
    asked = config(store, source("press", server.url("/gone"), server.url("/good"), every=3600.0))
    async with collecting(asked) as run:
        await run.until(lambda: run.of("error") and run.of("page"))
        people = sqlite.connect_people(store)
        number = requests.ask(people, "try", {"source": "press"}, "ana", people_clock)
        await run.until(lambda: requests.request(people, number).done_at)  # type: ignore[union-attr]
        told = requests.request(people, number)
        assert told is not None
        assert told.answer is not None
        assert (told.answer["channels"], told.answer["new"], told.answer["failed"]) == (2, 0, 1)
        (error,) = told.answer["errors"]
        assert "410" in error["error"]
        assert error["remedy"]
        people.close()


async def test_what_is_switched_off_is_left_alone_across_restarts_and_new_configurations(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    for name in ("/one", "/two"):
        server.on(name, Reply(body=rss(item(1))))
    press, other = source("press", server.url("/one"), every=1.0), source("other", server.url("/two"), every=1.0)

    def asked(path: str) -> int:
        return sum(seen.path == path for seen in server.seen)

    async with collecting(config(store, press, other)) as run:
        await run.until(lambda: len(run.of("page")) == 2)
        with Triage(store, "ana", TurnedClock()) as ana:
            assert ana.switch([("press", "")], on=False).text == "switched off"
        await run.until(lambda: store_says(store, "press") == "off")
        seen, before = asked("/two"), asked("/one")
        await run.until(lambda: asked("/two") >= seen + 2)
        assert asked("/one") <= before + 1, "the one that was under way"

        with Triage(store, "ana", TurnedClock()) as ana:
            number = requests.ask(ana.connection, "try", {"source": "press"}, "ana", TurnedClock())
            await run.until(lambda: requests.request(ana.connection, number).done_at)  # type: ignore[union-attr]
            assert "switched off" in (requests.request(ana.connection, number).error or "")  # type: ignore[union-attr]
    before = asked("/one")
    changed = source("press", server.url("/one"), server.url("/three"), every=1.0)
    server.on("/three", Reply(body=rss(item(3))))
    async with collecting(config(store, changed, other)) as run:
        seen = asked("/two")
        await run.until(lambda: asked("/two") >= seen + 2)
        assert asked("/one") == before
        assert not asked("/three"), "a channel that came later is off with its source"
        with Triage(store, "ana", TurnedClock()) as ana:
            assert ana.undo() is not None
        await run.until(lambda: asked("/one") > before and asked("/three"))


def store_says(store: Path, source: str) -> str:
    """The state of a source's first channel."""
    with Reader(store) as reader:
        return next(channel.state for channel in reader.channels() if channel.source == source)


async def test_the_store_says_who_collects_until_it_ends(store: Path, server: Server) -> None:
    async with collecting(config(store)) as run:
        await run.until(lambda: run.of("ready"))
        ((told,),) = rows(store, "SELECT value FROM state WHERE name = 'collector'")
        who = lock.holder(store)
        assert who is not None
        assert (json.loads(told)["pid"], json.loads(told)["who"]) == (who.pid, "ana")
        with pytest.raises(lock.Held, match=str(who.pid)):
            await collecting_module.run(config(store), store, TurnedClock(), signals=False)
    assert lock.holder(store) is None
    assert rows(store, "SELECT value FROM state WHERE name = 'collector'") == []


async def test_the_store_mirrors_the_saved_views_in_their_order(store: Path, server: Server) -> None:
    views = {"in French": {"query": "lang:fr", "queue": False}, "crisis": {"query": "sentiment:neg", "queue": True}}
    async with collecting(config(store, tables={"views": views})) as run:
        await run.until(lambda: run.of("ready"))
        with Reader(store) as reader:
            assert reader.views() == [("in French", "lang:fr", False), ("crisis", "sentiment:neg", True)]
            who = reader.collector()
            assert who is not None
            assert who.who == "ana"


async def test_a_collector_whose_place_was_taken_stops_and_writes_nothing_more(store: Path, server: Server) -> None:
    server.on("/feed", *[Reply(body=rss(item(number))) for number in range(1, 50)])
    clock = TurnedClock()

    async def overtaken() -> None:
        async with collecting(config(store, source("press", server.url("/feed"))), clock) as run:
            await run.until(lambda: run.of("page"))
            usurper.append(write.Writer(sqlite.connect_writer(store), clock))
            usurper[0].claim()
            counts.append(rows(store, "SELECT count(*) FROM mentions"))
            await run.until(lambda: False)

    usurper: list[write.Writer] = []
    counts: list[object] = []
    with pytest.raises(lock.Held):
        await overtaken()
    assert counts == [rows(store, "SELECT count(*) FROM mentions")]
    usurper[0].connection.close()


async def test_many_channels_of_a_slow_host_do_not_keep_others_waiting(
    store: Path, server: Server, other: Server
) -> None:
    async def silent(*_: object) -> None:
        await asyncio.sleep(3600)

    server.on("/silent", silent)
    other.on("/good", Reply(body=rss(item(1))))
    slow = source("slow", *[server.url(f"/silent?{number}") for number in range(20)])
    async with collecting(config(store, slow, source("good", other.url("/good")))) as run:
        await run.until(lambda: run.of("page", "good"))


async def test_a_store_that_is_taken_away_ends_the_collector_loudly(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)

    async def robbed() -> None:
        async with collecting(config(store)) as run:
            await run.until(lambda: run.of("ready"))
            os.rename(store, store.with_name("elsewhere.db"))
            await run.until(lambda: False)

    with pytest.raises(sqlite.StoreError, match=r"moved, replaced or removed"):
        await robbed()


async def test_who_stands_by_takes_over_when_the_other_ends(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "STANDBY", 0.02)
    looks: list[tuple[str, ...]] = []
    monkeypatch.setattr(collecting_module.systemd, "notify", lambda *told: looks.append(told))
    first = lock.CollectorLock(store)
    async with collecting(config(store), standby=True) as run:
        await run.until(lambda: len(looks) > 1)
    assert run.events == []
    async with collecting(config(store), standby=True) as run:
        looks.clear()
        await run.until(lambda: len(looks) > 1)
        assert run.events == []
        first.release()
        await run.until(lambda: run.of("ready"))


def test_a_small_disk_keeps_a_small_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(total: int, free: int) -> None:
        told = type("Usage", (), {"total": total, "free": free})()
        monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: told)

    usage(4 << 20, 1 << 20)
    assert disk.short_of_room(tmp_path / "x.db") == ""
    usage(4 << 20, 100 << 10)
    assert "almost full" in disk.short_of_room(tmp_path / "x.db")
    usage(100 << 30, 70 << 20)
    assert disk.short_of_room(tmp_path / "x.db") == ""
    assert disk.short_of_room(tmp_path / "x.db", resuming=True)
