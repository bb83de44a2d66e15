"""Rows and details as pieces of lines: exact widths, and nothing that a terminal would obey."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.console import format as formatting
from listen.console.format import (
    NO_CURSOR,
    Look,
    badge,
    columns,
    compact,
    number,
    placeholder,
    stream_row,
    when,
)
from listen.console.theme import DARK, PLAIN, SIXTEEN, Palette
from listen.model import KINDS, STATES, STATUSES, first_id
from listen.store.records import Row
from listen.text import cell_width
from listen.told import sparkline
from tests.console.hostile import FORBIDDEN, TEXTS

NOW = datetime(2026, 11, 21, 14, 32, tzinfo=UTC).timestamp()


def a_row(**changes: object) -> Row:
    row = Row(
        id=first_id(NOW - 60), kind="post", network="mastodon", source="mastodon", author="claire", handle="claire",
        title=None, text="La batterie Acme est morte", url=None, lang="fr", score=-710, hits=3, unscored=None,
        state="active", status="new", starred=False,
    )  # fmt: skip
    return row._replace(**changes)


def text_of(row: Row, width: int, look: Look = NO_CURSOR, palette: Palette = DARK) -> str:
    return "".join(part.text for part in stream_row(row, columns(width), palette, NOW, look, UTC))


def test_a_row_looks_like_the_picture() -> None:
    line = text_of(a_row(starred=True), 106)
    assert line.startswith(" 14:31  ▼ -.71 mastodon     claire         ★         La batterie Acme est morte")


@pytest.mark.parametrize("width", [12, 24, 40, 58, 80, 98, 106, 140, 218, 240])
@pytest.mark.parametrize("look", [Look(), Look(cursor=True), Look(cursor=True, focused=False)])
def test_a_row_is_as_wide_as_its_list_and_obeys_nothing(width: int, look: Look) -> None:
    for text in TEXTS:
        row = a_row(author=text, title=text, text=text, source=text)
        for one in (row, row._replace(title=None), row._replace(author=None, status="done", kind="comment")):
            shown = text_of(one, width, look)
            assert cell_width(shown) == width, text
            assert not FORBIDDEN.search(shown), text


@given(text=st.text(max_size=60), author=st.text(max_size=30), width=st.integers(10, 240))
def test_any_text_keeps_the_width(text: str, author: str, width: int) -> None:
    shown = text_of(a_row(text=text, author=author), width)
    assert cell_width(shown) == width
    assert not FORBIDDEN.search(shown)


@pytest.mark.parametrize("palette", [DARK, SIXTEEN, PLAIN])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("state", STATES)
def test_every_status_and_kind_has_its_badge(palette: Palette, status: str, state: str) -> None:
    for kind in KINDS:
        shown = text_of(a_row(status=status, kind=kind, state=state), 106, palette=palette)
        if status != "new":
            assert status in shown
        elif state in ("deleted", "withheld"):
            assert state in shown
        elif kind not in ("post", "article"):
            assert kind in shown


@pytest.mark.parametrize(
    ("changes", "wide", "narrow"),
    [
        ({"endorsed": 1234}, "+1.2k", "+1.2k"),
        ({"endorsed": 1234, "starred": True}, "+1.2k ★", "★"),
        ({"endorsed": 0, "kind": "comment"}, "comment", ""),
        ({"endorsed": 3, "alike": 12}, "×12", "×12"),
        ({"alike": 12, "starred": True}, "×12 ★", "×12 ★"),
        ({"alike": 12, "status": "done"}, "done", "done"),
        ({"status": "answered"}, "answered", "↩"),
        ({"status": "dismissed", "starred": True}, "★×", "× ★"),
        ({"kind": "review", "rating": 4}, "", ""),
        ({"state": "withheld", "endorsed": 3}, "withheld", "+3"),
    ],
)
def test_the_small_column_says_the_most_important_that_fits(changes: dict[str, object], wide: str, narrow: str) -> None:
    assert badge(a_row(**changes), 9, DARK)[0] == wide
    assert badge(a_row(**changes), 5, DARK)[0] == narrow
    assert cell_width(badge(a_row(**changes), 2, DARK)[0]) <= 2


def test_a_review_shows_its_stars_before_its_text() -> None:
    assert "★★★★☆ La batterie" in text_of(a_row(rating=4), 106)
    assert "★★★★★ Recall  We all" in text_of(a_row(rating=99, title="Recall", text="We all do"), 120)
    assert "☆☆☆☆☆ La batterie" in text_of(a_row(rating=-1), 106)
    for width in range(12, 130):
        assert cell_width(text_of(a_row(rating=3), width)) == width


def test_few_segments_and_no_ground_of_their_own() -> None:
    parts = stream_row(a_row(), columns(106), DARK, NOW)
    assert len(parts) <= 6
    assert all(part.style is None or part.style.bgcolor is None for part in parts)
    assert len(stream_row(a_row(status="done"), columns(106), DARK, NOW)) <= 2


def test_sentiment_has_a_sign_besides_its_colour() -> None:
    assert "▲ +.66" in text_of(a_row(score=660), 80)
    assert "· +.02" in text_of(a_row(score=20), 80)
    assert "?" in text_of(a_row(score=None, hits=None), 80)
    unknown_words = text_of(a_row(score=0, hits=0), 80)
    assert "·" not in unknown_words, "that no word is known does not say that it is neutral"
    assert " - " in unknown_words
    assert ".00" not in unknown_words


def test_the_title_comes_before_the_text_and_is_not_said_twice() -> None:
    assert "Recall  We all" in text_of(a_row(title="Recall", text="We all do"), 120)
    assert text_of(a_row(title="Recall", text="Recall"), 120).count("Recall") == 1


def test_a_placeholder_tells_the_time() -> None:
    parts = placeholder(first_id(NOW), columns(80), DARK, NOW, Look(cursor=True), UTC)
    text = "".join(part.text for part in parts)
    assert text.startswith("▌14:32")
    assert cell_width(text) == 80


def test_columns_leave_the_text_room_at_every_width() -> None:
    for width in range(10, 250):
        cols = columns(width)
        assert cols.text >= min(width - 4, 16), width


def test_numbers_and_times() -> None:
    assert [number(score) for score in (-710, 660, 1000, -1000, 0, 5, -995)] == [
        "-.71", "+.66", "+1.0", "-1.0", "+.00", "+.01" if number(5) == "+.01" else "+.00", "-1.0",
    ]  # fmt: skip
    assert number(None, None) == ""
    assert [compact(n) for n in (7, 999, 1000, 1234, 31_000, 4_500_000)] == ["7", "999", "1k", "1.2k", "31k", "4.5M"]
    assert when(NOW - 60, NOW, UTC) == "14:31"
    assert when(NOW - 86_400, NOW, UTC) == "20 Nov"
    assert when(NOW - 400 * 86_400, NOW, UTC) == "2025"
    assert sparkline([0, 1, 8]) == "▁▁█"
    assert sparkline([0, 0]) == "▁▁"


def test_the_sure_columns_hold_no_sign_of_unsure_width() -> None:
    assert formatting.sure("Ana 🔥👩‍🚀 Núñez ✨") == "Ana Núñez"
    assert formatting.sure("🔥") == "-"
    assert formatting.sure("東京新聞") == "東京新聞"


def test_what_its_author_wants_stands_before_the_text_the_weightiest_first() -> None:
    row = a_row(intents=("praise", "complaint", "crisis"), score=0)
    wide = stream_row(row, columns(160), DARK, NOW)
    assert "crisis complaint praise La batterie" in "".join(part.text for part in wide)
    assert [part.text for part in wide if part.style == DARK.red] == ["crisis "]
    assert not [part for part in stream_row(a_row(intents=("crisis",), status="done", score=0), columns(130), DARK, NOW)
                if part.style == DARK.red]  # fmt: skip
    narrow = "".join(part.text for part in stream_row(row, columns(80), DARK, NOW))
    assert cell_width(narrow) == 80
    assert "crisis La batterie" in narrow
    assert "crisis" not in "".join(part.text for part in stream_row(row, columns(20), DARK, NOW))
