"""Full disks, crowds, broken edits and copies under load: what is stored stays, and everybody is told what goes on."""

from __future__ import annotations

import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.store import audit, sqlite
from tests.torture import inputs
from tests.torture.rig import Desk, Hosts, feed

QUICK = '[collect]\ngap = "0.01s"'
TOPIC = '[topics.battery]\nquery = "battery"'


def sound(store: Path) -> bool:
    return list(audit.problems(store, deep=True)) == []


def ids(store: Path) -> set[int]:
    connection = sqlite.connect_reader(store)
    try:
        return {number for (number,) in connection.execute("SELECT id FROM mentions")}
    finally:
        connection.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, three of them taken; making one takes root and leave to mount."""
    folder = tmp_path / "db"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    (folder / "ballast").write_bytes(bytes(3 << 20))
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_a_pause_that_is_told_and_ends_by_itself(desk: Desk, hosts: Hosts, small_disk: Path) -> None:
    host = hosts.new(feed=inputs.growing(200, 40))
    desk.configure(TOPIC, QUICK, feed("s", host.url("/feed"), every="1s"))
    with desk.collecting() as collector:
        collector.told("paused")
        stored = ids(desk.store)
        assert stored
        assert desk.ask("count", "battery").out == f"{len(stored)}\n".encode()
        assert desk.ask("search", "battery", "--limit", "3").code == 0
        told = desk.ask("sources")
        assert told.code == 0
        assert b"free some space" in told.err
        found = desk.ask("doctor", "--json").records
        assert any(one["subject"] == "collector" and not one["good"] for one in found)
        copied = desk.ask("backup", str(small_disk / "copy.db"))
        assert copied.code == 3
        assert not list(small_disk.glob("copy.db*"))
        (small_disk / "ballast").unlink()
        collector.told("resumed")
        pages = len(collector.events("page"))
        collector.told("page", times=pages + 1)
        assert collector.end() == 0
    assert stored < ids(desk.store)
    assert sound(desk.store)


def test_of_four_started_at_once_one_collects_and_the_others_name_it(desk: Desk, hosts: Hosts) -> None:
    host = hosts.new(feed=inputs.growing())
    desk.configure(TOPIC, QUICK, feed("s", host.url("/feed"), every="1s"))
    command = desk.command("collect", "--config", desk.config)
    logs = [desk.folder / f"{number}.log" for number in range(4)]
    started = []
    for log in logs:
        with log.open("wb") as told:
            started.append(subprocess.Popen(command, env=desk.environment, stdin=subprocess.DEVNULL, stderr=told))
    try:
        end = time.monotonic() + 60
        while sum(one.poll() is not None for one in started) < 3 and time.monotonic() < end:
            time.sleep(0.05)
        (winner,) = [one for one in started if one.poll() is None]
        winner.send_signal(signal.SIGTERM)
        assert winner.wait(30) == 0
    finally:
        for one in started:
            one.kill()
            one.wait()
    assert sorted(one.returncode for one in started) == [0, 4, 4, 4]
    for one, log in zip(started, logs, strict=True):
        told = log.read_text()
        if one is not winner:
            assert len(told.splitlines()) == 1, told
            assert f"process {winner.pid} on " in told
    assert sound(desk.store)


def test_a_broken_edit_leaves_the_old_configuration_running(desk: Desk, hosts: Hosts) -> None:
    host = hosts.new(feed=inputs.growing(5))
    good = (TOPIC, QUICK, feed("s", host.url("/feed"), every="1s"))
    desk.configure(*good)
    with desk.collecting() as collector:
        collector.told("page", "s")
        desk.configure(*good, '[sources.t]\nadapter = "feed"\nurls = ["http://x.test/"]\npoll_intervall = 5')
        collector.process.send_signal(signal.SIGHUP)
        collector.told("config-error")
        (fault,) = collector.events("config-error")
        line = desk.config.read_text().splitlines().index("poll_intervall = 5") + 1
        assert f"{desk.config}:{line}: sources.t.poll_intervall: unknown key" in fault["message"]
        pages = len(collector.events("page", "s"))
        collector.told("page", "s", times=pages + 1)
        assert b"the old one still runs" in desk.ask("sources").err
        desk.configure(*good, '[topics.two]\nquery = "great"')
        collector.told("reloaded")
        assert {one["topic"] for one in desk.ask("topics", "--json").records} == {"battery", "two"}
        assert desk.ask("sources").err == b""
        assert collector.end() == 0


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[collect]\nconcurency = 5", 'collect.concurency: unknown key (did you mean "concurrency"?)'),
        ("[collect]\nconcurrency = '5'", "collect.concurrency: expected a whole number"),
        ("[limits]\ntotal = 5\n[limits]\ntotal = 6", "this name is written twice"),
        ("[notify.duty]\nurl = 'env:LISTEN_NO_SUCH_VARIABLE'", "LISTEN_NO_SUCH_VARIABLE is not set"),
        ("[notify.duty]\nurl = 'mailto://u:canary@x'", "a secret may not stand here in plain text"),
    ],
)
def test_a_faulty_configuration_starts_nothing(desk: Desk, written: str, told: str) -> None:
    desk.config.write_text(f"[sources.s]\nadapter = 'feed'\nurls = ['http://127.0.0.1:1/']\n{written}\n")
    for command in ("config check", "collect", "sources check s"):
        done = desk.ask(*command.split())
        assert done.code == 2, command
        assert told in done.err.decode()
        assert f"{desk.config}:" in done.err.decode()
        assert b"canary" not in done.err
        assert len(done.err.splitlines()) == 1
    assert not desk.store.parent.exists()


def test_backups_made_and_killed_while_a_collector_writes(desk: Desk, hosts: Hosts) -> None:
    host = hosts.new(feed=inputs.growing(200))
    desk.configure(TOPIC, QUICK, feed("s", host.url("/feed"), every="1s"))
    copies = desk.folder / "copies"
    copies.mkdir()
    with desk.collecting() as collector:
        collector.told("page", times=2)
        for number in range(3):
            command = desk.command("backup", copies / "killed.db", "--config", desk.config)
            with subprocess.Popen(command, env=desk.environment, stderr=subprocess.DEVNULL) as process:
                end = time.monotonic() + 30
                while not list(copies.glob("killed.db*")) and process.poll() is None and time.monotonic() < end:
                    time.sleep(0.002 * number)
                process.kill()
        for number in range(2):
            assert desk.ask("backup", str(copies / f"{number}.db")).code == 0
        done = desk.ask("backup", str(copies / "killed.db"), "--force")
        assert done.code == 0, done.err
        assert collector.end() == 0
    assert {file.name for file in copies.iterdir()} == {"0.db", "1.db", "killed.db"}
    final = ids(desk.store)
    for copy in copies.iterdir():
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        restored = Desk(desk.folder / f"restored-{copy.stem}")
        restored.folder.mkdir()
        restored.configure()
        assert restored.ask("restore", str(copy)).code == 0
        assert ids(restored.store) == ids(copy) <= final
        assert restored.ask("count", "topic:battery").out == restored.ask("count", "battery").out
        assert sound(restored.store)


def test_files_are_private_whatever_the_umask(desk: Desk, hosts: Hosts) -> None:
    host = hosts.new(feed=inputs.growing())
    desk.configure(TOPIC, feed("s", host.url("/feed")))
    started = desk.run("collect", "--detach", "--json", "--config", desk.config, umask=0)
    assert started.code == 0, started.err
    try:
        assert desk.run("backup", desk.folder / "db" / "copy.db", "--config", desk.config, umask=0).code == 0
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in desk.store.parent.iterdir()}
    finally:
        pid = int(started.records[0]["pid"])
        subprocess.run(["kill", str(pid)], check=True)
    assert {"listen.db", "listen.db-wal", "listen.db-shm", "listen.db.log", "listen.db.lock", "copy.db"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(desk.store.parent.stat().st_mode) == 0o700
    end = time.monotonic() + 30
    while desk.ask("doctor", "--json").out.count(b"nobody collects") == 0 and time.monotonic() < end:
        time.sleep(0.05)
    desk.config.chmod(0o666)
    assert b"can be changed by others" in desk.ask("doctor").out
