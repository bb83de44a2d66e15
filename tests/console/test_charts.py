"""Charts of blocks, and going from number to number on a page, without a screen."""

from __future__ import annotations

from rich.style import Style

from listen.console import charts, spots
from listen.console.charts import Bar
from listen.console.facts import Line
from listen.console.spots import Link, Tile, Writing
from listen.console.theme import DARK, PLAIN


def drawn(lines: list[Line]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


def test_bars_tell_what_is_usual_what_is_loud_and_what_was_not_heard() -> None:
    found = [Bar(4, 2.0), Bar(1, 3.5), Bar(0, None, deaf=True), Bar(0), Bar(2, 1.0, loud=True)]
    assert drawn(charts.bars(found, 4, 4.0, DARK)) == ["█─   ", "█    ", "█   █", "██░ █"]
    assert drawn(charts.bars(found, 2, 4.0, DARK, 2)) == ["██──      ", "██▄▄░░  ██"]
    for colours in (DARK, PLAIN):
        (line,) = charts.bars(found, 1, 4.0, colours)
        assert line[0].style != line[-1].style, "what is loud is another colour, or brighter"


def test_bars_both_ways_share_their_lines_by_what_there_is() -> None:
    assert drawn(charts.both_ways([0.5, 0.25, None, 0.0], 2, DARK)) == ["█   ", "██ ▁"]
    assert drawn(charts.both_ways([0.4, -0.4, None, -0.2], 2, DARK)) == ["█   ", " █ ▀"]
    assert drawn(charts.both_ways([-0.5, -0.1], 2, DARK)) == ["█▀", "█ "]


def test_shares_and_hours_fill_exactly_their_room() -> None:
    for value, shown in ((0.0, "░░░░"), (0.5, "██░░"), (1.0, "████"), (7.0, "████"), (0.55, "██▎░")):
        assert drawn([charts.share(value, 4, DARK.lit, DARK)]) == [shown]
    assert charts.heat([[0, 1, 2], [3, 100, 0]], 2) == ["  ░░▒▒", "▓▓██  "]
    assert charts.heat([[0, 0], [5, 0]], 1) == ["  ", "█ "]


def tile(name: str, *rows: str) -> Tile:
    """A word of a row is a number."""
    made = []
    for row in rows:
        writing = Writing(18)
        for word in row.split():
            writing.link(Link(word, [(word, Style.null())], f"q {word}", word))
        made.append(writing.row())
    return Tile(name, made)


def test_keys_go_through_a_page_as_it_is_seen() -> None:
    left = [tile("one", "a b", "", "c dd e"), Tile("empty", []), tile("two", "f")]
    page = spots.page([(left, 20, Style.null()), ([tile("side", "x", "y")], 20, Style.null())], least=8, above=1)
    assert drawn(list(page.lines))[1].startswith("  a  b")
    assert len(page.lines) == 8
    at = {one.spot.key: one for one in page.spots}
    assert (at["f"].line, at["x"].spot.start, at["x"].line) == (5, 22, 1)
    assert spots.below(page, at["b"], 1) is at["dd"], "as straight below as there is"
    assert spots.below(page, at["dd"], -1) is at["b"]
    assert spots.below(page, at["f"], 1) is at["f"]
    assert spots.beside(page, at["b"], 1) is at["x"], "behind the end of a row is the other column"
    assert spots.beside(page, at["x"], -1) is at["b"]
    assert spots.beside(page, at["y"], 1) is at["c"], "then comes the next row"
    assert spots.beside(page, at["a"], -1) is at["a"]
    assert spots.again(page, at["dd"]) is at["dd"]
    assert spots.again(page, at["f"]._replace(tile="gone")) is at["f"], "what stands nearest to where it was"
    assert spots.again(spots.page([([], 20, Style.null())]), at["f"]) is None


def test_what_does_not_fit_a_row_is_left_out_or_flows_into_the_next() -> None:
    writing = Writing(8)
    assert writing.text("12345", Style.null())
    assert not writing.link(Link("k", [("6789", Style.null())], "", ""))
    links = [Link(word, [(word, Style.null())], "", "") for word in ("aaa", "bbb", "ccc", "ddd")]
    rows = spots.flowing([("H", Style.null())], links, 10, 2, 2)
    assert ["".join(piece.text for piece in row.pieces) for row in rows] == ["H aaa  bbb", "  ccc  ddd"]
    assert [one.start for one in rows[1].spots] == [2, 7]
