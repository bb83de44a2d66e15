"""What comes first by something that no index is ordered by: a query's mentions are looked through and compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, NamedTuple

from listen.store.corrections import SCORE
from listen.store.sqlite import Connection

By = Literal["worst", "endorsed"]

BATCH = 1_000
"""Mentions that are compared at a time."""

UNKNOWN = 1_001
"""The rank of a mention of which nothing is known: behind every score, and behind every count, which ranks below 1."""

_RANKS: dict[By, str] = {
    "worst": f"ifnull({SCORE}, {UNKNOWN})",
    "endorsed": f"iif(coalesce(m.likes, m.reposts, m.replies) IS NULL, {UNKNOWN}, "
    "-(ifnull(m.likes, 0) + ifnull(m.reposts, 0) + ifnull(m.replies, 0)))",
}
"""The lowest comes first. A count that is unknown adds nothing; a mention without any comes last."""

Ranked = tuple[int, int]
"""(rank, the id below zero): in the order of such pairs, the newer of equals comes first."""


class Ranking(NamedTuple):
    """The first mentions of a query in that order."""

    best: list[Ranked]
    back_to: int
    """Everything from here on was looked at."""
    complete: bool
    """Everything was."""

    @property
    def ids(self) -> list[int]:
        """Their ids, in the same order."""
        return [-below for _, below in self.best]


_TOWARD = _RANKS["worst"].replace(
    "m.score",
    "ifnull((SELECT score FROM matches WHERE mention_id = m.id AND topic_id IN (SELECT value FROM json_each(?))), "
    "m.score)",
)
"""The same as worst, toward a topic; of what does not match it the whole text's."""


def merged(
    connection: Connection, by: By, best: Sequence[Ranked], ids: Sequence[int], limit: int, topics: Sequence[int] = ()
) -> list[Ranked]:
    """The first `limit` of those found before and these ids, which are all older than they.

    `topics` are ids: what is worst is so toward them.
    """
    aimed = by == "worst" and bool(topics)
    last = best[-1][0] if len(best) >= limit else UNKNOWN + 1
    rank = _TOWARD if aimed else _RANKS[by]
    rows = connection.execute(
        f"SELECT {rank} AS rank, -m.id FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value "  # noqa: S608
        "WHERE rank < ?",
        (*([json.dumps(topics)] if aimed else []), json.dumps(ids), last),
    ).fetchall()
    return sorted([*best, *rows])[:limit] if rows else list(best)
