"""What was taken for noise and why, what people say of it, and judging anew what is stored when the patterns change.

A person's word counts over the patterns', whatever they say later. Light on purpose: readers and people's actions
import it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from listen.model import KINDS
from listen.store import aside
from listen.store.aside import NOISE, OWN
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.noise import Patterns

WARM = 5_000
"""Mentions that a writer looks back on, so that a flood that spans its start is seen."""

DAY = 86_400

_PATTERNS, _VERSION, _TO = "noise", "noise_version", "noise_to"


class Verdict(NamedTuple):
    """Why a mention is noise, or is not."""

    noise: bool
    reasons: tuple[tuple[str, str], ...]
    """(name, words) of the patterns that it shows."""
    said: bool | None
    """What a person says of it; None when nobody said anything."""
    by: str | None
    """Who did something with it last, where somebody said whether it is noise."""


def verdict(connection: Connection, mention_id: int) -> Verdict:
    """What is known of a mention."""
    said = connection.execute(
        "SELECT noise, by FROM triage WHERE mention_id = ? AND noise IS NOT NULL", (mention_id,)
    ).fetchone()
    shown = names(connection, mention_id)
    known = patterns(connection) if shown else {}
    reasons = tuple((one, known[one][1] if one in known else one) for one in shown)
    noise = bool(aside.why(connection, mention_id) & NOISE)
    return Verdict(noise, reasons, bool(said[0]) if said else None, said[1] if said else None)


def names(connection: Connection, mention_id: int) -> list[str]:
    """The patterns that a mention was found to show."""
    row = connection.execute("SELECT reasons FROM noise WHERE mention_id = ?", (mention_id,)).fetchone()
    return list(json.loads(row[0])) if row else []


def patterns(connection: Connection) -> dict[str, tuple[str, str]]:
    """Name -> (query, reason) of the patterns that count."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (_PATTERNS,)).fetchone()
    return {name: (one[0], one[1]) for name, one in json.loads(row[0]).items()} if row else {}


def judge(connection: Connection, verdicts: Mapping[int, Sequence[str]]) -> list[int]:
    """Store which patterns these mentions show ([]: none); those that have become noise by it, or are none any more."""
    ids = sorted(verdicts)
    connection.executemany("DELETE FROM noise WHERE mention_id = ?", [(one,) for one in ids if not verdicts[one]])
    connection.executemany(
        "INSERT INTO noise VALUES (?,?) ON CONFLICT DO UPDATE SET reasons=excluded.reasons",
        [(one, json.dumps(list(verdicts[one]))) for one in ids if verdicts[one]],
    )
    return settle(connection, ids)


def settle(connection: Connection, ids: Iterable[int]) -> list[int]:
    """Make these mentions count, or not, by people's words or else the patterns'; those for which that is new.

    What we say ourselves is no noise to us, unless somebody says so.
    """
    rows = connection.execute(
        "SELECT j.value, ifnull(t.noise, n.mention_id IS NOT NULL AND ifnull(e.why, 0) & ? = 0) FROM json_each(?) AS j "
        "LEFT JOIN triage AS t ON t.mention_id = j.value LEFT JOIN noise AS n ON n.mention_id = j.value "
        "LEFT JOIN aside AS e ON e.mention_id = j.value",
        (OWN, json.dumps(list(ids))),
    ).fetchall()
    changed = aside.put(connection, [one for one, is_noise in rows if is_noise], NOISE)
    return changed + aside.take_back(connection, [one for one, is_noise in rows if not is_noise], NOISE)


# --- the patterns that count -----------------------------------------------------------------------------------------


def sync(connection: Connection, found: Patterns, version: str) -> None:
    """These patterns count from now on; when they are others, what is stored is judged anew, newest first."""
    told = json.dumps({name: list(one) for name, one in found.items()}, ensure_ascii=False)
    _set(connection, _PATTERNS, told)
    row = connection.execute("SELECT value FROM state WHERE name = ?", (_VERSION,)).fetchone()
    if row is None or row[0] != version:
        (newest,) = connection.execute("SELECT max(id) FROM mentions").fetchone()
        _set(connection, _VERSION, version)
        _set(connection, _TO, str(0 if newest is None else newest + 1))


def left(connection: Connection) -> int:
    """Mentions below this id are still to be judged anew; 0 when all are done."""
    row = connection.execute("SELECT value FROM state WHERE name = ?", (_TO,)).fetchone()
    return int(row[0]) if row else 0


def judged_to(connection: Connection, mention_id: int) -> None:
    """All from this id on has been judged anew; 0 when all is done."""
    _set(connection, _TO, str(mention_id))


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute("INSERT INTO state VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value", (name, value))


def recent(connection: Connection, now: float) -> list[tuple[int, int | None, str, str | None, str]]:
    """(id, author's id, kind, title, text) of the newest mentions of a day, oldest first."""
    rows = connection.execute(
        "SELECT id, author_id, kind, title, text FROM mentions WHERE author_id IS NOT NULL AND seen_at >= ? "
        "ORDER BY id DESC LIMIT ?",
        (int(now) - DAY, WARM),
    ).fetchall()
    return [(one, author, KINDS[kind], title, text) for one, author, kind, title, text in rows[::-1]]
