"""One item of an answer -> one post, as a mapping says."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, cast

from sources import dates, links
from sources.base import Author, Post, Reject
from sources.jsontext import count, name, numbers, text
from sources.mapping import FIELDS, MappingFile

MILLISECONDS = 100_000_000_000
"""Seconds do not grow so large before the year 5138: a larger number counts milliseconds."""
_SHORT = re.compile(r"(\d{1,9})(?:[.,](\d{1,3}))?\s?([KMkm])")
_TIMES = {"k": 1_000, "m": 1_000_000}


def post(mapping: MappingFile, item: Any, base: str, now: float) -> Post | Reject | None:
    """The post in an item, or why it is none; None where the mapping says that it is nothing at all.

    `base` is where relative addresses start. Nothing that an item holds is raised: it costs that item alone.
    """
    try:
        if mapping.search("skip", item):
            return None
        found = {field: mapping.search(f"post.{field}", item) for field in FIELDS}
        external_id = name(found["id"])
        if external_id is None:
            return Reject("no-identity: the item has no id where the mapping looks for it", repr(item)[:200])
        return _post(mapping, external_id, found, base, now)
    except MemoryError:
        raise
    except Exception as error:  # expressions meet values that nobody foresaw, and each function has errors of its own
        said = " ".join(str(error).split())[:160]
        return Reject(f"shape: the item is not as the mapping says ({said})", repr(item)[:200])


def _post(mapping: MappingFile, external_id: str, found: Mapping[str, Any], base: str, now: float) -> Post:
    rules = mapping.rules
    title, body = _words(found["title"]), _words(found["text"]) or ""
    if rules.html and "title" not in rules.html and title is not None:
        title = html.escape(title, quote=False)
    if rules.html and "text" not in rules.html:
        body = html.escape(body, quote=False)
    return Post(
        network=mapping.network,
        external_id=external_id,
        kind=text(found["kind"]) or "post",
        url=links.resolve(text(found["url"]), [base]),
        title=title,
        text=body,
        markup="html" if rules.html else "plain",
        author=_author(found, base),
        lang=text(found["lang"]),
        published_at=dates.plausible(_moment(found["published_at"], rules.times), now),
        edited_at=dates.plausible(_moment(found["edited_at"], rules.times), now),
        state=cast(Any, text(found["state"]) or "active"),
        **numbers(found, amount),
        parent_id=name(found["parent_id"]),
        thread_id=name(found["thread_id"]),
        country=text(found["country"]),
        tags=_tags(found["tags"]),
        truncated=found["truncated"] is True,
    )


def _words(value: Any) -> str | None:
    """A text; several of them become paragraphs."""
    if isinstance(value, list):
        return "\n\n".join(part for part in map(text, value) if part) or None
    return text(value)


def _author(found: Mapping[str, Any], base: str) -> Author | None:
    handle, shown = name(found["author"]), text(found["author_name"])
    if handle is None and shown is None:
        return None
    url = links.resolve(text(found["author_url"]), [base])
    return Author(handle or shown or "", shown, url, amount(found["followers"]))


def _tags(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    return tuple(part.strip() for part in map(text, parts) if part)


def amount(value: Any) -> int | None:
    """A count from a number, its digits, or what people are shown: `1.8K`."""
    if isinstance(value, float) and 0 <= value < 2**53:
        return round(value)
    if isinstance(value, str) and (short := _SHORT.fullmatch(value.strip())):
        return round(float(f"{short[1]}.{short[2] or 0}") * _TIMES[short[3].lower()])
    return count(value)


def _moment(value: Any, times: str) -> int | None:
    """Unix seconds of a date as the mapping's `times` says it is written."""
    if isinstance(value, str):
        digits = value.strip()
        if not (digits.isascii() and digits.replace(".", "", 1).isdigit()) or (times == "auto" and len(digits) < 9):
            return dates.parse(value)
        value = float(digits)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**62:
        return None
    thousandths = times == "milliseconds" or (times == "auto" and value >= MILLISECONDS)
    return int(value / 1_000 if thousandths else value)
