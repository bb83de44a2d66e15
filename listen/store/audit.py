"""Whether the store is what it should be. SQLite's own checks cannot see a ghost in a contentless search table, so the
index is compared with the tokens of the stored mentions, partition by partition."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from listen import text
from listen.model import KINDS, STAGES
from listen.store import mentions, search
from listen.store.aside import NOISE, OWN
from listen.store.aspects import FROM, PRESS, PRESS_KINDS
from listen.store.search import Partition
from listen.store.sqlite import Connection, StoreError, connect_reader, explained, sqlite3

CHUNK = 2_000
"""Mentions re-tokenised at a time."""

NAMED = 100
"""At most so many ids of each kind of fault are kept."""

TOKEN_LIMIT = 32_768
"""FTS5 cuts longer tokens, in bytes."""

COLUMNS = ("title", "text", "facets")
"""Of a search row, in the order of `search.Document`."""


@dataclass(slots=True)
class Audited:
    """What was found in one partition or several; ids are examples, counts are of all."""

    mentions: int = 0
    missing: int = 0
    """Stored mentions that are not in the index."""
    differs: int = 0
    """Mentions whose entry holds other tokens than it should."""
    ghosts: int = 0
    """Entries of mentions that are not stored, or belong to another partition."""
    stale: int = 0
    """Mentions of partitions that wait for being made anew: they cannot be compared."""
    ids: dict[str, list[int]] = field(default_factory=lambda: {"missing": [], "differs": [], "ghosts": []})

    @property
    def faults(self) -> int:
        return self.missing + self.differs + self.ghosts

    def add(self, other: Audited) -> None:
        """Count another partition's findings in."""
        for name in ("mentions", "missing", "differs", "ghosts", "stale"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, ids in other.ids.items():
            self.ids[name] = (self.ids[name] + ids)[:NAMED]

    def note(self, kind: str, mention_id: int) -> None:
        """Count a fault and keep its id."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.ids[kind]) < NAMED:
            self.ids[kind].append(mention_id)


def audit(connection: Connection) -> Audited:
    """Compare the whole index with the stored mentions. Memory is bounded by the largest partition."""
    found = Audited()
    for part in search.load(connection):
        found.add(audit_partition(connection, part))
    return found


def audit_partition(connection: Connection, part: Partition) -> Audited:
    """Compare one partition, in one read transaction so that a writer cannot come between."""
    if part.tokenizer != text.TOKENIZER:
        return Audited(stale=part.count)
    connection.execute("BEGIN")
    try:
        return _compare(connection, part, _indexed(connection, part))
    finally:
        connection.rollback()


def _indexed(connection: Connection, part: Partition) -> dict[int, int]:
    """Mention id -> sum over its entries of a hash of column, place and token.

    Of bytes, since a cut token may be no text; of one string, since sums of tuples' hashes are blind to an exchange.
    """
    connection.execute(f"CREATE VIRTUAL TABLE temp.audit_{part.no} USING fts5vocab('main', '{part.table}', 'instance')")
    found: dict[int, int] = {}
    for mention_id, entry in connection.execute(
        f"SELECT doc, CAST(col || ' ' || offset || ' ' || term AS BLOB) FROM temp.audit_{part.no}"  # noqa: S608
    ):
        found[mention_id] = found.get(mention_id, 0) + hash(entry)
    return found


def _compare(connection: Connection, part: Partition, indexed: dict[int, int]) -> Audited:
    result = Audited()
    for first, last in _chunks(connection, part):
        for mention_id, *texts in mentions.documents_between(connection, first, last):
            result.mentions += 1
            wanted = sum(
                hash(f"{column} {place} ".encode() + token[:TOKEN_LIMIT])
                for column, tokens in zip(COLUMNS, texts, strict=True)
                for place, token in enumerate(tokens.encode().split())
            )
            stored = indexed.pop(mention_id, None)
            if stored is None:
                result.note("missing", mention_id)
            elif stored != wanted:
                result.note("differs", mention_id)
    for mention_id in sorted(indexed):
        result.note("ghosts", mention_id)
    return result


def _chunks(connection: Connection, part: Partition) -> Iterator[tuple[int, int]]:
    """First and last ids of runs of stored mentions."""
    at = part.from_id
    while True:
        first, last = connection.execute(
            "SELECT min(id), max(id) FROM (SELECT id FROM mentions WHERE id >= ? AND id < ? ORDER BY id LIMIT ?)",
            (at, part.to_id, CHUNK),
        ).fetchone()
        if first is None:
            return
        yield first, last
        at = last + 1


# --- everything else -------------------------------------------------------------------------------------------------


SAMPLE = 200
"""Newest and arbitrary mentions that a quick look searches for by their own words."""

_FAULTS = {
    "missing": "mentions cannot be found by searching",
    "differs": "mentions are indexed under other words than they say",
    "ghosts": "entries of the search index belong to no mention",
}

_SUMS = (
    "count(*), sum(coalesce(score <= -50, 0)), sum(coalesce(score >= 50, 0)), count(score), sum(coalesce(score, 0)) "
    "FROM matches"
)

_SHOWN = """json_each('["' || replace(m.intents, ' ', '","') || '"]')"""

_STAGE = " ".join(
    f"WHEN EXISTS (SELECT 1 FROM {_SHOWN} WHERE value IN ({', '.join(map(repr, its))})) THEN 'stage:{stage}'"  # noqa: S608
    for stage, its in STAGES.items()
)

_ASPECT_SUMS = f"""{_SUMS.replace("score", "x.score").replace("matches", "(")}
  SELECT id, 'lang:' || lang AS aspect FROM mentions WHERE lang <> ''
  UNION ALL SELECT id, 'country:' || country FROM mentions WHERE country <> ''
  UNION ALL SELECT id, '{PRESS}' FROM mentions WHERE kind IN ({", ".join(str(KINDS.index(k)) for k in PRESS_KINDS)})
  UNION ALL SELECT m.id, 'intent:' || value FROM mentions AS m, {_SHOWN} WHERE m.intents <> ''
  UNION ALL SELECT m.id, CASE {_STAGE} END FROM mentions AS m WHERE m.intents <> ''
) AS a JOIN matches AS x ON x.mention_id = a.id AND aspect IS NOT NULL
  AND a.id >= coalesce((SELECT CAST(value AS INTEGER) FROM state WHERE name = '{FROM}'), 0)"""  # noqa: S608

_TABLES = {
    "numbers by hour": (
        f"SELECT (mention_id >> 12) / 3600, topic_id, {_SUMS} GROUP BY 1, 2",
        "SELECT hour, topic_id, n, neg, pos, scored, total FROM hourly_topic",
    ),
    "numbers by hour and source": (
        f"SELECT (mention_id >> 12) / 3600, topic_id, source_id, {_SUMS} WHERE mention_id >> 12 >= 3600 * "  # noqa: S608
        "coalesce((SELECT CAST(value AS INTEGER) FROM state WHERE name = 'hourly_from'), 0) GROUP BY 1, 2, 3",
        "SELECT hour, topic_id, source_id, n, neg, pos, scored, total FROM hourly",
    ),
    "numbers by day": (
        f"SELECT (mention_id >> 12) / 86400, topic_id, {_SUMS} GROUP BY 1, 2",
        "SELECT day, topic_id, n, neg, pos, scored, total FROM daily_topic",
    ),
    "numbers by day and source": (
        f"SELECT (mention_id >> 12) / 86400, topic_id, source_id, {_SUMS} GROUP BY 1, 2, 3",
        "SELECT day, topic_id, source_id, n, neg, pos, scored, total FROM daily",
    ),
    "numbers by hour and aspect": (
        f"SELECT (mention_id >> 12) / 3600, topic_id, aspect, {_ASPECT_SUMS} WHERE mention_id >> 12 >= 3600 * "  # noqa: S608
        "coalesce((SELECT CAST(value AS INTEGER) FROM state WHERE name = 'hourly_from'), 0) GROUP BY 1, 2, 3",
        "SELECT hour, topic_id, aspect, n, neg, pos, scored, total FROM hourly_aspect",
    ),
    "numbers by day and aspect": (
        f"SELECT (mention_id >> 12) / 86400, topic_id, aspect, {_ASPECT_SUMS} GROUP BY 1, 2, 3",
        "SELECT day, topic_id, aspect, n, neg, pos, scored, total FROM daily_aspect",
    ),
    "rows of the inbox": (
        "WITH waiting AS (SELECT id FROM mentions WHERE state < 2 "
        "AND id NOT IN (SELECT mention_id FROM triage WHERE status > 0) AND id NOT IN (SELECT mention_id FROM aside)) "
        "SELECT topic_id, mention_id FROM matches WHERE mention_id IN waiting UNION ALL "
        "SELECT 0, id FROM waiting WHERE id NOT IN (SELECT mention_id FROM matches)",
        "SELECT topic_id, mention_id FROM inbox",
    ),
    "matches of what is left out": (
        "SELECT topic_id, mention_id FROM matches "
        "WHERE mention_id IN (SELECT mention_id FROM triage WHERE status = 3 UNION SELECT mention_id FROM aside)",
        "SELECT topic_id, mention_id FROM dismissed",
    ),
    "matches of what was corrected": (
        "SELECT topic_id, mention_id FROM matches WHERE mention_id IN (SELECT mention_id FROM corrections)",
        "SELECT topic_id, mention_id FROM corrected",
    ),
    "matches with what the numbers need of what was left out or corrected": (
        "WITH gone AS (SELECT mention_id FROM triage WHERE status = 3 UNION SELECT mention_id FROM aside) "  # noqa: S608
        "SELECT x.topic_id, m.id, x.source_id, x.score, CASE WHEN m.id IN gone THEN NULL ELSE k.score END, "
        f"m.id IN (SELECT mention_id FROM aside WHERE why & {OWN}), m.lang, m.country, m.kind, m.intents FROM matches "
        "AS x JOIN mentions AS m ON m.id = x.mention_id LEFT JOIN corrections AS k ON k.mention_id = m.id "
        "WHERE m.id IN gone OR k.mention_id IS NOT NULL",
        "SELECT topic_id, mention_id, source_id, score, counts, own, lang, country, kind, intents FROM amended",
    ),
    "marks of noise": (
        "SELECT m.id FROM mentions AS m LEFT JOIN triage AS t ON t.mention_id = m.id "  # noqa: S608
        "LEFT JOIN noise AS n ON n.mention_id = m.id WHERE ifnull(t.noise, n.mention_id IS NOT NULL "
        f"AND m.id NOT IN (SELECT mention_id FROM aside WHERE why & {OWN}))",
        f"SELECT mention_id FROM aside WHERE why & {NOISE}",  # noqa: S608
    ),
}
"""What is kept exact at every commit: (slow and obvious, as stored)."""


def problems(path: str | Path, *, deep: bool = False) -> list[str]:
    """What is wrong with a store, in sentences; [] when nothing was found. `deep` reads all of it, which takes long."""
    try:
        connection = connect_reader(path)
    except StoreError as error:
        return [str(error)]
    try:
        connection.execute("PRAGMA query_only=OFF")  # the audit's vocabulary tables are temporary ones
        return list(_problems(connection, deep))
    except sqlite3.DatabaseError as error:
        return [f"the file cannot be read to its end: {explained(error, path)}"]
    finally:
        connection.close()


def _problems(connection: Connection, deep: bool) -> Iterator[str]:
    if wrong := list(_ranges(connection)):
        yield from wrong
        return
    if not deep:
        lost = _unfindable(connection)
        if lost:
            yield f"of {SAMPLE} mentions {len(lost)} cannot be found by their own words (for example {lost[0]})"
        return
    for (line,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if line != "ok":
            yield f"SQLite finds the file damaged: {line}"
    for name, (slow, stored) in _TABLES.items():
        (wrong,) = connection.execute(
            f"SELECT (SELECT count(*) FROM (SELECT * FROM ({slow}) EXCEPT {stored})) "  # noqa: S608
            f"+ (SELECT count(*) FROM ({stored} EXCEPT SELECT * FROM ({slow})))"
        ).fetchone()
        if wrong:
            yield f"{wrong:,} {name} are not what the stored matches make them"
    found = audit(connection)
    for kind, meaning in _FAULTS.items():
        if count := getattr(found, kind):
            yield f"{count:,} {meaning} (for example {found.ids[kind][0]})"


def _ranges(connection: Connection) -> Iterator[str]:
    """Whether the partitions follow each other without a gap and have their tables."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    end = 0
    parts = search.load(connection)
    for part in parts:
        if part.from_id != end:
            yield f"the search index has a gap or an overlap at mention {part.from_id}"
        if part.table not in tables:
            yield f"the search index lacks its table {part.table}"
        end = part.to_id
    if parts and end != search.FOREVER:
        yield f"the search index ends at mention {end}"


def _unfindable(connection: Connection) -> list[int]:
    """Mentions of a sample that their own words do not find."""
    (oldest, newest) = connection.execute("SELECT min(id), max(id) FROM mentions").fetchone()
    if oldest is None:
        return []
    starts = random.Random(newest).sample(range(oldest, newest + 1), min(SAMPLE // 2, newest + 1 - oldest))  # noqa: S311
    near = [connection.execute("SELECT id FROM mentions WHERE id >= ? LIMIT 1", (at,)).fetchone()[0] for at in starts]
    late = [row[0] for row in connection.execute("SELECT id FROM mentions ORDER BY id DESC LIMIT ?", (SAMPLE // 2,))]
    parts = search.load(connection)
    lost = []
    for mention_id, *texts in mentions.documents(connection, sorted({*near, *late})):
        part = next((part for part in parts if part.from_id <= mention_id < part.to_id), None)
        if part is None or part.tokenizer != text.TOKENIZER:
            continue
        wanted = [token for tokens in texts for token in tokens.split() if len(token) < TOKEN_LIMIT // 4]
        expression = " AND ".join(search.quoted(token) for token in sorted(set(wanted), key=len)[-5:])
        if not connection.execute(
            f"SELECT 1 FROM {part.table} WHERE {part.table} MATCH ? AND rowid = ?",  # noqa: S608
            (expression, mention_id),
        ).fetchone():
            lost.append(mention_id)
    return lost
