"""What the journal holds of an action: how it is told, and what its inverse needs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from listen.model import STATUSES
from listen.store import corrections, tags

Field = str
"""A column of triage: status, starred, assignee, noise; a field of `listen.store.tags` or `listen.store.corrections`;
`on`, `topic`, `definition`, `person`, `spelling` (of a tag), `acknowledged` and `silence` (of alerts), `mark`."""

OF_NO_MENTION = ("on", "topic", "definition", "acknowledged", "silence", "mark")
"""Fields of what is no mention and no person."""

CUSTOMER = "customer"
"""The field of our own list of customers: its names are (network, folded handle)."""

_OTHERWISE_NAMED = (*OF_NO_MENTION, CUSTOMER, "person", "spelling")
"""Fields whose names are not those of mentions."""

Name = tuple[str, str]
"""(network, external id)"""


class Signed(NamedTuple):
    """Who did something."""

    name: str
    """As they sign."""
    user: str | None
    """The login of the machine that they did it with; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an action changes."""

    mention_id: int
    """0 for what is no mention."""
    name: Name
    old: Any
    state: int = 0
    aside: bool = False
    """Own or noise: it waits for nobody, and counts in no number."""


def account() -> str:
    """The login of this machine that runs the process: whatever name a person signs with, it was this one."""
    return _login(os.getuid())


@lru_cache(maxsize=8)
def _login(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def words(field: Field, value: Any) -> str:
    """An action as people say it: `done`, `starred`, `given to ana`."""
    if field == "status":
        return "new again" if value == 0 else STATUSES[value]
    if field == "starred":
        return "starred" if value else "no longer starred"
    if field == "noise":
        return "judged by the patterns again" if value is None else "noise" if value else "no noise"
    if field == corrections.FIELD:
        return corrections.words(value)
    if tags.own(field):
        return tags.words(field, value)
    if field in ("topic", "definition"):
        return f"{field} changed"
    if field == "acknowledged":
        return "acknowledged" if value else "acknowledged no more"
    if field == "silence":
        return "silenced" if value else "silence ended"
    if field == "on":
        return "switched on" if value else "switched off"
    return f"given to {value}" if value else "given to nobody"


def mentions(changes: Iterable[Change]) -> tuple[int, ...]:
    """The mentions among what changed, each once."""
    return tuple(dict.fromkeys(change.mention_id for change in changes if change.mention_id))


def detail_of(field: Field, value: Any, changes: Sequence[Change]) -> str:
    """What the journal needs to take the action back: the new value, and the mentions by their old one."""
    before: dict[Any, list[Name]] = {}
    for change in changes:
        before.setdefault(change.old, []).append(change.name)
    return json.dumps({"field": field, "value": value, "before": list(before.items())}, separators=(",", ":"))


def renamed(detail: str, new: Callable[[Name], Name | None]) -> tuple[str, int, int] | None:
    """(detail, mentions left in it, mentions dropped) with the mentions called by their new names, None for no more.

    Old values that nobody has any more go with them. None when nothing changes, and for what is about no mentions.
    """
    told = json.loads(detail)
    if told["field"] in _OTHERWISE_NAMED:
        return None
    before: list[tuple[Any, list[Name]]] = []
    for old, names in told["before"]:
        left = [found for network, external_id in names if (found := new((network, external_id))) is not None]
        before += [(old, left)] if left else []
    counts = [sum(len(names) for _, names in one) for one in (told["before"], before)]
    after = json.dumps({**told, "before": before}, separators=(",", ":"))
    if json.loads(after) == told:
        return None
    return after, counts[1], counts[0] - counts[1]
