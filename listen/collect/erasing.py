"""Erasing on behalf of people: forgetting somebody, by the collector that runs or under its lock, in short steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from listen.clock import Clock
from listen.collect.topics import Refused
from listen.collect.writing import Scribe
from listen.model import Author
from listen.store import forget, forgotten, retention
from listen.store.receipts import Receipt
from listen.store.requests import Request
from listen.store.sqlite import connect_writer
from listen.store.write import Writer

FORGET = "forget"
"""Body: `{"authors": ids, "mask": flag}`: numbers alone, so that the request itself names nobody."""

PRUNE = "prune"
"""Body: `{}`: all rules of retention, now."""

PSEUDONYMISE = "pseudonymise"
"""Body: `{"query": text, "keep": seconds}`: mentions of a query that are older than that."""

KINDS = (FORGET, PRUNE, PSEUDONYMISE)
"""Progress of each: `{"mentions": done}`. The answer is `record` of its receipt."""

NOTHING_DONE: dict[str, Any] = {"receipt": None, "mentions": 0}
"""The answer when there was nothing to erase."""

Steps = Iterator[Receipt | int]


def begun(writer: Writer, kind: str, body: Mapping[str, Any], by: str) -> Steps:
    """The steps of what is asked for, each short. Raises Refused."""
    if kind == PRUNE:
        rules = retention.rules(writer.connection)
        if not rules:
            raise Refused("no [retention.NAME] says what is kept for some time only")
        return retention.carry_out(writer, rules, by, PRUNE)
    if kind == PSEUDONYMISE:
        rule = retention.Rule("", str(body.get("query", "")), float(body.get("keep", 0)), retention.PSEUDONYMISE)
        return retention.carry_out(writer, [rule], by, PSEUDONYMISE, marked=True)
    people = forget.accounts(writer.connection, [int(one) for one in body.get("authors", ())])
    if not people:
        raise Refused("there is nobody by that number any more")
    return forget.erase(writer, people, by, mask=bool(body.get("mask")))


async def serve(scribe: Scribe, request: Request, tell: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """Do it to the end; others write between two steps. Raises Refused, StoreError."""
    steps = await scribe.do(partial(begun, kind=request.kind, body=request.body, by=request.by))
    while (done := await scribe.do(lambda _: next(steps, None))) is not None:
        if isinstance(done, Receipt):
            return record(done)
        tell({"mentions": done})
    return NOTHING_DONE


def alone(
    writer: Writer, kind: str, body: Mapping[str, Any], by: str, tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """The same by whoever holds the lock. Raises Refused, StoreError."""
    for done in begun(writer, kind, body, by):
        if isinstance(done, Receipt):
            return record(done)
        tell({"mentions": done})
        writer.checkpoint()
    return NOTHING_DONE


def record(receipt: Receipt) -> dict[str, Any]:
    """A receipt as the answer to a request."""
    told = {"receipt": receipt.id, "at": receipt.at, "by": receipt.by, "action": receipt.action}
    return {**told, **receipt.counts, "clean_at": receipt.clean_at}


def forget_again(store: Path, clock: Clock, by: str) -> dict[str, Any] | None:
    """Erase from a backup that was put back whoever was forgotten since; None when nobody was. Under the lock.

    Raises Refused when the list beside the store is not this store's.
    """
    told = forgotten.read_list(store)
    if told is None:
        return None
    connection = connect_writer(store)
    try:
        writer = Writer(connection, clock)
        writer.claim(by)
        with writer.transaction():
            if not forgotten.merge_list(connection, told):
                raise Refused(f"{forgotten.list_path(store)} is another store's list; nobody was erased by it")
        writer.kept_out.load(connection)
        rows = connection.execute(
            "SELECT a.id, n.name, a.handle, a.uid FROM authors AS a JOIN networks AS n ON n.id = a.network_id"
        )
        ids = [one for one, network, handle, uid in rows if writer.kept_out.author(network, Author(handle, uid=uid))]
        done = alone(writer, FORGET, {"authors": ids}, by, lambda _: None) if ids else None
        writer.release()
        return done
    finally:
        connection.close()
