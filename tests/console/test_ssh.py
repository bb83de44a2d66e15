"""The console over SSH, through Debian's sshd on loopback, and in tmux behind it."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from listen import query
from listen.store import audit
from listen.store.read import Reader
from tests.console import sshd
from tests.console.pty import Terminal, console_command
from tests.console.town import Town, make_town
from tests.torture import inputs
from tests.torture.rig import Desk, Hosts, feed

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(bool(sshd.MISSING), reason=sshd.MISSING),
]


def colours(shown: bytes) -> set[str]:
    """Which kinds of colours were asked for: `true`, `256`, `16`."""
    found = set()
    for codes in re.findall(rb"\x1b\[([\d;]*)m", shown):
        if kind := re.search(rb"[34]8;([25])", codes):
            found.add({b"2": "true", b"5": "256"}[kind[1]])
        elif any(code.isdigit() and int(code) // 10 in (3, 4, 9, 10) for code in codes.split(b";")):
            found.add("16")
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Server]:
    with sshd.serving(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = make_town(tmp_path_factory.mktemp("town") / "listen.db")
    made.talk(3)
    yield made
    made.writer.connection.close()


def eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def over(server: sshd.Server, town: Town, term: str = "xterm-256color", **environment: str) -> Terminal:
    """A console in a terminal of that kind at the other end of the connection."""
    command = server.command(console_command(str(town.path)))
    return Terminal(command, size=(100, 30), environment={"TERM": term, **environment})


def test_keys_size_colours_and_the_clipboard_go_through(server: sshd.Server, town: Town) -> None:
    with over(server, town) as terminal:
        first = terminal.until(b"sentiment")
        assert "256" in colours(first)
        assert "true" not in colours(first), "nothing says that this terminal has more"
        terminal.quiet()
        terminal.send("y")
        sent = terminal.until(re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07").search)
        (coded,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", sent)
        with Reader(town.path) as reader:
            newest = reader.newest()
            assert newest is not None
            assert base64.b64decode(coded).decode() == reader.rows([newest])[0].url
            terminal.send("a")
            eventually(lambda: reader.rows([newest])[0].status == "done", "the verb reached the store")
            terminal.send("u")
            eventually(lambda: reader.rows([newest])[0].status == "new", "and was taken back")
        terminal.quiet()
        terminal.resize(70, 20)
        terminal.until(lambda data: b"\x1b[20;" in data or b"\x1b[19;" in data)
        terminal.quiet()
        before = len(terminal.output)
        terminal.send("\x12")  # everything is painted anew
        terminal.quiet()
        rows = {int(row) for row in re.findall(rb"\x1b\[(\d+);\d+H", terminal.output[before:])}
        assert max(rows) == 20
        assert terminal.leave() == 0


@pytest.mark.parametrize("term", ["xterm-256color", "screen", "linux"])
def test_each_kind_of_terminal_gets_what_it_knows(server: sshd.Server, town: Town, term: str) -> None:
    with over(server, town, term, NO_COLOR="1" if term == "xterm-256color" else "") as terminal:
        shown = terminal.until(b"sentiment")
        terminal.quiet()
        # NO_COLOR comes with the connection
        assert colours(shown) == (set() if term == "xterm-256color" else {"16"})
        assert terminal.leave() == 0


def test_a_terminal_that_moves_no_cursor_is_told_so(server: sshd.Server, tmp_path: Path) -> None:
    command = server.command([sys.executable, "-m", "listen", "--db", str(tmp_path / "x.db")])
    with Terminal(command, environment={"TERM": "dumb"}) as terminal:
        assert terminal.wait() == 2
        assert b"TERM=dumb" in terminal.output


def test_a_dropped_connection_ends_the_console_and_leaves_the_collector(server: sshd.Server, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with Hosts() as hosts:
        host = hosts.new(feed=inputs.growing(5, 40))
        desk.configure('[topics.b]\nquery = "battery OR report"', '[collect]\ngap = "0.01s"',
                       feed("s", host.url("/feed"), every="1s"))  # fmt: skip
        with desk.collecting() as collector:
            collector.told("page", "s")
            named = ["--config", str(desk.config)]
            command = server.command([sys.executable, "-m", "listen", *named], desk.environment)
            with Terminal(command) as terminal:
                terminal.until("▌".encode())
                terminal.quiet()
                (console,) = processes(named)
                terminal.send("j")  # away from the top, where what arrives would take the cursor's place
                terminal.quiet()
                terminal.send("s")
                with Reader(desk.store) as reader:
                    eventually(lambda: starred(reader), "a verb before the line went dead")
                terminal.kill(signal.SIGKILL)
                eventually(lambda: not processes(named), "the console goes with its terminal")
            eventually(lambda: not Path(f"/proc/{console}").exists(), "no orphan stays")
            pages = len(collector.events("page", "s")) + len(collector.events("unchanged", "s"))
            collector.until(
                lambda: len(collector.events("page", "s")) + len(collector.events("unchanged", "s")) > pages
            )
            assert collector.end() == 0
    assert list(audit.problems(desk.store, deep=True)) == []


def starred(reader: Reader) -> bool:
    return reader.count(query.parse("is:starred"), now=time.time()).n == 1


def processes(arguments: list[str]) -> list[int]:
    """Consoles with these arguments that run here; the shell and the client that name them are none."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().decode().split("\0")[:-1]
            if words[1:3] == ["-m", "listen"] and words[3:] == arguments:
                found.append(int(folder.name))
    return found


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")
def test_tmux_keeps_the_console_while_nobody_is_attached(server: sshd.Server, town: Town, tmp_path: Path) -> None:
    """The README's recipe: attach, copy, detach, come back to the same screen, leave."""
    readme = (sshd.ROOT / "README.md").read_text(encoding="utf-8")
    assert "tmux new -A -s listen listen" in readme
    assert "set -g set-clipboard on" in readme
    socket_, conf = tmp_path / "tmux", tmp_path / "conf"
    conf.write_text("set -g set-clipboard on\n")
    tmux = ["tmux", "-S", str(socket_), "-f", str(conf)]
    attach = server.command([*tmux, "new", "-A", "-s", "listen", *console_command(str(town.path))])
    try:
        with Terminal(attach, size=(100, 30)) as terminal:
            terminal.until(b"sentiment")
            terminal.quiet()
            terminal.send("j", "j", "y")
            terminal.until(re.compile(rb"\x1b\]52;[a-z0-9]*;[A-Za-z0-9+/=]+\x07").search)
            buffer = subprocess.run([*tmux, "show-buffer"], capture_output=True, check=True).stdout
            assert buffer.startswith(b"https://")
            terminal.quiet()
            before = screen(tmux)
            terminal.send("\x02", "d")
            assert terminal.wait() == 0
        assert screen(tmux)[1:-1] == before[1:-1], "it goes on, all but the clock and the last message"
        with Terminal(attach, size=(70, 24)) as terminal:
            terminal.until(b"sentiment")
            terminal.quiet()
            assert len(screen(tmux)) == 23, "tmux has a line of its own"
            assert terminal.leave("Q") == 0  # tmux waits half a second whether an escape is a key of its own
        assert subprocess.run([*tmux, "has-session"], capture_output=True, check=False).returncode != 0
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False, env={**os.environ, "TMUX": ""})


def screen(tmux: list[str]) -> list[str]:
    """What stands on it."""
    shown = subprocess.run([*tmux, "capture-pane", "-p", "-t", "listen"], capture_output=True, check=True).stdout
    return shown.decode().split("\n")[:-1]
