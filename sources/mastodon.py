"""The adapter `mastodon`: hashtags, searches and public timelines of servers that speak Mastodon's interface.

Before its first question, and once a day, a channel reads from the server which timelines are open to whom: a closed
one answers with an empty list, which must not pass for silence. Then each round asks for the newest page, which also
brings edits and counts up to date; when that page does not reach back to where the last round ended, the gap is walked
forward from there by `min_id`, so that nothing is skipped.

Five hashtags go into one question. Other programs that speak Mastodon's interface may see the first one only, so they
are asked for one after the other, for the newest page of each.

With `stream = true` and a token, hashtags and the public timeline come as server-sent events (`sources.tootstream`); a
round fetches what was said between two connections.

Ids are those of one server; what names a post everywhere is its `uri`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sources import dates, links, tootstream, tootthreads
from sources.base import (
    Answer,
    Channel,
    Cursor,
    Frame,
    Known,
    Option,
    Page,
    Reject,
    Request,
    Settings,
    Socket,
    SourceError,
)
from sources.jsontext import decode, name, text
from sources.settings import bad, host_of, secret_of, words_of
from sources.toots import is_public, listed, post_of

HOST = "https://mastodon.social"
PER_PAGE = 40
"""The most that a server gives at a time."""
PER_QUESTION = 5
"""Hashtags in one question: the one in the address, and four more."""
ACCESS = 86_400
"""Seconds for which it is believed what a server says of its timelines."""
FIRST = 7 * 86_400
"""How far back the first round goes ..."""
FIRST_PAGES = 5
"""... and in how many pages at most."""
GAP_PAGES = 250
"""Pages of a gap that are walked: what a server tells in weeks of our absence is beyond what anybody would read."""
CLOSED = "add a token of an account there, or listen to hashtags"
MARK = "\x1ftoken\x1f"
"""Stands for the token inside a request; words of people never hold such a sign."""
_NOT_IN_TAG = re.compile(r"[\W_]+")


class MastodonAdapter:
    """One channel for each five hashtags, for each search and for each public timeline, on each server."""

    name = "mastodon"
    summary = "hashtags on Mastodon's servers without a key; with a token also search, and all as it is said"
    needs = "nothing for hashtags; for searches and streams a token of a free account"
    every = 600.0
    at_once = tootthreads.AT_ONCE
    options: Mapping[str, Option] = {
        "hosts": Option("texts", f"the servers to ask, {HOST} when absent; each knows its own part of the network"),
        "tags": Option("texts", "hashtags; without tags, search and public, those that the topics need"),
        "search": Option("texts", "words to search for; it takes a token, and finds those who agreed to be found"),
        "public": Option("flag", "everything public that reaches the server, where it lets readers see that"),
        "token": Option(
            "secret",
            "an access token with the rights read:search and read:statuses, of an account on the one server asked",
        ),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of what is set, else of the topics' words: as hashtags, and with a token as searches too.

        Raises SourceError `settings`: no web address, a token for several servers, a search or stream without a token.
        """
        hosts = [host_of(host, "hosts") for host in words_of(settings, "hosts") or [HOST]]
        tags, search = words_of(settings, "tags"), words_of(settings, "search")
        token, public = secret_of(settings, "token"), settings.get("public") is True
        if token and len(hosts) > 1:
            raise bad("token", "a token belongs to one server, and there are several", "Make a source for each server.")
        if search and not token:
            raise bad("search", "Mastodon's servers search only for who has a token", "Add token, or use tags instead.")
        streams = settings.get("stream") is True
        if streams and not token:
            raise bad("token", "Mastodon's servers stream only to who has a token", "Add token, or remove stream.")
        if not (tags or search or public):
            tags, search = [term for term in terms if not term.startswith("@")], list(terms) if token else []
            if not terms:
                raise bad("tags", "there is nothing to listen to", 'Write tags = ["acme"], or add a topic.')
        return [channel for host in hosts for channel in _channels(host, _spelt(tags), search, public, token, streams)]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """What the server says of its timelines, where that is not known; else the next page of this round."""
        settings = channel.settings
        headers = {"Accept": "application/json"}
        if settings.get("token"):
            headers["Authorization"] = f"Bearer {MARK}"
        hidden = {MARK: settings["token"]} if settings.get("token") else {}
        if settings["what"] in ("thread", "again"):
            path, wanted = tootthreads.asked(channel, cursor)
            return Request(settings["host"] + path, params=wanted, headers=headers, secrets=hidden)
        if not _fresh(cursor, now):
            return Request(f"{settings['host']}/api/v2/instance", headers=headers, secrets=hidden)
        asked: list[tuple[str, str]] = [("limit", str(PER_PAGE))]
        match settings["what"]:
            case "tag":
                turn = _turn(cursor)
                first, *others = settings["tags"] if turn is None else settings["tags"][turn : turn + 1]
                path = f"/api/v1/timelines/tag/{first}"
                asked += [("any[]", other) for other in others]
            case "search":
                path = "/api/v2/search"
                asked += [("type", "statuses"), ("q", settings["term"])]
            case _:
                path = "/api/v1/timelines/public"
        if cursor.get("part"):
            asked.append((str(cursor["part"]), "true"))
        asked += [(key, str(cursor[at])) for key, at in (("min_id", "from"), ("max_id", "back")) if cursor.get(at)]
        return Request(settings["host"] + path, params=tuple(asked), headers=headers, secrets=hidden)

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of one page, or (before the first) no post and the wish to go on.

        Raises SourceError: `closed` when the server shows the timeline to nobody or only to those with a token; `shape`
        and `parse` when the answer is none of Mastodon's.
        """
        if channel.settings["what"] in ("thread", "again"):
            return tootthreads.page(channel, cursor, answer.body, now)
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        if not _fresh(cursor, now):
            part = _access(channel, result)
            kept = {key: value for key, value in cursor.items() if key in _KEPT}
            alone: Cursor = {} if channel.settings["what"] != "tag" or _joins(result) else {"turn": 0}
            where = tootstream.place(result, channel.settings["host"])
            return Page([], cursor={**kept, "access": int(now), "part": part, "live": where, **alone}, more=True)
        statuses = result.get("statuses") if isinstance(result, dict) else result
        if not isinstance(statuses, list):
            said = text(result.get("error")) if isinstance(result, dict) else None
            raise SourceError(
                "shape",
                "the answer holds no list of posts" + (f": {' '.join(said.split())[:100]}" if said else ""),
                "Check that hosts names a server that speaks Mastodon's interface.",
            )
        host = channel.settings["host"]
        known = {name(one.get("id")): text(one.get("uri")) for one in statuses if isinstance(one, dict)}
        posts, unwilling = [], 0
        for status in statuses:
            post = post_of(status, host, known, now)
            if post is None:
                rejects.append(Reject("shape: a post without uri, or no object at all", repr(status)[:200]))
            elif is_public(status) and listed(status, everyone=channel.settings["what"] != "public"):
                posts.append(post)
            else:
                unwilling += 1
        if unwilling and "since" not in cursor:  # told once: a server where nobody wants to be found is no silent one
            rejects.append(Reject(f"unwilling: {unwilling} of {len(statuses)} posts, whose authors refuse to be found"))
        turn = _turn(cursor)
        if turn is None:
            after, more = _next(cursor, statuses, rejects, now)
        else:
            more = turn + 1 < len(channel.settings["tags"])
            after = {**cursor, "turn": turn + 1 if more else 0}
        return Page(posts, cursor=after, more=more, rejects=rejects)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The conversation as the post's own server tells it."""
        return tootthreads.thread(channel, post)

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """Those of the posts that were written on this server."""
        return tootthreads.again(channel, posts)

    def socket(self, channel: Channel, cursor: Cursor, now: float) -> Socket | None:
        """The server's stream; None as long as it is not known where that is, and to whom it is open."""
        if not _fresh(cursor, now) or not cursor.get("live"):
            return None
        return tootstream.socket(channel, cursor, MARK)

    def read(self, channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
        """Posts said, edited and deleted."""
        page = tootstream.read(channel, cursor, frames, now)
        newest = [one for one in (page.cursor.pop("newest", None), _id(cursor, "since")) if isinstance(one, str)]
        if newest and not (cursor.get("from") or cursor.get("back")):
            page.cursor["since"] = max(newest, key=_order)
        return page

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        host, token = links.host(channel.settings["host"]), channel.settings.get("token")
        if status in (401, 403, 422):
            if token:
                rights = "make a new one there, with read:search and read:statuses"
                return f"{host} does not accept the token (HTTP {status})", rights
            what = "this timeline" if channel.settings["what"] != "public" else "its public timeline"
            return f"{host} has closed {what} to readers without an account (HTTP {status})", CLOSED
        if status == 404 and not channel.stream:
            return f"{host} does not speak Mastodon's interface of version 4 (HTTP 404)", "check hosts"
        return None


# --- channels ---------------------------------------------------------------------------------------------------------


def _channels(
    host: str, tags: Sequence[str], search: Sequence[str], public: bool, token: str | None, streams: bool
) -> list[Channel]:
    place = links.host(host)
    common: dict[str, Any] = {"host": host, **({"token": token} if token else {})}
    live = list(tags[: tootstream.MOST] if streams else [])
    tags = tags[len(live) :]
    found = [
        Channel(f"tag:{host}:{tag}", f"#{tag} · {place}", {**common, "what": "tag", "tags": [tag]}, stream=True)
        for tag in live
    ]
    for start in range(0, len(tags), PER_QUESTION):
        group = list(tags[start : start + PER_QUESTION])
        label = f"{' '.join(f'#{tag}' for tag in group)} · {place}"
        found.append(Channel(f"tag:{host}:{'+'.join(group)}", label, {**common, "what": "tag", "tags": group}))
    for term in dict.fromkeys(search):
        asked = f'"{term}"' if " " in term and '"' not in term else term
        found.append(Channel(f"search:{host}:{term}", f"{term} · {place}", {**common, "what": "search", "term": asked}))
    if public:
        told = {**common, "what": "public"}
        found.append(Channel(f"public:{host}", f"everything public · {place}", told, stream=streams))
    return found


def _spelt(tags: Sequence[str]) -> list[str]:
    """Words as hashtags: "acme battery" and "#AcmeBattery" are one; numbers alone are none."""
    spelt = (_NOT_IN_TAG.sub("", tag).lower() for tag in tags)
    return list(dict.fromkeys(tag for tag in spelt if tag and not tag.isdigit()))


# --- what is open to whom ---------------------------------------------------------------------------------------------


def _fresh(cursor: Cursor, now: float) -> bool:
    read = cursor.get("access")
    return isinstance(read, int | float) and 0 <= now - read < ACCESS


def _access(channel: Channel, instance: Any) -> str | None:
    """The part of the timeline to ask for (`local`, `remote`), None for all of it.

    Servers that say nothing of it (Mastodon before 4.5, and others) show theirs. Raises SourceError `closed`, `shape`.
    """
    if not isinstance(instance, dict) or not (text(instance.get("domain")) or text(instance.get("version"))):
        raise SourceError("shape", "the answer does not tell of a server", "Check hosts: is it a server of Mastodon's?")
    settings = channel.settings
    feeds = instance
    for key in ("configuration", "timelines_access", "live_feeds" if settings["what"] == "public" else "hashtag_feeds"):
        found = feeds.get(key)
        feeds = found if isinstance(found, dict) else {}
    if settings["what"] == "search":
        return None
    allowed = ("public", "authenticated") if settings.get("token") else ("public",)
    said = {part: feeds.get(part) for part in ("local", "remote") if isinstance(feeds.get(part), str)}
    opened = [part for part in said if said[part] in allowed]
    if not said or len(opened) == 2:
        return None
    if opened:
        return opened[0]
    host = links.host(settings["host"])
    what = "its public timeline" if settings["what"] == "public" else "its hashtags"
    if "authenticated" in said.values():
        raise SourceError("closed", f"{host} shows {what} only to those with an account", f"{CLOSED}.".capitalize())
    elsewhere = "listen to hashtags" if settings["what"] == "public" else "ask another server"
    raise SourceError("closed", f"{host} has closed {what} to everybody", f"{elsewhere}.".capitalize())


def _joins(instance: Mapping[str, Any]) -> bool:
    """Whether the server takes several hashtags in one question: Mastodon and its offspring do, others may not."""
    source = text(instance.get("source_url")) or ""
    version = text(instance.get("version")) or ""
    return "compatible" not in version and (not source or re.search(r"/(?:mastodon|hometown)/?$", source) is not None)


def _turn(cursor: Cursor) -> int | None:
    """Which of a channel's hashtags is asked for, where they are asked for one after the other."""
    turn = cursor.get("turn")
    return turn if isinstance(turn, int) and not isinstance(turn, bool) else None


# --- the round --------------------------------------------------------------------------------------------------------
#
# since: the newest id when the last round ended. In the middle of a round also
# top: what becomes `since` at its end; pages: how many were walked; and either
# from, until: a gap is walked forward, from this id up to that; or back: the first round goes back from this id.

_KEPT = ("since", "top", "pages", "from", "until", "back", "recent")


def _order(status_id: str) -> tuple[int, str]:
    """Ids of one server in the order of time, be they numbers or words of one length."""
    return len(status_id), status_id


def _next(cursor: Cursor, statuses: list[Any], rejects: list[Reject], now: float) -> tuple[Cursor, bool]:
    """The cursor after a page, and whether the round goes on."""
    ids = sorted((found for one in statuses if isinstance(one, dict) and (found := name(one.get("id")))), key=_order)
    rest: Cursor = {key: cursor.get(key) for key in ("access", "part")}
    rest |= {key: cursor[key] for key in ("live", "recent") if cursor.get(key)}
    since, top = _id(cursor, "since"), _id(cursor, "top")
    pages = cursor.get("pages")
    pages = int(pages) + 1 if isinstance(pages, int) else 1
    if start := _id(cursor, "from"):
        until = _id(cursor, "until") or start
        if ids and _order(start) < _order(ids[-1]) < _order(until):
            if pages < GAP_PAGES:
                return {**rest, "since": since, "top": top, "until": until, "from": ids[-1], "pages": pages}, True
            rejects.append(Reject(f"limit:pages: a gap of more than {GAP_PAGES} pages, the rest was left out"))
        return {**rest, "since": top or since}, False
    newest = max((one for one in (since, top, *ids[-1:]) if one), key=_order, default=None)
    if since is not None:
        if ids and _order(ids[0]) > _order(since):
            return {**rest, "since": since, "top": newest, "from": since, "until": ids[0], "pages": pages}, True
        return {**rest, "since": newest}, False
    back = _id(cursor, "back")
    further = ids and pages < FIRST_PAGES and (back is None or _order(ids[0]) < _order(back))
    if further and _oldest(statuses, now) > now - FIRST:
        return {**rest, "top": newest, "back": ids[0], "pages": pages}, True
    return {**rest, "since": newest}, False


def _id(cursor: Cursor, key: str) -> str | None:
    value = cursor.get(key)
    return value if isinstance(value, str) and value else None


def _oldest(statuses: list[Any], now: float) -> float:
    moments = (dates.parse(one.get("created_at")) for one in statuses if isinstance(one, dict))
    return min((moment for moment in moments if moment is not None), default=now)
