"""The adapter `bluesky` through the whole collector, against Bluesky's own servers on loopback, where they are had."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from listen.config import Source
from tests.collect.collecting import Run, collecting, config, rows, source
from tests.sources import bluesky_network
from tests.sources.bluesky_network import Network

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(bool(bluesky_network.missing()), reason=bluesky_network.missing()),
]
HERE = ("localhost", "127.0.0.1", "::1")
ACTIVE, EDITED, DELETED = range(3)
SAID = "SELECT external_id, text, state FROM mentions ORDER BY id"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with bluesky_network.network() as running:
        yield running


def bluesky(network: Network, **settings: Any) -> Source:
    where = {"host": network.appview, "pds": network.pds}
    told = {"keep": settings.pop("keep", "all"), "stream": settings.pop("stream", False)}
    return source("sky", adapter="bluesky", settings={**where, **settings}, every=1.0, allow_private=HERE, **told)


async def stored(run: Run, store: Path, sql: str, holds: Callable[[list[tuple[Any, ...]]], object]) -> list[Any]:
    """What the store holds once that is so."""
    found: list[tuple[Any, ...]] = []

    def look() -> object:
        nonlocal found
        found = rows(store, sql) if run.of("page") else []
        return found and holds(found)

    await run.until(look)
    return found


async def test_a_search_signs_in_with_an_app_password_that_stays_in_memory(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = network.person("ann")
    made = [await asyncio.to_thread(ann.post, "The acme battery is fine"), await asyncio.to_thread(ann.post, "tea")]
    monkeypatch.setenv("BSKY", await asyncio.to_thread(ann.app_password))
    store = tmp_path / "listen.db"
    searching = bluesky(network, account="ann.test", password="env:BSKY")
    async with collecting(config(store, searching)) as run:
        await stored(run, store, SAID, lambda found: found == [(made[0], "The acme battery is fine", ACTIVE)])
        await asyncio.to_thread(ann.edit, made[0], "The acme battery died")
        await stored(run, store, SAID, lambda found: found == [(made[0], "The acme battery died", EDITED)])
    ((handle, url),) = rows(store, "SELECT handle, url FROM authors")
    assert (handle, url) == ("ann.test", f"https://bsky.app/profile/{ann.did}")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())  # noqa: ASYNC240
    assert b"eyJ" not in kept
    assert os.environ["BSKY"].encode() not in kept
