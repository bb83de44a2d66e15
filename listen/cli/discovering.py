"""`sources discover`: places that relevant mentions cite and nobody listens to yet; and what trials have brought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, NOTHING, Fault, Session, common, print_json, print_table, say
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.insight.discover import Place
    from listen.store.read import Reader


@click.command()
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="Look back so far.")
@click.option("--try", "trial", metavar="NAME", help="Listen to that one for seven days, on trial.")
@common
def discover(session: Session, days: int, trial: str | None) -> int:
    """List feeds, domains, subreddits, instances and tags that relevant mentions cite and that are not heard yet."""
    from listen.insight import discover as found

    now = from_environment().now()
    with session.reader() as reader:
        places = found.discover(reader, now=now, days=days)
        some = places or reader.relevant(now - days * 86_400, limit=1)
    if trial is not None:
        session.must_write()
        return _try(session, places, trial, now)
    if session.as_json:
        for place in places:
            print_json(found.record(place))
    elif places:
        rows = [(one.kind, one_line(one.name, 60), f"{one.mentions:,}", f"{one.authors:,}") for one in places]
        print_table(("kind", "place", "cited in", "authors"), rows)
        print()
        for place in places:
            print(f"# {one_line(place.name)}: {place.why}, for example {', '.join(map(str, place.examples))}")
            print("\n".join(one_line(line) for line in place.lines()) + "\n")
        say("`listen sources discover --try NAME` listens to one of them for seven days")
    else:
        say(
            "nothing that relevant mentions cite more than once is missing"
            if some
            else "nothing relevant is stored yet"
        )
    return FOUND if places else NOTHING


def _try(session: Session, places: Sequence[Place], name: str, now: float) -> int:
    from listen.cli.definitions import change
    from listen.insight.discover import last_day, named

    place = named(places, name)
    if place is None:
        raise Fault(f'"{name}" is none of the places that were found; `listen sources discover` lists them', NOTHING)
    entry = {"adapter": place.adapter, **place.settings, "trial": str(last_day(now))}
    return change(session, "edit", {"source": place.source, "entry": entry})


def tell_trials(reader: Reader, now: float) -> None:
    """Say what the sources on trial have brought."""
    from listen.insight.discover import trials

    for one in trials(reader, now=now):
        say(f"{one_line(one.source)}: {one.told()}")
