"""The views for other programs say what the console says, in whatever world."""

from __future__ import annotations

import json
import re
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listen.model import KINDS, STATES, STATUSES
from listen.store import migrations, sqlite
from listen.store.read import Reader
from listen.store.views import VIEWS
from listen.told import as_json
from tests.store.worlds import build, stories

SAME = (
    "id", "time", "published_at", "seen_at", "edited_at", "network", "external_id", "kind", "state", "url", "author",
    "author_name", "followers", "title", "text", "truncated", "lang", "country", "sentiment", "tone", "likes",
    "replies", "reposts", "views", "rating", "parent_id", "thread_id", "status", "starred", "assignee", "note", "own",
    "noise", "story", "copies",
)  # fmt: skip
"""Columns of v_mentions that are fields of `--json`, too."""

LISTS = {"sources": json.loads, "topics": json.loads, "tags": str.split, "intents": str.split}

HOURLY = """
SELECT strftime('%Y-%m-%dT%H:00:00Z', time) AS hour, time_unix / 3600 * 3600 AS hour_unix, topic, role,
  sum(counts) AS mentions, sum(counts AND tone = 'neg') AS negative, sum(counts AND tone IN ('neu', 'none')) AS neutral,
  sum(counts AND tone = 'pos') AS positive, sum(counts AND tone = 'unknown') AS unscored,
  round(avg(iif(counts, sentiment, NULL)), 6) AS sentiment, sum(NOT counts) AS left_out
FROM v_matches GROUP BY 1, 2, 3, 4 ORDER BY 1, 3"""
"""v_hourly from v_matches, the slow way."""


def records(connection: sqlite.Connection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    return [dict(zip([column[0] for column in cursor.description], row, strict=True)) for row in cursor]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(told=st.lists(stories(), min_size=1, max_size=30))
def test_the_views_say_what_the_reader_says(told: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder), told).path
        with Reader(path) as reader, closing(sqlite.connect_reader(path)) as connection:
            assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
            rows = records(connection, "SELECT * FROM v_mentions ORDER BY id")
            every = reader.mentions([row["id"] for row in rows])
            assert len(every) == connection.execute("SELECT count(*) FROM mentions").fetchone()[0]
            for row, mention in zip(rows, every, strict=True):
                record = as_json(mention)
                assert {name: row[name] for name in SAME} == {name: record[name] for name in SAME}
                for name, read in LISTS.items():
                    assert sorted(read(row[name] or "[]" * (read is json.loads))) == sorted(record[name]), name
                assert row["source"] == mention.sources[0]
                assert row["time_unix"] == mention.time
                said = mention.correction
                computed = mention.score if said is None else said.was
                assert row["computed_sentiment"] == (None if computed is None else computed / 1000)
                assert row["corrected"] == (said is not None)
                assert row["dismissed"] == (mention.status == "dismissed")
            matched = records(connection, "SELECT * FROM v_matches")
            assert sorted((one["mention_id"], one["topic"], one["sentiment"]) for one in matched) == sorted(
                (one.id, topic, None if score is None else score / 1000)
                for one in every
                for topic, score in one.topics.items()
            )
            flags = {row["id"]: (row["own"], row["noise"], row["dismissed"], row["counts"]) for row in rows}
            assert all(
                (one["own"], one["noise"], one["dismissed"], one["counts"]) == flags[one["mention_id"]]
                for one in matched
            )
            assert records(connection, "SELECT * FROM v_hourly ORDER BY hour, topic") == records(connection, HOURLY)


def test_the_views_have_the_columns_and_the_words_that_are_told(store_path: Path) -> None:
    with closing(sqlite.connect_reader(store_path)) as connection:
        for view, columns in VIEWS.items():
            cursor = connection.execute(f"SELECT * FROM {view}")
            assert [column[0] for column in cursor.description] == list(columns)
    words = {
        end: re.findall(
            r"THEN '(\w+)'", re.split(r"\bCASE\b", migrations.STEPS["views"].split(f" END AS {end},")[0])[-1]
        )
        for end in ("kind", "state", "status")
    }
    assert {name: tuple(found) for name, found in words.items() if name != "status"} == {
        "kind": KINDS,
        "state": STATES,
    }, "a word was appended in listen.model: v_mentions has to be made anew, by a migration"
    status = re.split(r"\bCASE\b", migrations.STEPS["views"].split(" END END AS status,")[0])[-1]
    assert tuple(re.findall(r"THEN '(\w+)'", status)) == STATUSES
