"""`listen alerts`: lists, exit codes, taking note, silences, and figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.alerts.rules import Rule, told
from listen.clock import SystemClock
from listen.store import alerts, schema, sqlite
from listen.store.alerts import FIRING, PENDING, RESOLVED, Alert
from listen.store.write import Writer
from tests.cli.conftest import Commands

EVIDENCE = {"text": "41 in the hour, expected 9 ± 4", "mentions": [], "words": ["recall", "\x1b[2J"]}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two rules; of one something fires and something is over, of the other something is pending."""
    path, now = tmp_path / "a.db", int(SystemClock().now())
    schema.prepare(path)
    writer = Writer(sqlite.connect_writer(path), SystemClock())
    writer.claim()
    writer.set_state("rules", told([Rule("buzz", "spike", "topic:acme", severity="page"), Rule("slow", "late")]))
    writer.set_state("alerts_held", '{"slow": "held: too little is known"}')
    found = [
        Alert(0, "buzz", "topic:acme", {}, "page", FIRING, now - 90, now, now - 60, evidence=EVIDENCE),
        Alert(
            0, "buzz", "topic:x", {}, "page", RESOLVED, now - 900, now - 700, now - 800, now - 600, evidence=EVIDENCE
        ),
        Alert(0, "slow", "desk:care", {}, "notice", PENDING, now - 30, now),
    ]
    with writer.transaction():
        for one in found:
            number = alerts.begin(writer.connection, one)
            alerts.note(writer.connection, number, now, one.state, None, str(one.evidence.get("text", "")))
    writer.connection.close()
    return path


def test_what_fires_is_told_by_the_exit_code_and_noted_until_it_is_over(listen: Commands, store: Path) -> None:
    listed = listen("alerts", "--db", store)
    assert listed.code == 0
    assert [line.split()[2] for line in listed.out.splitlines()[1:]] == ["firing", "pending", "resolved"]
    assert "41 in the hour, expected 9 ± 4" in listed.out
    fires = listen("alerts", "--firing", "--json", "--db", store)
    assert (fires.code, [one["rule"] for one in fires.records]) == (0, ["buzz"])
    shown = listen("alerts", "show", "1", "--db", store)
    assert "recall" in shown.out
    assert "\x1b" not in shown.out
    assert listen("alerts", "ack", "slow", "--db", store).code == 1, "what has not fired cannot be acknowledged"
    assert listen("alerts", "ack", "buzz", "--useful", "--note", "on it", "--db", store).out == "1\n"
    assert listen("alerts", "ack", "2", "--noise", "--db", store).code == 0
    assert listen("alerts", "--db", store).out.splitlines()[1].split()[2] == "acknowledged"
    rules = listen("alerts", "rules", "--db", store)
    assert "fired 2, useful 1, noise 1" in rules.out
    assert "held: too little is known" in rules.out
    assert listen("undo", "2", "--db", store).code == 0
    assert "fired 2 " in listen("alerts", "rules", "--db", store).out
    for wrong in (("ack", "99"), ("ack", "bus"), ("show", "99")):
        assert listen("alerts", *wrong, "--db", store).code == 2


def test_nothing_that_fires_is_exit_code_1(listen: Commands, tmp_path: Path) -> None:
    schema.prepare(tmp_path / "b.db")
    for words in ((), ("--firing",), ("rules",), ("silence", "--list")):
        ran = listen("alerts", *words, "--db", tmp_path / "b.db")
        assert (ran.code, ran.out) == (1, "")
        assert ran.err


def test_silences_have_an_end_and_say_why(listen: Commands, store: Path) -> None:
    made = listen("alerts", "silence", "buzz", "--for", "2h", "--comment", "TV ad", "--db", store)
    assert (made.code, made.out) == (0, "1\n")
    assert "silence 1 of buzz" in listen("alerts", "--db", store).err
    assert listen("alerts", "silence", "--end", "1", "--db", store).out == "1\n"
    assert listen("alerts", "silence", "--end", "1", "--db", store).code == 1
    (one,) = listen("alerts", "silence", "--list", "--json", "--db", store).records
    assert (one["comment"], one["stands"]) == ("TV ad", False)
    for wrong in (
        ("buzz",),
        ("buzz", "--for", "soon"),
        ("buzz", "--for", "1h", "--until", "2099-01-01"),
        ("buzz", "--until", "2020-01-01"),
        ("bus", "--for", "1h"),
        ("--for", "1h"),
        ("buzz", "--for", "1h", "--query", "("),
    ):
        assert listen("alerts", "silence", *wrong, "--db", store).code == 2, wrong


def test_a_brief_begins_with_what_has_fired(listen: Commands, store: Path) -> None:
    ran = listen("brief", "--since", "24h", "--db", store)
    lines = ran.out.splitlines()
    assert lines[2] == "alerts"
    assert lines[3].strip().startswith("buzz topic:acme firing, 1")
    assert lines[3].endswith("41 in the hour, expected 9 ± 4")
    record = listen("brief", "--since", "24h", "--json", "--db", store).records[0]
    assert [one["state"] for one in record["alerts"]] == ["firing", "resolved"]  # type: ignore[attr-defined]
