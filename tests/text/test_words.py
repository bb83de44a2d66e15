"""Folding and tokens, and that SQLite's index reads tokens as we do."""

from __future__ import annotations

import sqlite3
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.text import clean, fold, placed_tokens, query_tokens, tokens
from tests.text.foreign import foreign


class Index:
    """One text in a contentless FTS5 table of the kind that the store uses."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.execute(
            "CREATE VIRTUAL TABLE search USING fts5(text, content='', tokenize=\"ascii tokenchars '#@_'\")"
        )
        self.connection.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(search, instance)")

    def write(self, words: list[str]) -> None:
        self.connection.execute("INSERT INTO search(search) VALUES ('delete-all')")
        self.connection.execute("INSERT INTO search(rowid, text) VALUES (1, ?)", (" ".join(words),))

    def read(self) -> list[str]:
        return [term for (term,) in self.connection.execute('SELECT term FROM seen ORDER BY "offset"')]

    def finds(self, words: list[str], prefix: bool = False) -> bool:
        match = '"' + " ".join(words) + '"' + (" *" if prefix else "")
        return self.connection.execute("SELECT rowid FROM search WHERE search MATCH ?", (match,)).fetchone() == (1,)


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    index = Index()
    yield index
    index.connection.close()


@given(text=foreign)
def test_the_index_reads_every_token_whole(index: Index, text: str) -> None:
    words, marks = tokens(clean(text)[0])
    index.write(words + marks)
    assert index.read() == words + marks
    for token in words + marks:
        assert index.finds([token])


@given(text=foreign, start=st.integers(0, 80), length=st.integers(1, 12))
def test_what_stands_between_spaces_in_a_text_finds_it(index: Index, text: str, start: int, length: int) -> None:
    """A query made of whole words of a text finds the text."""
    words = clean(text)[0].split()[start % 7 :][:length]
    wanted, prefix = query_tokens(" ".join(words))
    if wanted:
        index.write(tokens(clean(text)[0])[0])
        assert index.finds(wanted, prefix)


@given(text=foreign)
def test_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(clean(text)[0])
    assert fold(folded) == folded
    assert unicodedata.is_normalized("NFC", folded)


def test_folding_every_single_code_point_twice_changes_nothing() -> None:
    for code in [*range(0x30000), *range(0xE0000, 0xE1000), sys.maxunicode]:
        folded = fold(chr(code))
        assert fold(folded) == folded, hex(code)


@given(text=foreign)
def test_case_and_form_make_no_difference(text: str) -> None:
    text = clean(text)[0]
    words = tokens(text)
    assert tokens(unicodedata.normalize("NFD", text)) == words
    assert tokens(unicodedata.normalize("NFKC", text.replace("™", " ").replace("℠", " "))) == words


@pytest.mark.parametrize(
    ("text", "words", "marks"),
    [
        ("The BATTERY died.", ["the", "battery", "died"], []),
        ("l’été à Zürich, ça va", ["l", "ete", "a", "zurich", "ca", "va"], []),
        (
            "Straße STRASSE ŁÓDŹ Øre Œuvre Æon İstanbul ısı",
            ["strasse", "strasse", "lodz", "ore", "oeuvre", "aeon", "istanbul", "isi"],
            [],
        ),
        ("Ελλάς ΕΛΛΆΣ", ["ελλασ", "ελλασ"], []),
        ("ёлка Ёлка ЕЛКА", ["елка", "елка", "елка"], []),
        ("מִלָּה עַרַבִּיَّة محـــمد أحمد", ["מלה", "ערביة", "محمد", "احمد"], []),
        ("東京都", ["東京", "京都", "都"], []),
        ("がガｶﾞか\u3099", ["がガ", "ガガ", "ガが", "が"], []),
        ("ที่นี่", ["ที", "ี่", "่น", "นี", "ี่", "่"], []),
        ("किताब किताबें", ["किताब", "किताबें"], []),
        ("ދިވެހި ܠܫܵܢܵܐ", ["ދިވެހި", "ܠܫܵܢܵܐ"], []),
        ("한국어 배터리", ["한국어", "배터리"], []),
        ("Tokyoは東京 tower", ["tokyo", "は東", "東京", "京", "tower"], []),
        ("①２ x² 3.5", ["12", "x2", "3", "5"], []),
        ("❤️ 👍🏽👍 👨\u200d👩", ["❤", "👍", "👍", "👨", "👩"], []),
        ("Acme™ Acme® C++ AT&T", ["acme", "acme", "c", "at", "t"], []),
        ("#AcmeFail #acmefail @Claire_B", ["acmefail", "acmefail", "claire", "b"], ["#acmefail", "@claire_b"]),
        ("#Été＃東京 ana@acme.com ##x", ["ete", "東京", "京", "ana", "acme", "com", "x"], ["#ete", "#x"]),
        ("#हिन्दी #東京", ["हिन्दी", "東京", "京"], ["#हिन्दी", "#東京"]),
        ("@ana@mastodon.social", ["ana", "mastodon", "social"], ["@ana"]),
        ("see https://acme.com/a?b=c now", ["see", "now"], []),
        ("見てhttps://acme.com/aすごい", ["見て", "て", "すご", "ごい", "い"], []),
        ("HTTPS://ACME.COM", [], []),
        ("# @ _ # _ @_", [], ["@_"]),
        ("", [], []),
    ],
)
def test_tokens(text: str, words: list[str], marks: list[str]) -> None:
    assert tokens(text) == (words, marks)


@pytest.mark.parametrize(
    "text",
    [
        "foo\0 secretword",
        "foo sec\0retword",
        "sec\u200bret\u00adword",
        "s\u200dec\u2060retw\ufeffo\u200erd",
        "ｓｅｃｒｅｔｗｏｒｄ",
        "𝓼𝓮𝓬𝓻𝓮𝓽𝔀𝓸𝓻𝓭",
        "s\u0336e\u0336cretword",
        "sec\u202eretword",
        "sec\u180eret\U000e0041word",
        "SECRET\x08WORD",
        "sec\u034fret\u3164word",
    ],
)
def test_a_word_cannot_be_hidden_by_signs_that_nobody_sees(text: str) -> None:
    assert "secretword" in tokens(text)[0]
    assert "secretword" in tokens(clean(text)[0])[0]


@pytest.mark.parametrize(
    ("word", "wanted", "prefix"),
    [
        ("acme", ["acme"], False),
        ("Été", ["ete"], False),
        ("東京", ["東京"], False),
        ("東", ["東"], True),
        ("東京都", ["東京", "京都"], False),
        ("東!", ["東"], True),
        ("東京tower", ["東京", "京", "tower"], False),
        ("東京 大阪", ["東京", "京", "大阪"], False),
        ("tower東", ["tower", "東"], True),
        ("don't", ["don", "t"], False),
        ("👍🏽", ["👍"], False),
        ("!!", [], False),
    ],
)
def test_query_tokens(word: str, wanted: list[str], prefix: bool) -> None:
    assert query_tokens(word) == (wanted, prefix)


def test_a_part_of_a_chinese_text_finds_it(index: Index) -> None:
    index.write(tokens("昨日東京都の電池が壊れた")[0])
    for part in ("東", "都", "東京", "東京都", "電池", "壊れた", "た", "昨日東京都の電池が壊れた"):
        assert index.finds(*query_tokens(part)), part
    for other in ("京東", "東都", "電気", "大"):
        assert not index.finds(*query_tokens(other)), other


def test_an_endless_word_becomes_several_tokens_that_its_query_finds(index: Index) -> None:
    endless = "x" * 100_000
    words, marks = tokens(f"a #{endless} é{endless}")
    assert max(map(len, words + marks)) == 65
    index.write(words)
    assert index.finds(query_tokens(endless[:640])[0])


def test_the_labelled_tweets_are_read_whole(index: Index, shared: Path) -> None:
    lines = (shared / "fixtures/labelled/umsab/langid_dev.tsv").read_text("utf-8").splitlines()
    assert len(lines) == 700
    for line in lines:
        words, marks = tokens(line)
        index.write(words + marks)
        assert index.read() == words + marks


# --- places ----------------------------------------------------------------------------------------------------------


@given(text=st.one_of(foreign, foreign.map(lambda text: clean(text)[0])))
def test_places_are_those_of_the_tokens(text: str) -> None:
    words, marks = placed_tokens(text)
    assert [word.token for word in words] == tokens(text)[0]
    assert list(dict.fromkeys(mark.token for mark in marks)) == tokens(text)[1]
    assert all(0 <= start < end <= len(text) for _, start, end in words + marks)
    assert [word.start for word in words] == sorted(word.start for word in words)


@given(text=foreign.map(lambda text: clean(text)[0]))
def test_what_stands_at_a_place_gives_its_token(text: str) -> None:
    for token, start, end in placed_tokens(text)[0]:
        if len(token) < 60:  # a longer word is cut into tokens, and a letter of several signs may lie across the cut
            assert token in "".join(tokens(text[start:end])[0]), (token, text[start:end])


@pytest.mark.parametrize("base", ["a", "か", "가", "ক", "e\u0301", "\u200b"])
def test_no_sign_changes_what_stands_before_it_and_is_placed_elsewhere(base: str) -> None:
    for code in range(0x20, 0x30000, 7):
        text = f"{base}{chr(code)}\u3099x"
        assert [word.token for word in placed_tokens(text)[0]] == tokens(text)[0], hex(code)


def test_places_lie_around_what_was_written() -> None:
    text = "L’ÉTÉ: e\u0301cran… ½ Straße 東京都 ❤️! #Été https://a.example/x Ａcme"
    words, marks = placed_tokens(text)
    assert [text[word.start : word.end] for word in words] == [
        *("L", "ÉTÉ", "e\u0301cran", "½", "½", "Straße", "東京", "京都", "都", "❤️", "Été", "Ａcme")
    ]
    assert [(mark.token, text[mark.start : mark.end]) for mark in marks] == [("#ete", "#Été")]
