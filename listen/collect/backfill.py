"""Asking the channels of a source for what was said before they were listened to, page by page, without an alert.

The live cursor of a channel stays as it is: a back-fill has one of its own, which is committed together with its posts,
so that one that is broken off goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from listen.clock import Clock
from listen.collect import channels, foreign, lock, moves, paying
from listen.collect.budgets import Spent
from listen.collect.channels import Watch
from listen.collect.events import silent
from listen.collect.http import FetchError
from listen.collect.kit import Kit, Shelf, client_of, workshop_of
from listen.collect.process import WorkshopError
from listen.collect.wire import Place
from listen.collect.writing import Scribe, StoredHosts
from listen.config import Config
from listen.model import Prepared
from listen.store.write import Writer
from sources.base import Backfills, Cursor, Page, Reject, SourceError

PATIENCE = 900.0
"""Seconds that a host may ask us to wait before the channel is left for another time."""

MOST_PAGES = 2_000
"""Pages of one channel in one run."""


@dataclass(slots=True)
class Filled:
    """How far one channel is."""

    channel: str
    since: float
    """What is asked for, in Unix seconds."""
    begun: float
    """When it began: everything between the two is to be read."""
    able: bool
    """The place can be asked for the past; else it tells what it has now."""
    oldest: float | None = None
    """The earliest that was said in what came."""
    new: int = 0
    again: int = 0
    rejects: int = 0
    pages: int = 0
    resumed: bool = False
    done: bool = False
    problem: str = ""
    """Why it is not done."""

    @property
    def share(self) -> float:
        """Of the time that is asked for, how much has been read; 0 to 1."""
        if self.done:
            return 1.0
        if self.oldest is None:
            return 0.0
        return max(0.0, min(1.0, (self.begun - self.oldest) / max(1.0, self.begun - self.since)))


Told = Callable[[Filled], None]


async def fill(config: Config, name: str, seconds: float, clock: Clock, told: Told) -> list[Filled]:
    """Read what the channels of a source hold of the last `seconds`, one after the other.

    Raises `lock.Held`, StoreError, and KeyError for a source that is not configured.
    """
    source = config.sources[name]
    with lock.CollectorLock(config.store):
        scribe = Scribe(config.store, clock, who=config.me.name)
        try:
            await scribe.open()
            hosts = StoredHosts(scribe, await scribe.do(Writer.hosts))
            kit = Kit(client_of(config, clock, hosts), workshop_of(config), scribe, clock, silent, Shelf())
            try:
                watches, queries, closed = await channels.watch(config, scribe, clock.now())
                kit.workshop.set_topics(queries)
                found = [
                    Filled(name, 0.0, 0.0, False, problem=str(one.error)) for one in closed if one.source.name == name
                ]
                meant = [watch for watch in watches if watch.source == source]
                return found + await run(kit, meant, clock.now() - seconds, told)
            finally:
                await kit.close()
        finally:
            await scribe.close()


async def run(
    kit: Kit, watches: Sequence[Watch], since: float, told: Told, before: Mapping[str, Filled] | None = None
) -> list[Filled]:
    """Read what these channels hold since then, one after the other. Raises StoreError.

    `before`: by label, how far an earlier run had got; what is done is not asked again, and all that came is counted.
    """
    filled = []
    for watch in watches:
        stood = (before or {}).get(watch.channel.label)
        if stood is None or not stood.done:
            # What a question costs is noted with the watch; beside a visit, each has its own notes.
            stood = await _channel(kit, replace(watch, taken={}), since, told, stood)
        filled.append(stood)
    return filled


async def _channel(kit: Kit, watch: Watch, since: float, told: Told, before: Filled | None) -> Filled:
    key, now = f"back:{watch.row.id}", kit.clock.now()
    stored = await kit.scribe.do(lambda writer: writer.state(key))
    stood: dict[str, Any] = json.loads(stored or "{}")
    filled = Filled(watch.channel.label, since, now, False)
    if before is not None:
        filled.new, filled.again, filled.rejects, filled.pages = before.new, before.again, before.rejects, before.pages
    if not watch.channel.polled:
        filled.problem = "it is a stream that tells nothing of the past"
        return filled
    try:
        cursor = _start(watch, since, now)
        filled.able = cursor is not None
        cursor = cursor or {}
        if not stood.get("done", True) and abs(stood["since"] - since) < abs(stood["begun"] - stood["since"]) / 2:
            cursor, filled.since, filled.begun = stood["cursor"], stood["since"], stood["begun"]
            filled.oldest, filled.resumed = stood.get("oldest"), True
        for _ in range(MOST_PAGES):
            cursor, more = await _page(kit, watch, cursor, filled, key)
            told(filled)
            if not more:
                filled.done = True
                return filled
        filled.problem = "it has more; the same command goes on"
    except Spent as spent:
        filled.problem = spent.message
    except (FetchError, SourceError) as error:
        filled.problem = f"{error.message}; {error.remedy}".removesuffix("; ")
    except WorkshopError as error:
        filled.problem = str(error)
    return filled


def _start(watch: Watch, since: float, now: float) -> Cursor | None:
    """The cursor with which the place tells what was said since then; None where it only tells what it has now."""
    return watch.adapter.back(watch.channel, since, now) if isinstance(watch.adapter, Backfills) else None


async def _page(kit: Kit, watch: Watch, cursor: Cursor, filled: Filled, key: str) -> tuple[Cursor, bool]:
    """One question and its answer, stored; the next cursor, and whether there is more."""
    asked = foreign.request_of(watch.adapter, watch.channel, cursor, kit.clock.now())
    request, taken = await paying.set_aside(kit, watch, asked)
    while True:
        try:
            fetched = await paying.fetch(kit, watch, moves.asked(request, watch.row.moved), taken, None)
            break
        except FetchError as error:
            wait = (error.retry_at or 0) - kit.clock.now()
            if not 0 < wait <= PATIENCE:
                raise
            await kit.clock.sleep(wait)
    assert fetched.answer is not None
    now = kit.clock.now()
    page = await kit.workshop.parse(watch.adapter.name, watch.channel, cursor, fetched.answer, now)
    await paying.settle(kit, watch, taken, page.spent)
    if page.pause:
        kit.client.pause(request, page.pause)
    await _store(kit, watch, page, filled, key, int(now))
    return page.cursor, page.more


async def _store(kit: Kit, watch: Watch, page: Page, filled: Filled, key: str, now: int) -> None:
    outcomes = await kit.workshop.prepare(page.posts, Place.of(watch.source), now)
    posts = [one for one in outcomes if isinstance(one, Prepared)]
    rejects = [*page.rejects, *(one for one in outcomes if isinstance(one, Reject))]
    refused = [channels.stored_reject(reject) for reject in rejects]
    moments = [one.published_at for one in posts if one.published_at is not None]
    filled.oldest = min([*moments, *([filled.oldest] if filled.oldest is not None else [])], default=None)
    stood = {
        "since": filled.since, "begun": filled.begun, "oldest": filled.oldest, "cursor": page.cursor,
        "done": not page.more,
    }  # fmt: skip
    matched = watch.source.keep == "matched"
    added = await kit.scribe.do(
        lambda writer: writer.add(
            watch.row.id,
            posts,
            seen_at=now,
            rejects=refused,
            matched=matched,
            quiet=True,
            stand={key: json.dumps(stood)},
        )
    )
    filled.new, filled.again = filled.new + len(added.new_ids), filled.again + added.again
    filled.rejects, filled.pages = filled.rejects + len(rejects), filled.pages + 1
