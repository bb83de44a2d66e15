"""Bluesky's own servers on loopback, for tests: `@atproto/dev-env` with Postgres and Redis of its own."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PACKAGE = "@atproto/dev-env@0.3.215"
FOLDER = Path(os.environ.get("LISTEN_TEST_ATPROTO", "~/.cache/listen-tests/atproto")).expanduser()
"""Where the package is looked for: nothing is installed by a test."""
SCRIPT = Path(__file__).with_suffix(".cjs")


def missing() -> str:
    """What this machine lacks, with how to get it; "" when nothing."""
    wanted = {"node": shutil.which("node"), "redis-server": shutil.which("redis-server"), "postgres": _postgres()}
    lacks = [name for name, found in wanted.items() if not found]
    if lacks:
        return f"{', '.join(lacks)} not found"
    if not (FOLDER / "node_modules" / "@atproto" / "dev-env").is_dir():
        return f"no {PACKAGE} in {FOLDER}: npm install --prefix {FOLDER} {PACKAGE}"
    return ""


def _postgres() -> str | None:
    """The folder of its programs: Debian keeps them off the path."""
    found = shutil.which("initdb")
    return str(Path(found).resolve().parent) if found else max(glob.glob("/usr/lib/postgresql/*/bin"), default=None)


@dataclass
class Account:
    """Somebody with an account; speaks XRPC as any client would."""

    network: Network
    did: str
    handle: str
    access: str

    def post(self, text: str, answers: str = "", **more: Any) -> str:
        """Publish, perhaps below another post, which begins its conversation; the post's uri."""
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now(), **more}
        if answers:
            place = {"uri": answers, "cid": self.network.cids[answers]}
            record["reply"] = {"root": place, "parent": place}
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "record": record}
        told = self.network.call("com.atproto.repo.createRecord", self.access, body)
        self.network.cids[told["uri"]] = told["cid"]
        return str(told["uri"])

    def edit(self, uri: str, text: str) -> None:
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now()}
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": uri.rpartition("/")[2], "record": record}
        self.network.call("com.atproto.repo.putRecord", self.access, body)

    def delete(self, uri: str) -> None:
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": uri.rpartition("/")[2]}
        self.network.call("com.atproto.repo.deleteRecord", self.access, body)

    def rename(self, handle: str) -> None:
        self.network.call("com.atproto.identity.updateHandle", self.access, {"handle": handle})
        self.handle = handle

    def rest(self) -> None:
        """Deactivate the account, as people do for a while and when they move to another server."""
        self.network.call("com.atproto.server.deactivateAccount", self.access, {})

    def end(self) -> None:
        """Have the server's owner delete the account."""
        self.network.call("com.atproto.admin.deleteAccount", "", {"did": self.did}, ("admin", "admin-pass"))

    def app_password(self) -> str:
        told = self.network.call("com.atproto.server.createAppPassword", self.access, {"name": "listen"})
        assert isinstance(told["password"], str)
        return told["password"]


@dataclass
class Network:
    """A running network: addresses of the server with the accounts, of the view that answers, of the stream."""

    pds: str
    appview: str
    jetstream: str
    people: dict[str, Account] = field(default_factory=dict)
    cids: dict[str, str] = field(default_factory=dict)
    """Version of each post that was made here."""

    def call(
        self, method: str, access: str, body: dict[str, Any], owner: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {access}"} if access else {}
        answer = httpx.post(f"{self.pds}/xrpc/{method}", json=body, headers=headers, auth=owner, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else {}

    def person(self, name: str) -> Account:
        """The account of that name, made when it is first asked for."""
        if name not in self.people:
            body = {"handle": f"{name}.test", "email": f"{name}@example.org", "password": "canary-of-the-network"}
            told = self.call("com.atproto.server.createAccount", "", body)
            self.people[name] = Account(self, told["did"], told["handle"], told["accessJwt"])
        return self.people[name]


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def until(holds: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait for another process, looking often; fail with `what` when it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """The network, up for as long as the block lasts; `missing()` must be empty."""
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="listen-bluesky-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = stack.enter_context(_database(folder))
        cache = stack.enter_context(_cache(folder))
        env = {
            **os.environ,
            "DB_POSTGRES_URL": database,
            "REDIS_HOST": cache,
            "TMPDIR": str(folder),
            "NODE_ENV": "test",
        }
        log = stack.enter_context((folder / "log").open("w+b"))
        command = ["node", str(SCRIPT), str(FOLDER)]
        process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        try:
            assert process.stdout is not None
            line = b"x"
            while line and not line.startswith(b"{"):
                line = process.stdout.readline()
            assert line, (folder / "log").read_text()[-2_000:]
            yield Network(**json.loads(line))
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[str]:
    """Postgres on a port of its own; it refuses to run as root, so there it runs as its own user."""
    programs, data, port = Path(_postgres() or ""), folder / "postgres", _free_port()
    data.mkdir(mode=0o700)
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(data, "postgres", "postgres")
        folder.chmod(0o711)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    made = [programs / "initdb", "-D", data, "-U", "listen", "--auth=trust", "--no-sync", "--encoding=UTF8"]
    subprocess.run(made, check=True, **quiet, **user)
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", data, "-F", "-c", "full_page_writes=off"]
    process = subprocess.Popen([programs / "postgres", "-D", data, *options], **quiet, **user)
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        until(lambda: subprocess.run(ready, check=False).returncode == 0, "Postgres did not start")
        yield f"postgresql://listen@127.0.0.1:{port}/postgres"
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _cache(folder: Path) -> Iterator[str]:
    port = _free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port), "Redis did not start")
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
