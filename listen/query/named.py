"""Names as the query language has them, and what an alert is about as a query."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from listen.query import tree
from listen.query.errors import Hint, suggestion

FIELDS = ("topic", "desk", "intent", "source", "author", "lang", "country", "kind", "site", "story")
"""What tells alerts apart and the query language has a field for."""


def facet_query(field: str, name: str) -> str:
    """The query for a name in a field: `source:press`, `source:"our blog"`."""
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return f"{field}:{name}" if plain else f'{field}:"' + name.replace('"', "") + '"'


def behind(query: str, labels: Mapping[str, str]) -> str:
    """The query for what an alert is about: that of its rule, and what tells it from the rule's others."""
    parts = [f"({query})"] if query.strip() else []
    return " ".join([*parts, *(facet_query(name, value) for name, value in labels.items() if name in FIELDS)])


def strangers(node: tree.Node, topics: Collection[str], sources: Collection[str]) -> Iterator[Hint]:
    """Remarks on topics and sources that a query names and that there are not: it may be read, and finds nothing.

    The names that there are come folded, as those of a query are.
    """
    known = {"topic": topics, "source": sources}
    for part in tree.walk(node):
        match part:
            case tree.Facet("topic" | "source" as field, names):
                pass
            case tree.Toward(topic):
                field, names = "topic", (topic,)
            case _:
                continue
        for name in names:
            if name not in known[field] and not name.startswith("@"):
                yield Hint(_stranger(field, name, known[field]), part.span[0], part.span[1] - part.span[0])


def _stranger(field: str, name: str, known: Collection[str]) -> str:
    meant = suggestion(name, known)
    there = f"there are {', '.join(sorted(known))}" if known else "there is none yet"
    return f"there is no {field} {name}; {f'did you mean {meant}' if meant else there}"
