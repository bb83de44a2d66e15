"""Ask a source once and keep nothing: what `listen sources check` shows."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field

from listen.clock import Clock
from listen.collect import channels
from listen.collect.http import Client, FetchError, Limits
from listen.collect.visit import secret_headers
from listen.collect.wire import Place
from listen.collect.workshop import Bounds, Workshop
from listen.config import Config, Source
from listen.model import Prepared
from sources.base import Adapter, Channel, Reject, SourceError


@dataclass(slots=True)
class TrialResult:
    """What one channel would bring, or why it brings nothing."""

    channel: str
    posts: list[Prepared] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    error: SourceError | None = None


async def check(config: Config, source: Source, clock: Clock) -> list[TrialResult]:
    """One question to each channel of the source, at once; no cursor, no store, no pause is touched."""
    opened = channels.open_source(source, channels.search_terms(config.topics.values()), config.folder)
    if opened.adapter is None:
        return [TrialResult(source.name, error=opened.error)]
    limits = config.limits
    client = Client(
        clock,
        contact=config.contact,
        limits=Limits(
            wire=limits.wire,
            decoded=limits.decoded,
            total=limits.total,
            connect=limits.connect,
            redirects=limits.redirects,
        ),
        gap=config.gap,
        overall=config.concurrency,
    )
    workshop = Workshop(config.workers, Bounds(cpu=math.ceil(limits.cpu), wall=limits.wall, memory=limits.memory))
    # Topics have no ids outside a store; their names come back in their place.
    workshop.set_topics({number: topic.query for number, topic in enumerate(config.topics.values())})
    try:
        adapter = opened.adapter
        tries = [_try(client, workshop, source, adapter, channel, clock) for channel in opened.channels]
        return list(await asyncio.gather(*tries))
    finally:
        await client.aclose()
        await workshop.close()


async def _try(
    client: Client, workshop: Workshop, source: Source, adapter: Adapter, channel: Channel, clock: Clock
) -> TrialResult:
    result = TrialResult(channel.label)
    try:
        request = adapter.request(channel, {}, clock.now())
        hidden = secret_headers(request.headers)
        fetched = await client.fetch(request, allow_private=source.allow_private, secrets=hidden)
        if fetched.answer is None:
            raise SourceError("unchanged", "the server says that nothing has changed, though nothing is known yet")
        page = await workshop.parse(adapter.name, channel, {}, fetched.answer, clock.now())
        result.rejects += page.rejects
        for outcome in await workshop.prepare(page.posts, Place(source.name, adapter.name), clock.now()):
            if isinstance(outcome, Prepared):
                result.posts.append(outcome)
            else:
                result.rejects.append(outcome)
    except FetchError as error:
        result.error = SourceError(error.reason, error.message, error.remedy)
    except SourceError as error:
        result.error = error
    return result
