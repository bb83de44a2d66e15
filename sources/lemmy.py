"""The adapter `lemmy`: communities and searches of a server that speaks Lemmy's interface, version 3, without a key.

Every place gives the newest first; posts page by the server's own mark, comments and searches by number. Posts that are
pinned stand on top however old they are, so they say nothing of how far back a page reaches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sources import dates, links, walk
from sources.base import (
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
    Settings,
    SourceError,
)
from sources.jsontext import count, decode, name, text
from sources.settings import host_of, words_of

HOST = "https://lemmy.world"
PER_PAGE = 50
"""The most that a server gives at a time."""
REACH = walk.Reach(first=7 * 86_400, overlap=7_200, pages=20)
"""Servers hear from each other late: two hours are read again."""
REACH_ALL = walk.Reach(first=3_600, overlap=1_800, pages=20)
"""The same where everything is wanted, which is many hundreds an hour on a large server."""
_AP_ID = re.compile(r"(https?://[^/?#@]+)/(post|comment)/(\d{1,12})")
"""What Lemmy calls its posts and comments: the server where they were written, and the number there."""
PATHS = {"posts": "/api/v3/post/list", "comments": "/api/v3/comment/list", "search": "/api/v3/search"}


class LemmyAdapter:
    """One channel for each search, two for each community (posts, comments), or two for everything new."""

    name = "lemmy"
    summary = "communities of Lemmy and searches through all that a server of it knows, without a key"
    needs = "nothing"
    every = 900.0
    at_once = 1
    options: Mapping[str, Option] = {
        "host": Option("text", f"the server to ask, {HOST} when absent"),
        "communities": Option("texts", "communities to follow, such as technology or france@jlai.lu"),
        "search": Option("texts", "words to search for; without communities and search, those that the topics need"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of what is set, else searches for the topics' words, else all that is new.

        Raises SourceError `settings` when `host` is no server, or a list is none.
        """
        common = {"host": host_of(settings.get("host") or HOST, "host")}
        communities = [one.lstrip("!") for one in words_of(settings, "communities")]
        search = words_of(settings, "search") or ([] if communities else list(dict.fromkeys(terms)))
        found = [
            Channel(f"{what}:{one}", f"{what} in {one}", {**common, "what": what, "community": one})
            for one in communities
            for what in ("posts", "comments")
        ]
        found += [Channel(f"search:{term}", term, {**common, "what": "search", "term": term}) for term in search]
        return found or [
            Channel(f"{what}:", f"all new {what}", {**common, "what": what}) for what in ("posts", "comments")
        ]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next page of this round, newest first."""
        settings = channel.settings
        if settings["what"] in ("thread", "again"):
            return _by_number(settings, cursor)
        asked = [("type_", "All"), ("sort", "New"), ("limit", str(PER_PAGE))]
        if settings["what"] == "search":
            asked += [("listing_type", "All"), ("q", settings["term"])]
        elif "community" in settings:
            asked.append(("community_name", settings["community"]))
        number = walk.page(cursor, now)
        if number > 1:
            mark = cursor.get("at")
            asked.append(("page_cursor", str(mark)) if mark else ("page", str(number)))
        headers = {"Accept": "application/json"}
        return Request(settings["host"] + PATHS[settings["what"]], params=tuple(asked), headers=headers)

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """A round that goes back to `since`."""
        return walk.back(since)

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """Posts and comments of one page. Raises SourceError: `shape`, and `parse` when the answer is no JSON."""
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        views = _views(result)
        what = channel.settings["what"]
        if views is None and what in ("thread", "again") and isinstance(result, dict):
            views = [view for key in ("post_view", "comment_view") if isinstance(view := result.get(key), dict)]
        if not views and (views is None or what == "again"):
            said = text(result.get("error")) if isinstance(result, dict) else None
            raise SourceError(
                "shape",
                "the answer holds no list of posts or comments" + (f": {' '.join(said.split())[:100]}" if said else ""),
                "Check that host names a server that speaks Lemmy's interface.",
            )
        host = channel.settings["host"]
        known = {
            name(comment.get("id")): text(comment.get("ap_id"))
            for view in views
            if (comment := _table(view, "comment"))
        }
        posts, moments = [], []
        for view in views:
            post = _post(view, host, known, now)
            if post is None:
                rejects.append(Reject("shape: neither post nor comment, or without ap_id", repr(view)[:200]))
                continue
            posts.append(post)
            if not _pinned(view):
                moments.append(post.published_at)
        if what in ("thread", "again"):
            more = what == "thread" and not cursor.get("comments")
            return Page(posts, cursor={"comments": True}, more=more, rejects=rejects)
        reach = REACH if channel.settings.keys() & {"term", "community"} else REACH_ALL
        at = text(result.get("next_page"))
        # A search gives as many posts as comments; a page with fewer of both is the last one.
        comments = sum("comment" in view for view in views if isinstance(view, dict))
        full = max(comments, len(views) - comments) >= PER_PAGE
        after, more = walk.step(cursor, moments, reach, rejects, now, further=full or at is not None, at=at)
        return Page(posts, cursor=after, more=more, rejects=rejects)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The post with its comments, as the server tells them where it was written."""
        found = _AP_ID.fullmatch(post.thread_id or post.external_id)
        if found is None or found[2] != "post":
            return None
        return Channel(f"thread:{found[0]}", f"post {found[3]}", {"what": "thread", "host": found[1], "post": found[3]})

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """A post or comment that was written on this server."""
        found = _AP_ID.fullmatch(posts[0].external_id)
        if found is None or found[1] != channel.settings["host"]:
            return None
        return Channel("again", found[0], {"what": "again", "host": found[1], found[2]: found[3]})

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        host, community = links.host(channel.settings["host"]), channel.settings.get("community")
        if status in (400, 404) and community:
            return f"{host} knows no community {community} (HTTP {status})", "check its name: name, or name@its.server"
        if status == 404:
            return f"{host} does not speak Lemmy's interface of version 3 (HTTP 404)", "check host"
        if status in (401, 403):
            return f"{host} answers members only (HTTP {status})", "ask another server of Lemmy's for the same"
        return None


def _by_number(settings: Mapping[str, Any], cursor: Cursor) -> Request:
    """A post or a comment by its number; of a conversation the post, then its comments."""
    headers = {"Accept": "application/json"}
    if "comment" in settings:
        return Request(f"{settings['host']}/api/v3/comment", params=(("id", settings["comment"]),), headers=headers)
    if not cursor.get("comments"):
        return Request(f"{settings['host']}/api/v3/post", params=(("id", settings["post"]),), headers=headers)
    # With a depth, a server gives whole trees, and up to 300 comments whatever the limit.
    asked = (("post_id", settings["post"]), ("type_", "All"), ("sort", "Old"), ("max_depth", "50"), ("limit", "50"))
    return Request(settings["host"] + PATHS["comments"], params=asked, headers=headers)


# --- posts and comments -----------------------------------------------------------------------------------------------


def _views(result: Any) -> list[Any] | None:
    """What the answer lists: `posts`, `comments` or both; `items` in the next version of the interface."""
    if not isinstance(result, dict):
        return None
    lists = [result[key] for key in ("posts", "comments", "items") if isinstance(result.get(key), list)]
    return [view for one in lists for view in one] if lists else None


def _table(view: Any, key: str) -> Mapping[str, Any]:
    value = view.get(key) if isinstance(view, dict) else None
    return value if isinstance(value, dict) else {}


def _pinned(view: Any) -> bool:
    post = _table(view, "post")
    return "comment" not in view and (post.get("featured_community") is True or post.get("featured_local") is True)


def _post(view: Any, host: str, known: Mapping[str | None, str | None], now: float) -> Post | None:
    """The post or comment of a view; None without its ap_id. What was deleted or removed keeps none of its words."""
    comment = _table(view, "comment")
    topic = _table(view, "post")
    said = comment or topic
    ap_id = text(said.get("ap_id"))
    if ap_id is None:
        return None
    counts = {**said, **_table(view, "counts")}
    gone = said.get("deleted") is True or said.get("removed") is True
    edited = dates.plausible(dates.parse(said.get("updated") or said.get("updated_at")), now)
    thread = text(topic.get("ap_id")) or f"{host}/post/{name(comment.get('post_id'))}"
    community = text(_table(view, "community").get("name"))
    return Post(
        network="lemmy",
        external_id=ap_id,
        kind="comment" if comment else "post",
        url=links.web(ap_id),
        title=None if comment or gone else text(topic.get("name")),
        text="" if gone else _words(comment, topic),
        author=_author(_table(view, "creator"), host),
        published_at=dates.plausible(dates.parse(said.get("published") or said.get("published_at")), now),
        edited_at=edited,
        state=_state(said, edited),
        likes=count(counts.get("upvotes")),
        replies=count(counts.get("child_count" if comment else "comments")),
        parent_id=_parent(text(comment.get("path")), host, known, thread) if comment else None,
        thread_id=thread,
        tags=(community,) if community else (),
    )


def _state(said: Mapping[str, Any], edited: int | None) -> Literal["active", "edited", "deleted", "withheld"]:
    if said.get("deleted") is True:
        return "deleted"
    if said.get("removed") is True:
        return "withheld"
    return "active" if edited is None else "edited"


def _words(comment: Mapping[str, Any], topic: Mapping[str, Any]) -> str:
    """What was written; below a post the page that it points to."""
    if comment:
        return text(comment.get("content")) or ""
    return "\n\n".join(part for part in (text(topic.get("body")), links.web(text(topic.get("url")))) if part)


def _parent(path: str | None, host: str, known: Mapping[str | None, str | None], thread: str) -> str:
    """The comment above, out of a path such as `0.100.200`, else the post."""
    above = (path or "").split(".")[1:-1]
    return (known.get(above[-1]) or f"{host}/comment/{above[-1]}") if above else thread


def _author(creator: Mapping[str, Any], host: str) -> Author | None:
    handle = text(creator.get("name"))
    if handle is None:
        return None
    url = links.web(text(creator.get("actor_id")) or text(creator.get("ap_id")))
    return Author(f"{handle}@{links.host(url) or links.host(host)}", text(creator.get("display_name")), url)
