"""Ask every searchable source once for a query and keep nothing: what `listen try` shows.

The sources are those of the configuration, or of the first configuration that somebody would get; adapters that search
are asked for the query's own words, feeds for what they hold now. Everything is matched again here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from listen import query
from listen.clock import Clock
from listen.collect import channels, trial
from listen.collect.budgets import costs_money
from listen.collect.kit import client_of, workshop_of
from listen.collect.paying import Purse
from listen.collect.process import WorkshopError
from listen.collect.wanted import Wanted
from listen.config import Config, Source
from listen.model import Prepared, Tracked
from listen.query import tree
from listen.query.match import Subject
from listen.query.spans import Span, Why, merged
from sources.base import Adapter, Channel, SourceError

DEADLINE = 10.0
"""Real seconds after which whoever has not answered is told of as silent."""

MOST = 40
"""Channels asked: a list of feeds may hold hundreds, and nobody waits for them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that the query finds, and the parts of the query that found it, as written."""

    post: Prepared
    clauses: tuple[str, ...]
    title: tuple[Span, ...] = ()
    """Where in its title, first character and the one after the last."""
    text: tuple[Span, ...] = ()


@dataclass(slots=True)
class Heard:
    """What one channel brought, newest first, or why it brought nothing."""

    source: str
    channel: str
    posts: int = 0
    """How many it told, found by the query or not."""
    hits: list[Hit] = field(default_factory=list)
    error: SourceError | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to be put."""

    source: Source
    adapter: Adapter
    channel: Channel


def questions(config: Config, node: tree.Node, only: Sequence[str] = ()) -> tuple[list[Asked], list[Heard], int]:
    """Whom to ask, the sources that cannot be opened, and how many channels are too many to ask.

    `only` names sources; without it all that are enabled are asked.
    """
    wanted = Wanted((node,))
    asked: list[Asked] = []
    faulty: list[Heard] = []
    for source in config.sources.values():
        if source.name not in only if only else not source.enabled:
            continue
        own = {key: value for key, value in source.settings.items() if key != "search"}
        opened = channels.open_source(replace(source, settings=own), wanted, config.folder)
        if opened.adapter is None:
            faulty.append(Heard(source.name, source.name, error=opened.error))
            continue
        if not only and any(costs_money(opened.adapter, channel) for channel in opened.channels):
            words = "its answers cost money, so it is asked only when it is named"
            error = SourceError("costs", words, f"--source {source.name} asks it, within its budget")
            faulty.append(Heard(source.name, source.name, error=error))
            continue
        # What is only streamed has no past to be asked for.
        askable = (channel for channel in opened.channels if channel.polled or not channel.stream)
        asked += [Asked(source, opened.adapter, channel) for channel in askable]
    return asked[:MOST], faulty, len(asked[MOST:])


async def ask(
    config: Config, text: str, asked: Sequence[Asked], clock: Clock, *, deadline: float = DEADLINE
) -> AsyncIterator[Heard]:
    """The answers in the order in which they come, each channel once. Raises QueryError."""
    node = query.parse(text)
    client, workshop = client_of(config, clock), workshop_of(config)
    workshop.set_topics({0: Tracked(text)})
    tools = trial.Tools(client, workshop, Purse(config.store))
    tasks = {asyncio.create_task(trial.ask(tools, one.source, one.adapter, one.channel, clock)): one for one in asked}
    try:
        end = asyncio.get_running_loop().time() + deadline
        waiting = set(tasks)
        while waiting:
            left = end - asyncio.get_running_loop().time()
            done, waiting = await asyncio.wait(waiting, timeout=max(0, left), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield _heard(tasks[task], task, node, text, clock)
            if not done:
                break
        for task in waiting:
            yield _silent(tasks[task], deadline)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aclose()
        await workshop.close()


def _silent(one: Asked, deadline: float) -> Heard:
    words = f"{one.channel.label} did not answer within {deadline:g} s"
    return Heard(one.source.name, one.channel.label, error=SourceError("timeout", words, "try again, or without it"))


def _heard(one: Asked, task: asyncio.Task[trial.TrialResult], node: tree.Node, text: str, clock: Clock) -> Heard:
    heard = Heard(one.source.name, one.channel.label)
    try:
        result = task.result()
    except WorkshopError as error:
        heard.error = SourceError("workshop", str(error), "see `listen doctor`")
        return heard
    heard.error, heard.posts = result.error, len(result.posts)
    found = sorted((post for post in result.posts if post.topics), key=lambda post: -(post.published_at or 0))
    heard.hits = [_hit(post, one, node, text, clock.now()) for post in found]
    return heard


def _hit(post: Prepared, one: Asked, node: tree.Node, text: str, now: float) -> Hit:
    clauses = Why(Subject.fresh(post, (one.source.name,), (one.adapter.name,)), now).clauses(node) or []
    words = [" ".join(text[slice(*clause.node.span)].split()) for clause in clauses]
    return Hit(
        post,
        tuple(dict.fromkeys(words)),
        merged(span for clause in clauses for span in clause.title),
        merged(span for clause in clauses for span in clause.text),
    )
