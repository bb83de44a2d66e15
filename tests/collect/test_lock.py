"""One collector per store."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from listen.collect import lock
from listen.collect.lock import CollectorLock, Held

HOLD = (
    "import sys, pathlib\nfrom listen.collect.lock import CollectorLock\n"
    "held = CollectorLock(pathlib.Path(sys.argv[1]))\nprint('held', flush=True)\nsys.stdin.read()\n"
)


def holding(store: Path) -> subprocess.Popen[bytes]:
    """Another process that holds the lock until its input closes."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    return other


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "listen.db"


def test_a_free_lock_is_taken_and_let_go(store: Path) -> None:
    assert lock.holder(store) is None
    assert not lock.lock_path(store).exists()
    with CollectorLock(store) as held:
        assert held.who.pid == os.getpid()
        assert lock.holder(store) == held.who
    assert lock.holder(store) is None
    with CollectorLock(store):
        pass


def test_the_second_is_told_who_holds_it(store: Path) -> None:
    with holding(store) as other:
        with pytest.raises(Held) as caught:
            CollectorLock(store)
        assert caught.value.who.pid == other.pid
        assert str(other.pid) in str(caught.value)
        assert caught.value.who.host in str(caught.value)
        assert "--standby" in str(caught.value)


def test_a_killed_holder_leaves_it_free_at_once(store: Path) -> None:
    with holding(store) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        with CollectorLock(store) as held:
            assert held.who.pid == os.getpid()


def test_children_do_not_inherit_it(store: Path) -> None:
    held = CollectorLock(store)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        held.release()
        CollectorLock(store).release()
        child.kill()


def test_looking_does_not_take_it(store: Path) -> None:
    CollectorLock(store).release()
    assert lock.holder(store) is None
    with CollectorLock(store) as held:
        assert [lock.holder(store) for _ in range(3)] == [held.who] * 3


def test_a_lock_of_nobody_known_is_held_all_the_same(store: Path) -> None:
    with CollectorLock(store):
        lock.lock_path(store).write_text("not json")
        who = lock.holder(store)
        assert who is not None
        assert "unknown" in str(who)
        with pytest.raises(Held):
            CollectorLock(store)


def test_the_lock_is_for_the_owner_or_for_the_team(store: Path, tmp_path: Path) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(lock.lock_path(path).stat().st_mode)

    CollectorLock(store).release()
    assert mode(store) == 0o600
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o2770)
    before = os.umask(0o077)
    try:
        CollectorLock(team / "listen.db").release()
    finally:
        os.umask(before)
    assert mode(team / "listen.db") == 0o660


def test_a_link_in_its_place_is_refused(store: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("precious")
    lock.lock_path(store).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        CollectorLock(store)
    assert (tmp_path / "elsewhere").read_text() == "precious"


def test_a_full_disk_is_told_with_the_file_that_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("listen.collect.lock.os.pwrite", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*store\.db\.lock'"):
        CollectorLock(tmp_path / "store.db")
    monkeypatch.undo()
    CollectorLock(tmp_path / "store.db").release()
