"""The adapter `bluesky`: what accounts say, custom feeds and lists, searches, and the network's whole stream.

Accounts, feeds and lists are read without an account. A search takes one: with its app password a session is begun,
whose token the collector keeps in memory. `stream = true` listens to Jetstream instead, which tells everything that is
said, edited and deleted, with the lasting names of accounts (DIDs) and without counts.

Every list gives the newest first and pages by the server's own mark; a feed that somebody has programmed may have any
order, so of such a feed the first page is what is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sources import jetstream, links, skeetthreads, walk
from sources.base import (
    ACCESS,
    RENEWAL,
    Account,
    Answer,
    Channel,
    Cursor,
    Frame,
    Known,
    Option,
    Page,
    Post,
    Reject,
    Request,
    Session,
    Settings,
    Socket,
    SourceError,
)
from sources.jsontext import decode, text
from sources.settings import bad, host_of, secret_of, words_of
from sources.skeets import NETWORK, author_of, is_did, members_only, post_of, repost_of, table

HOST = "https://public.api.bsky.app"
PDS = "https://bsky.social"
PER_PAGE = 100
"""The most that a server gives at a time."""
AT_ONCE = 25
"""Posts that are told by their names at a time."""
REACH = walk.Reach(first=7 * 86_400, overlap=3_600, pages=20)
"""An hour is read again: servers hear from each other late, and counts grow."""
NAMES = 25
"""Accounts whose names are asked for at a time: the most that a server tells."""
PROFILES = "/xrpc/app.bsky.actor.getProfiles"
FIND = "/xrpc/app.bsky.feed.searchPosts"
PATHS = {"author": ("getAuthorFeed", "actor"), "feed": ("getFeed", "feed"), "list": ("getListFeed", "list")}
COLLECTIONS = {"feed": "app.bsky.feed.generator", "list": "app.bsky.graph.list"}
PASSWORD = "⟦password⟧"  # noqa: S105 - a mark, where the password will stand
REMEDY = "make an app password at bsky.app/settings/app-passwords, and check account and pds"
_AT = re.compile(r"at://([^/\s]+)/app\.bsky\.(?:feed\.generator|graph\.(list))/([^/\s?#]+)")
_PAGE = re.compile(r"https?://[^/]+/profile/([^/\s]+)/(feed|lists)/([^/\s?#]+)/?")


class BlueskyAdapter:
    """One channel for each account, feed, list and search, or one for the stream."""

    name = "bluesky"
    summary = "accounts, feeds and lists of Bluesky, and its whole stream, without a key; with an account also search"
    needs = "nothing for accounts, feeds and the stream; for searches the app password of a free account"
    network = NETWORK
    most_names = NAMES
    every = 600.0
    at_once = AT_ONCE
    options: Mapping[str, Option] = {
        "authors": Option("texts", "accounts to follow, such as acme.bsky.social; with stream, only they are heard"),
        "feeds": Option("texts", "custom feeds and lists, as at:// or as the address of their page on bsky.app"),
        "search": Option("texts", "words to search for instead of those that the topics need; it takes an account"),
        "account": Option("text", "the handle or mail address of an account, for searches"),
        "password": Option("secret", "a reference to an app password of that account"),
        "pds": Option("text", f"the server where that account lives, {PDS} when absent"),
        "host": Option("text", f"the server that is asked without an account, {HOST} when absent"),
        "jetstream": Option("texts", "the servers of the stream, each connection goes to the next; Bluesky's own four"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of what is set, else searches for the topics' words where there is an account.

        Raises SourceError `settings`: a feed that is none, an account without its password, nothing to listen to.
        """
        host, pds = (host_of(settings.get(key) or least, key) for key, least in (("host", HOST), ("pds", PDS)))
        authors = [one.removeprefix("@") for one in words_of(settings, "authors")]
        feeds, search = words_of(settings, "feeds"), words_of(settings, "search")
        account, password = text(settings.get("account")), secret_of(settings, "password")
        if bool(account) != bool(password):
            raise bad("account", "an account and its app password belong together", "Add account and password.")
        if search and not account:
            raise bad("search", "Bluesky searches only for who has an account", "Add account and password.")
        streams = settings.get("stream") is True
        if not (authors or feeds or search or streams):
            search = list(terms) if account else []
            if not search:
                hint = "Add account and password for searches, name authors, or write stream = true."
                raise bad("account", "without an account there is nothing to search with", hint)
        found = [_author(one, host) for one in authors if not streams] + [_feed(one, host) for one in feeds]
        who = {"account": account, "password": password, "names": host}
        found += [
            Channel(f"search:{term}", term, {"what": "search", "host": pds, "term": term, **who}) for term in search
        ]
        return found + (_streams(settings, authors, host) if streams else [])

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next page of this round, newest first; before it, who the account is that a handle names."""
        settings = channel.settings
        host, headers = settings["host"], {"Accept": "application/json"}
        if settings["what"] in ("thread", "again"):
            return Request(f"{host}/xrpc/app.bsky.feed.{settings['path']}", skeetthreads.asked(settings), headers)
        if settings["what"] == "stream":
            asked = tuple(("actors", one) for one in _unnamed(settings, cursor)[:NAMES])
            return Request(host + PROFILES, params=asked, headers=headers)
        page = [("limit", str(PER_PAGE))] + ([("cursor", str(cursor["at"]))] if cursor.get("at") else [])
        if settings["what"] == "search":
            since = datetime.fromtimestamp(walk.low(cursor, REACH, now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            words = (("q", _quoted(settings["term"])), ("sort", "latest"), ("since", since), *page)
            headers["Authorization"] = f"Bearer {ACCESS}"
            return Request(host + FIND, params=words, headers=headers, session=_session(settings))
        who = settings["who"]
        if settings["what"] != "author" and not is_did(who):
            if not cursor.get("did"):
                path = "/xrpc/com.atproto.identity.resolveHandle"
                return Request(host + path, params=(("handle", who),), headers=headers)
            who = str(cursor["did"])
        path, key = PATHS[settings["what"]]
        named = who if settings["what"] == "author" else f"at://{who}/{COLLECTIONS[settings['what']]}/{settings['key']}"
        return Request(f"{host}/xrpc/app.bsky.feed.{path}", params=((key, named), *page), headers=headers)

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """A round that goes back to `since`; the stream tells of no past."""
        return None if channel.stream else walk.back(since)

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of one page, or no post and the wish to go on where an account had to be found first.

        Raises SourceError: `shape`, and `parse` when the answer is no JSON.
        """
        rejects: list[Reject] = []
        result = table(decode(answer.body, rejects))
        if channel.settings["what"] == "names":
            found = [author_of(one) for one in _profiles(result)]
            return Page([], accounts=[Account(NETWORK, one) for one in found if one is not None])
        if channel.settings["what"] in ("thread", "again"):
            return skeetthreads.page(channel.settings, result, rejects, now)
        if channel.settings["what"] == "stream":
            return _named(channel, cursor, result)
        if is_did(result.get("did")) and "feed" not in result:
            return Page([], cursor={**cursor, "did": result["did"]}, more=True)
        views = result.get("posts" if channel.settings["what"] == "search" else "feed")
        if not isinstance(views, list):
            said = text(result.get("message"))
            raise SourceError(
                "shape",
                "the answer holds no list of posts" + (f": {' '.join(said.split())[:100]}" if said else ""),
                "Check that host and pds name servers of Bluesky's network.",
            )
        posts, moments = _posts(channel, cursor, views, rejects, now)
        at = text(result.get("cursor"))
        further = at is not None and at != cursor.get("at") and bool(views)
        after, more = walk.step(cursor, moments, REACH, rejects, now, further=further, at=at)
        return Page(
            posts, cursor={**after, **({"did": cursor["did"]} if cursor.get("did") else {})}, more=more, rejects=rejects
        )

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """What stands above a post and below it, without an account."""
        return skeetthreads.thread(_public(channel), post)

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """Posts by their names, without an account."""
        return skeetthreads.again(_public(channel), posts)

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        what, host = channel.settings["what"], links.host(channel.settings["host"])
        if status == 400 and what != "search":
            return f"{host} does not know {channel.label} (HTTP 400)", "check the spelling; accounts can be closed"
        if status == 403 and what != "search":
            return f"{host} refuses this network (HTTP 403)", 'write host = "https://api.bsky.app"'
        if status in (401, 403):
            return f"{host} does not let this account search (HTTP {status})", REMEDY
        return None

    def who(self, channel: Channel, uids: Sequence[str]) -> tuple[Channel, Request]:
        """The profiles of some accounts, which also tell how many follow them; see `sources.base.Names`."""
        host = channel.settings["host"] if channel.settings["what"] != "search" else channel.settings["names"]
        asked = tuple(("actors", uid) for uid in uids)
        where = Channel("names", "names of accounts", {"what": "names", "host": host})
        return where, Request(f"{host}{PROFILES}", params=asked, headers={"Accept": "application/json"})

    def socket(self, channel: Channel, cursor: Cursor, now: float) -> Socket | None:
        """Jetstream, from a few seconds before the cursor; None as long as it is not known who the authors are."""
        if _unnamed(channel.settings, cursor):
            return None
        known = _names(cursor)
        dids = [one if is_did(one) else known[one] for one in channel.settings["authors"]]
        return jetstream.socket(channel, [did for did in dids if did], cursor, now)

    def read(self, channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
        """Posts made, edited and deleted."""
        return jetstream.read(cursor, frames, now)


def _public(channel: Channel) -> str:
    """The server that is asked without an account."""
    return str(channel.settings.get("names") or channel.settings["host"])


# --- channels ---------------------------------------------------------------------------------------------------------


def _author(who: str, host: str) -> Channel:
    return Channel(f"author:{who}", who if is_did(who) else f"@{who}", {"what": "author", "host": host, "who": who})


def _feed(given: str, host: str) -> Channel:
    """A custom feed or a list, out of its at:// name or the address of its page. Raises SourceError `settings`."""
    if found := _AT.fullmatch(given):
        who, a_list, key = found[1], bool(found[2]), found[3]
    elif found := _PAGE.fullmatch(given):
        who, a_list, key = found[1], found[2] == "lists", found[3]
    else:
        hint = "Copy the address of its page: https://bsky.app/profile/NAME/feed/..., or .../lists/..."
        raise bad("feeds", f'"{given[:80]}" is neither a feed nor a list', hint)
    what = "list" if a_list else "feed"
    return Channel(f"{what}:{who}/{key}", f"{what} {key}", {"what": what, "host": host, "who": who, "key": key})


def _streams(settings: Settings, authors: Sequence[str], host: str) -> list[Channel]:
    servers = [_server(one) for one in words_of(settings, "jetstream")] or list(jetstream.HOSTS)
    common: dict[str, Any] = {"what": "stream", "host": host, "jetstream": servers}
    most = jetstream.MOST_DIDS
    groups = [list(authors[start : start + most]) for start in range(0, len(authors), most)]
    if not groups:
        return [Channel("stream", "everything, as it is said", {**common, "authors": []}, stream=True, polled=False)]
    return [
        Channel(
            f"stream:{'+'.join(group)}"[:500], _several(group), {**common, "authors": group}, stream=True, polled=False
        )
        for group in groups
    ]


def _several(authors: Sequence[str]) -> str:
    return ", ".join(authors[:3]) + (f" and {len(authors) - 3} more" if len(authors) > 3 else "")


def _server(given: str) -> str:
    """A server of the stream: wss:// where nothing is said. Raises SourceError `settings`."""
    scheme, _, rest = given.partition("://")
    rest, scheme = (rest, scheme) if rest else (given, "wss")
    if scheme not in ("ws", "wss"):
        raise bad("jetstream", f'"{given[:80]}" is no server of a stream', 'Write it as "wss://example.org".')
    return f"{scheme}://{host_of(rest, 'jetstream').partition('://')[2]}"


def _session(settings: Mapping[str, Any]) -> Session:
    """A session on the account's own server; RFC 7519 tokens, of which one lasts two hours and the other months."""
    place = f"{settings['host']}/xrpc/com.atproto.server."
    said = json.dumps({"identifier": settings["account"], "password": PASSWORD}, ensure_ascii=False).encode()
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    begin = Request(f"{place}createSession", (), headers, "POST", said, {PASSWORD: settings["password"]})
    renew = Request(f"{place}refreshSession", headers={"Authorization": f"Bearer {RENEWAL}"}, method="POST", body=b"")
    return Session(begin, "accessJwt", renew, "refreshJwt", remedy=REMEDY)


def _quoted(term: str) -> str:
    return f'"{term}"' if " " in term and '"' not in term else term


# --- pages ------------------------------------------------------------------------------------------------------------


def _posts(
    channel: Channel, cursor: Cursor, views: list[Any], rejects: list[Reject], now: float
) -> tuple[list[Post], list[int | None]]:
    """The posts of a page, and the moments that say how far back it reaches: what is pinned on top says nothing."""
    posts: list[Post] = []
    moments: list[int | None] = []
    unwilling = 0
    for one in views:
        item = table(one)
        view = item if channel.settings["what"] == "search" else table(item.get("post"))
        post = post_of(view, now)
        if post is None:
            rejects.append(Reject("shape: neither post nor record, or without its name", repr(one)[:200]))
            continue
        reason = table(item.get("reason"))
        kind = text(reason.get("$type")) or ""
        if kind.endswith("#reasonRepost"):
            post = repost_of(post, reason, now) or post
        if not kind.endswith("#reasonPin"):
            moments.append(post.published_at)
        if channel.settings["what"] != "search" and members_only(view.get("author")):
            unwilling += 1
        else:
            posts.append(post)
    if unwilling and "since" not in cursor:  # told once: an account that nobody else sees is no silent one
        rejects.append(Reject(f"unwilling: {unwilling} of {len(views)} posts, for signed-in people alone"))
    return posts, moments


# --- who the authors of a stream are ----------------------------------------------------------------------------------


def _names(cursor: Cursor) -> dict[str, str]:
    """Handle -> DID as far as found; "" for one that nobody has."""
    told = cursor.get("names")
    return dict(part.split("=", 1) for part in told.split() if "=" in part) if isinstance(told, str) else {}


def _unnamed(settings: Mapping[str, Any], cursor: Cursor) -> list[str]:
    known = _names(cursor)
    return [one for one in settings["authors"] if not is_did(one) and one not in known]


def _profiles(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    profiles = result.get("profiles")
    if not isinstance(profiles, list):
        raise SourceError("shape", "the answer tells of no accounts", "Check that host is a server of Bluesky's.")
    return [table(one) for one in profiles]


def _named(channel: Channel, cursor: Cursor, result: Mapping[str, Any]) -> Page:
    """The cursor with the DIDs of some more authors; those that do not exist are told."""
    told = _profiles(result)
    found = {str(one.get("handle")).lower(): str(one["did"]) for one in told if is_did(one.get("did"))}
    asked = _unnamed(channel.settings, cursor)
    names = _names(cursor) | {one: str(found.get(one.lower(), "")) for one in asked[:NAMES]}
    if len(asked) <= NAMES and not any(names.get(one) or is_did(one) for one in channel.settings["authors"]):
        raise SourceError("settings", "authors: nobody has one of these names", "Check their spelling.")
    missing = [one for one in asked[:NAMES] if not names[one]]
    rejects = [Reject(f"unknown: there is no account {one}") for one in missing]
    kept = {**cursor, "names": " ".join(f"{name}={did}" for name, did in names.items())}
    return Page([], cursor=kept, more=len(asked) > NAMES, rejects=rejects)
