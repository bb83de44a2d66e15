"""What panes say to their screen, and the one message for everything that comes from the store's threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from listen.console.alike import Choice
    from listen.console.widgets.sections import Entry


class Told(Message):
    """An answer (`listen.console.answers`) of one of the store's threads."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer


class CursorMoved(Message):
    """Another mention is under the cursor."""

    def __init__(self, by_arrival: bool = False) -> None:
        super().__init__()
        self.by_arrival = by_arrival
        """Nobody pressed a key: something came in."""


class ViewMoved(Message):
    """Other rows may be in view, so that counters and what is missing may have changed."""

    def __init__(self, by_person: bool = False) -> None:
        super().__init__()
        self.by_person = by_person


class EndWanted(Message):
    """The person wants to go to an end of the list that is not at hand."""

    def __init__(self, end: Literal["top", "bottom"]) -> None:
        super().__init__()
        self.end = end


class ViewChosen(Message):
    """A line of the side pane was chosen."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


class AlikeChosen(Message):
    """A view shall be narrowed to what is like a mention, or rid of it; None when there is nothing to choose."""

    def __init__(self, choice: Choice | None, without: bool) -> None:
        super().__init__()
        self.choice, self.without = choice, without


class FilterTyped(Message):
    """The text of the filter line has changed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class NamesWanted(Message):
    """Names of a kind (see `listen.store.vocabulary`) are wanted that begin so."""

    def __init__(self, kind: str, start: str) -> None:
        super().__init__()
        self.kind, self.start = kind, start


class FilterApplied(Message):
    """The filter line's text shall be the view."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class QueryTyped(Message):
    """The text that shall be the query of a topic or a view has changed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class QueryApplied(Message):
    """The text shall be the query of a topic or a view."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class NameApplied(Message):
    """The text shall be the name. `queue`: of a queue, where that is asked, too."""

    def __init__(self, text: str, queue: bool) -> None:
        super().__init__()
        self.text, self.queue = text, queue


class NameLeft(Message):
    """The line was left."""


class FilterLeft(Message):
    """The filter line was left as it was."""


class FindTyped(Message):
    """The words to be found have changed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FindStepped(Message):
    """The next one with these words (1), or the one before (-1)."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by


class FindApplied(Message):
    """The person stays where the words were found."""


class FindLeft(Message):
    """The find line was left."""
