"""What a query does that may not be meant, as the query alone tells; `listen.insight.clauses` asks the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo

from listen.query import tree
from listen.query.errors import Hint
from listen.query.parse import hints, parse

MOST = 300
"""Parts side by side that are compared with each other: it takes the square of their number."""


def lint(text: str, tz: tzinfo = UTC) -> list[Hint]:
    """Remarks on a query that can be read, in the order of its columns.

    Raises:
        QueryError: it cannot be read.
    """
    found = [*hints(text, tz), *_redundant(parse(text, tz))]
    return sorted(found, key=lambda hint: hint.column)


def _redundant(node: tree.Node) -> Iterator[Hint]:
    """Parts beside which others say nothing new."""
    for part in tree.walk(node):
        if isinstance(part, tree.And | tree.Or) and len(part.items) <= MOST:
            yield from _among(part.items, isinstance(part, tree.Or))


def _among(items: Sequence[tree.Node], either: bool) -> Iterator[Hint]:
    for at, item in enumerate(items):
        for other_at, other in enumerate(items):
            if at == other_at or item.span == other.span:
                continue
            wide, narrow = (other, item) if either else (item, other)
            if _same(item, other) and other_at < at:
                yield Hint("it says the same as a part before it", item.span[0], item.span[1] - item.span[0])
            elif _covers(wide, narrow) and not _same(item, other):
                why = "finds all of this, too" if either else "already asks for more than this"
                column, length = item.span[0], item.span[1] - item.span[0]
                yield Hint(f"another part (column {other.span[0] + 1}) {why}: leave it out", column, length)
                break


def _same(one: tree.Node, other: tree.Node) -> bool:
    return _bare(one) == _bare(other)


def _bare(node: tree.Node) -> object:
    """What a leaf says, wherever it stands; anything longer is only itself."""
    match node:
        case tree.Words(tokens, prefix, where):
            return "words", tokens, prefix, where
        case tree.Mark(token):
            return "mark", token
        case tree.Facet(name, values):
            return name, frozenset(values)
        case tree.Exact(text, where):
            return "exact", text, where
        case tree.Near(parts, distance, ordered, where):
            return "near", parts, distance, ordered, where
    return id(node)


def _covers(wide: tree.Node, narrow: tree.Node) -> bool:
    """Whether every mention of the narrow part is one of the wide part, as far as words tell."""
    if not (isinstance(wide, tree.Words) and len(wide.tokens) == 1 and wide.where == "any"):
        return False
    start = wide.tokens[0]
    match narrow:
        case tree.Words(tokens):
            said = tokens if not narrow.prefix else tokens[:-1]
            return any(_is(token, start, wide.prefix) for token in said) or (
                wide.prefix and narrow.prefix and tokens[-1].startswith(start)
            )
        case tree.Near(parts):
            return any(_is(token, start, wide.prefix) for part in parts for token in part)
        case tree.Mark(token):
            return _is(token[1:], start, wide.prefix)
    return False


def _is(token: str, start: str, prefix: bool) -> bool:
    return token.startswith(start) if prefix else token == start
