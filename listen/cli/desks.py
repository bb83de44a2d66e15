"""`desks`: who has to answer what; what waits there, what is late, and how promises were kept."""

from __future__ import annotations

from collections.abc import Sequence

import click

from listen.cli.common import (
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
    USAGE,
    Fault,
    Session,
    common,
    print_json,
    print_table,
    say,
)
from listen.clock import from_environment
from listen.text import one_line

OPEN_HINT = "name one in your configuration to open it: a bare [desks.NAME] takes it as it is"


@click.group(invoke_without_command=True)
@common
def desks(session: Session) -> int:
    """List the desks: what waits there, what is late, how soon we answer, how many promises were kept (30 days)."""
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    from listen.insight.desks import record, spoken, standings

    now = from_environment().now()
    with session.reader() as reader:
        found = standings(reader, now=now)
        closed = [one.name for one in reader.desks() if not one.open]
    for one in found if session.as_json else ():
        print_json(dict(record(one, now)))
    if found and not session.as_json:
        print_table(
            ("desk", "promise", "waiting", "late", "oldest", "first response", "kept"),
            [
                (
                    one_line(one.desk.name),
                    "-" if one.desk.within is None else spoken(one.desk.within),
                    f"{one.waiting:,}{'' if one.exact else '+'}",
                    "-" if not one.desk.promises else f"{one.late:,}{'' if one.exact else '+'}",
                    "-" if one.oldest is None else spoken(now - one.oldest),
                    "-" if one.first_response is None else f"{spoken(one.first_response)} of {one.answered:,}",
                    "-" if one.kept is None else f"{one.kept:.0%}",
                )
                for one in found
            ],
        )
    if closed and not session.as_json:
        say(f"closed: {', '.join(one_line(name) for name in closed)}; {OPEN_HINT}")
    return FOUND if found else NOTHING


@desks.command("try", context_settings=QUERY_SETTINGS)
@click.argument("name")
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@common
def try_(session: Session, name: str, words: Sequence[str]) -> int:
    """Say what the desk NAME would take and let go of with another QUERY; nothing is changed."""
    from listen.collect import desks as changing
    from listen.config import closest
    from listen.query import QueryError

    config = session.config()
    known = list(config.tables.get("desks", {}))
    if name not in known:
        hint = closest(name, known) or f"the desks are {', '.join(known)}"
        raise Fault(f'there is no desk "{name}"; {hint}', USAGE)
    try:
        found = changing.would(config.store, config, name, " ".join(words), from_environment())
    except QueryError as error:
        raise Fault(str(error), USAGE) from None
    told = changing.sentence(found) or f"{name} would take no waiting mention and let go of none"
    if session.as_json:
        print_json({"desk": name, "taken": len(found.taken), "gone": len(found.gone), "exact": found.exact})
    else:
        print(one_line(told))
    return FOUND if found.taken or found.gone else NOTHING
