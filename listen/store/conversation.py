"""Conversations as they are stored: what stands above a mention, what stands below, and who has answered.

Light on purpose: readers import it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from listen.model import Mention
from listen.store import records
from listen.store.aside import OWN
from listen.store.ids import identified, key_of
from listen.store.inbox import GONE
from listen.store.sqlite import Connection

MOST = 1_000
"""Mentions of a conversation that are read: the newest replies of a longer one are left out."""

Answered = Literal["us", "peers", "nobody"]


class Turn(NamedTuple):
    """A mention in its conversation."""

    mention: Mention
    depth: int
    """Steps below the first one."""


class Conversation(NamedTuple):
    """A conversation, from its first post on: each reply below what it answers, older ones first."""

    turns: Sequence[Turn]
    about: int
    """The mention that was asked about."""
    answered: Answered
    """Who answered that one: one of ours, somebody else than its author, or nobody that is known of."""
    spoken: bool = False
    """One of ours has said something in it."""
    whole: bool = True
    """False when there are more than MOST."""
    own: Literal["", "post", "reply"] = ""
    """The mention that was asked about is one of ours: whether it opens or answers; else empty."""

    @property
    def words(self) -> str:
        """How it stands with the mention that was asked about: ours waits for no answer, it is one."""
        if not self.own:
            return f"answered by {self.answered}"
        went_on = {"us": ", and we went on", "peers": ", answered by peers", "nobody": ""}
        return f"our own {self.own}{went_on[self.answered]}"


def conversation(connection: Connection, mention: Mention) -> Conversation:
    """The conversation around a mention, as far as it is stored."""
    ids, whole = _gathered(connection, mention)
    found = {one.id: one for one in records.mentions(connection, ids)}
    found[mention.id] = mention
    by_name = {one.external_id: one for one in found.values()}
    below: dict[int, list[Mention]] = defaultdict(list)
    roots: list[Mention] = []
    for one in sorted(found.values(), key=lambda one: one.id):
        parent = by_name.get(one.parent_id or "") or by_name.get(one.thread_id or "")
        if parent is None or parent is one:
            roots.append(one)
        else:
            below[parent.id].append(one)
    spoken = any(one.own for one in found.values())
    own: Literal["", "post", "reply"] = "" if not mention.own else "reply" if mention.parent_id else "post"
    turns = _laid_out(roots, below, found.values())
    return Conversation(turns, mention.id, _answered(mention, below), spoken, whole, own)


def _gathered(connection: Connection, mention: Mention) -> tuple[list[int], bool]:
    """Ids of all that hangs together with the mention: by the conversation it names, and by who answers whom."""
    network = mention.network
    (number,) = connection.execute("SELECT id FROM networks WHERE name = ?", (network,)).fetchone()
    names = [name for name in (mention.thread_id, mention.parent_id, mention.external_id) if name]
    asked: set[str] = set()
    found: dict[int, None] = {mention.id: None}
    while names and len(found) <= MOST:
        name = names.pop(0)
        if name in asked:
            continue
        asked.add(name)
        itself = identified(connection, network, name)
        rows = connection.execute(
            "SELECT t.mention_id FROM threads AS t CROSS JOIN mentions AS m ON m.id = t.mention_id "
            "WHERE t.thread = ? AND m.network_id = ? ORDER BY t.mention_id LIMIT ?",
            (key_of(network, name), number, MOST + 1),
        )
        new = [one for one in ([itself] if itself else []) + [row[0] for row in rows] if one not in found]
        found.update(dict.fromkeys([*new, *([itself] if itself else [])]))
        for one in new:
            row = connection.execute(
                "SELECT external_id, parent_id, thread_id FROM mentions WHERE id = ?", (one,)
            ).fetchone()
            names += [name for name in row if name and name not in asked]
    return list(found)[:MOST], len(found) <= MOST


def _laid_out(roots: Iterable[Mention], below: dict[int, list[Mention]], all_of_them: Iterable[Mention]) -> list[Turn]:
    turns: list[Turn] = []
    seen: set[int] = set()
    for start in (*roots, *all_of_them):  # the second: those that answer each other in a ring
        waiting = [Turn(start, 0)]
        while waiting:
            turn = waiting.pop()
            if turn.mention.id not in seen:
                seen.add(turn.mention.id)
                turns.append(turn)
                waiting += [Turn(one, turn.depth + 1) for one in reversed(below[turn.mention.id])]
    return turns


def _answered(mention: Mention, below: dict[int, list[Mention]]) -> Answered:
    """By ours or by others, directly or further below; what its own author adds is no answer."""
    author = mention.author.handle if mention.author else None
    waiting, by_peers, seen = list(below[mention.id]), False, {mention.id}
    while waiting:
        one = waiting.pop()
        if one.id in seen:
            continue
        seen.add(one.id)
        if one.own:
            return "us"
        by_peers = by_peers or one.author is None or one.author.handle != author
        waiting += below[one.id]
    return "peers" if by_peers else "nobody"


def refreshable(connection: Connection, low: int, high: int, most: int) -> list[int]:
    """Mentions with low <= id < high that match a topic, are no noise and still there, newest first."""
    rows = connection.execute(
        "SELECT DISTINCT x.mention_id FROM topics AS t CROSS JOIN matches AS x ON x.topic_id = t.id "
        "AND x.mention_id >= ? AND x.mention_id < ? WHERE t.active AND x.state < ? "
        "AND NOT EXISTS (SELECT 1 FROM aside WHERE mention_id = x.mention_id AND why & ~?) "
        "ORDER BY x.mention_id DESC LIMIT ?",
        (low, high, GONE, OWN, most),
    )
    return [row[0] for row in rows.fetchall()]
