"""The journal as people read it: what was done, by whom, when, to how many, and whether it still stands."""

from __future__ import annotations

from typing import NamedTuple

from listen.store.sqlite import Connection
from listen.text import fold


def signed(name: str, login: str | None) -> str:
    """`ana`; `ana (bob)` for what was done with the login bob."""
    return f"{name} ({login})" if login and fold(login) != fold(name) else name


class Step(NamedTuple):
    """One action, as one undo takes it back."""

    step: int
    at: int
    """Unix seconds."""
    by: str
    action: str
    """In words: `done`, `tagged vip`."""
    mentions: int
    """How many it changed."""
    undone_at: int | None
    """When it was taken back; None while it stands."""
    user: str | None = None
    """The login of the machine that did it; None for a desk, and where that is not known."""
    undone_by: str | None = None
    undone_user: str | None = None

    @property
    def signed(self) -> str:
        """Who did it; see `signed`."""
        return signed(self.by, self.user)

    @property
    def taken_back(self) -> str:
        """`taken back`, by whom when that was somebody else; empty while it stands."""
        if self.undone_at is None:
            return ""
        same = self.undone_by in (None, self.by) and self.undone_user in (None, self.user)
        return "taken back" if same else f"taken back by {signed(self.undone_by or self.by, self.undone_user)}"


# A step of several fields has rows for each; where a row's JSON ends its field is cheaper to see than to parse.
_STEPS = """
WITH chosen AS MATERIALIZED (
  SELECT id FROM journal WHERE id = step AND ifnull(?1, by) = by AND at >= ?2 ORDER BY id DESC LIMIT ?3)
SELECT step, min(at), by, min(action), max(n), CASE WHEN count(undone) = count(*) THEN max(undone) END,
  max(user), max(undone_by), max(undone_user) FROM (
  SELECT j.step, min(j.at) AS at, j.by, min(j.action) AS action, sum(j.count) AS n,
    CASE WHEN count(j.undone_at) = count(*) THEN max(j.undone_at) END AS undone,
    max(j.user) AS user, max(j.undone_by) AS undone_by,
    max(j.undone_user) AS undone_user
  FROM journal AS j CROSS JOIN chosen AS c ON c.id = j.step WHERE j.id >= (SELECT min(id) FROM chosen)
  GROUP BY j.step, substr(j.detail, 1, instr(j.detail, '"value"')))
GROUP BY step ORDER BY step DESC"""


def steps(connection: Connection, who: str | None = None, since: float = 0, limit: int = 100) -> list[Step]:
    """The newest actions of a person, or of everybody, from `since` (Unix seconds) on."""
    return [Step._make(row) for row in connection.execute(_STEPS, (who, int(since), limit))]
