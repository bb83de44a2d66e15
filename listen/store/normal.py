"""A query in the one shape that the planner reads: names looked up, NOT before leaves only, constants gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from listen.query import tree
from listen.query.tree import NOWHERE, Node
from listen.query.weekly import SIZES

Kept = Literal["topic", "source", "author", "segment"]
"""What has ids of its own in the store."""

ALL = tree.All()
NEVER = tree.Or(())
"""No mention: an OR of nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """A leaf of the store's own: the mention has one of these topics, sources or authors, by their ids.

    A segment is the authors who are in it.
    """

    what: Kept
    ids: tuple[int, ...]
    facet: tree.Facet
    """As it was asked, by name."""


@dataclass(frozen=True, slots=True)
class Aimed:
    """A leaf of the store's own: the sentiment toward one of these topics is so."""

    ids: tuple[int, ...]
    toward: tree.Toward
    """As it was asked, by name."""


Leaf = Node | Held | Aimed
"""What stands in a normal tree: All, And, Or, Not before a leaf, leaves of `listen.query.tree`, Held and Aimed."""

Ids = Callable[[Kept, Sequence[str]], Collection[int] | None]
"""(what, names) -> ids of that kind with one of these names in this store; None when they are too many to list."""

_CONTENT = (tree.Words, tree.Near, tree.Pattern, tree.Exact, tree.Mark)
_SAME: dict[str, Node] = {
    "answered": tree.Or((tree.Facet("status", ("answered",)), tree.Facet("is", ("replied",)))),
    "repost": tree.Facet("kind", ("repost",)),
    "reply": tree.Facet("kind", ("reply", "comment")),
}
_QUESTION = tree.Facet("is", ("question",))


def normal(node: Leaf, ids: Ids, positive: bool = True) -> Leaf:
    """The same condition, or its opposite, without places in the query's text: equal conditions are equal."""
    match node:
        case tree.Not(item):
            return normal(item, ids, not positive)
        case tree.And(items) | tree.Or(items):
            parts = [normal(item, ids, positive) for item in items]
            return conjunction(parts) if isinstance(node, tree.And) is positive else disjunction(parts)
        case tree.All():
            return ALL if positive else NEVER
        case tree.Facet(("status" | "is" | "has" | "tag" | "assignee" | "story" | "id") as name, values) if (
            len(values) > 1
        ):
            return normal(tree.Or(tuple(tree.Facet(name, (value,)) for value in values)), ids, positive)
        case tree.Facet("is", (value,)) if value in _SAME:
            return normal(_SAME[value], ids, positive)
        case tree.Weekly(name, values):
            held = values if positive else tuple(at for at in range(SIZES[name]) if at not in values)
            return replace(node, values=held, span=NOWHERE) if held else NEVER
        case tree.Toward():
            return _aimed(node, ids, positive)
    leaf = _leaf(node, ids)
    if leaf in (ALL, NEVER):
        return leaf if positive else (NEVER if leaf == ALL else ALL)
    return leaf if positive else tree.Not(leaf)  # type: ignore[arg-type]


def _aimed(node: tree.Toward, ids: Ids, positive: bool) -> Leaf:
    """It matches the topic and the tone is so: the first is what tables are walked by, the second says both."""
    found = tuple(sorted(ids("topic", (node.topic,)) or ()))
    if not found:
        return NEVER if positive else ALL
    aimed = Aimed(found, replace(node, span=NOWHERE))
    if not positive:
        return tree.Not(aimed)  # type: ignore[arg-type]
    return conjunction((Held("topic", found, tree.Facet("topic", (node.topic,))), aimed))


def _leaf(node: Leaf, ids: Ids) -> Leaf:
    """A leaf without its place; NEVER when nothing can fulfil it."""
    match node:
        case tree.View() | tree.Desk() | tree.Late() | tree.Later():
            return NEVER
        case tree.Facet(values=()):  # a list that is empty
            return NEVER
        case tree.Facet(("topic" | "source" | "author" | "segment") as what, values):
            found = ids(what, values)
            if found is not None:
                kept: Kept = "author" if what == "segment" else what
                return Held(kept, tuple(sorted(found)), replace(node, span=NOWHERE)) if found else NEVER
        case tree.Words(tokens) if not tokens or not all(map(whole, tokens)):
            return NEVER
        case tree.Pattern(token) if not whole(token.replace("?", "a")):
            return NEVER
        case tree.Near(parts) if not all(part and all(map(whole, part)) for part in parts):
            return NEVER
        case tree.Mark(token) if not (token[:1] in "#@" and whole(token[1:].replace("_", "a"))):
            return NEVER
        case Held() | Aimed():
            return node
    return replace(node, span=NOWHERE)


def whole(token: str) -> bool:
    """Whether FTS5's ASCII tokenizer keeps it in one piece as it stands; one that it would cut is nobody's token."""
    return bool(token) and all(sign > "\x7f" or sign.isdigit() or "a" <= sign <= "z" for sign in token)


def conjunction(parts: Iterable[Leaf]) -> Leaf:
    """AND, flat, each leaf once; NEVER when two leaves contradict each other."""
    leaves, others = _flat(parts, tree.And)
    if NEVER in others or _both_ways(leaves):
        return NEVER
    leaves.pop(ALL, None)
    found = (*leaves, *others)
    if len(found) == 1:
        return found[0]
    return tree.And(found) if found else ALL  # type: ignore[arg-type]


def disjunction(parts: Iterable[Leaf]) -> Leaf:
    """OR, flat, each leaf once; ALL when one leaf is the opposite of another."""
    leaves, others = _flat(parts, tree.Or)
    if ALL in leaves or _both_ways(leaves):
        return ALL
    found = (*leaves, *others)
    return found[0] if len(found) == 1 else tree.Or(found)  # type: ignore[arg-type]


def _flat(parts: Iterable[Leaf], kind: type[tree.And] | type[tree.Or]) -> tuple[dict[Leaf, None], list[Leaf]]:
    """(leaves, each once; the rest), where parts of the same kind give their own parts."""
    leaves: dict[Leaf, None] = {}
    others: list[Leaf] = []
    for part in parts:
        for item in part.items if isinstance(part, kind) else (part,):
            if isinstance(item, (tree.And, tree.Or)):
                others.append(item)
            else:
                leaves[item] = None
    return leaves, others


def _both_ways(leaves: dict[Leaf, None]) -> bool:
    return any(isinstance(leaf, tree.Not) and leaf.item in leaves for leaf in leaves)


def named(node: Leaf) -> Node:
    """The same with every Held as it was asked, for the predicate."""
    match node:
        case tree.And(items):
            return tree.And(tuple(map(named, items)))
        case tree.Or(items):
            return tree.Or(tuple(map(named, items)))
        case tree.Not(item):
            return tree.Not(named(item))
        case Held():
            return node.facet
        case Aimed():
            return node.toward
    return node


def conjuncts(node: Leaf) -> tuple[Leaf, ...]:
    """The parts that all must hold."""
    if node == ALL:
        return ()
    return node.items if isinstance(node, tree.And) else (node,)


def about_content(node: Leaf) -> bool:
    """Whether title and text decide it alone."""
    match node:
        case tree.And(items) | tree.Or(items):
            return all(map(about_content, items))
        case tree.Not(item):
            return about_content(item)
    return isinstance(node, _CONTENT) or node == _QUESTION
