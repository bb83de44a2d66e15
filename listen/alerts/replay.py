"""When a rule would have fired: the same conditions and the same life, over what the store holds.

History has no arrivals: a mention counts from its own time on, which its id carries. The newest mentions are read, MOST
of them; authors and stories are looked up only where numbers alone would let the rule fire. What hung on people's work
and on sources at the time (late, source) is not kept, and cannot be replayed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from listen.alerts.history import WEEK, WEEKS, Heard, Series, read
from listen.alerts.lived import FACTORS, Firing, Life, live
from listen.alerts.rules import Rule
from listen.config.alerts import POLLED
from listen.store.read import Reader

BARS = 60
"""Columns of the picture."""

Told = Callable[[str, float], None]
"""(what is being done, how much of it is done, 0 to 1)"""


class NoReplay(ValueError):
    """A rule whose past nobody kept; the text says why."""


class BrokenOff(Exception):
    """Nobody wants to know any more."""


class Replayed(NamedTuple):
    """What a rule would have done."""

    rule: str
    since: int
    until: int
    firings: Sequence[Firing]
    factors: Mapping[float, int]
    """By what the threshold is multiplied -> how often it would have fired."""
    bars: Sequence[int]
    """Mentions in each of BARS equal parts of the time."""
    mentions: int
    back_to: int
    """From when on all was read."""
    deaf_before: int | None
    """Before this nobody kept what was heard, so all of it is taken for heard; None: it was kept throughout."""


def _always() -> bool:
    return True


def _nobody(doing: str, share: float) -> None:
    pass


def replay(
    reader: Reader,
    rule: Rule,
    since: float,
    until: float,
    wanted: Callable[[], bool] = _always,
    told: Told = _nobody,
) -> Replayed:
    """When it would have fired between two moments; BrokenOff once it is not `wanted`, as it may take a minute.

    `told` hears how far it is, often. Raises NoReplay, QueryError, StoreError.
    """
    if rule.when in POLLED:
        raise NoReplay(f'when = "{rule.when}" hangs on how things stood at the time, which nobody kept: no replay')

    def heed(doing: str, share: float) -> None:
        if not wanted():
            raise BrokenOff
        told(doing, share)

    start = since - (WEEKS * WEEK if rule.when == "spike" else rule.window)
    heard = Heard(reader, rule, since, until) if rule.coverage or rule.when == "spike" else None
    firings: list[Firing] = []
    factors, bars, mentions, back_to = dict.fromkeys(FACTORS, 0), [0] * BARS, 0, start
    for series in read(reader, rule, start, until, lambda share: heed("reading", share)):
        back_to = max(back_to, series.back_to)
        for one, n in enumerate(_bars(series, since, until)):
            bars[one] += n
        mentions += len(series.ids) - series.until(math.ceil(since) - 1)
        lives: Sequence[Life] = ()
        for now, lives in live(reader, rule, series, heard, since, until):  # noqa: B007
            heed("replaying", (now - since) / max(1.0, until - since))
        for life in lives:
            factors[life.factor] += len(life.firings)
            firings += life.firings if life.factor == 1.0 else ()
    return Replayed(
        rule.name,
        int(since),
        int(until),
        sorted(firings, key=lambda one: (one.fired_at, one.instance)),
        factors,
        bars,
        mentions,
        int(back_to),
        heard.deaf_before if heard else None,
    )


def _bars(series: Series, since: float, until: float) -> list[int]:
    width = max(1.0, (until - since) / BARS)
    cuts = [series.until(math.ceil(since + place * width) - 1) for place in range(BARS)]
    cuts.append(series.until(until))
    return [after - before for before, after in pairwise(cuts)]
