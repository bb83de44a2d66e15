"""What is still new: one row for each topic of a mention that nobody has dealt with, topic 0 when it matches none.

The collector and people both keep it, inside their own transactions, so that the counts of queues are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from listen.model import SEQUENCE_BITS, STATES, STATUSES
from listen.store.layout import NO_TOPIC, hour_of
from listen.store.sqlite import Connection

GONE = STATES.index("deleted")
"""Mentions in this state or a later one have no text left, match nothing and wait for nobody."""

DISMISSED = STATUSES.index("dismissed")

CLOSE = 60 << SEQUENCE_BITS
"""A minute as a distance of ids: so far apart, what lies between two mentions is read faster than looked for."""


def topics_of(connection: Connection, mention_id: int) -> dict[int, int | None]:
    """The topics that a mention matches -> score toward each. `matches` is keyed by topic, so the hour's are tried."""
    rows = connection.execute(
        "SELECT topic_id, score FROM matches WHERE mention_id = ? "
        "AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour = ?) ORDER BY topic_id",
        (mention_id, hour_of(mention_id)),
    )
    return dict(rows.fetchall())


def topics_of_many(connection: Connection, ids: Iterable[int]) -> dict[int, list[int]]:
    """The topics that each of these mentions matches."""
    found: dict[int, list[int]] = {one: [] for one in ids}
    for mention_id, topic, *_ in matches_of_many(connection, found):
        found[mention_id].append(topic)
    return found


def matches_of_many(
    connection: Connection, ids: Iterable[int]
) -> Iterator[tuple[int, int, int, int | None, int | None]]:
    """(mention, topic, source, score, hits) of each match of these mentions.

    Mentions of one hour that lie close together are looked up as one range of each topic, which takes a twentieth of
    the time of looking up each.
    """
    wanted = set(ids)
    for first, last in _runs(sorted(wanted)):
        rows = connection.execute(
            "SELECT x.mention_id, x.topic_id, x.source_id, x.score, x.hits FROM hourly_topic AS h "
            "CROSS JOIN matches AS x ON x.topic_id = h.topic_id AND x.mention_id BETWEEN ? AND ? WHERE h.hour = ?",
            (first, last, hour_of(first)),
        )
        yield from (row for row in rows.fetchall() if row[0] in wanted)


def _runs(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of ids in ascending order that are of one hour and less than CLOSE apart."""
    first = last = None
    for one in ids:
        if first is not None and last is not None and (one - last > CLOSE or hour_of(one) != hour_of(first)):
            yield first, last
            first = None
        first, last = one if first is None else first, one
    if first is not None and last is not None:
        yield first, last


Rows = Sequence[tuple[int, int]]
"""(topic, mention)"""


def write(
    connection: Connection, *, waiting: Rows = (), taken: Rows = (), left_out: Rows = (), counted: Rows = ()
) -> None:
    """Rows that come into the inbox and leave it, that count in no number and that count again: many at once."""
    for sql, rows in (
        ("INSERT OR IGNORE INTO inbox VALUES (?,?)", waiting),
        ("DELETE FROM inbox WHERE topic_id=? AND mention_id=?", taken),
        ("INSERT OR IGNORE INTO dismissed VALUES (?,?)", left_out),
        ("DELETE FROM dismissed WHERE topic_id=? AND mention_id=?", counted),
    ):
        if rows:
            connection.executemany(sql, sorted(rows))


def insert(connection: Connection, mention_id: int, topics: Iterable[int]) -> None:
    """Add its rows; those that are there already stay."""
    write(connection, waiting=[(topic, mention_id) for topic in topics] or [(NO_TOPIC, mention_id)])


def take(connection: Connection, mention_id: int, topics: Sequence[int] | None = None) -> None:
    """The mention waits no more. `topics` saves a look-up to those who know them."""
    if topics is None:
        topics = list(topics_of(connection, mention_id))
    write(connection, taken=[(topic, mention_id) for topic in (NO_TOPIC, *topics)])


def waits(connection: Connection, mention_id: int) -> bool:
    """Whether somebody has to deal with it: nobody did yet, by the triage table, and it is neither own nor noise."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM triage WHERE mention_id = ?1 AND status > 0)"
        " OR EXISTS (SELECT 1 FROM aside WHERE mention_id = ?1)",
        (mention_id,),
    ).fetchone()
    return not row[0]


# --- what does not count ---------------------------------------------------------------------------------------------


def is_left_out(connection: Connection, mention_id: int) -> bool:
    """Whether it counts in no number: people dismissed it, or it is own or noise."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM triage WHERE mention_id = ?1 AND status = ?2)"
        " OR EXISTS (SELECT 1 FROM aside WHERE mention_id = ?1)",
        (mention_id, DISMISSED),
    ).fetchone()
    return bool(row[0])


def discount(connection: Connection, mention_id: int, topics: Iterable[int] | None = None) -> None:
    """Its matches count no more. `topics` saves a look-up to those who know them."""
    topics = topics_of(connection, mention_id) if topics is None else topics
    write(connection, left_out=[(topic, mention_id) for topic in topics])


def count_again(connection: Connection, mention_id: int, topics: Iterable[int] | None = None) -> None:
    """Its matches count, or are none any more. `topics` saves a look-up to those who know them."""
    topics = topics_of(connection, mention_id) if topics is None else topics
    write(connection, counted=[(topic, mention_id) for topic in topics])
