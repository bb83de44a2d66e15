"""A rule that is tried: asked of the collector, which alone knows rules, and what it answers. Pure, for any thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listen.console.clerk import Asked, Job
from listen.console.trial import Trial
from listen.store.read import Reader
from listen.store.requests import Request

KIND = "replay"
"""What is asked of the collector."""

DAYS = 90
"""Over how long a rule is replayed."""

DAY = 86_400


class Numbered(NamedTuple):
    """An answer: the request is in the store."""

    rule: str
    number: int


class Replies(NamedTuple):
    """An answer: what became of requests."""

    requests: Sequence[Request]


def replies(numbers: Iterable[int]) -> Job:
    """What became of these requests."""
    wanted = frozenset(numbers)

    def job(reader: Reader, _asked: Asked, _post: object) -> Replies:
        return Replies([one for one in reader.requests(wanted) if one.id in wanted])

    return job


def told(trial: Trial) -> str:
    """What became of it, in a sentence. May hold foreign text."""
    if trial.open:
        return "asking…" if trial.collected and not trial.late else trial.told()
    if trial.request is not None and trial.request.error:
        return trial.request.error
    times = fired(trial)
    if times is None:
        return "what was found has been erased since"
    return f"would have fired {times:,} time{'s' * (times != 1)} in {DAYS} days"


def fired(trial: Trial) -> int | None:
    """How often it would have fired as it is; None when the answer does not say (any more)."""
    thresholds = (trial.answer or {}).get("thresholds", ())
    return next((int(one["firings"]) for one in thresholds if one["factor"] == 1.0), None)
