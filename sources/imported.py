"""The reader of files that `listen import` takes in: JSON lines or CSV, a chunk of whole records at a time.

It asks nobody; it stands here because a file is as foreign as an answer, and is read by the same child processes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sources import dates
from sources.base import Answer, Author, Channel, Cursor, Option, Page, Post, Reject, Request, Settings, SourceError
from sources.jsontext import count, numbers

NETWORK = "import"

NAMES: Mapping[str, tuple[str, ...]] = {
    "network": ("network", "platform"),
    "external_id": ("external_id", "id", "guid", "mention_id", "post_id"),
    "kind": ("kind", "type"),
    "url": ("url", "link", "permalink"),
    "title": ("title", "headline", "subject"),
    "text": ("text", "body", "content", "message", "snippet", "description", "full_text"),
    "author": ("author", "handle", "author_handle", "username", "screen_name", "user"),
    "author_name": ("author_name", "name", "full_name", "display_name"),
    "author_url": ("author_url", "profile_url"),
    "followers": ("followers", "author_followers", "followers_count"),
    "lang": ("lang", "language"),
    "published_at": ("published_at", "date", "published", "created_at", "time", "timestamp", "datetime"),
    "edited_at": ("edited_at", "updated_at"),
    "rating": ("rating", "stars"),
    "likes": ("likes", "like_count", "favourites", "favorites"),
    "replies": ("replies", "reply_count", "comments"),
    "reposts": ("reposts", "shares", "retweets", "retweet_count"),
    "views": ("views", "impressions", "view_count"),
    "parent_id": ("parent_id", "in_reply_to"),
    "thread_id": ("thread_id", "conversation_id"),
    "country": ("country", "country_code"),
    "tags": ("tags", "hashtags"),
}
"""What a post has -> the columns or keys that it is read from, the first that is there. Capitals and blanks in a
column's name count for nothing."""

OURS = frozenset(["external_id", "tone", "correction", "unscored", "copies"])
"""Columns that a CSV of `listen export` has, and hardly another."""

_APOSTROPHE = re.compile("'(?='*\\s*[=+\\-@＝＋－＠]|'*[\t\r\n])")
_ESCAPED = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})")
"""What `listen export` does to a text that a spreadsheet would take for a formula, and to signs that nobody sees."""

KINDS = frozenset(
    ["post", "comment", "reply", "repost", "quote", "article", "review", "issue", "video", "episode", "edit", "mail"]
)


class Bad(ValueError):
    """A record that is no mention; the text says why."""


class ImportAdapter:
    """Reads chunks of a file; the page's cursor names the line of each post as `lines`.

    The channel's settings are `format` (csv, jsonl), `header` and `delimiter` of a CSV
    file, and `network` for records that name none; the cursor's `line` is the number of the chunk's first line."""

    name = "import"
    summary = "files that `listen import` takes in"
    needs = "nothing"
    every = 86_400.0
    options: Mapping[str, Option] = {}

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """None: files are taken in by a command, once."""
        raise SourceError("settings", "files are taken in by a command", "Use `listen import FILE`.")

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """Nobody is asked."""
        raise SourceError("settings", "files are taken in by a command", "Use `listen import FILE`.")

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of a chunk; a bad record is a reject that names its line."""
        page = Page([])
        first = int(cursor.get("line") or 1)
        network = str(channel.settings.get("network") or NETWORK)
        lines = []
        read = _csv if channel.settings.get("format") == "csv" else _json_lines
        for line, record in read(channel.settings, answer.body, first):
            try:
                if isinstance(record, Bad):
                    raise record
                page.posts.append(_post(record, network, now))
                lines.append(str(line))
            except Bad as fault:
                page.rejects.append(Reject(f"line {line}: {fault}", str(record)[:500]))
        page.cursor = {"lines": " ".join(lines)}
        return page


Record = Mapping[str, Any] | Bad


def _json_lines(_: Mapping[str, Any], body: bytes, first: int) -> Iterator[tuple[int, Record]]:
    for line, raw in enumerate(body.split(b"\n"), first):
        if not raw.strip():
            continue
        try:
            record = json.loads(raw)
        except UnicodeDecodeError:
            yield line, Bad("it is not UTF-8")
        except (ValueError, RecursionError) as fault:
            yield line, Bad(f"it is no JSON ({getattr(fault, 'msg', 'nested too deeply')})")
        else:
            yield line, record if isinstance(record, dict) else Bad("it is no JSON object")


def _csv(settings: Mapping[str, Any], body: bytes, first: int) -> Iterator[tuple[int, Record]]:
    header = [str(name) for name in settings["header"]]
    # A sign that is no UTF-8 becomes a mark that no text holds, so that its record alone is refused.
    source = io.StringIO(body.decode("utf-8", "surrogateescape"), newline="")
    reader = csv.reader(source, delimiter=str(settings.get("delimiter") or ","))
    csv.field_size_limit(1 << 20)
    begun = first
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield begun, Bad(f"it is no CSV ({fault})")
            begun = first + reader.line_num
            continue
        line, begun = begun, first + reader.line_num
        if not any(cell.strip() for cell in row):
            continue
        if any("\udc80" <= sign <= "\udcff" for cell in row for sign in cell):
            yield line, Bad("it is not UTF-8")
        elif len(row) > len(header):
            yield line, Bad(f"it has {len(row)} columns, and the first line names {len(header)}")
        else:
            yield line, dict(zip(header, map(_stored, row) if {*header} >= OURS else row, strict=False))


def _stored(cell: str) -> str:
    """The text that stands in a cell of a CSV of ours."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell[1:] if _APOSTROPHE.match(cell) else cell)


def keyed(name: str) -> str:
    """A column's name as it is looked up: `Published At` is `published_at`."""
    return "_".join(name.strip().lower().replace("-", " ").split())


def known(names: Sequence[str]) -> set[str]:
    """Those of the columns that are read."""
    every = {alias for aliases in NAMES.values() for alias in aliases}
    return {name for name in names if keyed(name) in every}


def _post(record: Mapping[str, Any], network: str, now: float) -> Post:
    told = {keyed(str(name)): value for name, value in record.items() if value is not None and value != ""}
    found = {field: next((told[name] for name in names if name in told), None) for field, names in NAMES.items()}
    url, title, text = (_text(found[field]) for field in ("url", "title", "text"))
    if not (url or title or text):
        raise Bad("it has no text, no title and no url")
    published = _moment(found["published_at"], "published_at")
    author = _author(found)
    kind = _text(found["kind"]) or "post"
    return Post(
        network=_text(found["network"]) or network,
        external_id=_text(found["external_id"]) or _made_id(url, title, text, published, author),
        kind=kind if kind in KINDS else "post",
        url=url,
        title=title,
        text=text or "",
        author=author,
        lang=_text(found["lang"]),
        published_at=dates.plausible(published, now),
        edited_at=dates.plausible(_moment(found["edited_at"], "edited_at"), now),
        **numbers(found, _count),
        parent_id=_text(found["parent_id"]),
        thread_id=_text(found["thread_id"]),
        country=_text(found["country"]),
        tags=_tags(found["tags"]),
    )


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) else None


def _moment(value: Any, field: str) -> int | None:
    """Unix seconds of a date, or of a number of seconds or milliseconds."""
    if value is None:
        return None
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(value, str) and value.strip().lstrip("-").replace(".", "", 1).isdigit() and len(value.strip()) > 8:
        number = float(value)
    moment = int(number / (1_000 if abs(number) > 1e11 else 1)) if number is not None else dates.parse(value)
    if moment is None:
        raise Bad(f'{field} is no date: "{str(value)[:40]}"; write 2026-01-31T14:00:00Z')
    return moment


def _count(value: Any) -> int | None:
    if isinstance(value, str):
        digits = value.strip().replace(",", "").replace(" ", "")
        return int(float(digits)) if digits.replace(".", "", 1).isdigit() and len(digits) < 16 else None
    return int(value) if isinstance(value, float) and abs(value) < 1e15 else count(value)


def _author(found: Mapping[str, Any]) -> Author | None:
    told = found["author"]
    if isinstance(told, Mapping):
        handle, shown = _text(told.get("handle") or told.get("username")), _text(told.get("name"))
        url, followers = _text(told.get("url")), _count(told.get("followers"))
    else:
        handle, shown = _text(told), _text(found["author_name"])
        url, followers = _text(found["author_url"]), _count(found["followers"])
    name = handle or shown
    return Author(name, shown, url, followers) if name else None


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace(";", ",").split(",")
    return tuple(tag for each in value if (tag := _text(each))) if isinstance(value, list) else ()


def _made_id(url: str | None, title: str | None, text: str | None, at: int | None, author: Author | None) -> str:
    """The same for the same record, so that a file that is taken in twice brings nothing twice."""
    told = json.dumps([url, title, text, at, author.handle if author else None], ensure_ascii=False)
    return "made:" + hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
