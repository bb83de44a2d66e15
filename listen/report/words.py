"""Words, numbers and times of a report, as a language writes them. The words stand in `words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "fr")

NO_BREAK, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"

MINUS = "\N{MINUS SIGN}"

UNKNOWN = "?"


class Ours(str):
    """Text that we wrote: it stands in a page as it is. Every other text is foreign and is escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def set_in_french(text: str) -> str:
    """No line begins with what French writes behind a blank."""
    return re.sub("(?<=«) | (?=[:;?!%»])", NO_BREAK, text)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Name of a text -> language -> the text."""
    listed = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {name: {"en": one["en"], "fr": set_in_french(one["fr"])} for name, one in listed.items()}


class Speech:
    """One language, in one time zone."""

    def __init__(self, lang: str = "en", zone: tzinfo = UTC) -> None:
        self.lang, self.zone = lang, zone
        self._group, self._point = (THIN, ",") if lang == "fr" else (",", ".")

    def word(self, name: str, **values: object) -> str:
        """A text of the catalogue; with foreign values it is foreign. Raises KeyError for a name that is not there."""
        text = catalogue()[name][self.lang]
        if not values:
            return Ours(text)
        said = text.format_map({key: value if isinstance(value, str) else str(value) for key, value in values.items()})
        return (
            said if any(isinstance(one, str) and not isinstance(one, Ours) for one in values.values()) else Ours(said)
        )

    def many(self, name: str, n: int) -> str:
        """`3 mentions`, and by `name.one` `1 mention`; French counts nought as one."""
        one = n == 1 or (n == 0 and self.lang == "fr")
        return self.word(f"{name}.one" if one else name, n=self.number(n))

    def known(self, group: str, name: str) -> str:
        """`name` in this language where the catalogue has `group.name`; else itself, which is foreign."""
        return self.word(f"{group}.{name}") if f"{group}.{name}" in catalogue() else name

    # --- numbers -----------------------------------------------------------------------------------------------------

    def number(self, n: float | None, digits: int = 0) -> Ours:
        """`1,234`, or `1,234.5` with a digit; `?` for what is not known."""
        if n is None:
            return Ours(UNKNOWN)
        text = f"{abs(n):,.{digits}f}".replace(",", "\0").replace(".", self._point).replace("\0", self._group)
        return Ours(f"{MINUS}{text}" if n < 0 and text.strip("0.,") else text)

    def signed(self, n: float | None, digits: int = 0) -> Ours:
        """The same with a plus before what is more than nothing."""
        text = self.number(n, digits)
        return Ours(f"+{text}" if n is not None and n > 0 and text.strip("0.,") else text)

    def percent(self, share: float | None, digits: int = 0) -> Ours:
        """`38 %` of a share of 1."""
        return Ours(UNKNOWN if share is None else f"{self.number(share * 100, digits)}{NO_BREAK}%")

    def change(self, n: float | None, before: float | None) -> Ours:
        """How much more or less than before, in percent; `new` where there was nothing, `×12` from ten times on."""
        if n is None or before is None:
            return Ours(UNKNOWN)
        if not before:
            return Ours(self.word("new") if n else "=")
        if n >= 10 * before:
            return Ours(f"×{self.number(n / before)}")
        text = self.signed((n - before) / before * 100)
        return Ours("=" if n == before else f"{text}{NO_BREAK}%")

    def ratio(self, one: int | None, other: int | None) -> Ours:
        """`6 : 4`"""
        return Ours(f"{self.number(one)} : {self.number(other)}")

    def points(self, share: float | None, before: float | None) -> Ours:
        """The difference of two shares in percentage points."""
        if share is None or before is None:
            return Ours(UNKNOWN)
        return Ours(f"{self.signed((share - before) * 100)}{NO_BREAK}{self.word('points')}")

    # --- times -------------------------------------------------------------------------------------------------------

    def at(self, unix: float) -> datetime:
        """The time on the clocks of the report's zone."""
        return datetime.fromtimestamp(unix, self.zone)

    def day(self, unix: float, *, year: bool = False) -> Ours:
        """`22 Nov`, with the year `22 Nov 2026`."""
        told = self.date(self.at(unix).date())
        return told if year else Ours(told.rpartition(NO_BREAK)[0])

    def moment(self, unix: float, *, year: bool = False) -> Ours:
        """`22 Nov 14:05`."""
        return Ours(f"{self.day(unix, year=year)}{NO_BREAK}{self.at(unix):%H:%M}")

    def date(self, day: date) -> Ours:
        """`31 Mar 2027`, of a day of the calendar."""
        month = self.word("months").split()[day.month - 1]
        first = "er" if self.lang == "fr" and day.day == 1 else ""
        return Ours(f"{day.day}{first}{NO_BREAK}{month}{NO_BREAK}{day.year}")

    def weekdays(self) -> list[Ours]:
        """Monday first, short."""
        return [Ours(one) for one in self.word("weekdays").split()]

    def span(self, since: float, until: float) -> Ours:
        """From when to when, its end exclusive: `16 Nov – 22 Nov 2026` where both are midnights, else with hours."""
        whole = all(self.at(one).time().isoformat() == "00:00:00" for one in (since, until))
        if not whole:
            return Ours(f"{self.moment(since, year=True)} – {self.moment(until, year=True)}")
        first, last = self.day(since, year=True), self.day(until - 1, year=True)
        return first if first == last else Ours(f"{first} – {last}")
