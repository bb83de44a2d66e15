"""Consoles, a collector with its retention, and a backup at once: every action counts, and nobody is told of a lock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from listen.store import audit, backup, schema, sqlite, upkeep
from listen.store.read import Reader
from listen.store.write import Writer
from tests.store.posts import Turned, check_inbox, check_matches, check_numbers, make_desk, make_post
from tests.torture.rig import ROOT

PATIENCE = 300
NOW = 1_767_225_600
Told = dict[str, Any]


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.torture.crowd", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)


def told(process: subprocess.Popen[str]) -> Told:
    """What it says at its end, which the end of its input brings about."""
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    found: Told = json.loads(out.splitlines()[-1])
    return found


def hammered(folder: Path, people: list[str], actions: int, batches: int) -> tuple[Path, dict[str, Told], Told]:
    """(store, what each person's console was told, what the collector's writer did)."""
    folder.chmod(0o2770)  # a team's: consoles tell each other where their people are
    store = folder / "listen.db"
    schema.prepare(store)
    collector = start("collect", store, batches)
    assert collector.stdout is not None
    assert collector.stdout.readline() == "ready\n"
    consoles = {who: start("triage", store, who, actions) for who in people}
    copied = backup.backup(store, folder / "copy.db")
    assert copied >= 500, "what had been written when it began"
    return store, {who: told(process) for who, process in consoles.items()}, told(collector)


def judge(store: Path, people: dict[str, Told], collector: Told) -> None:
    """No action was lost, nobody saw a fault, the store is whole, and the log stayed short."""
    for who, one in people.items():
        took = sorted(one["took"])
        late = took[99 * len(took) // 100]
        print(f"{who}: {len(took)} actions, 99 % within {late} ms, the longest {took[-1]} ms", file=sys.stderr)
        assert one["errors"] == []
        assert one["failed"] == []
    assert collector["wal"] <= upkeep.WAL_LIMIT + (16 << 20), "the limit and a batch"
    connection = sqlite.connect_people(store)
    try:
        (stored,) = connection.execute("SELECT count(*) FROM mentions").fetchone()
        assert stored == collector["written"] - collector["old"], "what is new is there, what is old was taken away"
        for who, one in people.items():
            journal = connection.execute(
                "SELECT count(DISTINCT step), count(DISTINCT CASE WHEN undone_at IS NOT NULL THEN step END) "
                "FROM journal WHERE by = ?",
                (who,),
            ).fetchone()
            assert journal == (one["steps"], one["undone"]), who
        assert last_words_unheard(connection) == []
        for check in (check_inbox, check_matches, check_numbers):
            check(connection)
    finally:
        connection.close()
    assert list(audit.problems(store)) == []


def last_words_unheard(connection: sqlite.Connection) -> list[tuple[Any, ...]]:
    """Mentions whose status is not what the journal's last action says, those aside that an undo has touched."""
    return connection.execute(
        "WITH said AS (SELECT j.id, j.undone_at, json_extract(j.detail, '$.value') AS value, m.id AS mention "
        "  FROM journal AS j, json_each(j.detail, '$.before') AS b, json_each(b.value, '$[1]') AS n "
        "  JOIN mentions AS m ON m.external_id = json_extract(n.value, '$[1]') "
        "  WHERE json_extract(j.detail, '$.field') = 'status'), "
        "last AS (SELECT mention, value, max(id) FROM said GROUP BY mention HAVING count(undone_at) = 0) "
        "SELECT mention, value, status FROM last LEFT JOIN triage ON mention_id = mention "
        "WHERE value <> ifnull(status, 0)"
    ).fetchall()


def test_two_consoles_and_a_collector_lose_nothing_and_see_no_lock(tmp_path: Path) -> None:
    judge(*hammered(tmp_path, ["ana", "bob"], actions=80, batches=12))


@pytest.mark.slow
def test_four_consoles_and_a_collector_for_minutes(tmp_path: Path) -> None:
    judge(*hammered(tmp_path, ["ana", "bob", "chloe", "dan"], actions=1_500, batches=400))


def test_a_console_that_stays_open_holds_no_log(tmp_path: Path) -> None:
    """A reader that has been answered keeps no transaction: the next checkpoint moves everything."""
    store = tmp_path / "listen.db"
    schema.prepare(store)
    connection = sqlite.connect_writer(store)
    writer = Writer(connection, Turned(NOW))
    writer.claim()
    channel = next(iter(make_desk(writer).channels.values()))
    with Reader(store) as reader:
        for number in range(20):
            writer.add(channel.id, [make_post(f"{number}", "acme")], seen_at=NOW + number)
            for ask in (reader.data_version, reader.newest, reader.absences, reader.views, reader.sources):
                ask()
            reader.arrivals(0)
            _, length, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            assert length == moved, "some of the log could not be moved"
    connection.close()
