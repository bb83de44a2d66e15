"""Random samples that people label blind, to measure how well sentiment is computed.

A sample is drawn once and kept, so that a second person labels the same mentions. What is said here is no correction:
corrections are made where the score looks wrong, so they would tell of the errors alone. And it changes no number.
Light on purpose: the console imports this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from listen.clock import Clock
from listen.model import NEGATIVE, POSITIVE
from listen.store.sqlite import Connection, short_transaction


class Member(NamedTuple):
    """A mention of a sample."""

    mention_id: int
    stratum: str = ""
    """The part of all that it was drawn from, "" where there are no parts."""
    of: int = 0
    """How many mentions that part had."""


class Drawn(NamedTuple):
    """A sample that somebody may label: what it was drawn from, and how."""

    query: str
    """As written; of a topic, the topic's."""
    topic: str
    """Its name, empty when no topic was sampled."""
    seed: int
    rule: str
    """How it was drawn, in words."""
    members: Sequence[Member]


class Kept(NamedTuple):
    """A sample in the store."""

    id: int
    query: str
    topic: str
    seed: int
    rule: str
    size: int
    """Mentions that were drawn; some may be gone by now."""
    at: int
    """When it was drawn, in Unix seconds."""


class Case(NamedTuple):
    """A mention of a sample that people labelled."""

    mention_id: int
    said: Mapping[str, int]
    """Who -> -1, 0 or 1."""
    scored: int | None
    """What is computed today, whatever a correction says: -1, 0 or 1; None when it is not scored.

    Of a topic's sample toward the topic.
    """
    stratum: str
    of: int


def keep(connection: Connection, drawn: Drawn, clock: Clock) -> int:
    """The id of a sample, which is kept now unless the same one was kept before. Raises `StoreError`."""
    key = (drawn.query, drawn.topic, drawn.seed, len(drawn.members))
    with short_transaction(connection):
        found = connection.execute(
            "SELECT id FROM samples WHERE query = ? AND topic = ? AND seed = ? AND size = ?", key
        ).fetchone()
        if found is not None:
            return int(found[0])
        (sample_id,) = connection.execute(
            "INSERT INTO samples(query, topic, seed, size, rule, at) VALUES (?,?,?,?,?,?) RETURNING id",
            (*key, drawn.rule, int(clock.now())),
        ).fetchone()
        connection.executemany(
            "INSERT INTO sampled VALUES (?,?,?,?,?)",
            [(sample_id, place, *member) for place, member in enumerate(drawn.members)],
        )
    return int(sample_id)


def label(connection: Connection, sample_id: int, said: Mapping[int, int | None], who: str, clock: Clock) -> int:
    """Keep what a person says of mentions of a sample: -1, 0 or 1, None takes it back; how many are in it.

    Raises `StoreError`.
    """
    at = int(clock.now())
    with short_transaction(connection):
        inside = [one.mention_id for one in members(connection, sample_id) if one.mention_id in said]
        connection.executemany(
            "INSERT INTO blind VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET tone = excluded.tone, at = excluded.at",
            [(sample_id, one, who, tone, at) for one in inside if (tone := said[one]) is not None],
        )
        connection.executemany(
            "DELETE FROM blind WHERE sample_id = ? AND mention_id = ? AND by = ?",
            [(sample_id, one, who) for one in inside if said[one] is None],
        )
    return len(inside)


def every(connection: Connection) -> list[Kept]:
    """All samples, the last one first."""
    rows = connection.execute("SELECT id, query, topic, seed, rule, size, at FROM samples ORDER BY id DESC")
    return [Kept(*row) for row in rows]


def members(connection: Connection, sample_id: int) -> list[Member]:
    """What is left of a sample, in the order in which it is labelled."""
    rows = connection.execute(
        "SELECT mention_id, stratum, of FROM sampled WHERE sample_id = ? ORDER BY place", (sample_id,)
    )
    return [Member(*row) for row in rows]


def said_by(connection: Connection, sample_id: int, who: str) -> dict[int, int]:
    """What one person said of a sample."""
    rows = connection.execute("SELECT mention_id, tone FROM blind WHERE sample_id = ? AND by = ?", (sample_id, who))
    return dict(rows.fetchall())


_COMPUTED = (
    "iif(p.topic = '', m.score, (SELECT x.score FROM topics AS t CROSS JOIN matches AS x ON x.topic_id = t.id "
    "WHERE t.name = p.topic AND t.active AND x.mention_id = m.id))"
)


def cases(connection: Connection, sample_ids: Sequence[int]) -> list[Case]:
    """The mentions of these samples that somebody labelled."""
    rows = connection.execute(
        f"SELECT s.sample_id, s.mention_id, b.by, b.tone, {_COMPUTED}, s.stratum, s.of FROM json_each(?) AS j "  # noqa: S608
        "CROSS JOIN samples AS p ON p.id = j.value CROSS JOIN sampled AS s ON s.sample_id = j.value "
        "CROSS JOIN blind AS b ON b.sample_id = s.sample_id AND b.mention_id = s.mention_id "
        "CROSS JOIN mentions AS m ON m.id = s.mention_id ORDER BY s.sample_id, s.mention_id",
        (json.dumps([*sample_ids]),),
    )
    return list(_cases(rows.fetchall()))


def _cases(rows: Sequence[tuple[int, int, str, int, int | None, str, int]]) -> Iterator[Case]:
    for (_, mention_id), some in groupby(rows, key=lambda row: row[:2]):
        every = list(some)
        *_, score, stratum, of = every[0]
        yield Case(mention_id, {row[2]: row[3] for row in every}, _side(score), stratum, of)


def _side(score: int | None) -> int | None:
    return None if score is None else (score >= POSITIVE) - (score <= NEGATIVE)
