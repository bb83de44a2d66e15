"""What rules need to know of a mention beside what their queries ask: its author, its story, and its labels."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from listen.alerts.rules import Rule
from listen.alerts.windows import Arrival
from listen.model import KINDS
from listen.query import tree
from listen.query.attributes import host_of
from listen.store import inbox
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

    def arrival(self, seq: int) -> Arrival:
        """As windows keep it: nobody is an author of their own, what nobody else tells is a story of its own."""
        author = -self.id if self.author is None else self.author
        return Arrival(self.id, self.at, seq, author, -self.id if self.story is None else self.story)


_FACTS = """
SELECT m.id, m.seen_at, m.author_id, m.story_id, e.why IS NOT NULL OR ifnull(t.status, 0) = 3 OR m.state >= 2,
  a.handle, m.lang, m.country, m.kind, n.name, m.url, s.name, m.channel_id
FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value
JOIN networks AS n ON n.id = m.network_id JOIN channels AS c ON c.id = m.channel_id
JOIN sources AS s ON s.id = c.source_id LEFT JOIN authors AS a ON a.id = m.author_id
LEFT JOIN triage AS t ON t.mention_id = m.id LEFT JOIN aside AS e ON e.mention_id = m.id"""


def of(connection: Connection, ids: Sequence[int], names: Mapping[int, str], *, topics: bool = True) -> dict[int, Fact]:
    """The facts of stored mentions; `names` are those of active topics by their id."""
    told = inbox.topics_of_many(connection, ids) if topics else {}
    found = {}
    for row in connection.execute(_FACTS, (json.dumps(list(ids)),)):
        number, at, author, story, left_out, handle, lang, country, kind, network, url, source, channel = row
        its = tuple(names[one] for one in told.get(number, ()) if one in names)
        place = (handle or "", lang or "", country or "", KINDS[kind], network, host_of(url), source)
        found[number] = Fact(number, at, author, story, bool(left_out), *place, its, channel)
    return found


def named_topics(node: tree.Node) -> frozenset[str]:
    """The folded names of the topics that a query asks for; empty when it asks for none."""
    if isinstance(node, tree.Not):
        return frozenset()
    if isinstance(node, tree.And | tree.Or):
        return frozenset[str]().union(*map(named_topics, node.items))
    return frozenset(node.values) if isinstance(node, tree.Facet) and node.name == "topic" else frozenset()


def labels(rule: Rule, fact: Fact, named: frozenset[str]) -> list[Labels]:
    """The instances of a rule that a mention belongs to; none when it has nothing that the rule tells apart by.

    Where the query asks for topics, a mention's other topics make no instances.
    """
    per = rule.per
    if not per:
        if rule.when != "growth":
            return [()]
        per = ("story",)
    values = [[(name, value) for value in _values(name, fact, named)] for name in per]
    return list(itertools.product(*values))


def _values(name: str, fact: Fact, named: frozenset[str]) -> Sequence[str]:
    match name:
        case "topic":
            return [topic for topic in fact.topics if not named or fold(topic) in named]
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
