"""Another store, by its path."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import on
from textual.containers import Vertical
from textual.screen import Screen

from listen.console.theme import Palette
from listen.console.widgets.answer_field import AnswerField, Entered, Left, Told
from listen.console.widgets.footer import Footer

if TYPE_CHECKING:
    from textual.app import ComposeResult

HINT = "the path of a file such as ~/listen.db; nobody collects into it from here"


def looked_at(typed: str) -> tuple[Path, str]:
    """The file that is meant, and why it is no store that could be opened; "" when it is one."""
    from listen.store.read import Reader

    path = Path(typed)
    try:
        path = path.expanduser().absolute()
        if path.is_dir():
            return path, f"{path} is a folder; name the file in it"
        if not path.exists():
            return path, f"there is no file at {path}"
        with Reader(path):
            return path, ""
    except OSError as error:
        return path, error.strerror or "this cannot be opened"
    except Exception as error:
        return path, str(error).partition(";")[0] or type(error).__name__


class OtherStore(Screen[None]):
    """Asks for the path until it is one of a store."""

    AUTO_FOCUS = "TextField"
    SCOPES: ClassVar = ("inputs",)

    def __init__(self, colours: Palette) -> None:
        super().__init__()
        self.colours = colours
        self.head = Told(colours)
        self.question = AnswerField(colours, "▌ ", hint=HINT)
        self.footer = Footer(colours)

    def compose(self) -> ComposeResult:
        with Vertical(id="middle"), Vertical(id="asked"):
            yield self.head
            yield self.question
        yield self.footer

    def on_mount(self) -> None:
        self.head.show([[Segment("Which store?", self.colours.bold)], []])
        self.footer.tell([("enter", "open it"), ("esc", "back"), ("ctrl+q", "leave")])

    @on(Left)
    def _left(self, event: Left) -> None:
        event.stop()
        self.app.pop_screen()

    @on(Entered)
    async def _entered(self, event: Entered) -> None:
        event.stop()
        if not event.value.strip():
            self.question.fault("name a file, or esc goes back")
            return
        path, fault = await asyncio.to_thread(looked_at, event.value.strip())
        if fault:
            self.question.fault(fault)
        else:
            self.app.begin(path)  # type: ignore[attr-defined]
