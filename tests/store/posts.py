"""Prepared posts as the workshop makes them, and what must hold of a store whatever was written to it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from listen import text as words
from listen.model import EPOCH, KINDS, STAGES, Author, Prepared, first_id
from listen.store import retold, search, terms
from listen.store.aside import OWN
from listen.store.counted import of_score
from listen.store.layout import hour_of
from listen.store.mentions import Added
from listen.store.mirror import ChannelRow
from listen.store.pulse import Numbers
from listen.store.sqlite import Connection
from listen.store.write import Writer
from listen.text.terms import terms as terms_of

NOW = 1_767_225_600
"""2026-01-01 00:00 UTC."""


@dataclass
class Turned:
    """A clock that a test turns."""

    at: float

    def now(self) -> float:
        return self.at

    def pace(self) -> float:
        return 1.0

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Desk:
    """A writer with what it was told to listen to."""

    writer: Writer
    channels: dict[str, ChannelRow]
    topics: dict[str, int]

    @property
    def connection(self) -> Connection:
        return self.writer.connection

    def add(self, posts: Sequence[Prepared], channel: str = "a1", seen_at: int = NOW, **more: Any) -> Added:
        return self.writer.add(self.channels[channel].id, posts, seen_at=seen_at, **more)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self.connection.execute(sql, values).fetchone()[0]

    def found(self, expression: str) -> list[int]:
        """Ids that an FTS5 expression finds, over all partitions."""
        parts = search.load(self.connection)
        found = [
            row[0]
            for part in parts
            for row in self.rows(f"SELECT rowid FROM {part.table} WHERE {part.table} MATCH ?", expression)
        ]
        return sorted(found)


def fast(connection: Connection) -> Connection:
    """The same without waiting for the disk at each commit: no test cuts the power."""
    connection.execute("PRAGMA synchronous=OFF")
    return connection


def make_desk(writer: Writer, power: str = "battery") -> Desk:
    writer.claim()
    sources = writer.sync_sources([("a", "feed", {}), ("b", "mastodon", {})])
    channels = {
        key: row
        for name, source_id in sources.items()
        for key, row in writer.sync_channels(source_id, [(f"{name}1", "first"), (f"{name}2", "second")]).items()
    }
    topics = writer.sync_topics(
        [("acme", "acme", "brand"), ("rival", "rival", "competitor"), ("power", power, "theme")]
    )
    return Desk(writer, channels, topics)


def make_post(external_id: str, body: str = "", *, title: str | None = None, **more: Any) -> Prepared:
    """A post with the tokens that its text has, as from the workshop."""
    title_words, title_marks = words.tokens(title) if title else ([], [])
    body_words, body_marks = words.tokens(body)
    given: dict[str, Any] = {"network": "net", "kind": "post", "url": None, "author": Author("joe"), "lang": "en"}
    return Prepared(
        external_id=external_id, title=title, text=body, title_words=" ".join(title_words), words=" ".join(body_words),
        marks=list(dict.fromkeys([*title_marks, *body_marks])), **(given | more),
    )  # fmt: skip


# --- what must hold --------------------------------------------------------------------------------------------------


def check_everything(connection: Connection) -> None:
    """Numbers, inbox, index and partitions, each worked out anew from the rows in the slowest, most obvious way."""
    check_matches(connection)
    check_numbers(connection)
    check_amended(connection)
    check_inbox(connection)
    check_conversations(connection)
    check_index(connection)
    check_partitions(connection)
    check_stories(connection)
    check_terms(connection)


def check_terms(connection: Connection, present: int | None = None) -> None:
    """What is counted and not owed again is what the texts say; with the present hour, all before it is counted."""
    owed = set(connection.execute("SELECT topic_id, hour FROM terms_owed").fetchall())
    left_out = set(connection.execute("SELECT topic_id, mention_id FROM dismissed").fetchall())
    told: dict[tuple[int, int], dict[int, set[str]]] = {}
    for topic, mention, title, body, story in connection.execute(
        "SELECT x.topic_id, m.id, m.title, m.text, m.story_id FROM matches x JOIN mentions m ON m.id = x.mention_id "
        "ORDER BY m.id"
    ):
        if (topic, mention) not in left_out:
            stories = told.setdefault((topic, hour_of(mention)), {})
            stories.setdefault(-mention if story is None else story, terms_of(title, body))
    said = {at: (len(some), Counter(term for one in some.values() for term in one)) for at, some in told.items()}
    hours, days = {}, {}
    for topic, hour, stories, packed in connection.execute("SELECT topic_id, hour, stories, terms FROM term_hours"):
        hours[topic, hour] = stories, terms.unpacked([packed])
    for topic, day, stories, packed in connection.execute("SELECT topic_id, day, stories, terms FROM term_days"):
        days[topic, day] = stories, terms.unpacked([packed])
    for at, counted in hours.items():
        assert at in owed or counted == said.get(at, (0, Counter())), at
    for (topic, day), counted in days.items():
        its = [(topic, hour) for hour in range(24 * day, 24 * day + 24)]
        if not any(at in owed or at in hours for at in its):
            parts = [said[at] for at in its if at in said]
            assert counted == (sum(n for n, _ in parts), sum((some for _, some in parts), Counter())), (topic, day)
    for topic, hour in said if present is not None else ():
        assert hour >= (present or 0) or (topic, hour) in hours or (topic, hour // 24) in days, (topic, hour)


def check_stories(connection: Connection) -> None:
    """Each story has its mentions, each mention at most one story that is there."""
    told = "SELECT story_id, count(*) FROM mentions WHERE story_id IS NOT NULL GROUP BY story_id ORDER BY story_id"
    stored = connection.execute("SELECT id, mentions FROM stories ORDER BY id").fetchall()
    assert connection.execute(told).fetchall() == stored
    wanted = connection.execute("SELECT 0, id, story_id FROM mentions WHERE story_id IS NOT NULL").fetchall()
    wanted += connection.execute(
        "SELECT x.topic_id, m.id, m.story_id FROM matches x JOIN mentions m ON m.id = x.mention_id "
        "WHERE m.story_id IS NOT NULL"
    ).fetchall()
    assert set(connection.execute("SELECT topic_id, mention_id, story_id FROM retold").fetchall()) == set(wanted)
    for hours in (0, 3, 27):
        check_told(connection, 0 if not hours else first_id(NOW - 3600 * hours))


def check_told(connection: Connection, low: int) -> None:
    """Stories are what different mentions tell, of those that count, from an id on."""
    left_out = {row[0] for row in connection.execute("SELECT mention_id FROM aside")}
    left_out |= {row[0] for row in connection.execute("SELECT mention_id FROM triage WHERE status = 3")}
    waiting = set(connection.execute("SELECT topic_id, mention_id FROM inbox").fetchall())
    rows = connection.execute("SELECT 0, id, ifnull(story_id, -id) FROM mentions").fetchall()
    rows += connection.execute(
        "SELECT x.topic_id, m.id, ifnull(m.story_id, -m.id) FROM matches x JOIN mentions m ON m.id = x.mention_id"
    ).fetchall()
    again = retold.of_topics(connection, low) | {0: retold.of_all(connection, low)}
    for topic in {row[0] for row in connection.execute("SELECT id FROM topics WHERE active")} | {0}:
        told = [row[2] for row in rows if row[0] == topic and row[1] >= low and row[1] not in left_out]
        assert len(set(told)) == len(told) - again.get(topic, 0), topic
        assert low or not topic or again.get(topic, 0) == retold.ever(connection).get(topic, 0), topic
        left = [row[2] for row in rows if row[:2] in waiting and row[0] == topic]
        assert len(left) - retold.waiting(connection, [topic])[topic] == len(set(left)), topic


def check_matches(connection: Connection) -> None:
    for *match, first in connection.execute(
        "SELECT x.source_id, x.lang, x.state, c.source_id, m.lang, m.state, m.id FROM matches x "
        "LEFT JOIN mentions m ON m.id = x.mention_id LEFT JOIN channels c ON c.id = m.channel_id"
    ).fetchall():
        assert match[:3] == match[3:], first


def check_amended(connection: Connection) -> None:
    """What was left out or corrected, mention by mention, and by how much it changes the numbers."""
    rows = connection.execute(
        "SELECT x.topic_id, m.id, x.source_id, x.score, k.score, t.status = 3, e.why, m.lang, m.country, m.kind, "
        "m.intents FROM matches AS x JOIN mentions AS m ON m.id = x.mention_id "
        "LEFT JOIN corrections AS k ON k.mention_id = m.id LEFT JOIN triage AS t ON t.mention_id = m.id "
        "LEFT JOIN aside AS e ON e.mention_id = m.id"
    ).fetchall()
    wanted = set()
    for topic, mention, source, score, said, dismissed, why, *told in rows:
        if dismissed or why or said is not None:
            counts = None if dismissed or why else said
            now, before = of_score(counts) if counts is not None else Numbers(), of_score(score)
            wanted.add((topic, mention, source, score, counts, (why or 0) & OWN, *told, *now.minus(before)))
    assert set(connection.execute("SELECT * FROM amended").fetchall()) == wanted


def check_numbers(connection: Connection) -> None:
    (kept,) = connection.execute(
        "SELECT coalesce(max(CAST(value AS INT)), 0) FROM state WHERE name='hourly_from'"
    ).fetchone()
    wanted: dict[str, dict[tuple[Any, ...], list[int]]] = {
        "hourly": {},
        "hourly_topic": {},
        "daily": {},
        "daily_topic": {},
    }
    for topic, mention, source, score in connection.execute(
        "SELECT topic_id, mention_id, source_id, score FROM matches"
    ):
        unix = (mention >> 12) + EPOCH
        hour, day = (unix - EPOCH) // 3600, (unix - EPOCH) // 86_400
        keys = {"hourly_topic": (hour, topic), "daily": (day, topic, source), "daily_topic": (day, topic)}
        if hour >= kept:
            keys["hourly"] = (hour, topic, source)
        for table, key in keys.items():
            cell = wanted[table].setdefault(key, [0, 0, 0, 0, 0])
            cell[0] += 1
            if score is not None:
                cell[1] += score <= -50
                cell[2] += score >= 50
                cell[3] += 1
                cell[4] += score
    for table, cells in (wanted | aspects_wanted(connection, kept)).items():
        stored = {row[:-5]: list(row[-5:]) for row in connection.execute(f"SELECT * FROM {table}")}
        assert stored == cells, table


def aspects_of(lang: str | None, country: str | None, kind: int, intents: str | None) -> list[str]:
    """What a mention is counted under, spelled out."""
    found = {f"lang:{lang}" if lang else "", f"country:{country}" if country else ""}
    found |= {"speaker:press"} if KINDS[kind] in ("article", "episode") else set()
    shown = set((intents or "").split())
    found |= {f"intent:{intent}" for intent in shown}
    stage = next((stage for stage, its in STAGES.items() if shown & set(its)), None)
    return sorted((found | {f"stage:{stage}" if stage else ""}) - {""})


def aspects_wanted(connection: Connection, kept: int) -> dict[str, dict[tuple[Any, ...], list[int]]]:
    """The numbers by aspect of what is counted so far."""
    (low,) = connection.execute(
        "SELECT coalesce(max(CAST(value AS INT)), 0) FROM state WHERE name='aspects_from'"
    ).fetchone()
    wanted: dict[str, dict[tuple[Any, ...], list[int]]] = {"hourly_aspect": {}, "daily_aspect": {}}
    for topic, mention, score, *told in connection.execute(
        "SELECT x.topic_id, x.mention_id, x.score, m.lang, m.country, m.kind, m.intents "
        "FROM matches x JOIN mentions m ON m.id = x.mention_id WHERE m.id >= ?",
        (low,),
    ):
        hour = (mention >> 12) // 3600
        for aspect in aspects_of(*told):
            for table, at in (("hourly_aspect", hour), ("daily_aspect", hour // 24)):
                if table == "daily_aspect" or hour >= kept:
                    cell = wanted[table].setdefault((at, topic, aspect), [0] * 5)
                    cell[0] += 1
                    if score is not None:
                        cell[1:] = [
                            cell[1] + (score <= -50), cell[2] + (score >= 50), cell[3] + 1, cell[4] + score
                        ]  # fmt: skip
    return wanted


def check_inbox(connection: Connection) -> None:
    triaged = {row[0] for row in connection.execute("SELECT mention_id FROM triage WHERE status > 0")}
    aside = {row[0] for row in connection.execute("SELECT mention_id FROM aside")}
    wanted = set()
    for mention, state in connection.execute("SELECT id, state FROM mentions").fetchall():
        topics = [row[0] for row in connection.execute("SELECT topic_id FROM matches WHERE mention_id = ?", (mention,))]
        assert state < 2 or not topics, "a post that was taken away matches nothing"
        if state < 2 and mention not in triaged | aside:
            wanted |= {(topic, mention) for topic in topics or [0]}
    assert set(connection.execute("SELECT topic_id, mention_id FROM inbox")) == wanted
    dismissed = {row[0] for row in connection.execute("SELECT mention_id FROM triage WHERE status = 3")}
    matches = connection.execute("SELECT topic_id, mention_id FROM matches").fetchall()
    assert set(connection.execute("SELECT topic_id, mention_id FROM dismissed")) == {
        match for match in matches if match[1] in dismissed | aside
    }
    corrected = {row[0] for row in connection.execute("SELECT mention_id FROM corrections")}
    assert set(connection.execute("SELECT topic_id, mention_id FROM corrected")) == {
        match for match in matches if match[1] in corrected
    }
    assert corrected <= {row[0] for row in connection.execute("SELECT id FROM mentions")}


def check_conversations(connection: Connection) -> None:
    """Who answers whom, by comparing each mention with each reply of ours."""
    rows = connection.execute(
        "SELECT m.id, n.name, m.external_id, m.parent_id, m.thread_id FROM mentions m JOIN networks n "
        "ON n.id = m.network_id"
    ).fetchall()
    own = {row[0] for row in connection.execute("SELECT mention_id FROM aside WHERE why & 1")}
    under: dict[int, set[tuple[str, str]]] = {}
    for mention, network, external_id, parent, thread in rows:
        above = thread if thread not in (None, external_id) else parent
        under[mention] = {(network, above)} if above not in (None, external_id) else set()
    ours = {
        mention: under[mention] | ({(network, parent)} if parent not in (None, external_id) else set())
        for mention, network, external_id, parent, _ in rows
        if mention in own
    }
    spoken = set().union(*ours.values()) if ours else set()
    answered = {row[0] for row in rows if row[0] not in own and (under[row[0]] | {(row[1], row[2])}) & spoken}
    assert {row[0] for row in connection.execute("SELECT mention_id FROM answered")} == answered
    assert {row[0] for row in connection.execute("SELECT mention_id FROM threads")} == {m for m in under if under[m]}
    assert {row[0] for row in connection.execute("SELECT mention_id FROM ours")} == {m for m in ours if ours[m]}
    grown = {row[0] for row in connection.execute("SELECT mention_id FROM growth")}
    assert grown <= under.keys(), "counts of what is not there"


def check_index(connection: Connection) -> None:
    stored: dict[int, set[tuple[str, int, str]]] = {}
    for part in search.load(connection):
        name = f"seen_{part.no}"
        connection.execute(f"CREATE VIRTUAL TABLE temp.{name} USING fts5vocab('main', 'search_{part.no}', 'instance')")
        for term, mention, column, place in connection.execute(
            f"SELECT term, doc, col, offset FROM temp.{name}"
        ).fetchall():
            assert part.from_id <= mention < part.to_id
            entry = (column, place, term)
            assert entry not in stored.setdefault(mention, set()), "twice in the index"
            stored[mention].add(entry)
        connection.execute(f"DROP TABLE temp.{name}")
    wanted = {}
    for mention, title, body, lang, kind, author, score, intents in connection.execute(
        "SELECT id, title, text, lang, kind, author_id, score, intents FROM mentions"
    ).fetchall():
        title_words, title_marks = words.tokens(title) if title else ([], [])
        body_words, body_marks = words.tokens(body)
        heard = connection.execute(
            "SELECT source_id FROM sightings s, channels c WHERE c.id = s.channel_id AND mention_id = ?", (mention,)
        )
        sources = sorted({row[0] for row in heard})
        topics = sorted(
            row[0] for row in connection.execute("SELECT topic_id FROM matches WHERE mention_id=?", (mention,))
        )
        facets = list(dict.fromkeys([*title_marks, *body_marks]))
        facets += [f"s_{one}" for one in sources] + [f"t_{one}" for one in topics]
        facets += ["l_" + lang.lower().replace("-", "_")] if lang else []
        facets += [f"k_{kind}", search.band(score), *(f"i_{one.replace('-', '_')}" for one in (intents or "").split())]
        facets += [] if author is None else [f"a_{author}"]
        columns = (("title", title_words), ("text", body_words), ("facets", facets))
        wanted[mention] = {(name, place, token) for name, tokens in columns for place, token in enumerate(tokens)}
    assert stored == wanted


def check_partitions(connection: Connection) -> None:
    ids = [row[0] for row in connection.execute("SELECT id FROM mentions")]
    parts = search.load(connection)
    assert parts[0].from_id == 0
    assert parts[-1].to_id == search.FOREVER
    assert all(one.to_id == two.from_id for one, two in itertools.pairwise(parts))
    held = Counter(part.no for part in parts for one in ids if part.from_id <= one < part.to_id)
    assert {part.no: part.count for part in parts if part.count} == dict(held)
    assert all(part.min_id <= one <= part.max_id for part in parts for one in ids if part.from_id <= one < part.to_id)
