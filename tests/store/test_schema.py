"""Making and migrating a store: old or new and never half, whoever else does it at the same time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlite_utils import Database

from listen.store import schema, sqlite
from listen.store.sqlite import SCHEMA_VERSION, StoreError, sqlite3
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import Desk, Turned, check_everything, make_desk, make_post

ROOT = str(Path(__file__).parents[2])

LATER = """
    from listen.store import schema, sqlite

    @schema.migrations(name="later")
    def later(db):
        db.conn.execute("ALTER TABLE mentions ADD COLUMN extra INTEGER")
        db.conn.execute("UPDATE mentions SET extra = length(text)")
        db.conn.execute("CREATE INDEX mentions_extra ON mentions(extra)")
        db["journal"].add_column("extra", int)

    schema.SCHEMA_VERSION = sqlite.SCHEMA_VERSION = schema.SCHEMA_VERSION + 1
"""

KILL = """
    import os, signal, sys
    from pathlib import Path
    from listen.store import schema, sqlite

    class Killed:
        def __init__(self, at):
            self.at = at
        def __call__(self, statement):
            self.at -= 1
            if self.at < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    real = sqlite.connect_unprepared
    def attempt(path, at):
        '''Prepare in a child that dies before its statement number `at`; whether it got to its end.'''
        child = os.fork()
        if not child:
            def traced(path):
                connection = real(path)
                connection.set_trace_callback(Killed(at))
                return connection
            sqlite.connect_unprepared = traced
            schema.prepare(path)
            os._exit(0)
        return os.waitpid(child, 0)[1] == 0

    def tables(path):
        connection = sqlite.sqlite3.connect(path)
        found = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
        return found, version
"""


def script(*parts: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(textwrap.dedent(part) for part in parts)]


def run(parts: list[str], *arguments: object) -> str:
    done = subprocess.run(
        [*script(*parts), *map(str, arguments)], env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def shape(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE name NOT GLOB 'sqlite_*' ORDER BY name"
    ).fetchall()
    connection.close()
    return found


def test_a_new_store_is_complete_and_preparing_it_again_changes_nothing(store_path: Path, clock: Turned) -> None:
    before = shape(store_path)
    schema.prepare(store_path)
    assert shape(store_path) == before
    assert {"mentions", "matches", "inbox", "triage", "journal", "requests", "_sqlite_migrations"} <= {
        one[0] for one in before
    }
    connection = sqlite.connect_writer(store_path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    desk = make_desk(Writer(connection, clock))
    desk.add([make_post("x", "battery")])
    check_everything(connection)
    connection.close()
    assert [path.name for path in store_path.parent.iterdir()] == ["listen.db"]


def test_the_version_is_the_number_of_migrations() -> None:
    assert len(schema.migrations.pending(Database(memory=True))) == SCHEMA_VERSION


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_store_of_an_older_schema_becomes_one_of_this(
    tmp_path: Path, store_path: Path, clock: Turned, version: int
) -> None:
    path = tmp_path / "old.db"
    path.touch()
    connection = sqlite.connect_unprepared(path)
    later = [migration.name for migration in schema.migrations.pending(Database(memory=True))][version]
    schema.migrations.apply(Database(connection, execute_plugins=False), stop_before=later)
    connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={version}")
    connection.execute("INSERT INTO topics(name, query, role, since) VALUES ('acme', 'acme', 'brand', 7)")
    connection.commit()
    connection.close()
    schema.prepare(path)
    assert shape(path) == shape(store_path)
    desk = make_desk(Writer(sqlite.connect_writer(path), clock))
    assert desk.topics["acme"] == 1
    desk.add([make_post("x", "battery")])
    desk.writer.sync_topics([("acme", "battery", "brand")])
    while desk.writer.idle():
        pass
    check_everything(desk.connection)
    assert desk.rows(
        "SELECT count(*) FROM topics AS t JOIN matches ON topic_id = id WHERE name = 'acme' AND active"
    ) == [(1,)]
    desk.connection.close()


def test_an_older_store_is_told_what_its_people_left_out_and_corrected(
    desk: Desk, store_path: Path, clock: Turned
) -> None:
    connection = desk.connection
    ids = desk.add([
        make_post(f"p{n}", "battery", score=(-600, None)[n % 2], lang="fr", topics=dict.fromkeys((1, 2), -600))
        for n in range(4)
    ]).new_ids  # fmt: skip
    with Triage(store_path, "ana", clock) as ana:
        ana.set_status(ids[:2], "dismissed")
        ana.correct(ids[1:3], "pos")
    known = connection.execute("SELECT * FROM amended ORDER BY 1, 2").fetchall()
    assert len(known) == 6
    for kind, name in connection.execute(
        "SELECT type, name FROM sqlite_master WHERE name GLOB 'amend*' OR name = 'hourly_topic_hours'"
    ).fetchall():
        connection.execute(f"DROP {kind} IF EXISTS {name}")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'amended'")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
    connection.commit()
    schema.prepare(store_path)
    assert connection.execute("SELECT * FROM amended ORDER BY 1, 2").fetchall() == known
    check_everything(connection)


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "listen.db").touch()
    schema.prepare(tmp_path / "listen.db")
    sqlite.connect_writer(tmp_path / "listen.db").close()


def test_files_that_are_not_ours_stay_as_they_are(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE bookmarks(url)")
    other.close()
    (tmp_path / "text.db").write_text("hello " * 1000)
    for name, told in (("other.db", "another program"), ("text.db", "not an SQLite file")):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(StoreError, match=told):
            schema.prepare(tmp_path / name)
        assert (tmp_path / name).read_bytes() == before


def test_a_newer_store_is_refused_untouched(desk: Desk, store_path: Path) -> None:
    desk.connection.close()
    connection = sqlite3.connect(store_path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    before = store_path.read_bytes()
    with pytest.raises(StoreError, match=f"newer listen .schema {SCHEMA_VERSION + 1}.*upgrade"):
        schema.prepare(store_path)
    assert store_path.read_bytes() == before


def test_kill_at_any_statement_of_the_first_migration(tmp_path: Path) -> None:
    told = run(
        [KILL, """
        folder, at, done = Path(sys.argv[1]), 0, False
        schema.prepare(folder / "whole.db")
        whole = tables(folder / "whole.db")
        while not done:
            path = folder / f"{at}.db"
            done = attempt(path, at)
            assert tables(path) == whole if done else tables(path) in ((0, 0), whole), at
            schema.prepare(path)
            assert tables(path) == whole, at
            at += 1
        print(at)
        """],
        tmp_path,
    )  # fmt: skip
    assert int(told) > 30


def test_kill_at_any_statement_of_a_later_migration(desk: Desk, store_path: Path, tmp_path: Path) -> None:
    desk.add([make_post(str(number), "battery " * number) for number in range(50)])
    desk.connection.close()
    told = run(
        [LATER, KILL, """
        import shutil
        folder, at, done = Path(sys.argv[1]), 0, False
        old = tables(sys.argv[2])
        saved = set()
        while not done:
            path = folder / f"{at}.db"
            shutil.copyfile(sys.argv[2], path)
            done = attempt(path, at)
            found = tables(path)
            assert found[1] in (old[1], old[1] + 1) and (found == old) == (found[1] == old[1]), at
            copy = Path(f"{path}.before-schema-{old[1] + 1}")
            if copy.exists():
                assert tables(copy) == old
                assert sqlite.sqlite3.connect(copy).execute("SELECT count(*) FROM mentions").fetchone() == (50,)
                saved.add(at)
            assert copy.exists() or found == old, "nothing changes before there is a copy"
            schema.prepare(path)
            connection = sqlite.connect_writer(path)
            assert connection.execute("SELECT count(*) FROM mentions WHERE extra = length(text)").fetchone() == (50,)
            connection.close()
            at += 1
        print(at, len(saved))
        """],
        tmp_path, store_path,
    )  # fmt: skip
    kills, saved = map(int, told.split())
    assert kills > 8
    assert saved > 4


RACE = """
    import sys
    from listen.store.sqlite import connect_people
    from listen.store import schema
    sys.stdin.readline()
    schema.prepare(sys.argv[1])
    connection = connect_people(sys.argv[1])
    connection.execute("INSERT INTO state VALUES (?, '')", (sys.argv[2],))
    connection.close()
"""


@pytest.mark.parametrize("existing", [False, True])
def test_four_processes_at_once(tmp_path: Path, existing: bool) -> None:
    path = tmp_path / "listen.db"
    if existing:
        schema.prepare(path)
    parts = [LATER, RACE] if existing else [RACE]
    started = [
        subprocess.Popen(
            [*script(*parts), str(path), str(number)], env={**os.environ, "PYTHONPATH": ROOT},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in started:
        out, wrong = one.communicate(timeout=60)
        assert (one.returncode, out, wrong) == (0, "", "")
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM state ORDER BY name").fetchall() == [("0",), ("1",), ("2",), ("3",)]
    assert connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (SCHEMA_VERSION + existing,)
    connection.close()
    copies = [one.name for one in tmp_path.iterdir() if "before" in one.name]
    assert copies == ([f"listen.db.before-schema-{SCHEMA_VERSION + 1}"] if existing else [])


def test_the_copy_before_a_migration_is_private(tmp_path: Path, store_path: Path) -> None:
    schema.copy_before(store_path, f"{tmp_path}/copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.db"]


def test_no_room_for_the_copy_is_said_before_anything_changes(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    with pytest.raises(StoreError, match="free some space"):
        schema.copy_before(store_path, f"{store_path}.copy")
    assert [path.name for path in store_path.parent.iterdir()] == ["listen.db"]
