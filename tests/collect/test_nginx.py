"""Politeness against a real nginx: not modified, gone, too many, packed, slow, moved."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.collect.http import Client, FetchError, Limits
from listen.secrets import Secret
from listen.store.read import Reader
from sources.base import Request
from tests.collect.asking import ask
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, item, rows, rss, source

pytestmark = pytest.mark.servers

CONF = """
{user}
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  types {{ application/rss+xml xml; text/plain txt; }}
  log_format told '$server_port $status $request_uri '
    '$http_if_none_match|$sent_http_content_encoding|$http_authorization';
  access_log {folder}/access.log told;
  gzip on; gzip_types application/rss+xml text/plain; gzip_min_length 1;
  limit_req_zone $server_port zone=few:1m rate=1r/m;
  server {{
    listen 127.0.0.1:{port}; root {folder}/www;
    location = /moved.xml {{ return 301 /feed.xml; }}
    location = /away.xml {{ return 302 http://127.0.0.1:{other}/other.xml; }}
    location = /gone.xml {{ return 410; }}
    location = /slow.xml {{ limit_rate 50; gzip off; }}
  }}
  server {{
    listen 127.0.0.1:{other}; root {folder}/www;
    location /limited {{ limit_req zone=few; limit_req_status 429; add_header Retry-After 120 always; }}
  }}
}}
"""


class Nginx:
    """A running nginx on two ports."""

    def __init__(self, folder: Path) -> None:
        self.www, self._log = folder / "www", folder / "access.log"
        self.port, self.other = free_port(), free_port()

    def url(self, path: str, *, other: bool = False) -> str:
        return f"http://127.0.0.1:{self.other if other else self.port}{path}"

    def write(self, name: str, body: bytes) -> None:
        (self.www / name).parent.mkdir(parents=True, exist_ok=True)
        (self.www / name).write_bytes(body)

    def log(self, path: str) -> list[str]:
        """What was answered to requests of that path: `STATUS VALIDATOR|PACKING|SECRET` each."""
        lines = [line.split(" ", 3) for line in self._log.read_text().splitlines()]
        return [f"{status} {rest}" for _, status, asked, rest in lines if asked == path]

    async def logged(self, path: str, holds: Callable[[list[str]], bool]) -> list[str]:
        """The same once it holds: nginx writes its log after the answer."""
        async with asyncio.timeout(10):
            while not holds(self.log(path)):  # noqa: ASYNC110 - it is another process that writes
                await asyncio.sleep(0.02)
        return self.log(path)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("there is no nginx: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    server = Nginx(folder)
    server.www.mkdir()
    user = "user root;" if os.getuid() == 0 else ""
    text = CONF.format(folder=folder, port=server.port, other=server.other, user=user)
    (folder / "nginx.conf").write_text(text)
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + 20
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.other), 1):
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"nginx does not start: {process.stderr and process.stderr.read()!r}")
                time.sleep(0.02)
            yield server
        finally:
            process.terminate()
            process.wait(20)


async def test_an_unchanged_feed_is_not_sent_again_and_a_changed_one_is_packed(nginx: Nginx, tmp_path: Path) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    nginx.write("feed.xml", rss(item(1)))
    async with collecting(config(store, source("press", nginx.url("/feed.xml"))), clock) as run:
        await run.until(lambda: run.of("page"))
        clock.turn(120)
        await run.until(lambda: run.of("unchanged"))
        nginx.write("feed.xml", rss(item(1), item(2)))
        clock.turn(120)
        await run.until(lambda: len(run.of("page")) == 2)
    first, second, third = await nginx.logged("/feed.xml", lambda log: len(log) == 3)
    # nginx weakens the tag of what it packs, and tells the strong one with "not modified": the last one told is sent.
    assert first == "200 -|gzip|-"
    assert second.startswith("304 W/\\x22")
    assert third.startswith("200 \\x22")
    assert rows(store, "SELECT count(*) FROM mentions") == [(2,)]
    with Reader(store) as reader:
        (channel,) = reader.channels()
    assert (channel.state, channel.errors) == ("ok", 0)


async def test_too_many_questions_pause_the_host_and_gone_is_gone_also_after_a_restart(
    nginx: Nginx, tmp_path: Path
) -> None:
    store, began = tmp_path / "listen.db", SystemClock().now()
    for name in ("a", "b", "c"):
        nginx.write(f"limited/{name}.xml", rss(item(1)))
    limited = [source(name, nginx.url(f"/limited/{name}.xml", other=True)) for name in ("a", "b", "c")]
    asked = config(store, *limited, source("gone", nginx.url("/gone.xml")))
    async with collecting(asked) as run:
        await run.until(
            lambda: {one.source for one in run.of("page") + run.of("error") + run.of("waiting")} >= {*"abc"}
        )
        await run.until(lambda: run.of("error", "gone"))
    answers = [line[:3] for name in ("a", "b", "c") for line in nginx.log(f"/limited/{name}.xml")]
    assert (answers.count("200"), "429" in answers) == (1, True)
    ((until,),) = rows(store, "SELECT not_before FROM hosts")
    assert until >= began + 120
    with Reader(store) as reader:
        states = {channel.source: channel.state for channel in reader.channels()}
    assert states["gone"] == "dead"
    ready = source("d", nginx.url("/limited/a.xml?again", other=True))
    async with collecting(config(store, *asked.sources.values(), ready)) as run:
        await run.until(lambda: run.of("waiting", "d"))
    assert nginx.log("/limited/a.xml?again") == []
    assert len(nginx.log("/gone.xml")) == 1


async def test_a_permanent_redirect_is_followed_until_it_is_believed(nginx: Nginx, tmp_path: Path) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    nginx.write("feed.xml", rss(item(1)))
    async with collecting(config(store, source("press", nginx.url("/moved.xml"), every=43_200.0)), clock) as run:
        await run.until(lambda: run.of("page"))
        for visits in range(1, 4):
            clock.turn(52_000)
            await run.until(lambda visits=visits: len(run.of("unchanged")) == visits)
    assert len(await nginx.logged("/moved.xml", lambda log: len(log) >= 3)) == 3, (
        "the fourth visit asked the new address"
    )


async def test_a_slow_body_meets_the_deadline_and_a_bomb_the_limit(nginx: Nginx) -> None:
    nginx.write("slow.xml", rss(*(item(number) for number in range(50))))
    nginx.write("bomb.txt", b"\0" * (8 << 20))
    async with Client(TurnedClock(), gap=0, limits=Limits(total=0.5, decoded=4 << 20)) as client:
        for path, reason in (("/slow.xml", "timeout"), ("/bomb.txt", "limit:decoded-bytes")):
            with pytest.raises(FetchError) as caught:
                await ask(client, nginx.url(path))
            assert caught.value.reason == reason


async def test_a_secret_stays_with_the_host_that_it_is_for(nginx: Nginx) -> None:
    nginx.write("other.xml", rss(item(1)))
    async with Client(TurnedClock(), gap=0) as client:
        told = {"authorization": Secret("Bearer canary-31")}
        fetched = await client.fetch(Request(nginx.url("/away.xml")), allow_private=("127.0.0.1",), secrets=told)
    assert fetched.answer is not None
    assert await nginx.logged("/away.xml", bool) == ["302 -|-|Bearer canary-31"]
    assert [line.split("|")[-1] for line in await nginx.logged("/other.xml", bool)] == ["-"]
