"""`status`, `alerts test` and `alerts retry` from the command line."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.collect.lock import CollectorLock
from listen.model import Author
from listen.store import alerts, outbox, schema, sqlite
from listen.store.alerts import FIRING, Alert
from listen.store.outbox import Draft
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import make_desk, make_post

CONFIG = """
[store]
path = "small.db"

[topics.acme]
query = "acme"

[alerts.wave]
when = "count"
query = "topic:acme"
window = "1h"
at_least = 10
authors = 3

[alerts.promises]
when = "late"
"""
DAY = 86_400


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listen: Commands) -> Path:
    """A store with a wave of twelve mentions two days ago, an alert that fires, and a letter that never arrives."""
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("LISTEN_CONFIG", str(tmp_path / "config.toml"))
    schema.prepare(tmp_path / "small.db")
    connection = sqlite.connect_writer(tmp_path / "small.db")
    writer = Writer(connection, SystemClock())
    desk, now = make_desk(writer), int(time.time())
    topics: dict[int, int | None] = {desk.topics["acme"]: None}
    wave = [(2 * DAY + 60 * n, f"u{n}") for n in range(12)] + [(30 * DAY + 3_600 * n, "x") for n in range(20)]
    posts = [
        make_post(str(n), f"acme number {n}", topics=topics, published_at=now - ago, author=Author(name))
        for n, (ago, name) in enumerate(wave)
    ]
    desk.add(posts, seen_at=now)
    with writer.transaction():
        one = Alert(0, "wave", "", {}, "page", FIRING, now - 60, now, now, evidence={"text": "12 in the hour"})
        number = alerts.begin(connection, one)
        outbox.put(connection, [Draft("k", "duty", "t", "wave", "firing", "page", (number,), {"text": "x"}, now)], now)
        outbox.set_aside(connection, [1], "dead", "HTTP 404 Gone")
    writer.release()
    connection.close()
    return tmp_path


def test_a_rule_is_replayed_with_other_thresholds(folder: Path, listen: Commands) -> None:
    done = listen("alerts", "test", "wave", "--since", "60d", "--json")
    assert done.code == 0
    told = json.loads(done.out)
    (firing,) = told["firings"]
    assert firing["why"] == "10 in the hour, 10 are many, 10 authors, 10 stories"
    assert firing["peak"] == 12
    assert {one["factor"]: one["firings"] for one in told["thresholds"]} == {0.5: 1, 0.75: 1, 1: 1, 1.5: 0, 2: 0}
    assert told["mentions"] == 32
    shown = listen("alerts", "test", "wave")
    assert "wave would have fired 1 time since" in shown.out
    assert "x0.5" in shown.out
    assert (listen("alerts", "test", "wave", "--since", "1d").code, listen("alerts", "test", "wav").code) == (1, 2)
    assert 'did you mean "wave"?' in listen("alerts", "test", "wav").err
    assert "nobody kept" in listen("alerts", "test", "promises").err
    assert listen("alerts", "test", "wave", "--since", "never").code == 2


def test_what_never_arrived_is_listed_and_sent_again(folder: Path, listen: Commands) -> None:
    assert "HTTP 404 Gone" in listen("alerts", "retry").out
    assert listen("alerts", "retry", "77").code == 1
    assert listen("alerts", "retry", "--all").code == 0
    (told,) = map(json.loads, listen("alerts", "retry", "--json").out.splitlines())
    assert (told["state"], told["tries"], told["key"]) == ("waiting", 0, "k")
    assert listen("alerts", "drop", "--all").code == 1, "what is on its way is not dropped"


def test_what_never_arrived_is_dropped_by_who_says_so(folder: Path, listen: Commands) -> None:
    (told,) = map(json.loads, listen("alerts", "retry", "--json").out.splitlines())
    number = str(told["id"])
    assert listen("alerts", "drop").code == listen("alerts", "drop", number, "--all").code == 2
    asked = listen("alerts", "drop", number)
    assert asked.code == 2
    assert "Never send 1 notice? This cannot be undone. Nobody can be asked here; --yes does it" in asked.err
    assert listen("alerts", "drop", number, "--yes").code == 0
    assert listen("alerts", "drop", number, "--yes").code == 1
    assert listen("alerts", "retry").code == 1


def test_the_status_is_a_line_a_page_and_json(folder: Path, listen: Commands) -> None:
    short = listen("status", "--short")
    assert short.code == 1
    assert short.out == "listen ● 1 page: wave · 32 new · 1 undelivered · nobody collects\n"
    told = json.loads(listen("status", "--json").out)
    assert (told["firing"]["page"], told["new"]["acme"], told["collecting"]) == (1, 32, False)
    assert (told["new_mentions"], told["new_exact"], told["late"], told["late_exact"]) == (32, True, 0, True)
    connection, now = sqlite.connect_writer(folder / "small.db"), int(time.time())
    channels = [row[0] for row in connection.execute("SELECT id FROM channels WHERE active ORDER BY id").fetchall()]
    connection.execute("UPDATE channels SET good_at = ?, next_at = ?, errors = 1", (now - 3 * 3_600, now))
    one = (now - 3 * 3_600, now - 3 * 3_600 + 60, channels[0])
    connection.execute("UPDATE channels SET good_at = ?, next_at = ?, errors = 0 WHERE id = ?", one)
    with CollectorLock(folder / "small.db"):
        assert listen("status", "--short").out.endswith("· nothing heard for 3 h\n")
        assert "nothing for 3 h: `listen sources` tells why" in listen("status").out
        connection.execute("UPDATE channels SET next_at = good_at + 6000 WHERE id = ?", (channels[0],))
        connection.close()
        assert "nothing" not in listen("status", "--short").out
        page = listen("status")
    assert page.code == 0
    assert "collecting   yes" in page.out
    assert "listen alerts retry" in page.out
