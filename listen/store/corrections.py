"""Corrections of sentiment: what people say that a mention's tone is counts over what is computed, also after edits.

One a mention. Its value is the middle of its class, the same for everybody: +0.525, 0 or -0.525. The collector's rows
keep what was computed: readers put the correction in its place, and in the numbers by a delta over these small tables.
`corrected` holds the matches of what was corrected, as `dismissed` holds those of what was dismissed.
Light on purpose: readers, the writer and people's actions import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from listen.model import NEGATIVE, POSITIVE
from listen.store import inbox
from listen.store.sqlite import Connection

FIELD = "tone"
"""The field of the journal. Its value is score, topic, who and when in one string, None for no correction."""

SCORES: Mapping[str, int] = {"pos": (POSITIVE + 1000) // 2, "neu": 0, "neg": -((1000 - NEGATIVE) // 2)}
"""The value of a corrected mention in thousandths: the middle of its class."""

WORDS = {"pos": "positive", "neu": "neutral", "neg": "negative"}

SCORE = "ifnull((SELECT score FROM corrections WHERE mention_id = m.id), m.score)"
"""SQL of the score that counts of a mention `m`."""

IS_CORRECTED = "EXISTS (SELECT 1 FROM corrections WHERE mention_id = m.id)"

_APART = "\x1f"

_VALUE = "(SELECT score || ? || ifnull(topic, '') || ? || by || ? || at FROM corrections WHERE mention_id = m.id)"


def value_of(tone: str | None, topic: str | None, who: str, at: int) -> str | None:
    """The value of FIELD for a class of SCORES, None for what was computed. Raises ValueError for no class.

    `topic` is the one that was looked at: what is said holds for the mention, and was said with it in mind.
    """
    if tone is None:
        return None
    if tone not in SCORES:
        raise ValueError(f"no such sentiment: {tone!r}; one of {', '.join(SCORES)}")
    return _APART.join((str(SCORES[tone]), (topic or "").replace(_APART, " "), who, str(at)))


def column() -> tuple[str, tuple[str, ...]]:
    """(SQL, values) of the value that a mention `m` has."""
    return _VALUE, (_APART,) * 3


def same(old: str | None, new: str | None) -> bool:
    """Whether two values say the same, whoever said it."""
    return _score(old) == _score(new)


def _score(value: str | None) -> int | None:
    return None if value is None else int(value.partition(_APART)[0])


def words(value: str | None) -> str:
    """`called positive`; `as computed again`."""
    score = _score(value)
    if score is None:
        return "as computed again"
    return f"called {'positive' if score > 0 else 'negative' if score < 0 else 'neutral'}"


def put(connection: Connection, ids: Iterable[int], value: Any) -> None:
    """Correct mentions, or take corrections back, and keep the matches of what is corrected."""
    ids = list(ids)
    topics = inbox.topics_of_many(connection, ids)
    both = [(topic, one) for one in ids for topic in topics[one]]
    if value is None:
        connection.executemany("DELETE FROM corrections WHERE mention_id = ?", [(one,) for one in ids])
        connection.executemany("DELETE FROM corrected WHERE topic_id = ? AND mention_id = ?", both)
        return
    score, topic, by, at = value.split(_APART)
    connection.executemany(
        "INSERT INTO corrections(mention_id, score, topic, by, at) VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET "
        "score=excluded.score, topic=excluded.topic, by=excluded.by, at=excluded.at",
        [(one, int(score), topic or None, by, int(at)) for one in ids],
    )
    connection.executemany("INSERT OR IGNORE INTO corrected VALUES (?,?)", both)


def follow(connection: Connection, mention_id: int, before: Iterable[int], after: Iterable[int]) -> None:
    """A mention's matches have changed; nothing to do for one that nobody corrected."""
    if connection.execute("SELECT 1 FROM corrections WHERE mention_id = ?", (mention_id,)).fetchone() is None:
        return
    connection.executemany(
        "DELETE FROM corrected WHERE topic_id = ? AND mention_id = ?", [(topic, mention_id) for topic in before]
    )
    connection.executemany("INSERT INTO corrected VALUES (?,?)", [(topic, mention_id) for topic in after])


def forget(connection: Connection, mention_id: int, topics: Iterable[int]) -> None:
    """The mention is no more."""
    follow(connection, mention_id, topics, ())
    connection.execute("DELETE FROM corrections WHERE mention_id = ?", (mention_id,))


# --- numbers ---------------------------------------------------------------------------------------------------------

OF_ALL = """
SELECT (k.mention_id >> 12) / 3600, 0, sum((k.score <= ?1) - ifnull(m.score <= ?1, 0)),
  sum((k.score >= ?2) - ifnull(m.score >= ?2, 0)), sum(m.score IS NULL), sum(k.score - ifnull(m.score, 0))
FROM corrections AS k CROSS JOIN mentions AS m ON m.id = k.mention_id AND m.state < ?5
LEFT JOIN triage AS t ON t.mention_id = k.mention_id LEFT JOIN aside AS e ON e.mention_id = k.mention_id
WHERE k.mention_id >= ?3 AND k.mention_id < ?4 AND ifnull(t.status, 0) <> ?6 AND e.mention_id IS NULL GROUP BY 1"""
"""(hour, five numbers) to be added to those of all mentions with ?3 <= id < ?4, in a state below ?5, status not ?6."""
