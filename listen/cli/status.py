"""`status`: what an analyst wants to know without opening anything; --short is a line for tmux."""

from __future__ import annotations

from typing import Any

import click

from listen.cli.common import FOUND, NOTHING, Session, common, print_json
from listen.clock import from_environment
from listen.text import one_line

BUDGET = 1.0
"""Seconds for counting what is late; "3+" says that there was no time for more."""


@click.command()
@click.option("--short", is_flag=True, help="One line without colour, for a status bar.")
@common
def status(session: Session, short: bool) -> int:
    """Tell what fires, what waits, and whether somebody listens: exit 1 when nobody does."""
    told = _told(session)
    if session.as_json:
        print_json(told)
    elif short:
        print(_line(told))
    else:
        for line in _lines(told):
            print(line)
    return FOUND if told["collecting"] else NOTHING


def _told(session: Session) -> dict[str, Any]:
    from listen.collect.lock import holder
    from listen.query import tree
    from listen.store import outbox
    from listen.store.overview import WAITING_CAP

    clock, path = from_environment(), session.store()
    now = clock.now()
    with session.reader() as reader:
        alerts = [one for one in reader.alerts(open_only=True) if one.standing == "firing" and not one.muted]
        waiting, channels, heard = reader.waiting(), reader.channels(), reader.last_heard()
        new, late = reader.new_mentions(), reader.count(tree.Late(()), cap=WAITING_CAP, budget=BUDGET, now=now)
        with reader.snapshot() as connection:
            unsent = outbox.counts(connection)
    return {
        "collecting": holder(path) is not None,
        "last_success": heard.good_at,
        "seconds_since": None if heard.good_at is None else max(0, int(now - heard.good_at)),
        "silent_for": heard.silent_for(now, clock.pace()),
        "firing": {level: sum(one.severity == level for one in alerts) for level in ("page", "notice", "digest")},
        "rules": sorted({one.rule for one in alerts}),
        "new": {name: n for name, n in waiting.items() if name is not None},
        "new_mentions": new,
        "new_exact": new < WAITING_CAP,
        "late": late.n,
        "late_exact": late.complete,
        "dead_sources": sorted({one.source for one in channels if one.state == "dead"}),
        "undelivered": sum(unsent.get(state, 0) for state in (outbox.DEAD, outbox.HELD)),
    }


def _line(told: dict[str, Any]) -> str:
    from listen.store.condition import span

    parts = []
    if firing := sum(told["firing"].values()):
        parts.append(f"● {firing} {'page' if told['firing']['page'] else 'firing'}: {one_line(told['rules'][0], 20)}")
    if told["late"]:
        parts.append(f"{_late(told)} late")
    if new := told["new_mentions"]:
        parts.append(f"{new:,}{'' if told['new_exact'] else '+'} new")
    if told["dead_sources"]:
        parts.append(f"{len(told['dead_sources'])} dead")
    if told["undelivered"]:
        parts.append(f"{told['undelivered']} undelivered")
    if not told["collecting"]:
        parts.append("nobody collects")
    if told["silent_for"] is not None:
        parts.append(f"nothing heard for {span(told['silent_for'])}")
    return "listen " + (" · ".join(parts) or "all quiet")


def _late(told: dict[str, Any]) -> str:
    return f"{told['late']:,}{'' if told['late_exact'] else '+'}"


def _lines(told: dict[str, Any]) -> list[str]:
    from listen.cli.records import local_time
    from listen.store.condition import span

    heard, silent = told["last_success"], told["silent_for"]
    late = "" if silent is None else f", nothing for {span(silent)}: `listen sources` tells why"
    firing = sum(told["firing"].values())
    new = ", ".join(f"{one_line(name, 30)} {n:,}" for name, n in told["new"].items() if n)
    lines = [
        f"collecting   {'yes' if told['collecting'] else 'nobody: `listen collect` does'}",
        f"last heard   {'never' if heard is None else local_time(heard)}{late}",
        f"firing       {firing}{': ' + one_line(', '.join(told['rules']), 100) if firing else ''}",
        f"new          {new or 0}",
        f"late         {_late(told)}",
    ]
    if told["dead_sources"]:
        lines.append(f"dead         {one_line(', '.join(told['dead_sources']), 100)}")
    if told["undelivered"]:
        lines.append(f"undelivered  {told['undelivered']}: `listen alerts retry` lists them")
    return lines
