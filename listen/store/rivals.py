"""Who was quicker: what somebody else did with a mention so lately that this person cannot have meant to undo it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listen.store import following, tags
from listen.store.journal import Field
from listen.store.sqlite import Connection

LATELY = 200
"""Parts of the journal that are looked through: people who act within the same seconds write few."""

DESK = "desk "
"""What desks do by themselves is nobody's word; their signature begins so."""


class Rival(NamedTuple):
    """Somebody who was quicker with a mention."""

    mention_id: int
    by: str
    ago: int
    """Seconds."""
    action: str
    """In words, as the journal has it."""


def quicker(
    connection: Connection, ids: Sequence[int], fields: Iterable[Field], who: str, now: float, within: float
) -> list[Rival]:
    """Of these mentions those with which others did something in the same fields within so many seconds.

    Tags add up and are nobody's rivals.
    """
    wanted = {field for field in fields if not field.startswith(tags.TAG)}
    rows = connection.execute(
        "SELECT by, at, action, detail FROM (SELECT * FROM journal ORDER BY id DESC LIMIT ?) "
        "WHERE by NOT IN (?,?) AND at >= ? AND undone_at IS NULL AND substr(by, 1, ?) <> ?",
        (LATELY, who, following.BY, now - within, len(DESK), DESK),
    )
    did: dict[tuple[str, str], tuple[str, int, str]] = {}
    for by, at, action, detail in rows:
        told = json.loads(detail)
        if told["field"] in wanted:
            for _, names in told["before"]:
                for name in names:
                    did.setdefault((name[0], name[1]), (by, max(0, int(now - at)), action))
    if not did:
        return []
    named = connection.execute(
        "SELECT m.id, n.name, m.external_id FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value "
        "JOIN networks AS n ON n.id = m.network_id",
        (json.dumps(list(ids)),),
    )
    return [Rival(one, *did[name]) for one, *name_ in named if (name := (name_[0], name_[1])) in did]
