"""Textual as the console uses it: keys typed ahead, faults, the clipboard and the last line go ways of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rich.text import Text
from textual import events, on
from textual.app import App
from textual.driver import Driver as TextualDriver

from listen.console.clerk import sentence_of
from listen.console.terminal import Driver

if TYPE_CHECKING:
    from textual.widget import Widget

FAILED = 3
"""Exit code after a fault of our own."""


class Shell(App[int]):
    """What stands between the terminal and the screens."""

    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(self) -> None:
        super().__init__(driver_class=Driver)
        self._sent_to: WeakKeyDictionary[events.Key, Widget | None] = WeakKeyDictionary()
        """Keys on their way, and what had the focus when they came."""

    def key_pressed(self) -> None:
        """Some key came, whatever it will do."""

    # --- keys ---

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            if not event.is_forwarded:
                self._sent_to[event] = self.focused
            self.key_pressed()
        elif isinstance(event, events.Resize):
            self.forget_painted(event.size.width)
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Keys that came in one read with the one that opened a line were meant for that line."""
        line = self.focused
        if line is None or self._sent_to.pop(event, line) is line:
            return
        from listen.console.widgets.typed import Typed

        if isinstance(line, Typed):
            event.prevent_default()
            line._forward_event(events.Key(event.key, event.character))

    # --- what is painted ---

    @on(TextualDriver.SignalResume)
    def _back(self) -> None:
        """Back from the shell, which has left nothing of what was painted."""
        self.forget_painted()
        self.refresh(layout=True)

    def forget_painted(self, width: int | None = None) -> None:
        """Paint everything anew next time: the terminal may show something else."""
        if isinstance(self._driver, Driver):
            self._driver.canvas.forget(width)

    def say(self, message: str, style: str = "plain", seconds: float = 5.0) -> None:
        """A message in the last line of the screen."""
        from listen.console.widgets.footer import Footer

        self.screen.query_one(Footer).say(message, style, seconds)

    @property
    def warns(self) -> bool:
        """Whether the last line tells that something went wrong."""
        from listen.console.widgets.footer import Footer

        return self.screen.query_one(Footer).warns

    def copy_to_clipboard(self, text: str) -> None:
        """What was marked with the mouse, or cut out of a text field, goes the way of everything that is copied."""
        from listen.console import clipboard

        clipboard.hand_over(self, text, lambda sent: self.say(f"sent {len(text):,} characters {sent}"))

    # --- faults ---

    def _fatal_error(self) -> None:
        """Textual shows a traceback with the values of all variables, secrets included; here a sentence is enough."""
        from listen.console import crash

        error = self._exception
        told = sentence_of(error) if error is not None else "an unexpected fault"
        self._return_code = FAILED
        if error is not None and (path := crash.keep(error)) is not None:
            told = f"{told} with {path}"
        if not self._exit_renderables:
            self._exit_renderables.append(Text(f"listen: {told}"))
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """Errors that would show themselves, with code and markup, are told as all others are."""
        self._fatal_error()
