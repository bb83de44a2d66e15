"""The adapter `discourse`: forums that run Discourse: all new posts, searches, or topics one by one, without a key.

`/posts.json` tells the newest posts of the whole forum, so one question hears everything; it pages backward by id. A
search gives excerpts only. A topic tells the ids of all its posts, and those not heard yet are asked for by id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sources import links, walk
from sources.base import Answer, Channel, Cursor, Known, Option, Page, Post, Reject, Request, Settings, SourceError
from sources.forum import post_of, topic_of
from sources.jsontext import count, decode, text
from sources.settings import bad, host_of, words_of

REACH = walk.Reach(first=30 * 86_400, overlap=7_200, pages=10)
"""Of a search: forums are slow, so the first round goes back a month."""
WINDOW = 50
"""A forum looks for posts among so many ids below the one that is named; it may find none that are public."""
FIRST_PAGES = 5
"""Pages of posts that the first round reads ..."""
GAP_PAGES = 100
"""... and later ones at most, where there was a gap."""
BY_ID = 20
"""Posts of a topic that are asked for at a time."""
FIRST_POSTS = 100
"""Posts of a topic that the first round reads, the newest ones ..."""
MOST_POSTS = 1_000
"""... and later rounds at most."""


class DiscourseAdapter:
    """For each forum one channel with all new posts, or with new topics; else one for each search and each topic."""

    name = "discourse"
    summary = "forums that run Discourse: all new posts, new topics, searches, single topics; without a key"
    needs = "nothing"
    every = 900.0
    at_once = 1
    options: Mapping[str, Option] = {
        "hosts": Option("texts", "the forums, such as https://meta.discourse.org"),
        "latest": Option("flag", "new topics with their first lines alone, instead of all new posts"),
        "search": Option("texts", "words to search for, instead of all new posts; finds excerpts"),
        "topics": Option("texts", "addresses of topics to follow, instead of all new posts"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of what is set, else all new posts of each forum: one question that finds what the topics want.

        Raises SourceError `settings`: no forum, no list, a topic that is no address of one.
        """
        hosts = [host_of(host, "hosts") for host in words_of(settings, "hosts")]
        topics = [_topic(address) for address in words_of(settings, "topics")]
        search, latest = words_of(settings, "search"), settings.get("latest") is True
        if not hosts and not topics:
            raise bad("hosts", "there is no forum to ask", 'Write hosts = ["https://forum.example"].')
        found = []
        for host in hosts:
            place, common = links.host(host), {"host": host}
            if latest:
                found.append(Channel(f"latest:{host}", f"new topics · {place}", {**common, "what": "latest"}))
            found += [
                Channel(f"search:{host}:{term}", f"{term} · {place}", {**common, "what": "search", "term": term})
                for term in search
            ]
            if not (latest or search or topics):
                found.append(Channel(f"posts:{host}", f"new posts · {place}", {**common, "what": "posts"}))
        return found + [
            Channel(
                f"topic:{host}:{number}",
                f"topic {number} · {links.host(host)}",
                {"host": host, "topic": number, "what": "topic"},
            )
            for host, number in topics
        ]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next page of this round."""
        settings, headers = channel.settings, {"Accept": "application/json"}
        asked: list[tuple[str, str]] = []
        match settings["what"]:
            case "latest":
                path, asked = "/latest.json", [("order", "created")]
            case "search":
                term = settings["term"]
                quoted = f'"{term}"' if " " in term and '"' not in term else term
                path, asked = "/search.json", [("q", f"{quoted} order:latest"), ("page", str(walk.page(cursor, now)))]
            case "topic":
                path, wanted = f"/t/{settings['topic']}.json", _wanted(cursor)
                if wanted:
                    path = f"/t/{settings['topic']}/posts.json"
                    asked = [("post_ids[]", str(number)) for number in wanted[:BY_ID]]
            case "post":
                path = f"/posts/{settings['post']}.json"
            case _:
                path, before = "/posts.json", _number(cursor, "before")
                asked = [] if before is None else [("before", str(before))]
        return Request(settings["host"] + path, params=tuple(asked), headers=headers)

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """A round that goes back to `since`, of searches; other lists know no times."""
        return walk.back(since) if channel.settings["what"] == "search" else None

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of one page. Raises SourceError: `shape`, and `parse` when the answer is no JSON."""
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        what, host = channel.settings["what"], channel.settings["host"]
        items = [result] if what == "post" and isinstance(result, dict) else _items(result, what)
        if items is None:
            errors = result.get("errors") if isinstance(result, dict) else None
            said = text(errors[0]) if isinstance(errors, list) and errors else None
            message = "the answer holds no list of posts" + (f": {' '.join(said.split())[:100]}" if said else "")
            raise SourceError("shape", message, "Check that hosts names a forum that runs Discourse.")
        titles = _titles(result)
        near = {(one.get("topic_id"), one.get("post_number")): one.get("id") for one in items if isinstance(one, dict)}
        posts: list[Post] = []
        for item in items:
            if isinstance(item, dict) and count(item.get("post_type")) in (3, 4):
                continue  # "closed this topic", and what is whispered among the staff
            post = topic_of(item, host, now) if what == "latest" else post_of(item, host, titles, near, now)
            if post is None:
                rejects.append(Reject("shape: a post without id, or no object at all", repr(item)[:200]))
            else:
                posts.append(post)
        ids = sorted(number for item in items if isinstance(item, dict) and (number := count(item.get("id"))))
        after: Cursor = {}
        more = False
        match what:
            case "latest" | "post":
                pass
            case "search":
                further = _more_results(result)
                moments = [post.published_at for post in posts]
                after, more = walk.step(cursor, moments, REACH, rejects, now, further=further)
            case "topic":
                after, more = _after_topic(cursor, result, ids)
            case _:
                after, more = _after_posts(cursor, ids, rejects)
        return Page(posts, cursor=after, more=more, rejects=rejects)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """Its topic."""
        host = channel.settings["host"]
        place, _, number = (post.thread_id or post.external_id).partition("/t/")
        if place != links.host(host) or not number.isascii() or not number.isdigit():
            return None
        return Channel(f"thread:{number}", f"topic {number}", {"what": "topic", "host": host, "topic": int(number)})

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """One post of this forum."""
        host = channel.settings["host"]
        place, _, number = posts[0].external_id.partition("/p/")
        if place != links.host(host) or not number.isascii() or not number.isdigit():
            return None
        return Channel(f"again:{number}", f"post {number}", {"what": "post", "host": host, "post": int(number)})

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        host = links.host(channel.settings["host"])
        if status in (401, 403):
            return (
                f"{host} answers members only (HTTP {status})",
                "nothing to do without an account; its feeds may be open",
            )
        if status == 404 and channel.settings["what"] == "topic":
            return f"{host} has no such topic, or shows it to members only (HTTP 404)", "check topics"
        if status == 404:
            return (
                f"{host} does not answer as Discourse does (HTTP 404)",
                "check hosts: the forum's own address, without a path",
            )
        return None


def _topic(address: str) -> tuple[str, int]:
    """Host and number out of `https://forum.example/t/some-words/123`. Raises SourceError `settings`."""
    host = host_of(address, "topics")
    parts = urlsplit(address if "://" in address else f"https://{address}").path.split("/")
    numbers = [int(part) for part in parts[2:] if part.isascii() and part.isdigit() and len(part) < 12]
    if parts[1:2] != ["t"] or not numbers:
        raise bad("topics", f'"{address[:80]}" is no topic', "Write it as https://forum.example/t/words/123.")
    return host, numbers[0]


def _items(result: Any, what: str) -> list[Any] | None:
    """What an answer lists. A search that finds nothing says so without a list."""
    place: Any = result
    for key in {"latest": ("topic_list", "topics"), "topic": ("post_stream", "posts"), "search": ("posts",)}.get(
        what, ("latest_posts",)
    ):
        place = place.get(key) if isinstance(place, dict) else None
    if place is None and what == "search" and isinstance(result, dict) and "grouped_search_result" in result:
        return []
    return place if isinstance(place, list) else None


def _titles(result: Mapping[str, Any]) -> dict[Any, str]:
    """The titles of topics that stand beside the posts of a search, or above those of a topic."""
    topics = result.get("topics")
    beside = [topic for topic in topics if isinstance(topic, dict)] if isinstance(topics, list) else []
    return {topic.get("id"): title for topic in [result, *beside] if (title := text(topic.get("title")))}


def _more_results(result: Mapping[str, Any]) -> bool:
    found = result.get("grouped_search_result")
    return isinstance(found, dict) and bool(found.get("more_full_page_results"))


# --- rounds -----------------------------------------------------------------------------------------------------------
#
# since: the highest id when the last round ended. In the middle of a round also top, which becomes `since` at its end;
# of a whole forum before (the id to go on below) and pages; of a topic wanted: ids still to be asked for.


def _number(cursor: Cursor, key: str) -> int | None:
    value = cursor.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _wanted(cursor: Cursor) -> list[int]:
    given = cursor.get("wanted")
    return [int(one) for one in given.split() if one.isascii() and one.isdigit()] if isinstance(given, str) else []


def _after_posts(cursor: Cursor, ids: list[int], rejects: list[Reject]) -> tuple[Cursor, bool]:
    """The cursor after a page of the whole forum, and whether its round goes on."""
    since, before, pages = _number(cursor, "since"), _number(cursor, "before"), (_number(cursor, "pages") or 0) + 1
    top = max([number for number in (since, _number(cursor, "top"), *ids[-1:]) if number is not None], default=0)
    if before is None and not ids:
        return ({} if since is None else {"since": since}), False
    reached = ids[0] - 1 if ids and (before is None or ids[0] <= before) else (before or 0) - WINDOW
    if reached <= (since or 0):
        return {"since": top}, False
    if pages >= (FIRST_PAGES if since is None else GAP_PAGES):
        if since is not None:
            rejects.append(Reject(f"limit:pages: more than {GAP_PAGES} pages since the last time, the rest was left"))
        return {"since": top}, False
    kept: Cursor = {"top": top, "before": reached, "pages": pages}
    return kept | ({} if since is None else {"since": since}), True


def _after_topic(cursor: Cursor, result: Mapping[str, Any], ids: list[int]) -> tuple[Cursor, bool]:
    """The cursor after the first posts of a topic, which come with the ids of all, or after some asked for by id."""
    since, wanted = _number(cursor, "since") or 0, _wanted(cursor)
    if wanted:
        left, top = wanted[BY_ID:], _number(cursor, "top") or since
    else:
        told = result["post_stream"].get("stream")
        stream = [number for one in told if (number := count(one))] if isinstance(told, list) else []
        left = sorted(set(stream) - set(ids))
        left = [number for number in left if number > since][-MOST_POSTS:] if since else left[-FIRST_POSTS:]
        top = max([since, *stream, *ids], default=0)
    if not left:
        return {"since": top}, False
    return {"since": since, "top": top, "wanted": " ".join(map(str, left))}, True
