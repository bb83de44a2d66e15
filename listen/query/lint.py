"""What a query does that may not be meant, as the query alone tells; `listen.insight.clauses` asks the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from itertools import islice

from listen.query import tree
from listen.query.errors import Hint
from listen.query.parse import remarked

MOST = 100
"""Remarks on parts that say nothing new."""


def lint(text: str, tz: tzinfo = UTC) -> list[Hint]:
    """Remarks on a query that can be read, in the order of its columns.

    Raises:
        QueryError: it cannot be read.
    """
    node, hints = remarked(text, tz)
    return sorted([*hints, *islice(_redundant(node), MOST)], key=lambda hint: hint.column)


def _redundant(node: tree.Node) -> Iterator[Hint]:
    """Parts beside which others say nothing new."""
    for part in tree.walk(node):
        if isinstance(part, tree.And | tree.Or):
            yield from _among(part.items, isinstance(part, tree.Or))


def _among(items: Sequence[tree.Node], either: bool) -> Iterator[Hint]:
    """Of equal parts the later ones; of two that go together the narrow one of an OR, the wide one of an AND."""
    said = list(map(_bare, items))
    first: dict[object, tree.Node] = {}
    for item, says in zip(items, said, strict=True):
        first.setdefault(says, item)
    wide = _Wide(first.values())
    beside: dict[object, tree.Node] = {}
    for says, item in first.items():
        for other in wide.of(item):
            if other.span != item.span:
                beside.setdefault(says if either else _bare(other), other if either else item)
    for item, says in zip(items, said, strict=True):
        column, length = item.span[0], item.span[1] - item.span[0]
        if item.span != first[says].span:
            yield Hint("it says the same as a part before it", column, length)
        elif says in beside:
            why = "finds all of this, too" if either else "already asks for more than this"
            yield Hint(f"another part (column {beside[says].span[0] + 1}) {why}: leave it out", column, length)


def _bare(node: tree.Node) -> object:
    """What a leaf says, wherever it stands; anything longer is only itself."""
    match node:
        case tree.Words(tokens, prefix, where):
            return "words", tokens, prefix, where
        case tree.Mark(token):
            return "mark", token
        case tree.Facet(name, values):
            return name, frozenset(values)
        case tree.Weekly(name, values, zone):
            return name, values, zone
        case tree.Exact(text, where):
            return "exact", text, where
        case tree.Toward(topic, item):
            return "toward", topic, item
        case tree.Near(parts, distance, ordered, where):
            return "near", parts, distance, ordered, where
    return id(node)


class _Wide:
    """Single words and beginnings, which find all that longer parts with them find: as far as words tell."""

    def __init__(self, items: Iterable[tree.Node]) -> None:
        self.whole: dict[str, tree.Node] = {}
        self.begun: dict[str, tree.Node] = {}
        for item in items:
            match item:
                case tree.Words((token,), prefix, "any"):
                    (self.begun if prefix else self.whole).setdefault(token, item)
        self.sizes = sorted({len(start) for start in self.begun})

    def of(self, narrow: tree.Node) -> Iterator[tree.Node]:
        """Those that find every mention of another part, itself perhaps among them."""
        match narrow:
            case tree.Words(tokens, True):
                yield from self._of(tokens[:-1])
                yield from self._starts(tokens[-1])
            case tree.Words(tokens):
                yield from self._of(tokens)
            case tree.Near(parts):
                yield from self._of([token for part in parts for token in part])
            case tree.Mark(token):
                yield from self._of([token[1:]])

    def _of(self, tokens: Sequence[str]) -> Iterator[tree.Node]:
        for token in tokens:
            if token in self.whole:
                yield self.whole[token]
            yield from self._starts(token)

    def _starts(self, token: str) -> Iterator[tree.Node]:
        for size in self.sizes:
            if token[:size] in self.begun and size <= len(token):
                yield self.begun[token[:size]]
