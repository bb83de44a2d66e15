"""The line above the list of alerts: what fires, what waits, and how often that was worth it."""

from __future__ import annotations

from rich.style import Style

from listen.console.alarm_lines import STATES, span
from listen.console.alarms import Board
from listen.console.theme import Palette
from listen.console.widgets.line import Line, Pieces
from listen.console.widgets.title import ends, title


class AlertSummary(Line):
    """`alerts   2 firing   1 pending   1 silence   fired 14, useful 2`."""

    def __init__(self, colours: Palette) -> None:
        super().__init__(classes="head")
        self.colours, self.board, self.person, self.clock, self.trouble = colours, Board(), "", "", ""

    def tell(self, board: Board, person: str, clock: str, trouble: str) -> None:
        """Show this; `trouble` is why nothing may fire."""
        self.board, self.person, self.clock, self.trouble = board, person, clock, trouble
        self.draw()

    def pieces(self, width: int) -> tuple[Pieces, Pieces]:
        colours, board = self.colours, self.board
        right = ends(self.person, self.clock, colours)
        return title("alerts", self._words(board), right, width, colours)

    def _words(self, board: Board) -> list[tuple[str, Style]]:
        colours, states = self.colours, [one.standing for one in board.alerts]
        styles = {"firing": colours.red, "acknowledged": colours.lit, "pending": colours.amber}
        words = [(f"{n} {STATES[state]}", style) for state, style in styles.items() if (n := states.count(state))]
        if board.rules and not words:
            words.append(("nothing fires", colours.faint))
        if self.trouble:
            words.append((self.trouble, colours.amber))
        stuck = sum(len(one.ids) for one in board.stuck)
        if stuck:
            words.append((f"{stuck} not delivered", colours.red))
        if board.delayed:
            words.append((f"{board.delayed} delayed {span(board.delayed_for)}", colours.amber))
        if board.silences:
            words.append((f"{len(board.silences)} silence{'s' * (len(board.silences) != 1)}", colours.amber))
        fired, useful = sum(one.fired for one in board.figures), sum(one.useful for one in board.figures)
        if fired:
            words.append((f"30 days: fired {fired}, useful {useful}", colours.faint))
        return words
