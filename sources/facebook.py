"""The adapter `facebook`: posts of one's own page and the comments under them, by Meta's Graph API.

There is no search of what others say, and never will be by this way. One question tells the newest posts with how many
comments each has; comments are asked for only where there are more than the last time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sources import dates, links
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
from sources.followed import PAGING, known, left_out, listed, page_read, written
from sources.jsontext import count, decode, name, text
from sources.settings import bad, host_of, secret_of

HOST = "https://graph.facebook.com"
VERSION = "v24.0"
POSTS, PER_PAGE, COMMENT_PAGES = 25, 100, 10
TOKEN_MARK = "\x1ftoken\x1f"  # noqa: S105
"""Stands for the token inside a request; words of people never hold such a sign."""
COUNTS = "comments.filter(stream).summary(true).limit(0),reactions.summary(true).limit(0)"
POST_FIELDS = f"id,message,story,created_time,updated_time,permalink_url,shares,{COUNTS}"
COMMENT_FIELDS = "id,message,created_time,from,permalink_url,like_count,comment_count,parent"
THROTTLED = {4, 17, 32, 613, 80001}
BUSY = 90
"""Percent of Meta's allowance from which on the host is left alone for a while."""
REST = 600.0
"""Seconds of rest where Meta does not say how long."""
_PAGE = re.compile(r"[\w.-]{1,100}", re.ASCII)


class FacebookAdapter:
    """One channel: the page."""

    name = "facebook"
    summary = "posts of your own Facebook page and the comments under them"
    needs = "a page of your own and its token (pages_read_engagement, pages_read_user_content)"
    every = 600.0
    options: Mapping[str, Option] = {
        "page": Option("text", "the page's number or name", required=True),
        "token": Option("secret", "the page's access token", required=True),
        "version": Option("text", f"version of the Graph API, {VERSION} when absent; each lives about two years"),
        "host": Option("text", f"address of the interface, {HOST} when absent"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """The page. Raises SourceError `settings`."""
        page, version = str(settings.get("page") or ""), str(settings.get("version") or VERSION)
        for key, given in (("page", page), ("version", version)):
            if not _PAGE.fullmatch(given):
                raise bad(key, f'"{given[:40]}" cannot be one', "Write the number that the page's settings show.")
        common = {
            "host": host_of(settings.get("host") or HOST, "host"),
            "token": secret_of(settings, "token"),
            "page": page,
            "version": version,
        }
        return [Channel(f"page:{page}", f"page {page}", common)]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The comments of a post that has new ones, else the newest posts."""
        settings = channel.settings
        cursor = _within(channel, cursor)
        if asks := listed(cursor, "asks"):
            path = f"{asks[0]}/comments"
            asked = [("fields", COMMENT_FIELDS), ("filter", "stream"), ("order", "reverse_chronological")]
            asked.append(("limit", str(PER_PAGE)))
            asked += [("after", token)] if (token := text(cursor.get("next"))) else []
        else:
            path = f"{settings['page']}/feed"
            asked = [("fields", POST_FIELDS), ("limit", str(POSTS))]
        return Request(
            f"{settings['host']}/{settings['version']}/{path}",
            params=(*asked, ("access_token", TOKEN_MARK)),
            secrets={TOKEN_MARK: settings["token"]} if settings["token"] else {},
            reads=(400, 403, 404),
        )

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """Posts, or comments. Raises SourceError: `token`, `permission`, `refused`, `shape`, `parse`."""
        rejects: list[Reject] = []
        cursor = _within(channel, cursor)
        result = decode(answer.body, rejects)
        if isinstance(result, dict) and isinstance(result.get("error"), dict):
            return _refused(cursor, result["error"], answer, rejects)
        items = result.get("data") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(items, list):
            raise SourceError("shape", "the answer holds no list", "Check host and version.")
        pause = _busy(answer.headers)
        if listed(cursor, "asks"):
            page = _comments(cursor, items, _next(result), rejects, now)
        else:
            page = _posts(cursor, items, rejects, now)
        page.pause = pause
        return page

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The comments under a post of the page."""
        under = post.thread_id or post.external_id
        return (
            Channel(f"thread:{under}", under, {**channel.settings, "thread": under}) if _PAGE.fullmatch(under) else None
        )


def _within(channel: Channel, cursor: Cursor) -> Cursor:
    """The cursor of a conversation, which is about one post alone."""
    return {**cursor, "asks": channel.settings["thread"]} if "thread" in channel.settings else cursor


def _next(result: Mapping[str, Any]) -> str | None:
    """The mark of the next page; its whole address would hold the token."""
    paging = result.get("paging")
    cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
    return text(cursors.get("after")) if isinstance(cursors, dict) else None


def _refused(cursor: Cursor, error: Mapping[str, Any], answer: Answer, rejects: list[Reject]) -> Page:
    code = error.get("code")
    said = " ".join((text(error.get("message")) or "it does not say why").split())[:200]
    if code in THROTTLED:
        return Page([], cursor, False, rejects, pause=_busy(answer.headers) or 6 * REST)
    if code == 190:
        words = f"Facebook no longer accepts the token: {said}"
        raise SourceError("token", words, "Make a new token of the page; tokens end when a password changes.")
    if code in (10, 200, 100) and not listed(cursor, "asks"):
        remedy = "Give the app pages_read_engagement and pages_read_user_content, and check that the page is yours."
        raise SourceError("permission", f"Facebook refuses: {said}", remedy)
    if listed(cursor, "asks"):  # this one post: it may be gone by now
        rejects.append(Reject(f"refused: the comments of one post cannot be read: {said}"))
        after = left_out(cursor)
        return Page([], after, bool(listed(after, "asks")), rejects)
    raise SourceError("refused", f"Facebook refuses: {said}", "Check page and token.")


def _busy(headers: Mapping[str, str]) -> float | None:
    """Seconds to rest when the allowance is nearly used up (X-App-Usage and its kin, in percent)."""
    for header in ("x-app-usage", "x-page-usage", "x-business-use-case-usage"):
        told = headers.get(header, "")
        used = [int(found) for found in re.findall(r'"(?:call_count|total_time|total_cputime)"\s*:\s*(\d{1,6})', told)]
        if max(used, default=0) >= BUSY:
            minutes = [int(found) for found in re.findall(r'"estimated_time_to_regain_access"\s*:\s*(\d{1,5})', told)]
            return max(REST, 60.0 * max(minutes, default=0))
    return None


def _posts(cursor: Cursor, items: Sequence[Any], rejects: list[Reject], now: float) -> Page:
    posts, grown, found = [], [], known(cursor)
    followed = {}
    for item in items:
        number = text(item.get("id")) if isinstance(item, dict) else None
        if number is None or not _PAGE.fullmatch(number):
            rejects.append(Reject("shape: a post without id", repr(item)[:200]))
            continue
        comments = _total(item.get("comments"))
        before, newest = found.get(number, (0, 0))
        if comments is not None and comments > before:
            grown.append(number)
        followed[number] = (comments or 0, newest)
        shares = item.get("shares")
        posts.append(
            Post(
                network="facebook",
                external_id=number,
                url=links.web(text(item.get("permalink_url"))),
                text=text(item.get("message")) or text(item.get("story")) or "",
                author=Author(number.partition("_")[0], url=f"https://www.facebook.com/{number.partition('_')[0]}"),
                published_at=_moment(item, "created_time", now),
                likes=_total(item.get("reactions")),
                replies=comments,
                reposts=count(shares.get("count")) if isinstance(shares, dict) else None,
                thread_id=number,
            )
        )
    after: Cursor = {key: value for key, value in cursor.items() if key not in PAGING}
    return Page(posts, {**after, "known": written(followed), "asks": " ".join(grown)}, bool(grown), rejects)


def _comments(cursor: Cursor, items: Sequence[Any], token: str | None, rejects: list[Reject], now: float) -> Page:
    under = listed(cursor, "asks")[0]
    posts = []
    for item in items:
        number = _comment_id(item, under) if isinstance(item, dict) else None
        if number is None:
            rejects.append(Reject("shape: a comment without id", repr(item)[:200]))
            continue
        above = item.get("parent")
        parent = name(above.get("id")) if isinstance(above, dict) else None
        posts.append(
            Post(
                network="facebook",
                external_id=number,
                kind="comment",
                url=links.web(text(item.get("permalink_url"))),
                text=text(item.get("message")) or "",
                author=_author(item.get("from")),
                published_at=_moment(item, "created_time", now),
                likes=count(item.get("like_count")),
                replies=count(item.get("comment_count")),
                parent_id=parent or _parent_in(item, under) or under,
                thread_id=under,
            )
        )
    after, more = page_read(cursor, (post.published_at for post in posts), token, COMMENT_PAGES)
    return Page(posts, after, more or bool(listed(after, "asks")), rejects)


def _in_link(item: Mapping[str, Any], key: str) -> str | None:
    try:
        found = parse_qs(urlsplit(text(item.get("permalink_url")) or "").query).get(key)
    except ValueError:
        return None
    return found[0] if found and found[0].isdecimal() else None


def _comment_id(item: Mapping[str, Any], under: str) -> str | None:
    """The comment's number; where it is not told, as the address of its page has it."""
    told = name(item.get("id"))
    number = _in_link(item, "reply_comment_id") or _in_link(item, "comment_id")
    return told or (f"{under.rpartition('_')[2]}_{number}" if number else None)


def _parent_in(item: Mapping[str, Any], under: str) -> str | None:
    above = _in_link(item, "comment_id") if _in_link(item, "reply_comment_id") else None
    return f"{under.rpartition('_')[2]}_{above}" if above else None


def _author(given: Any) -> Author | None:
    """Only those who have allowed it are named."""
    number = name(given.get("id")) if isinstance(given, dict) else None
    shown = text(given.get("name")) if isinstance(given, dict) else None
    return Author(number or shown or "", shown) if number or shown else None


def _total(edge: Any) -> int | None:
    summary = edge.get("summary") if isinstance(edge, dict) else None
    return count(summary.get("total_count")) if isinstance(summary, dict) else None


def _moment(item: Mapping[str, Any], key: str, now: float) -> int | None:
    return dates.plausible(dates.parse(item.get(key)), now)
