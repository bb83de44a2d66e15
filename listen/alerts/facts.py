"""What rules need to know of a mention beside what their queries ask: its author, its story, and its labels."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from listen.alerts.rules import Rule
from listen.alerts.windows import Arrival
from listen.model import KINDS
from listen.query import QueryError, parse, tree
from listen.query.attributes import host_of
from listen.query.book import Book, resolved
from listen.service import Desk
from listen.store import inbox
from listen.store.read import Reader
from listen.store.sqlite import Connection
from listen.text import fold

Labels = tuple[tuple[str, str], ...]


class Fact(NamedTuple):
    """A mention as rules see it."""

    id: int
    at: int
    author: int | None
    story: int | None
    left_out: bool
    """It is own, noise or dismissed."""
    handle: str = ""
    lang: str = ""
    country: str = ""
    kind: str = ""
    network: str = ""
    site: str = ""
    source: str = ""
    topics: tuple[str, ...] = ()
    channel: int = 0
    """Which heard it first."""
    intents: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    """Those that are open and whose query finds it; known where a rule tells alerts apart by desks."""

    def arrival(self, seq: int) -> Arrival:
        """As windows keep it: nobody is an author of their own, what nobody else tells is a story of its own."""
        author = -self.id if self.author is None else self.author
        return Arrival(self.id, self.at, seq, author, -self.id if self.story is None else self.story)


_FACTS = """
SELECT m.id, m.seen_at, m.author_id, m.story_id, e.why IS NOT NULL OR ifnull(t.status, 0) = 3 OR m.state >= 2,
  a.handle, m.lang, m.country, m.kind, n.name, m.url, s.name, m.channel_id, m.intents
FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value
JOIN networks AS n ON n.id = m.network_id JOIN channels AS c ON c.id = m.channel_id
JOIN sources AS s ON s.id = c.source_id LEFT JOIN authors AS a ON a.id = m.author_id
LEFT JOIN triage AS t ON t.mention_id = m.id LEFT JOIN aside AS e ON e.mention_id = m.id"""


def of(connection: Connection, ids: Sequence[int], names: Mapping[int, str], *, topics: bool = True) -> dict[int, Fact]:
    """The facts of stored mentions; `names` are those of active topics by their id."""
    told = inbox.topics_of_many(connection, ids) if topics else {}
    found = {}
    for row in connection.execute(_FACTS, (json.dumps(list(ids)),)):
        number, at, author, story, left_out, handle, lang, country, kind, network, url, source, channel, intents = row
        its = tuple(names[one] for one in told.get(number, ()) if one in names)
        place = (handle or "", lang or "", country or "", KINDS[kind], network, host_of(url), source)
        found[number] = Fact(
            number, at, author, story, bool(left_out), *place, its, channel, tuple((intents or "").split())
        )
    return found


def with_desks(reader: Reader, found: Mapping[int, Fact], now: float) -> dict[int, Fact]:
    """The same with the desks that find them, of a few thousand mentions at most. Raises QueryError, StoreError."""
    at: dict[int, list[str]] = {}
    for name, node in open_desks(reader.desks(), reader.book()).items():
        for one in reader.among(node, list(found), now=now):
            at.setdefault(one, []).append(name)
    return {one: fact._replace(desks=tuple(at.get(one, ()))) for one, fact in found.items()}


def open_desks(desks: Sequence[Desk], book: Book) -> dict[str, tree.Node]:
    """Name of a desk where somebody answers -> what it finds; without those whose query leads back to itself."""
    found = {}
    for one in desks:
        if one.open:
            with contextlib.suppress(QueryError):
                found[one.name] = resolved(tree.Desk((fold(one.name),)), book)
    return found


def _named(node: tree.Node, name: str) -> frozenset[str]:
    """The folded values of a field that a query asks for."""
    match node:
        case tree.And(items) | tree.Or(items):
            return frozenset[str]().union(*(_named(one, name) for one in items))
        case tree.Facet(field, values) if field == name:
            return frozenset(values)
        case tree.Desk(names) if name == "desk":
            return frozenset(names)
    return frozenset()


Named = Mapping[str, frozenset[str]]
"""Field -> the folded values that a rule asks for; none where it asks for none."""


def asked_for(rule: Rule, book: Book) -> Named:
    """What of topics, desks and intents a rule asks for. Raises QueryError."""
    found: dict[str, frozenset[str]] = {}
    for name in ("topic", "desk", "intent"):
        nodes = [parse(text) for text in (rule.query, *([rule.of] if rule.when == "share" else []))]
        # What a desk asks for itself is not what the rule asks for, so that the query is taken as it is written.
        told = (_named(node if name == "desk" else resolved(_without_desks(node), book), name) for node in nodes)
        found[name] = next((some for some in told if some), frozenset())
    return found


def _without_desks(node: tree.Node) -> tree.Node:
    match node:
        case tree.And(items):
            return tree.And(tuple(map(_without_desks, items)), node.span)
        case tree.Or(items):
            return tree.Or(tuple(map(_without_desks, items)), node.span)
        case tree.Desk():
            return tree.All()
    return node


def labels(rule: Rule, fact: Fact, named: Named) -> list[Labels]:
    """The instances of a rule that a mention belongs to; none when it has nothing that the rule tells apart by.

    Where the query asks for topics (or desks, or intents), a mention's other ones make no instances.
    """
    per = rule.per
    if not per:
        if rule.when != "growth":
            return [()]
        per = ("story",)
    values = [[(name, value) for value in _values(name, fact, named)] for name in per]
    return list(itertools.product(*values))


def _values(name: str, fact: Fact, named: Named) -> Sequence[str]:
    match name:
        case "topic" | "desk" | "intent":
            some, wanted = getattr(fact, f"{name}s"), named.get(name)
            return [one for one in some if not wanted or fold(one) in wanted]
        case "story":
            return [str(fact.story)] if fact.story is not None else []
        case "mention":
            return [str(fact.id)]
        case "author":
            return [fact.handle] if fact.handle else []
    value = getattr(fact, name)
    return [value] if value else []


def spelled(found: Labels) -> str:
    """`topic:acme lang:fr`; empty for none."""
    return " ".join(f"{name}:{value}" for name, value in found)
