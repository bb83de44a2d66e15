"""A question that costs something: set aside before it is asked, and given back where it cost less."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from listen.collect import budgets
from listen.collect.budgets import ONCE, Spent, Taken
from listen.collect.channels import Watch
from listen.collect.http import Fetched, FetchError, Validators
from listen.collect.kit import Kit
from listen.collect.sessions import Sessions
from listen.config import Source
from listen.store.sqlite import Connection, connect_people, short_transaction
from listen.store.write import Writer
from sources.base import Adapter, Channel, Request, SourceError

T = TypeVar("T")


async def set_aside(kit: Kit, watch: Watch, request: Request) -> tuple[Request, list[Taken]]:
    """What the question may cost, written before it is asked; perhaps a smaller question. Raises Spent."""
    if not request.costs:
        return request, []
    now = kit.clock.now()

    def take(writer: Writer) -> tuple[Request, list[Taken]]:
        with writer.transaction():
            return budgets.take(
                writer.connection, watch.adapter, watch.channel, watch.accounts, watch.row.id, request, now
            )

    asked, taken = await kit.scribe.do(take)
    watch.taken |= {one.cost.budget: one for one in taken}
    return asked, taken


async def settle(kit: Kit, watch: Watch, taken: Sequence[Taken], spent: Mapping[str, float]) -> None:
    """Give back what was set aside and not used."""
    if not any(one.cost.budget in spent for one in taken):
        return

    def give_back(writer: Writer) -> None:
        with writer.transaction():
            budgets.settle(writer.connection, taken, watch.row.id, spent)

    await kit.scribe.do(give_back)


async def fetch(kit: Kit, watch: Watch, request: Request, taken: list[Taken], validators: Validators | None) -> Fetched:
    """Ask. What was surely not asked costs nothing, nor does a refusal where the answer sets the price.

    Of `taken` only that remains which is still to be settled.
    """
    try:
        fetched = await kit.client.fetch(request, validators=validators, allow_private=watch.source.allow_private)
        status = 304 if fetched.answer is None else fetched.answer.status
        if status == 304 or status >= 400:
            await settle(kit, watch, taken, budgets.unused(taken, "", status))
            taken[:] = [one for one in taken if not one.cost.by_answer]
        return fetched
    except FetchError as error:
        await settle(kit, watch, taken, budgets.unused(taken, error.reason, error.status))
        raise
    except SourceError as error:
        await settle(kit, watch, taken, budgets.unused(taken, error.reason, None))
        raise


# --- for commands that ask a source once -----------------------------------------------------------------------------


class Purse:
    """The same budgets as the collector's, for a command beside it."""

    def __init__(self, store: Path) -> None:
        self._store = store

    async def fetch(
        self, client: Sessions, source: Source, adapter: Adapter, channel: Channel, request: Request, now: float
    ) -> tuple[Fetched, list[Taken]]:
        """Ask within the budgets, and what was set aside. Raises FetchError, SourceError, StoreError."""
        request, taken = await self._set_aside(source, adapter, channel, request, now)
        try:
            fetched = await client.fetch(request, allow_private=source.allow_private)
            status = 304 if fetched.answer is None else fetched.answer.status
            if status == 304 or status >= 400:
                await self.settle(taken, budgets.unused(taken, "", status))
                taken = [one for one in taken if not one.cost.by_answer]
            return fetched, taken
        except FetchError as error:
            await self.settle(taken, budgets.unused(taken, error.reason, error.status))
            raise
        except SourceError as error:
            await self.settle(taken, budgets.unused(taken, error.reason, None))
            raise

    async def settle(self, taken: Sequence[Taken], spent: Mapping[str, float]) -> None:
        """Give back what was set aside and not used."""
        if any(one.cost.budget in spent for one in taken):
            await self._do(lambda connection: budgets.settle(connection, taken, ONCE, spent))

    async def _set_aside(
        self, source: Source, adapter: Adapter, channel: Channel, request: Request, now: float
    ) -> tuple[Request, list[Taken]]:
        if not request.costs:
            return request, []
        found = budgets.accounts(adapter, channel, source.name)
        if not self._store.is_file():
            if any(found[cost.budget].budget.unit == budgets.MONEY for cost in request.costs):
                words = "it costs money, and there is no store yet that could remember how much"
                raise SourceError("budget", words, "`listen collect` makes the store")
            return request, []
        try:
            return await self._do(
                lambda connection: budgets.take(connection, adapter, channel, found, ONCE, request, now)
            )
        except Spent as spent:
            raise SourceError("budget", spent.message, spent.remedy.replace("listen asks", "ask")) from None

    async def _do(self, work: Callable[[Connection], T]) -> T:
        def run() -> T:
            with contextlib.closing(connect_people(self._store)) as connection, short_transaction(connection):
                return work(connection)

        return await asyncio.to_thread(run)
