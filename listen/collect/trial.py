"""Ask a source once and keep nothing: what `listen sources check` shows."""

from __future__ import annotations

import asyncio
import contextlib
import math
from dataclasses import dataclass, field

from listen.clock import Clock
from listen.collect import channels, foreign
from listen.collect.doors import PATH
from listen.collect.http import FetchError
from listen.collect.http.faults import AGAIN
from listen.collect.http.sockets import LONGEST
from listen.collect.http.sse import Events
from listen.collect.kit import client_of, workshop_of
from listen.collect.paying import Purse
from listen.collect.sessions import Sessions
from listen.collect.wanted import Wanted
from listen.collect.wire import Place
from listen.collect.workshop import Workshop
from listen.config import Config, Source
from listen.model import Prepared, Tracked
from listen.store.sqlite import StoreError
from sources.base import Adapter, Answer, Channel, Cursor, Frame, Page, Receives, Reject, SourceError

MOST_QUESTIONS = 3
"""An adapter may have to ask what a place allows before it asks for posts."""


OVERHEARD = 10.0
"""Real seconds for which a stream is listened to, or less where something comes."""


@dataclass(slots=True)
class TrialResult:
    """What one channel would bring, or why it brings nothing."""

    channel: str
    posts: list[Prepared] = field(default_factory=list)
    topics: list[list[str]] = field(default_factory=list)
    """For each post, the names of the topics that it matches."""
    rejects: list[Reject] = field(default_factory=list)
    error: SourceError | None = None


async def check(config: Config, source: Source, clock: Clock) -> list[TrialResult]:
    """One page of each channel of the source, at once; no cursor, no store, no pause is touched."""
    return await _each_channel(config, source, clock, None)


async def reread(config: Config, source: Source, clock: Clock, recorded: bytes) -> list[TrialResult]:
    """What the source would make of an answer that somebody recorded; nobody is asked."""
    return await _each_channel(config, source, clock, recorded)


async def _each_channel(config: Config, source: Source, clock: Clock, recorded: bytes | None) -> list[TrialResult]:
    opened = channels.open_source(source, Wanted.by(config.topics.values()), config.folder)
    if opened.adapter is None:
        return [TrialResult(source.name, error=opened.error)]
    client, workshop = client_of(config, clock), workshop_of(config)
    # Topics have no ids outside a store: here they are counted.
    names = list(config.topics)
    workshop.set_topics(
        {number: Tracked(one.query, one.name, one.role) for number, one in enumerate(config.topics.values())}
    )
    try:
        adapter = opened.adapter
        if recorded is None:
            tools = Tools(client, workshop, Purse(config.store))
            tries = [ask(tools, source, adapter, channel, clock) for channel in opened.channels]
        else:
            tries = [_read(workshop, source, adapter, opened.channels[0], clock, recorded)]
        results = await asyncio.gather(*tries)
        for result in results:
            result.topics = [[names[number] for number in post.topics] for post in result.posts]
        return results
    finally:
        await client.aclose()
        await workshop.close()


@dataclass(frozen=True, slots=True)
class Tools:
    """What asking once takes."""

    client: Sessions
    workshop: Workshop
    purse: Purse


async def ask(tools: Tools, source: Source, adapter: Adapter, channel: Channel, clock: Clock) -> TrialResult:
    """The first page of one channel; its faults are in the result. Raises WorkshopError."""
    result = TrialResult(channel.label)
    if isinstance(adapter, Receives):
        words = f"nobody is asked: it waits at {adapter.door(channel).address}{PATH}{source.name} for what is brought"
        result.error = SourceError("waits", words, "--fixture FILE shows what would be stored of a body")
        return result
    try:
        if channel.stream and not channel.polled:
            page = await _overheard(tools, source, adapter, channel, clock)
            result.rejects += page.rejects
        else:
            page = Page([], more=True)
            for _ in range(MOST_QUESTIONS):
                if page.posts or not page.more:
                    break
                page = await one_page(tools, source, adapter, channel, page.cursor, clock)
                result.rejects += page.rejects
        await _take(result, page, tools.workshop, source, clock)
    except FetchError as error:
        said = channels.refusal(adapter, channel, error.status) or (error.message, _remedy(error, clock.now()))
        result.error = SourceError(error.reason, *said)
    except SourceError as error:
        result.error = error
    except StoreError as error:
        result.error = SourceError("store", f"its budget cannot be looked at: {error}", "see `listen doctor`")
    return result


async def _overheard(tools: Tools, source: Source, adapter: Adapter, channel: Channel, clock: Clock) -> Page:
    """The first posts of a stream, as far as any come in a few seconds."""
    cursor: Cursor = {}
    socket = foreign.socket_of(adapter, channel, cursor, clock.now())
    if socket is None:
        cursor = (await one_page(tools, source, adapter, channel, cursor, clock)).cursor
        socket = foreign.socket_of(adapter, channel, cursor, clock.now())
    if socket is None:
        raise SourceError("adapter", "the adapter does not say where to listen", foreign.REMEDY)
    stream = await tools.client.connect(socket, allow_private=source.allow_private)
    page = Page([], cursor)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OVERHEARD):
                while not page.posts and page.ending is None:
                    if frames := await stream.receive():
                        page = await tools.workshop.read(adapter.name, channel, page.cursor, frames, clock.now())
    finally:
        await stream.close()
    if page.ending is not None and not page.posts:
        raise SourceError(page.ending.reason, page.ending.message, page.ending.remedy)
    return page


async def one_page(
    tools: Tools, source: Source, adapter: Adapter, channel: Channel, cursor: Cursor, clock: Clock
) -> Page:
    """One question, within the budgets. Raises FetchError, SourceError, StoreError, WorkshopError."""
    request = foreign.request_of(adapter, channel, cursor, clock.now())
    fetched, taken = await tools.purse.fetch(tools.client, source, adapter, channel, request, clock.now())
    if fetched.answer is None:
        raise SourceError("unchanged", "the server says that nothing has changed, though nothing is known yet")
    page = await tools.workshop.parse(adapter.name, channel, cursor, fetched.answer, clock.now())
    await tools.purse.settle(taken, page.spent)
    return page


async def _read(
    workshop: Workshop, source: Source, adapter: Adapter, channel: Channel, clock: Clock, recorded: bytes
) -> TrialResult:
    """What a channel would make of a recorded answer, whichever of its questions that answers."""
    result = TrialResult(channel.label)
    page = Page([], more=True)
    try:
        if channel.stream and not channel.polled:
            page = await workshop.read(adapter.name, channel, {}, _frames(recorded), clock.now())
            result.rejects += page.rejects
            await _take(result, page, workshop, source, clock)
            return result
        answer = Answer(foreign.request_of(adapter, channel, {}, clock.now()).url, 200, {}, recorded)
        for _ in range(MOST_QUESTIONS):
            if page.posts or not page.more:
                break
            page = await workshop.parse(adapter.name, channel, page.cursor, answer, clock.now())
        result.rejects += page.rejects
        await _take(result, page, workshop, source, clock)
    except SourceError as error:
        result.error = error
    return result


def _frames(recorded: bytes) -> list[Frame]:
    """A recorded stream: server-sent events as they came, or a frame a line."""
    if recorded.lstrip()[:1] not in (b"{", b"["):
        return Events(LONGEST).feed(recorded + b"\n\n")
    return [Frame(line) for line in recorded.splitlines() if line.strip()]


async def _take(result: TrialResult, page: Page, workshop: Workshop, source: Source, clock: Clock) -> None:
    """Prepare the posts of a page as the collector would."""
    for outcome in await workshop.prepare(page.posts, Place.of(source), clock.now()):
        if isinstance(outcome, Prepared):
            result.posts.append(outcome)
        else:
            result.rejects.append(outcome)


def _remedy(error: FetchError, now: float) -> str:
    """What to do: nobody tries again by itself here."""
    if error.retry_at is not None:
        return f"ask again in {max(1, math.ceil(error.retry_at - now))} s"
    return error.remedy.replace(AGAIN, "try again in a moment")
