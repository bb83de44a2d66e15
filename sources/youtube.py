"""The adapter `youtube`: videos by search, their numbers, and the comments under them, by Google's Data API.

A key may search 100 times a day, and ask 10,000 times for anything else. So all terms go into as few searches as can
be, a visit asks once for the numbers of the new videos together with those found before (50 in one question), and
comments are asked for only under videos whose number of comments has grown. The day begins at midnight in California.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from sources import dates, days
from sources.base import (
    Answer,
    Budget,
    Channel,
    Cost,
    Cursor,
    Known,
    Option,
    Page,
    Post,
    Reject,
    Request,
    Settings,
    SourceError,
)
from sources.films import comment_post, inside, plain, said_post, video_post
from sources.followed import PAGING, known, left_out, listed, number, page_read, written
from sources.jsontext import decode, text
from sources.packing import packed
from sources.settings import bad, host_of, secret_of, words_of

HOST = "https://www.googleapis.com"
LONGEST = 300
"""Characters of a search: Google documents no limit, and longer ones find less."""
SEARCHES, UNITS = 100, 10_000
"""What a key may ask in a day: searches, and units of which all other questions here cost one each."""
ZONE = "America/Los_Angeles"
KEEP_DAYS = 30
"""Days for which the terms let anybody keep what was not asked for again (Developer Policies, III.E.4)."""
PER_SEARCH, PER_LOOK, PER_COMMENTS = 50, 50, 100
SEARCH_PAGES, COMMENT_PAGES = 2, 5
FIRST = 3 * days.DAY
"""Seconds that the first search goes back."""
OVERLAP = 6 * 3_600
"""Seconds that are searched again each time: new videos take hours to be found."""
TRACKED = 50
"""Videos whose comments are followed, the newest: as many as one question asks about."""
KEY = "\x1fkey\x1f"
"""Stands for the key inside a request; words of people never hold such a sign."""


class YouTubeAdapter:
    """One channel for each search."""

    name = "youtube"
    summary = "videos on YouTube by search, with the comments under them"
    needs = "a free API key of Google's (YouTube Data API v3): 100 searches a day"
    every = 900.0
    at_once = PER_LOOK
    keep_days = KEEP_DAYS
    options: Mapping[str, Option] = {
        "key": Option("secret", "the API key", required=True),
        "search": Option("texts", "what to search for; without it, the words that the topics need"),
        "language": Option("text", "prefer videos in this language, such as fr"),
        "region": Option("text", "videos that can be seen in this country alone, such as FR"),
        "comments": Option("flag", "false leaves the comments out"),
        "searches": Option("number", f"searches that the key allows in a day, {SEARCHES} when absent"),
        "units": Option("number", f"units that it allows for all other questions, {UNITS} when absent"),
        "host": Option("text", f"address of the interface, {HOST} when absent"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of `search`, else the fewest that hold all terms. Raises SourceError `settings`."""
        asked = words_of(settings, "search") or packed([_quoted(term) for term in terms], "|", LONGEST)
        if not asked:
            raise bad("search", "there is nothing to ask", 'Write search = ["acme"], or add a topic.')
        common = {
            "host": host_of(settings.get("host") or HOST, "host"),
            "key": secret_of(settings, "key"),
            "language": text(settings.get("language")),
            "region": text(settings.get("region")),
            "comments": settings.get("comments") is not False,
            "searches": _allowed(settings, "searches", SEARCHES),
            "units": _allowed(settings, "units", UNITS),
        }
        return [Channel(f"search:{one}", one.replace("|", " | "), {**common, "query": one}) for one in asked]

    def budgets(self, channel: Channel) -> tuple[Budget, ...]:
        holder = channel.settings["key"] or ""
        return (
            Budget("searches", channel.settings["searches"], "searches", "searches", holder, ZONE),
            Budget("units", channel.settings["units"], "units", "units", holder, ZONE),
        )

    def visit_costs(self, channel: Channel) -> tuple[Cost, ...]:
        """One search, one look at the numbers, and a few videos with new comments."""
        return (Cost("searches", 1), Cost("units", 5 if channel.settings["comments"] else 1))

    def within(self, channel: Channel, request: Request, left: Mapping[str, float]) -> Request:
        return request

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next question of this round: comments that are due, else videos to look at, else the search."""
        if "ids" in channel.settings or "thread" in channel.settings:
            return _ask(channel, *_once(channel, cursor), Cost("units"))
        if listed(cursor, "asks"):
            return _ask(channel, "commentThreads", _comments(cursor), Cost("units"))
        if listed(cursor, "ids") and not text(cursor.get("token")):
            ids = ",".join(listed(cursor, "ids")[:PER_LOOK])
            return _ask(channel, "videos", [("part", "snippet,statistics"), ("id", ids)], Cost("units"))
        return _ask(channel, "search", _search(channel, cursor, now), Cost("searches"))

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """What one of the questions brought. Raises SourceError: `refused`, `shape`, `parse`."""
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        if answer.status >= 400:
            return _refused(channel, cursor, answer.status, result, rejects)
        items = result.get("items") if isinstance(result, dict) else None
        if not isinstance(items, list):
            raise SourceError("shape", "the answer holds no list of items", "Check host.")
        if "ids" in channel.settings or "thread" in channel.settings:
            return _read_once(channel, cursor, items, text(result.get("nextPageToken")), rejects, now)
        token, what = text(result.get("nextPageToken")), text(result.get("kind")) or ""
        if "commentThread" in what and not listed(cursor, "asks") and items:  # somebody's recording, asked for by hand
            cursor = {"asks": text(inside(items[0], "snippet").get("videoId")) or "unknown"}
        if listed(cursor, "asks"):
            return _read_comments(cursor, items, token, rejects, now)
        if "videoList" in what or (listed(cursor, "ids") and not text(cursor.get("token")) and "search" not in what):
            return _read_videos(channel, cursor, items, rejects, now)
        return _read_search(cursor, items, token, rejects, now)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The comments under a video with their first replies, the newest first."""
        video = post.thread_id or post.external_id
        kept = {key: channel.settings[key] for key in ("host", "key", "searches", "units", "comments")}
        return Channel(f"thread:{video}", video, {**kept, "thread": video}) if plain(video) else None

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """These videos and comments as they are now: one question for each of the two kinds."""
        kept = {key: channel.settings[key] for key in ("host", "key", "searches", "units", "comments")}
        ids = {post.external_id: post.kind == "comment" for post in posts if plain(post.external_id.replace(".", ""))}
        videos, comments = ([one for one, said in ids.items() if said is kind] for kind in (False, True))
        return Channel("again", "again", {**kept, "ids": [videos, comments]}) if ids else None


def _quoted(term: str) -> str:
    """A phrase in quotes; what is no letter or digit could mean something else to the search."""
    return term if term.removeprefix("#").isalnum() else f'"{term.replace(chr(34), " ").replace("|", " ").strip()}"'


def _allowed(settings: Settings, key: str, default: int) -> int:
    given = settings.get(key, default)
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise bad(key, "expected a whole number, 1 or more", f"Leave it out for {default}.")
    return given


def _ask(channel: Channel, what: str, params: list[tuple[str, str]], cost: Cost) -> Request:
    settings = channel.settings
    return Request(
        f"{settings['host']}/youtube/v3/{what}",
        params=(*params, ("key", KEY)),
        secrets={KEY: settings["key"]} if settings["key"] else {},
        reads=(400, 403, 404),
        costs=(cost,),
    )


# --- the round --------------------------------------------------------------------------------------------------------
#
# since: all up to here was searched. Within a round also low: from where on; token, page: the next page of the search;
# ids: videos to look at; grown: those of them that have new comments; begun: when it was searched. And what
# sources.followed keeps.


def _search(channel: Channel, cursor: Cursor, now: float) -> list[tuple[str, str]]:
    settings = channel.settings
    asked = [
        ("part", "snippet"),
        ("type", "video"),
        ("order", "date"),
        ("q", settings["query"]),
        ("maxResults", str(PER_SEARCH)),
        ("publishedAfter", dates.iso(_low(cursor, now))),
    ]
    asked += [
        (key, value)
        for key, value in (("relevanceLanguage", settings["language"]), ("regionCode", settings["region"]))
        if value
    ]
    token = text(cursor.get("token"))
    return [*asked, ("pageToken", token)] if token else asked


def _low(cursor: Cursor, now: float) -> int:
    low, since = number(cursor, "low"), number(cursor, "since")
    if low is not None:
        return low
    return int(now - FIRST) if since is None or since > now else max(since - OVERLAP, int(now - 30 * days.DAY))


def _comments(cursor: Cursor) -> list[tuple[str, str]]:
    asked = [
        ("part", "snippet"),
        ("videoId", listed(cursor, "asks")[0]),
        ("order", "time"),
        ("maxResults", str(PER_COMMENTS)),
        ("textFormat", "plainText"),
    ]
    token = text(cursor.get("next"))
    return [*asked, ("pageToken", token)] if token else asked


def _read_search(cursor: Cursor, items: Sequence[Any], token: str | None, rejects: list[Reject], now: float) -> Page:
    """Ids alone: the search tells neither numbers nor the whole description."""
    found = dict.fromkeys(listed(cursor, "ids"))
    for item in items:
        what = item.get("id") if isinstance(item, dict) else None
        video = text(what.get("videoId")) if isinstance(what, dict) else None
        if video and plain(video):
            found[video] = None
        else:
            rejects.append(Reject("shape: a result that is no video", repr(item)[:200]))
    low, page = _low(cursor, now), (number(cursor, "page") or 0) + 1
    begun = number(cursor, "begun") or int(now)
    kept: Cursor = {"low": low, "ids": " ".join(found), "known": cursor.get("known"), "begun": begun}
    since = number(cursor, "since")
    kept |= {} if since is None else {"since": since}
    if token and len(items) >= PER_SEARCH and page < SEARCH_PAGES:
        return Page([], {**kept, "token": token, "page": page}, True, rejects)
    if token and len(items) >= PER_SEARCH and since is not None:
        rejects.append(Reject("limit:pages: more videos since the last time than two searches hold"))
    every = [*found, *(video for video in known(cursor) if video not in found)]
    if not every:
        return Page([], {"since": begun}, False, rejects)
    return Page([], {**kept, "ids": " ".join(every)}, True, rejects)


def _read_videos(channel: Channel, cursor: Cursor, items: Sequence[Any], rejects: list[Reject], now: float) -> Page:
    posts, grown = [], listed(cursor, "grown")
    found = known(cursor)
    asked, rest = listed(cursor, "ids")[:PER_LOOK], listed(cursor, "ids")[PER_LOOK:]
    seen = {}
    for item in reversed(items):  # so that the newest stand last
        post = video_post(item, now)
        if post is None:
            rejects.append(Reject("shape: a video without id", repr(item)[:200]))
            continue
        posts.append(post)
        seen[post.external_id] = post.replies
        before, newest = found.get(post.external_id, (0, 0))
        if post.replies is not None and post.replies > before:
            grown.append(post.external_id)
        found[post.external_id] = (post.replies or 0, newest)
    for video in asked:
        if video not in seen and video in found:  # it is gone: what was known of it may not be kept
            del found[video]
            posts.append(Post(network="youtube", external_id=video, kind="video", state="deleted"))
    kept: Cursor = {"known": written(found), "grown": " ".join(dict.fromkeys(grown))}
    for key in ("since", "begun"):
        kept |= {} if cursor.get(key) is None else {key: cursor.get(key)}
    if rest:
        return Page(posts, {**kept, "ids": " ".join(rest)}, True, rejects)
    newest_first = dict(list(found.items())[-TRACKED:])
    asks = [video for video in dict.fromkeys(grown) if video in newest_first] if channel.settings["comments"] else []
    after, more = _onward({**kept, "known": written(newest_first), "asks": " ".join(asks)})
    return Page(posts, after, more, rejects)


def _read_comments(cursor: Cursor, items: Sequence[Any], token: str | None, rejects: list[Reject], now: float) -> Page:
    video = listed(cursor, "asks")[0]
    posts = []
    for item in items:
        post = comment_post(item, video, now)
        if post is None:
            rejects.append(Reject("shape: a comment without id", repr(item)[:200]))
        else:
            posts.append(post)
    after, more = page_read(cursor, (post.published_at for post in posts), token, COMMENT_PAGES)
    if not more:
        after, more = _onward(after)
    return Page(posts, after, more, rejects)


def _onward(cursor: Cursor) -> tuple[Cursor, bool]:
    """Where the round goes on: to the next video's comments, or to its end."""
    if listed(cursor, "asks"):
        return cursor, True
    return {"since": number(cursor, "begun"), "known": cursor.get("known")}, False


def _refused(channel: Channel, cursor: Cursor, status: int, result: Any, rejects: list[Reject]) -> Page:
    """A refusal: of one video's comments, for today, or as a whole. Raises SourceError `refused`."""
    error = result.get("error") if isinstance(result, dict) else None
    told = error.get("errors") if isinstance(error, dict) else None
    first = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
    reason = text(first.get("reason")) or ""
    if reason in ("quotaExceeded", "dailyLimitExceeded"):
        # Others have used the key, too. Our own account says the same from now on, and the channel waits by it.
        budget = "searches" if not (listed(cursor, "asks") or listed(cursor, "ids")) else "units"
        return Page([], cursor, True, rejects, spent={budget: float(channel.settings[budget])})
    if listed(cursor, "asks") and reason in ("commentsDisabled", "videoNotFound", "forbidden"):
        after, more = _onward(left_out(cursor))
        return Page([], after, more, rejects)
    if status == 400 and (text(cursor.get("token")) or text(cursor.get("next"))):
        # Marks of pages do not last for ever, and a budget may have had the round wait for a day.
        kept: Cursor = {key: value for key, value in cursor.items() if key not in ("token", *PAGING)}
        return Page([], kept, True, rejects)
    said = text(error.get("message")) if isinstance(error, dict) else None
    words = html.unescape(" ".join((said or "it does not say why").split()))[:200]
    remedy = "Check the key, and that the YouTube Data API v3 is enabled for its project."
    raise SourceError("refused", f"YouTube refuses: {words} (HTTP {status})", remedy)


# --- a conversation, and what is asked about again --------------------------------------------------------------------


def _once(channel: Channel, cursor: Cursor) -> tuple[str, list[tuple[str, str]]]:
    if "thread" in channel.settings:
        asked = [("part", "snippet,replies"), *_comments({**cursor, "asks": channel.settings["thread"]})[1:]]
        return "commentThreads", asked
    videos, comments = channel.settings["ids"]
    if videos and not cursor.get("looked"):
        return "videos", [("part", "snippet,statistics"), ("id", ",".join(videos))]
    return "comments", [("part", "snippet"), ("id", ",".join(comments)), ("textFormat", "plainText")]


def _read_once(
    channel: Channel, cursor: Cursor, items: Sequence[Any], token: str | None, rejects: list[Reject], now: float
) -> Page:
    if "thread" in channel.settings:
        video = channel.settings["thread"]
        told = [comment_post(item, video, now) for item in items]
        told += [said_post(reply, video, None, now) for item in items for reply in _replies(item)]
        posts = [post for post in told if post is not None]
        return Page(posts, {"next": token} if token else {}, token is not None, rejects)
    videos, comments = channel.settings["ids"]
    if videos and not cursor.get("looked"):
        found = [post for item in items if (post := video_post(item, now)) is not None]
        return Page(_with_gone(found, videos, "video"), {"looked": True}, bool(comments), rejects)
    found = [post for item in items if (post := said_post(item, None, None, now)) is not None]
    return Page(_with_gone(found, comments, "comment"), rejects=rejects)


def _with_gone(found: list[Post], asked: Sequence[str], kind: str) -> list[Post]:
    there = {post.external_id for post in found}
    gone = [one for one in asked if one not in there]
    return found + [Post(network="youtube", external_id=one, kind=kind, state="deleted") for one in gone]


def _replies(item: Any) -> list[Any]:
    told = inside(item, "replies").get("comments")
    return told if isinstance(told, list) else []
