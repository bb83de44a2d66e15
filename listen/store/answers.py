"""When mentions came in, and when they were answered and dealt with: what the service clock of desks reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from listen.model import STATUSES, id_time
from listen.store.following import BY
from listen.store.sqlite import Connection

_ANSWERED, _DONE = STATUSES.index("answered"), STATUSES.index("done")

_TIMES = """
SELECT m.id, m.seen_at, t.status, t.handled_at, t.by,
  (SELECT min(o.mention_id) FROM answered AS a JOIN ours AS o ON o.thread = a.thread AND o.mention_id > m.id
   WHERE a.mention_id = m.id)
FROM json_each(?) AS j CROSS JOIN mentions AS m ON m.id = j.value LEFT JOIN triage AS t ON t.mention_id = m.id
ORDER BY j.key"""


class Times(NamedTuple):
    """Unix seconds; None for what has not happened."""

    id: int
    seen_at: int
    answered_at: int | None
    """The first reply of ours in its conversation, or somebody said that it is answered, whichever came first."""
    closed_at: int | None
    """Somebody made it done or answered: what followed its story says nothing of how soon that is."""


def times(connection: Connection, ids: Sequence[int]) -> list[Times]:
    """Of these mentions, in their order; those that are gone are left out."""
    found = []
    for number, seen_at, status, handled_at, by, reply in connection.execute(_TIMES, (json.dumps(ids),)):
        answers = [handled_at] if status == _ANSWERED and handled_at is not None else []
        answers += [id_time(reply)] if reply is not None else []
        closed = handled_at if status in (_DONE, _ANSWERED) and by != BY else None
        found.append(Times(number, seen_at, max(seen_at, min(answers)) if answers else None, closed))
    return found
