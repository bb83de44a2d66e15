"""Jetstream: what all repositories of Bluesky's network say, as it is said, in frames of JSON.

A frame is a commit (a record created, updated or deleted), or says that an account has another handle or is no longer
active. Frames carry the moment at which the server had them; going on from such a moment works at every server, so the
cursor is that moment, and a few seconds are heard again after each connection. Servers remember a day and a half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sources.base import Account, Author, Channel, Cursor, Frame, Page, Post, Reject, Request, Socket
from sources.jsontext import count, decode, text
from sources.skeets import NETWORK, POSTS, SITE, is_did, record_post, table

HOSTS = (
    "wss://jetstream2.us-east.bsky.network",
    "wss://jetstream1.us-east.bsky.network",
    "wss://jetstream2.us-west.bsky.network",
    "wss://jetstream1.us-west.bsky.network",
)
REWIND = 5
"""Seconds that are heard again after each connection: servers differ in order, and each frame may come twice."""
REMEMBERED = 36 * 3_600
"""Seconds that servers go back; from an older moment on they begin there, without a word."""
SILENCE = 60.0
"""Seconds without a byte after which a connection is dead; servers send a ping every half minute."""
MOST_DIDS = 100
"""Accounts in one question, which is an address: servers would take 10,000."""
MICRO = 1_000_000
_GONE: dict[str, Literal["deleted", "withheld"]] = {"deleted": "deleted", "takendown": "withheld"}
_AHEAD = 300
"""Seconds by which a server's clock may be ahead of ours."""


def socket(channel: Channel, dids: Sequence[str], cursor: Cursor, now: float) -> Socket:
    """Where to listen. Each connection goes to the next of the servers, so that one that is down keeps nobody out."""
    hosts = channel.settings["jetstream"]
    asked = [("wantedCollections", POSTS), *(("wantedDids", did) for did in dids)]
    heard = moment(cursor, now)
    if heard is not None:
        asked.append(("cursor", str(heard - REWIND * MICRO)))
    since = None if heard is None else max(heard / MICRO - REWIND, now - REMEMBERED)
    host = hosts[int(now) % len(hosts)]
    return Socket("websocket", Request(f"{host}/subscribe", params=tuple(asked)), silence=SILENCE, since=since)


def moment(cursor: Cursor, now: float) -> int | None:
    """Up to when it was heard, in microseconds; None where the clock that wrote it was wrong."""
    heard = count(cursor.get("us"))
    return heard if heard is not None and heard <= (now + _AHEAD) * MICRO else None


def read(cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
    """The posts of some frames: new ones, edited ones, deleted ones; and accounts that changed their handle or went."""
    posts: list[Post] = []
    accounts: list[Account] = []
    rejects: list[Reject] = []
    before = newest = moment(cursor, now)
    first = None
    for frame in frames:
        event = _event(frame, rejects)
        if event is None:
            continue
        told = count(event.get("time_us"))
        if told is None or told > (now + _AHEAD) * MICRO:
            rejects.append(Reject("shape: a frame without a moment, or from the future", repr(event)[:200]))
            continue
        first = told if first is None else first
        newest = told if newest is None else max(newest, told)
        post, account = _post(event, told // MICRO, rejects, now), _account(event)
        if post is not None:
            posts.append(post)
        if account is not None:
            accounts.append(account)
    kept: Cursor = {**cursor, "us": newest} if newest is not None else dict(cursor)
    page = Page(posts, cursor=kept, rejects=rejects, accounts=accounts)
    page.at = None if newest is None else newest / MICRO
    if before is not None and first is not None and before < (now - REMEMBERED) * MICRO < first:
        page.gap = (before / MICRO, first / MICRO)
    return page


def _event(frame: Frame, rejects: list[Reject]) -> dict[str, Any] | None:
    try:
        event = decode(frame.data, rejects)
    except Exception as error:
        rejects.append(Reject(f"parse: {error}", frame.data[:200].decode("utf-8", "replace")))
        return None
    if not isinstance(event, dict) or not is_did(event.get("did")):
        rejects.append(Reject("shape: a frame that names no account", repr(event)[:200]))
        return None
    return event


def _account(event: dict[str, Any]) -> Account | None:
    """That an account is called otherwise, or is no more; one that only rests or moves keeps what it said."""
    did = event["did"]
    handle = text(table(event.get("identity")).get("handle"))
    if event.get("kind") == "identity":
        known = handle is not None and handle != "handle.invalid"
        return Account(NETWORK, Author(handle if handle and known else did, uid=did), unsure=not known)
    told = table(event.get("account"))
    gone = _GONE.get(str(told.get("status"))) if told.get("active") is False else None
    return Account(NETWORK, Author(did, uid=did), gone) if event.get("kind") == "account" and gone else None


def _post(event: dict[str, Any], moment: int, rejects: list[Reject], now: float) -> Post | None:
    """The post that a commit makes, edits or takes away; None for all else that is said on this wire."""
    commit = table(event.get("commit"))
    if event.get("kind") != "commit" or commit.get("collection") != POSTS:
        return None
    did, key, operation = event["did"], text(commit.get("rkey")), commit.get("operation")
    if key is None or operation not in ("create", "update", "delete"):
        rejects.append(Reject("shape: a commit without key or of an unknown kind", repr(event)[:200]))
        return None
    uri = f"at://{did}/{POSTS}/{key}"
    if operation == "delete":
        return Post(network=NETWORK, external_id=uri, state="deleted")
    record = table(commit.get("record"))
    if not record:
        rejects.append(Reject("shape: a post without its record", repr(event)[:200]))
        return None
    post = record_post(uri, record, None if operation == "update" else moment, now)
    post.author = Author(did, url=f"{SITE}/profile/{did}", uid=did)
    if operation == "update":
        post.state, post.edited_at = "edited", moment
    return post
