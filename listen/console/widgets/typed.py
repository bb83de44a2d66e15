"""A text field of ours: every printable key is text, and nothing gets into it that may not be shown."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from listen.console import keys
from listen.text import one_line


class Typed(Input):
    """One line of text. What its keys do is said by who holds it."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("inputs")

    class Key(Message):
        """A key of the field: `complete` and `walk` by so many, `apply`, `leave`."""

        def __init__(self, verb: str, by: int = 0) -> None:
            super().__init__()
            self.verb, self.by = verb, by

    class Moved(Message):
        """The caret stands somewhere else, or the text has changed."""

    def __init__(self, text: str, longest: int, *, id: str | None = None) -> None:
        super().__init__(showable(text), select_on_focus=False, compact=True, max_length=longest, id=id)
        self.cursor_blink = False

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text between two columns; the one gate for what is typed, pasted or completed."""
        start, end = sorted((max(0, start), min(len(self.value), end)))
        before = showable(self.value[:start] + text)
        value = before + self.value[end:]
        if self.max_length is None or len(value) <= self.max_length:
            self.value = value
            self.cursor_position = len(before)

    def write(self, text: str) -> None:
        """Another text, with the caret at its end."""
        self.value = showable(text)[: self.max_length]
        self.cursor_position = len(self.value)

    def take_focus(self) -> None:
        """At once, the caret at the end: `focus()` waits for its turn, and keys typed meanwhile would be verbs."""
        self.screen.set_focus(self)
        self.cursor_position = len(self.value)

    @property
    def first_cell(self) -> int:
        """How many cells of the text are scrolled out of sight at its beginning."""
        return int(self.scroll_offset.x)

    async def _on_key(self, event: events.Key) -> None:
        """A key that edits is carried out in its turn: what was typed behind it in one read would overtake it."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if not binding.id:  # those with one are ours, and people give them other keys
                event.stop()
                event.prevent_default()
                await self.run_action(binding.action)
                return

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text[: self.max_length].split()), *self.selection)

    def watch_selection(self) -> None:
        self.post_message(self.Moved())

    def action_complete(self, by: int) -> None:
        self.post_message(self.Key("complete", by))

    def action_older(self) -> None:
        self.post_message(self.Key("walk", -1))

    def action_newer(self) -> None:
        self.post_message(self.Key("walk", 1))

    def action_apply(self) -> None:
        self.post_message(self.Key("apply"))

    def action_leave(self) -> None:
        self.post_message(self.Key("leave"))


def showable(text: str) -> str:
    """A text as it is shown, with the blanks that it has: those in a phrase and the one just typed count."""
    if text.isascii() and text.isprintable():
        return text
    return " ".join(one_line(part) for part in text.replace("\t", " ").split(" "))
