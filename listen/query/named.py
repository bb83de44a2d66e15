"""Names as the query language has them, and what an alert is about as a query."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS = ("topic", "source", "author", "lang", "country", "kind", "site", "story")
"""What tells alerts apart and the query language has a field for."""


def facet_query(field: str, name: str) -> str:
    """The query for a name in a field: `source:press`, `source:"our blog"`."""
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return f"{field}:{name}" if plain else f'{field}:"' + name.replace('"', "") + '"'


def behind(query: str, labels: Mapping[str, str]) -> str:
    """The query for what an alert is about: that of its rule, and what tells it from the rule's others."""
    parts = [f"({query})"] if query.strip() else []
    return " ".join([*parts, *(facet_query(name, value) for name, value in labels.items() if name in FIELDS)])
