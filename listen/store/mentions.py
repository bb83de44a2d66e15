"""The rows of mentions: how a prepared post is stored, and what a later version of it changes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from listen.model import KINDS, STATES, Prepared
from listen.store import aspects
from listen.store.aspects import Aspects
from listen.store.growth import COUNTS, Counted
from listen.store.inbox import GONE, topics_of
from listen.store.layout import OWN_TAGS, TAGGED, TRUNCATED, hour_of
from listen.store.search import Document, facets, words_of
from listen.store.sqlite import Connection
from listen.store.threads import Place
from listen.text import before_tags

_OF_THE_POST = (
    "external_id", "url", "title", "text", "lang", "published_at", "edited_at", "score", "hits", "unscored", "intents",
    "rating", "likes", "replies", "reposts", "views", "parent_id", "thread_id", "country",
)  # fmt: skip
_OURS = ("id", "key", "network_id", "channel_id", "author_id", "seen_at", "kind", "state", "flags", "story_id")
INSERT = (
    f"INSERT INTO mentions({', '.join(_OURS + _OF_THE_POST)}) "  # noqa: S608
    f"VALUES ({','.join('?' * len(_OURS + _OF_THE_POST))})"
)
_values_of_post = attrgetter(*_OF_THE_POST)

_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_STATE_NUMBERS = {state: number for number, state in enumerate(STATES)}
_EDITED = STATES.index("edited")


class Stored(NamedTuple):
    """What is stored of a post that has come again."""

    id: int
    network_id: int
    external_id: str
    channel_id: int
    kind: int
    state: int
    url: str | None
    title: str | None
    text: str
    lang: str | None
    published_at: int | None
    edited_at: int | None
    score: int | None
    hits: int | None
    unscored: str | None
    rating: int | None
    likes: int | None
    replies: int | None
    reposts: int | None
    views: int | None
    parent_id: str | None
    thread_id: str | None
    flags: int
    seen_at: int
    country: str | None
    intents: str | None


_SELECT = f"SELECT {', '.join(Stored._fields)} FROM mentions WHERE "  # noqa: S608
FIND = _SELECT + "key = ?"
FIND_BY_ID = _SELECT + "id = ?"


@dataclass(slots=True)
class Added:
    """What became of a batch."""

    new_ids: list[int]
    again: int
    """Posts that were known already, or twice in the batch."""
    changed: int
    """Known posts whose text was edited or taken away."""
    left: int = 0
    """Posts that match nothing and were not known, where only matched ones are kept."""
    forgotten: int = 0
    """Posts of people who were forgotten: nothing of them is kept."""

    def take(self, other: Added) -> None:
        """What became of a further part of it."""
        self.new_ids += other.new_ids
        self.again += other.again
        self.changed += other.changed
        self.left += other.left
        self.forgotten += other.forgotten


@dataclass(slots=True)
class New:
    """A post on its way to its first row."""

    id: int
    key: int
    network_id: int
    author_id: int | None
    source_id: int
    channel_id: int
    seen_at: int
    post: Prepared
    topics: Mapping[int, int | None]
    """What it matches -> score toward it."""
    result: Added
    own: bool = False
    """Whether one of our accounts said it."""
    quiet: bool = False
    """It is history: it came in, and no alert is to count it."""
    story: int | None = None
    """The story that it belongs to, None for what nobody else tells."""


def place(new: New) -> Place:
    """Where a new mention stands in its conversation."""
    return Place(new.id, new.post.network, new.post.external_id, new.post.parent_id, new.post.thread_id)


def new_row(new: New) -> tuple[object, ...]:
    """The values of `INSERT`."""
    post = new.post
    return (
        new.id, new.key, new.network_id, new.channel_id, new.author_id, new.seen_at, _KIND_NUMBERS[post.kind],
        _STATE_NUMBERS[post.state], _flags(post), new.story, *_values_of_post(post),
    )  # fmt: skip


def _flags(post: Prepared) -> int:
    return (TRUNCATED if post.truncated else 0) | tag_flags(post.text, post.tagged)


def tag_flags(text: str, tagged: bool) -> int:
    """The bit that says whose tags a text ends in, 0 for one that ends otherwise."""
    if "#" not in text or before_tags(text) is None:
        return 0
    return TAGGED if tagged else OWN_TAGS


def values_of(post: Prepared) -> list[object]:
    """Everything of a post that is given to SQLite."""
    author = post.author
    said = () if author is None else (author.handle, author.name, author.url, author.followers)
    row = new_row(New(0, 0, 0, None, 0, 0, 0, post, {}, Added([], 0, 0)))
    return [*row, post.title_words, post.words, *post.marks, *said, *post.topics, *post.topics.values()]


def state_no(state: str) -> int:
    """How a state of `listen.model.STATES` is stored."""
    return _STATE_NUMBERS[state]


def aspects_of(stored: Stored) -> Aspects:
    """What a stored mention is counted under."""
    return aspects.of(stored.lang, stored.country, stored.kind, stored.intents)


def aspects_of_post(post: Prepared) -> Aspects:
    """The same of a post that comes in."""
    return aspects.of(post.lang, post.country, _KIND_NUMBERS[post.kind], post.intents)


def gone(post: Prepared) -> bool:
    """Whether this version says that the post has been taken away."""
    return _STATE_NUMBERS[post.state] >= GONE


def later(first: Prepared, second: Prepared) -> Prepared:
    """Which of two versions of a post in one batch counts: the later one, unless it is dated earlier."""
    if gone(first) or (first.edited_at or 0) > (second.edited_at or first.edited_at or 0):
        return first
    return second


@dataclass(slots=True)
class Change:
    """What a version that has come again changes."""

    columns: dict[str, object]
    """Columns of `mentions` to set."""
    content: bool
    """Whether what is searched, matched or scored changes, so that index, matches and numbers follow."""


def change(stored: Stored, post: Prepared, channel_id: int) -> Change:
    """Compare what is stored with a version heard (again) by a channel.

    A version without a newer date is believed only when it comes from the channel that heard the post first: another
    server renders the same post differently, and its counts lag behind.
    """
    if stored.state >= GONE:
        return Change({}, False)
    if gone(post):
        return Change(_taken_away(post), True)
    first = channel_id == stored.channel_id
    columns = _counts(stored, post, first) | _links(stored, post)
    newer = post.edited_at is not None and post.edited_at > (stored.edited_at or 0)
    same_age = (post.edited_at or 0) == (stored.edited_at or 0)
    if not (newer or (first and same_age)):
        return Change(columns, False)
    # A list may tell no more than how a post begins: the whole of it is no edit, and its beginning no news.
    whole, cut = not stored.flags & TRUNCATED, post.truncated
    content = newer or ((post.title != stored.title or post.text != stored.text) and not (whole and cut))
    if content:
        columns |= {name: value for name, value in _content(post).items() if getattr(stored, name) != value}
        if newer or whole or cut:
            columns["state"] = max(_EDITED, _STATE_NUMBERS[post.state])
    for name in ("edited_at", "published_at", "rating", "url", "country"):
        value = getattr(post, name)
        if value is not None and value != getattr(stored, name):
            columns[name] = value
    return Change(columns, content)


def _content(post: Prepared) -> dict[str, object]:
    return {
        "title": post.title, "text": post.text, "lang": post.lang, "kind": _KIND_NUMBERS[post.kind],
        "score": post.score, "hits": post.hits, "unscored": post.unscored, "intents": post.intents,
        "flags": _flags(post),
    }  # fmt: skip


def _taken_away(post: Prepared) -> dict[str, object]:
    """The platforms' terms ask that nothing of a deleted post is kept but that it was there."""
    return {
        "title": None, "text": "", "lang": None, "country": None, "score": None, "hits": None,
        "unscored": post.state, "intents": None, "flags": 0,
        "state": _STATE_NUMBERS[post.state],
    }  # fmt: skip


def _counts(stored: Stored, post: Prepared, first: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in COUNTS:
        value, old = getattr(post, name), getattr(stored, name)
        if value is not None and value != old and (first or old is None or value > old):
            found[name] = value
    return found


def counted(stored: Stored, columns: Mapping[str, object], now: int) -> tuple[Counted, Counted]:
    """(the counts as they were when it was first seen or changed last, those that the columns make of them now)."""
    before = [getattr(stored, name) for name in COUNTS]
    after: list[Any] = [columns.get(name, getattr(stored, name)) for name in COUNTS]
    return Counted(stored.seen_at, *before), Counted(now, *after)


def _links(stored: Stored, post: Prepared) -> dict[str, object]:
    """Its place in a conversation, when only this version tells it."""
    found: dict[str, object] = {}
    for name in ("parent_id", "thread_id"):
        told, known = getattr(post, name), getattr(stored, name)
        # A server that does not know the parent's lasting name gives an address of its own for it.
        better = known is None or ("/api/" in known and told is not None and "/api/" not in told)
        if told is not None and told != known and better:
            found[name] = told
    return found


def update(connection: Connection, mention_id: int, columns: dict[str, object]) -> None:
    """Set columns; their names come from this module, never from outside."""
    names = ", ".join(f"{name}=?" for name in columns)
    connection.execute(f"UPDATE mentions SET {names} WHERE id=?", (*columns.values(), mention_id))  # noqa: S608


def new_document(new: New) -> Document:
    """The search row of a post that is stored for the first time."""
    post = new.post
    kind = _KIND_NUMBERS[post.kind]
    tail = facets(post.marks, (new.source_id,), new.topics, post.lang, kind, new.author_id, post.score, post.intents)
    return new.id, post.title_words, post.words, tail


def documents(connection: Connection, ids: Sequence[int]) -> list[Document]:
    """The search rows as they must be in the index for what is stored now, in the order given; not of unknown ids."""
    found = []
    for mention_id in ids:
        row = connection.execute(_SAID + "WHERE id = ?", (mention_id,)).fetchone()
        if row is not None:
            found.append(_document(row, sources_of(connection, mention_id), topics_of(connection, mention_id)))
    return found


def documents_between(
    connection: Connection, first: int, last: int, only: Container[int] | None = None
) -> list[Document]:
    """The same of all mentions, or of these `only`, with first <= id <= last, in order; faster than one by one."""
    sources: dict[int, list[int]] = {}
    for mention_id, source in connection.execute(
        "SELECT DISTINCT s.mention_id, c.source_id FROM sightings s JOIN channels c ON c.id = s.channel_id "
        "WHERE s.mention_id BETWEEN ? AND ?",
        (first, last),
    ):
        sources.setdefault(mention_id, []).append(source)
    topics: dict[int, list[int]] = {}
    for mention_id, topic in connection.execute(
        "SELECT mention_id, topic_id FROM matches WHERE mention_id BETWEEN ? AND ? "
        "AND topic_id IN (SELECT topic_id FROM hourly_topic WHERE hour BETWEEN ? AND ?)",
        (first, last, hour_of(first), hour_of(last)),
    ):
        topics.setdefault(mention_id, []).append(topic)
    rows = connection.execute(_SAID + "WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))
    wanted = rows if only is None else (row for row in rows if row[0] in only)
    return [_document(row, sources.get(row[0], ()), topics.get(row[0], ())) for row in wanted]


_SAID = "SELECT id, title, text, lang, kind, author_id, score, intents FROM mentions "


def _document(row: tuple[Any, ...], sources: Iterable[int], topics: Iterable[int]) -> Document:
    mention_id, title, body, lang, kind, author_id, score, intents = row
    title_words, words, marks = words_of(title, body)
    return mention_id, title_words, words, facets(marks, sources, topics, lang, kind, author_id, score, intents)


def sources_of(connection: Connection, mention_id: int) -> list[int]:
    """The sources whose channels heard it."""
    rows = connection.execute(
        "SELECT DISTINCT c.source_id FROM sightings s JOIN channels c ON c.id = s.channel_id WHERE s.mention_id = ?",
        (mention_id,),
    )
    return [row[0] for row in rows]
