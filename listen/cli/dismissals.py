"""What share of their mentions people dismiss, for the commands that list topics and sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from listen.cli.common import say
from listen.insight.dismissals import BEFORE, LATELY, Change, Dismissals, Share
from listen.text import one_line


def share_record(share: Share) -> dict[str, Any]:
    """Of the mentions of the last weeks that were dealt with."""
    part = round(share.dismissed / share.handled, 4) if share.handled else None
    return {"handled": share.handled, "dismissed": share.dismissed, "share": part}


def topic_record(found: Dismissals, topic: str) -> dict[str, Any]:
    """A topic's share, and the sources where it has changed beyond chance."""
    changes = [
        {"source": one.source, "before": share_record(one.before), "lately": share_record(one.lately), "p": one.p}
        for one in found.changes(topic)
    ]
    return share_record(found.of_topic(topic)) | {"changes": changes}


def source_record(found: Dismissals, source: str) -> dict[str, Any]:
    """A source's share, before and lately, and whether the difference is more than chance."""
    one = next((one for one in found.sources if one.source == source), Change(None, source, Share(), Share()))
    record = share_record(found.of_source(source))
    return record | {"before": share_record(one.before), "lately": share_record(one.lately), "changed": one.told}


def percent(share: Share) -> str:
    """A share for a column, empty when nothing was dealt with."""
    return share.percent if share.handled else ""


def tell(changes: Iterable[Change]) -> None:
    """Say which shares have changed beyond chance."""
    for one in changes:
        if one.told:
            where = one_line(one.source) if one.topic is None else f"{one_line(one.topic)} in {one_line(one.source)}"
            say(f"{where}: {one} ({LATELY} days against the {BEFORE} before, of what was dealt with)")
