"""`objectives`: what was promised, how far it is, where it goes, what it costs and what it is worth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, NOTHING, USAGE, Fault, Session, common, print_json, say
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.insight.objectives import Progress
    from listen.insight.objectives_told import Line

LABEL, WIDE = 14, 110

LAST = "7d"
"""The window of the value strip."""


@click.command()
@click.argument("name", required=False)
@common
def objectives(session: Session, name: str | None) -> int:
    """Tell how far each objective is, and of NAME everything: then exit 0 when it is met, 1 when it is not.

    Below stand experience, connectivity and proximity of each topic that objectives are about.
    """
    from listen.insight.objectives import progress
    from listen.insight.objectives_told import lines, record, strip_lines, strip_record
    from listen.insight.strip import strip
    from listen.insight.window import window

    now = from_environment().now()
    with session.reader() as reader:
        known = reader.objectives()
        wanted = [one for one in known if name in (None, one.name)]
        if name is not None and not wanted:
            raise Fault(_unknown(name, [one.name for one in known]), USAGE)
        found = progress(reader, wanted, now=now)
        topics = dict.fromkeys(one.topic for one in wanted if one.topic and name is None)
        strips = [(topic, strip(reader, topic, window(LAST, now), now)) for topic in topics]
    if not found:
        written = ", ".join(map(one_line, session.config().tables.get("objectives", {})))
        waits = f"no collector has read {written} yet, which the configuration has: `listen collect` does"
        say(waits if written else 'nobody has promised anything yet; see "Objectives" in the README')
        return NOTHING
    for one in found:
        if session.as_json:
            print_json(record(one))
        else:
            _print_head(one)
            _print(lines(one) if name is not None else ())
    for topic, told in strips:
        if session.as_json:
            print_json({"strip": topic, "window": LAST, **strip_record(told)})
        else:
            print(f"\n{one_line(topic, 40)}, the last 7 days")
            _print(strip_lines(told))
    return FOUND if name is None or found[0].met else NOTHING


def _unknown(name: str, known: list[str]) -> str:
    from listen.config import closest

    hint = closest(name, known) or (f"there are {', '.join(known)}" if known else "none is configured")
    return f'there is no objective "{name}"; {hint}'


def _print_head(one: Progress) -> None:
    from listen.insight.objectives_told import NAME, bar, sign, spark

    print(f"{one_line(one.name, NAME)}  {sign(one)}  {one_line(one.target, NAME)}")
    print(f"  {bar(one.done)} {spark(one.trend):<8}  {one_line(one.short, WIDE)}")


def _print(lines: Iterable[Line]) -> None:
    for each in lines:
        folded = textwrap.wrap(each.text, WIDE - LABEL - 2) or [""]
        for place, text in enumerate(folded):
            print(f"  {'' if place else each.label:<{LABEL}}{text}")
