"""Names that the store has heard, for completion: authors, sites, hashtags, handles, languages.

Quick rather than complete.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple

from listen.query.attributes import host_of
from listen.store import customers, mirror, search, tags
from listen.store.scored import INTENTS
from listen.store.sql import after_all
from listen.store.sqlite import Connection
from listen.text import fold

LATEST = 1_000
"""Mentions that are looked at for what was heard lately."""

AUTHORS = 200
"""Authors that are read of those whose handle or name begins so; the best known of them are given."""

TERMS = 2_000
"""Tags that are read of a partition, in the order of the alphabet; the most frequent of them are given."""

NEWEST = 2
"""Partitions of full text that are asked."""


class Heard(NamedTuple):
    """A name, and how often it was heard as far as was looked, or what its author is called."""

    text: str
    n: int | None = None
    called: str | None = None


def heard(connection: Connection, kind: str, start: str, limit: int) -> list[Heard]:
    """Names of a kind that begin so, those first that are likely meant.

    The kinds are `author`, `lang`, `site`, `tag`, `assignee`, `segment`, `intent`, `#` and `@`. Sites are those of the
    latest mentions, as are authors and languages without a beginning.
    """
    start = fold(start)
    if kind == "author":
        once: dict[str, Heard] = {}
        for one in _called(connection, start) if start else _lately(connection):
            once.setdefault(one.text, one)
        return list(once.values())[:limit]
    if kind == "lang":
        return [one for one in _languages(connection) if one.text.startswith(start)][:limit]
    if kind == "site":
        return [one for one in _sites(connection) if one.text.startswith(start)][:limit]
    if kind == "intent":
        own = json.loads(mirror.state(connection, INTENTS) or "{}")
        return [Heard(name, called=keys.get("means")) for name, keys in own.items() if name.startswith(start)][:limit]
    if kind == "segment":
        return [Heard(name, n) for name, n in customers.known(connection, start, limit)]
    if kind in ("tag", "assignee"):
        listed = tags.known if kind == "tag" else tags.people
        return [Heard(name, n) for name, n in listed(connection, start, limit)]
    if kind in ("#", "@"):
        return _marks(connection, kind, start)[:limit]
    return []


def _called(connection: Connection, start: str) -> list[Heard]:
    bounds = (start, after_all(start))
    rows: dict[int, tuple[str, str | None, int]] = {}
    for column in ("handle_key", "name_key"):
        sql = (
            f"SELECT id, handle, name, ifnull(followers, -1) FROM authors "  # noqa: S608
            f"WHERE {column} >= ? AND {column} < ? ORDER BY {column} LIMIT {AUTHORS}"
        )
        rows |= {
            number: (handle, name, followers) for number, handle, name, followers in connection.execute(sql, bounds)
        }
    best = sorted(rows.values(), key=lambda row: (fold(row[0]) != start, -row[2], row[0]))
    return [Heard(handle, called=name) for handle, name, _ in best]


def _lately(connection: Connection) -> list[Heard]:
    rows = connection.execute(
        "SELECT a.handle, a.name, count(*) FROM (SELECT author_id FROM mentions ORDER BY id DESC LIMIT ?) AS m "
        "JOIN authors AS a ON a.id = m.author_id GROUP BY a.id ORDER BY 3 DESC, 1",
        (LATEST,),
    )
    return [Heard(handle, called=name) for handle, name, _ in rows]


def _languages(connection: Connection) -> list[Heard]:
    rows = connection.execute(
        "SELECT lang, count(*) FROM (SELECT lang FROM mentions ORDER BY id DESC LIMIT ?) "
        "WHERE lang IS NOT NULL GROUP BY lang ORDER BY 2 DESC, 1",
        (LATEST,),
    )
    return [Heard(lang) for lang, _ in rows]


def _sites(connection: Connection) -> list[Heard]:
    rows = connection.execute("SELECT url FROM mentions ORDER BY id DESC LIMIT ?", (LATEST,))
    counted = Counter(host_of(url) for (url,) in rows if url)
    return [Heard(host, n) for host, n in sorted(counted.items(), key=lambda one: (-one[1], one[0])) if host]


def _marks(connection: Connection, sign: str, start: str) -> list[Heard]:
    counted: Counter[str] = Counter()
    begin = sign + start
    for part in [part for part in reversed(search.load(connection)) if part.count][:NEWEST]:
        rows = connection.execute(
            f"SELECT term, doc FROM temp.{_terms(connection, part)} WHERE term >= ? AND term < ? LIMIT ?",  # noqa: S608
            (begin, after_all(begin), TERMS),
        )
        for term, documents in rows:
            counted[term] += documents
    return [
        Heard(term[1:], n) for term, n in sorted(counted.items(), key=lambda one: (-one[1], one[0])) if term != sign
    ]


def _terms(connection: Connection, part: search.Partition) -> str:
    """The list of the terms of a partition, which FTS5 shows as a table: a temporary one, made when it is wanted."""
    name = f"terms_{part.no}"
    if not connection.execute("SELECT 1 FROM temp.sqlite_master WHERE name = ?", (name,)).fetchone():
        search.show_terms(connection, name, part.no, "row")
    return name
