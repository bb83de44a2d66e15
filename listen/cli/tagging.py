"""`tags`: what mentions are called, with counts; another name for a tag, or two of them made one."""

from __future__ import annotations

import click

from listen.cli.common import (
    FOUND,
    NOTHING,
    USAGE,
    Fault,
    Group,
    Session,
    common,
    print_json,
    print_table,
    say,
    writing,
)
from listen.clock import from_environment
from listen.text import fold, one_line


@click.group(cls=Group, invoke_without_command=True)
@common
def tags(session: Session) -> int:
    """List the tags and how many mentions have each."""
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    with session.reader() as reader:
        found = reader.tags()
    for name, n in found if session.as_json else ():
        print_json({"tag": name, "mentions": n})
    if found and not session.as_json:
        print_table(("tag", "mentions"), [(one_line(name), f"{n:,}") for name, n in found])
    if not found:
        say("no mention has a tag yet; `t` in the console and `listen triage tag` give them")
    return FOUND if found else NOTHING


@tags.command()
@click.argument("tag")
@click.argument("name")
@writing
def rename(session: Session, tag: str, name: str) -> int:
    """Call TAG otherwise on all mentions. When NAME is a tag already, the two are one from then on."""
    from listen.query import QueryError, parse, tree
    from listen.store.triage import Triage

    with session.reader() as reader:
        asking = []
        for what, named, written in (
            *(("view", view.name, view.query) for view in reader.views()),
            *(("desk", desk.name, desk.query) for desk in reader.desks()),
        ):
            try:
                parts = tree.walk(parse(written))
            except QueryError:
                continue
            if any(isinstance(one, tree.Facet) and one.name == "tag" and fold(tag) in one.values for one in parts):
                asking.append(f"{what} {one_line(named)}")
    with Triage(session.store(), session.who(), from_environment()) as triage:
        try:
            done = triage.rename_tag(tag, name)
        except ValueError as error:
            raise Fault(str(error), USAGE) from None
    if session.as_json:
        print_json({"tag": tag, "name": name, "changed": done.count, "asked_by": asking})
    say(f"{done.text}; `listen undo` takes it back")
    if asking and fold(tag) != fold(name):
        say(f"tag:{one_line(tag)} stands in {', '.join(asking)}: write tag:{one_line(name)} there")
    return FOUND if done.count else NOTHING
