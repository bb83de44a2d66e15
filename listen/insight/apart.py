"""What a number leaves out, and how far people have come with what it counts: the small print of every page.

All of it by the query language, so that each number can be asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from listen.query import parse, tree
from listen.query.folding import counted, left_out
from listen.store import lately
from listen.store.read import Reader

HANDLED = ("done", "answered", "skipped")
"""Statuses of what somebody has dealt with; what is dismissed leaves the numbers."""


class State(NamedTuple):
    """What the store knew when it was asked."""

    arrived: int | None
    """When the newest mention came in, in Unix seconds; None in an empty store."""
    acted: int | None
    """When somebody did something last; None where nobody ever did."""

    @property
    def at(self) -> int | None:
        """The newest of both."""
        return max((one for one in self if one is not None), default=None)


def state(reader: Reader) -> State:
    """As of when the store speaks."""
    with reader.snapshot() as connection:
        return State(*lately.newest(connection))


def apart(reader: Reader, query: str, *, now: float) -> Mapping[str, int]:
    """`noise`, `own`, `dismissed` -> mentions of a query that no number holds, each counted once."""
    return {name: reader.count(node, None, None, now=now).n for name, node in left_out(parse(query)).items()}


def handled(reader: Reader, query: str, *, now: float) -> Mapping[str, int]:
    """Status -> mentions of a query that count and have it; what has none of them is still new."""
    node = parse(query)
    return {
        status: reader.count(counted(tree.And((tree.Facet("status", (status,)), node))), None, None, now=now).n
        for status in HANDLED
    }
