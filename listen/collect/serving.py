"""What the collector does when people ask for it: see `listen.collect.asked` for what they may ask, and the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from listen.collect import conversation, definitions, errands, meanwhile, ruling, teaching, topics
from listen.collect.asked import REPLAY
from listen.collect.plan import with_cost
from listen.config import Config
from listen.store import generations
from listen.store.gains import sentence
from listen.store.requests import Request

if TYPE_CHECKING:
    from listen.collect.collector import Collector

Reload = Callable[[], Config]
"""Reads the configuration again. Raises an exception whose text says what is wrong with it."""


async def serve(collector: Collector, request: Request) -> dict[str, Any]:
    """Do what is asked; the answer. Raises Refused."""
    body = request.body
    if request.kind == conversation.THREAD:
        return await conversation.fetch(collector.kit, collector.switched_on(), int(body.get("mention", 0)))
    if request.kind in errands.KINDS:
        return await errands.serve(collector.kit, collector.config, collector.switched_on(), request)
    if request.kind == REPLAY:
        return await _replay(collector, body)
    if request.kind == "preview":
        return await _preview(collector, body)
    if collector.reload is None:
        raise topics.Refused("this collector runs without a configuration file, so nothing can be changed")
    await _refuse_changed(collector, body)
    if definitions.asks_for_query(body):
        return await _change_query(collector, request, collector.reload)
    return await _change_definition(collector, request, collector.reload)


async def _replay(collector: Collector, body: Mapping[str, Any]) -> dict[str, Any]:
    name, given = str(body["rule"]), body.get("entry")
    draft = None if given is None else await asyncio.to_thread(ruling.draft, collector.config, name, given)
    return await collector.alarms.replay(name, float(body["since"]), draft)


async def _preview(collector: Collector, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a query would make of a topic, or what a topic could be taught."""
    if "suggest" in body:
        return await asyncio.to_thread(teaching.suggested, collector.store, str(body["suggest"]), collector.clock)
    name, text = str(body.get("topic", "")), str(body.get("query", ""))
    found = await asyncio.to_thread(topics.preview, collector.store, name, text, collector.clock)
    return await asyncio.to_thread(with_cost, topics.figures(name, found) | {"query": text}, collector.config)


async def _refuse_changed(collector: Collector, body: Mapping[str, Any]) -> None:
    """Raise Refused when somebody else has changed meanwhile what is to be changed."""
    if (stands := meanwhile.stands_now(collector.config, body)) is not None:
        edits = await collector.scribe.do(lambda writer: meanwhile.edits(writer.connection, body))
        raise meanwhile.refusal(collector.config, body, stands, edits, collector.clock.now())


async def _change_query(collector: Collector, request: Request, reload: Reload) -> dict[str, Any]:
    """Give a topic another query, and have it matched anew."""
    undoable = await collector.scribe.do(
        lambda writer: {one.name: one.query for one in generations.of_state(writer.connection, generations.KEPT)}
    )
    name, text = definitions.wanted_query(collector.config, undoable, request.body)
    before = collector.config.topics[name].query
    found = await asyncio.to_thread(topics.preview, collector.store, name, text, collector.clock)
    if before != text:
        config = await asyncio.to_thread(topics.write, collector.config, name, text, reload)
        await collector.configure(config, request.by)
        if not request.body.get("again"):
            await collector.scribe.do(lambda writer: writer.note_edit(name, before, text, request.signed))
        collector.health.tell("rematch", message=f"{request.by}: {sentence(name, found)}")
    told = topics.figures(name, found) | {"query": text, "before": before}
    return await asyncio.to_thread(with_cost, told, collector.config)


async def _change_definition(collector: Collector, request: Request, reload: Reload) -> dict[str, Any]:
    """Begin, change, rename or remove a topic, a view, a desk or a rule."""
    change = await asyncio.to_thread(definitions.wanted, collector.config, request.body, collector.clock)
    answer = await asyncio.to_thread(definitions.answer, collector.config, change, collector.clock)
    config = await asyncio.to_thread(definitions.write, collector.config, change, reload)
    await collector.configure(config, request.by)
    if not request.body.get("again"):
        await collector.scribe.do(lambda writer: definitions.note(writer, change, request.signed))
    words = f"{request.by}: {answer['message']}"
    collector.health.tell("rematch" if change.topic else "reloaded", message=words)
    return answer
