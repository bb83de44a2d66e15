"""What may be wrong with an objective, beside the kinds of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from listen.config.values import closest
from listen.objectives import METRICS, day_of, money_of, target_of

Fault = tuple[str, str, str]
"""(key, what is wrong, what to write)"""

SHORTEST, LONGEST = 86_400.0, 366 * 86_400.0
"""Seconds of the shortest and the longest window."""


def faults(keys: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    """What is wrong with typed keys; `tables` are `topics`, `views` and `desks` of the configuration."""
    metric = METRICS.get(keys["metric"])
    if metric is None:
        return  # told already
    if isinstance(keys["target"], str):
        try:
            target_of(keys["target"], metric.kind)
        except ValueError as error:
            yield "target", f"expected of {keys['metric']} {error}", ""
    if keys["share"] is not None and metric.kind != "time":
        times = " and ".join(name for name, one in METRICS.items() if one.kind == "time")
        yield "share", f"a share must keep a time, and {keys['metric']} is none", f"it belongs to {times}"
    for key in ("worth", "hour"):
        if keys[key] is not None:
            try:
                money_of(keys[key])
            except ValueError as error:
                yield key, f"expected {error}", ""
    if keys["window"] is not None and not SHORTEST <= keys["window"] <= LONGEST:
        yield "window", "a window is a day to a year long", 'window = "7d"'
    if keys["by"] and keys["since"] and day_of(keys["by"]) <= day_of(keys["since"]):  # type: ignore[operator]
        yield "by", "it must be met after the day on which progress starts", f"since is {keys['since']}"
    yield from _about(keys, metric.about, tables)


def _about(keys: Mapping[str, Any], about: str, tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for key, table in (("topic", "topics"), ("view", "views"), ("desk", "desks")):
        known = list(tables[table])
        if keys[key] and keys[key] not in known:
            there = f"there are {', '.join(known)}" if known else f"add [{table}.{keys[key]}]"
            yield key, f'there is no {key} "{keys[key][:40]}"', closest(keys[key], known) or there
    if about == "topic" and not keys["topic"]:
        yield "", f"{keys['metric']} is of a topic, and none is named", 'add topic = "NAME"'
    if about == "topic":
        for key in ("query", "view", "desk"):
            if keys[key]:
                yield key, f"{keys['metric']} is of a whole topic", "take it out"
    desk = tables["desks"].get(keys["desk"])
    if about == "desk" and desk is not None and not desk["open"]:
        yield "desk", f'the desk "{keys["desk"]}" is closed, so nobody answers there', "a bare table of it opens it"
    elif keys["metric"] == "answered_within_promise" and desk is not None and desk["answer_within"] is None:
        yield "desk", f'the desk "{keys["desk"]}" promises nothing', 'add answer_within = "2h" to it'
