"""The adapter `hackernews`: new stories and comments by Algolia's search for Hacker News, which needs no key.

The search gives the newest first and no more than 1,000 hits of a query, so a channel is read backwards by time, never
by page number: a full answer is followed by a question for what is older than its oldest hit, until the point where the
last round ended (less an overlap, for what was indexed late). Typo tolerance is switched off and words are quoted; the
search also looks at addresses and at the titles of the stories that comments stand under, so the collector matches the
topics again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sources import dates, hnitems, links
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

HOST = "https://hn.algolia.com"
ITEMS = "https://hacker-news.firebaseio.com"
SITE = hnitems.SITE
HITS = 500
"""Hits asked for at a time; the server allows 1,000."""
OVERLAP = 7_200
"""Seconds that are read again each round: what is indexed late, and edits, which are possible for two hours."""
OVERLAP_ALL = 900
"""The same where everything is wanted: a quarter of an hour holds a hundred posts already."""
FIRST = 7 * 86_400
"""How far back the first round of a search goes."""
FIRST_ALL = 3_600
"""How far back the first round goes when everything is wanted, which is some hundreds of posts an hour."""
CLOCK = 300
"""Seconds by which a clock may be put right without the cursor being doubted: the overlaps are longer."""
_SECTIONS = {"ask_hn", "show_hn", "launch_hn", "job", "poll"}


class HackerNewsAdapter:
    """One channel for each search, or one for everything when there is nothing to search for."""

    name = "hackernews"
    summary = "stories and comments on Hacker News, by search, without a key"
    needs = "nothing"
    every = 300.0
    at_once = 1
    options: Mapping[str, Option] = {
        "search": Option("texts", "words or phrases to search for; without it, the words that the topics need"),
        "host": Option("text", f"address of the search, {HOST} unless you run your own"),
        "items": Option(
            "text",
            f"address of the service that tells single items again, {ITEMS} when absent, or host where that is set",
        ),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """One channel for each of `search`, else of `terms`; else a single one for all that is new.

        Raises SourceError `settings` when `host` is no web address or `search` no list of words.
        """
        host = links.web(str(settings.get("host") or HOST))
        if host is None:
            raise SourceError("settings", f'host: "{settings["host"]}" is no web address', f"Leave it out for {HOST}.")
        search = settings.get("search") or terms
        if isinstance(search, str) or not all(isinstance(term, str) for term in search):
            raise SourceError(
                "settings", "`search` is no list of words", 'Write it as search = ["acme", "acme battery"].'
            )
        # Who asks a server of their own does not mean to ask the site's as well.
        items = links.web(str(settings.get("items") or (ITEMS if host.rstrip("/") == HOST else host)))
        if items is None:
            raise SourceError(
                "settings", f'items: "{settings["items"]}" is no web address', f"Leave it out for {ITEMS}."
            )
        common = {"host": host.rstrip("/"), "items": items.rstrip("/")}
        found = dict.fromkeys(term for given in search if (term := " ".join(given.replace('"', " ").split())))
        if not found:
            return [Channel("all", "everything new", common)]
        return [Channel(f"search:{term}", term, {**common, "term": term}) for term in found]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """Asks for the newest hits between the last round's end, less the overlap, and where this round has got to."""
        settings = channel.settings
        if "thread" in settings:
            return Request(f"{settings['host']}/api/v1/items/{settings['thread']}")
        if "again" in settings:
            return Request(f"{settings['items']}/v0/item/{settings['again']}.json")
        low, high = _window(channel, cursor, now)
        bounds = [f"created_at_i>={low}"] + ([f"created_at_i<={high}"] if high is not None else [])
        return Request(
            f"{channel.settings['host']}/api/v1/search_by_date",
            params=(
                ("query", _query(channel.settings.get("term", ""))),
                ("tags", "(story,comment)"),
                ("numericFilters", ",".join(bounds)),
                ("hitsPerPage", str(HITS)),
                ("typoTolerance", "false"),
                ("advancedSyntax", "true"),
            ),
        )

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """A round whose end is `since`."""
        return {"low": int(since)}

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of one answer, and whether there is an older part of the round to ask for.

        Raises SourceError: `parse`, `limit:depth`, and `shape` when the answer is no search result.
        """
        if "thread" in channel.settings:
            return hnitems.conversation(answer, now)
        if "again" in channel.settings:
            return hnitems.single(answer, channel.settings["again"], now)
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        hits = result.get("hits") if isinstance(result, dict) else None
        if not isinstance(hits, list):
            said = text(result.get("message")) if isinstance(result, dict) else None
            message = "the answer holds no list of hits" + (f": {' '.join(said.split())[:100]}" if said else "")
            raise SourceError("shape", message, "The search may have changed; it is asked again later.")
        posts: dict[str, Post] = {}
        for hit in hits:
            post = _post(hit, now)
            if post is None:
                rejects.append(Reject("shape: a hit without id, or no object at all", repr(hit)[:200]))
            else:
                posts.setdefault(post.external_id, post)
        after, more = _next(channel, cursor, result, _moments(hits, now), now)
        return Page(list(posts.values()), cursor=after, more=more, rejects=rejects)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The story with all its comments."""
        return _item(channel, "thread", post.thread_id or post.external_id)

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """One item, from the site's own service: the search learns late of what was edited and deleted."""
        return _item(channel, "again", posts[0].external_id)


def _item(channel: Channel, what: str, number: str) -> Channel | None:
    """A channel that tells one item."""
    if not (number.isascii() and number.isdigit()):
        return None
    known = {key: channel.settings[key] for key in ("host", "items")}
    return Channel(f"{what}:{number}", f"item {number}", {**known, what: number})


# --- the round --------------------------------------------------------------------------------------------------------
#
# since: all up to here was heard. In the middle of a round also
# low: where the round ends; until: what is still to be read lies at or before this;
# top: the newest moment seen, which becomes `since` at the round's end.


def _number(cursor: Cursor, key: str) -> int | None:
    value = cursor.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _believable(cursor: Cursor, now: float) -> Cursor:
    """The cursor, or none when it lies ahead: a clock that has been set back wrote it, and the round begins anew."""
    written = max(_number(cursor, key) or 0 for key in ("low", "since", "top"))
    return cursor if written <= now + CLOCK else {}


def _window(channel: Channel, cursor: Cursor, now: float) -> tuple[int, int | None]:
    """The oldest second to ask for, and the newest; None is up to now."""
    cursor = _believable(cursor, now)
    low, since = _number(cursor, "low"), _number(cursor, "since")
    searches = "term" in channel.settings
    if low is not None:
        return low, _number(cursor, "until")
    if since is not None:
        return since - (OVERLAP if searches else OVERLAP_ALL), None
    return int(now) - (FIRST if searches else FIRST_ALL), None


def _moments(hits: Iterable[Any], now: float) -> list[int]:
    """When the hits were written, as far as that is believable: a date in the future must not move the cursor there."""
    found = (count(hit.get("created_at_i")) for hit in hits if isinstance(hit, dict))
    return [moment for moment in found if moment is not None and dates.EARLIEST <= moment <= now + dates.AHEAD]


def _next(
    channel: Channel, cursor: Cursor, result: Mapping[str, Any], moments: list[int], now: float
) -> tuple[Cursor, bool]:
    """The cursor after an answer, and whether the round goes on."""
    cursor = _believable(cursor, now)
    low, until = _window(channel, cursor, now)
    got, room = len(result["hits"]), min(HITS, count(result.get("hitsPerPage")) or HITS)
    seen = [moment for moment in (_number(cursor, "since"), _number(cursor, "top"), *moments) if moment is not None]
    top = min(max(seen, default=low), int(now))
    full = got >= room
    oldest = min(moments, default=low)
    if until is not None and oldest >= until:
        # More hits in one second than an answer holds: step over it. Later than asked for: the server takes no bounds.
        oldest, full = until - 1, full and oldest == until
    elif (count(result.get("nbHits")) or 0) > got:
        full = got > 0
    if not full or oldest <= low:
        return {"since": top}, False
    kept: Cursor = {"low": low, "until": oldest, "top": top}
    since = _number(cursor, "since")
    return kept if since is None else {"since": since, **kept}, True


# --- what to ask and what came ----------------------------------------------------------------------------------------


def _query(term: str) -> str:
    """The words as a phrase; what ends in `*` is asked for by its beginning, which the search does when unquoted."""
    if term.endswith("*"):
        return term.rstrip("*")
    return f'"{term}"' if term else ""


def _post(hit: Any, now: float) -> Post | None:
    """One hit as a post; None when it has no id."""
    external_id = name(hit.get("objectID")) if isinstance(hit, dict) else None
    if external_id is None:
        return None
    page = f"{SITE}/item?id={external_id}"
    given = hit.get("_tags")
    labels = [label for label in given if isinstance(label, str)] if isinstance(given, list) else []
    comment = "comment" in labels or ("story" not in labels and text(hit.get("comment_text")) is not None)
    title = text(hit.get("title"))
    return Post(
        network="hackernews",
        external_id=external_id,
        kind="comment" if comment else "post",
        url=page if comment else links.web(text(hit.get("url"))) or page,
        title=None if comment or title is None else hnitems.markup(title),
        text=text(hit.get("comment_text")) or text(hit.get("story_text")) or "",
        markup="html",
        author=_author(text(hit.get("author"))),
        published_at=dates.plausible(_written(hit), now),
        state="deleted" if hit.get("deleted") is True else "withheld" if hit.get("dead") is True else "active",
        likes=count(hit.get("points")),
        replies=count(hit.get("num_comments")),
        parent_id=name(hit.get("parent_id")) if comment else None,
        thread_id=name(hit.get("story_id")) or (None if comment else external_id),
        tags=tuple(label for label in labels if label in _SECTIONS),
    )


def _written(hit: Mapping[str, Any]) -> int | None:
    moment = count(hit.get("created_at_i"))
    return moment if moment is not None else dates.parse(hit.get("created_at"))


def _author(handle: str | None) -> Author | None:
    return Author(handle, url=f"{SITE}/user?id={handle}") if handle else None
