"""The adapter against `mastodon-mock`, a server of Mastodon's interface from PyPI, where it is installed."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from listen.collect.http import Client
from sources.mastodon import MastodonAdapter
from tests.collect.clocks import TurnedClock
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
