"""The situation report tells what the store holds, and no foreign word means anything in it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from listen.cli.replaying import _csv
from listen.model import Author
from listen.report import situation
from listen.report.markdown import link, plain
from listen.store import alerts
from listen.store.alerts import FIRING, Alert
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store.conftest import clock, desk, store_path
from tests.store.posts import NOW, Desk, Turned, make_post

__all__ = ["clock", "desk", "store_path"]


@pytest.fixture
def number(desk: Desk, store_path: Path, clock: Turned) -> int:
    """An alert of six mentions by three people on two networks, one of them hostile, one done."""
    texts = [
        "acme burns",
        "acme smokes",
        "=SUM(A1) | <script>alert(1)</script> [x](javascript:1)",
        "acme again",
        "meh",
        "no",
    ]
    topics: dict[int, int | None] = {desk.topics["acme"]: -600}
    posts = [
        make_post(str(n), text, network=f"net{n % 2}", author=Author(f"u{n % 3}", followers=100 * n), likes=n,
                  topics=topics, score=-600, hits=2, published_at=NOW - 600 + n, url=f"https://x.test/{n}")
        for n, text in enumerate(texts)
    ]  # fmt: skip
    ids = desk.add(posts).new_ids
    with Triage(store_path, "ana", clock) as ana:
        ana.set_status(ids[:1], "done")
    evidence = {"text": "6 in the hour", "words": ["burns"], "since": NOW - 3_600, "until": NOW}
    one = Alert(
        0, "bad-buzz", "topic:acme", {"topic": "acme"}, "page", FIRING, NOW - 60, NOW, NOW - 50, evidence=evidence
    )
    with desk.writer.transaction():
        made = alerts.begin(desk.connection, one)
        alerts.note(desk.connection, made, NOW - 50, "firing")
    return made


def told(store_path: Path, number: int) -> situation.Situation:
    with Reader(store_path) as reader:
        found = situation.situation(reader, number, "topic:acme", NOW + 60)
    assert found is not None
    return found


def test_the_report_tells_how_it_began_went_round_and_what_was_done(store_path: Path, number: int) -> None:
    found = told(store_path, number)
    assert [(one.network, one.mentions) for one in situation.spread(found.mentions)] == [("net0", 3), ("net1", 3)]
    assert next((one.name, one.mentions) for one in situation.voices(found.mentions)) == ("u2", 1)
    page = situation.markdown(found)
    expected = [
        "# bad-buzz: topic:acme", "still fires (1 min)", "6 in the hour", "**New words**: burns", "6 stories",
        "6 negative", "## How it began", "acme burns", "| 2025-12-31 23:50 | net0 | 3 | u0 |", "1 done",
    ]  # fmt: skip
    for part in expected:
        assert part in page, part
    assert "<script>" not in page
    assert "[x](" not in page
    with Reader(store_path) as reader:
        assert situation.situation(reader, 99, "", NOW) is None


def test_the_timeline_is_in_order_and_no_cell_is_a_formula(store_path: Path, number: int) -> None:
    records = situation.timeline(told(store_path, number))
    assert [one["what"] for one in records] == ["mention"] * 6 + ["firing"]
    assert {one["where"] for one in records[:6]} == {"a"}, "the source, not the network"
    assert records == sorted(records, key=lambda one: one["at"])
    json.dumps(records)
    rows = list(csv.reader(io.StringIO(_csv(records))))
    assert rows[0] == ["at", "what", "who", "where", "text", "url"]
    assert all(cell[:1] not in ("=", "+", "-", "@") for row in rows for cell in row)


@pytest.mark.parametrize(
    "foreign", ["# a", "- a", "1. a", "*a*", "<b>", "[a](b)", "a|b", "`a`", "&amp;", "a\n# b", "~~a~~"]
)
def test_no_sign_of_markdown_is_left(foreign: str) -> None:
    made = plain(foreign)
    assert "\n" not in made
    for sign in "#*<[`|~&":
        assert made.replace(f"\\{sign}", "").count(sign) == 0
    assert not made.startswith(("- ", "1. "))


def test_only_addresses_of_the_web_are_links() -> None:
    assert link("x", "https://x.test/a b") == "x"
    assert link("x", "javascript:alert(1)") == link("x", None) == "x"
    assert link("x", "https://x.test/a") == "[x](<https://x.test/a>)"
