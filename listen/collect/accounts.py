"""What platforms tell of accounts: handles, that is stored, and asked for where posts came with lasting names alone.

A handle is asked for a few seconds after its first mention has been stored, in batches, newest first, by the same
polite client as all else; nobody waits for it: until it is known, the lasting name stands for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from listen.clock import Clock
from listen.collect import prepare
from listen.collect.channels import Watch
from listen.collect.events import Emit, Event
from listen.collect.health import Timer
from listen.collect.http import FetchError
from listen.collect.kit import Kit
from listen.collect.process import WorkshopError
from listen.collect.writing import Scribe
from listen.model import Author
from listen.store.sqlite import StoreError
from listen.store.write import Writer
from sources.base import Account, Names, Page, Post, SourceError

log = logging.getLogger("listen.collect")

EVERY = 3.0
"""Real seconds between two looks for accounts whose handle is not known."""

AGAIN = 6 * 3_600.0
"""Seconds after which an account is asked for again that nobody could name: it is gone, or its handle leads nowhere."""

PATIENCE = 300.0
"""Seconds of rest after a question that failed."""

SETTLED = 30.0
"""Seconds after which a network's servers agree how an account is called that has changed it."""

LOOKED_THROUGH = 2_000
"""Accounts without a handle, the newest, among which those are looked for that have not been asked for lately."""


async def tell(scribe: Scribe, channel_id: int, told: Iterable[Account], now: int) -> int:
    """Store what a page tells of accounts; how many mentions went with those that are no more. Raises StoreError."""
    called: dict[str, list[Author]] = {}
    unsure: dict[str, list[str]] = {}
    gone: dict[str, dict[str, str]] = {}
    for one in told:
        author = prepare.author_of(one.author)
        if author is None or not author.uid:
            continue
        if one.gone:
            gone.setdefault(one.network, {})[author.uid] = one.gone
        elif one.unsure:
            unsure.setdefault(one.network, []).append(author.uid)
        else:
            called.setdefault(one.network, []).append(author)

    def write(writer: Writer) -> int:
        for network, authors in called.items():
            writer.tell_authors(network, authors)
        for network, uids in unsure.items():
            writer.doubt_names(network, uids, now)
        return sum(writer.gone_authors(channel_id, network, each, now) for network, each in gone.items())

    return await scribe.do(write)


def left(page: Page) -> list[Post]:
    """The posts of a page without those of accounts that it says are no more."""
    gone = {one.author.uid for one in page.accounts if one.gone}
    return [post for post in page.posts if post.author is None or post.author.uid not in gone]


class Naming:
    """Finds out who wrote what came with a lasting name alone."""

    def __init__(self, clock: Clock, emit: Emit) -> None:
        self._clock, self._emit = clock, emit
        self._timer = Timer(EVERY)
        self._asked: dict[str, float] = {}
        """Lasting name -> when it was asked for in vain."""
        self._not_before: dict[str, float] = {}
        """Network -> when it may be asked again."""
        self.task: asyncio.Task[None] | None = None

    def look(self, kit: Kit, watches: Iterable[Watch]) -> None:
        """Ask beside all else, when it is time and nobody asks already. `watches`: channels that are switched on."""
        if (self.task is None or self.task.done()) and self._timer.due():
            named = {watch.adapter.network: watch for watch in watches if isinstance(watch.adapter, Names)}
            if named:
                self.task = asyncio.create_task(self._look(kit, list(named.values())))

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    async def _look(self, kit: Kit, watches: Iterable[Watch]) -> None:
        now = self._clock.now()
        self._asked = {uid: when for uid, when in self._asked.items() if 0 <= now - when < AGAIN}
        for watch in watches:
            adapter = watch.adapter
            assert isinstance(adapter, Names)
            if self._not_before.get(adapter.network, 0.0) > now:
                continue
            try:
                while await self._ask(kit, watch):
                    pass
            except (FetchError, SourceError, WorkshopError) as fault:
                again = max(getattr(fault, "retry_at", None) or 0.0, now + PATIENCE)
                self._not_before[adapter.network] = again
                words = f"who wrote it could not be asked: {fault}"
                reason = getattr(fault, "reason", "workshop")
                self._emit(Event("error", now, watch.source.name, "names of accounts", reason=reason, message=words))
            except StoreError:
                return  # the collector finds out by itself, and says so
            except Exception:  # an adapter of another package may raise anything
                log.exception("the names of accounts of %s could not be asked", watch.source.name)
                self._not_before[adapter.network] = now + PATIENCE

    async def _ask(self, kit: Kit, watch: Watch) -> bool:
        """One question; whether there is enough left for another full one."""
        adapter = watch.adapter
        assert isinstance(adapter, Names)
        most, network = adapter.most_names, adapter.network
        now = self._clock.now()
        doubted = await kit.scribe.do(lambda writer: writer.doubted(network))
        unnamed = await kit.scribe.do(lambda writer: writer.unnamed(network, LOOKED_THROUGH))
        wanted = [uid for uid, since in doubted.items() if not 0 <= now - since < SETTLED]
        wanted += [uid for uid in unnamed if uid not in self._asked and uid not in doubted]
        if not wanted:
            return False
        asked = wanted[:most]
        channel, request = adapter.who(watch.channel, asked)
        fetched = await kit.client.fetch(request, allow_private=watch.source.allow_private)
        now = self._clock.now()
        self._asked |= dict.fromkeys(asked, now)
        if fetched.answer is not None:
            page = await kit.workshop.parse(watch.adapter.name, channel, {}, fetched.answer, now)
            await tell(kit.scribe, watch.row.id, page.accounts, int(now))
        await kit.scribe.do(lambda writer: writer.believe_names(network, asked))
        return len(wanted) - len(asked) >= most
