"""Two people who edit the same thing: the second one is told what the first one did, and nothing is written over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from listen.clock import Clock, SystemClock
from listen.collect import definitions, meanwhile
from listen.config import Config, load
from listen.console.ruling import Draft
from listen.store import schema
from listen.store.journal import Signed
from listen.store.sqlite import connect_writer
from listen.store.write import Writer

FILE = """
[topics.acme]
query = "acme"
[views.crisis]
query = "acme"
[desks.after-sales]
query = "broken"
answer_within = "2h"
tags = ["care"]
[alerts.bad-buzz]
when = "count"
query = "topic:acme"
at_least = 5
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(FILE)
    made = load(file, store=tmp_path / "listen.db")
    schema.prepare(made.store)
    return made


def change(config: Config, by: str, body: dict[str, Any], clock: Clock) -> Config:
    """As the collector does it, with its line in the journal."""
    made = definitions.wanted(config, body, clock)
    after = definitions.write(config, made, lambda: load(config.files[0], store=config.store))
    connection = connect_writer(config.store)
    writer = Writer(connection, clock)
    writer.claim("test")
    definitions.note(writer, made, Signed(by, None))
    connection.close()
    return after


def refused(config: Config, body: dict[str, Any], clock: Clock) -> str | None:
    """What somebody is told who wants this; None when nothing stands in the way."""
    stands = meanwhile.stands_now(config, body)
    if stands is None:
        return None
    connection = connect_writer(config.store)
    told = meanwhile.refusal(config, body, stands, meanwhile.edits(connection, body), clock.now())
    connection.close()
    return str(told)


@pytest.mark.parametrize(
    ("first", "read", "told"),
    [
        (
            {"view": "crisis", "query": "acme -toy", "edit": True},
            "acme",
            "ana changed it 1m ago: it asks for acme -toy now",
        ),
        (
            {"desk": "after-sales", "set": {"answer_within": "4h"}},
            {"answer_within": 7200.0},
            "ana changed it 1m ago: answer_within is 4h, was 2h",
        ),
        (
            {"desk": "after-sales", "set": {"tags": ["vip", "care"]}},
            {"tags": ["care"]},
            "ana changed it 1m ago: tags is vip, care, was care",
        ),
        (
            {"rule": "bad-buzz", "entry": {"when": "count", "query": "topic:acme", "at_least": 8, "window": "2h"}},
            {"when": "count", "query": "topic:acme", "at_least": "5"},
            "ana changed it 1m ago: at_least is 8, was 5; window is 2h, was nothing",
        ),
    ],
)
def test_the_second_is_told_by_whom_and_what_was_changed(
    config: Config, first: dict[str, Any], read: Any, told: str
) -> None:
    clock = SystemClock()
    mine = {**first, "read": read}
    assert refused(config, mine, clock) is None
    after = change(config, "ana", first, clock)
    assert refused(after, mine, clock) == told
    assert refused(after, first, clock) is None, "who never said what stood there is not held up"


def test_a_file_that_was_changed_by_hand_is_told_of_too(config: Config) -> None:
    clock, body = SystemClock(), {"topic": "acme", "query": "acme -toy", "read": "acme"}
    config.files[0].write_text(FILE.replace('query = "acme"', 'query = "acme OR akme"', 1))
    after = load(config.files[0], store=config.store)
    assert refused(after, body, clock) == ("somebody changed it in config.toml: it asks for acme OR akme now")


def test_a_rule_that_was_kept_takes_over_the_lines_that_only_the_other_one_changed() -> None:
    read = {"when": "count", "query": "topic:acme", "at_least": "5", "window": "2h"}
    mine = {"when": "count", "query": "topic:acme lang:fr", "at_least": 12, "window": "2h"}
    theirs = {"when": "count", "query": "topic:acme", "at_least": "8", "window": "6h", "severity": "page"}
    draft = Draft("bad-buzz", theirs, kept={"rule": "bad-buzz", "entry": mine, "read": read})
    assert draft.texts == {
        "when": "count", "query": "topic:acme lang:fr", "at_least": "12", "window": "6h", "severity": "page",
    }  # fmt: skip
    assert draft.meanwhile("at_least") == "changed meanwhile: 8, was 5"
    assert draft.meanwhile("query") == ""
    assert draft.changed
    assert draft.read == theirs
