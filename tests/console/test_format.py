"""Rows and details as pieces of lines: exact widths, and nothing that a terminal would obey."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.console import format as formatting
from listen.console.format import NO_CURSOR, Look, columns, compact, number, placeholder, sparkline, stream_row, when
from listen.console.reading import LINES, plain_text, reading, wrap
from listen.console.theme import DARK, PLAIN, SIXTEEN, Palette
from listen.model import KINDS, STATES, STATUSES, Author, Mention, first_id
from listen.store.records import Row
from listen.text import block, cell_width
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


def a_mention(**changes: object) -> Mention:
    fields: dict[str, object] = {
        "id": first_id(NOW - 60), "network": "mastodon", "external_id": "1", "kind": "post", "text": "Hello",
        "author": Author("claire@mastodon.social", "Claire", followers=1234), "lang": "fr", "seen_at": int(NOW - 50),
        "score": -710, "hits": 3, "sources": ("social", "press"), "topics": {"acme": -710},
        "url": "https://mastodon.social/@claire/1",
    }  # fmt: skip
    return Mention(**(fields | changes))  # type: ignore[arg-type]


def lines_of(mention: Mention, width: int = 80) -> list[str]:
    return plain_text(reading(mention, width, DARK, NOW, said=3, zone=UTC))


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
    assert "·" in unknown_words
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


class TestReading:
    def test_it_tells_everything(self) -> None:
        lines = lines_of(a_mention(title="A title", likes=1, replies=2, rating=4, starred=True, assignee="ana"))
        text = "\n".join(lines)
        assert lines[0] == "Claire   @claire@mastodon.social · 1.2k followers · 3 mentions here"
        assert "sentiment   ▼ -0.71 negative   3 words known" in text
        assert "matched     acme ▼ -0.71" in text
        assert "heard       social, press   14:31" in text
        assert "kind        post · fr" in text
        assert "★★★★☆ · 1 like · 2 replies" in text
        assert "status      new  ★ starred  ana takes care of it" in text
        assert lines[-1] == "https://mastodon.social/@claire/1"

    def test_what_was_not_scored_says_why(self) -> None:
        assert any(
            "? not scored: language it" in line
            for line in lines_of(a_mention(score=None, hits=None, unscored="language it"))
        )

    @pytest.mark.parametrize("width", [20, 56, 80, 110])
    def test_hostile_texts_are_marks(self, width: int) -> None:
        for text in TEXTS:
            mention = a_mention(
                text=text, title=text, author=Author(text, text), url=text, unscored=text, score=None, assignee=text,
                sources=(text,), topics={text: -3}, lang=text,
            )  # fmt: skip
            for line in reading(mention, width, DARK, NOW, said=1, zone=UTC):
                for part in line:
                    assert not FORBIDDEN.search(part.text), repr(text)
                    assert part.style is None or not part.style.link
                assert cell_width("".join(part.text for part in line).rstrip()) <= width

    def test_only_web_links_are_links(self) -> None:
        (link,) = reading(a_mention(), 80, DARK, NOW)[-1]
        assert link.style is not None
        assert link.style.link == "https://mastodon.social/@claire/1"
        for url in ("javascript:alert(1)", "file:///etc/passwd", "https://x\x1b]0;t\x07", "https://a@b.example/"):
            assert all(
                not part.style or not part.style.link
                for line in reading(a_mention(url=url), 80, DARK, NOW)
                for part in line
            )

    def test_a_long_text_ends_with_more(self) -> None:
        lines = lines_of(a_mention(text="word " * 200_000))
        assert LINES <= len(lines) <= LINES + 12
        assert any(line.startswith("… more") for line in lines)
        assert len(lines_of(a_mention(text="\n" * 100_000 + "end"))) < LINES + 12
        assert any("more" in line for line in lines_of(a_mention(text="a\n" * 100_000)))


@given(text=st.text(max_size=400), width=st.integers(4, 60))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    shown = block(text)
    spans = list(wrap(shown, width))
    assert all(cell_width(shown[a:b].rstrip()) <= width for a, b in spans)
    assert "".join(shown[a:b] for a, b in spans).replace(" ", "") == shown.replace(" ", "").replace("\n", "")


def test_words_are_kept_whole_where_they_fit() -> None:
    text = "Dommage, l'écran est superbe et je l'avais recommandé"
    assert [text[a:b].rstrip() for a, b in wrap(text, 20)] == [
        "Dommage, l'écran est",
        "superbe et je",
        "l'avais recommandé",
    ]


def test_the_sure_columns_hold_no_sign_of_unsure_width() -> None:
    assert formatting.sure("Ana 🔥👩‍🚀 Núñez ✨") == "Ana Núñez"
    assert formatting.sure("🔥") == "-"
    assert formatting.sure("東京新聞") == "東京新聞"
