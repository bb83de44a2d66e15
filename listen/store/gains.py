"""What another query would make of a topic, before anybody decides: mentions gained and lost, and how sure that is.

The stored mentions are all that can be told of: a source that keeps only what matches has not kept what an older query
did not want.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listen.model import id_time
from listen.query import tree
from listen.store.search import FOREVER

if TYPE_CHECKING:
    from listen.store.read import Reader

EXAMPLES = 3
"""Newest mentions gained and lost that are named."""

CHUNK = 5_000
"""Mentions compared at a time."""

BUDGET = 2.0
"""Seconds after which what was found by then is told."""


@dataclass(slots=True)
class Gains:
    """The difference that a query makes to a topic, from the newest mention back to `back_to`."""

    gained: int = 0
    lost: int = 0
    back_to: int = FOREVER
    """Every mention from this id on was compared; 0 when all were."""
    gained_ids: tuple[int, ...] = ()
    """The newest EXAMPLES of them."""
    lost_ids: tuple[int, ...] = ()
    whole: tuple[str, ...] = ()
    """Sources that kept everything, so that their history is complete."""
    partly: tuple[str, ...] = ()
    """Sources that keep only what matches: what the new query alone would want of them was never stored."""

    @property
    def complete(self) -> bool:
        """Whether the numbers are exact; else there are at least so many."""
        return self.back_to == 0


def gains(
    reader: Reader,
    topic: str,
    query: tree.Node,
    *,
    budget: float = BUDGET,
    now: float,
    wanted: Callable[[], bool] = lambda: True,
) -> Gains:
    """Compare a query with what a topic matches now, newest mentions first, for about `budget` seconds.

    An unknown topic matches nothing yet. It ends early once the answer is not `wanted` any more.
    """
    found = Gains()
    partly = set(json.loads(reader.state("keep_matched") or "[]"))
    names = [source.name for source in reader.sources() if source.active]
    found.whole = tuple(name for name in names if name not in partly)
    found.partly = tuple(name for name in names if name in partly)
    end = time.monotonic() + budget
    while found.back_to and wanted() and (left := end - time.monotonic()) > 0:
        high = found.back_to
        page = reader.page(query, before=None if high == FOREVER else high, limit=CHUNK, budget=left, now=now)
        if not page.complete and page.back_to >= high - 1:
            break
        new, old = set(page.ids), set(reader.matched(topic, page.back_to, high))
        # What its author took away has no text left, and matches nothing, whatever a query without words says.
        _add(found, reader.told(new - old), sorted(old - new, reverse=True))
        found.back_to = page.back_to
    return found


def _add(found: Gains, gained: list[int], lost: list[int]) -> None:
    found.gained += len(gained)
    found.lost += len(lost)
    found.gained_ids = (*found.gained_ids, *gained)[:EXAMPLES]
    found.lost_ids = (*found.lost_ids, *lost)[:EXAMPLES]


def sentence(topic: str, found: Gains) -> str:
    """`acme would gain 12 and lose 3 of the stored mentions`, with all that is to be known of these numbers."""
    least = "" if found.complete else "at least "
    words = f"{topic} would gain {least}{found.gained:,} and lose {least}{found.lost:,} of the stored mentions"
    if not found.complete:
        when = "not at all" if found.back_to == FOREVER else f"back to {day(found.back_to)}"
        words += f" (compared {when} in the time given)"
    if found.partly:
        words += f"; incomplete for {', '.join(found.partly)}, which kept only what matched"
    return words


def day(mention_id: int) -> str:
    """The day of a mention, in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(id_time(mention_id)))
