"""Thinning what is written never changes the picture: judged by a small terminal that draws both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen.console.paint import NONE, Attributes, Canvas, applied, change

Cell = tuple[str, Attributes]


@dataclass
class Screen:
    """A terminal of cells; double-width signs take two."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    attributes: Attributes = NONE
    row: int = 1
    column: int = 1
    bytes: int = 0

    def write(self, data: str) -> None:
        self.bytes += len(data.encode())
        for match in re.finditer(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|\x1b\]8;([^\x1b]*)\x1b\\|(\n)|(.)", data):
            row, column, codes, link, newline, sign = match.groups()
            if row:
                self.row, self.column = int(row), int(column)
            elif codes is not None:
                self.attributes = applied(self.attributes, codes)
            elif link is not None:
                self.attributes = self.attributes._replace(link=link)
            elif newline:
                self.row, self.column = self.row + 1, 1
            else:
                width = 2 if sign >= "\u1100" else 1
                drawn = self.attributes if sign != " " or self.attributes.rest else self.attributes._replace(fore="")
                for at in range(width):
                    self.cells[self.row, self.column + at] = (sign if not at else "", drawn)
                self.column += width


styles = st.sampled_from(
    ["1;38;2;1;2;3;48;2;9;9;9", "38;5;9", "31;44", "48;2;9;9;9", "3;4;97", "38;2;1;2;3;48;2;9;9;9", "2", ""]
)
segments = st.lists(
    st.tuples(styles, st.text("ab 東x ", min_size=1, max_size=14), st.booleans()), min_size=1, max_size=5
)
runs = st.tuples(st.integers(1, 4), st.integers(1, 30), segments)
frames = st.lists(st.lists(runs, min_size=1, max_size=6), min_size=1, max_size=6)


def written(frame: list[tuple[int, int, list[tuple[str, str, bool]]]]) -> str:
    """As Textual writes it."""
    out = []
    for row, column, parts in frame:
        out.append(f"\x1b[{row};{column}H")
        for codes, text, link in parts:
            text = f"\x1b]8;id=1;http://x\x1b\\{text}\x1b]8;;\x1b\\" if link else text
            out.append(f"\x1b[{codes}m{text}\x1b[0m" if codes else text)
        out.append("\n")
    return "".join([*out[:-1], "\x1b[1;1H"])


@settings(max_examples=150, deadline=None)
@given(frames)
def test_the_picture_is_the_same_after_every_frame(
    drawn: list[list[tuple[int, int, list[tuple[str, str, bool]]]]],
) -> None:
    whole, thin, canvas = Screen(), Screen(), Canvas()
    for frame in drawn:
        data = written(frame)
        whole.write(data)
        thin.write(canvas.thinned(data))
        assert thin.cells == whole.cells
        assert thin.attributes == NONE
        assert canvas.thinned(data) == "" or overlaps(frame)


def overlaps(frame: list[tuple[int, int, list[tuple[str, str, bool]]]]) -> bool:
    return len({row for row, *_ in frame}) < len(frame)


@settings(max_examples=60, deadline=None)
@given(frames)
def test_never_more_bytes_than_given(drawn: list[list[tuple[int, int, list[tuple[str, str, bool]]]]]) -> None:
    canvas = Canvas()
    for frame in drawn:
        data = written(frame)
        assert len(canvas.thinned(data)) <= len(data) + 12


def test_what_stands_there_is_not_sent_again_and_neighbours_are() -> None:
    canvas = Canvas()
    line = "\x1b[5;3H\x1b[31mred\x1b[0m\x1b[32mgreen and a long stretch of it\x1b[0m\x1b[31mend\x1b[0m\x1b[1;1H"
    first = canvas.thinned(line)
    assert first == "\x1b[5;3H\x1b[31mred\x1b[32mgreen and a long stretch of it\x1b[31mend\x1b[m\x1b[1;1H"
    assert canvas.thinned(line) == ""
    changed = canvas.thinned(line.replace("end", "END"))
    assert changed == "\x1b[5;36H\x1b[31mEND\x1b[m"


def test_after_forgetting_everything_is_sent() -> None:
    canvas = Canvas()
    line = "\x1b[5;3Habc\x1b[1;1H"
    canvas.thinned(line)
    canvas.forget()
    assert canvas.thinned(line) == line


@pytest.mark.parametrize("sequence", ["\x1b[2J", "\x1bc", "\x1b[3;4r", "\x1b[K"])
def test_an_unknown_sequence_passes_and_nothing_is_known_after_it(sequence: str) -> None:
    canvas = Canvas()
    line = "\x1b[5;3Habc\x1b[1;1H"
    canvas.thinned(line)
    assert canvas.thinned(sequence) == sequence
    assert canvas.thinned(line) == line


@pytest.mark.parametrize(
    "sequence",
    ["\x1b[?2026h", "\x1b[?25l", "\x1b[>25u", "\x1b[<u", "\x1b[?2026$p", "\x1b]52;c;QQ==\x07", "\x1b]22;default\x07"],
)
def test_modes_and_the_clipboard_pass_untouched(sequence: str) -> None:
    canvas = Canvas()
    line = "\x1b[5;3Habc\x1b[1;1H"
    canvas.thinned(line)
    assert canvas.thinned(sequence) == sequence
    assert canvas.thinned(line) == ""


def test_without_colours_none_are_sent() -> None:
    canvas = Canvas(no_color=True)
    sent = canvas.thinned("\x1b[1;1H\x1b[1;38;2;1;2;3;48;5;9mbold\x1b[0m\x1b[31;102mplain\x1b[0m\x1b[1;1H")
    assert sent == "\x1b[1;1H\x1b[1mbold\x1b[mplain\x1b[1;1H"


@given(st.lists(styles, max_size=6), st.lists(styles, max_size=6))
def test_a_change_leads_from_one_to_the_other(before: list[str], after: list[str]) -> None:
    now = wanted = NONE
    for codes in before:
        now = applied(now, codes)
    for codes in after:
        wanted = applied(wanted, codes or "0")
    reached = now
    for codes in re.findall(r"\x1b\[([\d;]*)m", change(now, wanted)):
        reached = applied(reached, codes)
    assert reached == wanted
