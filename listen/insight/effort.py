"""What listening and answering cost: what questions to paid services did, and how long people worked.

How long people worked is told by the journal. Actions of one person with at most PAUSE seconds between one and the
next are a session: it lasts from the first to the last, and BEFORE seconds more for what led to the first. What desks
and stories do by themselves is nobody's work; what was taken back was work all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from listen.store import budgets
from listen.store.following import BY
from listen.store.read import Reader
from listen.store.steps import Step

PAUSE = 300
"""Seconds without an action that end a session."""

BEFORE = 60
"""Seconds that are taken for what led to the first action of a session."""

MOST = 20_000
"""Actions that are looked at, the newest."""


class Effort(NamedTuple):
    """Of all people and sources, over a span of time."""

    seconds: float = 0.0
    """In sessions."""
    sessions: int = 0
    actions: int = 0
    mentions: int = 0
    """That these actions changed, each counted once for each action."""
    paid: float = 0.0
    """US dollars, whole days of UTC."""
    whole: bool = True
    """Else there were more actions."""


def effort(reader: Reader, since: float, until: float) -> Effort:
    """What a span of time has cost; Unix seconds."""
    found = reader.steps(None, since, MOST)
    steps = [one for one in found if one.at < until and not _by_itself(one)]
    with reader.snapshot() as connection:
        paid = budgets.paid(connection, since, until)
    seconds, sessions = worked(steps)
    return Effort(seconds, sessions, len(steps), sum(one.mentions for one in steps), paid, len(found) < MOST)


def worked(steps: Iterable[Step]) -> tuple[float, int]:
    """(seconds in sessions, sessions), of all people together."""
    by_person: dict[str, list[int]] = {}
    for one in steps:
        by_person.setdefault(one.signed, []).append(one.at)
    seconds, sessions = 0.0, 0
    for times in by_person.values():
        times.sort()
        gaps = [after - before for before, after in pairwise(times)]
        breaks = sum(gap > PAUSE for gap in gaps)
        seconds += sum(gap for gap in gaps if gap <= PAUSE) + BEFORE * (breaks + 1)
        sessions += breaks + 1
    return seconds, sessions


def _by_itself(one: Step) -> bool:
    return one.user is None and (one.by == BY or one.by.startswith("desk "))
