"""A team over SSH: two people of a group and a collector of its own, each a user of the machine, on one store.

The users are known to this sshd alone, in a mount namespace of its own: nothing of the machine is changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import sqlite_utils

from listen.store import audit
from listen.store.presence import Seat
from listen.store.read import Reader
from tests.console import sshd
from tests.console.pty import DEADLINE, Terminal
from tests.torture import inputs
from tests.torture.rig import Hosts, feed

GROUP, TEAM = 20_110, {"ana": 20_101, "bob": 20_102, "ear": 20_103}
"""A group, and its members: two analysts and the collector's user."""

FIRST = "title:n0 OR title:n1 OR title:n2"
"""The first mentions: what arrives later moves none of their rows."""

PACKAGES = Path(sqlite_utils.__file__).parents[1]


def open_to_all(path: Path) -> bool:
    """Whether everybody may read it."""
    return all(one.stat().st_mode & 0o005 == 0o005 for one in (path, *path.parents))


def interpreter() -> Path | None:
    """A Python of this version that everybody may run."""
    system = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    found = (one for one in (Path(sys.executable), system) if one.exists())
    return next((one for one in found if open_to_all(one.resolve())), None)


def missing() -> str:
    """Why there can be no such team here; empty when there can."""
    if sshd.MISSING:
        return sshd.MISSING
    if os.geteuid() != 0:
        return "only root can become other people"
    if interpreter() is None:
        return "other people cannot run this Python"
    tool = next((name for name in ("unshare", "nsenter", "tmux") if shutil.which(name) is None), None)
    if tool:
        return f"there is no {tool} here"
    tried = subprocess.run(
        ["unshare", "-m", "mount", "--bind", "/etc/group", "/etc/group"], capture_output=True, check=False
    )
    return "" if tried.returncode == 0 else "no mount namespace can be made here"


pytestmark = [pytest.mark.servers, pytest.mark.skipif(bool(missing()), reason=missing())]


class House:
    """The folder that everybody can reach, and who is known there."""

    def __init__(self, place: Path, url: str) -> None:
        self.place, self.store, self.etc = place, place / "srv" / "listen.db", place / "etc"
        place.chmod(0o755)
        for folder in ("srv", "etc", "home", "users", "ssh"):
            (place / folder).mkdir(mode=0o755)
        for name, number in TEAM.items():
            (place / "home" / name).mkdir(mode=0o700)
            os.chown(place / "home" / name, number, number)
        self._tell_users()
        (self.etc / "config.toml").write_text(
            f'[store]\npath = "{self.store}"\n[topics.b]\nquery = "battery"\n[collect]\ngap = "0.01s"\n'
            + feed("s", url, every="1s")
        )
        self.path = os.pathsep.join(map(str, self._code()))

    def _tell_users(self) -> None:
        users, homes = self.place / "users", self.place / "home"
        told = "".join(f"{name}:x:{n}:{n}::{homes / name}:/bin/sh\n" for name, n in TEAM.items())
        (users / "passwd").write_text(Path("/etc/passwd").read_text() + told)
        own = "".join(f"{name}:x:{n}:\n" for name, n in TEAM.items())
        (users / "group").write_text(f"{Path('/etc/group').read_text()}{own}analysts:x:{GROUP}:{','.join(TEAM)}\n")

    def _code(self) -> Iterator[Path]:
        """This checkout and what it needs, where everybody can read them."""
        for name, path in (("code", sshd.ROOT), ("packages", PACKAGES)):
            if open_to_all(path):
                yield path
                continue
            yield (there := self.place / name)
            there.mkdir(mode=0o755)
            wanted = [path / "listen", path / "sources", path / "config.toml"] if name == "code" else [path]
            subprocess.run(["cp", "-a", *(["-T"] if len(wanted) == 1 else []), *wanted, there], check=True)
            subprocess.run(["chmod", "-R", "go+rX", there], check=True)

    @property
    def within(self) -> list[str]:
        """What makes the users known to a command."""
        users = self.place / "users"
        binds = " && ".join(f"mount --bind {users / name} /etc/{name}" for name in ("passwd", "group"))
        return ["unshare", "-m", "sh", "-c", f'{binds} && exec "$@"', "sh"]

    def environment(self, user: str) -> dict[str, str]:
        home = self.place / "home" / user
        return {"PYTHONPATH": self.path, "HOME": str(home), "LISTEN_SYSTEM_CONFIG": str(self.etc / "config.toml"),
                "XDG_CONFIG_HOME": str(home / "c"), "XDG_DATA_HOME": str(home / "d"),
                "XDG_STATE_HOME": str(home / "s"), "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip

    def listen(self, *arguments: str) -> list[str]:
        """A command line; a console without any."""
        arguments = arguments or ("--query", FIRST)
        return [str(interpreter()), "-m", "listen", *arguments]

    def as_root(self, *arguments: str) -> None:
        """A command line of root, who knows the users."""
        environment = {**os.environ, **self.environment("ana"), "HOME": str(self.place)}
        done = subprocess.run(
            [*self.within, *self.listen(*arguments)], env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def modes(self) -> dict[str, tuple[int, int]]:
        told = {one.name: one.stat() for one in self.store.parent.iterdir()}
        return {name: (stat.S_IMODE(one.st_mode), one.st_gid) for name, one in told.items()}

    def seats(self) -> dict[str, Seat]:
        with Reader(self.store) as reader:
            return {seat.console.who: seat for seat in reader.seats()}


@pytest.fixture
def house() -> Iterator[House]:
    place = Path(tempfile.mkdtemp(prefix="listen-ssh-"))
    try:
        with Hosts() as hosts:
            yield House(place, hosts.new(feed=inputs.growing(3, 40)).url("/feed"))
    finally:
        for process in (one for user in TEAM for one in running(user)):  # what a failure has left
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(place, ignore_errors=True)


def until(holds: Callable[[], object], what: str, *terminals: Terminal) -> float:
    """Wait for something, and read all terminals meanwhile; how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < DEADLINE, (what, [one.output[-1500:] for one in terminals])
        for one in terminals:
            one.read(0.02)
        if not terminals:
            time.sleep(0.02)
    return time.monotonic() - began


def shows(terminal: Terminal, text: str) -> Callable[[], bool]:
    """Whether it comes from now on."""
    start = len(terminal.output)
    return lambda: text.encode() in terminal.output[start:]


def running(user: str, *words: str) -> list[int]:
    """Processes of a user with these words in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            told = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if folder.stat().st_uid == TEAM[user] and all(word in told for word in words):
                found.append(int(folder.name))
    return found


def consoles(user: str) -> list[int]:
    """A person's consoles, and not what has started them."""
    pythons = (one for one in running(user, "-m listen") if b"python" in Path(f"/proc/{one}/comm").read_bytes())
    return list(pythons)


def spent(pid: int) -> float:
    """Seconds of processor time."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def arrived(house: House) -> int:
    with Reader(house.store) as reader:
        return reader.newest() or 0


def test_two_people_and_a_collector_work_on_one_store_over_ssh(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.as_root("init", "--team", "analysts")
    took: dict[str, float] = {}
    alive = "ClientAliveInterval 2\nClientAliveCountMax 4\n"
    with sshd.serving(house.place / "ssh", alive, house.within) as server, contextlib.ExitStack() as stack:
        (server.folder / "client.pub").chmod(0o644)
        server.folder.chmod(0o755)

        def over(user: str, *remote: str, **more: str) -> Terminal:
            environment: Mapping[str, str] = {**house.environment(user), **more}
            return stack.enter_context(
                Terminal(server.command(remote, environment, user=user), (110, 30), {"TERM": "xterm-256color"})
            )

        ear = over("ear", *house.listen("collect"))
        until(lambda: house.store.exists() and arrived(house), "the collector's user collects", ear)
        tmux = ["tmux", "-S", str(house.place / "home" / "ana" / "tmux"), "-f", "/dev/null"]
        attach = [*tmux, "new", "-A", "-s", "listen", *house.listen()]
        ana, bob = over("ana", *attach), over("bob", *house.listen())
        both = (ana, bob, ear)
        for terminal in (ana, bob):
            until(lambda one=terminal: "▌".encode() in one.output, "the first rows", *both)  # type: ignore[misc]
        until(lambda: set(house.seats()) == {"ana", "bob"}, "both are there", *both)

        # where ana is, and what each does
        seen = shows(bob, "‹ana›")
        ana.send("j", "j", "j")
        took["presence"] = until(seen, "bob sees where ana is", *both)
        bob.send("j", "j", "j")
        until(lambda: house.seats()["bob"].mention_id, "bob rests somewhere", *both)
        for one, other, word in ((ana, bob, "zebra"), (bob, ana, "okapi")):
            seen = shows(other, word)
            one.send("t")
            until(shows(one, "tag"), "the line for tags", *both)
            one.send(word, "enter")
            with Reader(house.store) as reader:
                until(lambda word=word: dict(reader.tags()).get(word), "it is written", *both)  # type: ignore[misc]
            took[word] = until(seen, f"{word} is seen by the other", *both)
        with Reader(house.store) as reader:
            log = [(step.by, step.user, step.action) for step in reader.steps()]
        assert log == [("bob", "bob", "tagged okapi"), ("ana", "ana", "tagged zebra")]
        assert {"listen.db", "listen.db-wal", "listen.db-shm", "listen.db.lock"} <= set(house.modes())
        assert set(house.modes().values()) == {(0o660, GROUP)}, house.modes()

        # the clipboard and the size
        seen = re.compile(rb"\x1b\]52;c;[A-Za-z0-9+/=]+\x07")
        start = len(bob.output)
        bob.send("y")
        until(lambda: seen.search(bob.output[start:]), "OSC 52", *both)
        bob.resize(70, 20)
        until(shows(bob, "\x1b[20;"), "painted in another size", *both)

        # tmux keeps ana's console
        ana.send("\x02", "d")
        until(ana.ended, "detached", *both)
        assert "ana" in house.seats()
        ana = over("ana", *attach)
        both = (ana, bob, ear)
        until(lambda: "▌".encode() in ana.output, "attached again", *both)

        # a connection that drops, one that falls silent, and a server's end of it that is cut
        bob.kill(signal.SIGKILL)
        until(lambda: not consoles("bob") and "bob" not in house.seats(), "a dropped connection ends it", ana, ear)

        bob = over("bob", *house.listen())
        until(lambda: "bob" in house.seats(), "bob is back", ana, bob, ear)
        bob.kill(signal.SIGSTOP)
        until(lambda: not consoles("bob") and "bob" not in house.seats(), "who falls silent is given up", ana, ear)
        bob.kill(signal.SIGKILL)

        bob = over("bob", *house.listen())
        until(lambda: "bob" in house.seats(), "bob is back again", ana, bob, ear)
        ((session, *_), (console, *_)) = running("bob", "sshd:"), consoles("bob")
        os.kill(session, signal.SIGSTOP)
        before, began, newest = spent(console), time.monotonic(), 0
        for _ in range(4):
            newest = arrived(house)
            until(lambda newest=newest: arrived(house) > newest, "it goes on beside", ana, ear)  # type: ignore[misc]
        share = (spent(console) - before) / (time.monotonic() - began)
        assert share < 0.5, "a console that nobody reads does not spin"
        os.kill(session, signal.SIGKILL)
        until(lambda: not consoles("bob") and "bob" not in house.seats(), "the cut connection ends it", ana, ear)
        assert set(house.seats()) == {"ana"}

        assert ana.leave("Q") == 0
        assert house.seats() == {}
        ear.send("\x03")
        until(ear.ended, "the collector ends", ear)
        assert {one for one, _ in house.modes().values()} == {0o660}
    assert list(audit.problems(house.store, deep=True)) == []
    with capsys.disabled():
        print(f"\nover SSH, seconds until the other sees it: {json.dumps({k: round(v, 2) for k, v in took.items()})}")
