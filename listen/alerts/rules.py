"""Rules as configured: typed, with everything that their condition takes for granted."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from listen.config.alerts import POLLED, completed
from listen.config.keys import TABLES
from listen.config.values import typed
from listen.service import Service, hours_of

INSTANCES = 2_000
"""Instances of one rule that are watched; beyond them new ones are left out until others have passed."""

CROWDED = f"{INSTANCES:,} of its instances are watched, and new ones left out until others have passed"
"""What is said of a rule that leaves any out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One `[alerts.NAME]`; what its condition has no use for is empty. Durations in seconds."""

    name: str
    when: str
    """`match`, `count`, `share`, `spike`, `silence`, `late`, `source`, `growth` or `objective`."""
    query: str = ""
    of: str = ""
    per: tuple[str, ...] = ()
    window: float = 3_600.0
    at_least: int = 1
    at_most: int = 0
    threshold: float = 1.0
    gained: int = 0
    sensitivity: str = "balanced"
    mentions: int = 0
    authors: int = 0
    stories: int = 0
    coverage: float = 0.0
    desk: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    fares: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    for_: float = 0.0
    resolve_after: float = 0.0
    cooldown: float = 0.0
    repeat: float = 14_400.0
    group_interval: float = 300.0
    severity: str = "notice"
    quiet: Service | None = None
    """The hours in which only pages are told."""
    inhibits: tuple[str, ...] = ()
    route: tuple[str, ...] = ()

    @property
    def windowed(self) -> bool:
        """Whether it counts what has arrived in a window."""
        return self.when not in POLLED

    @property
    def asked(self) -> tuple[Any, ...]:
        """What it watches: as long as this stays, so does what is known of its past."""
        return self.when, self.query, self.of, self.per, self.window

    def rests(self, now: float) -> bool:
        """Whether what it has to tell waits for the end of its quiet hours."""
        return self.quiet is not None and self.severity != "page" and self.quiet.spent(now, now + 1.0) > 0.0


def configured(tables: Mapping[str, Mapping[str, Any]], here: str) -> list[Rule]:
    """The rules of a checked configuration that are enabled; `here` is the zone of quiet hours that name none."""
    return [_rule(name, keys, here) for name, keys in tables.items() if keys["enabled"]]


def drafted(name: str, entry: Mapping[str, Any], here: str) -> Rule:
    """A rule that stands nowhere yet, of keys as the configuration has them, checked before."""
    return _rule(name, completed(typed(TABLES["alerts"].keys, entry)), here)


def _rule(name: str, keys: Mapping[str, Any], here: str) -> Rule:
    known = {field.name: field for field in dataclasses.fields(Rule)}
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list | tuple) else value for key, value in keys.items()
    }
    given["for_"] = given.pop("for")
    hours, zone = given.pop("quiet"), given.pop("timezone")
    given["quiet"] = Service(hours_of(hours), zone=zone or here) if hours else None
    return Rule(name, **{key: value for key, value in given.items() if key in known})


def told(rules: Sequence[Rule]) -> str:
    """Rules as the store's mirror keeps them."""
    return json.dumps([dataclasses.asdict(one) for one in rules], ensure_ascii=False)


@lru_cache(maxsize=4)
def read(mirrored: str) -> tuple[Rule, ...]:
    """What `told` wrote; what another version of this program wrote otherwise is left out."""
    known = {field.name for field in dataclasses.fields(Rule)}
    return tuple(_read({key: value for key, value in one.items() if key in known}) for one in json.loads(mirrored))


def _read(one: dict[str, Any]) -> Rule:
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in one.items()}
    quiet = given.get("quiet")
    if quiet is not None:
        given["quiet"] = Service(tuple(quiet["hours"]), tuple(quiet["days"]), quiet["zone"])
    return Rule(**given)
