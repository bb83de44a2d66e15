"""Rounds that are read backwards by time, page after page, at places that give the newest first.

A round ends where the last one did, less an overlap for what was told late and for edits. The cursor holds `since`, up
to which all was heard; in the middle of a round also `low` (where it ends), `top` (the newest moment seen, which is
`since` at its end), `page` (the one to ask for) and `at` (the place's own mark of that page, where it has one). A
back-fill's round begins with its end, and with the `pages` that it may take.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from sources import dates
from sources.base import Cursor, Reject

CLOCK = 300
"""Seconds by which a clock may be put right without the cursor being doubted: every overlap is longer."""


FAR = 1_000
"""Pages of a round that was asked to go far back."""


class Reach(Struct, frozen=True):
    """How far rounds go back: seconds of the first one, seconds that later ones read again, pages of one round."""

    first: int
    overlap: int
    pages: int


def back(since: float) -> Cursor:
    """The cursor of a round that goes back to `since` (Unix seconds), however many pages that takes."""
    return {"low": int(since), "pages": FAR}


def page(cursor: Cursor, now: float) -> int:
    """The page to ask for, from 1."""
    return _number(_believable(cursor, now), "page") or 1


def low(cursor: Cursor, reach: Reach, now: float) -> int:
    """The moment where this round ends."""
    cursor = _believable(cursor, now)
    known, since = _number(cursor, "low"), _number(cursor, "since")
    if known is not None:
        return known
    return int(now) - reach.first if since is None else since - reach.overlap


def step(
    cursor: Cursor,
    moments: Iterable[int | None],
    reach: Reach,
    rejects: list[Reject],
    now: float,
    *,
    further: bool,
    at: str | None = None,
) -> tuple[Cursor, bool]:
    """The cursor after a page, and whether the round goes on. `further`: the place has older ones.

    A round that is cut off at its last page says so in `rejects`.
    """
    end, number = low(cursor, reach, now), page(cursor, now)
    cursor = _believable(cursor, now)
    seen = [moment for moment in moments if moment is not None and dates.EARLIEST <= moment <= now + dates.AHEAD]
    known = [moment for key in ("since", "top") if (moment := _number(cursor, key)) is not None]
    top = min(max([*known, *seen], default=end), int(now))
    since = _number(cursor, "since")
    if further and seen and min(seen) > end:
        most = _number(cursor, "pages")
        if number < (most or reach.pages):
            kept: Cursor = {"low": end, "top": top, "page": number + 1}
            kept |= {} if since is None else {"since": since}
            kept |= {} if most is None else {"pages": most}
            return kept | ({"at": at} if at else {}), True
        if since is not None:
            rejects.append(Reject(f"limit:pages: more than {reach.pages} pages since the last time, the rest was left"))
    return {"since": top}, False


def _number(cursor: Cursor, key: str) -> int | None:
    value = cursor.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _believable(cursor: Cursor, now: float) -> Cursor:
    """The cursor, or none when it lies ahead: a clock that has been set back wrote it, and the round begins anew."""
    written = max(_number(cursor, key) or 0 for key in ("low", "since", "top"))
    return cursor if written <= now + CLOCK else {}
