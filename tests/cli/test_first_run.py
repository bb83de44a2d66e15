"""From an empty machine to a stream with mentions, in a pseudo-terminal with the real processes."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from listen import config
from listen.config import starter
from tests.cli.conftest import Commands, listen_process
from tests.collect import recipes
from tests.collect.server import Server, served
from tests.console.pty import Terminal

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0
"""Seconds: a child takes a second of processor time to start, and machines are slow and busy."""


@pytest.fixture
def web(home: Path) -> Iterator[Server]:
    with served() as server:
        recipes.script(server)
        recipes.starter(home, server)
        yield server


@pytest.fixture
def machine(home: Path) -> dict[str, str]:
    """The environment of somebody who has nothing yet, whose web is ours."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "PYTHONPATH": str(ROOT),
        starter.VARIABLE: str(home / "starter.toml"),
        "LISTEN_CONFIG": "",
        "LISTEN_CLOCK": "",
        "TZ": "UTC",
    }


def shown(data: bytes) -> str:
    """What was written, without the sequences between."""
    return re.sub(
        rb"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z]|.)", b"", data
    ).decode("utf-8", "replace")


def see(terminal: Terminal, words: str) -> None:
    """Wait until these words have been painted."""
    terminal.until(lambda data: words in shown(data), DEADLINE)


def see_anew(terminal: Terminal, words: str) -> None:
    """The same where a screen that has been painted changes: `R` paints all of it."""
    end = time.monotonic() + DEADLINE
    while True:
        start = len(terminal.output)
        terminal.send("R")
        terminal.quiet(0.3)
        if words in shown(terminal.output[start:]):
            return
        assert time.monotonic() < end, (words, shown(terminal.output[start:])[-2000:])


def running(mark: str) -> list[str]:
    """Command lines of processes that name this."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if mark in line and "ps -eo" not in line]


def gone(mark: str) -> bool:
    """Whether no process that names this is left, within a while."""
    end = time.monotonic() + DEADLINE
    while running(mark):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_from_an_empty_machine_to_a_stream(web: Server, home: Path, machine: Mapping[str, str]) -> None:
    with Terminal(listen_process(), (100, 30), machine) as terminal:
        see(terminal, "What shall I listen for?")
        assert web.seen == []
        terminal.send("orange", "enter")
        see(terminal, "better? {Orange} (fibre OR network) NOT juice")
        terminal.send("a")
        see(terminal, "1 of 1 is about it")
        assert list(home.glob("config/**/*.toml")) == []
        terminal.send("enter", "\x1b[C", "enter")
        see_anew(terminal, "query  {Orange} (fibre OR network) NOT juice")
        see_anew(terminal, "reddit 0")
        terminal.send("enter", "enter")
        see_anew(terminal, "topic:orange")
        see_anew(terminal, "4 mentions")
        file = home / "config" / "listen" / "config.toml"
        assert "{Orange} (fibre OR network) NOT juice" in file.read_text()
        terminal.send("Q")
        see(terminal, "keep listening")
        terminal.send("n")
        assert terminal.wait(DEADLINE) == 0
    assert gone(str(home / "data"))


def test_the_demo_plays_in_place(home: Path, machine: Mapping[str, str]) -> None:
    with Terminal(listen_process(), (100, 30), machine) as terminal:
        see(terminal, "play the demo")
        terminal.send("tab", "enter")
        see(terminal, "norvola")
        terminal.send("Q")
        terminal.send("Q")
        assert terminal.wait(DEADLINE) == 0
    assert list(home.glob("config/**/*")) == []


def test_leaving_writes_nothing(home: Path, machine: Mapping[str, str]) -> None:
    with Terminal(listen_process(), (80, 24), machine) as terminal:
        see(terminal, "What shall I listen for?")
        terminal.send("acme", "\x11")
        assert terminal.wait(DEADLINE) == 0
    assert [path for path in home.glob("**/*") if path.suffix in (".toml", ".db")] == []


def test_a_colleague_lands_in_the_stream_of_the_team(played: Path, home: Path, machine: Mapping[str, str]) -> None:
    file = home / "team.toml"
    file.write_text(f"[store]\npath = '{played}'\n[topics.norvola]\nquery = 'norvola'\nrole = 'brand'\n")
    with Terminal(listen_process(), (100, 30), {**machine, "LISTEN_CONFIG": str(file)}) as terminal:
        see(terminal, "mentions")
        assert "What shall I listen for?" not in shown(terminal.output)
        terminal.send("Q")
        assert terminal.wait(DEADLINE) == 0


def test_a_store_without_a_configuration_opens_its_stream(played: Path, machine: Mapping[str, str]) -> None:
    with Terminal(listen_process("--db", played), (100, 30), machine) as terminal:
        see(terminal, "norvola")
        assert "What shall I listen for?" not in shown(terminal.output)
        terminal.send("Q")
        assert terminal.wait(DEADLINE) == 0


def test_the_file_of_the_machine_is_found_when_there_is_no_own_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = home / "etc.toml"
    shared.write_text("[topics.acme]\nquery = 'acme'\n")
    monkeypatch.setenv("LISTEN_SYSTEM_CONFIG", str(shared))
    assert config.find_file() == shared
    assert config.load().written
    own = home / "config" / "listen" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert config.find_file() == own


def test_reading_alone_begins_nothing(listen: Commands, home: Path) -> None:
    from listen.cli.common import Fault, Session
    from listen.cli.console import open_console

    with pytest.raises(Fault, match="nothing to read"):
        open_console(Session(), read_only=True, query="")
