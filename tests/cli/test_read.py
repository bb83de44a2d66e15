"""`search`, `count`, `show`, `tail`: what is stored, for people and for programs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

from tests.cli.conftest import Commands, listen_process


def test_a_number_leaves_out_what_a_list_shows_and_says_so(played: Path, listen: Commands) -> None:
    told = listen("count", "--json", "--db", played)
    out = told.records[0]["left_out"]
    assert set(out) == {"noise", "own"}
    assert f"{out['own']} of our own (is:own counts them)" in told.err
    listed = listen("search", "--all", "--json", "--db", played).records
    assert len(listed) == told.records[0]["count"] + out["own"]
    for name, n in out.items():
        asked = listen("count", f"is:{name}", "--json", "--db", played)
        assert (asked.records[0]["count"], name in asked.records[0]["left_out"]) == (n, False)
    total = listen("topics", "--json", "--db", played).records[0]
    assert listen("count", f"topic:{total['topic']}", "--json", "--db", played).records[0]["count"] == total["mentions"]


def test_a_word_with_a_minus_is_query_not_an_option(listen: Commands, played: Path) -> None:
    every = listen("search", "battery", "--all", "--json", "--db", played).records
    without = listen("search", "battery", "-support", "--all", "--json", "--db", played).records
    assert len(without) > 0
    texts = [f"{record['title']} {record['text']}".lower() for record in every]
    assert all("battery" in text for text in texts)
    assert len(without) == sum(not re.search(r"\bsupport\b", text) for text in texts)


def test_options_stand_before_or_after_the_command(listen: Commands, played: Path) -> None:
    after = listen("count", "topic:norvola", "--json", "--db", played)
    before = listen("--db", played, "--json", "count", "topic:norvola")
    assert after == before
    assert after.records[0]["count"] > 0


def test_the_newest_comes_first_and_limit_limits(listen: Commands, played: Path) -> None:
    records = listen("search", "--limit", "20", "--json", "--db", played).records
    times = [record["time"] for record in records]
    assert len(times) == 20
    assert times == sorted(times, reverse=True)


def test_a_record_says_what_is_known_and_null_for_what_is_not(listen: Commands, played: Path) -> None:
    record = listen("search", "lang:en", "topic:norvola", "--limit", "1", "--json", "--db", played).records[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(record["time"]))
    assert record["lang"] == "en"
    assert "norvola" in record["topics"]
    assert record["likes"] is None
    assert -1 <= record["sentiment"] <= 1
    german = listen("search", "lang:de", "--limit", "1", "--json", "--db", played).records[0]
    assert german["sentiment"] is None
    assert german["unscored"]


def test_what_is_not_found_is_exit_code_1(listen: Commands, played: Path) -> None:
    assert listen("search", "zzznothing", "--db", played).code == 1
    nothing = listen("count", "zzznothing", "--db", played)
    assert (nothing.code, nothing.out) == (1, "0\n")
    assert listen("show", "12", "--db", played).code == 1


def test_a_wrong_query_is_shown_with_a_caret(listen: Commands, played: Path) -> None:
    wrong = listen("search", "(battery", "OR", "--db", played)
    assert wrong.code == 2
    assert "column" in wrong.err
    lines = wrong.err.splitlines()
    assert lines[-2] == "(battery OR"
    assert "^" in lines[-1]


def test_a_store_that_is_absent_says_how_to_get_one(listen: Commands, home: Path) -> None:
    absent = listen("search", "battery", "--db", home / "absent.db")
    assert absent.code == 3
    assert "listen init BRAND" in absent.err
    assert not (home / "absent.db").exists()


def test_show_tells_everything_in_words(listen: Commands, played: Path) -> None:
    record = listen("search", "topic:norvola", "sentiment:neg", "--limit", "1", "--json", "--db", played).records[0]
    shown = listen("show", str(record["id"]), "--db", played)
    assert shown.code == 0
    assert "norvola" in shown.out
    assert "▼" in shown.out
    assert str(record["id"]) in shown.out


def test_nothing_foreign_reaches_a_terminal(listen: Commands, played: Path) -> None:
    """The bazaar's posts hold escape sequences, which JSON escapes and text shows as marks."""
    stored = listen("search", "source:bazaar", "--all", "--json", "--db", played)
    assert any("\x1b" in str(record["text"]) for record in stored.records)
    assert "\x1b" not in stored.out
    told = listen("search", "source:bazaar", "--all", "--db", played).out
    for record in stored.records:
        told += listen("show", str(record["id"]), "--db", played).out
    assert "␛" in told
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", told)


def test_a_reader_that_leaves_early_ends_it_quietly(played: Path) -> None:
    process = subprocess.Popen(
        listen_process("search", "--all", "--json", "--db", played), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, b"")


def test_tail_begins_with_what_is_there_and_ends_with_ctrl_c(played: Path) -> None:
    process = subprocess.Popen(
        listen_process("tail", "topic:norvola", "--lines", "3", "--json", "--db", played),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert all(process.stdout.readline().startswith(b'{"id"') for _ in range(3))
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, b"")


def test_an_unknown_command_is_answered_with_a_suggestion(listen: Commands) -> None:
    wrong = listen("serch", "battery")
    assert wrong.code == 2
    assert 'did you mean "search"' in wrong.err
    assert len(wrong.err.splitlines()) == 1


def test_an_unknown_option_is_a_usage_error(listen: Commands, played: Path) -> None:
    assert listen("topics", "--colour", "--db", played).code == 2


def test_a_view_that_nobody_has_saved_is_a_wrong_query(listen: Commands, played: Path) -> None:
    wrong = listen("count", "battery", "view:nothing", "--db", played)
    assert wrong.code == 2
    assert "there is no view nothing" in wrong.err
    assert wrong.err.splitlines()[-1].strip() == "^" * len("view:nothing")


def test_a_topic_or_source_that_there_is_not_is_told(listen: Commands, played: Path) -> None:
    mistyped = listen("search", "topic:norvolla OR source:pres", "--db", played)
    assert (mistyped.code, mistyped.out) == (1, "")
    assert "there is no topic norvolla; did you mean norvola" in mistyped.err
    assert "there is no source pres; did you mean press" in mistyped.err
    toward = listen("count", "toward:acme:neg", "--db", played)
    assert "there is no topic acme; there are battery, norvola, veltra" in toward.err
    assert "there is no" not in listen("count", "topic:Norvola source:(press feed)", "--db", played).err
    assert listen("query", "lint", "topic:acme", "--db", played).code == 1


def test_a_time_that_is_none_is_told_without_a_column(listen: Commands, played: Path) -> None:
    for words in (["brief"], ["alerts"], ["alerts", "test", "bad-buzz"]):
        wrong = listen(*words, "--since", "soon", "--db", played)
        assert (wrong.code, wrong.err.startswith("listen: --since: soon is no time; write 2h")) == (2, True)


def test_stories_are_told_from_mentions(listen: Commands, played: Path) -> None:
    records = listen("search", "--all", "--json", "--db", played).records
    first: dict[object, object] = {}
    for record in records:
        first.setdefault(record["story"] or -int(str(record["id"])), record["id"])
    assert len(first) < len(records), "somebody passes something on in the demo's week"
    folded = listen("search", "--all", "--stories", "--json", "--db", played).records
    assert [record["id"] for record in folded] == [*first.values()]
    few = listen("search", "--stories", "--limit", "3", "--db", played).out.splitlines()
    assert len(few) == 3
    most = max((record for record in folded if not record["own"]), key=lambda record: int(str(record["copies"])))
    told = listen("count", f"story:{most['story']}", "--json", "--db", played)
    noise = told.records[0]["left_out"].get("noise", 0)
    assert (told.records[0]["count"] + noise, told.records[0]["stories"]) == (most["copies"], 1)
    assert "in 1 story" in told.err
    shown = listen("show", str(most["id"]), "--db", played).out
    assert f"{most['copies']} mentions (story:{most['story']})" in shown
    assert re.search(r"\n +first \d{4}-\d\d-\d\d", shown)


def test_where_no_word_is_known_there_is_no_number(listen: Commands, played: Path) -> None:
    row = listen("search", "sentiment:none", "--limit", "1", "--db", played).out
    assert "  -       " in row
    assert "+.00" not in row
    assert "- no word of it is known" in listen("show", row.split()[0], "--db", played).out
