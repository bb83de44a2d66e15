"""Addresses that have moved for good: followed each time, and asked directly once the new one has proved itself.

A permanent redirect (301, 308) is believed when it has led to the same place at three good visits over a day at least:
many a hotel's network and many a bad configuration redirects everything for an hour. The configuration stays as it was
written; what was found is kept with the channel, shown, and dropped when the new address fails.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from listen.collect.http import Fetched
from sources import links
from sources.base import Channel, Request

VISITS = 3
SECONDS = 86_400

Moved = dict[str, Any]
"""`to` the new address, `since` when it was first led to, `visits` good ones, `adopted` since when it is asked."""


def asked(request: Request, moved: Moved | None) -> Request:
    """The request, at the address that was adopted."""
    return replace(request, url=str(moved["to"])) if moved and moved.get("adopted") else request


def after(channel: Channel, request: Request, fetched: Fetched, moved: Moved | None, now: float) -> Moved | None:
    """What is known after a good visit. `request` is as the adapter made it.

    Only for what is asked at one address with nothing secret about it: the store keeps no secret. An adopted address
    that has moved on is asked no more: the way begins where the configuration says again, and is counted anew.
    """
    to = fetched.permanent_url
    if to is None:
        return moved if moved and moved.get("adopted") else None
    if channel.settings.get("url") != request.url or request.params or request.secrets or links.hidden(to):
        return None
    if moved is None or moved.get("adopted") or moved["to"] != to:
        return {"to": to, "since": int(now), "visits": 1}
    visits = int(moved["visits"]) + 1
    proven = visits >= VISITS and now - int(moved["since"]) >= SECONDS
    return {**moved, "visits": visits, **({"adopted": int(now)} if proven else {})}
