"""What somebody else changed while a person was editing: it is told, and not written over.

A request that was edited for a while says what stood there when the editing began, as `read`: the texts of a rule, the
query of a topic or a view, the keys of a desk that are set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from listen.collect.topics import Refused
from listen.config import Config, rules
from listen.config.edits import console_file, standing
from listen.config.values import written_span
from listen.store.generations import Edit, edits_of
from listen.store.sqlite import Connection
from listen.text import one_line

TABLES = {"topic": "topics", "view": "views", "desk": "desks", "rule": "alerts"}
SHOWN = 60
"""Characters of a value that are told."""


class Changed(Refused):
    """Something was changed since it was read; `now` is what it says."""

    def __init__(self, words: str, now: Any) -> None:
        super().__init__(words)
        self.now = now


class Subject(NamedTuple):
    """What a request is about."""

    kind: str
    """`topic`, `view`, `desk` or `rule`."""
    name: str


def about(body: Mapping[str, Any]) -> Subject | None:
    """What a request wants changed which says how it was read; None for any other."""
    kind = next((kind for kind in TABLES if kind in body), None)
    return Subject(kind, str(body[kind])) if kind is not None and "read" in body else None


def stands_now(config: Config, body: Mapping[str, Any]) -> Any:
    """What is to be changed, where it is not as it was read; None where it is, or is no more."""
    what = about(body)
    stands = _stands(config, what, body["read"]) if what is not None else None
    return None if stands is None or _plain(stands) == _plain(body["read"]) else stands


def edits(connection: Connection, body: Mapping[str, Any]) -> list[Edit]:
    """Who has changed it so far, the last one first."""
    what = about(body)
    return edits_of(connection, what.name) if what is not None else []


def refusal(config: Config, body: Mapping[str, Any], stands: Any, by: Sequence[Edit], now: float) -> Changed:
    """The words for it; `by` are its `edits`."""
    what = about(body)
    assert what is not None
    one = _edit_of(config, what, by)
    if one is None:
        who = f"somebody changed it in {config.files[0].name}"
    else:
        who = f"{one_line(one.by, 30)} changed it {written_span(max(60, (now - one.at) // 60 * 60))} ago"
    told = "; ".join(_differences(body["read"], stands))
    return Changed(f"{who}: {told}", stands)


def _stands(config: Config, what: Subject, read: Any) -> Any:
    """What it says now, as it was read; None where there is none, which is told otherwise."""
    if what.kind == "topic":
        return config.topics[what.name].query if what.name in config.topics else None
    keys = config.tables.get(TABLES[what.kind], {}).get(what.name)
    if keys is None:
        return None
    if what.kind == "rule":
        return {key: text for key, text in rules.texts(keys).items() if key != "enabled"}
    return keys.get("query") or "" if what.kind == "view" else {key: keys.get(key) for key in read}


def _plain(value: Any) -> Any:
    """Values as they can be compared: what is empty is none, and JSON knows no tuples."""
    if isinstance(value, Mapping):
        return {key: told for key, one in value.items() if (told := _plain(one)) is not None}
    return (list(value) if isinstance(value, tuple) else value) or None


def _differences(read: Any, stands: Any) -> list[str]:
    if not isinstance(read, Mapping):
        return [f"it asks for {_told(stands)} now"]
    keys = [key for key in {**read, **stands} if _plain(read.get(key)) != _plain(stands.get(key))]
    return [f"{key} is {_told(stands.get(key))}, was {_told(read.get(key))}" for key in keys]


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    if isinstance(value, float):
        value = written_span(value)
    return one_line(str(value), SHOWN) if value else "nothing"


def _edit_of(config: Config, what: Subject, edits: Sequence[Edit]) -> Edit | None:
    """Who made it as it stands; None when that was not done from here."""
    if not edits:
        return None
    try:
        there = standing(console_file(config.files[0])).get(TABLES[what.kind], {}).get(what.name)
    except (OSError, ValueError):
        return None
    one = edits[0]
    made = one.after if what.kind == "topic" and one.field == "topic" else json.loads(one.after or "{}")
    if isinstance(made, str):
        return one if made == config.topics[what.name].query else None
    return one if made.get(TABLES[what.kind], {}).get(what.name) == there else None
