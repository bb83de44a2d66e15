"""The line that asks into which file a report is written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.screen import ModalScreen

from listen.console import reporting
from listen.console.desk import Desk
from listen.console.format import local
from listen.console.messages import NameApplied, NameLeft
from listen.console.reporting import Wanted
from listen.console.theme import Palette
from listen.console.widgets.naming_line import NamingLine
from listen.text import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

LONGEST = 1_000
"""Characters of a path."""


class ReportTo(ModalScreen["Path | None"]):
    """Asks for the file; the answer is the one that is being written. One that is there is asked for twice."""

    AUTO_FOCUS = "Typed"

    def __init__(self, desk: Desk, colours: Palette, wanted: Wanted, typed: str = "") -> None:
        super().__init__()
        self.desk, self.wanted = desk, wanted
        self._over: Path | None = None
        name = typed or reporting.file_name(wanted, f"{local(desk.clock.now()):%Y-%m-%d}")
        self.line = NamingLine(colours, "report to", name, "", self._fault, longest=LONGEST)
        self.line.text = f"{wanted.told()}: .html or .md; enter writes it, esc leaves"

    def compose(self) -> ComposeResult:
        yield self.line

    def _fault(self, written: str) -> str:
        """Why it cannot be written, or what it would take the place of."""
        found = reporting.fault(written)
        if not found and reporting.path_of(written).exists():
            changed = datetime.fromtimestamp(reporting.path_of(written).stat().st_mtime)
            return f"there is one, of {changed:%Y-%m-%d %H:%M}: enter twice writes over it"
        return found

    @on(NameApplied)
    def _applied(self, event: NameApplied) -> None:
        event.stop()
        if found := reporting.fault(event.text):
            self.line.refuse(found)
            return
        path = reporting.path_of(event.text)
        if path.exists() and self._over != path:
            self._over = path
            self.line.refuse(f"{one_line(path.name, 40)} is there: enter once more writes over it, esc leaves it")
            return
        self.desk.reports.ask(str(path), reporting.report(self.wanted, path, self.desk.clock, over=self._over == path))
        self.dismiss(path)

    @on(NameLeft)
    def _left(self, event: NameLeft) -> None:
        event.stop()
        self.dismiss(None)
