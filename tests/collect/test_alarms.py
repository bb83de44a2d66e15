"""The collector runs the rules: behind each batch, once a second, beside a bad rule, and after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from listen.alerts import engine
from listen.alerts.replay import BrokenOff
from listen.clock import SystemClock
from listen.collect import alarms
from listen.config import alerts as rules
from listen.config.keys import TABLES
from listen.config.values import typed
from listen.store import requests, sqlite
from listen.store.alerts import Alert
from listen.store.read import Reader
from listen.store.requests import Request
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import Run, collecting, config, item, rss, source
from tests.collect.server import Reply, Server


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "listen.db"


def rule(when: str, **more: Any) -> dict[str, Any]:
    """The keys of a rule as they come from the configuration."""
    given = {"when": when, "query": "topic:acme", "severity": "notice", "route": (), "inhibits": (), "enabled": True}
    return rules.completed(given | more)


def dated(number: int, words: str, age: float) -> str:
    date = f"<pubDate>{formatdate(time.time() - age)}</pubDate>"
    return item(number, words).replace("</item>", f"{date}</item>")


def alerts(store: Path) -> list[Alert]:
    with Reader(store) as reader:
        return reader.alerts()


async def replayed(run: Run, store: Path, *names: str, **drafts: dict[str, Any]) -> list[Request]:
    """Ask the collector that runs what these rules, and those that are not saved, would have done in 100 days."""
    clock = SystemClock()
    with contextlib.closing(sqlite.connect_people(store)) as people:
        body = {"since": clock.now() - 100 * 86_400}
        bodies = [*({"rule": name} for name in names), *({"rule": one, "entry": drafts[one]} for one in drafts)]
        numbers = [requests.ask(people, "replay", body | one, "ana", clock) for one in bodies]

        def found() -> list[Request]:
            return [one for number in numbers if (one := requests.request(people, number)) and one.done_at is not None]

        await run.until(lambda: len(found()) == len(numbers))
        return found()


async def test_an_objective_that_was_missed_fires(store: Path, server: Server) -> None:
    server.on("/feed", Reply(body=rss(*(dated(number, f"acme {number}", 60.0) for number in range(6)))))
    keys = typed(TABLES["objectives"].keys, {"metric": "volume", "target": "< 5", "topic": "acme", "by": "2026-01-01"})
    tables = {"alerts": {"missed": rule("objective")}, "objectives": {"calm": keys}}
    async with collecting(config(store, source("press", server.url("/feed")), tables=tables), TurnedClock()) as run:
        await run.until(lambda: any(event.reason == "firing" for event in run.of("alert")))
        (told,) = [event.message for event in run.of("alert")]
    assert told.startswith("missed (objective:calm) fires: calm: 6: missed by 1")
    assert "2026-01-01 is over" in told


async def test_what_arrives_fires_and_the_history_of_a_new_source_does_not(store: Path, server: Server) -> None:
    old = [dated(number, "An acme recall of last year", 90 * 86_400.0) for number in range(5)]
    new = dated(9, "An acme recall", 60.0)
    server.on("/feed", Reply(body=rss(*old)), Reply(body=rss(*old, new)))
    tables = {
        "alerts": {
            "recall": rule("match", query="topic:acme recall", severity="page"),
            "bad": rule("match", query="view:nothing AND ("),
            "many": rule("count", at_least=5),
        }
    }
    made = config(store, source("press", server.url("/feed")), tables=tables)
    async with collecting(made, TurnedClock()) as run:
        await run.until(lambda: any(event.reason == "firing" for event in run.of("alert")))
        assert any("bad cannot be asked" in event.message for event in run.of("alert"))
        (told,) = [event for event in run.of("alert") if event.reason == "firing"]
        assert told.message == "recall fires: 1 in the hour, 1 author, 1 story"
    (one,) = alerts(store)
    assert (one.rule, one.state, one.told, one.severity) == ("recall", "firing", 1, "page")
    # The next collector takes it up where this one was.
    async with collecting(made, TurnedClock()) as run:
        await run.until(lambda: len(run.of("page")) + len(run.of("unchanged")) >= 2)
        assert not [event for event in run.of("alert") if event.reason == "firing"]
        few = {"when": "count", "query": "topic:acme", "window": "1h", "at_least": 1}
        replays = await replayed(run, store, "recall", "bad", "gone", new=few, wrong={**few, "threshold": 0.4})
    assert [one.id for one in alerts(store)] == [one.id]
    good, bad, gone, new, wrong = replays
    assert new.answer is not None
    assert new.answer["firings"]
    assert wrong.error is not None
    assert wrong.error.startswith("threshold: threshold means nothing for when")
    assert good.answer is not None
    assert [firing["instance"] for firing in good.answer["firings"]] == ["", ""]  # history has no arrivals
    assert {one["factor"]: one["firings"] for one in good.answer["thresholds"]}[1.0] == 2
    assert (good.answer["mentions"], sum(good.answer["volume"])) == (6, 6)
    assert bad.error is not None
    assert gone.error == 'no rule "gone" runs; `listen alerts rules` lists those that do'


async def test_a_fault_of_ours_in_the_rules_is_told_once_and_collecting_goes_on(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr(engine, "arrived", broken)
    server.on("/feed", *(Reply(body=rss(*(item(n) for n in range(count)))) for count in range(1, 5)))
    tables = {"alerts": {"many": rule("count", at_least=1)}}
    async with collecting(config(store, source("press", server.url("/feed")), tables=tables), TurnedClock()) as run:
        await run.until(lambda: sum(event.new for event in run.of("page")) >= 4)
    told = [event.message for event in run.of("alert")]
    assert told == ["KeyError in our own code; please report it"]


async def test_a_replay_ends_with_the_collector(store: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def long(*given: Any) -> None:
        begun.set()
        while given[-1]():
            time.sleep(0.01)
        ended.set()
        raise BrokenOff

    monkeypatch.setattr(alarms, "replay", long)
    server.on("/feed", Reply(body=rss(item(1))))
    tables = {"alerts": {"many": rule("count", at_least=1)}}
    async with collecting(config(store, source("press", server.url("/feed")), tables=tables), TurnedClock()) as run:
        await run.until(lambda: run.of("page"))
        with contextlib.closing(sqlite.connect_people(store)) as people:
            requests.ask(people, "replay", {"rule": "many", "since": 0}, "ana", SystemClock())
        await run.until(begun.is_set)
    assert await asyncio.to_thread(ended.wait, 20)
    with contextlib.closing(sqlite.connect_people(store)) as people:
        assert [one.kind for one in requests.open_requests(people)] == ["replay"]  # the next collector takes it up
