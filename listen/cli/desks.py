"""`desks`: who has to answer what; what waits there, what is late, and how promises were kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import (
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
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
from listen.cli.definitions import change, edits_of, mask_record, masked
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.insight.desks import Spans

OPEN_HINT = "`listen desks open NAME` opens one as it is, as a bare [desks.NAME] in your configuration does"


@click.group(cls=Group, invoke_without_command=True)
@common
def desks(session: Session) -> int:
    """List the desks: what waits there and what is late; of 30 days, how soon it was answered and done, and in time.

    `35 min, 2 h of 12`: the half of twelve took 35 minutes at most, nine of ten took two hours, in hours of service.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    from listen.insight.desks import record, spoken, standings

    now = from_environment().now()
    with session.reader() as reader:
        found = standings(reader, now=now)
        closed = [one.name for one in reader.desks() if not one.open]
        edits = {edit.name: edit for edit in edits_of(session, reader, "desks") if edit.under is not None}
    for one in found if session.as_json else ():
        print_json({**record(one, now), "masks": mask_record(edits.get(one.desk.name))})
    if found and not session.as_json:
        print_table(
            ("desk", "promise", "waiting", "late", "oldest", "first answer", "kept", "done", "in time"),
            [
                (
                    one_line(one.desk.name),
                    "-" if one.desk.within is None else spoken(one.desk.within),
                    f"{one.waiting:,}{'' if one.exact else '+'}",
                    "-" if not one.desk.promises else f"{one.late:,}{'' if one.exact else '+'}",
                    "-" if one.oldest is None else spoken(now - one.oldest),
                    _taken(one.first),
                    "-" if one.kept is None else f"{one.kept:.0%}",
                    _taken(one.done),
                    "-" if one.done.kept is None else f"{one.done.kept:.0%}",
                )
                for one in found
            ],
        )
    for hidden in edits.values() if not session.as_json else ():
        say(masked(hidden))
    if closed and not session.as_json:
        say(f"closed: {', '.join(one_line(name) for name in closed)}; {OPEN_HINT}")
    return FOUND if found else NOTHING


def _taken(spans: Spans) -> str:
    """`35 min, 2 h of 12`: what a half and nine of ten took at most."""
    from listen.insight.desks import spoken

    if spans.half is None or spans.most is None:
        return "-"
    return f"{spoken(spans.half)}, {spoken(spans.most)} of {spans.n:,}"


name_argument = click.argument("name")


def settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what a desk is, beside its query."""
    for option in (
        click.option("--tags", metavar="TAGS", help='What it is tagged, such as "vip late"; "" is nothing.'),
        click.option("--assign", metavar="NAME", help='Who is given what waits there and what arrives; "" is nobody.'),
        click.option("--timezone", metavar="ZONE", help='Whose hours, such as "Europe/Paris".'),
        click.option("--days", metavar="DAYS", help='On which days, such as "mon-fri".'),
        click.option("--hours", metavar="HOURS", help='When somebody serves, such as "09:00-18:00".'),
        click.option("--within", "answer_within", metavar="SPAN", help="The promise, such as 90m, 2h or 3d."),
    ):
        command = option(command)
    return command


def _set(words: Sequence[str], sets: dict[str, Any]) -> dict[str, Any]:
    """What was said of a desk; hours, days, zone and promise are given up by an empty word."""
    told = {key: value for key, value in sets.items() if value is not None}
    if "tags" in told:
        told["tags"] = told["tags"].replace(",", " ").split()
    told |= {key: None for key in ("answer_within", "hours", "days", "timezone") if told.get(key) == ""}
    return {**({"query": " ".join(words)} if words else {}), **told}


@desks.command(context_settings=QUERY_SETTINGS)
@name_argument
@click.argument("words", nargs=-1, required=True, metavar="QUERY")
@settings
@writing
def add(session: Session, name: str, words: Sequence[str], **sets: Any) -> int:
    """Begin the desk NAME, which has to answer what QUERY finds among the mentions of your topics."""
    return change(session, "edit", {"desk": name, "set": _set(words, sets), "new": True})


@desks.command(context_settings=QUERY_SETTINGS)
@name_argument
@click.argument("words", nargs=-1, metavar="[QUERY]")
@settings
@writing
def edit(session: Session, name: str, words: Sequence[str], **sets: Any) -> int:
    """Give the desk NAME another QUERY, promise, person or tags; it says what that takes and lets go of.

    What it gives to people and tags holds for what waits there, too. `desks try` says it beforehand.
    """
    told = _set(words, sets)
    if not told:
        raise Fault("say what shall change: a QUERY, --within, --assign, --tags …; `listen desks edit --help`", USAGE)
    return change(session, "edit", {"desk": name, "set": told})


@desks.command("open")
@name_argument
@writing
def open_(session: Session, name: str) -> int:
    """Open the desk NAME: from now on somebody answers there, and its promise runs."""
    return change(session, "edit", {"desk": name, "set": {"open": True}})


@desks.command()
@name_argument
@writing
def close(session: Session, name: str) -> int:
    """Close the desk NAME: it promises nothing more, and gives and tags nothing."""
    return change(session, "edit", {"desk": name, "set": {"open": False}})


@desks.command()
@name_argument
@writing
def reset(session: Session, name: str) -> int:
    """Give up what was changed of the desk NAME here: the configuration's file decides again."""
    return change(session, "edit", {"desk": name, "reset": True})


@desks.command()
@name_argument
@writing
def remove(session: Session, name: str) -> int:
    """End the desk NAME, if it was begun here."""
    return change(session, "edit", {"desk": name, "remove": True})


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
