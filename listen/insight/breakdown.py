"""What a number is made of: the sources, languages, countries, speakers, intents and stages behind it.

Each part comes with a query that narrows a stream to it and finds as many mentions as the part says. A mention counts
for the source that heard it first; press is what somebody edits and publishes (`aspects.PRESS_KINDS`), the rest is said
by people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from listen.store import aspects
from listen.store.counted import total
from listen.store.pulse import Numbers

WAY = ("discover", "buy", "use", "support", "stay", "leave")
"""The stages in the order of a customer's way."""

UNKNOWN = "?"
"""In the place of a language or country that nobody knows."""

LISTED = 40
"""So many languages or countries, and a query can still say that it is none of them."""

NONE = Numbers()

_CODE = re.compile("[a-z]{2,3}")


class Part(NamedTuple):
    """One row of a breakdown."""

    name: str
    numbers: Numbers
    before: int
    """Mentions in the window before."""
    query: str
    """Narrows a stream to it: `lang:fr`; empty where the language has no words for it."""


class Shown(NamedTuple):
    """What a window holds by aspects (`listen.store.aspects`)."""

    all: Numbers
    """Everything that is counted by aspects."""
    aspects: Mapping[str, Numbers]
    own: int
    """Mentions of our own accounts, which are in no number."""

    def of(self, kind: str) -> dict[str, Numbers]:
        """What is counted under one kind of aspect, by its values."""
        return {key.partition(":")[2]: one for key, one in self.aspects.items() if key.startswith(f"{kind}:")}


Sides = tuple[Shown, Shown]
"""The window, and the one before it."""


def named(name: str) -> str:
    """A name as the value of a field of a query."""
    return name if re.fullmatch(r"\w[\w.-]*", name) else '"' + name.replace('"', " ") + '"'


def parts(found: Mapping[str, Numbers], before: Mapping[str, Numbers], query: Callable[[str], str]) -> list[Part]:
    """The loudest first."""
    names = {name for side in (found, before) for name, one in side.items() if one.n}
    listed = [Part(name, found.get(name, NONE), before.get(name, NONE).n, query(name)) for name in names]
    return sorted(listed, key=lambda one: (-one.numbers.n, -one.before, one.name))


def languages(sides: Sides) -> list[Part]:
    """With UNKNOWN at the end."""
    return _with_rest(aspects.LANG, sides)


def countries(sides: Sides) -> list[Part]:
    """Where any is declared: in capitals, with UNKNOWN at the end."""
    found = _with_rest(aspects.COUNTRY, sides)
    declared = any(one.name != UNKNOWN for one in found)
    return [one._replace(name=one.name.upper()) for one in found] if declared else []


def _with_rest(kind: str, sides: Sides) -> list[Part]:
    """The values of an aspect of which a mention has one at most, and what has none."""
    found, before = (side.of(kind) for side in sides)
    listed = parts(found, before, lambda value: f"{kind}:{value}" if _CODE.fullmatch(value) else "")
    codes = [one.query.partition(":")[2] for one in listed]
    rest = sides[0].all.minus(total(found.values()))
    rest_before = sides[1].all.minus(total(before.values())).n
    if rest.n or rest_before:
        query = f"-{kind}:({' '.join(codes)})" if all(codes) and 0 < len(codes) <= LISTED else ""
        listed.append(Part(UNKNOWN, rest, rest_before, query))
    return listed


def speakers(sides: Sides) -> list[Part]:
    """`us` (our own accounts, in no other number), `press` and `people`."""
    this, last = sides
    press, before = (side.aspects.get(aspects.PRESS, NONE) for side in sides)
    kinds = f"kind:({' '.join(aspects.PRESS_KINDS)})"
    return [
        Part("us", Numbers(this.own), last.own, "is:own"),
        Part("press", press, before.n, kinds),
        Part("people", this.all.minus(press), last.all.n - before.n, f"-{kinds}"),
    ]


def intents(sides: Sides) -> list[Part]:
    """What authors want; a mention can be in several."""
    found, before = (side.of(aspects.INTENT) for side in sides)
    return parts(found, before, lambda name: f"intent:{name}")


def intent(sides: Sides, name: str) -> tuple[int, int]:
    """(mentions that show it, those of the window before)"""
    found, before = (side.aspects.get(f"{aspects.INTENT}:{name}", NONE).n for side in sides)
    return found, before


def stages(sides: Sides) -> list[Part]:
    """All of them in the order of a customer's way, empty ones, too."""
    found, before = (side.of(aspects.STAGE) for side in sides)
    return [Part(stage, found.get(stage, NONE), before.get(stage, NONE).n, f"stage:{stage}") for stage in WAY]
