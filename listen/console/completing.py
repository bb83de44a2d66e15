"""What tab does while a query is typed: extend to what all candidates have in common, then go from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from listen.console.answers import Glance
from listen.query.complete import Completion, Known, Name, complete
from listen.query.described import LANGUAGES
from listen.text import fold

NAMED = 3
"""Names of a list that are told."""

Text = tuple[str, int]
"""A text, and the column of its caret."""


class Completer:
    """The candidates of a field, and which of them stands in it."""

    def __init__(self) -> None:
        self.known: dict[str, Sequence[Name]] = {}
        self.offered = Completion(0, 0)
        self.chosen: int | None = None
        """The place of the candidate that tab has put into the text."""
        self._text = ""
        self._made: Text | None = None

    def look(self, text: str, column: int) -> Completion:
        """What may be meant there; candidates stay while tab goes through them."""
        if (text, column) != self._made:
            self.chosen = self._made = None
            self._text, self.offered = text, complete(text, column, self.known)
        return self.offered

    def learn(self, known: Known, text: str, column: int) -> Completion:
        """Names that have become known."""
        self.known.update(known)
        if self.chosen is None:
            self._made = None
        return self.look(text, column)

    def step(self, text: str, column: int, by: int) -> Text | None:
        """The text and its caret after a tab (`by` is 1) or shift and tab (-1); None when there is nothing to offer."""
        found = self.look(text, column).candidates
        if not found:
            return None
        if len(found) == 1:
            closed = not found[0].goes_on and self.offered.end == len(text)
            return self._put(found[0].text + (" " if closed else ""))
        if self.chosen is None:
            typed, common = text[self.offered.start : self.offered.end], self.offered.common()
            if by > 0 and len(common) > len(typed) and fold(common).startswith(fold(typed)):
                return self._put(common)
            self.chosen = -1 if by > 0 else 0
        self.chosen = (self.chosen + by) % len(found)
        self._made = self._put(found[self.chosen].text)
        return self._made

    def _put(self, text: str) -> Text:
        start, end = self.offered.start, self.offered.end
        return self._text[:start] + text + self._text[end:], start + len(text)


def around(glance: Glance, now: float) -> Known:
    """The names that the screen knows without asking the store."""
    return {
        "topic": [Name(topic.name, f"{topic.role}, {topic.new:,} new") for topic in glance.topics],
        "source": [Name(source.name, source.adapter) for source in glance.sources if source.active],
        "view": [Name(view.name, view.text) for view in glance.views],
        "desk": [Name(one.name, one.query) for one in glance.desks],
        "list": [Name(name, _some(values)) for name, values in glance.lists.items()],
        "lang": [Name(code, word) for code, word in LANGUAGES.items()],
        "day": days(now),
        **hours(),
    }


def hours() -> dict[str, list[Name]]:
    """Hours and days by the reader's own clock, where its zone has a name that everybody knows."""
    from listen.config.desks import local_zone

    zone = local_zone()
    if not zone or zone in ("UTC", "Etc/UTC"):
        return {}
    return {"hour": [Name(f"9..17@{zone}", "by your clock")], "weekday": [Name(f"mon..fri@{zone}", "by your clock")]}


def _some(values: Sequence[str]) -> str:
    """`3 names: @claire, @bob, …`"""
    told = ", ".join(values[:NAMED]) + (", …" if len(values) > NAMED else "")
    return f"{len(values)} name{'' if len(values) == 1 else 's'}: {told}"


def days(now: float) -> list[Name]:
    """Dates as queries have them, which are days of UTC."""
    today = datetime.fromtimestamp(now, UTC)
    before = today - timedelta(days=1)
    return [
        Name(f"{today:%Y-%m-%d}", "today"),
        Name(f"{before:%Y-%m-%d}", "yesterday"),
        Name(f"{today:%Y-%m}", "this month"),
        Name(f"{today:%Y}", "this year"),
    ]
