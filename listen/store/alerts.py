"""Alerts, what was done about each, and silences: what the collector writes, people change and everyone reads.

Light on purpose: readers and people's actions import it. Times are Unix seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from listen.store.journal import Change, Name
from listen.store.sqlite import Connection

PENDING, FIRING, RESOLVED = "pending", "firing", "resolved"
"""What becomes of an alert. One that people acknowledged goes on firing until its condition is over."""

VERDICTS = ("useful", "noise")
"""What people say of an alert."""

ACKNOWLEDGED, SILENCED = "acknowledged", "silence"
"""Fields of the journal."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One time that a rule held for one of its instances."""

    id: int
    rule: str
    instance: str
    """`topic:acme lang:fr`; empty for a rule that tells nothing apart. It may hold foreign words."""
    labels: Mapping[str, str]
    severity: str
    state: str
    began_at: int
    held_at: int
    """When its condition was seen to hold last."""
    fired_at: int | None = None
    resolved_at: int | None = None
    acked_at: int | None = None
    acked_by: str | None = None
    note: str | None = None
    verdict: str | None = None
    """One of VERDICTS."""
    value: float = 0.0
    """What was counted when it was last worked out."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """Its arithmetic: see `listen.alerts.evidence`."""
    told: int = 0
    """Notices of it that have been handed over for delivery."""
    told_at: int | None = None
    told_value: float = 0.0
    """What was counted when it was told last."""
    over: bool = False
    """Nothing of it is left to tell."""
    muted: str = ""
    """Why nothing of it is told: `silence 3`, `inhibited by …`, `quiet hours`."""

    @property
    def open(self) -> bool:
        """Whether it is not over."""
        return self.state != RESOLVED

    @property
    def standing(self) -> str:
        """`pending`, `firing`, `acknowledged` or `resolved`."""
        return ACKNOWLEDGED if self.state == FIRING and self.acked_at is not None else self.state


class Event(NamedTuple):
    """What became of an alert, or what somebody did about it."""

    id: int
    at: int
    what: str
    """`pending`, `firing`, `told`, `acknowledged`, `acknowledged no more`, `resolved`."""
    by: str | None
    """None: the collector."""
    detail: str


class Silence(NamedTuple):
    """Alerts that nobody is told of for a while."""

    id: int
    rule: str
    """Of this rule; empty: of any."""
    instance: str
    """Of this instance alone; empty: of any."""
    query: str
    """Those whose mentions this query finds, all that explain it; empty: any."""
    until: int
    by: str
    at: int
    comment: str
    ended_at: int | None

    def stands(self, now: float) -> bool:
        """Whether it mutes anything now."""
        return self.ended_at is None and self.until > now


class Figures(NamedTuple):
    """How a rule fares."""

    rule: str
    fired: int
    useful: int
    noise: int


_COLUMNS = (
    *("id", "rule", "instance", "labels", "severity", "state", "began_at", "held_at", "fired_at", "resolved_at"),
    *("acked_at", "acked_by", "note", "verdict", "value", "evidence", "told", "told_at", "told_value", "over", "muted"),
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM alerts "  # noqa: S608


def _alert(row: Sequence[Any]) -> Alert:
    values = dict(zip(_COLUMNS, row, strict=True))
    values |= {name: json.loads(values[name]) for name in ("labels", "evidence")}
    return Alert(**values | {"over": bool(values["over"])})


# --- reading ---------------------------------------------------------------------------------------------------------


def alerts(
    connection: Connection, *, since: float = 0.0, open_only: bool = False, rule: str | None = None, limit: int = 500
) -> list[Alert]:
    """Alerts, what is open first and then the newest; those that are over as far as they ended since then."""
    over = "0" if open_only else "resolved_at >= ?1"
    rows = connection.execute(
        f"{_SELECT}WHERE (state <> 'resolved' OR {over}) AND ifnull(?2, rule) = rule "
        "ORDER BY state = 'resolved', ifnull(resolved_at, 0) DESC, severity <> 'page', id DESC LIMIT ?3",
        (int(since), rule, limit),
    )
    return [_alert(row) for row in rows]


def firing(connection: Connection) -> list[Alert]:
    """What fires, nobody has acknowledged and nothing mutes: pages first, then the newest."""
    rows = connection.execute(
        f"{_SELECT}WHERE state <> 'resolved' AND state = 'firing' AND acked_at IS NULL AND muted = '' "
        "ORDER BY severity <> 'page', id DESC LIMIT 50"
    )
    return [_alert(row) for row in rows]


def alert(connection: Connection, alert_id: int) -> Alert | None:
    """One alert, None when there is none of that number."""
    row = connection.execute(f"{_SELECT}WHERE id = ?", (alert_id,)).fetchone()
    return None if row is None else _alert(row)


def events(connection: Connection, alert_id: int) -> list[Event]:
    """What became of it, oldest first."""
    rows = connection.execute(
        "SELECT id, at, what, by, detail FROM alert_events WHERE alert_id = ? ORDER BY id", (alert_id,)
    )
    return [Event._make(row) for row in rows]


def silences(connection: Connection, now: float | None = None) -> list[Silence]:
    """All silences, newest first; those that stand at a time."""
    rows = connection.execute(
        "SELECT id, rule, instance, query, until, by, at, comment, ended_at FROM silences "
        "WHERE ?1 IS NULL OR (until > ?1 AND ended_at IS NULL) ORDER BY id DESC",
        (now,),
    )
    return [Silence._make(row) for row in rows]


def figures(connection: Connection, since: float) -> list[Figures]:
    """How often each rule has fired since then, and what people said of it."""
    rows = connection.execute(
        "SELECT rule, count(*), total(verdict = 'useful'), total(verdict = 'noise') FROM alerts WHERE fired_at >= ? "
        "GROUP BY rule ORDER BY rule",
        (int(since),),
    )
    return [Figures(rule, fired, int(useful), int(noise)) for rule, fired, useful, noise in rows]


def cooling(connection: Connection, since: float) -> dict[tuple[str, str], int]:
    """(rule, instance) -> when it resolved last, of those that did since then."""
    rows = connection.execute(
        "SELECT rule, instance, max(resolved_at) FROM alerts WHERE resolved_at >= ? GROUP BY rule, instance",
        (int(since),),
    )
    return {(rule, instance): at for rule, instance, at in rows}


def told_last(connection: Connection) -> dict[str, int]:
    """Rule -> when something of it was told last."""
    rows = connection.execute("SELECT rule, max(told_at) FROM alerts WHERE told_at IS NOT NULL GROUP BY rule")
    return dict(rows.fetchall())


def untold(connection: Connection) -> list[Alert]:
    """What is open, and what is over and has not been told of to the end."""
    return [_alert(row) for row in connection.execute(f"{_SELECT}WHERE NOT over ORDER BY id")]


# --- what the collector writes ---------------------------------------------------------------------------------------


def begin(connection: Connection, one: Alert) -> int:
    """Inside a transaction: a new alert; its id."""
    row = connection.execute(
        f"INSERT INTO alerts({', '.join(_COLUMNS[1:])}) VALUES ({','.join('?' * (len(_COLUMNS) - 1))})",  # noqa: S608
        _values(one),
    ).lastrowid
    assert row is not None
    return row


def _values(one: Alert) -> tuple[Any, ...]:
    return tuple(
        json.dumps(getattr(one, name), ensure_ascii=False) if name in ("labels", "evidence") else getattr(one, name)
        for name in _COLUMNS[1:]
    )


_COLLECTORS = ("severity", "state", "held_at", "fired_at", "resolved_at", "value", "evidence", "told", "told_at")
_SAVED = (*_COLLECTORS, "told_value", "over", "muted")


def save(connection: Connection, one: Alert) -> None:
    """Inside a transaction: what the collector knows of it. What people say of it stays as it is stored."""
    values = [
        json.dumps(one.evidence, ensure_ascii=False) if name == "evidence" else getattr(one, name) for name in _SAVED
    ]
    names = ", ".join(f"{name} = ?" for name in _SAVED)
    connection.execute(f"UPDATE alerts SET {names} WHERE id = ?", (*values, one.id))  # noqa: S608


def drop(connection: Connection, alert_id: int) -> None:
    """Inside a transaction: it never fired."""
    connection.execute("DELETE FROM alert_events WHERE alert_id = ?", (alert_id,))
    connection.execute("DELETE FROM alerts WHERE id = ?", (alert_id,))


def note(connection: Connection, alert_id: int, at: float, what: str, by: str | None = None, detail: str = "") -> None:
    """Inside a transaction: remember what became of it."""
    connection.execute(
        "INSERT INTO alert_events(alert_id, at, what, by, detail) VALUES (?,?,?,?,?)",
        (alert_id, int(at), what, by, detail),
    )


def forget_before(connection: Connection, at: float) -> int:
    """Inside a transaction: drop what was over before that time, with its events; how many alerts."""
    ids = [row[0] for row in connection.execute("SELECT id FROM alerts WHERE resolved_at < ? LIMIT 500", (int(at),))]
    for one in ids:
        drop(connection, one)
    return len(ids)


def forget(
    connection: Connection, table: str, terms: Iterable[str], after: int = 0, most: int = -1
) -> tuple[int, int | None]:
    """Inside a transaction: take every word out of those of the next rows that hold one of these terms.

    (how many, where to go on).
    """
    wanted, found = list(terms), 0
    columns = ", ".join(FORGETTING[table])
    sql = f"SELECT id, {columns} FROM {table} WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
    rows = connection.execute(sql, (after, most)).fetchall()
    for number, *told in rows:
        if any(term in (one or "").lower() for one in told for term in wanted):
            _empty(connection, table, number)
            found += 1
    return found, rows[-1][0] if rows else None


FORGETTING = {
    "alerts": ("instance", "labels", "evidence", "note"),
    "silences": ("instance", "query", "comment"),
}
"""Table -> columns that may name somebody."""


def _empty(connection: Connection, table: str, number: int) -> None:
    """The row stays for the figures; an instance that named somebody is called by its number."""
    if table == "silences":
        connection.execute(
            "UPDATE silences SET instance = 'gone ' || id, query = '', comment = '', ended_at = ifnull(ended_at, at) "
            "WHERE id = ?",
            (number,),
        )
        return
    connection.execute(
        "UPDATE alerts SET instance = 'gone ' || id, labels = '{}', evidence = '{}', note = NULL, over = 1, "
        "state = 'resolved', resolved_at = ifnull(resolved_at, held_at) WHERE id = ?",
        (number,),
    )
    connection.execute("UPDATE alert_events SET detail = '' WHERE alert_id = ?", (number,))


# --- what people do --------------------------------------------------------------------------------------------------


def name_of(alert_id: int) -> Name:
    """How the journal calls an alert or a silence."""
    return "", str(alert_id)


def ids_of(names: Iterable[Name]) -> list[int]:
    """The numbers of what the journal calls so."""
    return [int(number) for _, number in names]


def value_of(note: str, verdict: str | None, who: str, at: float) -> str:
    """What the journal keeps of an acknowledgement. Raises ValueError for no verdict."""
    if verdict is not None and verdict not in VERDICTS:
        raise ValueError(f"an alert is {' or '.join(VERDICTS)}, not {verdict}")
    return json.dumps({"at": int(at), "by": who, "note": note or None, "verdict": verdict}, ensure_ascii=False)


_ANY: Any = object()


def acknowledge(
    connection: Connection, ids: Iterable[int], value: str | None, at: float, by: str, standing: Any = _ANY
) -> list[Change]:
    """Inside a transaction: take note of alerts that have fired, by a `value_of`, or no more (None); what changed.

    With `standing`, of those alone that are acknowledged so. One that is over can still be judged.
    """
    changes = []
    for one in ids:
        row = connection.execute(
            "SELECT acked_at, acked_by, note, verdict FROM alerts WHERE id = ? AND fired_at IS NOT NULL", (one,)
        ).fetchone()
        if row is None:
            continue
        old = None if row[0] is None else value_of(row[2] or "", row[3], row[1], row[0])
        if old == value or (standing is not _ANY and old != standing):
            continue
        told = json.loads(value) if value is not None else {}
        columns = [told.get(name) for name in ("at", "by", "note", "verdict")]
        connection.execute(
            "UPDATE alerts SET acked_at = ?, acked_by = ?, note = ?, verdict = ? WHERE id = ?", (*columns, one)
        )
        what = ACKNOWLEDGED if value is not None else f"{ACKNOWLEDGED} no more"
        note(connection, one, at, what, by, ", ".join(str(each) for each in columns[2:] if each))
        changes.append(Change(0, name_of(one), old))
    return changes


def silence(
    connection: Connection, rule: str, instance: str, query: str, until: float, comment: str, by: str, at: float
) -> int:
    """Inside a transaction: a new silence; its number."""
    row = connection.execute(
        "INSERT INTO silences(rule, instance, query, until, by, at, comment) VALUES (?,?,?,?,?,?,?)",
        (rule, instance, query, int(until), by, int(at), comment),
    ).lastrowid
    assert row is not None
    return row


def let_stand(connection: Connection, ids: Iterable[int], stands: bool, at: float) -> list[Change]:
    """Inside a transaction: end silences before their time, or let them go on until it; what changed."""
    changes = []
    for one in ids:
        row = connection.execute("SELECT ended_at IS NULL FROM silences WHERE id = ?", (one,)).fetchone()
        if row is not None and bool(row[0]) != stands:
            connection.execute("UPDATE silences SET ended_at = ? WHERE id = ?", (None if stands else int(at), one))
            changes.append(Change(0, name_of(one), not stands))
    return changes
