"""What may be wrong with a desk, beside the kinds of its values; and in whose hours it serves."""

from __future__ import annotations

import contextlib
import os
import zoneinfo
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from listen.query import QueryError, parse
from listen.query.book import OfDesk
from listen.service import configured, days_of, hours_of
from listen.text import fold
from listen.text.tag import tag_of


def faults(keys: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(key, what is wrong, what to write) of a desk's values."""
    for key, reader, what in (("hours", hours_of, "hours of service"), ("days", days_of, "days of the week")):
        if keys[key] is not None:
            try:
                reader(keys[key])
            except ValueError as error:
                yield key, f"expected {what}", str(error)
    for tag in keys["tags"]:
        try:
            tag_of(tag)
        except ValueError as error:
            yield "tags", str(error), ""
    if keys["timezone"] and not is_zone(keys["timezone"]):
        yield "timezone", f'there is no time zone "{keys["timezone"]}"', 'such as "Europe/Paris"'
    for key in ("hours", "days"):
        if keys[key] is not None and keys["answer_within"] is None:
            yield key, "these hours belong to a promise, and there is none", 'add answer_within = "2h"'


def for_book(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, OfDesk]:
    """Checked desks as a `Book` holds them; a query that cannot be read has been reported."""
    held: dict[str, OfDesk] = {}
    for one in configured(entries, ""):
        with contextlib.suppress(QueryError):
            held[fold(one.name)] = OfDesk(parse(one.query), one.within if one.promises else None, one.service)
    return held


def is_zone(name: str) -> bool:
    """Whether this machine knows a time zone of that name."""
    try:
        return bool(zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def local_zone() -> str:
    """The name of this machine's time zone; "" (UTC) when it has none that others would know."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named:
        try:
            named = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
        except OSError:
            return ""
    return named if named and is_zone(named) else ""
