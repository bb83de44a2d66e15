"""What comes from a terminal: keys pass as they are, what nobody can use does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser

from listen.console.incoming import END, LONGEST, PASTED, Incoming

BEGIN = "\x1b[200~"


def passed(*parts: str, later: float = 0.0) -> str:
    """What the parser sees of parts that come one after the other."""
    incoming = Incoming()
    out = "".join(incoming.feed(part, 0.01 * at) for at, part in enumerate(parts))
    return out + (incoming.tick(later) if later else "")


@pytest.mark.parametrize("sequence", [one for one in ANSI_SEQUENCES_KEYS if one not in ("\x1b[M", "\x1b[200~")])
def test_every_key_that_textual_knows_passes(sequence: str) -> None:
    assert passed(sequence) == sequence
    assert passed(sequence + "j") == sequence + "j"


@pytest.mark.parametrize(
    "text",
    [
        "jk", "é", "\x1b", "\x1b\x1b", "\x1bx", "\x1b[A\x1b[B", "\x1bOP", "\x1b[97;5u", "\x1b[97:65;2;65u",
        "\x1b[57358u", "\x1b[I", "\x1b[O", "\x1b[<0;12;7M", "\x1b[<35;200;50m", "\x1b[?2026;2$y", "\x1b[1;5C",
        "\x1b[3~", "a\x1b[Zb",
    ],
)  # fmt: skip
def test_keys_mouse_focus_and_modes_pass(text: str) -> None:
    assert passed(text) == text
    assert passed(*text) == text, "sign by sign, too"


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[99;99;99;99q", "\x1b[?62;22c", "\x1b[>1;10;0c", "\x1b[48;99999;99999;1;1t", "\x1b[5n",
        "\x1b]11;rgb:1a1a/dddd/aaaa\x07", "\x1b]11;rgb:1a1a/dddd/aaaa\x1b\\", "\x1bP>|XTerm(370)\x1b\\",
        "\x1b_Gi=31;OK\x1b\\", "\x1b]52;c;" + "ZGRk" * 500 + "\x07", "\x1b[9999999u", "\x1b[55296u",
        "\x1b[97;1;9999999u", "\x1b[Mabc", "\x1b[<1;1;1;1;1M", "\x1b[" + "1" * 300 + "m",
    ],
)  # fmt: skip
def test_what_nobody_can_use_is_no_key(text: str) -> None:
    assert passed(f"j{text}k") == "jk"
    assert passed("j", text[:5], text[5:], "k") == "jk"


def test_a_sequence_that_does_not_go_on_keeps_nobody_waiting() -> None:
    assert passed("\x1b]11;rgb:dd", later=2.0) == ""
    incoming = Incoming()
    assert incoming.feed("\x1bP", 0.0) == ""
    assert incoming.feed("j", 0.5) == "\x1bPj", "alt and a key, by hand"
    incoming = Incoming()
    assert incoming.feed("\x1b]11;never", 0.0) == ""
    assert incoming.feed("ending", 0.9) == ""
    assert incoming.feed("jk", 1.1) == "jk"
    assert incoming.feed("\x1b]" + "d" * LONGEST, 2.0) + incoming.feed("j", 2.01) == "j"


def test_a_paste_is_bounded_and_harmless() -> None:
    assert passed(f"{BEGIN}one\ntwo\ta\x1b[31m\x07\x9b\x00b{END}j") == f"{BEGIN}one\ntwo\ta[31mb{END}j"
    parts = [BEGIN, *["d" * 4096] * 250, "a\x1b[2", "01~", "j"]
    out = passed(*parts)
    assert out.startswith(BEGIN + "ddd")
    assert out.endswith(END + "j")
    assert len(out) == len(BEGIN) + PASTED + len(END) + 1


def test_a_paste_without_an_end_ends_by_itself() -> None:
    incoming = Incoming()
    assert incoming.feed(BEGIN + "text", 0.0) == BEGIN + "text"
    assert incoming.feed("more", 0.9) == "more"
    assert incoming.tick(1.5) == ""
    assert incoming.tick(2.0) == END
    assert incoming.feed("j", 2.1) == "j"


@given(st.lists(st.text(alphabet="\x1b[]O<;:?$0123459PMmu~Rty\x07\\ja", max_size=20), max_size=6))
def test_nothing_that_is_typed_stops_the_parser(parts: list[str]) -> None:
    incoming, parser = Incoming(), XTermParser()
    for at, part in enumerate(parts):
        for _ in parser.feed(incoming.feed(part, at * 0.2) or " "):
            pass
    for _ in parser.feed(incoming.tick(100.0) or " "):
        pass
    assert incoming.feed("j", 200.0).endswith("j")
