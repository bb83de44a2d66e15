"""Who collects: real consoles in pseudo-terminals, their real collector, and a feed on loopback."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from listen.cli.companion import CollectorEnded, Companion, is_personal
from listen.collect.lock import holder
from listen.config import system_file
from listen.console.screens.leaving import Leaving
from tests.collect.server import Reply, served
from tests.console.conftest import console
from tests.console.pty import Terminal
from tests.console.town import NOW, Town
from tests.torture.rig import feed

PATIENCE = 60.0
"""Seconds of real time that something is waited for."""

FEED = b"""<rss version="2.0"><channel><title>t</title><item><guid>1</guid><link>http://x.test/1</link>
<title>acme in the morning</title><description>d</description></item></channel></rss>"""


class Home:
    """Somebody's folders, with a configuration that listens to one feed."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.store = folder, folder / "db" / "listen.db"
        config = folder / "config" / "listen" / "config.toml"
        config.parent.mkdir(parents=True)
        self.store.parent.mkdir()
        config.write_text(f'[store]\npath = "{self.store}"\n[topics.acme]\nquery = "acme"\n{feed("press", url)}\n')
        self.pids: set[int] = set()

    def console(self, *arguments: str) -> Terminal:
        """A console as a person starts it."""
        folders = {f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in ("CONFIG", "DATA", "STATE")}
        return Terminal([sys.executable, "-m", "listen", *arguments], environment=folders)

    def collector(self, *, but: int = 0) -> int:
        """The process that collects, once there is one (another than that)."""
        until(lambda: (who := holder(self.store)) and who.pid not in (0, but), "nobody collects")
        who = holder(self.store)
        assert who is not None
        self.pids.add(who.pid)
        return who.pid

    def none(self, pid: int) -> None:
        """That process is gone, and nobody collects."""
        until(lambda: not alive(pid), "the collector is still there")
        assert holder(self.store) is None


def alive(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody waits for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    about = Path(f"/proc/{pid}/stat")
    return not about.exists() or about.read_text().rpartition(")")[2].split()[0] != "Z"


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with served() as server:
        server.on("/feed", Reply(body=FEED))
        made = Home(tmp_path, server.url("/feed"))
        yield made
        for pid in made.pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def test_the_first_quit_asks_and_the_answer_no_is_remembered(home: Home) -> None:
    with home.console() as terminal:
        first = home.collector()
        terminal.until(b"morning")
        terminal.send("Q")
        terminal.until(b"Keep listening while the console is closed?")
        terminal.send("n")
        assert terminal.wait() == 0
        home.none(first)
    with home.console() as terminal:
        second = home.collector()
        terminal.until(b"morning")
        terminal.send("Q")
        assert terminal.wait() == 0
        assert b"Keep listening" not in terminal.output
        home.none(second)


def test_a_collector_that_was_asked_to_stay_outlives_console_and_terminal_until_the_mind_changes(home: Home) -> None:
    with home.console() as terminal:
        pid = home.collector()
        terminal.until(b"morning")
        terminal.send("Q")
        terminal.until(b"Keep listening while the console is closed?")
        terminal.send("y")
        assert terminal.wait() == 0
    assert alive(pid)
    with home.console() as terminal:
        terminal.until(b"morning")
        terminal.kill(signal.SIGKILL)
        terminal.wait()
    assert alive(pid)
    assert holder(home.store).pid == pid  # type: ignore[union-attr]
    with home.console() as terminal:
        terminal.until(b"morning")
        terminal.send(":")
        terminal.until(b"enter runs")
        terminal.send("leave: stop")
        terminal.until(b"when")
        terminal.quiet(1.0, 3.0)
        terminal.send("\r")
        terminal.until(b"the collector ends when you leave")
        terminal.send("Q")
        assert terminal.wait() == 0
        assert b"Keep listening while" not in terminal.output
        home.none(pid)


def test_escape_stays_and_a_second_quit_leaves_without_an_answer(home: Home) -> None:
    with home.console() as terminal:
        pid = home.collector()
        terminal.until(b"morning")
        terminal.send("Q")
        terminal.until(b"Keep listening while the console is closed?")
        terminal.send("esc")
        terminal.quiet()
        terminal.send("?")
        terminal.until(b"mention.done")
        terminal.send("esc")
        terminal.quiet()
        terminal.send("Q")
        terminal.until(b"Keep listening while the console is closed?")
        terminal.send("Q")
        assert terminal.wait() == 0
        home.none(pid)
        assert not (home.folder / "state" / "listen" / "collector.json").exists()


def test_of_two_consoles_the_other_goes_on(home: Home) -> None:
    with home.console() as first:
        pid = home.collector()
        first.until(b"morning")
        with home.console() as second:
            second.until(b"morning")
            second.send("j")
            first.send("Q")
            first.until(b"Keep listening while the console is closed?")
            first.send("n")
            assert first.wait() == 0
            following = home.collector(but=pid)
            assert not alive(pid)
            second.quiet()
            second.send("Q")
            assert second.wait() == 0
            home.none(following)


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "SIGHUP", "hang up"])
def test_no_process_is_left_when_the_console_goes_unasked(home: Home, end: str) -> None:
    with home.console() as terminal:
        pid = home.collector()
        terminal.until(b"morning")
        if end == "hang up":
            terminal.hang_up()
        else:
            terminal.kill(getattr(signal, end))
        terminal.wait()
        home.none(pid)


@pytest.mark.parametrize("after", [b"", b"\x1b[?1049h"], ids=["at once", "before the first paint"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_is_left_by_an_end_during_start_up(home: Home, number: int, after: bytes) -> None:
    with home.console() as terminal:
        if after:
            terminal.until(after)
        else:
            until(lambda: home.store.exists(), "the store")
        terminal.kill(number)
        terminal.wait()
        if after and number != signal.SIGKILL:
            assert b"\x1b[?1049l" in terminal.output
    until(lambda: holder(home.store) is None, "somebody collects")
    log = home.store.with_name("listen.db.log")
    before = log.read_bytes() if log.exists() else b""
    until(lambda: holder(home.store) is None, "somebody collects")
    assert b"Traceback" not in before


def test_a_team_s_store_is_not_asked_about(home: Home) -> None:
    home.store.parent.chmod(0o2770)
    if not home.store.parent.stat().st_mode & stat.S_ISGID:
        pytest.skip("this file system does not let us mark a team's folder")
    with home.console() as terminal:
        pid = home.collector()
        terminal.until(b"morning")
        terminal.send("Q")
        assert terminal.wait() == 0
        assert b"Keep listening while" not in terminal.output
        home.none(pid)


def test_whose_a_store_is(tmp_path: Path) -> None:
    assert is_personal(tmp_path / "listen.db", tmp_path / "config.toml")
    assert is_personal(tmp_path / "not there" / "listen.db", None)
    assert not is_personal(tmp_path / "listen.db", system_file())


def test_a_collector_that_fails_is_told_and_tried_less_and_less_often(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[sources.x]\nadapter = 7\n")
    companion = Companion(tmp_path / "listen.db", config)
    companion.ensure()
    assert companion.child is not None
    companion.child.wait(PATIENCE)
    with pytest.raises(CollectorEnded, match=r"adapter.*tried again in 10 seconds"):
        companion.ensure()
    companion.ensure()
    assert companion.child is None
    companion._not_before = 0.0
    companion.ensure()
    assert companion.child is not None
    companion.child.wait(PATIENCE)  # type: ignore[unreachable]
    with pytest.raises(CollectorEnded, match="20 seconds") as told:
        companion.ensure()
    assert told.value.why.startswith(f"{config}:2: ")
    companion.ensure()
    assert companion.child is None
    config.write_text("[sources.x]\nadapter = 8\n# another time of writing\n")
    os.utime(config, ns=(0, 1))
    companion.ensure()
    assert companion.child is not None, "what was mended is not waited for"
    companion.child.wait(PATIENCE)


@pytest.mark.parametrize("ends", [True, False])
def test_who_waits_for_the_collector_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: bool) -> None:
    """A collector that takes its time, and one that never ends by itself."""
    monkeypatch.setattr("listen.cli.companion.SILENCE", 0.0)
    monkeypatch.setattr("listen.cli.companion.PATIENCE", PATIENCE if ends else 0.0)
    busy = "import signal, sys; signal.signal(15, signal.SIG_IGN); print(flush=True); sys.stdin.readline()"
    child = subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    child.stdout.readline()
    told: list[str] = []

    def say(message: str) -> None:
        told.append(message)
        if ends:
            child.stdin.close()  # type: ignore[union-attr]

    monkeypatch.setattr("listen.cli.companion.say", say)
    companion = Companion(tmp_path / "listen.db", None)
    companion.child = child
    companion.leave()
    assert child.returncode == (0 if ends else -signal.SIGKILL)
    assert "the collector finishes what it has begun" in told[0]
    assert [message for message in told[1:] if "was ended" in message] == told[1:]
    assert len(told) == (1 if ends else 2)


class Kept:
    """A collector that only remembers."""

    def __init__(self, personal: bool = True) -> None:
        self.keeps: bool | None = None
        self.personal = personal
        self.looked = 0
        self.fault: CollectorEnded | None = None

    def ensure(self) -> None:
        self.looked += 1
        if self.fault is not None:
            raise self.fault

    def asks(self) -> bool:
        return self.personal and self.keeps is None

    def keep(self, on: bool) -> None:
        self.keeps = on


async def test_the_question_fits_a_narrow_terminal_and_takes_its_answers(town: Town) -> None:
    town.talk(1)
    kept = Kept()
    async with console(town.path, town.clock, size=(80, 24), companion=kept) as driven:
        await driven.press("Q")
        await driven.until(lambda: isinstance(driven.screen, Leaving))
        drawn = driven.drawn()
        assert any("Keep listening while the console is closed?" in line for line in drawn)
        for key, word in (("y", "keep listening"), ("n", "stop"), ("esc", "stay here")):
            assert any(line.split()[:1] == [key] and word in line for line in drawn), key
        for end in ("terminal is closed", "with the console", "changes it."):
            assert any(line.endswith(end) for line in drawn), end
        await driven.press("j", "x", "a", "escape")
        assert not isinstance(driven.screen, Leaving)
        await driven.press("Q", "y")
        await driven.until(lambda: driven.app._exit)
        assert kept.keeps is True


async def test_why_the_collector_has_ended_stays_until_somebody_collects(town: Town) -> None:
    town.writer.set_state("collector", "null")
    failing = Kept()
    failing.fault = CollectorEnded('/home/ana/config.toml:11: sources.hn.evry: unknown key (did you mean "every"?)', 10)
    async with console(town.path, town.clock, size=(80, 24), companion=failing) as driven:
        await driven.until(lambda: "nobody collects" in driven.text())
        driven.app._look_for_a_collector()
        await driven.until(lambda: "the collector has ended: /home/ana/config.toml:11" in driven.footer())
        driven.app.say("something else")
        await driven.until(lambda: "Nobody collects: the collector has ended." in driven.text())
        assert "nobody collects   config.toml:11" in driven.drawn()[0]
        await driven.press("5")
        await driven.until(lambda: "nobody collects · config.toml:11" in driven.drawn()[0])
        await driven.press("1")
        assert "sources.hn.evry: unknown key" in driven.text()
        assert "listen config check" in driven.text()
        told = {"pid": 1, "host": "here", "since": NOW, "heartbeat": NOW, "epoch": 1}
        town.writer.set_state("collector", json.dumps(told))
        await driven.press("R")
        await driven.until(lambda: "collect" in driven.drawn()[0] and "nobody" not in driven.text().lower())


async def test_another_one_s_collector_is_not_ours_to_decide_about(town: Town) -> None:
    async with console(town.path, town.clock, companion=Kept(personal=False)) as driven:
        titles = [command.title for command in driven.app.get_system_commands(driven.screen)]
        assert not [title for title in titles if title.startswith("when I leave")]
        await driven.press("Q")
        await driven.until(lambda: driven.app._exit)
