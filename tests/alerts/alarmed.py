"""A collector of one feed whose every matching mention is an alert: `python -m tests.alerts.alarmed STORE FEED HOOK`.

With `broken` behind them it marks letters before it sends them, as no build must.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from listen.alerts.notify import sender
from listen.alerts.notify.sender import Sender
from listen.alerts.notify.targets import Target
from listen.clock import SystemClock
from listen.collect import collector
from listen.config import alerts as rules
from listen.config import keys
from listen.config.values import typed
from listen.store import outbox
from listen.store.outbox import Letter
from tests.collect.collecting import config, source


async def deliver_broken(self: Sender, target: Target, letters: Sequence[Letter]) -> bool:
    """Marked before it is sent."""
    now = self._clock.now()
    await self._do(lambda writer: _mark(writer, letters, now))
    await self._ways.send(target, self._message(target, letters, now), now)
    return True


def _mark(writer: object, letters: Sequence[Letter], now: float) -> None:
    with writer.transaction():  # type: ignore[attr-defined]
        outbox.mark_sent(writer.connection, [one.id for one in letters], now)  # type: ignore[attr-defined]


async def main(store: Path, feed: str, hook: str, broken: bool) -> None:
    collector.TICK, sender.STEPS, sender.LOOK = 0.1, (0.05,), 0.05
    if broken:
        Sender._deliver = deliver_broken  # type: ignore[method-assign]
    rule = {"when": "match", "query": "topic:acme", "per": ("mention",), "severity": "page", "group_interval": 0.0,
            "route": ("notify:duty",), "inhibits": (), "enabled": True, "window": 86_400.0}  # fmt: skip
    duty = typed(keys.TABLES["notify"].keys, {"webhook": hook, "per_hour": 1_000_000})
    tables = {"alerts": {"each": rules.completed(rule)}, "notify": {"duty": duty}}
    await collector.run(config(store, source("press", feed, every=0.5), tables=tables), store, SystemClock())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], "broken" in sys.argv))
