"""Topics, views, desks and rules as they are changed in the console: names, what a query may ask, and the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from listen import query
from listen.console.answers import Glance
from listen.console.commands import Command
from listen.query import QueryError, tree
from listen.query.book import WAITS, OfDesk, resolved
from listen.text import fold, one_line

if TYPE_CHECKING:
    from listen.console.screens.rules import Rules
    from listen.store.read import Reader


class Subject(NamedTuple):
    """What a query that is being typed is for."""

    kind: str
    """`topic`, `view` or `desk`."""
    name: str
    standing: str = ""
    """The query that it has."""
    new: bool = False


def name_fault(kind: str, name: str, known: Iterable[str]) -> str:
    """Why nothing new can have that name; empty when it can."""
    from listen.config.check import NAME

    if not name:
        return ""
    if not NAME.fullmatch(name):
        return "a name is 1 to 64 letters, digits, spaces and . & + - _, and starts with a letter or digit"
    taken = next((one for one in known if fold(one) == fold(name)), None)
    return "" if taken is None else f"there is a {kind} {one_line(taken, 40)} already; take another name"


def reading(subject: Subject) -> Callable[[Reader, str], tree.Node]:
    """How the query of a topic, a view or a desk is read and checked. The function raises QueryError."""
    if subject.kind == "desk":
        return partial(_desk_query, subject.name)
    return _topic_query if subject.kind == "topic" else partial(_view_query, subject.name)


def _topic_query(reader: Reader, text: str) -> tree.Node:
    node = query.parse(text)
    query.check_topic(node)
    if isinstance(node, tree.All):
        raise QueryError("a topic needs a query", 0, 1, "write what belongs to it, such as acme")
    lists = {f"@{fold(name)}" for name in reader.lists()}
    for part in tree.walk(node):
        held = [value for value in part.values if value in lists] if isinstance(part, tree.Facet) else []
        if held:
            start, end = part.span
            raise QueryError(f"a topic cannot hold the list {held[0]}", start, end - start, "write its names")
    return node


def _view_query(name: str, reader: Reader, text: str) -> tree.Node:
    book, node = reader.book(), query.parse(text)
    return resolved(node, replace(book, views={**book.views, fold(name): node}), strict=True)


def _desk_query(name: str, reader: Reader, text: str) -> tree.Node:
    """What would wait there."""
    book, node = reader.book(), query.parse(text)
    if isinstance(node, tree.All):
        raise QueryError("a desk needs a query", 0, 1, "write what belongs to it, such as refund")
    desks = {**book.desks, fold(name): OfDesk(node)}
    return tree.And((resolved(tree.Desk((fold(name),)), replace(book, desks=desks), strict=True), *WAITS))


def promise_fault(text: str) -> str:
    """Why a desk cannot promise that; empty when it can."""
    from listen.config import seconds

    return "" if not text or seconds(text) else "write a span, such as 90m, 2h or 3d"


def tags_fault(text: str) -> str:
    """Why these cannot be a desk's tags; empty when they can."""
    from listen.text.tag import tag_of

    try:
        for word in text.split():
            tag_of(word)
    except ValueError as error:
        return str(error)
    return ""


# --- commands --------------------------------------------------------------------------------------------------------


def commands(screen: Rules, glance: Glance) -> Iterator[Command]:
    """What can be done to topics, views and desks; with a name behind it, to that one."""
    topics = [topic.name for topic in glance.topics]
    views = [view.name for view in glance.views]
    ours = {(one.table, one.name) for one in glance.edits}
    masking = [one.name for one in glance.edits if one.table == "topics" and one.under is not None]
    yield from _each("topic edit", "another query for a topic", screen.edit_topic, topics)
    yield from _each("topic undo", "the query that a topic had before", screen.undo_topic, topics)
    yield from _each("topic reset", "the query that your file has for a topic", screen.reset_topic, masking)
    begun = [name for name in topics if ("topics", name) in ours and name not in masking]
    yield from _each("topic remove", "end a topic that was begun here", screen.remove_topic, begun)
    yield _naming("topic new", "begin a topic, with a name behind it", screen.new_topic)
    yield _naming("view save", "save what is shown, with a name behind it", screen.save_view)
    yield from _each("view edit", "another query for a saved view", screen.edit_view, views)
    saved = [name for name in views if ("views", name) in ours]
    yield from _each("view rename", "another name for a view that was saved here", screen.rename_view, saved)
    yield from _each("view remove", "remove a view that was saved here", screen.remove_view, saved)
    yield from _of_desks(screen, glance)
    yield from _of_rules(screen, glance)


def _of_rules(screen: Rules, glance: Glance) -> Iterator[Command]:
    known, off = list(glance.rules.rules), glance.rules.off
    ours = [one.name for one in glance.edits if one.table == "alerts"]
    yield from _each("rule edit", "what a rule of alerts says; replayed before it is saved", screen.edit_rule, known)
    yield _naming("rule new", "begin a rule of alerts, with a name behind it", screen.new_rule)
    on = [one for one in known if one not in off]
    yield from _each("rule off", "keep a rule, and do not watch by it", partial(screen.switch_rule, on=False), on)
    yield from _each("rule on", "watch by a rule again", partial(screen.switch_rule, on=True), off)
    yield from _each("rule reset", "what your file says of a rule", screen.reset_rule, ours)
    yield from _each("rule remove", "end a rule that was begun here", screen.remove_rule, known)


def _of_desks(screen: Rules, glance: Glance) -> Iterator[Command]:
    desks = [desk.name for desk in glance.desks]
    open_, closed = ([desk.name for desk in glance.desks if desk.open == state] for state in (True, False))
    yield from _each("desk edit", "another query for a desk, with what it takes", screen.edit_desk, desks)
    yield from _each("desk promise", "how soon a desk answers", screen.promise_of_desk, desks)
    yield from _each("desk assign", "whom a desk gives what arrives", screen.person_of_desk, desks)
    yield from _each("desk tags", "what a desk tags", screen.tags_of_desk, desks)
    yield from _each("desk open", "from now on somebody answers there", screen.open_desk, closed)
    yield from _each("desk close", "nobody answers there any more", screen.close_desk, open_)
    yield from _each("desk reset", "what your file says of a desk", screen.reset_desk, desks)
    yield from _each("desk remove", "end a desk that was begun here", screen.remove_desk, desks)
    yield _naming("desk new", "begin a desk, with a name behind it", screen.new_desk)


def _each(name: str, help: str, act: Callable[[str], Any], names: Iterable[str]) -> Iterator[Command]:
    yield Command(name, "more", help, call=partial(act, ""), takes=True, take=act)
    for one in names:
        yield Command(f"{name} {one}", "more", help, call=partial(act, one), after=f"{name} ")


def _naming(name: str, help: str, act: Callable[[str], Any]) -> Command:
    return Command(name, "more", help, call=partial(act, ""), takes=True, take=act, new=True)
