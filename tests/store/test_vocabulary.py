"""What completion asks the store: names that were heard, quickly and without writing anything."""

from __future__ import annotations

import pytest

from listen.model import Author
from listen.store import sqlite
from listen.store.read import Reader
from tests.store.posts import NOW, Desk, make_post

SITES = ("www.lemonde.fr", "lobste.rs", "lemonde.fr")


@pytest.fixture
def spoken(desk: Desk) -> Desk:
    """Authors, tags and languages."""
    told = [
        ("claire", "Claire D.", 12, "La #batterie #acme est morte @acme", "fr"),
        ("clara@example.org", None, 900, "#acmefail again", "en"),
        ("lemonde", "Le Monde", 5, "#acmefail #ACME", "fr"),
        ("bob", "Clément", None, "nothing", None),
        ("東京", None, None, "#東京 #café", "ja"),
    ]
    desk.add(
        [
            make_post(
                f"m{number}",
                text,
                author=Author(handle, name, followers=followers),
                url=f"https://{SITES[number]}/{number}" if number < len(SITES) else None,
                lang=lang,
                published_at=NOW - number,
            )
            for number, (handle, name, followers, text, lang) in enumerate(told)
        ]
    )
    return desk


def texts(desk: Desk, path, kind: str, start: str, limit: int = 40) -> list[str]:
    with Reader(path) as reader:
        return [one.text for one in reader.heard(kind, start, limit, budget=5.0)]


@pytest.mark.parametrize(
    ("kind", "start", "found"),
    [
        ("author", "cl", ["clara@example.org", "claire", "bob"]),
        ("author", "CLAIRE", ["claire"]),
        ("author", "le m", ["lemonde"]),
        ("author", "cle", ["bob"]),
        ("author", "x", []),
        ("author", "", ["bob", "claire", "clara@example.org", "lemonde", "東京"]),
        ("#", "acm", ["acme", "acmefail"]),
        ("#", "", ["acme", "acmefail", "batterie", "cafe", "東京"]),
        ("#", "Caf", ["cafe"]),
        ("#", "東", ["東京"]),
        ("@", "", ["acme"]),
        ("lang", "", ["fr", "en", "ja"]),
        ("lang", "e", ["en"]),
        ("site", "", ["lemonde.fr", "lobste.rs"]),
        ("site", "LOB", ["lobste.rs"]),
        ("nothing", "", []),
    ],
)
def test_names_that_were_heard(spoken: Desk, store_path, kind: str, start: str, found: list[str]) -> None:
    assert texts(spoken, store_path, kind, start) == found


def test_names_have_a_word_on_them(spoken: Desk, store_path) -> None:
    with Reader(store_path) as reader:
        assert reader.heard("author", "claire")[0].called == "Claire D."
        assert reader.heard("#", "acme")[0].n == 2


def test_no_more_than_was_asked_for(spoken: Desk, store_path) -> None:
    assert len(texts(spoken, store_path, "#", "", 2)) == 2


def test_an_empty_store_has_heard_nothing(desk: Desk, store_path) -> None:
    for kind in ("author", "lang", "#", "@"):
        assert texts(desk, store_path, kind, "") == []


def test_without_time_it_says_nothing_and_the_next_question_is_answered(spoken: Desk, store_path) -> None:
    with Reader(store_path) as reader:
        for kind in ("author", "lang", "#"):
            reader.heard(kind, "", budget=-1.0)
        assert [one.text for one in reader.heard("#", "acme", budget=5.0)] == ["acme", "acmefail"]


def test_nothing_can_be_written_afterwards(spoken: Desk, store_path) -> None:
    with Reader(store_path) as reader:
        reader.heard("#", "")
        with pytest.raises(sqlite.sqlite3.OperationalError):
            reader._connection.execute("DELETE FROM mentions")


def test_what_comes_in_is_heard(spoken: Desk, store_path) -> None:
    with Reader(store_path) as reader:
        assert [one.text for one in reader.heard("#", "new")] == []
        spoken.add([make_post("late", "#newest", published_at=NOW)])
        assert [one.text for one in reader.heard("#", "new")] == ["newest"]


@pytest.mark.parametrize("start", ["%", "'", '"', "\U0010ffff", "\x00", "*", "(" * 1000])
def test_hostile_beginnings_find_nothing(spoken: Desk, store_path, start: str) -> None:
    for kind in ("author", "#", "@", "lang"):
        assert texts(spoken, store_path, kind, start) == [] or start == "\x00"
