"""Hard budgets: what a question may cost is set aside in the store before it is asked, and nothing is asked without.

Channels that share a budget share it fairly: one that has had its even part of the day waits while others have not,
and what they leave unused becomes free as the day goes by.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from listen.collect import foreign
from listen.store import budgets as ledger
from listen.store.sqlite import Connection
from sources.base import Adapter, Budget, Channel, Cost, Request, Spends
from sources.days import DAY, next_midnight

ONCE = 0
"""Stands for a command that asks a source once, where a channel has its number in the store."""

MONEY = "USD"
"""The unit of budgets of money."""

REGULAR = 0.9
"""The share of a budget that regular visits are planned with; the rest is for second pages and for people trying."""

AT_ONCE = 0.125
"""The part of a day's money that may be spent before its time: a crisis in the afternoon is to be heard, too."""

LEAST = 1e-9
"""Below this, two amounts are the same: prices are no binary fractions."""


@dataclass(frozen=True, slots=True)
class Account:
    """A budget as a channel meets it."""

    budget: Budget
    holder: str
    sharers: int = 1
    """Channels that use it, this one included."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What has been set aside for one question."""

    account: Account
    cost: Cost
    until: int
    left: float = 0.0
    """What is left of the budget, for all, with this set aside."""


class Spent(Exception):
    """The question is not asked now; it can be from `retry_at` (Unix seconds) on."""

    def __init__(self, message: str, remedy: str, retry_at: float) -> None:
        super().__init__(message)
        self.message, self.remedy, self.retry_at = message, remedy, retry_at


def accounts(adapter: Adapter, channel: Channel, source: str) -> dict[str, Account]:
    """The channel's budgets by name; none where its adapter counts nothing."""
    if not isinstance(adapter, Spends):
        return {}
    return {
        one.name: Account(one, f"{adapter.name}:{one.holder}" if one.holder else f"source:{source}")
        for one in adapter.budgets(channel)
    }


def shared(of_channels: Sequence[dict[str, Account]]) -> list[dict[str, Account]]:
    """The same with how many channels share each."""
    users: dict[tuple[str, str], int] = {}
    for found in of_channels:
        for name, account in found.items():
            users[account.holder, name] = users.get((account.holder, name), 0) + 1
    return [
        {name: replace(one, sharers=users[one.holder, name]) for name, one in found.items()} for found in of_channels
    ]


def costs_money(adapter: Adapter, channel: Channel) -> bool:
    """Whether its questions are paid for."""
    return isinstance(adapter, Spends) and any(one.unit == MONEY for one in adapter.budgets(channel))


def least_pace(adapter: Adapter, channel: Channel, found: Mapping[str, Account]) -> float | None:
    """Seconds between two visits at which all channels together keep within their budgets for a whole day."""
    if not isinstance(adapter, Spends):
        return None
    paces = [
        DAY * cost.most * found[cost.budget].sharers / (REGULAR * found[cost.budget].budget.limit)
        for cost in adapter.visit_costs(channel)
        if not cost.by_answer and found[cost.budget].budget.limit > 0
    ]
    return max(paces, default=None)


def take(
    connection: Connection,
    adapter: Adapter,
    channel: Channel,
    found: Mapping[str, Account],
    number: int,
    request: Request,
    now: float,
) -> tuple[Request, list[Taken]]:
    """Inside a transaction: set aside what the question costs, perhaps of a smaller one. Raises Spent, SourceError."""
    if not request.costs or not isinstance(adapter, Spends):
        return request, []
    states = {
        cost.budget: State.of(connection, found[cost.budget], number, now, spread=cost.by_answer)
        for cost in request.costs
        if cost.budget in found
    }
    left = {name: state.free(now) for name, state in states.items()}
    request = foreign.within(adapter, channel, request, left)
    for cost in request.costs:
        if cost.most > left[cost.budget] + LEAST:
            raise _refusal(states[cost.budget], cost, now)
    taken = [
        Taken(found[cost.budget], cost, states[cost.budget].until, states[cost.budget].left - cost.most)
        for cost in request.costs
    ]
    for one in taken:
        ledger.spend(connection, one.account.holder, one.cost.budget, one.until, number, one.cost.most)
    return request, taken


def settle(connection: Connection, taken: Iterable[Taken], number: int, spent: Mapping[str, float]) -> None:
    """Inside a transaction: give back what was set aside and not used. `spent`: budget -> what it really was."""
    for one in taken:
        if one.cost.budget in spent:
            rest = spent[one.cost.budget] - one.cost.most
            ledger.spend(connection, one.account.holder, one.cost.budget, one.until, number, rest)


UNASKED = frozenset({"waiting", "dns", "tls", "private-address", "url", "secret", "sign-in", "redirect-scheme"})
"""Reasons of failures in which the question was never put."""


def unused(taken: Iterable[Taken], reason: str, status: int | None) -> dict[str, float]:
    """What a question that failed cost after all, where it was less than what was set aside: see `settle`."""
    return {one.cost.budget: 0.0 for one in taken if reason in UNASKED or (one.cost.by_answer and status is not None)}


def tightest(taken: Iterable[Taken]) -> tuple[int, int] | None:
    """(left, until) of the budget that is nearest to its end, in questions, or in posts where these are paid for."""
    found = [(one.left / one.account.budget.limit, one) for one in taken if one.account.budget.limit > 0]
    if not found:
        return None
    _, one = min(found, key=lambda pair: pair[0])
    return int(one.left / (one.cost.unit_price or 1.0) + LEAST), one.until


@dataclass(frozen=True, slots=True)
class State:
    """How a budget stands for one channel."""

    account: Account
    until: int
    own: float
    """What this channel has used up today."""
    others: tuple[float, ...]
    """What each of the others has; those that have not asked yet are not among them."""
    once: float = 0.0
    """What commands that ask once have; they may use whatever is left."""
    spread: bool = False
    """It is to last the whole day, since nobody knows what the answers will cost."""

    @classmethod
    def of(cls, connection: Connection, account: Account, number: int, now: float, *, spread: bool = False) -> State:
        until = next_midnight(now, account.budget.zone)
        used = ledger.spent(connection, account.holder, account.budget.name, until)
        if number == ONCE:
            return cls(replace(account, sharers=1), until, sum(used.values()), ())
        others = tuple(amount for channel, amount in used.items() if channel not in (number, ONCE))
        return cls(account, until, used.get(number, 0.0), others, used.get(ONCE, 0.0), spread)

    @property
    def used(self) -> float:
        return self.own + sum(self.others) + self.once

    @property
    def left(self) -> float:
        """What is left for all."""
        return max(0.0, self.account.budget.limit - self.used)

    @property
    def share(self) -> float:
        """The even part of each channel."""
        return self.account.budget.limit / max(1, self.account.sharers)

    @property
    def kept(self) -> float:
        """What is kept for the others, at the beginning of the day."""
        silent = max(0, self.account.sharers - 1 - len(self.others))
        return sum(max(0.0, self.share - used) for used in self.others) + silent * self.share

    def free(self, now: float) -> float:
        """What this channel may use now: the rest of its own part, or what the others will hardly need today."""
        hours = min(1.0, (self.until - now) / DAY)
        part = self.left if self.account.sharers == 1 else self.share - self.own
        free = min(self.left, max(part, self.left - self.kept * hours))
        return max(0.0, min(free, self.due(now) - self.used)) if self.spread else free

    def due(self, now: float) -> float:
        """What all channels together may have used by now, of what is to last the whole day."""
        passed = 1.0 - min(1.0, (self.until - now) / DAY)
        return self.account.budget.limit * min(1.0, passed + AT_ONCE)

    def free_at(self, amount: float, now: float) -> float:
        """When so much will be free for this channel: later today, or when the next day begins."""
        if amount > self.left + LEAST:
            return float(self.until)
        times = []
        if self.account.sharers > 1 and amount > self.share - self.own:
            times.append(self.until - DAY * (self.left - amount) / self.kept if self.kept > 0 else now)
        if self.spread:
            times.append(self.until - DAY * (1.0 + AT_ONCE - (self.used + amount) / self.account.budget.limit))
        return min(float(self.until), max([now + 1, *times]))


def _refusal(state: State, cost: Cost, now: float) -> Spent:
    budget, used = state.account.budget, state.used
    again = state.free_at(cost.most, now)
    words = f"{shown_of(used, budget)} a day are used up"
    if cost.most > budget.limit:
        words = f"a question costs {shown(cost.most, budget.unit)} at most, a day's budget is less"
    elif cost.most > state.left + LEAST and state.left > LEAST:
        words += f", and the next question may cost {shown(cost.most, budget.unit)}"
    elif cost.most <= state.left + LEAST and state.spread and cost.most > state.due(now) - used:
        words = f"{shown_of(used, budget)} are used up, which is all for this time of the day"
    elif cost.most <= state.left + LEAST:
        words = f"this channel has had its part of {shown(budget.limit, budget.unit)} a day; the others come first"
    key = f"; `{budget.key}` of the source sets the limit" if budget.key else ""
    return Spent(words, f"listen asks again at {clock_time(again, now)}{key}", again)


def shown(amount: float, unit: str) -> str:
    """`$0.50`, `12 searches`."""
    if unit == MONEY:
        return f"${amount:,.2f}" if abs(amount - round(amount, 2)) < LEAST else f"${amount:,.3f}"
    return f"{amount:,.0f} {unit}"


def shown_of(used: float, budget: Budget) -> str:
    """`$0.50 of $2.00`, `12 of 100 searches`."""
    spent = shown(min(used, budget.limit), budget.unit).removesuffix(f" {budget.unit}")
    return f"{spent} of {shown(budget.limit, budget.unit)}"


def clock_time(at: float, now: float) -> str:
    """`07:00 UTC`, with the day when that is not today."""
    when = datetime.datetime.fromtimestamp(at, datetime.UTC)
    today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
    return when.strftime("%H:%M UTC" if when.date() == today else "%H:%M UTC on %-d %B")
