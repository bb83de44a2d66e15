"""What servers call a mention when they tell of its deletion, where that is not the name by which it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from listen.model import STATES, Prepared
from listen.store.ids import key_of
from listen.store.inbox import GONE
from listen.store.sqlite import Connection


def tell(connection: Connection, named: Iterable[tuple[Prepared, int]]) -> None:
    """Remember what these posts are called, each with its mention's id."""
    rows = [(key_of(post.network, post.alias), number) for post, number in named if post.alias]
    if rows:
        connection.executemany("INSERT OR REPLACE INTO aliases VALUES (?,?)", rows)


def resolved(connection: Connection, posts: Sequence[Prepared]) -> Sequence[Prepared]:
    """The same posts; deletions that name a server's own name alone get the name that is stored, or are left out."""
    if not any(_nameless(post) for post in posts):
        return posts
    found = []
    for post in posts:
        name: str | None = post.external_id
        if _nameless(post):
            row = connection.execute(
                "SELECT m.external_id FROM aliases AS a JOIN mentions AS m ON m.id = a.mention_id "
                "JOIN networks AS n ON n.id = m.network_id AND n.name = ? WHERE a.key = ?",
                (post.network, key_of(post.network, post.external_id)),
            ).fetchone()
            name = row[0] if row else None
        if name is not None:
            found.append(post if name == post.external_id else replace(post, external_id=name, alias=None))
    return found


def _nameless(post: Prepared) -> bool:
    """A deletion whose only name is the server's own."""
    return post.alias is not None and post.alias == post.external_id and STATES.index(post.state) >= GONE
