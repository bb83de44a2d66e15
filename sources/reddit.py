"""The adapter `reddit`: posts and comments by Reddit's Data API, for apps that Reddit has approved.

A token is had with the app's own id and secret and kept in memory alone. Listings give the newest first and know no
time, so a round reads back to where the last one ended, an hour further for edits and scores. Without an app there are
feeds: the adapter `feed` reads `reddit:r/NAME`, about one a minute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sources import dates, links, walk
from sources.base import (
    ACCESS,
    Answer,
    Author,
    Channel,
    Cursor,
    Known,
    Option,
    Page,
    Post,
    Reject,
    Request,
    Session,
    Settings,
    SourceError,
)
from sources.jsontext import count, decode, text
from sources.packing import packed
from sources.settings import bad, host_of, secret_of, words_of

HOST = "https://oauth.reddit.com"
LOGIN = "https://www.reddit.com"
SITE = "https://www.reddit.com"
LONGEST = 512
"""Characters of a search."""
PER_PAGE = 100
REACH = walk.Reach(first=7 * 86_400, overlap=3_600, pages=10)
"""Listings end after about 1,000 items, which are ten pages."""
ID, SECRET = "\x1fid\x1f", "\x1fsecret\x1f"
"""Stand for the app's id and secret inside a request; words of people never hold such a sign."""
_FULL_NAME = re.compile(r"t[13]_[a-z0-9]{1,12}")
GONE = {"[deleted]": "deleted", "[removed]": "withheld", "[ Removed by Reddit ]": "withheld"}


class RedditAdapter:
    """Two channels for each subreddit, its posts and its comments; one for each search."""

    name = "reddit"
    summary = "posts and comments on Reddit, of subreddits and by search"
    needs = "an app that Reddit has approved (its Responsible Builder Policy); feeds need none"
    every = 300.0
    longest_search = LONGEST
    at_once = PER_PAGE
    options: Mapping[str, Option] = {
        "client_id": Option("secret", "the app's id", required=True),
        "client_secret": Option("secret", "the app's secret", required=True),
        "subreddits": Option("texts", "subreddits of which all is heard, such as france"),
        "search": Option("texts", "searches; without it and subreddits, those that the topics need"),
        "within": Option("texts", "search in these subreddits alone"),
        "host": Option("text", f"address of the interface, {HOST} when absent"),
        "login": Option("text", f"address that gives out tokens, {LOGIN} when absent"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of what is set, else the fewest searches that hold all terms. Raises SourceError `settings`."""
        common = {
            "host": host_of(settings.get("host") or HOST, "host"),
            "login": host_of(settings.get("login") or LOGIN, "login"),
            "id": secret_of(settings, "client_id"),
            "secret": secret_of(settings, "client_secret"),
        }
        subreddits = [_subreddit(one) for one in words_of(settings, "subreddits")]
        search = words_of(settings, "search")
        if not search and not subreddits:
            search = packed(terms, " OR ", LONGEST)
        if not search and not subreddits:
            raise bad("search", "there is nothing to ask", 'Write search = ["acme"], or add a topic.')
        within = "+".join(_subreddit(one) for one in words_of(settings, "within"))
        found = [
            Channel(f"{what}:{one.lower()}", f"{label} of r/{one}", {**common, "path": f"/r/{one}/{what}"})
            for one in subreddits
            for what, label in (("new", "posts"), ("comments", "comments"))
        ]
        place = f"/r/{within}/search" if within else "/search"
        where = f" in r/{within}" if within else ""
        return found + [
            Channel(f"search:{within}:{one}", one + where, {**common, "path": place, "query": one}) for one in search
        ]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next page of this round, newest first."""
        settings = channel.settings
        asked = [("raw_json", "1"), ("limit", str(PER_PAGE))]
        asked += [("id", ",".join(settings["ids"]))] if "ids" in settings else []
        if "query" in settings:
            asked += [("q", settings["query"]), ("sort", "new"), ("t", "all" if "pages" in cursor else "week")]
            asked += [("restrict_sr", "1")] if settings["path"] != "/search" else []
        if walk.page(cursor, now) > 1 and (after := text(cursor.get("at"))):
            asked.append(("after", after))
        return Request(
            settings["host"] + settings["path"],
            params=tuple(asked),
            headers={"Authorization": f"Bearer {ACCESS}"},
            session=_session(settings),
        )

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """A round that goes back to `since`, as far as Reddit lists: some 1,000 posts."""
        return walk.back(since)

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts and comments of one page. Raises SourceError: `shape`, and `parse` when the answer is no JSON."""
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        if "ids" in channel.settings or "thread" in channel.settings:
            return Page(_flat(result, now, channel.settings.get("ids", ())), rejects=rejects)
        data = result.get("data") if isinstance(result, dict) else None
        items = data.get("children") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(items, list):
            raise SourceError("shape", "the answer holds no listing", "Check host, and the names of subreddits.")
        posts = []
        for item in items:
            post = _post(item, now)
            if post is None:
                rejects.append(Reject("shape: neither post nor comment", repr(item)[:200]))
            else:
                posts.append(post)
        moments = [post.published_at for post in posts]
        after = text(data.get("after"))
        known, more = walk.step(cursor, moments, REACH, rejects, now, further=after is not None, at=after)
        return Page(posts, known, more, rejects)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """All comments under a post, as far as one answer holds them."""
        under = (post.thread_id or post.external_id).removeprefix("t3_")
        if not under.isalnum() or not under.isascii():
            return None
        return Channel(f"thread:{under}", under, {**_common(channel), "path": f"/comments/{under}", "thread": under})

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """These posts and comments as they are now."""
        ids = [post.external_id for post in posts if _FULL_NAME.fullmatch(post.external_id)]
        return Channel("again", "again", {**_common(channel), "path": "/api/info", "ids": ids}) if ids else None

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        if status == 403:
            return "Reddit refuses: the subreddit is private, or the app not approved (HTTP 403)", "check both"
        if status == 404:
            return "Reddit knows no such subreddit, or has banned it (HTTP 404)", "check its name"
        return None


def _common(channel: Channel) -> dict[str, Any]:
    return {key: channel.settings[key] for key in ("host", "login", "id", "secret")}


def _flat(value: Any, now: float, asked: Sequence[str]) -> list[Post]:
    """The posts of one or several listings with the replies below them; what was asked for and is not there is gone."""
    waiting, found = [value], {}
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict) and isinstance(data := one.get("data"), dict):
            post = _post(one, now)
            if post is not None:
                found[post.external_id] = post
            waiting += [data.get("children"), data.get("replies")]  # `replies` is "" where there are none
    gone = [one for one in asked if one not in found]
    kinds: dict[str, Literal["comment", "post"]] = {"t1": "comment", "t3": "post"}
    missing = [Post(network="reddit", external_id=one, kind=kinds[one[:2]], state="deleted") for one in gone]
    return [*found.values(), *missing]


def _subreddit(given: str) -> str:
    name = given.removeprefix("https://www.reddit.com").strip("/").removeprefix("r/").strip("/")
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise bad("subreddits", f'"{given[:80]}" is no subreddit', 'Write its name alone, such as "france".')
    return name


def _session(settings: Mapping[str, Any]) -> Session:
    """Reddit wants the app's id and secret as name and password, which addresses hold."""
    scheme, _, place = settings["login"].partition("://")
    begin = Request(
        f"{scheme}://{ID}:{SECRET}@{place}/api/v1/access_token",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        method="POST",
        body=b"grant_type=client_credentials",
        secrets={ID: settings["id"] or "", SECRET: settings["secret"] or ""},
    )
    return Session(begin, remedy="check client_id and client_secret, and that Reddit has approved the app")


def _post(item: Any, now: float) -> Post | None:
    kind, data = (item.get("kind"), item.get("data")) if isinstance(item, dict) else (None, None)
    name = text(data.get("name")) if isinstance(data, dict) else None
    if not isinstance(data, dict) or name is None or kind not in ("t1", "t3"):
        return None
    comment = kind == "t1"
    said = text(data.get("body" if comment else "selftext")) or ""
    state = GONE.get(said.strip(), "active")
    if not comment and text(data.get("removed_by_category")):
        state = "deleted" if data["removed_by_category"] in ("deleted", "author") else "withheld"
    edited = data.get("edited")
    edited_at = _moment(edited, now) if not isinstance(edited, bool) else None
    target = None if comment or data.get("is_self") else links.web(text(data.get("url_overridden_by_dest"))
                                                                   or text(data.get("url")))  # fmt: skip
    crossposted = text(data.get("crosspost_parent"))
    return Post(
        network="reddit",
        external_id=name,
        kind="comment" if comment else "repost" if crossposted else "post",
        url=_page(data, comment),
        title=None if comment else text(data.get("title")),
        text="" if state != "active" else said or target or "",
        author=_author(text(data.get("author"))),
        published_at=_moment(data.get("created_utc"), now),
        edited_at=edited_at,
        state="edited" if state == "active" and edited_at else state,  # type: ignore[arg-type]
        likes=None if data.get("score_hidden") or data.get("hide_score") else count(data.get("score")),
        replies=None if comment else count(data.get("num_comments")),
        parent_id=text(data.get("parent_id")) if comment else crossposted,
        thread_id=text(data.get("link_id")) if comment else name,
    )


def _moment(value: Any, now: float) -> int | None:
    return dates.plausible(int(value), now) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _page(data: Mapping[str, Any], comment: bool) -> str | None:
    own = text(data.get("permalink"))
    if own and own.startswith("/"):
        return f"{SITE}{own}"
    above = text(data.get("link_permalink")) if comment else None
    return links.web(f"{above}{data.get('id')}/") if above else None


def _author(handle: str | None) -> Author | None:
    if handle is None or handle in GONE:
        return None
    return Author(handle, url=f"{SITE}/user/{handle}")
