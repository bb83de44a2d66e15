"""What has arrived since the last look, and which rules find it.

What the writer has just stored is at hand; the rest (after a crash, or what another process stored) is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from listen.alerts import facts
from listen.alerts.facts import Fact
from listen.alerts.index import Index
from listen.model import Mention
from listen.query.attributes import host_of
from listen.query.match import Subject
from listen.store import records
from listen.store.mentions import New
from listen.store.sqlite import Connection
from listen.store.write import Writer


class Arrived(NamedTuple):
    """A mention that counts and that some rule finds."""

    seq: int
    fact: Fact
    hits: set[int]
    """Numbers of the queries that find it."""


class Batch(NamedTuple):
    """Some arrivals, in their order."""

    last: int
    """The place of the last one."""
    size: int
    """How many there were, those that do not count and those that no rule finds among them."""
    found: Sequence[Arrived]


_ARRIVALS = "SELECT seq, mention_id, quiet FROM arrivals WHERE seq > ? ORDER BY seq LIMIT ?"
_LEFT_OUT = """
SELECT mention_id FROM aside WHERE mention_id IN (SELECT value FROM json_each(?1))
UNION SELECT mention_id FROM triage WHERE status = 3 AND mention_id IN (SELECT value FROM json_each(?1))"""


def arrived(writer: Writer, after: int, limit: int, topics: Mapping[int, str], index: Index) -> Batch:
    """The next arrivals; `topics` are the names of the active ones."""
    connection = writer.connection
    rows = connection.execute(_ARRIVALS, (after, limit)).fetchall()
    if not rows:
        writer.just_stored.clear()
        return Batch(after, 0, ())
    places = {mention_id: seq for seq, mention_id, quiet in rows if not quiet}
    left_out = {row[0] for row in connection.execute(_LEFT_OUT, (json.dumps(list(places)),))}
    found: list[Arrived] = []
    unknown: list[int] = []
    for mention_id, seq in places.items():
        if mention_id in left_out:
            continue
        new = writer.just_stored.get(mention_id)
        if new is None or (index.asks_people and index.may_concern(_names(new, topics))):
            unknown.append(mention_id)
        elif (one := _new(writer, new, seq, topics, index)) is not None:
            found.append(one)
    found += restored(connection, unknown, topics, index, places)
    writer.just_stored.clear()
    return Batch(rows[-1][0], len(rows), sorted(found, key=lambda one: one.seq))


def _new(writer: Writer, new: New, seq: int, topics: Mapping[int, str], index: Index) -> Arrived | None:
    """A mention that was stored a moment ago."""
    names = _names(new, topics)
    if not index.may_concern(names):
        return None
    _, source, adapter = writer.place_of(new.channel_id)
    hits_toward = {topics[one]: hits for one, hits in new.post.hits_toward.items() if one in topics}
    mention = _mention(new, names, hits_toward, source, adapter)
    subject = Subject.of(mention)
    subject.line, subject.marks = f" {new.post.title_words} \n {new.post.words} ", new.post.marks
    hits = index.match(subject)
    if not hits:
        return None
    post = new.post
    fact = Fact(
        new.id, new.seen_at, new.author_id, new.story, False, post.author.handle if post.author else "",
        post.lang or "", post.country or "", post.kind, post.network, host_of(post.url), source, tuple(names),
        new.channel_id, mention.intents, index.desks(subject),
    )  # fmt: skip
    return Arrived(seq, fact, hits)


def _names(new: New, topics: Mapping[int, str]) -> dict[str, int | None]:
    """Topic name -> score toward it."""
    return {topics[one]: score for one, score in new.topics.items() if one in topics}


def _mention(
    new: New, names: Mapping[str, int | None], hits: Mapping[str, int | None], source: str, adapter: str
) -> Mention:
    post = new.post
    return Mention(
        id=new.id, network=post.network, external_id=post.external_id, kind=post.kind, text=post.text,
        title=post.title, url=post.url, author=post.author, lang=post.lang, published_at=post.published_at,
        seen_at=new.seen_at, edited_at=post.edited_at, state=post.state, rating=post.rating, likes=post.likes,
        replies=post.replies, reposts=post.reposts, views=post.views, parent_id=post.parent_id,
        thread_id=post.thread_id, score=post.score, hits=post.hits, unscored=post.unscored, country=post.country,
        sources=(source,), adapters=(adapter,), topics=dict(names), own=new.own, story=new.story,
        intents=tuple(post.intents.split(" ")) if post.intents else (), hits_toward=dict(hits),
    )  # fmt: skip


def restored(
    connection: Connection,
    ids: Sequence[int],
    topics: Mapping[int, str],
    index: Index,
    places: Mapping[int, int] | None = None,
) -> list[Arrived]:
    """Stored mentions that count and that some rule finds; 0 is the place of one that is not known."""
    if not ids:
        return []
    known = facts.of(connection, ids, topics)
    found = []
    for mention in records.mentions(connection, ids):
        fact = known.get(mention.id)
        if fact is not None and not fact.left_out and index.may_concern(mention.topics):
            subject = Subject.of(mention)
            hits = index.match(subject)
            if hits:
                told = fact._replace(desks=index.desks(subject))
                found.append(Arrived((places or {}).get(mention.id, 0), told, hits))
    return found
