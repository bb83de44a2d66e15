"""What a topic may ask for."""

from __future__ import annotations

from listen.query import tree
from listen.query.errors import QueryError
from listen.query.parse import parse

_CONTENT_FLAGS = ("repost", "reply", "question", "edited", "deleted", "withheld")


def node_of(query: str) -> tree.Node:
    """A query that was checked when it was stored; one that a later version cannot read finds nothing."""
    try:
        return parse(query)
    except QueryError:
        return tree.Or(())


def check_topic(node: tree.Node) -> None:
    """A topic decides once, when a mention comes in: it may ask for content and place, not for what changes later.

    Raises:
        QueryError: it asks for time, numbers that grow, sentiment, topics, or anything that people do with a mention.
    """
    for part in tree.walk(node):
        if name := _of_the_moment(part):
            start, end = part.span
            raise QueryError(
                f"a topic asks for content and place, not for {name}",
                start,
                end - start,
                "ask for it in a filter or a view",
            )


def _of_the_moment(node: tree.Node) -> str:
    match node:
        case tree.Tone() | tree.Number(name="sentiment"):
            return "sentiment:"
        case tree.Toward():
            return "toward:"
        case tree.Number(name) if name != "rating":
            return f"{name}:"
        case tree.Time(name):
            return "time" if name == "time" else "seen:"
        case tree.Weekly(name):
            return f"{name}:"
        case tree.Facet("topic" | "status" | "tag" | "assignee" | "story" | "id" | "segment" | "intent" as name):
            return f"{name}:"
        case tree.Facet("is", values) if flags := [value for value in values if value not in _CONTENT_FLAGS]:
            return f"is:{flags[0]}"
        case tree.Facet("has", values) if flags := [value for value in values if value in ("note", "tag", "topic")]:
            return f"has:{flags[0]}"
        case tree.View():
            return "view:"
        case tree.Desk():
            return "desk:"
        case tree.Late():
            return "is:late"
        case tree.Later(name, value):
            return f"{name}:{value}" if name in ("is", "has") else f"{name}:"
    return ""
