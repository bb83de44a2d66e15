"""What is still new: one row for each topic of a mention that nobody has dealt with, topic 0 when it matches none.

The collector and people both keep it, inside their own transactions, so that the counts of queues are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from listen.model import STATES, STATUSES
from listen.store.layout import NO_TOPIC, hour_of
from listen.store.sqlite import Connection

GONE = STATES.index("deleted")
"""Mentions in this state or a later one have no text left, match nothing and wait for nobody."""

DISMISSED = STATUSES.index("dismissed")


def topics_of(connection: Connection, mention_id: int) -> dict[int, int | None]:
    """The topics that a mention matches -> score toward each. `matches` is keyed by topic, so the hour's are tried."""
    rows = connection.execute(
        "SELECT topic_id, score FROM matches WHERE mention_id = ? "
        "AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour = ?) ORDER BY topic_id",
        (mention_id, hour_of(mention_id)),
    )
    return dict(rows.fetchall())


def put(connection: Connection, mention_id: int) -> None:
    """The mention is new again."""
    row = connection.execute("SELECT state FROM mentions WHERE id = ?", (mention_id,)).fetchone()
    if row is None or row[0] >= GONE:
        return
    insert(connection, mention_id, topics_of(connection, mention_id))


def insert(connection: Connection, mention_id: int, topics: Iterable[int]) -> None:
    """Add its rows; those that are there already stay."""
    rows = [(topic, mention_id) for topic in topics] or [(NO_TOPIC, mention_id)]
    connection.executemany("INSERT OR IGNORE INTO inbox VALUES (?,?)", rows)


def take(connection: Connection, mention_id: int, topics: Sequence[int] | None = None) -> None:
    """The mention waits no more. `topics` saves a look-up to those who know them."""
    if topics is None:
        topics = list(topics_of(connection, mention_id))
    connection.executemany(
        "DELETE FROM inbox WHERE topic_id=? AND mention_id=?", [(topic, mention_id) for topic in (NO_TOPIC, *topics)]
    )


def waits(connection: Connection, mention_id: int) -> bool:
    """Whether nobody has dealt with it yet, by the triage table."""
    row = connection.execute("SELECT status FROM triage WHERE mention_id = ?", (mention_id,)).fetchone()
    return row is None or row[0] == 0


# --- what people dismissed -------------------------------------------------------------------------------------------


def is_dismissed(connection: Connection, mention_id: int) -> bool:
    """Whether people dismissed it, by the triage table."""
    row = connection.execute("SELECT status FROM triage WHERE mention_id = ?", (mention_id,)).fetchone()
    return row is not None and row[0] == DISMISSED


def discount(connection: Connection, mention_id: int, topics: Iterable[int] | None = None) -> None:
    """Its matches count no more. `topics` saves a look-up to those who know them."""
    topics = topics_of(connection, mention_id) if topics is None else topics
    connection.executemany("INSERT OR IGNORE INTO dismissed VALUES (?,?)", [(topic, mention_id) for topic in topics])


def count_again(connection: Connection, mention_id: int, topics: Iterable[int] | None = None) -> None:
    """Its matches count, or are none any more. `topics` saves a look-up to those who know them."""
    topics = topics_of(connection, mention_id) if topics is None else topics
    connection.executemany(
        "DELETE FROM dismissed WHERE topic_id=? AND mention_id=?", [(topic, mention_id) for topic in topics]
    )
