"""The adapter `wikipedia`: edits of articles that the topics name, from Wikimedia's stream of recent changes.

The stream tells every edit of every wiki, some tens a second. Kept are those whose title or summary holds the words
that are looked for, and all edits of the pages that are named. What was written is not told: the summary is all the
text there is. The cursor is the last event's id, from which the stream goes on after a break, up to a week.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sources import dates
from sources.base import (
    Answer,
    Author,
    Channel,
    Cursor,
    Ending,
    Frame,
    Option,
    Page,
    Post,
    Reject,
    Request,
    Settings,
    Socket,
    SourceError,
)  # fmt: skip
from sources.jsontext import count, decode, text
from sources.settings import bad, host_of, words_of

HOST = "https://stream.wikimedia.org"
STREAM = "/v2/stream/recentchange"
REMEMBERED = 7 * 86_400
"""Seconds that the stream surely goes back; more is promised nowhere."""
SILENCE = 60.0
"""Seconds without a byte: there are edits every second, and a comment line every few seconds where there are none."""
LONGEST_ID = 4_000
"""Characters of an event's id that are sent back."""
SPACES = (0, 1)
"""Name spaces that are heard: articles, and what is said about them."""
KINDS = ("edit", "new")
"""What else changes (categories, logs) is bookkeeping."""
_SECTION = re.compile(r"/\*\s*(.*?)\s*\*/")
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class WikipediaAdapter:
    """One channel: all that is looked for comes over one connection."""

    name = "wikipedia"
    summary = "edits of Wikipedia's articles that the topics name, as they are made, without a key"
    needs = "your contact in [collect], which Wikimedia wants with every request"
    every = 3_600.0
    options: Mapping[str, Option] = {
        "wikis": Option("texts", "the wikis to hear, such as fr.wikipedia.org; every Wikipedia when absent"),
        "pages": Option("texts", "titles of pages whose every edit is heard; without search, these alone"),
        "search": Option("texts", "words that a title or a summary must hold, instead of those that the topics need"),
        "bots": Option("flag", "also what programs write"),
        "host": Option("text", f"the server of the stream, {HOST} when absent"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """The one channel. Raises SourceError `settings`: a wiki that is none, nothing to look for."""
        wikis = [one.lower() for one in words_of(settings, "wikis")]
        for wiki in wikis:
            if not _DOMAIN.fullmatch(wiki):
                raise bad("wikis", f'"{wiki[:80]}" is no wiki', 'Write it as "fr.wikipedia.org".')
        pages, search = words_of(settings, "pages"), words_of(settings, "search")
        words = search or ([] if pages else list(terms))
        if not (pages or words):
            raise bad("search", "there is nothing to look for", "Add a topic, or name pages.")
        told = {
            "host": host_of(settings.get("host") or HOST, "host"),
            "wikis": wikis,
            "pages": [_folded(page) for page in pages],
            "search": [_words(term) for term in words],
            "bots": settings.get("bots") is True,
        }
        where = ", ".join(wikis[:3]) + (" …" if len(wikis) > 3 else "") if wikis else "every Wikipedia"
        return [Channel("edits", f"edits · {where}", told, stream=True, polled=False)]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        raise SourceError("stream", "Wikipedia is listened to as a stream alone", "There is nothing to do.")

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        return self.read(channel, cursor, [Frame(answer.body)], now)

    def socket(self, channel: Channel, cursor: Cursor, now: float) -> Socket:
        """The stream, from the last event on."""
        headers = {}
        since = None
        last, heard = cursor.get("id"), count(cursor.get("at"))
        if isinstance(last, str) and last and heard is not None and heard <= now:
            headers["Last-Event-ID"] = last
            since = max(float(heard), now - REMEMBERED)
        asked = Request(channel.settings["host"] + STREAM, headers=headers, contact=True)
        return Socket("sse", asked, silence=SILENCE, since=since)

    def read(self, channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
        """The edits that are looked for."""
        page = Page([], cursor=dict(cursor))
        before, first = count(cursor.get("at")), None
        for frame in frames:
            if frame.event not in ("", "message"):
                page.ending = _ending(frame)
                break
            edit = _edit(frame, page.rejects)
            made = _moment(edit, now)
            if made is not None:
                first = made if first is None else first
                page.at = float(max(made, page.at or 0))
                page.cursor["at"] = max(made, count(page.cursor.get("at")) or 0)
            if frame.id and len(frame.id) <= LONGEST_ID and frame.id.isascii() and frame.id.isprintable():
                page.cursor["id"] = frame.id
            post = _post(edit, channel.settings, made)
            if post is not None:
                page.posts.append(post)
        if before is not None and first is not None and before < now - REMEMBERED < first:
            page.gap = (float(before), float(first))
        return page

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        if status == 403:
            return "Wikimedia refuses us (HTTP 403)", "check contact in [collect]: it wants to know whom to write to"
        return None


def _edit(frame: Frame, rejects: list[Reject]) -> Mapping[str, Any]:
    try:
        edit = decode(frame.data, rejects)
    except SourceError as error:
        rejects.append(Reject(f"parse: {error.message}", frame.data[:200].decode("utf-8", "replace")))
        return {}
    if not isinstance(edit, dict):
        rejects.append(Reject("shape: an event that is no object", repr(edit)[:200]))
        return {}
    return edit


def _ending(frame: Frame) -> Ending:
    said = " ".join(frame.data[:200].decode("utf-8", "replace").split())
    return Ending("told", f"the stream ends with an {frame.event[:20]}: {said}", "It is listened to again by itself.")


def _moment(edit: Mapping[str, Any], now: float) -> int | None:
    """When the edit was made; events of the stream's own upkeep have no other time than this one either."""
    made = count(edit.get("timestamp")) or dates.parse(_table(edit.get("meta")).get("dt"))
    return dates.plausible(made, now)


def _post(edit: Mapping[str, Any], wanted: Mapping[str, Any], made: int | None) -> Post | None:
    """The edit as a post; None where nobody looks for it."""
    domain, title = text(_table(edit.get("meta")).get("domain")), text(edit.get("title"))
    revision = _table(edit.get("revision"))
    number, before = count(revision.get("new")), count(revision.get("old"))
    heard = edit.get("type") in KINDS and edit.get("namespace") in SPACES and number
    if not heard or domain is None or title is None or not _DOMAIN.fullmatch(domain):
        return None
    if not (domain in wanted["wikis"] if wanted["wikis"] else domain.endswith(".wikipedia.org")):
        return None
    if edit.get("bot") and not wanted["bots"]:
        return None
    summary = _plain(text(edit.get("comment")) or "")
    if _folded(title) not in wanted["pages"] and not _found(f"{title} {summary}", wanted["search"]):
        return None
    user = text(edit.get("user"))
    return Post(
        network="wikipedia",
        external_id=f"{domain}:{number}",
        kind="edit",
        url=f"https://{domain}/w/index.php?diff={number}" + (f"&oldid={before}" if before else ""),
        title=title,
        text=summary,
        author=Author(user, url=f"https://{domain}/wiki/User:{quote(user.replace(' ', '_'))}") if user else None,
        lang=_language(domain),
        published_at=made,
    )


def _language(domain: str) -> str | None:
    name, _, rest = domain.partition(".")
    return name if rest == "wikipedia.org" and 2 <= len(name) <= 3 else None


def _plain(summary: str) -> str:
    """A summary without its markup: `/* History */ see [[Acme|them]]` is `History: see them`."""
    named = _SECTION.sub(lambda found: f"{found[1]}: " if found[1] else "", summary)
    return " ".join(_LINK.sub(r"\1", named).split()).removesuffix(":")


def _words(term: str) -> list[str]:
    return [word for part in term.split() if (word := _folded(part).strip("#@\"'()"))]


def _found(said: str, search: Sequence[Sequence[str]]) -> bool:
    """Whether all words of one of the terms occur; the topics look closely afterwards."""
    folded = _folded(said)
    return any(all(word in folded for word in words) for words in search if words)


def _folded(said: str) -> str:
    """Without case, accents and underscores."""
    apart = unicodedata.normalize("NFKD", said.replace("_", " ").casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
