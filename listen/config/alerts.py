"""What each condition of an alert takes and what it is without a word, and what may be wrong with a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from listen.config.values import closest
from listen.service import hours_of
from listen.text import fold

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

LONGEST = 7 * DAY
"""Seconds of the longest window: what is in it is kept in memory."""

PER = ("topic", "desk", "intent", "source", "author", "lang", "country", "kind", "network", "site", "story", "mention")
"""What an alert can be told apart by."""

FARES = ("dead", "quiet")
"""What becomes of a source."""

_WINDOW: Mapping[str, Any] = {"query": "", "window": HOUR, "per": ()}
_FLOORS: Mapping[str, Any] = {"authors": 3, "stories": 2}

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "match": {**_WINDOW, "query": None},
    "count": {**_WINDOW, "at_least": None, "authors": 0, "stories": 0},
    "share": {**_WINDOW, **_FLOORS, "query": None, "of": "", "threshold": None, "mentions": 8},
    "spike": {**_WINDOW, **_FLOORS, "sensitivity": "balanced", "mentions": 5, "coverage": 0.8},
    "silence": {**_WINDOW, "window": None, "at_most": 0, "coverage": 0.8},
    "late": {"desk": (), "at_least": 1},
    "source": {"sources": (), "fares": FARES},
    "objective": {"objectives": ()},
    "growth": {"query": "", "window": HOUR, "at_least": 20, "gained": 500, "authors": 3},
}
"""Condition -> the keys that mean something there and their values when nobody gives any; None: somebody has to."""

POLLED = tuple(when for when, own in DEFAULTS.items() if "window" not in own)
"""Conditions that count no arrivals in a window: they are asked now and then."""

ALWAYS: Mapping[str, Any] = {
    "for": 0.0, "resolve_after": 0.0, "cooldown": 0.0, "repeat": 4 * HOUR, "group_interval": 5 * MINUTE,
}  # fmt: skip
"""The same for every condition, where it says nothing else."""

PATIENCE: Mapping[str, Mapping[str, Any]] = {
    "share": {"resolve_after": 30 * MINUTE},
    "spike": {"resolve_after": 30 * MINUTE, "cooldown": HOUR},
    "objective": {"repeat": 7 * DAY},
}
"""Where it says something else."""

OPTIONAL: Mapping[str, Any] = {"quiet": None, "timezone": None}

ANYWHERE = frozenset(("when", "severity", "route", "inhibits", "enabled", *ALWAYS, *OPTIONAL))

EXAMPLES: Mapping[str, str] = {
    "query": 'query = "topic:acme toward:acme:neg"', "window": 'window = "6h"', "at_least": "at_least = 20",
    "threshold": "threshold = 0.4",
}  # fmt: skip

Fault = tuple[str, str, str]
"""(key, what is wrong, what to write)"""


def completed(keys: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's typed keys with what its condition takes for granted; those that mean nothing there are left out."""
    when = keys["when"]
    own = {**ALWAYS, **OPTIONAL, **PATIENCE.get(when, {}), **DEFAULTS.get(when, {})}
    given = {name: value for name, value in keys.items() if value is not None and (name in own or name in ANYWHERE)}
    return own | given


def faults(name: str, keys: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    """What is wrong with a rule beside the kinds of its values; `keys` are typed, None where nothing is written.

    `tables` are the others of the configuration, by name.
    """
    when = keys["when"]
    if when not in DEFAULTS:
        return  # told already
    own = DEFAULTS[when]
    for key, value in keys.items():
        if value is not None and key not in own and key not in ANYWHERE:
            yield key, f'{key} means nothing for when = "{when}"', f"what counts there: {', '.join(own)}"
    for key in (key for key, value in own.items() if value is None and keys[key] is None):
        yield "", f'when = "{when}" needs the key "{key}"', f"add {EXAMPLES[key]}"
    if when == "match" and keys["query"] is not None and not keys["query"].strip():
        yield "query", "an empty query finds every mention, each of which would be an alert", "write what to look for"
    yield from _numbers(keys)
    yield from _hours(keys)
    yield from _names("per", keys["per"], PER, "an alert can be told apart by")
    if "desk" in (keys["per"] or ()) and not any(one["open"] for one in tables["desks"].values()):
        yield "per", "no desk is open, so there is none to tell alerts apart by", "a bare [desks.NAME] opens one"
    yield from _names("fares", keys["fares"], FARES, "a source can become")
    yield from _names("sources", keys["sources"], tables["sources"], "the sources are")
    yield from _names("objectives", keys["objectives"], tables["objectives"], "the objectives are")
    yield from _desks(keys["desk"], tables["desks"])
    yield from _inhibits(name, keys["inhibits"], tables["alerts"])
    yield from _routes(keys["route"], tables["desks"], tables["notify"])


def _numbers(keys: Mapping[str, Any]) -> Iterator[Fault]:
    if keys["at_least"] == 0:
        yield "at_least", "expected 1 or more", 'what happens without a single mention is when = "silence"'
    if keys["gained"] == 0:
        yield "gained", "expected 1 or more", "gained = 500"
    if keys["threshold"] == 0:
        yield "threshold", "expected more than 0", "threshold = 0.4 is four of ten"
    if keys["window"] is not None and keys["window"] > LONGEST:
        yield "window", "a window is at most 7d long", "for slower changes there is `listen brief --since 30d`"


def _hours(keys: Mapping[str, Any]) -> Iterator[Fault]:
    from listen.config.desks import is_zone

    if keys["quiet"] is not None:
        try:
            hours_of(keys["quiet"])
        except ValueError:
            yield "quiet", "expected quiet hours", 'write "22:00-07:00"'
    if keys["timezone"] and not is_zone(keys["timezone"]):
        yield "timezone", f'there is no time zone "{keys["timezone"]}"', 'such as "Europe/Paris"'
    if keys["timezone"] and keys["quiet"] is None:
        yield "timezone", "a time zone belongs to quiet hours, and there are none", 'add quiet = "22:00-07:00"'


def _names(
    key: str, given: Sequence[str] | None, known: Sequence[str] | Mapping[str, Any], are: str
) -> Iterator[Fault]:
    for one in given or ():
        if one not in known:
            yield key, f'"{one[:40]}" is none', closest(one, list(known)) or f"{are} {', '.join(known)}"


def _desks(given: Sequence[str] | None, desks: Mapping[str, Any]) -> Iterator[Fault]:
    folded = {fold(name): keys for name, keys in desks.items()}
    for one in given or ():
        keys = folded.get(fold(one))
        if keys is None:
            yield "desk", f'there is no desk "{one[:40]}"', closest(one, list(desks)) or f"there are {', '.join(desks)}"
        elif not keys["open"]:
            yield "desk", f'the desk "{one}" is closed, so nothing is late there', f"a bare [desks.{one}] opens it"
        elif keys["answer_within"] is None:
            yield "desk", f'the desk "{one}" promises nothing', f'add answer_within = "2h" to [desks.{one}]'


def _inhibits(name: str, given: Sequence[str], rules: Mapping[str, Any]) -> Iterator[Fault]:
    for one in given:
        if one == name:
            yield "inhibits", "a rule cannot inhibit itself", "name the rules that say less than this one"
        elif one not in rules:
            yield (
                "inhibits",
                f'there is no rule "{one[:40]}"',
                closest(one, list(rules)) or f"there are {', '.join(rules)}",
            )
        elif name in (rules[one].get("inhibits") or ()):
            yield "inhibits", f'"{one}" inhibits this rule, too: neither would ever be heard', "take one of them out"


def _routes(given: Sequence[str], desks: Mapping[str, Any], notify: Mapping[str, Any]) -> Iterator[Fault]:
    for one in given:
        place, colon, target = one.partition(":")
        if colon and place == "notify":
            if target not in notify:
                known = [f"notify:{each}" for each in notify]
                hint = closest(one, known) or (
                    f"there are {', '.join(known)}" if known else "add [notify." + target + "]"
                )
                yield "route", f"there is no [notify.{target[:40]}]", hint
        elif fold(one) not in {fold(each) for each in desks}:
            known = [*desks, *(f"notify:{each}" for each in notify)]
            yield (
                "route",
                f'"{one[:40]}" is neither a desk nor notify:NAME',
                closest(one, known) or f"there are {', '.join(known)}",
            )
