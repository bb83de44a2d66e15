"""What is noise: patterns in a data file that people read and extend, each a query with a reason.

Pure: where noise is kept, and what people say of it, is the store's business.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from listen import query
from listen.query.match import Subject, TopicIndex

FILE = Path(__file__).with_name("patterns.toml")

FLOOD = "flood"
"""The name of what is no query: one author who says the same again and again (`listen.noise.flood`)."""


class Pattern(NamedTuple):
    """What makes a mention noise."""

    query: str
    """"" for FLOOD."""
    reason: str


Patterns = Mapping[str, Pattern]
"""Name -> pattern."""


@cache
def built_in() -> Patterns:
    """The patterns of the data file."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Pattern(" ".join(keys.get("query", "").split()), keys["reason"]) for name, keys in told.items()}


def patterns(tables: Mapping[str, Mapping[str, Any]]) -> Patterns:
    """The built-in patterns as the configuration's `[noise.NAME]` tables change them."""
    found = dict(built_in())
    for name, keys in tables.items():
        known = found.get(name, Pattern("", name))
        if keys.get("off"):
            found.pop(name, None)
        else:
            found[name] = Pattern(keys.get("query") or known.query, keys.get("reason") or known.reason)
    return found


def version(found: Patterns) -> str:
    """A name for these patterns: another one means that what is stored has to be judged anew."""
    told = json.dumps(sorted((name, one.query) for name, one in found.items()), ensure_ascii=False)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


class Judge:
    """Says which patterns a mention shows."""

    def __init__(self, queries: Mapping[str, str]) -> None:
        """Name -> query; the queries have been checked."""
        self.names = sorted(name for name, text in queries.items() if text)
        self._index = TopicIndex({at: query.parse(queries[name]) for at, name in enumerate(self.names)}, 0.0)

    def reasons(self, subject: Subject) -> list[str]:
        """The names of the patterns that it shows, in the alphabet's order; FLOOD is never among them."""
        return [self.names[at] for at in self._index.match(subject)]


def queries(found: Patterns) -> dict[str, str]:
    """Name -> query, for a Judge."""
    return {name: one.query for name, one in found.items() if one.query}
