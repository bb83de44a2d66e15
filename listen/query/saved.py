"""What a saved query opens: of a queue what is still new in it; and why one cannot be asked."""

from __future__ import annotations

from listen.query import tree


def left(text: str, node: tree.Node) -> str:
    """The query of what is still new in a queue, unless it asks for a status itself."""
    if any(isinstance(part, tree.Facet) and part.name == "status" for part in tree.walk(node)):
        return text
    if isinstance(node, tree.All):
        return "status:new"
    return f"({text}) status:new" if isinstance(node, tree.Or) else f"{text} status:new"


def fault_of(node: tree.Node) -> str:
    """What a query asks for that is not known yet, so that it finds nothing; empty when it can be asked."""
    later = [part for part in tree.walk(node) if isinstance(part, tree.Later)]
    if not later:
        return ""
    name, value = later[0].name, later[0].value
    asked = f"{name}:{value}" if name in ("is", "has") else f"{name}:"
    return f"it asks for {asked}, which is not known yet: comes later"
