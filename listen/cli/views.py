"""`views`: saved queries with their counts; saving, renaming and removing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from listen.cli.common import (
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
    Group,
    Session,
    common,
    print_json,
    print_table,
    say,
    writing,
)
from listen.cli.definitions import change, edits_of, mask_record, masked
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.store.read import Reader
    from listen.store.running import SavedView

COUNTED = 10_000
"""How far a view is counted."""

BUDGET = 2.0
"""Seconds for the count of one view."""


@click.group(cls=Group, invoke_without_command=True)
@common
def views(session: Session) -> int:
    """List the saved queries: how many mentions each has; of a queue, how many are still to be dealt with."""
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    with session.reader() as reader:
        listed, counts = reader.views(), {}
        edits = {edit.name: edit for edit in edits_of(session, reader, "views")}
        for view in listed:
            counts[view.name] = _count(reader, view)
    for view in listed if session.as_json else ():
        n, exact, fault = counts[view.name]
        record = {"view": view.name, "queue": view.queue, "query": view.query, "mentions": n, "exact": exact}
        where = "console.toml" if view.name in edits else "file"
        print_json(record | {"fault": fault, "in": where, "masks": mask_record(edits.get(view.name))})
    if not session.as_json and listed:
        rows = [
            (
                one_line(view.name),
                "queue" if view.queue else "view",
                "?" if counts[view.name][2] else f"{counts[view.name][0]}{'' if counts[view.name][1] else '+'}",
                one_line(view.query, 100),
            )
            for view in listed
        ]
        print_table(("view", "kind", "mentions", "query"), rows)
        for view in listed:
            if fault := counts[view.name][2]:
                say(f"{one_line(view.name)}: {one_line(fault, 200)}")
        for edit in edits.values():
            if edit.under is not None:
                say(masked(edit))
    if not listed:
        say("no view yet; `listen views save NAME QUERY` saves one")
    return FOUND if listed else NOTHING


def _count(reader: Reader, view: SavedView) -> tuple[int | None, bool, str | None]:
    """(mentions, whether those are all, why they cannot be counted)"""
    from listen import query
    from listen.query import folding
    from listen.query.saved import fault_of, left

    try:
        node = query.parse(view.query)
        if fault := fault_of(node):
            return None, False, fault
        node = query.parse(left(view.query, node)) if view.queue else node
        node, now = folding.counted(reader.resolved(node)), from_environment().now()
        found = reader.count(node, cap=COUNTED, budget=BUDGET, now=now)
    except query.QueryError as error:
        return None, False, str(error)
    return found.n, found.complete, None


name_argument = click.argument("name")


@views.command(context_settings=QUERY_SETTINGS)
@name_argument
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@click.option("--queue", is_flag=True, help="To be emptied: it counts what is still new in it.")
@writing
def save(session: Session, name: str, words: Sequence[str], queue: bool) -> int:
    """Save QUERY as the view NAME, to watch or, as a queue, to empty."""
    return change(session, "edit", {"view": name, "query": " ".join(words), "queue": queue})


@views.command(context_settings=QUERY_SETTINGS)
@name_argument
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@writing
def edit(session: Session, name: str, words: Sequence[str]) -> int:
    """Give the view NAME another QUERY."""
    return change(session, "edit", {"view": name, "query": " ".join(words), "edit": True})


@views.command()
@name_argument
@click.argument("other", metavar="NEW_NAME")
@writing
def rename(session: Session, name: str, other: str) -> int:
    """Give the view NAME, which was saved here, a NEW_NAME."""
    return change(session, "edit", {"view": name, "name": other})


@views.command()
@name_argument
@writing
def remove(session: Session, name: str) -> int:
    """Remove the view NAME, which was saved here; of one that the file has, what was changed here."""
    return change(session, "edit", {"view": name, "remove": True})
