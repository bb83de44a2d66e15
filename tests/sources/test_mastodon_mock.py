"""The adapter against `mastodon-mock`, a server of Mastodon's interface from PyPI, where it is installed."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from listen.collect.http import Client
from sources.mastodon import MastodonAdapter
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, rows, source
from tests.sources.asked import round_of

pytestmark = pytest.mark.servers
ADAPTER = MastodonAdapter()


@pytest.fixture
def mock() -> Iterator[str]:
    """The address of a running server with a demo town in it."""
    program = shutil.which("mastodon_mock")
    if program is None:
        pytest.skip("mastodon_mock is not on the path: pip install mastodon-mock")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "serve", "--in-memory", "--demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    httpx.get(f"http://127.0.0.1:{port}/api/v2/instance")
                    break
                except httpx.TransportError:
                    assert time.monotonic() < deadline, "the server did not start"
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        pytest.fail(f"the server ended with {process.wait(0.2)}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def test_hashtags_of_a_real_town(mock: str) -> None:
    clock = TurnedClock(time.time())
    (where,) = ADAPTER.channels({"hosts": [mock], "tags": ["debugging", "spaceflight", "computing"]}, [])
    async with Client(clock, gap=0) as client:
        page = await round_of(client, ADAPTER, where, {}, clock)
        again = await round_of(client, ADAPTER, where, page.cursor, clock)
    assert {tag for post in page.posts for tag in post.tags} == {"debugging", "spaceflight", "computing"}
    assert page.rejects == []
    assert {post.external_id for post in again.posts} == {post.external_id for post in page.posts}
    assert all(post.author and post.author.handle.endswith("@localhost") for post in page.posts)


async def test_a_hashtag_is_heard_as_it_is_said_edited_and_deleted(
    mock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOT", "grace_token")
    where = {"hosts": [mock], "tags": ["kettle"], "token": "env:TOOT"}
    told = config(tmp_path / "listen.db", source("town", adapter="mastodon", settings=where, stream=True))
    async with collecting(told) as run, httpx.AsyncClient(base_url=f"{mock}/api/v1") as ada:
        ada.headers["Authorization"] = "Bearer ada_token"

        async def said(words: str) -> str:
            return str((await ada.post("/statuses", json={"status": words})).json()["id"])

        def stored() -> list[tuple[str, int]]:
            return rows(told.store, "SELECT text, state FROM mentions ORDER BY id")  # type: ignore[return-value]

        await run.until(lambda: run.of("connected"))
        first, second = await said("A first #kettle"), await said("A second #kettle")
        await run.until(lambda: [text for text, _ in stored()] == ["A first #kettle", "A second #kettle"])
        await ada.put(f"/statuses/{first}", json={"status": "A mended #kettle"})
        await ada.delete(f"/statuses/{second}")
        await run.until(lambda: stored()[0][0] == "A mended #kettle" and stored()[1][1] == 2)
    assert not run.of("error")
