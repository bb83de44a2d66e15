"""A query's tree as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator

from listen.query import tree

_NAMES = {tree.And: "AND", tree.Or: "OR", tree.Not: "NOT"}


def picture(node: tree.Node, text: str) -> list[str]:
    """One line for each part, two blanks for each level; a leaf as it was written in `text`, which gave the tree."""
    return list(_lines(node, text, 0))


def _lines(node: tree.Node, text: str, level: int) -> Iterator[str]:
    pad = "  " * level
    match node:
        case tree.And(items) | tree.Or(items) if not _one_operator(node):
            yield pad + _NAMES[type(node)]
            for item in items:
                yield from _lines(item, text, level + 1)
        case tree.Not(item):
            yield pad + "NOT"
            yield from _lines(item, text, level + 1)
        case tree.All():
            yield pad + "every mention"
        case _:
            yield pad + (text[node.span[0] : node.span[1]] or repr(node))


def _one_operator(node: tree.And | tree.Or) -> bool:
    """Whether the parts come from one term as written: the choices of a distance, the values of a list."""
    return len({item.span for item in node.items}) == 1
