"""A store that the demonstration filled, once for all tests of commands."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from listen.cli import run


@dataclass(frozen=True)
class Ran:
    """What one command line did."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, object]]:
        """The JSON lines of standard output, read by the strictest rules."""

        def refuse(word: str) -> None:
            raise ValueError(f"{word} is not JSON")

        return [json.loads(line, parse_constant=refuse) for line in self.out.splitlines()]


class Commands:
    """Runs command lines in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str | Path) -> Ran:
        self.capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        return Ran(code, captured.out, captured.err)


@pytest.fixture
def listen(capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(capsys)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of this test's own, so that nobody's configuration is read or written."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LISTEN_SYSTEM_CONFIG", str(tmp_path / "etc" / "config.toml"))
    for name in ("LISTEN_CONFIG", "LISTEN_CLOCK"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def listen_process(*arguments: str | Path, **more: object) -> Sequence[str]:
    """The command line of a listen process of its own."""
    return [sys.executable, "-m", "listen", *map(str, arguments)]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the whole fictional week in it."""
    store = tmp_path_factory.mktemp("played") / "week.db"
    command = listen_process("demo", "--headless", "--for", "6s", "--db", store)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    return store
