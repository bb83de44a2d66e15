"""The adapter `stackexchange`: new questions on Stack Overflow and its sister sites, by tag and by search.

The allowance is small (300 questions a day for an address, 10,000 with a key, which is free) and the answers say how
much of it is left, and how long to keep quiet: both are obeyed, for the whole host. Without a key the pace follows from
the number of channels, so that they share the day.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from sources import dates, links, walk
from sources.base import (
    Answer,
    Author,
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
from sources.jsontext import count, decode, name, text
from sources.settings import bad, host_of, secret_of, words_of

HOST = "https://api.stackexchange.com"
PER_PAGE = 100
"""The most that the server gives at a time."""
REACH = walk.Reach(first=7 * 86_400, overlap=86_400, pages=5)
"""A day is read again: it is one page mostly, and brings edits, scores and counts of answers up to date."""
DAY = 86_400
ALLOWED, ALLOWED_WITH_KEY = 300, 10_000
"""Questions a day of an address without a key, and of a key."""
PER_DAY = 240
"""Questions a day that the channels of a source share without a key; the rest is for second pages and people trying."""
WITH_KEY = 600.0
"""Seconds between two checks of a channel with a key."""
MARK = "\x1fkey\x1f"
"""Stands for the key inside a request; words of people never hold such a sign."""


class StackExchangeAdapter:
    """One channel for all tags of a site, and one for each search on each site."""

    name = "stackexchange"
    summary = "questions on Stack Overflow and its sister sites, by tag and by search; a free key allows more"
    needs = "nothing; a free key allows 10,000 questions a day instead of 300"
    every = 1_800.0
    at_once = PER_PAGE
    options: Mapping[str, Option] = {
        "sites": Option("texts", "the sites to ask, stackoverflow when absent; others are superuser, diy, money …"),
        "tags": Option("texts", "tags of questions; one question asks for all of them"),
        "search": Option("texts", "words to search for; without tags and search, those that the topics need"),
        "key": Option("secret", "the key of an app registered with Stack Exchange: 10,000 questions a day, not 300"),
        "host": Option("text", f"address of the interface, {HOST} when absent"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of what is set, else searches for the topics' words.

        Raises SourceError `settings`: no server, no list, nothing to ask.
        """
        host, key = host_of(settings.get("host") or HOST, "host"), secret_of(settings, "key")
        common = {"host": host, **({"key": key} if key else {})}
        tags = list(dict.fromkeys(tag.lower().replace(" ", "-") for tag in words_of(settings, "tags")))
        search = words_of(settings, "search") or ([] if tags else [term.lstrip("#@") for term in terms])
        if not tags and not search:
            raise bad(
                "search", "there is nothing to ask", 'Write search = ["acme"] or tags = ["acme"], or add a topic.'
            )
        found: list[tuple[str, str, dict[str, Any]]] = []
        for site in words_of(settings, "sites") or ["stackoverflow"]:
            site = site.lower().removesuffix(".com").removesuffix(".stackexchange")
            if tags:
                shown = " ".join(f"[{tag}]" for tag in tags)
                found.append((f"tags:{site}:{';'.join(tags)}", f"{shown} · {site}", {"site": site, "tags": tags}))
            found += [
                (f"search:{site}:{term}", f"{term} · {site}", {"site": site, "term": term})
                for term in dict.fromkeys(search)
            ]
        pace = WITH_KEY if key else max(self.every, len(found) * DAY / PER_DAY)
        return [Channel(one, label, {**common, **more}, every=pace) for one, label, more in found]

    def budgets(self, channel: Channel) -> tuple[Budget, ...]:
        key = channel.settings.get("key")
        allowed = ALLOWED_WITH_KEY if key else ALLOWED
        return (Budget("questions", allowed, "questions", "" if key else "key", key or "this address"),)

    def visit_costs(self, channel: Channel) -> tuple[Cost, ...]:
        return (Cost("questions"),)

    def within(self, channel: Channel, request: Request, left: Mapping[str, float]) -> Request:
        return request

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next page of this round, newest first."""
        settings = channel.settings
        if "ids" in settings:
            return _by_ids(settings, cursor)
        asked = [
            ("order", "desc"),
            ("sort", "creation"),
            ("site", settings["site"]),
            ("fromdate", str(walk.low(cursor, REACH, now))),
            ("pagesize", str(PER_PAGE)),
            ("page", str(walk.page(cursor, now))),
            ("filter", "withbody"),
        ]
        if "tags" in settings:
            asked.append(("tagged", ";".join(settings["tags"])))
        else:
            term = settings["term"]
            asked.append(("q", f'"{term}"' if " " in term and '"' not in term else term))
        hidden = {}
        if settings.get("key"):
            asked.append(("key", MARK))
            hidden = {MARK: settings["key"]}
        return Request(
            f"{settings['host']}/2.3/search/advanced", params=tuple(asked), secrets=hidden, costs=(Cost("questions"),)
        )

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """A round that goes back to `since`."""
        return walk.back(since)

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The questions of one page, what is left of the allowance, and how long to keep quiet.

        Raises SourceError: `refused` with the server's own words, `shape`, and `parse` when the answer is no JSON.
        """
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        if isinstance(result, dict) and result.get("error_id") is not None:
            said = " ".join(html.unescape(text(result.get("error_message")) or "it says no more").split())[:200]
            raise SourceError("refused", f"Stack Exchange refuses: {said}", "Add a key, and check sites.")
        items = result.get("items") if isinstance(result, dict) else None
        if not isinstance(items, list):
            raise SourceError("shape", "the answer holds no list of questions", "Check host.")
        posts, site, thread = [], channel.settings["site"], channel.settings.get("thread")
        for item in items:
            post = _post(item, site, now) if not cursor.get("step") else _below(item, site, thread, now)
            if post is None:
                rejects.append(Reject("shape: a question without id, or no object at all", repr(item)[:200]))
            else:
                posts.append(post)
        left, quiet = _allowance(result, now)
        if "ids" in channel.settings:
            step = int(cursor.get("step") or 0)
            posts += [] if thread else _missing(channel.settings["ids"], site, posts)
            last = step + 1 >= len(STEPS) or not thread
            return Page(posts, cursor={"step": step + 1}, more=not last, rejects=rejects, pause=quiet, left=left)
        moments = [post.published_at for post in posts]
        after, more = walk.step(cursor, moments, REACH, rejects, now, further=result.get("has_more") is True)
        return Page(posts, cursor=after, more=more, rejects=rejects, pause=quiet, left=left)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The question, what was said below it, and its answers."""
        site, number = _number_of(channel, post.thread_id or post.external_id)
        known: dict[str, Any] = {key: channel.settings[key] for key in ("host", "key") if key in channel.settings}
        if not number:
            return None
        settings = {**known, "site": site, "ids": [number], "thread": f"{site}:{number}", "page": links.host(post.url)}
        return Channel(f"thread:{site}:{number}", f"question {number}", settings)

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """Questions of this site."""
        numbers = [number for post in posts if (number := _number_of(channel, post.external_id)[1])]
        known: dict[str, Any] = {
            one: channel.settings[one] for one in ("host", "key", "site") if one in channel.settings
        }
        return Channel("again", f"{len(numbers)} questions", {**known, "ids": numbers}) if numbers else None

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        if status != 400:
            return None
        site = channel.settings["site"]
        if channel.settings.get("key"):
            return f"Stack Exchange refuses the key, or knows no site {site} (HTTP 400)", "check key and sites"
        return (
            f"Stack Exchange has answered enough for today, or knows no site {site} (HTTP 400)",
            "check sites; a free key from stackapps.com, written under key, allows 10,000 questions a day",
        )


STEPS = ("", "/comments", "/answers")
"""What a conversation is asked for, one after the other."""


def _number_of(channel: Channel, external_id: str) -> tuple[str, str]:
    """(site, number of a question there); no number for what is none of this channel's site."""
    site, _, number = external_id.partition(":")
    mine = site == channel.settings["site"] and number.isascii() and number.isdigit()
    return site, number if mine else ""


def _by_ids(settings: Mapping[str, Any], cursor: Cursor) -> Request:
    asked = [("site", settings["site"]), ("pagesize", str(PER_PAGE)), ("filter", "withbody"), ("order", "asc")]
    asked.append(("sort", "creation"))
    hidden = {}
    if settings.get("key"):
        asked.append(("key", MARK))
        hidden = {MARK: settings["key"]}
    below = STEPS[min(int(cursor.get("step") or 0), len(STEPS) - 1)]
    url = f"{settings['host']}/2.3/questions/{';'.join(settings['ids'])}{below}"
    return Request(url, params=tuple(asked), secrets=hidden, costs=(Cost("questions"),))


def _allowance(result: Mapping[str, Any], now: float) -> tuple[int | None, int | None]:
    """(questions left, seconds to keep quiet)."""
    left, quiet = count(result.get("quota_remaining")), count(result.get("backoff"))
    if left == 0:
        quiet = max(quiet or 0, DAY - int(now) % DAY)  # allowances begin anew at midnight, UTC
    return left, quiet


def _missing(ids: Sequence[str], site: str, posts: Sequence[Post]) -> list[Post]:
    """What was asked for by its number and is not there."""
    there = {post.external_id for post in posts}
    gone = [name for number in ids if (name := f"{site}:{number}") not in there]
    return [Post(network="stackexchange", external_id=one, state="deleted") for one in gone]


def _below(item: Any, site: str, thread: str | None, now: float) -> Post | None:
    """An answer, or a remark below the question; the numbers of remarks are counted apart."""
    if not isinstance(item, dict):
        return None
    answer, remark = name(item.get("answer_id")), name(item.get("comment_id"))
    number = answer or (f"c{remark}" if remark else None)
    if number is None:
        return None
    edited = dates.plausible(count(item.get("last_edit_date")), now)
    return Post(
        network="stackexchange",
        external_id=f"{site}:{number}",
        kind="reply" if answer else "comment",
        url=links.web(text(item.get("link"))),
        text=text(item.get("body")) or "",
        markup="html",
        author=_author(item.get("owner"), site),
        published_at=dates.plausible(count(item.get("creation_date")), now),
        edited_at=edited,
        likes=count(item.get("score")),
        parent_id=thread,
        thread_id=thread,
    )


def _post(item: Any, site: str, now: float) -> Post | None:
    """A question as a post; None when it has no id. Titles, names and bodies come with HTML's references."""
    number = name(item.get("question_id")) if isinstance(item, dict) else None
    if number is None:
        return None
    edited = dates.plausible(count(item.get("last_edit_date")), now)
    given = item.get("tags")
    return Post(
        network="stackexchange",
        external_id=f"{site}:{number}",
        url=links.web(text(item.get("link"))),
        title=text(item.get("title")),
        text=text(item.get("body")) or "",
        markup="html",
        author=_author(item.get("owner"), site),
        published_at=dates.plausible(count(item.get("creation_date")), now),
        edited_at=edited,
        state="active" if edited is None else "edited",
        likes=count(item.get("score")),
        replies=count(item.get("answer_count")),
        views=count(item.get("view_count")),
        thread_id=f"{site}:{number}",
        tags=tuple(tag for tag in given if isinstance(tag, str)) if isinstance(given, list) else (),
    )


def _author(owner: Any, site: str) -> Author | None:
    """Names are one's own within a site; accounts that were deleted keep a name and have no page."""
    shown = text(owner.get("display_name")) if isinstance(owner, dict) else None
    if shown is None:
        return None
    shown = html.unescape(shown)
    return Author(f"{shown}@{site}", shown, links.web(text(owner.get("link"))))
