"""What the service manager is told, and the unit that it is given."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from listen.collect import systemd


def test_messages_reach_the_manager(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        assert systemd.notify("READY=1", systemd.status("12 channels\n\x1b]2;x\x07"), environment=environment)
        said = manager.recv(4096).decode()
    assert said.splitlines()[0] == "READY=1"
    assert len(said.splitlines()) == 2
    assert "\x1b" not in said


def test_a_manager_in_the_abstract_name_space(tmp_path: Path) -> None:
    name = f"listen-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        assert systemd.notify("WATCHDOG=1", environment={"NOTIFY_SOCKET": f"@{name}"})
        assert manager.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all"])
def test_without_a_manager_nothing_happens(address: str) -> None:
    assert not systemd.notify("READY=1", environment={"NOTIFY_SOCKET": address})
    assert not systemd.notify("READY=1", environment={})


def test_the_watchdog_is_fed_twice_as_often_as_it_asks() -> None:
    assert systemd.watchdog_seconds({"WATCHDOG_USEC": "120000000"}) == 60.0
    assert systemd.watchdog_seconds({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}) == 60.0
    assert systemd.watchdog_seconds({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}) is None
    assert systemd.watchdog_seconds({}) is None


def test_the_unit_runs_exactly_the_command() -> None:
    command = ["/opt/a b/listen", "collect", "--db", '/x/100%/$HOME "q".db', "--config", ""]
    lines = systemd.unit(command).splitlines()
    (started,) = [line for line in lines if line.startswith("ExecStart=")]
    assert started == r'ExecStart="/opt/a b/listen" collect --db "/x/100%%/$$HOME \"q\".db" --config ""'
    for line in ("Type=notify", "KillMode=mixed", "WatchdogSec=120", "RestartPreventExitStatus=2 4", "UMask=0077"):
        assert line in lines


@pytest.mark.servers
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    """The README's recipe; systemd ignores what it does not understand, and says so."""

    def verified(name: str, text: str) -> tuple[int, str]:
        (tmp_path / name).write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "--user", "verify", "--man=no", tmp_path / name], check=False, text=True,
            capture_output=True, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    command = [sys.executable, "-m", "listen", "collect", "--db", '/x/100%/$HOME "q".db', "--config", ""]
    unit = systemd.unit(command)
    assert verified("listen.service", unit) == (0, "")
    assert "Unknown key 'KillMood'" in verified("other.service", unit.replace("KillMode", "KillMood"))[1]
