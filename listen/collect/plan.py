"""What will be asked, how often and at what cost: what `listen sources plan` shows. Nobody is asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sources
from listen import query
from listen.clock import Clock
from listen.collect import budgets, channels, paying, schedule, trial
from listen.collect.budgets import MONEY, Account
from listen.collect.channels import Opened
from listen.collect.http import FetchError
from listen.collect.kit import client_of, workshop_of
from listen.collect.process import WorkshopError
from listen.collect.refresh import AGES
from listen.collect.wanted import Wanted
from listen.config import Config, Topic
from listen.store import budgets as ledger
from listen.store.condition import span
from listen.store.read import Reader
from listen.store.sqlite import StoreError
from sources.base import Adapter, Budget, Channel, Cost, Estimates, Known, Refreshes, SourceError, Spends
from sources.days import next_midnight

WEEK = 7 * schedule.DAY


@dataclass(frozen=True, slots=True)
class Use:
    """What a channel takes from one budget."""

    budget: Budget
    visit: float
    """One visit, as a rule; at most, where the answer decides."""
    day: float
    """A day at the channel's pace; where the answer decides, by what the last week brought, else the whole budget."""
    known: bool = True
    """The figure of the day is more than an upper bound."""


@dataclass(frozen=True, slots=True)
class Line:
    """One channel."""

    source: str
    adapter: str
    channel: Channel
    every: float
    """Seconds between two visits."""
    requests: float
    """Requests a day, as a rule."""
    uses: tuple[Use, ...] = ()
    note: str = ""
    """Why it is asked less often than it is told to."""


@dataclass(frozen=True, slots=True)
class Purse:
    """One budget, and how it stands today."""

    budget: Budget
    sources: tuple[str, ...]
    channels: int
    spent: float
    until: int
    """Unix seconds at which the day ends."""


@dataclass(slots=True)
class Plan:
    lines: list[Line] = field(default_factory=list)
    purses: list[Purse] = field(default_factory=list)
    closed: list[tuple[str, SourceError]] = field(default_factory=list)
    """Sources that cannot be opened."""
    uncovered: tuple[str, ...] = ()
    """Topics that no search finds."""


Volumes = Mapping[tuple[str, str], float]
"""(source, channel) -> posts a day that there are to find."""


def plan(config: Config, reader: Reader | None, now: float, volumes: Volumes | None = None) -> Plan:
    """The plan of all sources that are enabled; `reader` tells what has been spent and what the last week brought.

    `volumes` is what places said of it themselves.
    """
    wanted = Wanted.by(config.topics.values())
    opened = [
        channels.open_source(source, wanted, config.folder) for source in config.sources.values() if source.enabled
    ]
    made = Plan(uncovered=wanted.uncovered)
    made.closed = [(one.source.name, one.error) for one in opened if one.error is not None]
    weekly = {**_weekly(reader, now), **(volumes or {})}
    accounts = iter(channels.accounts_of(opened))
    shared: dict[tuple[str, str], tuple[Account, list[str]]] = {}
    for one in opened:
        for channel in one.channels if one.adapter is not None else ():
            found = next(accounts)
            made.lines.append(_line(one, channel, found, weekly.get((one.source.name, channel.key))))
            for name, account in found.items():
                shared.setdefault((account.holder, name), (account, []))[1].append(one.source.name)
    made.purses = [_purse(account, names, reader, now) for account, names in shared.values()]
    return made


async def estimates(config: Config, clock: Clock) -> tuple[Volumes, list[tuple[str, SourceError]]]:
    """What paid places say that there is to find, within their budgets, and those that did not say it."""
    wanted = Wanted.by(config.topics.values())
    told: dict[tuple[str, str], float] = {}
    silent: list[tuple[str, SourceError]] = []
    client, workshop = client_of(config, clock), workshop_of(config)
    tools = trial.Tools(client, workshop, paying.Purse(config.store))
    try:
        for source in config.sources.values():
            adapter = _estimating(source.adapter) if source.enabled else None
            if adapter is None:
                continue
            for channel in channels.open_source(source, wanted, config.folder).channels:
                try:
                    page = await trial.one_page(tools, source, adapter, adapter.estimate(channel), {}, clock)
                except (FetchError, SourceError) as error:
                    silent.append((source.name, SourceError(error.reason, error.message, error.remedy)))
                except (StoreError, WorkshopError) as error:
                    silent.append((source.name, SourceError("estimate", str(error), "see `listen doctor`")))
                else:
                    told |= {} if page.a_day is None else {(source.name, channel.key): page.a_day}
    finally:
        await client.aclose()
        await workshop.close()
    return told, silent


def _estimating(name: str) -> Any:
    try:
        adapter = sources.get(name)
    except Exception:  # an adapter of another package may not even load; its source says so itself
        return None
    return adapter if isinstance(adapter, Estimates) else None


def _weekly(reader: Reader | None, now: float) -> dict[tuple[str, str], float]:
    """(source, channel) -> mentions a day, of channels that were heard for a day at least of the last week."""
    if reader is None:
        return {}
    heard, coverage = reader.heard_since(now - WEEK), reader.coverage(now - WEEK, now)
    return {
        (one.source, one.key): heard.get(one.id, 0) * schedule.DAY / (WEEK * share)
        for one in reader.channels()
        if (share := coverage.get(one.id, 0.0)) * WEEK >= schedule.DAY
    }


def _line(one: Opened, channel: Channel, found: Mapping[str, Account], daily: float | None) -> Line:
    source, adapter = one.source, one.adapter
    assert adapter is not None
    wish = schedule.interval(source.every, channel.every or adapter.every)
    least = budgets.least_pace(adapter, channel, found)
    every = schedule.interval(source.every, channel.every or adapter.every, least)
    if channel.stream:
        return Line(source.name, adapter.name, channel, every, 0.0)
    visits = schedule.DAY / every
    costs = adapter.visit_costs(channel) if isinstance(adapter, Spends) else ()
    look = _look_price(adapter, channel)
    uses = tuple(_use(cost, found[cost.budget], visits, daily, look) for cost in costs)
    questions = sum(cost.most for cost in costs if not cost.by_answer) or 1.0
    notes = [_note(wish, every, costs, found)]
    if look:
        times = f"up to {len(AGES)} times, at {budgets.shown(look, MONEY)} each time"
        notes.append(f"posts are looked at again for deletions and counts, {times}")
    told = "; ".join(filter(None, notes))
    return Line(source.name, adapter.name, channel, every, visits * questions, uses, told)


def _look_price(adapter: Adapter, channel: Channel) -> float:
    """What it costs to look at one post again; 0 where that is not done, or is free."""
    again = adapter.again(channel, [Known("1")]) if isinstance(adapter, Refreshes) else None
    return sum(cost.unit_price for cost in adapter.request(again, {}, 0.0).costs) if again is not None else 0.0


def _use(cost: Cost, account: Account, visits: float, daily: float | None, look: float) -> Use:
    budget = account.budget
    if not cost.by_answer:
        return Use(budget, cost.most, cost.most * visits)
    if daily is None or not cost.unit_price:
        return Use(budget, cost.most, budget.limit, known=False)
    return Use(budget, cost.most, min(budget.limit, daily * (cost.unit_price + len(AGES) * look)))


def _note(wish: float, every: float, costs: Sequence[Cost], found: Mapping[str, Account]) -> str:
    """Which quota cannot be kept at the pace that is wished for, and what follows."""
    for cost in costs if every > wish else ():
        account = found[cost.budget]
        wanted = cost.most * account.sharers * schedule.DAY / wish
        if not cost.by_answer and wanted > account.budget.limit:
            needs = budgets.shown(wanted, account.budget.unit)
            allowed = f"{account.budget.limit:,.0f} are allowed"
            return f"every {span(wish)} would take {needs} a day, {allowed}: asked every {span(every)}"
    return ""


def _purse(account: Account, names: Sequence[str], reader: Reader | None, now: float) -> Purse:
    budget, until = account.budget, next_midnight(now, account.budget.zone)
    told = reader.state(ledger.name(account.holder, budget.name)) if reader is not None else None
    return Purse(budget, tuple(dict.fromkeys(names)), account.sharers, ledger.used(told, until), until)


def paid(config: Config, topic: str, text: str) -> str:
    """In a sentence, what paid places would ask and cost if the topic had this query; empty where there are none."""
    try:
        node = query.parse(text)
    except query.QueryError:
        return ""
    topics = [one for one in config.topics.values() if one.name != topic]
    wanted = Wanted.by([*topics, Topic(topic, text, node, "theme")])
    paying = [source for source in config.sources.values() if source.enabled and _spends(source.adapter)]
    told = (_bill(channels.open_source(source, wanted, config.folder)) for source in paying)
    return "; ".join(filter(None, told))


def with_cost(answer: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """The answer about a topic's query with what it costs, also at the end of its message."""
    cost = paid(config, str(answer.get("topic", "")), str(answer.get("query", "")))
    return {**answer, "cost": cost, "message": f"{answer['message']}; {cost}"} if cost else dict(answer)


def _spends(name: str) -> bool:
    try:
        return isinstance(sources.get(name), Spends)
    except Exception:  # an adapter of another package may not even load; its source says so itself
        return False


def _bill(opened: Opened) -> str:
    """`x asks 2 questions for all topics, up to $0.50 each time, never more than $2.50 a day`."""
    adapter = opened.adapter
    if not isinstance(adapter, Spends):
        return ""
    money = [
        (cost.most, budget.limit)
        for channel in opened.channels
        for budget in adapter.budgets(channel)
        for cost in adapter.visit_costs(channel)
        if budget.unit == MONEY and cost.budget == budget.name
    ]
    if not money:
        return ""
    most, limit = (budgets.shown(max(amounts), MONEY) for amounts in zip(*money, strict=True))
    many = "1 question" if len(money) == 1 else f"{len(money)} questions"
    return f"{opened.source.name} asks {many} for all topics, up to {most} each time, never more than {limit} a day"
