"""Who is away, until when, and who covers for them: `[people]` of the configuration, and what follows from it.

Names are folded, as mentions are given to people. Light on purpose: the console imports this module.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import NamedTuple

from listen.text import fold


class Absence(NamedTuple):
    """What is told of a person."""

    until: str
    """The last day on which they are away, as `2027-01-04`."""
    cover: str = ""
    """Who takes over meanwhile, "" for nobody."""


People = Mapping[str, Absence]


def people(written: Mapping[str, Mapping[str, object]]) -> dict[str, Absence]:
    """`[people]` as it was checked; who has no last day is never away."""
    return {
        fold(name): Absence(str(keys["away"]), fold(str(keys.get("cover") or "")))
        for name, keys in written.items()
        if keys.get("away")
    }


def written(people: People) -> str:
    """As the store keeps it for the consoles."""
    return json.dumps(people, ensure_ascii=False)


def read(told: str | None) -> dict[str, Absence]:
    """What the store keeps."""
    return {name: Absence(*one) for name, one in json.loads(told or "{}").items()}


def away(people: People, name: str | None, day: datetime.date) -> Absence | None:
    """A person's absence on that day, None when they are there; `cover` is whoever is there, "" for nobody."""
    found = people.get(name or "")
    if found is None or found.until < day.isoformat():
        return None
    seen, cover = {name}, found.cover
    while cover and cover not in seen and (next_one := people.get(cover)) and next_one.until >= day.isoformat():
        seen.add(cover)
        cover = next_one.cover
    return found._replace(cover="" if cover in seen else cover)


def covered_by(people: People, name: str, day: datetime.date) -> dict[str, Absence]:
    """Those who are away on that day and whose work this person looks after."""
    found = {one: away(people, one, day) for one in people}
    return {one: absence for one, absence in found.items() if absence is not None and absence.cover == name}


def told(absence: Absence) -> str:
    """`away until 4 Jan, bob covers`."""
    day = datetime.date.fromisoformat(absence.until)
    who = f"{absence.cover} covers" if absence.cover else "nobody covers"
    return f"away until {day.day} {day:%b}, {who}"


def cycle(people: People) -> str | None:
    """Somebody whom, by a chain of covers, they themselves would cover for; None when there is none."""
    for name in people:
        seen, one = {name}, people[name].cover
        while one in people and one not in seen:
            seen.add(one)
            one = people[one].cover
        if one == name:
            return name
    return None
