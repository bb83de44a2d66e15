"""The demonstration's rules over its week: the crisis, and nothing before it, fires, is explained, and resolves."""

from __future__ import annotations

from pathlib import Path

import pytest

import listen.demo
from listen import config
from listen.alerts import past
from listen.alerts.engine import Engine
from listen.alerts.leaps import looked_back
from listen.alerts.rules import configured
from listen.collect.prepare import Topics, prepare
from listen.collect.wire import Place
from listen.demo.week import CRISIS_DAY, DAYS, week
from listen.model import Tracked
from listen.store import alerts, schema, sqlite
from listen.store.alerts import Alert
from listen.store.mirror import ChannelUpdate
from listen.store.read import Reader
from listen.store.write import Writer
from sources.base import Author, Post
from tests.store.posts import Turned, fast

START = 1_790_000_000
STEP = 1_800
"""Seconds after which each source is asked, unless the clock leaps."""

HOUR, DAY = 3_600, 86_400


def look_back(path: Path, engine: Engine, writer: Writer) -> None:
    """As the collector does behind a turn."""
    now = writer.clock.now()
    while (found := engine.leapt(now)) is not None:
        with Reader(path) as reader:
            engine.recall(writer, found[0], looked_back(reader, *found, now, 1.0, lambda: True))


def played(folder: Path, step: int) -> list[Alert]:
    """The alerts of the week, without its server: all of it is stored and counted in steps of so many seconds."""
    file = folder / "demo.toml"
    template = Path(listen.demo.__file__).with_name("demo.toml").read_text("utf-8")
    file.write_text(template.replace("{base}", "http://127.0.0.1:1"), "utf-8")
    made = config.load(file, store=folder / "d.db")
    schema.prepare(made.store)
    clock = Turned(START)
    writer = Writer(fast(sqlite.connect_writer(made.store)), clock)
    writer.claim()
    names = writer.sync_topics([(one.name, one.query, one.role) for one in made.topics.values()])
    topics = Topics(
        {number: Tracked(made.topics[name].query, name, made.topics[name].role) for name, number in names.items()}
    )
    sources = writer.sync_sources([("social", "feed", {}), ("press", "feed", {})])
    channels = {name: writer.sync_channels(number, [(name, name)])[name].id for name, number in sources.items()}
    engine = Engine()
    writer.remembers = True
    engine.configure(writer, configured(made.tables["alerts"], ""))
    with Reader(made.store) as reader:
        for one in engine.unread():
            engine.learn(one.rule, *past.of_rule(reader, one.rule, one.since, clock.now()))
    waiting = iter([*week(float(START)), None])
    coming = next(waiting)
    while clock.at < START + DAYS * DAY:
        clock.at += step
        said: dict[str, list[Post]] = {name: [] for name in channels}
        while coming is not None and coming.at <= clock.at:
            press = coming.place in ("daily-spoke", "harbour-post", "courrier")
            said["press" if press else "social"].append(
                Post(
                    network="demo", external_id=str(coming.number), text=coming.text, title=coming.title,
                    lang=coming.lang, author=Author(handle=coming.author), published_at=int(coming.at),
                )
            )  # fmt: skip
            coming = next(waiting)
        for name, posts in said.items():
            now = int(clock.at)
            ready = [prepare(post, topics, Place(name, "feed"), clock.at) for post in posts]
            update = ChannelUpdate.well(now, now + STEP, (now - step, now))
            writer.add(channels[name], ready, seen_at=now, update=update)
        engine.turn(writer)
        look_back(made.store, engine, writer)
    engine.close()
    found = sorted(alerts.alerts(writer.connection), key=lambda one: one.id)
    writer.connection.close()
    return found


def test_the_crisis_of_the_fifth_day_fires_is_explained_and_resolves(tmp_path: Path) -> None:
    crisis, found = START + CRISIS_DAY * DAY + 9 * HOUR, played(tmp_path, STEP)
    pages = [one for one in found if one.rule == "bad-buzz"]
    assert pages
    first = pages[0]
    assert first.fired_at is not None
    assert first.resolved_at is not None
    assert crisis < first.fired_at < crisis + 3 * HOUR
    assert first.fired_at < first.resolved_at < crisis + 2 * DAY
    assert all(one.fired_at is not None and one.fired_at > crisis for one in pages), "nothing before it"
    assert len(first.evidence["mentions"]) == 3
    assert "expected" in first.evidence["text"]
    assert any(one.muted == "inhibited by bad-buzz" for one in found if one.rule == "on-fire")


@pytest.mark.parametrize("hours", [14, 35])
def test_the_crisis_fires_with_its_own_times_where_the_clock_leaps_over_it(tmp_path: Path, hours: int) -> None:
    crisis, found = START + CRISIS_DAY * DAY + 9 * HOUR, played(tmp_path, hours * HOUR)
    first = min((one for one in found if one.rule == "bad-buzz"), key=lambda one: one.began_at)
    assert first.fired_at is not None
    assert first.resolved_at is not None
    assert crisis < first.fired_at < crisis + 3 * HOUR
    assert first.fired_at < first.resolved_at < crisis + 2 * DAY
    assert len(first.evidence["mentions"]) == 3
    assert "expected" in first.evidence["text"]
    assert first.told
