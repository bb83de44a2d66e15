"""`sources plan`: what will be asked, how often and at what cost."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import FOUND, NOTHING, Session, advice, common, print_json, print_table, say
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.collect.plan import Line, Plan, Purse, Use
    from listen.config import Config


@click.command()
@click.option("--ask", is_flag=True, help="Ask paid places how much there is to find, at the price of one post each.")
@common
def plan(session: Session, ask: bool) -> int:
    """Print what will be asked, how often and at what cost: requests a day, quotas, money. Nobody is asked for it."""
    loaded = session.config(adapters=True)
    now = from_environment().now()
    made = _plan(loaded, now, ask)
    if session.as_json:
        _print_json(made)
    else:
        _print(made, loaded, now)
    return FOUND if made.lines else NOTHING


def _plan(loaded: Config, now: float, ask: bool) -> Plan:
    from listen.collect.plan import estimates
    from listen.collect.plan import plan as planned
    from listen.store.read import Reader
    from listen.store.sqlite import StoreError

    found, silent = asyncio.run(estimates(loaded, from_environment())) if ask else ({}, [])
    with contextlib.ExitStack() as stack:
        reader = None
        if loaded.store.is_file():
            with contextlib.suppress(StoreError):  # the plan is as good without what has been spent already
                reader = stack.enter_context(Reader(loaded.store))
        made = planned(loaded, reader, now, found)
    made.closed += silent
    return made


def _print(made: Plan, loaded: Config, now: float) -> None:
    from listen.store.condition import span

    rows = [
        (
            one_line(one.source),
            one_line(one.channel.label, 48),
            "connected" if one.channel.stream else f"every {span(one.every)}",
            "" if one.channel.stream else f"{one.requests:,.0f}",
            ", ".join(_used(use) for use in one.uses),
        )
        for one in made.lines
    ]
    if rows:
        print_table(("source", "channel", "asked", "requests a day", "costs"), rows)
        say(f"{sum(one.requests for one in made.lines):,.0f} requests a day")
    for purse in made.purses:
        say(_stands(purse, now))
    for note, channels in _notes(made.lines).items():
        say(f"{note}: {one_line(', '.join(channels), 200)}")
    if made.uncovered:
        names = one_line(", ".join(made.uncovered), 200)
        say(f"no word finds {names}: only sources that bring everything, such as feeds, hear it")
    if not made.lines and not made.closed:
        say(_nothing(loaded))
    for source, error in made.closed:
        say(f"{one_line(source)}: {one_line(advice(error.message, error.remedy), 300)}")


def _nothing(loaded: Config) -> str:
    """Why nothing will be asked, and what to do about it."""
    if loaded.sources:
        return "every source is switched off; remove `enabled = false` where you want to listen"
    if loaded.written:
        return "no source is configured; add a [sources.NAME]: `listen sources kinds` lists what there is"
    stored = " (a store remembers what was heard, not what to ask)" if loaded.store.is_file() else ""
    return f"there is no configuration, so nothing will be asked{stored}; `listen init BRAND` writes one"


def _used(use: Use) -> str:
    """`48 searches a day`; of money what the last week tells, or the most."""
    from listen.collect.budgets import MONEY, shown

    if use.budget.unit == MONEY and not use.known:
        return f"up to {shown(use.day, MONEY)} a day, up to {shown(use.visit, MONEY)} each time"
    if use.budget.unit == MONEY:
        return f"about {shown(round(use.day, 2), MONEY)} a day, up to {shown(use.visit, MONEY)} each time"
    return f"{shown(use.day, use.budget.unit)} a day"


def _stands(purse: Purse, now: float) -> str:
    from listen.collect.budgets import clock_time, shown_of

    names = one_line(", ".join(purse.sources))
    shared = f", shared by {purse.channels} channels" if purse.channels > 1 else ""
    spent = shown_of(purse.spent, purse.budget)
    return f"{names}: {spent} are used up today{shared}; the next day begins at {clock_time(purse.until, now)}"


def _notes(lines: list[Line]) -> dict[str, list[str]]:
    """Each note once, with the channels that it is about."""
    found: dict[str, list[str]] = {}
    for one in lines:
        if one.note:
            found.setdefault(one.note, []).append(f"{one.source} {one.channel.label}")
    return found


def _print_json(made: Plan) -> None:
    """A line for each channel, budget, topic that no search finds, and source that cannot be opened."""
    for one in made.lines:
        record: dict[str, Any] = {"source": one.source, "adapter": one.adapter, "channel": one.channel.key}
        record |= {"stream": one.channel.stream, "every": None if one.channel.stream else round(one.every, 1)}
        uses = [
            {"budget": use.budget.name, "unit": use.budget.unit, "visit": round(use.visit, 4), "day": round(use.day, 4),
             "at_most": not use.known}
            for use in one.uses
        ]  # fmt: skip
        print_json(record | {"requests_a_day": round(one.requests, 1), "costs": uses, "note": one.note or None})
    for purse in made.purses:
        from listen.cli.records import timestamp

        budget = purse.budget
        told = {"budget": budget.name, "sources": list(purse.sources), "unit": budget.unit, "limit": budget.limit}
        print_json(told | {"channels": purse.channels, "spent": round(purse.spent, 4), "until": timestamp(purse.until)})
    for topic in made.uncovered:
        print_json({"topic": topic, "searchable": False})
    for source, error in made.closed:
        print_json({"source": source, "reason": error.reason, "error": error.message, "remedy": error.remedy})
