"""Thinning what is written never changes the picture: judged by a small terminal that draws both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen.console.paint import NONE, Attributes, Canvas, applied, change

Cell = tuple[str, Attributes]

OBEYED = re.compile(
    r"\x1b\[(\d*);?(\d*)r|\x1b\[(\d+)([LM])|\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|\x1b\]8;([^\x1b]*)\x1b\\|(\n)|(.)"
)


@dataclass
class Screen:
    """A terminal of cells; double-width signs take two."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    attributes: Attributes = NONE
    row: int = 1
    column: int = 1
    bytes: int = 0
    region: tuple[int, int] = (1, 99)

    def scroll(self, by: int) -> None:
        """Delete lines at the cursor, or insert some when negative."""
        top, bottom = self.row, self.region[1]
        assert self.region[0] <= top <= bottom
        old = {place: cell for place, cell in self.cells.items() if top <= place[0] <= bottom}
        self.cells = {place: cell for place, cell in self.cells.items() if place not in old}
        for (row, column), cell in old.items():
            if top <= row - by <= bottom:
                self.cells[row - by, column] = cell

    def write(self, data: str) -> None:
        self.bytes += len(data.encode())
        for match in OBEYED.finditer(data):
            top, bottom, lines, how, row, column, codes, link, newline, sign = match.groups()
            if top is not None:
                self.region = (int(top), int(bottom)) if top else (1, 99)
                self.row, self.column = 1, 1
            elif lines:
                self.scroll(int(lines) if how == "M" else -int(lines))
            elif row:
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


SIDE = 14


def table(rows: list[tuple[str, str, str]], first: int, cursor: int, side: list[str]) -> tuple[str, str]:
    """(a list beside a pane, the pane), as Textual paints them."""
    lines, pane = [], []
    for at, (time, who, text) in enumerate(rows):
        ground = ";48;2;9;9;9" if at == cursor else ""
        parts = [(f"31{ground}", f"{time:<8}"), (f"32{ground}", f"{who:<10}"), (f"1;38;5;9{ground}", f"{text:<28}")]
        drawn = "".join(f"\x1b[{codes}m{part}\x1b[0m" for codes, part in parts)
        lines.append(f"\x1b[{first + at};{SIDE + 1}H{drawn}\n")
        pane.append(f"\x1b[{first + at};1H\x1b[33m{side[at]:<{SIDE}}\x1b[0m\n")
    return "".join(lines) + "\x1b[1;1H", "".join(pane) + "\x1b[1;1H"


words = st.text("abcdefgh ", min_size=0, max_size=9)
jumps = st.lists(st.integers(-9, 9), max_size=8)
mentions = st.lists(st.tuples(words, words, words), min_size=30, max_size=60)


@settings(max_examples=120, deadline=None)
@given(
    mentions, st.lists(words, min_size=20, max_size=20), st.lists(st.integers(-9, 9), max_size=8), st.integers(4, 20)
)
def test_a_list_that_moves_is_moved_by_the_terminal_and_the_pane_beside_it_stays(
    listed: list[tuple[str, str, str]], side: list[str], moves: list[int], height: int
) -> None:
    whole, thin, canvas = Screen(), Screen(), Canvas()
    canvas.forget(SIDE + 46)
    top = 5
    for step, move in enumerate([0, *moves]):
        top = max(0, min(top + move, len(listed) - height))
        rows, pane = table(listed[top : top + height], 3, step % height, side)
        for data in (rows, pane) if step % 3 == 0 else (rows,):
            whole.write(data)
            thin.write(canvas.thinned(data))
        assert thin.cells == whole.cells
        assert thin.attributes == NONE
        assert thin.region == (1, 99)


def test_moving_by_a_line_costs_a_fraction() -> None:
    listed = [(f"{n:02}:00", f"author {n}", f"the text of number {n}") for n in range(40)]
    canvas = Canvas()
    canvas.forget(SIDE + 46)
    side = [f"topic {n % 3}" for n in range(20)]
    for data in table(listed[:20], 3, 5, side):
        canvas.thinned(data)
    rows, _ = table(listed[1:21], 3, 5, side)
    sent = canvas.thinned(rows)
    assert "\x1b[3;22r\x1b[3;1H\x1b[1M\x1b[r" in sent
    assert len(sent) < len(rows) / 2


def test_where_something_is_not_known_nothing_is_moved() -> None:
    listed = [(f"{n:02}:00", f"author {n}", f"the text of number {n}") for n in range(40)]
    canvas = Canvas()
    canvas.forget(SIDE + 46)
    rows, _ = table(listed[:20], 3, 5, [""] * 20)
    canvas.thinned(rows)
    sent = canvas.thinned(table(listed[1:21], 3, 5, [""] * 20)[0])
    assert "r\x1b[" not in sent


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


def test_of_a_line_that_changed_a_little_little_is_sent() -> None:
    canvas = Canvas()
    canvas.thinned("\x1b[3;1H\x1b[32msource 1 heard 12 times just now        \x1b[0m\n\x1b[1;1H")
    sent = canvas.thinned("\x1b[3;1H\x1b[32msource 1 heard 13 times just now\x1b[31m        \x1b[0m\n\x1b[1;1H")
    assert sent == "\x1b[3;17H\x1b[32m3\x1b[m"
