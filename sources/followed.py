"""Things whose comments are followed, in a cursor: which there are, and which are to be asked about.

`known` holds `id:comments:newest` for each: how many comments it had when it was last looked at, and the moment of the
newest one that was read. `asks` holds the ids whose comments are to be asked for, `next` and `pages` the page of the
first of them, `top` the newest comment of it so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sources.base import Cursor
from sources.jsontext import text

Known = dict[str, tuple[int, int]]
"""Id -> (comments, moment of the newest one that was read)."""

PAGING = ("next", "pages", "top")


def listed(cursor: Cursor, key: str) -> list[str]:
    """Ids that stand in the cursor."""
    return (text(cursor.get(key)) or "").split()


def number(cursor: Cursor, key: str) -> int | None:
    value = cursor.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def known(cursor: Cursor) -> Known:
    found: Known = {}
    for one in listed(cursor, "known"):
        what, comments, newest = one.rsplit(":", 2)
        found[what] = (int(comments), int(newest))
    return found


def written(found: Mapping[str, tuple[int, int]]) -> str:
    return " ".join(f"{what}:{comments}:{newest}" for what, (comments, newest) in found.items())


def page_read(cursor: Cursor, moments: Iterable[int | None], token: str | None, most: int) -> tuple[Cursor, bool]:
    """The cursor after a page of comments, newest first, and whether the same thing has another page to read."""
    what, *others = listed(cursor, "asks")
    found = known(cursor)
    comments, newest = found.get(what, (0, 0))
    said = [moment for moment in moments if moment is not None]
    page = (number(cursor, "pages") or 0) + 1
    top = max([newest, number(cursor, "top") or 0, *said])
    if token and said and min(said) > newest and page < most:
        return {**cursor, "next": token, "pages": page, "top": top}, True
    found[what] = (comments, top)
    return {**left_out(cursor), "known": written(found), "asks": " ".join(others)}, False


def left_out(cursor: Cursor) -> Cursor:
    """The cursor with the first of `asks` left out."""
    kept: Cursor = {key: value for key, value in cursor.items() if key not in PAGING}
    return {**kept, "asks": " ".join(listed(cursor, "asks")[1:])}
