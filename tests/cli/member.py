"""People of a team, as processes of their own: unprivileged users of groups who do what is asked, line by line.

The interpreter may lie where such a user cannot read, so everything is imported before the rights are dropped; once for
all of them, who are forked from the process that did it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[2]


class People:
    """They, from outside: `name -> (user id, group id)`."""

    def __init__(self, people: Mapping[str, tuple[int, int]]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(people)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        )  # fmt: skip

    def ask(self, who: str, what: str, *arguments: object) -> Any:
        """Have somebody do something; what came of it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([who, what, *map(_plain, arguments)]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def run(self, who: str, *arguments: object) -> tuple[int, str]:
        """(exit code, everything that was printed) of a command line."""
        code, told = self.ask(who, "run", *arguments)
        return code, told

    def leave(self) -> None:
        """End the processes."""
        self.process.communicate(timeout=20)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def run(*arguments: str) -> tuple[int, str]:
    """A command line."""
    from listen.cli import run

    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = run(arguments)
    return code, told.getvalue()


OPEN: dict[str, Any] = {}
"""The triage of this process, which stays open."""


def triage(store: str, who: str, status: str, ids: Sequence[int]) -> str:
    """Give mentions a status."""
    from listen.clock import SystemClock
    from listen.store.triage import Triage

    hands = OPEN.setdefault(store, None) or Triage(store, who, SystemClock())
    OPEN[store] = hands
    done = hands.undo() if status == "undo" else hands.set_status(ids, status)
    return done.text if done else ""


def log(store: str) -> str:
    """Write into the log of a console's collector."""
    from listen.cli.companion import log_of

    with log_of(Path(store)) as file:
        file.write(b"words\n")
    return ""


def lock(store: str) -> str:
    """Take the collector's lock and let it go."""
    from listen.collect.lock import CollectorLock

    with CollectorLock(Path(store)):
        return ""


def main(people: Mapping[str, tuple[int, int]]) -> None:
    """Fork everybody, then hand them what is asked of them."""
    import listen

    for module in pkgutil.walk_packages(listen.__path__, "listen."):
        if not module.name.startswith(("listen.console.", "listen.__main__")):
            import_module(module.name)
    for extra in ("platformdirs.unix", "tomlkit", "encodings.idna", "encodings.utf_8_sig", "getpass", "tempfile"):
        import_module(extra)
    lines: dict[str, tuple[int, TextIO]] = {}
    for name, (uid, gid) in people.items():
        to_them, ours = os.pipe(), os.pipe()
        if not os.fork():
            for inherited in (to_them[1], *(write for write, _ in lines.values())):
                os.close(inherited)  # else the others would never see the end
            become(name, uid, gid)
            serve(os.fdopen(to_them[0]), ours[1])
            os._exit(0)
        os.close(to_them[0])
        os.close(ours[1])
        lines[name] = to_them[1], os.fdopen(ours[0])
    for line in sys.stdin:
        who, *asked = json.loads(line)
        write, read = lines[who]
        os.write(write, json.dumps(asked).encode() + b"\n")
        print(read.readline(), end="", flush=True)


def become(name: str, uid: int, gid: int) -> None:
    """Drop all rights."""
    os.environ.update(LOGNAME=name, HOME="/nonexistent")
    os.environ.update({f"XDG_{kind}_HOME": "/nonexistent" for kind in ("CONFIG", "DATA", "STATE")})
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    os.umask(0o077)


def serve(lines: TextIO, out: int) -> None:
    """Do what the lines ask."""
    for line in lines:
        what, *arguments = json.loads(line)
        try:
            answer: object = {"run": run, "triage": triage, "log": log, "lock": lock}[what](*arguments)
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(out, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
