"""What has been used up of budgets, by day and channel: written before a question is asked, so that nothing forgets it.

The collector writes it under its claim, and commands that ask a source once in a short transaction of their own.
"""

from __future__ import annotations

import json

from listen.store import mirror
from listen.store.sqlite import Connection

KEPT = 7 * 86_400
"""Seconds for which a day that is over is kept: a clock that is set back must not give its budget out again."""

MONEY = "money"
"""The budget whose amounts are dollars."""

PAID_KEPT = 400 * 86_400
"""Seconds for which a day's money is kept: people ask what a year has cost."""

Spent = dict[int, float]
"""Channel -> how much it has used up; 0 stands for commands that ask once."""


def name(holder: str, budget: str) -> str:
    """The remembered fact that holds a budget."""
    return f"budget:{holder}:{budget}"


def spent(connection: Connection, holder: str, budget: str, until: int) -> Spent:
    """What has been used up of the day that ends at `until` (Unix seconds)."""
    return _days(mirror.state(connection, name(holder, budget))).get(until, {})


def spend(connection: Connection, holder: str, budget: str, until: int, channel: int, amount: float) -> None:
    """Inside a transaction: add to it; a negative amount gives back what was not needed after all."""
    row = name(holder, budget)
    days = _days(mirror.state(connection, row))
    day = days.setdefault(until, {})
    day[channel] = round(max(0.0, day.get(channel, 0.0) + amount), 6)
    oldest = until - (PAID_KEPT if budget == MONEY else KEPT)
    kept = {end: {str(one): used for one, used in by.items()} for end, by in days.items() if end > oldest}
    mirror.set_state(connection, row, json.dumps(kept))


def used(told: str | None, until: int) -> float:
    """What has been used up of that day in all; `told` is the fact of that `name`."""
    return sum(_days(told).get(until, {}).values())


def paid(connection: Connection, since: float, until: float) -> float:
    """Dollars that questions have cost, all sources together, on the days that end after `since` up to `until`'s."""
    rows = connection.execute("SELECT value FROM state WHERE name GLOB ?", (f"budget:*:{MONEY}",)).fetchall()
    return sum(sum(by.values()) for row in rows for end, by in _days(row[0]).items() if since < end < until + 86_400)


def _days(told: str | None) -> dict[int, Spent]:
    return {
        int(until): {int(channel): float(used) for channel, used in by.items()}
        for until, by in json.loads(told or "{}").items()
    }
