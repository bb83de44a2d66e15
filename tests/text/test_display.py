"""The gate to the screen."""

from __future__ import annotations

import json
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from listen.text import block, cell_width, one_line, placed_block, placed_tokens
from tests.text.foreign import foreign

ZERO_WIDTH_FORMATS = set("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u00ad\u034f\u180e\u3164\u115f\u1160\uffa0\u20e3")


def assert_harmless(shown: str) -> None:
    for sign in shown:
        assert unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp"), ascii(shown)
        assert unicodedata.bidirectional(sign) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        assert sign not in ZERO_WIDTH_FORMATS, ascii(shown)
        assert not 0xE0000 <= ord(sign) <= 0xE0FFF, ascii(shown)
        assert not 0x1F3FB <= ord(sign) <= 0x1F3FF, ascii(shown)


def assert_honest(shown: str) -> None:
    """The width is the sum of the signs' widths, nothing rides on what is left of the text, and little on one sign."""
    widths = [cell_len(sign) for sign in shown]
    assert cell_width(shown) == cell_len(shown) == sum(widths)
    assert not shown or widths[0] > 0, ascii(shown)
    riding = 0
    for width in widths:
        riding = riding + 1 if width == 0 else 0
        assert riding <= 8, ascii(shown)


@given(foreign, st.none() | st.integers(0, 30))
def test_a_line_is_harmless_honest_and_final(text: str, limit: int | None) -> None:
    shown = one_line(text, limit)
    assert_harmless(shown)
    assert_honest(shown)
    assert "  " not in shown
    assert shown == shown.strip()
    assert limit is None or cell_width(shown) <= limit
    assert one_line(shown, limit) == shown


@given(foreign, st.integers(1, 6))
def test_a_block_is_harmless_honest_and_final(text: str, max_lines: int) -> None:
    shown = block(text, max_lines)
    lines = shown.split("\n")
    assert len(lines) <= max_lines
    for line in lines:
        assert_harmless(line)
        assert_honest(line)
    assert block(shown, max_lines) == shown


def test_every_single_code_point_is_shown_harmlessly() -> None:
    for start in [*range(0, 0x20000, 16), *range(0xE0000, 0xE1000, 16), sys.maxunicode - 15]:
        shown = one_line("".join(f"x{chr(code)}" for code in range(start, start + 16)))
        assert_harmless(shown)
        assert_honest(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        (" two  blanks\n\tlines ", "two blanks lines"),
        ("\x1b]52;c;aGk=\x07\x1b[2J", "␛]52;c;aGk=␇␛[2J"),
        ("\x9b2J \x9d0;t\x9c", "␦2J ␦0;t␦"),
        ("a\bb\vc\fd\x7fe\rf", "a␈b␋c␌d␡e f"),
        ("nul\0", "nul␀"),
        ("\u202egnp.exe\u202c", "⇄gnp.exe⇄"),
        ("a\u2028b\u2029c\u0085d", "a b c d"),
        ("pass\u200bword so\u00adft", "password soft"),
        ("l\u200eeft \ufeffmark", "left mark"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("half \ud83d", "half \ufffd"),
        ("Z\u0334\u0335\u0336\u0337\u0338algo", "Z\u0334\u0335algo"),
        ("\u0301start \u0301word", "start word"),
        ("❤\ufe0f 👍🏽 👨\u200d👩\u200d👧 1\ufe0f\u20e3", "❤ 👍 👨👩👧 1"),
        ("🇫🇷🇩🇪 🇫", "🇫🇷🇩🇪 F"),
        ("日本　語", "日本 語"),
        ("किताब ที่นี่ שָׁלוֹם", "किताब ที่นี่ שָׁלוֹם"),
        ("5\u00a0€ l’été «\u202fvu\u202f»", "5 € l’été « vu »"),
        ("[/] [@click=app.quit]x", "[/] [@click=app.quit]x"),
        ("\u1161\u1161 한국어", "한국어"),
        ("", ""),
        ("\u200b \n", ""),
    ],
)
def test_a_line_shows_controls_and_drops_what_has_no_width(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("abc def", 5, "abc…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("éé日", 3, "éé…"),
        ("🇫🇷🇩🇪", 4, "🇫🇷🇩🇪"),
        ("🇫🇷🇩🇪", 3, "🇫🇷…"),
        ("a🇩🇪b", 3, "aD…"),
    ],
)
def test_a_line_is_cut_by_cells(text: str, limit: int, shown: str) -> None:
    assert one_line(text, limit) == shown


def test_no_sign_is_wider_than_the_cells_it_is_cut_to() -> None:
    for code in range(0x20, 0x3100):
        assert cell_width(one_line(chr(code) * 4, 3)) <= 3, hex(code)


def test_a_block_keeps_lines_and_indentation_and_counts_what_it_leaves_out() -> None:
    assert block("\n\n def f():\r\n\treturn 1  \r\u2028last\n\n") == " def f():\n    return 1\n\nlast"
    assert block("a\nb\nc\nd", 3) == "a\nb\n… 2 more lines"
    assert block("a\x1b[31m\nb\u202e") == "a␛[31m\nb⇄"
    assert block("x\n" * 100_000).endswith("\n… 99501 more lines")


def test_the_recorded_terminal_attacks_are_harmless(shared: Path) -> None:
    records = (shared / "fixtures/hostile/inputs/terminal.ndjson").read_text("utf-8").splitlines()
    assert records
    for record in records:
        for text in filter(lambda value: isinstance(value, str), json.loads(record).values()):
            for line in (one_line(text), *block(text).split("\n")):
                assert_harmless(line)
                assert_honest(line)


@given(text=foreign, cuts=st.lists(st.integers(0, 120), max_size=6), lines=st.integers(2, 5))
def test_places_are_followed_to_where_they_are_shown(text: str, cuts: list[int], lines: int) -> None:
    places = sorted(min(cut, len(text)) for cut in cuts)
    shown, found = placed_block(text, places, lines)
    assert shown == block(text, lines)
    assert len(found) in (0, len(places))
    assert found == sorted(found)
    assert all(0 <= place <= len(shown) for place in found)


@given(text=foreign)
def test_words_are_found_again_where_they_are_shown(text: str) -> None:
    """What stands between two places is shown as it is shown alone."""
    words = placed_tokens(text)[0]
    for token, start, end in words[:10]:
        shown, found = placed_block(text, (start, end))
        alone = block(text[start:end])
        if found and not any("\U0001f1e6" <= sign <= "\U0001f1ff" for sign in token):
            assert shown[slice(*found)] == alone


def test_places_in_a_text_with_much_that_is_not_shown() -> None:
    text = "\n\n  a\u200bcme\t is\u202e here   \r\nsecond\x1b[2J line  \n\n"
    places = [text.index("a\u200b"), text.index("\t"), text.index("second"), text.index(" line"), len(text)]
    shown, found = placed_block(text, places)
    assert shown == "  acme     is⇄ here\nsecond␛[2J line"
    assert [shown[a:b] for a, b in pairwise(found)] == ["acme", "     is⇄ here\n", "second␛[2J", " line"]
    assert placed_block("e\u0301e\u0301", [1]) == ("e\u0301e\u0301", [])
    assert placed_block("ab\ncd\nef", [0, 3, 6, 7], 2) == ("ab\n… 2 more lines", [0, 3, 3, 3])
