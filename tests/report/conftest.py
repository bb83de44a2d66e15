"""A small world for reports: a fortnight that was heard, with hostile words in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from listen import objectives
from listen.insight.window import DAY, HOUR, Window
from listen.model import Author
from listen.objectives import Money, Objective, target_of
from listen.report.gathering import page
from listen.report.page import Asked, Page
from listen.report.words import Speech
from listen.store import alerts, marks, mirror, numbers, recount, schema, sqlite
from listen.store.alerts import FIRING, Alert
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

HOSTILE = (
    "</style><script>alert(1)</script> | `x` [y](javascript:alert(2)) <img src=x onerror=alert(3)> \u202eevil\x1b[31m"
)
"""What somebody may write who wants to be more than text."""

PROMISED = (
    Objective("mood", "net_sentiment", target_of("> 0.30", "net"), topic="acme", owner="claire@m.test",
              worth=Money(40, "EUR"), hour=Money(35, "EUR"), by=date(2026, 3, 31)),
    Objective("loud", "volume", target_of("> 5", "count"), topic="rival"),
    Objective("heard", "volume", target_of("> 50", "count")),
)  # fmt: skip

SPIKE = "41 in 6 h, expected 1.8 ± 3.8 (the same hours of earlier days), 23 authors, 39 stories, coverage 100 %"

RULES = (("anger", "topic:ACME sentiment:neg"), ("rivals", "topic:rival"), ("deaf", ""), ("each", "sentiment:neg"))
FIRED: tuple[tuple[str, dict[str, str], float], ...] = (
    ("anger", {}, NOW - 5 * HOUR), ("rivals", {}, NOW - 4 * HOUR), ("deaf", {}, NOW - 3 * HOUR),
    ("each", {"topic": "rival"}, NOW - 2 * HOUR), ("each", {"topic": "acme"}, NOW - HOUR),
    ("anger", {"lang": "fr"}, NOW - 8 * DAY),
)  # fmt: skip

WINDOW = Window(NOW - 7 * DAY, NOW, HOUR)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred mentions of acme, ten of its rival, in a fortnight that was heard save for an hour. Tests only read."""
    store_path = tmp_path_factory.mktemp("report") / "listen.db"
    schema.prepare(store_path)
    clock = Turned(NOW)
    desk = make_desk(Writer(fast(sqlite.connect_writer(store_path)), clock))
    acme, rival = desk.topics["acme"], desk.topics["rival"]
    posts = [
        make_post(
            str(n), f"acme {HOSTILE} @claire" if n % 12 == 0 else f"acme {'smokes ' * (n < 56 and n % 2)}{n} #day{n}",
            published_at=NOW - 60 - n * 3 * HOUR,
            author=Author("claire@m.test", name="Claire <b>Doe</b>") if n % 12 == 0 else Author(f"u{n % 5}"),
            title=HOSTILE if n == 12 else None, url=f"https://x.test/{n}?a=1&b=2", lang=("en", "fr")[n % 2],
            likes=100 + n if n % 12 == 0 else 0, score=(-600, 500, None)[n % 3], hits=2 if n % 3 < 2 else None,
            topics={acme: (-600, 500, None)[n % 3]} | ({rival: 0} if n % 10 == 0 else {}),
        )
        for n in range(100)
    ]  # fmt: skip
    starred = desk.add(posts).new_ids
    desk.writer.recount = recount.Pass()
    while recount.step(desk.writer):
        pass
    first = NOW - 14 * DAY
    with desk.writer.transaction():
        for channel in desk.channels.values():
            spans = [(first, first + 240 * HOUR), (first + 241 * HOUR, NOW)]
            numbers.heard(desk.connection, channel.id, spans)
        mirror.set_state(desk.connection, objectives.STATE, objectives.told(PROMISED))
        mirror.set_state(
            desk.connection, "rules", json.dumps([{"name": name, "query": query} for name, query in RULES])
        )
        for rule, labels, fired in FIRED:
            told_apart = " ".join(f"{key}:{value}" for key, value in labels.items())
            why = {"text": SPIKE if rule == "anger" else f"7 {HOSTILE}"}
            one = Alert(0, rule, told_apart, labels, "page", FIRING, fired, fired, fired, evidence=why)
            alerts.begin(desk.connection, one)
        marks.put(desk.connection, NOW - 3 * DAY, f"TV ad {HOSTILE}", "acme", "ana", NOW)
    with Triage(store_path, "ana", clock) as ana:
        ana.star(sorted(starred)[-13:])
    desk.connection.close()
    return store_path


@pytest.fixture
def ask(told: Path) -> Callable[..., Page]:
    """The report's page of acme's last week; what is given instead of what is usual goes into `Asked`."""

    def asking(lang: str = "en", **more: Any) -> Page:
        asked = Asked("acme", WINDOW, None, Speech(lang, UTC), "UTC", NOW)._replace(**more)
        with Reader(told) as reader:
            found = page(reader, asked)
        assert found is not None
        return found

    return asking
