"""Asking about what is stored already: the conversation around a mention, when a person wants to read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from listen import secrets
from listen.clock import Clock
from listen.collect import channels, foreign, paying
from listen.collect.budgets import Spent
from listen.collect.channels import Watch
from listen.collect.events import silent
from listen.collect.http import FetchError
from listen.collect.kit import Kit, Shelf, client_of, workshop_of
from listen.collect.process import WorkshopError
from listen.collect.topics import Refused
from listen.collect.wire import Place
from listen.collect.writing import Scribe, StoredHosts
from listen.config import Config
from listen.model import Prepared
from listen.store import records
from listen.store.forgotten import ANON
from listen.store.mentions import Added
from listen.store.write import Delivery, Writer
from sources.base import Channel, Known, Page, Post, SourceError, Threads

MOST_PAGES = 12
"""Questions that are asked for one conversation."""

THREAD = "fetch thread"
"""Body: `{"mention": id}`. The answer counts posts that are new and those that were known."""


async def fetch(kit: Kit, watches: Iterable[Watch], mention_id: int) -> dict[str, Any]:
    """Ask for the conversation around a mention and store it, as posts that fire nothing. Raises Refused, StoreError.

    Returns `{"new": n, "again": n, "source": name}`.
    """
    watch, channel, known = await _place(kit, list(watches), mention_id)
    new, again = 0, 0
    try:
        cursor: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = await ask(kit, watch, channel, cursor)
            added = await keep(kit, watch, _placed(page.posts, known))
            new, again = new + len(added.new_ids), again + added.again
            if not page.more:
                break
            cursor = page.cursor
    except FetchError as error:
        if error.status in (404, 410):
            raise Refused("it is not there any more, or shown to nobody without an account") from None
        raise Refused(secrets.mask(f"{error.message} {error.remedy}".strip())) from None
    except (SourceError, Spent, WorkshopError) as error:
        raise Refused(secrets.mask(str(error))) from None
    return {"new": new, "again": again, "source": watch.source.name}


async def alone(config: Config, clock: Clock, mention_id: int) -> dict[str, Any]:
    """The same without a collector, under its lock, which the caller holds. Raises Refused, StoreError."""
    scribe = Scribe(config.store, clock, who=config.me.name)
    try:
        await scribe.open()
        hosts = StoredHosts(scribe, await scribe.do(Writer.hosts))
        kit = Kit(client_of(config, clock, hosts), workshop_of(config), scribe, clock, silent, Shelf())
        try:
            found, queries = await channels.known(config, scribe, clock.now())
            kit.workshop.set_topics(queries)
            return await fetch(kit, found, mention_id)
        finally:
            await kit.close()
    finally:
        await scribe.close()


async def ask(kit: Kit, watch: Watch, channel: Channel, cursor: dict[str, Any]) -> Page:
    """One question of a channel that is not on watch. Raises FetchError, SourceError, Spent, WorkshopError."""
    await kit.shelf.room()
    asked = foreign.request_of(watch.adapter, channel, cursor, kit.clock.now())
    request, taken = await paying.set_aside(kit, watch, asked)
    fetched = await paying.fetch(kit, watch, request, taken, None)
    if fetched.answer is None:
        return Page([], cursor)
    with kit.shelf.holding(fetched.answer.body):
        page = await kit.workshop.parse(watch.adapter.name, channel, cursor, fetched.answer, kit.clock.now())
    await paying.settle(kit, watch, taken, page.spent)
    if page.pause:
        kit.client.pause(request, page.pause)
    return page


async def keep(kit: Kit, watch: Watch, posts: Sequence[Post]) -> Added:
    """Store posts that somebody asked for, by the same way as all others."""
    now = kit.clock.now()
    outcomes = await kit.workshop.prepare(posts, Place.of(watch.source), now)
    prepared = [one for one in outcomes if isinstance(one, Prepared)]
    refused = [channels.stored_reject(one) for one in outcomes if not isinstance(one, Prepared)]
    delivery = Delivery(watch.row.id, prepared, int(now), rejects=refused, quiet=True, asked=True)
    return await kit.scribe.do(lambda writer: writer.add_all([delivery])[0])


def _placed(posts: Sequence[Post], known: Known) -> list[Post]:
    """The posts with a conversation each: that which they name, else the one that was asked for."""
    for post in posts:
        post.thread_id = post.thread_id or known.thread_id or known.external_id
    return list(posts)


async def _place(kit: Kit, watches: Sequence[Watch], mention_id: int) -> tuple[Watch, Channel, Known]:
    """Whom to ask, for what. Raises Refused."""

    def look(writer: Writer) -> tuple[str, list[int], Known] | None:
        found = records.mentions(writer.connection, [mention_id])
        rows = writer.connection.execute("SELECT channel_id FROM sightings WHERE mention_id = ?", (mention_id,))
        return (found[0].network, [row[0] for row in rows.fetchall()], known_of(found[0])) if found else None

    found = await kit.scribe.do(look)
    if found is None:
        raise Refused("there is no such mention")
    network, heard, known = found
    if known.external_id.startswith(ANON):
        raise Refused("it was pseudonymised, so nobody knows any more where it stands")
    # Who heard it comes first; another channel of the same place may know it, too.
    ordered = sorted(watches, key=lambda watch: (watch.row.id not in heard, watch.row.id))
    for watch in ordered:
        if watch.row.id in heard or watch.adapter.name == network:
            channel = watch.adapter.thread(watch.channel, known) if isinstance(watch.adapter, Threads) else None
            if channel is not None:
                return watch, channel, known
    raise Refused(f"where it was heard ({network}) cannot be asked for conversations")


def known_of(mention: Any) -> Known:
    """A stored mention as adapters are told of it."""
    return Known(mention.external_id, mention.kind, mention.url, mention.parent_id, mention.thread_id)
