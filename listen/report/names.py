"""Names of people in a report: as they are, or hidden behind numbers that stay the same all through it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from listen.report.words import Speech
from listen.text import fold

_HANDLE = re.compile(r"(?<![\w@/])@[\w.-]*\w(?:@[\w.-]*\w)?")


class Names:
    """Who is called what. `hidden`: `author 1` for somebody who speaks, `colleague 1` for one of ours."""

    def __init__(self, speech: Speech, *, hidden: bool) -> None:
        self.hidden = hidden
        self._speech = speech
        self._numbers: dict[str, dict[str, int]] = {"author": {}, "colleague": {}}
        self._known: dict[str, str] = {}

    def knows(self, *persons: Sequence[str | None]) -> None:
        """People whose names are to be found in what is said, whoever says it: handle, name and the like of each."""
        for names in persons:
            for one in names:
                if one and len(one.strip()) > 2:
                    self._known[one.strip()] = self.author(*names)

    def author(self, *names: str | None) -> str:
        """Somebody who speaks, by the first of these that is known; the same person has the same number."""
        known = [one for one in names if one]
        if not known:
            return self._speech.word("nobody")
        return self._number("author", known) if self.hidden else known[0]

    def colleague(self, name: str | None) -> str:
        """One of ours."""
        return "" if not name else self._number("colleague", [name]) if self.hidden else name

    def text(self, words: str) -> str:
        """What somebody said, without the names that are hidden."""
        if not self.hidden or not words:
            return words
        for name in sorted(self._known, key=lambda one: (-len(one), one)):
            words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", self._known[name], words, flags=re.IGNORECASE)
        return _HANDLE.sub(lambda one: self.author(one[0]), words)

    def url(self, url: str | None) -> str | None:
        """An address leads to who wrote it, so there is none where names are hidden."""
        return None if self.hidden else url

    def _number(self, kind: str, names: Sequence[str]) -> str:
        """`claire@mastodon.social` is `@claire`, too, which is what her neighbours call her."""
        numbers = self._numbers[kind]
        whole = [fold(one.strip().lstrip("@")) for one in names]
        keys = [*whole, *(one.partition("@")[0] for one in whole)]
        n = next((numbers[one] for one in keys if one in numbers), len(set(numbers.values())) + 1)
        for one in keys:
            numbers.setdefault(one, n)
        return self._speech.word(kind, n=n)
