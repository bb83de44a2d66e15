"""One visit to a channel: ask, read what came, store it together with where the channel stands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import listen
from listen import secrets
from listen.collect import accounts, budgets, channels, foreign, moves, paying, schedule
from listen.collect.budgets import Spent
from listen.collect.channels import Watch
from listen.collect.events import Event
from listen.collect.http import Fetched, FetchError, Rate, Validators
from listen.collect.kit import Kit
from listen.collect.process import WorkshopError
from listen.collect.wire import OUR_FAULT, Place, encoder
from listen.collect.workshop import OUT_OF_TIME, Unread
from listen.model import Prepared
from listen.store.write import Added, ChannelUpdate, Delivery
from sources.base import Answer, Page, Reject, Request, SourceError

ROWS = 500
"""Posts in one transaction."""

MOST_PAGES = 50
"""Pages of one visit; a channel that has more goes on at its next turn."""

OLD = 86_400
"""Seconds. What is older in the very first answer of a channel is history, which no alert counts."""

SAMPLE = 500
"""Bytes of an answer that killed its reader, kept for people who look at the rejects."""


async def visit(kit: Kit, watch: Watch) -> None:
    """Ask a channel, page after page, and store what it says. Its faults are stored with it. Raises StoreError."""
    try:
        for _ in range(MOST_PAGES):
            if not await _page(kit, watch):
                return
        watch.due = kit.clock.now()
    except Spent as spent:
        await _waits(kit, watch, "budget", spent.message, spent.remedy, spent.retry_at)
    except FetchError as error:
        await _fetch_failed(kit, watch, error)
    except SourceError as error:
        await failed(kit, watch, error.reason, error.message, error.remedy, read=True)
    except WorkshopError as error:
        await failed(kit, watch, "workshop", str(error), "see `listen doctor`; it is tried again by itself")


async def _page(kit: Kit, watch: Watch) -> bool:
    """One question and its answer; whether there is more to ask at once."""
    await kit.shelf.room()
    asked = foreign.request_of(watch.adapter, watch.channel, watch.row.cursor, kit.clock.now())
    request, taken = await paying.set_aside(kit, watch, asked)
    fetched = await paying.fetch(kit, watch, moves.asked(request, watch.row.moved), taken, _validators(watch))
    now = kit.clock.now()
    answer, fetched = fetched.answer, replace(fetched, answer=None)
    digest = None if answer is None else _digest(request, answer)
    if answer is None or (digest == watch.row.body_hash and not any(one.cost.by_answer for one in taken)):
        await _unchanged(kit, watch, asked, fetched, now)
        return False
    with kit.shelf.holding(answer.body):
        page = await _parse(kit, watch, answer, now)
        del answer
    await paying.settle(kit, watch, taken, page.spent)
    if page.pause:
        kit.client.pause(request, page.pause)
    await store(kit, watch, page, _good(watch, page, asked, fetched, digest, now), now)
    return page.more


def _validators(watch: Watch) -> Validators | None:
    row = watch.row
    if row.validators_url is None or not (row.etag or row.last_modified):
        return None
    return Validators(row.etag, row.last_modified, row.validators_url, float(row.validators_at or 0))


def _digest(request: Request, answer: Answer) -> str:
    """A name for this answer to this question, as this version of the program reads it."""
    asked = repr((listen.__version__, request.url, request.params, request.body))
    return hashlib.blake2b(answer.body, digest_size=16, key=hashlib.sha256(asked.encode()).digest()).hexdigest()


async def _parse(kit: Kit, watch: Watch, answer: Answer, now: float) -> Page:
    try:
        return await kit.workshop.parse(watch.adapter.name, watch.channel, watch.row.cursor, answer, now)
    except Unread as error:
        if watch.row.error_reason != error.reason:
            reject = channels.stored_reject(Reject(f"{error.reason}: {error.message}", unread(answer.body)))
            await kit.scribe.do(lambda writer: writer.add_rejects(watch.row.id, [reject]))
        raise


def unread(body: bytes) -> str:
    """The beginning of a body that nobody could read, for people who look at the rejects."""
    return body[:SAMPLE].decode("utf-8", "replace")


async def store(
    kit: Kit, watch: Watch, page: Page, update: ChannelUpdate, now: float, kind: Literal["page", "frames"] = "page"
) -> None:
    """The page in transactions of ROWS posts; what makes the channel move on comes with the last of them.

    Posts that are to the letter those of the last page are stored already: a feed that gains one is not read anew. What
    a stream says again is not passed over: there the order counts in which things are said.
    """
    place = Place.of(watch.source)
    matched = watch.source.keep == "matched"
    lost = 0
    if page.accounts:
        lost = await accounts.tell(kit.scribe, watch.row.id, page.accounts, int(now))
        page.posts = accounts.left(page)
    marks = [hash(encoder.encode(post)) for post in page.posts]
    fresh = [(mark, post) for mark, post in zip(marks, page.posts, strict=True) if mark not in watch.seen]
    seen, rejects = set(marks), page.rejects
    new, again, changed, dropped, count = 0, len(marks) - len(fresh), lost, 0, 0
    for start in range(0, max(1, len(fresh)), ROWS):
        part = fresh[start : start + ROWS]
        outcomes = await kit.workshop.prepare([post for _, post in part], place, now)
        _check(outcomes)
        seen -= {mark for (mark, _), outcome in zip(part, outcomes, strict=True) if _unread(outcome)}
        posts = [outcome for outcome in outcomes if isinstance(outcome, Prepared)]
        rejects = rejects + [outcome for outcome in outcomes if isinstance(outcome, Reject)]
        last = start + ROWS >= len(fresh)
        added = await _add(kit, watch, posts, int(now), update if last else None, rejects, matched)
        new, again, changed = new + len(added.new_ids), again + added.again, changed + added.changed
        dropped, count, rejects = dropped + added.left, count + len(rejects), []
    watch.apply(update)
    watch.seen = frozenset(seen) if kind == "page" else frozenset()
    kit.emit(
        Event(kind, now, watch.source.name, watch.channel.label, new, again, changed, rejects=count, dropped=dropped)
    )


def _unread(outcome: Prepared | Reject) -> bool:
    """Whether a post was set aside for what its neighbours did, so that it deserves another look."""
    return isinstance(outcome, Reject) and outcome.reason.startswith(OUT_OF_TIME)


def _check(outcomes: Sequence[Prepared | Reject]) -> None:
    """Posts of which every single one fails in our own code are not theirs to lose: the channel stays where it is."""
    failed = [one for one in outcomes if isinstance(one, Reject) and one.reason.startswith(OUR_FAULT)]
    if failed and len(failed) == len(outcomes):
        raise WorkshopError(f"No post could be prepared: {failed[0].reason}")


async def _add(
    kit: Kit,
    watch: Watch,
    posts: list[Prepared],
    now: int,
    update: ChannelUpdate | None,
    rejects: Sequence[Reject],
    matched: bool,
) -> Added:
    refused = [channels.stored_reject(reject) for reject in rejects]
    first_answer = watch.row.good_at is None
    known = [post for post in posts if first_answer and (post.published_at or now) < now - OLD]
    news = [post for post in posts if not first_answer or (post.published_at or now) >= now - OLD]
    deliveries = [Delivery(watch.row.id, known, now, matched=matched, quiet=True)] if known else []
    deliveries.append(Delivery(watch.row.id, news, now, update, refused, matched))
    first, *more = await kit.scribe.do(lambda writer: writer.add_all(deliveries))
    for one in more:
        first.take(one)
    return first


def _good(
    watch: Watch, page: Page, request: Request, fetched: Fetched, digest: str | None, now: float
) -> ChannelUpdate:
    """Where the channel stands after a page that was read: committed together with its posts, never before them.

    A page that has more behind it leaves no validators: the next question is another one.
    """
    update = _well(watch, request, fetched, page.every, page.skip, now)
    update.cursor = page.cursor
    update.rate_left = page.left if page.left is not None else update.rate_left
    update.body_hash = None if page.more else digest
    _set_validators(update, None if page.more else fetched.validators)
    return update


async def _unchanged(kit: Kit, watch: Watch, request: Request, fetched: Fetched, now: float) -> None:
    """The channel was heard and has nothing new; the body is not parsed."""
    update = _well(watch, request, fetched, watch.row.every, watch.row.skip or (), now)
    _set_validators(update, fetched.validators)
    await kit.scribe.do(lambda writer: writer.update_channel(watch.row.id, update))
    watch.apply(update)
    kit.emit(Event("unchanged", now, watch.source.name, watch.channel.label))


def _well(
    watch: Watch, request: Request, fetched: Fetched, asked: float | None, skip: Sequence[int], now: float
) -> ChannelUpdate:
    """The health of a channel that has just answered.

    `asked` is the pace that its publisher wishes, if any, and `skip` the hours of the week in which he wishes none.
    """
    next_at = schedule.after_success(now, watch.pace(asked, fetched.fresh_for), watch.name)
    left, reset_at = budgets.tightest(watch.taken.values()) or (fetched.rate.left, _whole(fetched.rate.reset_at))
    next_at = schedule.awake(next_at, skip)
    return ChannelUpdate.well(
        now,
        max(next_at, int(fetched.retry_at or 0)),
        schedule.heard(now, watch.row.good_at),
        every=_whole(asked),
        rate_left=left,
        rate_reset_at=reset_at,
        moved=moves.after(watch.channel, request, fetched, watch.row.moved, now),
        skip=list(skip) or None,
    )


def _set_validators(update: ChannelUpdate, validators: Validators | None) -> None:
    update.etag = validators.etag if validators else None
    update.last_modified = validators.last_modified if validators else None
    update.validators_url = validators.url if validators else None
    update.validators_at = int(validators.at) if validators else None


# --- failures --------------------------------------------------------------------------------------------------------


async def _fetch_failed(kit: Kit, watch: Watch, error: FetchError) -> None:
    if error.reason == "waiting":  # the host's pause is no fault of this channel, nor of this attempt
        await _waits(kit, watch, error.reason, error.message, error.remedy, error.retry_at)
        return
    reason = schedule.GONE if error.status == 410 and not _adopted(watch) else error.reason
    said = channels.refusal(watch.adapter, watch.channel, error.status) or (error.message, error.remedy)
    await failed(kit, watch, reason, *said, not_before=error.retry_at, rate=error.rate, status=error.status)


async def _waits(kit: Kit, watch: Watch, reason: str, message: str, remedy: str, retry_at: float | None) -> None:
    """The channel cannot be asked now, which is no fault of its own."""
    now = kit.clock.now()
    update = ChannelUpdate(next_at=max(int(retry_at or 0), int(now) + 1))
    if not watch.row.errors:  # what else is wrong with it matters more
        update.error_reason, update.error, update.error_remedy = reason, message, remedy
    await kit.scribe.do(lambda writer: writer.update_channel(watch.row.id, update))
    watch.apply(update)
    kit.emit(Event("waiting", now, watch.source.name, watch.channel.label, reason=reason, message=message))


async def failed(
    kit: Kit,
    watch: Watch,
    reason: str,
    message: str,
    remedy: str = "",
    *,
    not_before: float | None = None,
    rate: Rate | None = None,
    status: int | None = None,
    read: bool = False,
) -> None:
    """Store why the channel brought nothing and when it is asked again.

    `read` says that an answer came and was no use: then the validators go, or "not modified" would hide the next one.
    """
    now = kit.clock.now()
    message, remedy = secrets.mask(message), secrets.mask(remedy)
    streak = watch.row.errors + 1
    next_at = schedule.after_failure(now, watch.pace(watch.row.every), watch.name, streak, reason, not_before)
    update = channels.failure(SourceError(reason, message, remedy), streak, int(now), next_at)
    if rate is not None:
        update.rate_left, update.rate_reset_at = rate.left, _whole(rate.reset_at)
    if read:
        update.body_hash = None
        _set_validators(update, None)
    if _adopted(watch) and (read or (status is not None and 400 <= status < 500 and status != 429)):
        update.moved = None  # back to the address of the configuration
    await kit.scribe.do(lambda writer: writer.update_channel(watch.row.id, update))
    watch.apply(update)
    place = (watch.source.name, watch.channel.label)
    kit.emit(Event("error", now, *place, reason=reason, message=message, remedy=remedy))


def _adopted(watch: Watch) -> bool:
    """Whether another address than the configuration's is asked."""
    return bool(watch.row.moved and watch.row.moved.get("adopted"))


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
