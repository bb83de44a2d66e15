"""Stored scores brought up to the engines that run now, newest first, step by step, while everything else goes on.

`state` says which engine the stored scores of each language are from, and while they are made anew how far that is, so
that it goes on there after a kill. What arrives meanwhile is scored by the new engines anyway. Who scores is no matter
here: `due` gives texts, `put` takes tones, and a mention that has changed in between is left as it came in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from listen.store import aspects, changes, inbox, mentions, mirror, search, tones
from listen.store.aspects import Aspects
from listen.store.layout import OWN_TAGS, TAGGED
from listen.store.scored import BESIDE, SCORED_BY, UNDER_WAY, Rescoring, scored_by, under_way
from listen.store.search import band
from listen.store.sqlite import Connection
from listen.store.upkeep import LATE

if TYPE_CHECKING:
    from listen.store.write import Writer

STEP = 100
"""Mentions that are scored and written in one step: some 30 ms of the writer."""

CHARACTERS = 50_000
"""Characters that one step reads: what it writes is tokenised before."""

LOOKED = 2_000
"""Mentions that one step looks at; those of other languages stay as they are."""

AT_ALL = (1 << 63) - 1
"""Above every id."""


class Due(NamedTuple):
    """A stored mention that is to be scored."""

    id: int
    title: str
    text: str
    lang: str | None
    tagged: bool | None
    """Whether its last line are a platform's tags; None: nobody has kept that."""
    score: int | None


class Batch(NamedTuple):
    """The next mentions to be scored: those of the range in a language whose engine has changed."""

    engines: Mapping[str, str]
    upto: int
    back_to: int
    mentions: Sequence[Due]


class Tone(NamedTuple):
    """What an engine says of a mention."""

    score: int | None
    hits: int | None
    unscored: str | None
    tagged: bool
    intents: str | None = None


def sync(writer: Writer, engines: Mapping[str, str]) -> Rescoring | None:
    """These engines score from now on; what has to be scored anew because of that, None for nothing.

    Call it before anything is scored. A pass that other engines began begins anew, with their languages.
    """
    known = {name: version for name, version in _running(writer.connection).items() if name in BESIDE}
    return _sync(writer, {**engines, **known})


def sync_beside(writer: Writer, versions: Mapping[str, str]) -> Rescoring | None:
    """The same for what counts beside the engines (`scored.BESIDE`): these versions do from now on, "" for none."""
    wanted = {**_running(writer.connection), **versions}
    return _sync(writer, {name: version for name, version in wanted.items() if version})


def _running(connection: Connection) -> Mapping[str, str]:
    """The engines that count now, whether or not all that is stored is theirs."""
    job = under_way(connection)
    return scored_by(connection) if job is None else job.engines


def _sync(writer: Writer, engines: Mapping[str, str]) -> Rescoring | None:
    with writer.transaction():
        connection = writer.connection
        stored, job = scored_by(connection), under_way(connection)
        if job is not None and job.engines == engines:
            return job
        changed = {lang for lang in {*stored, *engines} if stored.get(lang) != engines.get(lang)}
        changed |= set(job.languages) if job is not None else set()
        if not changed or connection.execute("SELECT 1 FROM mentions LIMIT 1").fetchone() is None:
            _finish(writer, Rescoring(engines, (), 0, 0, {}))
            return None
        job = Rescoring(engines, sorted(changed), AT_ALL, 0, {})
        _save(connection, job)
        return job


def due(writer: Writer, after: Batch | None = None) -> Batch | None:
    """The next mentions to be scored, below those of a batch that has not been put yet; None when all are."""
    job = under_way(writer.connection)
    if job is None or (after is not None and after.back_to <= 0):
        return None
    upto = job.done_to if after is None else after.back_to
    found: list[Due] = []
    back_to = length = 0
    whole = not BESIDE.keys().isdisjoint(job.languages)
    for looked, (one, state) in enumerate(_rows(writer.connection, upto), 1):
        back_to = one.id
        wanted = whole or (one.lang or "").partition("-")[0].lower() in job.languages
        if state < inbox.GONE and wanted:
            found.append(one)
            length += len(one.text)
        if len(found) >= STEP or length >= CHARACTERS or looked >= LOOKED:
            break
    else:
        back_to = 0
    return Batch(job.engines, upto, back_to, found)


_SELECT = (
    "SELECT id, ifnull(title, ''), text, lang, flags, score, state, hits, unscored, intents, country, kind "
    "FROM mentions "
)
_THESE = "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"


def _rows(connection: Connection, before: int) -> Iterator[tuple[Due, int]]:
    """Mentions with their states, from below an id back."""
    for row in connection.execute(_SELECT + "WHERE id < ? ORDER BY id DESC", (before,)):
        yield _due(row), row[6]


def _due(row: Sequence[Any]) -> Due:
    known = row[4] & (TAGGED | OWN_TAGS)
    mention, title, text, lang, _, score, *_ = row
    return Due(mention, title, text, lang, bool(known & TAGGED) if known else None, score)


def put(writer: Writer, batch: Batch, tones: Sequence[Tone | None]) -> Rescoring | None:
    """Store the tones of a batch, in a transaction of its own; how far it is now. None leaves one as it is."""
    with writer.transaction():
        connection = writer.connection
        job = under_way(connection)
        if job is None or job.engines != batch.engines or job.done_to != batch.upto:
            return job  # it began anew meanwhile
        told = {one.id: (one, tone) for one, tone in zip(batch.mentions, tones, strict=True) if tone is not None}
        changed = _write(writer, told)
        parts = dict(job.parts)
        for one in changed:
            number = str(writer.partitions.of(one).no)
            parts[number] = parts.get(number, 0) + 1
        job = job._replace(done_to=batch.back_to, changed=job.changed + len(changed), parts=parts)
        if batch.back_to > 0:
            _save(connection, job)
        else:
            _finish(writer, job)
        return job


def _save(connection: Connection, job: Rescoring) -> None:
    told = {name: value for name, value in job._asdict().items() if name != "share"}
    mirror.set_state(connection, UNDER_WAY, json.dumps(told))


def _finish(writer: Writer, job: Rescoring) -> None:
    connection = writer.connection
    mirror.set_state(connection, SCORED_BY, json.dumps(dict(job.engines), sort_keys=True))
    connection.execute("DELETE FROM state WHERE name = ?", (UNDER_WAY,))
    for part in writer.partitions.parts:
        if part.merged > 0 and job.parts.get(str(part.no), 0) > part.count // LATE:
            part.merged = 0
            writer.partitions.save(part)


def _write(writer: Writer, told: Mapping[int, tuple[Due, Tone]]) -> list[int]:
    """Set what differs, and all that hangs on it; the mentions with another score, toward one topic too, or intent."""
    connection = writer.connection
    changed: list[int] = []
    moved: dict[int, tuple[int | None, str | None]] = {}
    """Those that are in another band, or show other intents -> the score and the intents that they had."""
    shown: dict[int, tuple[Aspects, ...]] = {}
    """Those that show other intents -> what they were counted under, and are now."""
    looked_at: list[int] = []
    wanted = json.dumps(list(told))
    rows = connection.execute(_SELECT + _THESE, (wanted,))
    for *row, hits, unscored, intents, country, kind in rows.fetchall():
        read, tone = told[row[0]]
        if row[6] >= inbox.GONE or (row[1], row[2], row[3]) != read[1:4]:
            continue  # it has come again since, and was scored then
        looked_at.append(row[0])
        columns: dict[str, object] = {}
        if (row[5], hits, unscored) != tone[:3]:
            columns = {"score": tone.score, "hits": tone.hits, "unscored": tone.unscored}
            changed.append(row[0])
        if flags := 0 if row[4] & (TAGGED | OWN_TAGS) else mentions.tag_flags(row[2], tone.tagged):
            columns["flags"] = row[4] | flags
        if intents != tone.intents:
            columns["intents"] = tone.intents
            changed.append(row[0])
            shown[row[0]] = tuple(aspects.of(row[3], country, kind, which) for which in (intents, tone.intents))
        if band(row[5]) != band(tone.score) or intents != tone.intents:
            moved[row[0]] = row[5], intents
        if columns:
            mentions.update(connection, row[0], columns)
    changes.note(connection, set(changed))
    _count(writer, shown)
    toward = tones.renew(writer, looked_at)
    if moved:
        new = mentions.documents_between(connection, min(moved), max(moved), moved)
        writer.partitions.remove([search.with_tone(document, *moved[document[0]]) for document in new])
        writer.partitions.add(new)
    return sorted({*changed, *toward})


def _count(writer: Writer, shown: Mapping[int, tuple[Aspects, ...]]) -> None:
    """Count the matches of these mentions under what they show now."""
    delta = writer.delta()
    for mention, topic, _, score, _ in inbox.matches_of_many(writer.connection, shown):
        before, after = shown[mention]
        delta.count(mention, topic, score, before, -1)
        delta.count(mention, topic, score, after)
    delta.write(writer.connection)
