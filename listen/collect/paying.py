"""A question that costs something: set aside before it is asked, and given back where it cost less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from listen.collect import budgets
from listen.collect.budgets import Taken
from listen.collect.channels import Watch
from listen.collect.http import Fetched, FetchError, Validators
from listen.collect.kit import Kit
from listen.store.write import Writer
from sources.base import Request, SourceError


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

    return await kit.scribe.do(take)


async def settle(kit: Kit, watch: Watch, taken: Sequence[Taken], spent: Mapping[str, float]) -> None:
    """Give back what was set aside and not used."""
    if not any(one.cost.budget in spent for one in taken):
        return

    def give_back(writer: Writer) -> None:
        with writer.transaction():
            budgets.settle(writer.connection, taken, watch.row.id, spent)

    await kit.scribe.do(give_back)


async def fetch(
    kit: Kit, watch: Watch, request: Request, taken: Sequence[Taken], validators: Validators | None
) -> Fetched:
    """Ask. What was surely not asked costs nothing, nor does a refusal where the answer sets the price."""
    try:
        return await kit.client.fetch(request, validators=validators, allow_private=watch.source.allow_private)
    except FetchError as error:
        await settle(kit, watch, taken, budgets.unused(taken, error.reason, error.status))
        raise
    except SourceError as error:
        await settle(kit, watch, taken, budgets.unused(taken, error.reason, None))
        raise
