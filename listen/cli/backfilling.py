"""`collect --backfill`: what a source said before it was listened to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from listen.cli.bar import Bar
from listen.cli.common import FAILED, FOUND, USAGE, Fault, Session, print_json, say
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.collect.backfill import Filled
    from listen.config import Config


def back_fill(config: Config, session: Session, span: str, source: str) -> int:
    """Read the last `span` of a source, and leave."""
    from listen.config import closest, seconds

    wanted = seconds(span)
    if not wanted:
        raise Fault(f'--backfill: "{span}" is no span of time; write 30d, 12h or 4w', USAGE)
    if source not in config.sources or not config.sources[source].enabled:
        named = [name for name, one in config.sources.items() if one.enabled]
        hint = closest(source, named) or f"the sources are {', '.join(named)}"
        raise Fault(f'there is no source "{source}"; {hint}', USAGE)
    bar = Bar()

    def told(filled: Filled) -> None:
        bar.show(filled.share, f"{filled.channel}: {filled.new:,} new, {filled.again:,} known already")

    try:
        done = _filled(config, source, wanted, told, bar)
    except KeyboardInterrupt:
        raise Fault("stopped; the same command goes on where it was", FAILED) from None
    finally:
        bar.clear()
    for one in done:
        if session.as_json:
            print_json(_record(one))
        say(f"{one_line(one.channel, 60)}: {_words(one)}")
    return FAILED if any(one.problem for one in done) else FOUND


def _filled(config: Config, source: str, seconds: float, told: Callable[[Filled], None], bar: Bar) -> list[Filled]:
    """Here under the lock, or by the collector that runs."""
    from listen.cli.asking import ask, here_or_there
    from listen.collect import backfill
    from listen.collect.errands import BACK_FILL

    clock = from_environment()

    def here() -> list[Filled]:
        return asyncio.run(backfill.fill(config, source, seconds, clock, told))

    def there() -> list[Filled]:
        answer = ask(config, BACK_FILL, {"source": source, "since": clock.now() - seconds}, show, bar)
        return [backfill.Filled(**one) for one in answer["channels"]]

    def show(progress: dict[str, Any]) -> None:
        told(backfill.Filled(**progress["channels"][-1]))

    return here_or_there(here, there)


def _words(one: Filled) -> str:
    from listen.cli.records import local_time

    parts = [f"{one.new:,} new, {one.again:,} known already"]
    parts += [f"{one.rejects:,} set aside"] if one.rejects else []
    if one.oldest is not None:
        parts.append(f"back to {local_time(one.oldest)}")
    if not one.able and not one.problem:
        parts.append("which is all that this place tells")
    return ", ".join(parts) + (f"; not finished: {one_line(one.problem, 200)}" if one.problem else "")


def _record(one: Filled) -> dict[str, object]:
    from listen.cli.records import timestamp

    return {
        "channel": one.channel, "new": one.new, "again": one.again, "rejects": one.rejects, "pages": one.pages,
        "since": timestamp(one.since), "oldest": timestamp(one.oldest), "reaches_back": one.able, "done": one.done,
        "resumed": one.resumed, "problem": one.problem or None,
    }  # fmt: skip
