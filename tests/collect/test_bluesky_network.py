"""The adapter `bluesky` through the whole collector, against Bluesky's own servers on loopback, where they are had."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from listen.clock import SystemClock
from listen.collect import accounts, conversation
from listen.collect.lock import CollectorLock
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
WHO = "SELECT text, state, handle FROM mentions AS m JOIN authors AS a ON a.id = author_id ORDER BY m.id"


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
        found = rows(store, sql) if run.of("page") or run.of("frames") else []
        return found and holds(found)

    try:
        await run.until(look, 30)
    except TimeoutError:
        raise AssertionError(f"the store holds {found}, {run.events[-5:]}") from None
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


async def test_an_account_is_followed(network: Network, tmp_path: Path) -> None:
    bob, eve = network.person("bob"), network.person("eve")
    first = await asyncio.to_thread(bob.post, "Bonjour #acme", langs=["fr"])
    await asyncio.to_thread(eve.post, "We can help.", first)
    second = await asyncio.to_thread(bob.post, "again", first)
    store = tmp_path / "listen.db"
    told = "SELECT external_id, lang, parent_id, thread_id, likes FROM mentions ORDER BY id"
    following = config(store, bluesky(network, authors=["bob.test"]), accounts={"acme": ("@eve.test",)})
    async with collecting(following) as run:
        await stored(run, store, told, lambda found: len(found) == 2)
    assert rows(store, told) == [(first, "fr", None, None, 0), (second, None, first, first, 0)]
    (number,) = rows(store, "SELECT min(id) FROM mentions")[0]
    with CollectorLock(store):
        fetched = await conversation.alone(following, SystemClock(), number)
    assert (fetched["new"], fetched["source"]) == (1, "sky")
    assert rows(store, "SELECT status, by FROM triage WHERE mention_id = ?", number) == [(2, "own")], "we answered"
    nobody = bluesky(network, authors=["nobody.test"])
    async with collecting(config(tmp_path / "none.db", nobody)) as run:
        await run.until(lambda: run.of("error"))
    assert run.of("error")[0].message == "localhost does not know @nobody.test (HTTP 400)"


async def test_the_stream_of_the_network(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "EVERY", 0.2)
    monkeypatch.setattr(accounts, "SETTLED", 2.0)
    carl, dora = network.person("carl"), network.person("dora")
    store = tmp_path / "listen.db"
    listening = config(store, bluesky(network, stream=True, keep="matched", jetstream=[network.jetstream]))
    async with collecting(listening) as run:
        await run.until(lambda: run.of("connected"))
        one = await asyncio.to_thread(carl.post, "my acme battery")
        await asyncio.to_thread(carl.post, "my tea")
        await asyncio.to_thread(dora.post, "acme, acme")
        await stored(
            run, store, WHO, lambda found: found == [
                ("my acme battery", ACTIVE, "carl.test"), ("acme, acme", ACTIVE, "dora.test"),
            ],
        )  # fmt: skip
        await asyncio.to_thread(carl.edit, one, "my acme charger")
        await asyncio.to_thread(carl.rename, "carlo.test")
        await asyncio.to_thread(dora.rest)
        await stored(run, store, WHO, lambda found: found[0] == ("my acme charger", EDITED, "carlo.test"))
        assert rows(store, WHO)[1][1] == ACTIVE, "an account that rests keeps what it said"
        await asyncio.to_thread(dora.end)
        await stored(run, store, WHO, lambda found: found[1] == ("", DELETED, "dora.test"))
    before = rows(store, "SELECT max(id) FROM mentions")
    await asyncio.to_thread(carl.delete, one)
    missed = await asyncio.to_thread(carl.post, "acme while nobody listened")
    async with collecting(listening) as run:
        found = await stored(run, store, SAID, lambda found: len(found) == 3)
        await stored(run, store, SAID, lambda found: found[0] == (one, "", DELETED))
    assert (found[2][0], found[2][1]) == (missed, "acme while nobody listened")
    assert rows(store, "SELECT max(id) FROM mentions") > before
