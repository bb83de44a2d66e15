"""What is left out of what people ask for, unless they ask for it themselves.

One rule for all: a number is of what others say and what still stands, so noise, our own posts, what was dismissed and
what was taken away leave it. A list (search, tail, the stream) shows what was asked for; noise alone is folded away
from it.
"""

from __future__ import annotations

from typing import Literal

from listen.query import tree

NOISE = tree.Facet("is", ("noise",))

Apart = Literal["noise", "own", "dismissed", "deleted"]

APART: dict[Apart, tuple[tree.Facet, str, str]] = {
    "noise": (NOISE, "is:noise", "noise"),
    "own": (tree.Facet("is", ("own",)), "is:own", "of our own"),
    "dismissed": (tree.Facet("status", ("dismissed",)), "status:dismissed", "dismissed"),
    "deleted": (tree.Facet("is", ("deleted", "withheld")), "is:(deleted withheld)", "taken away"),
}
"""What leaves every number -> (what it is, the query that finds it, in words). What is several counts as the first."""


COUNTS: tuple[tree.Node, ...] = (
    tree.Not(tree.Facet("is", ("own", "noise"))),
    tree.Not(tree.Facet("status", ("dismissed",))),
)
"""What every rule of an alert, and all that is told of one, asks besides."""


def asks_for(node: tree.Node, apart: Apart) -> bool:
    """Whether the query itself says what it wants of these."""
    wanted = APART[apart][0]
    return any(
        isinstance(part, tree.Facet) and part.name == wanted.name and not set(wanted.values).isdisjoint(part.values)
        for part in tree.walk(node)
    )


def _has(node: tree.Node, apart: Apart) -> bool:
    """Whether it may find any of these and does not speak of them; what was taken away has neither words nor topics."""
    if apart == "deleted" and any(map(_needs_text, node.items if isinstance(node, tree.And) else (node,))):
        return False
    return not asks_for(node, apart)


def _needs_text(part: tree.Node) -> bool:
    if isinstance(part, tree.Facet):
        return part.name == "topic" or (part.name, part.values) == ("has", ("topic",))
    return isinstance(part, (tree.Words, tree.Near, tree.Pattern, tree.Exact, tree.Mark))


def folded(node: tree.Node) -> tree.Node:
    """The query without the noise that it finds; as it stands when it speaks of noise."""
    return node if asks_for(node, "noise") else _with(node, tree.Not(NOISE))


def folded_away(node: tree.Node) -> tree.Node | None:
    """The noise that `folded` leaves out; None when it leaves out nothing."""
    return left_out(node).get("noise")


def counted(node: tree.Node) -> tree.Node:
    """The query without all that leaves a number, save what it speaks of."""
    for apart, (part, _, _) in APART.items():
        if _has(node, apart):
            node = _with(node, tree.Not(part))
    return node


def left_out(node: tree.Node) -> dict[Apart, tree.Node]:
    """What `counted` leaves out, each mention once."""
    found: dict[Apart, tree.Node] = {}
    for apart, (part, _, _) in APART.items():
        if _has(node, apart):
            found[apart] = _with(node, part)
            node = _with(node, tree.Not(part))
    return found


def _with(node: tree.Node, part: tree.Node) -> tree.Node:
    match node:
        case tree.All():
            return part
        case tree.And(items):
            return tree.And((*items, part), node.span)
    return tree.And((node, part), node.span)
