"""The stories of mentions as readers see them: who tells the same within a query, and how a text went from place to
place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from listen.model import id_time
from listen.store.normal import ALL, Leaf
from listen.store.sql import Check
from listen.store.sqlite import Connection
from listen.store.tally import fulfilling

MOST = 500
"""Mentions of one story that are told together in a list; what goes round further shows its newest."""

STEPS = 8
"""Steps of a story's path that are told."""

COUNTED = 5_000
"""Mentions of a story that are counted by their sources."""


class Stories(dict[int, tuple[int, ...]]):
    """Story -> its mentions, the newest first."""

    partial: frozenset[int] = frozenset()
    """Stories that may have more mentions than are told here."""


def among(connection: Connection, ids: Sequence[int]) -> Stories:
    """The stories of these mentions, and which of them belong to each."""
    found: dict[int, list[int]] = {}
    rows = connection.execute(
        "SELECT m.story_id, m.id FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value "
        "WHERE m.story_id IS NOT NULL",
        (json.dumps(ids),),
    )
    for story, one in rows:
        found.setdefault(story, []).append(one)
    stories = Stories((story, tuple(sorted(those, reverse=True))) for story, those in found.items())
    stories.partial = frozenset(stories)
    return stories


def whole(
    connection: Connection,
    known: Stories,
    node: Leaf,
    now: float,
    use: Callable[[tuple[Check, ...]], None],
    pause: Callable[[], None],
    most: int = MOST,
) -> Stories:
    """The same with all other mentions of these stories that a query (in normal form) has, of the newest `most`."""
    others: dict[int, int] = {}
    cut: set[int] = set()
    for story, those in known.items():
        pause()
        rows = connection.execute(
            "SELECT id FROM mentions WHERE story_id = ? ORDER BY id DESC LIMIT ?", (story, most + 1)
        ).fetchall()
        if len(rows) > most:
            cut.add(story)
        if len(rows) > len(those):
            others.update((one, story) for (one,) in rows[:most] if one not in those)
    held: Iterable[int] = others if node == ALL or not others else fulfilling(connection, node, others, now, use)
    found = {story: set(those) for story, those in known.items()}
    for one in held:
        found[others[one]].add(one)
    stories = Stories((story, tuple(sorted(those, reverse=True))) for story, those in found.items())
    stories.partial = frozenset(cut)
    return stories


class Step(NamedTuple):
    """Somebody who told it."""

    id: int
    author: str | None
    source: str
    network: str

    @property
    def time(self) -> int:
        """Unix seconds."""
        return id_time(self.id)


class Spread(NamedTuple):
    """How a story went round."""

    story: int
    mentions: int
    steps: tuple[Step, ...]
    """The first post, those next to it, and the first ones of other sources and networks, in the order of their times.
    """
    last: int
    """The newest mention of it."""
    sources: tuple[tuple[str, int], ...]
    """Source -> how many, most first."""

    def place(self, step: Step) -> str:
        """Where somebody told it: `press`, or `all (mastodon)` where the story went from network to network."""
        across = len({one.network for one in self.steps}) > 1 and step.network not in (step.source, "feed")
        return f"{step.source} ({step.network})" if across else step.source


def spread(connection: Connection, story: int) -> Spread | None:
    """How a story went round; None when nobody else tells it."""
    rows = connection.execute(
        "SELECT m.id, s.name, m.author_id, n.name FROM mentions AS m INDEXED BY mentions_story "
        "JOIN channels AS c ON c.id = m.channel_id JOIN sources AS s ON s.id = c.source_id "
        "JOIN networks AS n ON n.id = m.network_id "
        "WHERE m.story_id = ? ORDER BY m.id LIMIT ?",
        (story, COUNTED),
    ).fetchall()
    if len(rows) < 2:
        return None
    n, last = connection.execute(
        "SELECT (SELECT mentions FROM stories WHERE id = ?1), (SELECT max(id) FROM mentions WHERE story_id = ?1)",
        (story,),
    ).fetchone()
    places: dict[tuple[str, str], tuple[int, str, int | None, str]] = {}
    for row in rows:
        places.setdefault((row[1], row[3]), row)
    firsts = [*places.values()]
    told = sorted({*rows[: STEPS // 2], *firsts[: STEPS // 2]} if len(rows) > STEPS else rows)
    names = dict(
        connection.execute(
            "SELECT id, ifnull(name, handle) FROM authors WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([row[2] for row in told]),),
        ).fetchall()
    )
    steps = tuple(Step(one, names.get(author), source, network) for one, source, author, network in told)
    return Spread(story, n, steps, last, tuple(Counter(row[1] for row in rows).most_common()))
