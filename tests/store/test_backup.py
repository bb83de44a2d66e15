"""Backups: consistent while others write, checked, private, never half; and the way back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from listen.store import backup, sqlite
from listen.store.sqlite import StoreError, sqlite3
from listen.store.write import ChannelUpdate, Writer
from tests.store.posts import Desk, Turned, check_everything, fast, make_desk, make_post

ROOT = str(Path(__file__).parents[2])

TABLES = "mentions sightings matches inbox hourly hourly_topic daily authors arrivals channels triage journal".split()  # noqa: SIM905


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite.connect_reader(path)
    found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    connection.close()
    return found


def test_a_backup_holds_the_same_in_one_private_file(world: Desk, store_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    os.umask(0o022)
    assert backup.backup(store_path, folder / "copy.db") == 40
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600
    assert content(folder / "copy.db") == content(store_path)
    connection = sqlite.connect_writer(folder / "copy.db")
    check_everything(connection)
    connection.close()


def test_a_backup_while_a_writer_writes_is_one_moment(store_path: Path, clock: Turned, tmp_path: Path) -> None:
    """Each transaction adds two posts and a cursor; in every copy they agree, and later copies hold more."""
    started, stop = threading.Event(), threading.Event()

    def write() -> None:
        desk = make_desk(Writer(fast(sqlite.connect_writer(store_path)), clock))
        number = 0
        while not stop.is_set():
            desk.add([make_post(f"{number}-{n}", "battery " * 20, topics={1: n}) for n in range(2)],
                     update=ChannelUpdate(cursor={"number": number}))  # fmt: skip
            number += 1
            if number == 5:
                started.set()
        desk.connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert started.wait(30)
        counts = [backup.backup(store_path, tmp_path / f"{turn}.db") for turn in range(4)]
    finally:
        stop.set()
        writer.join()
    assert counts == sorted(counts)
    for turn, count in enumerate(counts):
        connection = sqlite.connect_writer(tmp_path / f"{turn}.db")
        (cursor,) = connection.execute(
            "SELECT json_extract(cursor, '$.number') FROM channels WHERE key = 'a1'"
        ).fetchone()
        assert count == 2 * (cursor + 1)
        check_everything(connection)
        connection.close()


def sqlite_update(cursor: dict[str, int]):
    from listen.store.write import ChannelUpdate

    return ChannelUpdate(cursor=cursor)


def test_nothing_is_overwritten_unasked(world: Desk, store_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(StoreError, match=r"exists.*--force"):
        backup.backup(store_path, target)
    assert target.read_text() == "precious"
    assert backup.backup(store_path, target, force=True) == 40
    with pytest.raises(StoreError, match=r"exists.*--force"):
        backup.restore(target, store_path)
    with pytest.raises(StoreError, match="is the store itself"):
        backup.backup(store_path, store_path, force=True)
    with pytest.raises(StoreError, match="is the store itself"):
        backup.restore(store_path, store_path, force=True)


@pytest.mark.parametrize(("target", "told"), [("none/copy.db", "no folder"), ("", "is a folder")])
def test_targets_that_cannot_be(world: Desk, store_path: Path, tmp_path: Path, target: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        backup.backup(store_path, tmp_path / target)
    with pytest.raises(StoreError, match="there is no"):
        backup.backup(tmp_path / "no.db", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="there is no"):
        backup.restore(tmp_path / "no.db", tmp_path / "copy.db")


def test_no_room_is_said_before_anything_is_written(
    world: Desk, store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    with pytest.raises(StoreError, match=r"0 MiB left and the copy needs \d"):
        backup.backup(store_path, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_what_a_killed_backup_left_is_swept_away(world: Desk, store_path: Path, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    for name in (f"copy.db.part-{gone.pid}", f"copy.db.part-{gone.pid}-wal", f"other.db.part-{gone.pid}"):
        (tmp_path / name).touch()
    (tmp_path / f"copy.db.part-{os.getppid()}").touch()
    backup.backup(store_path, tmp_path / "copy.db")
    left = {path.name for path in tmp_path.iterdir()} - {"store", "copy.db"}
    assert left == {f"other.db.part-{gone.pid}", f"copy.db.part-{os.getppid()}"}


def test_the_store_is_named_when_it_is_none(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("hello " * 1000)
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE bookmarks(url)").connection.close()
    for name, told in (("text.db", "not an SQLite file"), ("other.db", "not a listen store")):
        with pytest.raises(StoreError, match=rf"{name}.*{told}"):
            backup.backup(tmp_path / name, tmp_path / "copy.db")


def test_a_damaged_store_gives_no_backup(world: Desk, store_path: Path, tmp_path: Path) -> None:
    world.connection.close()
    with store_path.open("r+b") as file:
        for page in range(8, 60, 3):
            file.seek(page * 4096)
            file.write(b"\xff" * 200)
    with pytest.raises(StoreError, match=r"damaged|cannot be read"):
        backup.backup(store_path, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_a_store_whose_index_lost_mentions_gives_no_backup(world: Desk, store_path: Path, tmp_path: Path) -> None:
    world.connection.execute("DROP TABLE search_1")
    with pytest.raises(StoreError, match="search index lacks its table search_1"):
        backup.backup(store_path, tmp_path / "copy.db")


def test_restore_brings_everything_back(world: Desk, store_path: Path, tmp_path: Path) -> None:
    before = content(store_path)
    backup.backup(store_path, tmp_path / "copy.db")
    world.add([make_post("lost", "later")])
    world.connection.close()
    assert backup.restore(tmp_path / "copy.db", store_path, force=True) == 40
    assert content(store_path) == before
    assert stat.S_IMODE(store_path.stat().st_mode) == 0o600
    new = tmp_path / "elsewhere.db"
    backup.restore(tmp_path / "copy.db", new)
    connection = sqlite.connect_writer(new)
    check_everything(connection)
    connection.close()


def test_an_old_log_is_never_applied_to_the_restored_store(world: Desk, store_path: Path, tmp_path: Path) -> None:
    backup.backup(store_path, tmp_path / "copy.db")
    copy = tmp_path / "crashed.db"
    world.add([make_post("in the log only", "battery " * 500)])
    for end in ("", "-wal"):  # as after a crash: a log that was never moved into the file
        Path(f"{copy}{end}").write_bytes(Path(f"{store_path}{end}").read_bytes())
    assert Path(f"{copy}-wal").stat().st_size > 0
    backup.restore(tmp_path / "copy.db", copy, force=True)
    assert content(copy) == content(tmp_path / "copy.db")


def test_a_store_that_somebody_has_open_is_not_replaced(world: Desk, store_path: Path, tmp_path: Path) -> None:
    backup.backup(store_path, tmp_path / "copy.db")
    with pytest.raises(StoreError, match="open in another program"):
        backup.restore(tmp_path / "copy.db", store_path, force=True)
    assert world.add([make_post("still", "works")]).new_ids


def test_a_damaged_backup_replaces_nothing(world: Desk, store_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup.backup(store_path, copy)
    before = content(store_path)
    for spoil in (
        lambda: copy.write_bytes(copy.read_bytes()[:20_000]),
        lambda: copy.write_text("no database at all" * 99),
    ):
        spoil()
        with pytest.raises(StoreError):
            backup.restore(copy, store_path, force=True)
    assert content(store_path) == before
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE x(a)")
    other.close()
    with pytest.raises(StoreError, match="not a listen store"):
        backup.restore(tmp_path / "other.db", store_path, force=True)


def test_a_damaged_store_can_be_replaced(world: Desk, store_path: Path, tmp_path: Path) -> None:
    backup.backup(store_path, tmp_path / "copy.db")
    world.connection.close()
    store_path.write_bytes(b"garbage" * 1000)
    Path(f"{store_path}-wal").write_bytes(b"more garbage")
    assert backup.restore(tmp_path / "copy.db", store_path, force=True) == 40
    assert content(store_path) == content(tmp_path / "copy.db")


KILL = """
    import os, signal, sys
    from pathlib import Path
    from listen.store import audit, backup, files

    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    steps = ["new_file", "sync", "check", "_put", "replace", "after"]
    for name in steps:
        target = folder / f"{name}.db"
        child = os.fork()
        if not child:
            die = lambda *arguments, **more: os.kill(os.getpid(), signal.SIGKILL)
            owner = {"new_file": files, "sync": files, "check": backup, "_put": backup, "replace": os}.get(name)
            if owner:
                setattr(owner, name, die)
            backup.backup(source, target)
            os.kill(os.getpid(), signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        assert target.exists() == (name == "after"), name
        assert backup.backup(source, target, force=True) == 40
"""


def test_a_kill_leaves_no_half_file_under_the_target_s_name(world: Desk, store_path: Path, tmp_path: Path) -> None:
    world.connection.close()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILL), store_path, tmp_path], env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
