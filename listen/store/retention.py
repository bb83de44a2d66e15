"""What is kept for some time only: rules that are queries, carried out in short steps, newest of the old ones first.

Mentions that somebody starred, tagged or noted are kept, unless the rule's query asks for that very mark. Numbers
follow: what is erased leaves every chart, so that charts always say what is stored.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from listen import query as queries
from listen.model import first_id
from listen.query import tree
from listen.store import mirror, pseudonyms, receipts, traces
from listen.store.pace import Pace
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.store.receipts import Receipt
    from listen.store.write import Writer

DELETE, PSEUDONYMISE = "delete", "pseudonymise"

EVERY = 6 * 3600
"""Seconds between two passes over all rules."""

STEP = 200
"""Mentions that are looked for at a time."""

PATIENCE = 0.05
"""Seconds that one step looks for them; more when a search finds nothing to stop at."""

BY = "retention"
"""Who a receipt of a pass names that nobody asked for."""

_RULES, _AT = "retention", "retention_at"


class Rule(NamedTuple):
    """Mentions of a query are kept for so many seconds of their own time, then erased or pseudonymised."""

    name: str
    query: str
    keep: float
    then: str = DELETE


def sync(connection: Connection, rules: Sequence[Rule]) -> None:
    """Make the rules exactly these; other ones than before are carried out soon. Inside a transaction."""
    told = json.dumps(rules, ensure_ascii=False)
    if told != (mirror.state(connection, _RULES) or "[]"):
        mirror.set_state(connection, _RULES, told)
        connection.execute("DELETE FROM state WHERE name = ?", (_AT,))


def rules(connection: Connection) -> list[Rule]:
    """The rules as the collector was told them last."""
    return [Rule(*one) for one in json.loads(mirror.state(connection, _RULES) or "[]")]


def due(connection: Connection, now: float) -> bool:
    """Whether it is time for the next pass."""
    return bool(rules(connection)) and now - float(mirror.state(connection, _AT) or 0) >= EVERY


def marks(node: tree.Node) -> set[str]:
    """Which of `starred`, `tag` and `note` a query asks for: these do not keep a mention from its rule.

    Of a saved query only what stands in its place says so.
    """
    match node:
        case tree.And(items) | tree.Or(items):
            return set().union(*map(marks, items))
        case tree.Facet("is" | "has", values):
            return {"starred", "tag", "note"}.intersection(values)
        case tree.Facet("tag"):
            return {"tag"}
    return set()


def kept(connection: Connection, ids: Sequence[int], asked: Collection[str]) -> set[int]:
    """Those of these mentions that somebody marked otherwise than a query asks for."""
    tables = {"starred": "triage WHERE starred AND", "tag": "tags WHERE", "note": "notes WHERE"}
    found: set[int] = set()
    for mark, table in tables.items():
        if mark not in asked:
            sql = f"SELECT mention_id FROM {table} mention_id IN (SELECT value FROM json_each(?))"  # noqa: S608
            found |= {row[0] for row in connection.execute(sql, (json.dumps([*ids]),))}
    return found


def old(path: str, connection: Connection, rule: Rule, now: float, *, marked: bool = False) -> Iterator[list[int]]:
    """Mentions that a rule is about, batch by batch, newest first; an empty batch says that it was only looked."""
    from listen.store.read import Reader

    node = queries.parse(rule.query)
    before = first_id(now - rule.keep)
    with Reader(path) as reader:
        asked = {"starred", "tag", "note"} if marked else marks(reader.meant(node))
        patience: float | None = PATIENCE
        while before > 0:
            page = reader.page(node, before=before, limit=STEP, budget=patience, now=now)
            if not page.complete and page.back_to >= before:  # not even one candidate in that time
                patience = None if patience is None or patience > 1 else 4 * patience
                yield []
                continue
            before, patience = page.back_to, PATIENCE
            left = kept(connection, page.ids, asked)
            yield [one for one in page.ids if one not in left]
            if page.complete and len(page.ids) < STEP:
                return


def counted(path: str, connection: Connection, told: Sequence[Rule], now: float) -> dict[str, int]:
    """Rule -> mentions that it is about now."""
    return {rule.name: sum(map(len, old(path, connection, rule, now))) for rule in told}


def carry_out(
    writer: Writer, told: Sequence[Rule], by: str, action: str, *, marked: bool = False
) -> Iterator[Receipt | int]:
    """All rules, once; yields the mentions so far after each step, and a receipt at last when there were any.

    `marked`: those that somebody starred, tagged or noted, too.
    """
    now = writer.clock.now()
    counts: Counter[str] = Counter()
    pace = Pace(0.005)
    for rule in told:
        for ids in old(writer.path, writer.connection, rule, now, marked=marked):
            while ids:
                room = pace.room() if rule.then == PSEUDONYMISE else writer.erasing.room()
                part, ids = ids[:room], ids[room:]
                if rule.then == PSEUDONYMISE:
                    authors = pseudonyms.apply(writer, part, counts, pace)
                else:
                    authors = _authors(writer.connection, part)
                    counts["mentions"] += writer.delete(part)
                counts["names"] += pseudonyms.drop_silent(writer, authors)
                yield counts["mentions"]
            yield counts["mentions"]
    if counts["mentions"]:
        for _ in traces.rewrite_journal(writer, counts):
            yield counts["mentions"]
    if action == "prune":
        with writer.transaction():
            mirror.set_state(writer.connection, _AT, str(now))
    while counts["mentions"] and (writer.merge_deleted() or writer.drop_empty()):
        yield counts["mentions"]
    if counts["mentions"]:
        with writer.transaction():
            done = receipts.write(writer.connection, action, _counts(counts), by, int(now))
        yield done


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in ("mentions", "names", "journal")}


def _authors(connection: Connection, ids: Sequence[int]) -> set[int]:
    rows = connection.execute(
        "SELECT DISTINCT author_id FROM mentions WHERE id IN (SELECT value FROM json_each(?)) AND author_id NOT NULL",
        (json.dumps([*ids]),),
    )
    return {row[0] for row in rows.fetchall()}
