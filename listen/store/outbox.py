"""Letters on their way: what is to be told to whom, written in the transaction in which it came true.

One row for each target. A row is marked as sent after it was sent, so a crash in between sends it again, under the same
key, which the receiver can see: at least once, never less. What cannot be delivered stays, with the reason, until
somebody sends it again. Times are Unix seconds. Light on purpose: readers and people's actions import it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from listen.store.sqlite import Connection

WAITING, SENT, DEAD, HELD, MUTED, DROPPED = "waiting", "sent", "dead", "held", "muted", "dropped"
"""What becomes of a letter: dead can never arrive as it is, held was one too many, muted fell into a silence; what is
dropped will never be sent, because somebody said so."""

AGAIN = (DEAD, HELD, MUTED)
"""States from which people send again."""


class Draft(NamedTuple):
    """A letter that is to be sent."""

    key: str
    """The same for the same news; with the target it is unique."""
    target: str
    """NAME of `[notify.NAME]`."""
    thread: str
    """Letters of one thread arrive in their order."""
    rule: str
    kind: str
    severity: str
    alerts: tuple[int, ...]
    body: Mapping[str, Any]
    """`title`, `text` and the record that machines get. It holds foreign words."""
    due_at: float
    """Not to be sent before."""


class Letter(NamedTuple):
    """A letter as it is stored."""

    id: int
    key: str
    target: str
    thread: str
    rule: str
    kind: str
    severity: str
    alerts: tuple[int, ...]
    body: Mapping[str, Any]
    made_at: int
    due_at: int
    tries: int
    crashes: int
    state: str
    error: str | None
    sent_at: int | None


class Stuck(NamedTuple):
    """Letters to one target that were set aside for one reason."""

    target: str
    state: str
    error: str
    """Why. It may hold foreign words."""
    ids: tuple[int, ...]
    since: int
    """When the oldest was written."""


_COLUMNS = ", ".join(Letter._fields)
_SELECT = f"SELECT {_COLUMNS} FROM outbox "  # noqa: S608


def _letter(row: Sequence[Any]) -> Letter:
    letter = Letter._make(row)
    return letter._replace(alerts=tuple(json.loads(letter.alerts)), body=json.loads(letter.body))  # type: ignore[arg-type]


# --- the collector ---------------------------------------------------------------------------------------------------


def put(connection: Connection, drafts: Iterable[Draft], now: float) -> int:
    """Inside a transaction: what is to be sent; how many are new. A key that a target had before is left alone."""
    added = 0
    for one in drafts:
        body = json.dumps(one.body, ensure_ascii=False)
        added += connection.execute(
            "INSERT INTO outbox(key, target, thread, rule, kind, severity, alerts, body, made_at, due_at) "
            "VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            (*one[:6], json.dumps(one.alerts), body, int(now), int(one.due_at)),
        ).rowcount
    return added


def due(connection: Connection, target: str, now: float, limit: int = 50) -> list[Letter]:
    """What is to be sent to a target now, oldest first: of each thread the first that waits, if its time has come."""
    rows = connection.execute(
        f"{_SELECT}AS one WHERE state = 'waiting' AND target = ?1 AND due_at <= ?2 AND NOT EXISTS ("  # noqa: S608
        "SELECT 1 FROM outbox AS first WHERE first.state = 'waiting' AND first.target = one.target "
        "AND first.thread = one.thread AND first.id < one.id) ORDER BY id LIMIT ?3",
        (target, int(now), limit),
    )
    return [_letter(row) for row in rows]


def put_back(connection: Connection, target: str, now: float, limit: int = 50) -> list[Letter]:
    """What did not arrive, or waits behind what did not, and is not due yet: of each thread the first that waits."""
    rows = connection.execute(
        f"{_SELECT}AS one WHERE state = 'waiting' AND target = ?1 AND due_at > ?2 AND error IS NOT NULL "  # noqa: S608
        "AND NOT EXISTS (SELECT 1 FROM outbox AS first WHERE first.state = 'waiting' AND first.target = one.target "
        "AND first.thread = one.thread AND first.id < one.id) ORDER BY id LIMIT ?3",
        (target, int(now), limit),
    )
    return [_letter(row) for row in rows]


def mark_sent(connection: Connection, ids: Iterable[int], now: float) -> None:
    """Inside a transaction: they have arrived."""
    connection.executemany(
        "UPDATE outbox SET state = 'sent', sent_at = ?, tries = tries + 1, error = NULL WHERE id = ?",
        [(int(now), one) for one in ids],
    )


def put_off(connection: Connection, ids: Iterable[int], due_at: float, error: str, *, crashed: bool = False) -> None:
    """Inside a transaction: they have not arrived, and are tried again then."""
    connection.executemany(
        "UPDATE outbox SET due_at = ?, tries = tries + 1, crashes = crashes + ?, error = ? WHERE id = ?",
        [(int(due_at), int(crashed), error, one) for one in ids],
    )


def put_behind(connection: Connection, first: int, ids: Iterable[int]) -> None:
    """Inside a transaction: they wait for the next time of a letter that did not arrive, as long as that one waits."""
    connection.executemany(
        "UPDATE outbox SET error = ifnull(outbox.error, 'behind one that did not arrive'), due_at = one.due_at "
        "FROM (SELECT due_at FROM outbox WHERE id = ? AND state = 'waiting') AS one WHERE id = ?",
        [(first, one) for one in ids],
    )


def set_aside(connection: Connection, ids: Iterable[int], state: str, error: str) -> None:
    """Inside a transaction: they are not tried again, and why: dead, held or muted."""
    connection.executemany("UPDATE outbox SET state = ?, error = ? WHERE id = ?", [(state, error, one) for one in ids])


def sent_since(connection: Connection, target: str, since: float) -> int:
    """How many letters have reached a target since then, without digests and what tells of letters held back."""
    row = connection.execute(
        "SELECT count(*) FROM outbox WHERE state = 'sent' AND target = ? AND sent_at > ? "
        "AND severity <> 'digest' AND kind <> 'held'",
        (target, int(since)),
    ).fetchone()
    return int(row[0])


def orphans(connection: Connection, targets: Iterable[str]) -> list[Letter]:
    """What waits for targets that there are no more."""
    known = set(targets)
    rows = connection.execute(f"{_SELECT}WHERE state = 'waiting' ORDER BY id")
    return [letter for row in rows if (letter := _letter(row)).target not in known]


def forget_before(connection: Connection, at: float) -> None:
    """Inside a transaction: drop what was made before and waits no more."""
    connection.execute("DELETE FROM outbox WHERE made_at < ? AND state <> 'waiting'", (int(at),))


def forget(connection: Connection, terms: Iterable[str], after: int = 0, most: int = -1) -> tuple[int, int | None]:
    """Inside a transaction: take every word out of those of the next letters that hold one of these terms.

    They are not sent. (how many, where to go on).
    """
    wanted, found = list(terms), 0
    sql = "SELECT id, body, error FROM outbox WHERE id > ? ORDER BY id LIMIT ?"
    rows = connection.execute(sql, (after, most)).fetchall()
    for number, body, error in rows:
        told = f"{body}\n{error or ''}".lower()
        if any(term in told for term in wanted):
            connection.execute(
                "UPDATE outbox SET body = '{}', error = NULL, thread = '', "
                "state = iif(state = 'waiting', 'dead', state) WHERE id = ?",
                (number,),
            )
            found += 1
    return found, rows[-1][0] if rows else None


# --- everyone --------------------------------------------------------------------------------------------------------


def letters(connection: Connection, states: Sequence[str] = (), limit: int = 200) -> list[Letter]:
    """Letters in these states (in any), newest first."""
    marks = ",".join("?" * len(states))
    rows = connection.execute(
        f"{_SELECT}WHERE {f'state IN ({marks})' if states else '1'} ORDER BY id DESC LIMIT ?", (*states, limit)
    )
    return [_letter(row) for row in rows]


def of_alert(connection: Connection, alert_id: int) -> list[Letter]:
    """What was told of an alert and to whom, oldest first."""
    rows = connection.execute(
        f"{_SELECT}WHERE EXISTS (SELECT 1 FROM json_each(alerts) WHERE value = ?) ORDER BY id",  # noqa: S608
        (alert_id,),
    )
    return [_letter(row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """State -> letters, of those that are not sent."""
    rows = connection.execute("SELECT state, count(*) FROM outbox WHERE state <> 'sent' GROUP BY state")
    return dict(rows.fetchall())


def delayed(connection: Connection) -> tuple[int, int | None]:
    """Letters that did not arrive, and those behind them in their threads: (how many, when the oldest was written)."""
    row = connection.execute(
        "SELECT count(*), min(made_at) FROM outbox AS one WHERE state = 'waiting' AND EXISTS ("
        "SELECT 1 FROM outbox AS first WHERE first.state = 'waiting' AND first.target = one.target "
        "AND first.thread = one.thread AND first.id <= one.id AND first.error IS NOT NULL)"
    )
    found: tuple[int, int | None] = row.fetchone()
    return found


def send_again(connection: Connection, ids: Sequence[int] | None, now: float) -> int:
    """Inside a transaction: try these again now, or all that were set aside (None); how many. Their keys stay."""
    chosen = "" if ids is None else f"AND id IN ({','.join('?' * len(ids))})"
    states = ",".join("?" * len(AGAIN))
    return connection.execute(
        f"UPDATE outbox SET state = 'waiting', due_at = ?, made_at = ?, tries = 0, crashes = 0 "  # noqa: S608
        f"WHERE state IN ({states}) AND body <> '{{}}' {chosen}",
        (int(now), int(now), *AGAIN, *(ids or ())),
    ).rowcount


def stuck(connection: Connection) -> list[Stuck]:
    """What did not arrive and is not tried again by itself, by target and reason, the newest first."""
    rows = connection.execute(
        "SELECT target, state, ifnull(error, ''), json_group_array(id), min(made_at) FROM outbox "
        "WHERE state IN (?, ?) GROUP BY 1, 2, 3 ORDER BY max(id) DESC",
        (DEAD, HELD),
    ).fetchall()
    return [Stuck(target, state, error, tuple(json.loads(ids)), since) for target, state, error, ids, since in rows]


def drop(connection: Connection, ids: Sequence[int] | None) -> list[tuple[str, str, tuple[int, ...]]]:
    """Inside a transaction: never send these of what was set aside, or all of it (None); (target, why, alerts) of each.

    It cannot be undone: a letter that was dropped is kept as it is, and sent by nothing.
    """
    chosen = "" if ids is None else f"AND id IN ({','.join('?' * len(ids))})"
    states = ",".join("?" * len(AGAIN))
    rows = connection.execute(
        f"UPDATE outbox SET state = ? WHERE state IN ({states}) {chosen} RETURNING target, error, alerts",  # noqa: S608
        (DROPPED, *AGAIN, *(ids or ())),
    ).fetchall()
    return [(target, error or "", tuple(json.loads(alerts))) for target, error, alerts in rows]
