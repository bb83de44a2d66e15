"""Which SQLite, where the file may lie, and how it is opened."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from listen.store import schema, sqlite
from listen.store.sqlite import StoreBusy, StoreError, StoreFull, sqlite3
from tests.store.posts import Desk, make_post


def python(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


# --- the library -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "risky"),
    [
        ("3.6.23", False), ("3.7.0", True), ("3.40.1", True), ("3.44.5", True), ("3.44.6", False), ("3.45.0", True),
        ("3.50.6", True), ("3.50.7", False), ("3.51.2", True), ("3.51.3", False), ("3.53.0", False), ("4.0.0", False),
    ],
)  # fmt: skip
def test_versions_with_the_race(version: str, risky: bool) -> None:
    assert sqlite.risky(tuple(map(int, version.split(".")))) is risky


@pytest.mark.parametrize("first", ["listen.store.sqlite", "listen.store.schema", "listen.store.write"])
@pytest.mark.parametrize("forced", ["stdlib", ""])
def test_one_library_in_a_process(first: str, forced: str) -> None:
    done = python(
        """
        import importlib, sys
        importlib.import_module(sys.argv[1])
        from listen.store import schema, sqlite
        from sqlite_utils.utils import sqlite3 as theirs
        print(sqlite.sqlite3.__name__.partition(".")[0], theirs.__name__.partition(".")[0])
        """,
        first,
        LISTEN_SQLITE=forced,
    )
    ours, theirs = done.stdout.split()
    assert ours == theirs, done.stderr
    if forced:
        assert ours == "sqlite3"


def test_too_old_a_library_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "version", lambda: (3, 39, 4))
    with pytest.raises(StoreError, match=r"too old, 3\.40\.0 is needed"):
        schema.prepare(tmp_path / "listen.db")


# --- connections -----------------------------------------------------------------------------------------------------


def pragma(connection: sqlite.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_writer_s_settings(store_path: Path) -> None:
    writer, people = sqlite.connect_writer(store_path), sqlite.connect_people(store_path)
    for connection in (writer, people):
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "trusted_schema") == 0
        assert pragma(connection, "secure_delete") == 1
        assert pragma(connection, "wal_autocheckpoint") == 0
        assert pragma(connection, "busy_timeout") == 5000
        assert pragma(connection, "journal_size_limit") == 64 << 20
        assert connection.isolation_level is None
    assert pragma(writer, "cache_size") == -1024 * sqlite.WRITER_CACHE
    writer.close()
    people.close()


def test_a_reader_cannot_write(store_path: Path) -> None:
    reader = sqlite.connect_reader(store_path)
    for sql in ("INSERT INTO state VALUES ('a', 'b')", "CREATE TABLE x(a)", "PRAGMA user_version = 9"):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute(sql)
    reader.close()


def test_a_reader_s_query_can_be_stopped(store_path: Path) -> None:
    calls: list[int] = []
    reader = sqlite.connect_reader(store_path, progress=lambda: calls.append(1) or len(calls) > 5)
    with pytest.raises(sqlite3.OperationalError, match="interrupt"):
        reader.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        ).fetchone()
    assert len(calls) == 6
    reader.close()


def test_a_row_with_broken_bytes_hides_no_other(desk: Desk, store_path: Path) -> None:
    desk.add([make_post("good", "battery"), make_post("bad", "broken")])
    desk.connection.execute("UPDATE mentions SET text = CAST(X'41ff42' AS TEXT) WHERE external_id = 'bad'")
    reader = sqlite.connect_reader(store_path)
    assert reader.execute("SELECT text FROM mentions ORDER BY id").fetchall() == [("battery",), ("A\ufffdB",)]
    reader.close()


@pytest.mark.parametrize("opens", [sqlite.connect_reader, sqlite.connect_writer, sqlite.connect_people])
def test_what_is_no_store_is_said(opens: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        opens(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "text.db").write_text("hello " * 1000)
    with pytest.raises(StoreError, match="not an SQLite file"):
        opens(tmp_path / "text.db")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE x(a)")
    other.close()
    before = (tmp_path / "other.db").read_bytes()
    with pytest.raises(StoreError, match="not a listen store"):
        opens(tmp_path / "other.db")
    assert (tmp_path / "other.db").read_bytes() == before


@pytest.mark.parametrize("opens", [sqlite.connect_reader, sqlite.connect_writer])
@pytest.mark.parametrize(("version", "told"), [(sqlite.SCHEMA_VERSION + 1, "newer listen"), (0, "older listen")])
def test_another_version_s_store_is_said(opens: Any, version: int, told: str, store_path: Path) -> None:
    connection = sqlite.connect_writer(store_path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(StoreError, match=told):
        opens(store_path)


# --- a disk that cannot be written -----------------------------------------------------------------------------------


def block_shared_memory(path: Path) -> None:
    """As on a read-only disk, for every user: SQLite cannot make its -shm file."""
    Path(f"{path}-shm").unlink(missing_ok=True)
    Path(f"{path}-shm").symlink_to("nowhere/at/all")


def test_a_cleanly_closed_store_can_be_read_where_nothing_can_be_written(desk: Desk, store_path: Path) -> None:
    desk.add([make_post("x", "battery")])
    desk.connection.close()
    block_shared_memory(store_path)
    reader = sqlite.connect_reader(store_path)
    assert reader.execute("SELECT text FROM mentions").fetchall() == [("battery",)]
    reader.close()


def test_a_cleanly_closed_store_can_be_read_in_a_folder_that_only_others_write(
    desk: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite calls it a read-only database there; whoever runs the tests may be allowed to write everywhere."""
    desk.add([make_post("x", "battery")])
    desk.connection.close()
    connect = sqlite._connect

    def refused(path: str | Path, mode: str, *more: Any, **options: Any) -> sqlite.Connection:
        if "immutable" in mode:
            return connect(path, mode, *more, **options)
        cause = sqlite.sqlite3.OperationalError("attempt to write a readonly database")
        cause.sqlite_errorcode = 8
        raise StoreError("the store may not be written by this user") from cause

    monkeypatch.setattr(sqlite, "_connect", refused)
    reader = sqlite.connect_reader(store_path)
    assert reader.execute("SELECT text FROM mentions").fetchall() == [("battery",)]
    reader.close()
    Path(f"{store_path}-shm").touch()
    with pytest.raises(StoreError, match="may not be written"):
        sqlite.connect_reader(store_path)


def test_a_store_with_an_open_log_there_is_explained(desk: Desk, store_path: Path, tmp_path: Path) -> None:
    desk.add([make_post("x", "battery")])
    copy = tmp_path / "copy.db"
    for end in ("", "-wal"):
        Path(f"{copy}{end}").write_bytes(Path(f"{store_path}{end}").read_bytes())
    block_shared_memory(copy)
    with pytest.raises(StoreError, match=r"copy\.db-wal holds changes"):
        sqlite.connect_reader(copy)


FULL = """
    import resource, sys
    from pathlib import Path
    from listen.store import schema, sqlite
    from listen.store.sqlite import StoreFull
    from listen.store.write import Writer
    from tests.store.posts import NOW, Turned, check_everything, make_desk, make_post

    path = Path(sys.argv[1])
    schema.prepare(path)
    desk = make_desk(Writer(sqlite.connect_writer(path), Turned(NOW)))
    desk.add([make_post("before", "battery", topics={1: 5})])
    size = path.stat().st_size + Path(f"{path}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, resource.RLIM_INFINITY))
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    stored = full = 0
    for number in range(30):
        batch = [make_post(f"{number}-{n}", f"word{n} " * 50, topics={2: n}) for n in range(50)]
        try:
            stored += len(desk.add(batch).new_ids)
        except StoreFull as error:
            full += 1
            told = str(error)
            assert not desk.connection.in_transaction
            reader = sqlite.connect_reader(path)
            assert reader.execute("SELECT count(*) FROM mentions").fetchone() == (1 + stored,)
            reader.close()
            if full == 3:
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            if full > 3:
                raise
    assert full == 3 and stored == 27 * 50, (full, stored)
    check_everything(desk.connection)
    assert desk.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    print(told)
"""


@pytest.mark.parametrize("library", ["", "stdlib"])
def test_a_full_disk_loses_nothing_and_collecting_goes_on_when_there_is_room(tmp_path: Path, library: str) -> None:
    root = str(Path(__file__).parents[2])
    done = python(FULL, tmp_path / "listen.db", LISTEN_SQLITE=library, PYTHONPATH=root)
    assert done.returncode == 0, done.stderr
    assert "full" in done.stdout


def error(code: int) -> sqlite3.Error:
    made = sqlite3.OperationalError("words")
    made.sqlite_errorcode = code
    return made


@pytest.mark.parametrize(
    ("code", "kind"),
    [(13, StoreFull), (10, StoreFull), (778, StoreFull), (4874, StoreFull), (5, StoreBusy), (517, StoreBusy),
     (8, StoreError), (14, StoreError), (26, StoreError), (11, StoreError), (267, StoreError)],
)  # fmt: skip
def test_errors_with_a_known_cause_say_what_to_do(code: int, kind: type[Exception]) -> None:
    told = sqlite.explained(error(code), "/x/listen.db")
    assert type(told) is kind
    assert str(told).startswith("/x/listen.db: ")


def test_other_errors_stay_what_they_are() -> None:
    for other in (error(1), sqlite3.ProgrammingError("x"), ValueError("x")):
        assert sqlite.explained(other) is other
