"""How a channel of a mapping moves: through the pages of a round, and from one round to the next.

The cursor holds
found: what the lookup found; since: the newest moment heard; ids: marks of what the last round held;
in the middle of a round also page: how the next one is asked for; n: pages asked; top, now: the same of this round.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from msgspec import Struct

from sources.base import Cursor, Post, Reject
from sources.jsontext import count, name
from sources.mapping import PLACEHOLDER, MappingFile, Rules, duration

CLOCK = 300
"""Seconds by which a clock may be put right without the cursor being doubted."""
REMEMBERED = 600
"""Posts of a round that the next one knows again."""
LONGEST = 2_000
"""Characters of what a server may have us repeat."""
_MARK = 4
_NEXT = re.compile(r"<([^<>]{1,2000})>\s*;[^,]*?\brel=\"?next\b", re.IGNORECASE)


class Step(Struct):
    """What one answer held."""

    value: Any
    headers: Mapping[str, str]
    items: int
    """As many as the answer listed, also those that are no posts."""
    posts: Sequence[Post]
    base: str
    """The address that is asked, without parameters."""


def page(rules: Rules, cursor: Cursor) -> str:
    """How this page is asked for; "" where nothing needs to be said."""
    if rules.paging is None or rules.paging.kind == "link":
        return ""
    if (told := cursor.get("page")) is not None:
        return str(told)
    return {"page": str(rules.paging.first), "offset": "0"}.get(rules.paging.kind, "")


def link(rules: Rules, cursor: Cursor) -> str:
    """The address of this page, where the server gave one."""
    told = cursor.get("page")
    return told if rules.paging is not None and rules.paging.kind == "link" and isinstance(told, str) else ""


def since(rules: Rules, cursor: Cursor, now: float) -> str:
    """What `{since}` stands for; "" where everything is wanted."""
    if rules.since is None:
        return ""
    heard = count(cursor.get("since"))
    if heard is not None and heard <= now + CLOCK:
        moment = heard - int(duration(rules.since.overlap) or 0)
    elif rules.since.first:
        moment = int(now - (duration(rules.since.first) or 0))
    else:
        return ""
    if rules.since.form in ("seconds", "milliseconds"):
        return str(moment * (1_000 if rules.since.form == "milliseconds" else 1))
    form = "%Y-%m-%d" if rules.since.form == "date" else "%Y-%m-%dT%H:%M:%SZ"
    return datetime.fromtimestamp(max(0, moment), UTC).strftime(form)


def after(mapping: MappingFile, cursor: Cursor, step: Step, now: float, rejects: list[Reject]) -> tuple[Cursor, bool]:
    """The cursor after an answer, and whether there is more to ask for at once."""
    rules = mapping.rules
    kept: Cursor = {"found": cursor["found"]} if cursor.get("found") else {}
    if rules.paging is not None and rules.paging.kind == "forward":
        return _forward(mapping, cursor, kept, step)
    marks = [_mark(post.external_id) for post in step.posts]
    known = _marks(cursor.get("ids"))
    held = [*_marks(cursor.get("now")), *marks]
    moments = [post.published_at for post in step.posts if post.published_at is not None]
    times = [count(cursor.get("since")), count(cursor.get("top")), *moments]
    top = max((one for one in times if one is not None and one <= now + CLOCK), default=None)
    asked = (count(cursor.get("n")) or 0) + 1
    onward = None
    met = bool(marks) and marks[-1] in known
    if rules.paging is not None and step.items and not met and asked < rules.paging.most:
        onward = _onward(mapping, cursor, step, rejects)
    if onward is None:
        whole = list(dict.fromkeys([*held, *known]))[:REMEMBERED]
        return {**kept, "ids": "".join(whole), **({"since": min(top, int(now))} if top is not None else {})}, False
    kept |= {"ids": "".join(known), "now": "".join(held[:REMEMBERED]), "page": onward, "n": asked}
    heard = count(cursor.get("since"))
    return kept | ({"since": heard} if heard is not None else {}) | ({"top": top} if top is not None else {}), True


def _forward(mapping: MappingFile, cursor: Cursor, kept: Cursor, step: Step) -> tuple[Cursor, bool]:
    """The next visit begins where this one ended."""
    paging = mapping.rules.paging
    assert paging is not None
    told = _told(mapping, step)
    if told is None:
        before = cursor.get("page")
        return kept if before is None else {**kept, "page": before}, False
    full = bool(paging.size) and step.items >= paging.size and told != cursor.get("page")
    return {**kept, "page": told}, full


def _told(mapping: MappingFile, step: Step) -> int | str | None:
    """What the answer says of how to go on."""
    paging = mapping.rules.paging
    value = mapping.answered("paging.at", step.value)
    if paging is not None and paging.plus:
        number = count(value)
        return None if number is None else number + paging.plus
    told = name(value)
    return told if told is not None and len(told) <= LONGEST else None


def _onward(mapping: MappingFile, cursor: Cursor, step: Step, rejects: list[Reject]) -> int | str | None:
    """How the next page is asked for; None when this is the last one."""
    paging = mapping.rules.paging
    assert paging is not None
    if paging.size and step.items < paging.size:
        return None
    if paging.kind == "page":
        return int(page(mapping.rules, cursor)) + 1
    if paging.kind == "offset":
        return int(page(mapping.rules, cursor)) + step.items
    if paging.kind == "cursor":
        told = _told(mapping, step)
        return None if told == cursor.get("page") else told
    target = mapping.answered("paging.at", step.value) if paging.at else _header(step.headers.get("link", ""))
    return _safe_link(mapping, target, step.base, rejects) if isinstance(target, str) and target else None


def _header(value: str) -> str | None:
    found = _NEXT.search(value[: 4 * LONGEST])
    return found[1] if found else None


def _safe_link(mapping: MappingFile, target: str, base: str, rejects: list[Reject]) -> str | None:
    """The address of the next page without its secrets; none at another place, which must not be sent any."""
    hidden = mapping.secrets()
    private = {
        key
        for key, template in mapping.rules.request.params.items()
        if any(found[1] in hidden for found in PLACEHOLDER.finditer(template))
    }
    try:
        here, there = urlsplit(base), urlsplit(urljoin(base, target))
        same = (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())
    except ValueError:
        same = False
    if not same or len(target) > LONGEST:
        rejects.append(Reject("refused: the next page lies at another place than the first", target[:200]))
        return None
    query = [(key, value) for key, value in parse_qsl(there.query, keep_blank_values=True) if key not in private]
    return there._replace(query=urlencode(query), fragment="").geturl()


def _mark(external_id: str) -> str:
    return hashlib.blake2b(external_id.encode("utf-8", "surrogatepass"), digest_size=_MARK).hexdigest()


def _marks(value: object) -> list[str]:
    told = value if isinstance(value, str) else ""
    return [told[start : start + 2 * _MARK] for start in range(0, len(told), 2 * _MARK)]
