"""While a page fires, its topic's channels are asked more often, within everybody's limits; afterwards as before."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from listen.collect import collector, schedule
from listen.config import alerts as rules
from listen.store.read import Reader
from tests.collect.clocks import StillClock
from tests.collect.collecting import collecting, config, item, rss, source
from tests.collect.server import Reply, Server


@pytest.mark.parametrize(
    ("usual", "wishes", "expected"),
    [(3_600.0, (), 900.0), (120.0, (), 60.0), (30.0, (), 30.0), (3_600.0, (1_800.0,), 1_800.0),
     (600.0, (None, 20.0), 150.0)],
)  # fmt: skip
def test_the_pace_in_a_crisis_keeps_to_what_others_ask(usual: float, wishes: Any, expected: float) -> None:
    assert schedule.hurried(usual, *wishes) == expected


async def test_a_page_makes_its_channels_quicker_until_it_is_over(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "TICK", 0.1)
    clock, store = StillClock(), tmp_path / "listen.db"

    def dated(number: int, words: str, at: float) -> str:
        return item(number, words).replace("</item>", f"<pubDate>{formatdate(at)}</pubDate></item>")

    recall = rss(dated(2, "an acme recall", clock.now() + 3_900))
    server.on("/acme", Reply(body=rss(dated(1, "acme is fine", clock.now()))), Reply(body=recall))
    server.on("/other", Reply(body=rss(dated(3, "nothing of that", clock.now()))))
    page = {"when": "match", "query": "topic:acme recall", "severity": "page", "route": (), "inhibits": (),
            "enabled": True, "window": 7_200.0}  # fmt: skip
    tables = {"alerts": {"recall": rules.completed(page)}}
    sources = [source("press", server.url("/acme"), every=3_600.0), source("rest", server.url("/other"), every=3_600.0)]

    def asked(name: str) -> int:
        return len(run.of("page", name)) + len(run.of("unchanged", name))

    async with collecting(config(store, *sources, tables=tables), clock) as run:
        await run.until(lambda: asked("press") == asked("rest") == 1)
        clock.turn(4_000)
        await run.until(lambda: asked("press") == asked("rest") == 2)
        await run.until(lambda: _hurried(store) == '{"1": "recall"}')
        for times in (3, 4):
            clock.turn(1_000)
            await run.until(lambda times=times: asked("press") == times)
        assert asked("rest") == 2, "who brings nothing of it is asked as before"
        clock.turn(6_000)
        await run.until(lambda: any(event.reason == "resolved" for event in run.of("alert")))
        await run.until(lambda: _hurried(store) == "{}")
        before = asked("press")
        clock.turn(1_000)
        await run.until(lambda: asked("rest") >= 3)
        assert asked("press") - before <= 1


def _hurried(store: Path) -> str:
    with Reader(store) as reader:
        return reader.state("hurried") or "{}"
