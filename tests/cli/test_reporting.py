"""`listen report`: what is asked for, where it goes, and what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Commands
from tests.report.conftest import told

__all__ = ["told"]

WEEK = ("--since", "2025-12-25", "--until", "2025-12-31", "--zone", "UTC")


def test_a_report_goes_where_it_is_asked_for_and_is_the_same_each_time(
    listen: Commands, told: Path, tmp_path: Path
) -> None:
    page = tmp_path / "acme.html"
    ran = listen("--db", told, "report", "--topic", "ACME", *WEEK, "-o", page)
    assert (ran.code, ran.out) == (0, "")
    assert "56 mentions of acme" in ran.err
    text = page.read_bytes()
    assert text.startswith(b"<!doctype html>")
    assert listen("--db", told, "report", *WEEK, "-o", page).code == 0
    assert page.read_bytes() == text
    first, again = (listen("--db", told, "report", *WEEK, "--compare") for _ in range(2))
    assert first.out.startswith("# What is said of acme\n\n**25\u00a0Dec\u00a02025 – 31\u00a0Dec\u00a02025**")
    assert first.out == again.out
    narrowed = listen("--db", told, "report", *WEEK, "--query", "lang:fr", "--json")
    assert json.loads(narrowed.out)["head"]["n"] == 28
    named = listen("--db", told, "report", *WEEK, "--compare", "2025-12-18..2025-12-24", "--lang", "fr", "--json")
    record = json.loads(named.out)
    assert (record["head"]["n"], record["against"]["since"]) == (56, "2025-12-18T00:00:00Z")
    assert json.loads(listen("--db", told, "report", *WEEK, "--json").out)["head"] == record["head"]


def test_the_zone_says_where_days_begin_and_long_windows_go_by_days(listen: Commands, told: Path) -> None:
    asked = ("--db", told, "report", "--json", "--since", "2025-12-25..2025-12-31")
    paris = json.loads(listen(*asked, "--zone", "Europe/Paris").out)
    assert (paris["since"], paris["until"]) == ("2025-12-24T23:00:00Z", "2025-12-31T23:00:00Z")
    long = json.loads(listen("--db", told, "report", "--json", "--since", "30d", *WEEK[2:]).out)
    assert (long["since"], len(long["points"])) == ("2025-12-02T00:00:00Z", 30)
    autumn = json.loads(listen(*asked[:5], "2025-10-01..2025-10-31", "--zone", "Europe/Paris").out)
    assert (autumn["since"], autumn["until"]) == ("2025-09-30T22:00:00Z", "2025-10-31T23:00:00Z")
    starts = [one["start"][11:13] for one in autumn["points"]]
    assert starts == ["22"] * 26 + ["23"] * 5, "summer time ends on 26 October"
    assert autumn["against"] == {"since": "2025-08-30T22:00:00Z", "until": autumn["since"]}, "as many days"
    india = json.loads(listen(*asked[:5], "2025-12-01..2025-12-31", "--zone", "Asia/Kolkata").out)
    assert (india["since"], len(india["points"])) == ("2025-11-30T19:00:00Z", 31)


def test_the_analyst_adds_words_and_a_template(listen: Commands, told: Path, tmp_path: Path) -> None:
    words, own = tmp_path / "words.md", tmp_path / "own.j2"
    words.write_text("It was the **recall**.\n")
    own.write_text("{{ said(page.asked.commentary) }}|{{ page.head.n|number }}")
    asked = ("--db", told, "report", *WEEK, "--commentary", words)
    assert (
        listen(*asked, "--template", own, "--format", "html").out == "<p>It was the <strong>recall</strong>.</p>|56\n"
    )
    assert "It was the **recall**." in listen(*asked).out
    assert listen(*asked, "-o", words).code == 2, "what it is made of is not written over"
    assert words.read_text() == "It was the **recall**.\n"
    (tmp_path / "long.md").write_text("long " * 20_000)
    assert "65,536 signs at most" in listen(*asked[:-1], tmp_path / "long.md").err
    hidden = listen(*asked, "--hide-names").out
    assert "claire" not in hidden.lower()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--topic", "acne"), 'there is no topic "acne"; did you mean "acme"'),
        (("--query", "lang:"), "wants its value"),
        (("--query", "view:nothing"), "nothing"),
        (("--since", "yesterday"), "--since yesterday: "),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "the window is empty"),
        (("--since", "2026-01-01..2026-01-02", "--until", "2026-01-03"), "give one of them"),
        (("--since", "7d topic:x"), "is wanted"),
        (("--json", "--format", "html"), "--json is a format of its own"),
        (("--zone", "Mars/Base"), 'there is no time zone "Mars/Base"'),
        (("--compare", "nonsense"), "nonsense"),
        (("--template", "/nowhere/own.j2"), "there is no such file or folder"),
        (("--commentary", "/nowhere.md"), "does not exist"),
    ],
)
def test_what_cannot_be_is_said(listen: Commands, told: Path, asked: tuple[str, ...], said: str) -> None:
    ran = listen("--db", told, "report", *asked)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_nothing_heard_is_told_and_leaves_with_1(listen: Commands, told: Path) -> None:
    ran = listen("--db", told, "report", "--since", "2020-01-01..2020-01-07")
    assert ran.code == 1
    assert "Nothing is stored of this window, and nobody knows" in ran.out
