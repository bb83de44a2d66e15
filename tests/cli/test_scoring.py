"""`listen sentiment`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listen.sentiment import english, french, score
from tests.cli.conftest import Commands

LINES = [
    "I love this bicycle, truly and always", "", "Je n’aime pas ce produit", "Ich liebe dieses Fahrrad sehr",
    "a\x1b[31mb good \u202e",
]  # fmt: skip


@pytest.fixture
def said(tmp_path: Path) -> Path:
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(LINES) + "\n", "utf-8")
    return path


def test_each_line_is_an_object_also_a_blank_one(listen: Commands, said: Path) -> None:
    ran = listen("sentiment", "score", "--json", said)
    assert ran.code == 0
    assert [one["lang"] for one in ran.records][:4] == ["en", None, "fr", "de"]
    assert [one["unscored"] for one in ran.records][:4] == [None, "no text", None, "language de"]
    assert [one["engine"] for one in ran.records][:4] == [english.NAME, "", french.NAME, ""]
    for line, one in zip(LINES, ran.records, strict=True):
        if one["compound"] is not None:
            lang = str(one["lang"])
            assert round(1_000 * float(str(one["compound"]))) == score(line, lang).score
            assert abs(sum(float(str(one[part])) for part in ("pos", "neu", "neg")) - 1) < 0.002


def test_a_line_ends_with_a_line_feed_and_may_hold_anything(
    listen: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b"\xef\xbb\xbfI love it\r\n\n\xff\xfe good\rgreat\x00\n" + b"good " * 400_000 + b"\nno end"
    path = tmp_path / "raw"
    path.write_bytes(raw)
    records = listen("sentiment", "score", "--lang", "en", "--json", path).records
    assert [one["compound"] is None for one in records] == [False, True, False, False, False]
    assert all({"compound", "pos", "neu", "neg", "lang", "engine"} <= one.keys() for one in records)
    assert records[0]["compound"] == 0.6369
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert listen("sentiment", "score", "--lang", "en", "--json", "-").records == records
    blank = listen("sentiment", "score", "--engine", "vader", "--json", path).records[1]
    assert (blank["compound"], blank["engine"]) == (0.0, "vader-3.3.2")


def test_the_stock_engine_says_what_the_package_says(listen: Commands, said: Path) -> None:
    stock = SentimentIntensityAnalyzer()
    for line, one in zip(LINES, listen("sentiment", "score", "--engine", "vader", "--json", said).records, strict=True):
        assert {name: one[name] for name in ("neg", "neu", "pos", "compound")} == stock.polarity_scores(line)


def test_in_lines_for_people_foreign_text_is_shown_safely(listen: Commands, said: Path) -> None:
    out = listen("sentiment", "score", "--lang", "en", said).out.splitlines()
    assert len(out) == len(LINES)
    assert out[0].startswith("+0.")
    assert not {"\x1b", "\u202e"} & set(out[4])


def test_an_evaluation_stands_beside_the_stock_package(listen: Commands, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_text("text,label,lang\nJ'adore,pos,fr\nC'est nul,neg,fr\nI hate it,neg,en\nso what,neu,en\n", "utf-8")
    found = {(one["lang"], one["engine"]): one for one in listen("sentiment", "eval", path, "--json").records}
    assert set(found) == {(lang, engine) for lang in ("all", "fr", "en") for engine in ("listen", "vaderSentiment")}
    assert (found["fr", "listen"]["accuracy"], found["fr", "vaderSentiment"]["accuracy"]) == (1.0, 0.0)
    assert found["all", "listen"]["confusion"] == [[2, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert "wrong sign" in listen("sentiment", "eval", path).out
    path.write_text("text,label\na,b\n", "utf-8")
    faulty = listen("sentiment", "eval", path)
    assert (faulty.code, "line 2" in faulty.err) == (2, True)


def test_the_tone_toward_a_name_stands_beside_that_of_the_text(listen: Commands, tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("Rival is terrible, love #acme\nthe weather is lovely\n", "utf-8")
    asked = ("sentiment", "score", path, "--lang", "en", "--toward", "Acme", "--beside", "rival")
    first, second = (one["toward"] for one in listen(*asked, "--json").records)
    assert isinstance(first, float)
    assert first > 0.3
    assert second is None
    assert listen(*asked).out.splitlines()[1].split()[1] == "?"
