"""Somebody forgotten while the collector runs: nothing is left, and the next poll does not bring them back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.collect import collector as collecting_module
from listen.store import receipts, requests, sqlite
from tests.collect.collecting import collecting, config, item, rows, rss, source
from tests.collect.server import Reply, Server

HER_WORDS = ("zqclaire", "zqhost", "zqfamily", "zqrare")
"""Long enough that no hash in the store holds one by chance."""

HERS = "<author>zqclaire@zqhost.example (Zqclaire Zqfamily)</author></item>"


def by_her(number: int) -> str:
    return item(number, f"zqrare{number} acme battery").replace("</item>", HERS)


async def test_who_is_forgotten_is_gone_and_stays_away(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    store = tmp_path / "listen.db"
    page = [by_her(1), by_her(2), item(3)]
    server.on("/press", Reply(body=rss(*page)))
    async with collecting(config(store, source("press", server.url("/press"), every=3600.0))) as run:
        await run.until(lambda: run.of("page"))
        (author, hers) = rows(store, "SELECT author_id, count(*) FROM mentions WHERE author_id IS NOT NULL")[0]
        assert hers == 2
        people, clock = sqlite.connect_people(store), SystemClock()

        def outcome(number: int) -> requests.Request:
            found = requests.request(people, number)
            assert found is not None
            return found

        number = requests.ask(people, "forget", {"authors": [author]}, "ana", clock)
        await run.until(lambda: outcome(number).done_at)
        answer = outcome(number).answer or {}
        assert (answer["mentions"], answer["names"], answer["by"]) == (2, 1, "ana")

        server.on("/press", Reply(body=rss(by_her(4), *page)))
        asked = requests.ask(people, "try", {"source": "press"}, "ana", clock)
        await run.until(lambda: outcome(asked).done_at)
        assert (outcome(asked).answer or {})["new"] == 0
        assert rows(store, "SELECT count(*) FROM mentions") == [(1,)]
        assert rows(store, "SELECT value FROM state WHERE name = 'kept_out'") == [("1",)]

        def clean() -> bool:
            found = receipts.receipt(people, answer["receipt"])
            return found is not None and found.clean_at is not None

        await run.until(clean)
        number = requests.ask(people, "forget", {"authors": [author]}, "ana", clock)
        await run.until(lambda: outcome(number).done_at)
        assert "nobody by that number" in (outcome(number).error or "")
        people.close()
    said = json.dumps([event.message for event in run.events])
    for file in store.parent.iterdir():
        left = file.read_bytes().lower()
        assert [word for word in HER_WORDS if word.encode() in left] == [], file
    assert [word for word in HER_WORDS if word in said.lower()] == []
