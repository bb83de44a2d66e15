"""Copies beyond what memory holds: the strong keys of mentions, by week, in the database.

The table in memory (`prints`) knows the last 500,000 mentions or so. From half of that on, what a mention can be known
again by alone (all of its words, its headline, its link) is kept here, too, as long as a copy can be told with it. By
week, so that what comes in is written into one place of the tree, whatever its size.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from listen.likeness import DAY, STRONG, WORDS_WITHIN
from listen.store.layout import week_of
from listen.store.sqlite import Connection

WEEKS = WORDS_WITHIN // (7 * DAY) + 1
"""Weeks back in which a copy may lie."""

STEP = 2_000
"""Rows of one step of letting go."""

_FIND = """
SELECT e.mention_id FROM json_each(?1) AS w CROSS JOIN json_each(?2) AS k CROSS JOIN echoes AS e
ON e.week = w.value AND e.key = k.value LIMIT ?3"""


def keep(connection: Connection, told: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Remember mentions and their keys, inside a transaction."""
    connection.executemany("INSERT OR IGNORE INTO echoes VALUES (?,?,?)", _rows(told))


def drop(connection: Connection, told: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Forget them."""
    connection.executemany("DELETE FROM echoes WHERE week = ? AND key = ? AND mention_id = ?", _rows(told))


def there(connection: Connection) -> bool:
    """Whether anything is remembered here."""
    return connection.execute("SELECT 1 FROM echoes LIMIT 1").fetchone() is not None


def find(connection: Connection, mention_id: int, keys: Sequence[int], most: int) -> list[int]:
    """Mentions that share a strong key with this one, by an index: some fifteen look-ups."""
    strong = [key for key in keys if key >= STRONG]
    if not strong:
        return []
    week = week_of(mention_id)
    rows = connection.execute(_FIND, (json.dumps([*range(week + 1, week - WEEKS - 1, -1)]), json.dumps(strong), most))
    return [row[0] for row in rows if row[0] != mention_id]


def prune(connection: Connection, newest: int) -> bool:
    """Let go of some of what no copy can be told with any more; whether there was anything."""
    (oldest,) = connection.execute("SELECT min(week) FROM echoes").fetchone()
    if oldest is None or oldest >= week_of(newest) - WEEKS:
        return False
    rows = connection.execute("SELECT * FROM echoes WHERE week = ? LIMIT ?", (oldest, STEP)).fetchall()
    connection.executemany("DELETE FROM echoes WHERE week = ? AND key = ? AND mention_id = ?", rows)
    return True


def _rows(told: Iterable[tuple[int, Sequence[int]]]) -> list[tuple[int, int, int]]:
    return sorted((week_of(one), key, one) for one, keys in told for key in keys if key >= STRONG)
