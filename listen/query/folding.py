"""Noise is folded away from what people ask for, unless they ask for it themselves."""

from __future__ import annotations

from listen.query import tree

NOISE = tree.Facet("is", ("noise",))


def asks_for_noise(node: tree.Node) -> bool:
    """Whether the query itself says what it wants of noise."""
    return any(
        isinstance(part, tree.Facet) and part.name == "is" and "noise" in part.values for part in tree.walk(node)
    )


def folded(node: tree.Node) -> tree.Node:
    """The query without the noise that it finds; as it stands when it speaks of noise."""
    return node if asks_for_noise(node) else _with(node, tree.Not(NOISE))


def folded_away(node: tree.Node) -> tree.Node | None:
    """The noise that `folded` leaves out; None when it leaves out nothing."""
    return None if asks_for_noise(node) else _with(node, NOISE)


def _with(node: tree.Node, part: tree.Node) -> tree.Node:
    match node:
        case tree.All():
            return part
        case tree.And(items):
            return tree.And((*items, part), node.span)
    return tree.And((node, part), node.span)
