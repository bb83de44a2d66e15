"""Topics matched anew against what is stored, step by step, while collecting and people go on.

A step finds the next mentions of the query, newest first, by the same plan as any search, and then writes them in one
short transaction; where it is stands in `rematches`, so that it goes on there after a kill.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

from listen.model import Prepared
from listen.query.match import Subject, TopicIndex
from listen.query.topics import node_of
from listen.store import aspects, changes, corrections, generations, inbox, mentions, search, tones
from listen.store.generations import BUILDING, DROPPING, FILLING, GONE, KEPT, KEPT_DAYS, Generation
from listen.store.layout import NO_TOPIC
from listen.store.sqlite import Connection
from listen.store.upkeep import LATE

if TYPE_CHECKING:
    from listen.store.read import Page
    from listen.store.write import Writer

STEP = 100
"""Mentions that one step writes: some 50 ms."""

PATIENCE = 0.05
"""Seconds that one step looks for them; more when a search finds nothing to stop at."""


class Own:
    """The topics that the writer itself matches against what arrives.

    The workshop does not know in time what begins or ends: posts that it prepared before are still on their way.
    """

    def __init__(self) -> None:
        self._known: frozenset[int] = frozenset()
        self._gone: frozenset[int] = frozenset()
        self._index: TopicIndex | None = None

    def load(self, connection: Connection, *, afresh: bool) -> None:
        """Read what there is. `afresh`: nothing is on its way from before, so what is live by now is the workshop's."""
        there = generations.of_state(connection, BUILDING, FILLING, KEPT)
        dropped = generations.of_state(connection, DROPPING, GONE)
        if not afresh:
            known = {one.topic_id for one in there}
            there += [
                one for one in generations.of_state(connection, generations.LIVE) if one.topic_id in self._known - known
            ]
        self._known = frozenset(one.topic_id for one in there)
        self._gone = frozenset(one.topic_id for one in dropped)
        self._index = TopicIndex({one.topic_id: node_of(one.query) for one in there}, 0.0) if there else None

    def topics(self, post: Prepared, source: str, adapter: str) -> Set[int]:
        """What the post matches: as the workshop says, and what is matched here."""
        if self._index is None and not self._gone:
            return post.topics.keys()
        found = post.topics.keys() - self._known - self._gone
        if self._index is not None and not mentions.gone(post):
            found |= set(self._index.match(Subject.fresh(post, (source,), (adapter,))))
        return found


# --- steps -----------------------------------------------------------------------------------------------------------


def step(writer: Writer) -> bool:
    """Go on with what has to be matched or dropped, in a transaction of its own; False when there is nothing."""
    connection = writer.connection
    if jobs := generations.of_state(connection, BUILDING, FILLING):
        _match(writer, jobs[0])
        return True
    if jobs := generations.of_state(connection, DROPPING):
        with writer.transaction():
            if not _drop(writer, jobs[0].topic_id):
                generations.set_state(connection, jobs[0].topic_id, GONE, int(writer.clock.now()))
        return True
    return tones.step(writer) or _expire(writer)


def _expire(writer: Writer) -> bool:
    """Let go of what nobody took back in a long time; whether there was any."""
    now = int(writer.clock.now())
    old = [one for one in generations.of_state(writer.connection, KEPT) if one.at < now - KEPT_DAYS * 86_400]
    if not old:
        return False
    with writer.transaction():
        for one in old:
            generations.set_state(writer.connection, one.topic_id, DROPPING, now)
    writer.topics_changed()
    return True


def _match(writer: Writer, job: Generation) -> None:
    page = _found(writer, job)
    with writer.transaction():
        _insert(writer, job.topic_id, page.ids)
        gained, lost = _compared(writer.connection, job, page)
        writer.connection.execute(
            "UPDATE rematches SET done_to = ?, gained = gained + ?, lost = lost + ? WHERE topic_id = ?",
            (page.back_to, gained, lost, job.topic_id),
        )
        done = page.back_to <= 0
        if done:
            _finish(writer, job)
    if done:
        writer.topics_changed()


def _found(writer: Writer, job: Generation) -> Page:
    """The next mentions of the query below those that are done. What people or a text change meanwhile is no matter:
    the writer alone changes texts, and it is the one that asks."""
    from listen.store.read import Reader

    node, now = node_of(job.query), writer.clock.now()
    patience: float | None = PATIENCE
    with Reader(writer.path) as reader:
        while True:
            page = reader.page(node, before=job.done_to, limit=STEP, budget=patience, now=now)
            if page.complete or page.back_to < job.done_to:
                return page
            patience = None if patience is None or patience > 1 else 4 * patience


def _compared(connection: Connection, job: Generation, page: Page) -> tuple[int, int]:
    """(gained, lost) against the live topic in the range that the page looked through."""
    low, high = page.back_to, job.done_to
    (old,) = connection.execute(
        "SELECT count(*) FROM matches WHERE topic_id = ? AND mention_id >= ? AND mention_id < ?",
        (job.replaces, low, high),
    ).fetchone()
    (new,) = connection.execute(
        "SELECT count(*) FROM matches WHERE topic_id = ? AND mention_id >= ? AND mention_id < ?",
        (job.topic_id, low, high),
    ).fetchone()
    (both,) = connection.execute(
        "SELECT count(*) FROM matches AS x CROSS JOIN matches AS y ON y.topic_id = ? AND y.mention_id = x.mention_id "
        "WHERE x.topic_id = ? AND x.mention_id >= ? AND x.mention_id < ?",
        (job.replaces, job.topic_id, low, high),
    ).fetchone()
    return new - both, old - both


def _finish(writer: Writer, job: Generation) -> None:
    """All is matched: take the live topic's place, or be done with filling."""
    connection, now = writer.connection, int(writer.clock.now())
    generations.matched_whole(connection, job.topic_id)
    if job.state == BUILDING:
        generations.swap(connection, job.topic_id, job.replaces, now)
    else:
        generations.set_state(connection, job.topic_id, generations.LIVE, now)
    for part in writer.partitions.parts:
        (changed,) = connection.execute(
            "SELECT count(*) FROM matches WHERE topic_id = ? AND mention_id >= ? AND mention_id < ?",
            (job.topic_id, part.from_id, part.to_id),
        ).fetchone()
        if part.merged > 0 and changed > part.count // LATE:
            part.merged = 0
            writer.partitions.save(part)


class _Row(NamedTuple):
    """What a match needs to know of its mention."""

    mention_id: int
    source_id: int
    score: int | None
    hits: int | None
    lang: str | None
    state: int
    status: int
    aside: int
    country: str | None
    kind: int
    intents: str | None


_ROWS = """
SELECT m.id, c.source_id, m.score, m.hits, m.lang, m.state, ifnull(t.status, 0), ifnull(e.why, 0),
  m.country, m.kind, m.intents
FROM json_each(?1) AS j CROSS JOIN mentions AS m ON m.id = j.value CROSS JOIN channels AS c ON c.id = m.channel_id
LEFT JOIN triage AS t ON t.mention_id = m.id
LEFT JOIN aside AS e ON e.mention_id = m.id
LEFT JOIN matches AS x ON x.topic_id = ?2 AND x.mention_id = m.id
WHERE m.state < ?3 AND x.topic_id IS NULL ORDER BY m.id"""


def _insert(writer: Writer, topic: int, ids: Sequence[int]) -> None:
    """Make these mentions match a topic, those that do not yet and are not gone, and all that hangs on it."""
    connection = writer.connection
    rows = [_Row._make(row) for row in connection.execute(_ROWS, (json.dumps(ids), topic, inbox.GONE))]
    old = mentions.documents(connection, [row.mention_id for row in rows])
    delta = writer.delta()
    for row in rows:
        its = aspects.of(row.lang, row.country, row.kind, row.intents)
        delta.apply(row.mention_id, row.source_id, {}, {topic: row.score}, its)
    connection.executemany(
        "INSERT INTO matches VALUES (?,?,?,?,?,?,?)",
        [(topic, row.mention_id, row.source_id, row.score, row.hits, row.lang, row.state) for row in rows],
    )
    delta.write(connection)
    changes.note(connection, [row.mention_id for row in rows])
    new = [(topic, row.mention_id) for row in rows if not row.status and not row.aside]
    connection.executemany("INSERT OR IGNORE INTO inbox VALUES (?,?)", new)
    connection.executemany(
        "DELETE FROM inbox WHERE topic_id = ? AND mention_id = ?", [(NO_TOPIC, one) for _, one in new]
    )
    connection.executemany(
        "INSERT OR IGNORE INTO dismissed VALUES (?,?)",
        [(topic, row.mention_id) for row in rows if row.status == inbox.DISMISSED or row.aside],
    )
    for row in rows:
        corrections.follow(connection, row.mention_id, (), [topic])
    # It is a rival of the other topics that they match, and they are its own.
    tones.renew(writer, [row.mention_id for row in rows])
    writer.partitions.remove(old)
    writer.partitions.add([search.with_topic(document, topic) for document in old])


def _drop(writer: Writer, topic: int) -> int:
    """Take the newest matches of a topic away, and all that hangs on them; how many there were."""
    connection = writer.connection
    rows = connection.execute(
        "SELECT x.mention_id, x.source_id, x.score, m.lang, m.country, m.kind, m.intents FROM matches AS x "
        "CROSS JOIN mentions AS m ON m.id = x.mention_id WHERE x.topic_id = ? ORDER BY x.mention_id DESC LIMIT ?",
        (topic, STEP),
    ).fetchall()[::-1]
    ids = [row[0] for row in rows]
    old = mentions.documents(connection, ids)
    delta = writer.delta()
    for mention_id, source_id, score, *told in rows:
        delta.apply(mention_id, source_id, {topic: score}, {}, aspects.of(*told))
    both = [(topic, one) for one in ids]
    for table in ("matches", "dismissed", "corrected"):
        connection.executemany(f"DELETE FROM {table} WHERE topic_id = ? AND mention_id = ?", both)  # noqa: S608
    waiting = [one for one in ids if _take(connection, topic, one)]
    delta.write(connection)
    tones.renew(writer, ids)
    left = inbox.topics_of_many(connection, waiting)
    connection.executemany("INSERT INTO inbox VALUES (?,?)", [(NO_TOPIC, one) for one in waiting if not left[one]])
    writer.partitions.remove(old)
    writer.partitions.add([search.without_topic(document, topic) for document in old])
    return len(ids)


def _take(connection: Connection, topic: int, mention_id: int) -> bool:
    """Take it out of the topic's inbox; whether it was there."""
    where = "DELETE FROM inbox WHERE topic_id = ? AND mention_id = ?"
    return connection.execute(where, (topic, mention_id)).rowcount > 0


def run(writer: Writer) -> Iterable[Generation]:
    """Do all that has to be done, and tell of each step what is under way: for who holds the lock and does it now."""
    while step(writer):
        writer.checkpoint()
        yield from generations.of_state(writer.connection, BUILDING, FILLING)[:1]
