"""A webhook through the whole collector: what is brought is stored before the sender is told so, and once."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
import pytest

from listen.collect import doors
from listen.config import Source
from listen.secrets import Secret
from sources import mapping
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, rows, source

KEY = "a shared secret"
RULES = """
name = "tickets"
summary = "tickets of the shop"
items = "items"
html = ["text"]

[post]
id = "id"
url = "link"
title = "subject"
text = "body"
author = "who.name"
published_at = "created"
"""
TICKET = {
    "id": "T-991", "link": "https://support.example/t/991", "who": {"name": "Zoé"}, "subject": "Facturation",
    "body": "<p>Où est ma facture acme ?</p>", "created": "2026-10-02T09:13:00+02:00",
}  # fmt: skip
HEALTH = "SELECT error_reason, error, error_remedy FROM channels"


@pytest.fixture
def address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> Source:
    monkeypatch.setenv("SHOP_KEY", KEY)
    file = tmp_path / "tickets.toml"
    file.write_text(RULES)
    mapping.written(file)
    settings = {"mapping": str(file), "secret": "env:SHOP_KEY", "address": address}
    return source("shop", adapter="webhook", settings=settings)


async def bring(address: str, clock: TurnedClock, body: object) -> tuple[int, str]:
    raw, stamp = json.dumps(body).encode(), str(int(clock.now()))
    signed = {"X-Listen-Timestamp": stamp, "X-Listen-Signature": doors.signature(raw, Secret(KEY), stamp)}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://{address}/in/shop", content=raw, headers=signed)
    return answer.status_code, answer.json()["message"]


async def test_what_is_brought_is_stored_once_and_the_sender_is_told(
    tmp_path: Path, shop: Source, address: str
) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    async with collecting(config(store, shop), clock) as run:
        await run.until(lambda: run.of("ready"))
        assert await bring(address, clock, {"items": [TICKET]}) == (202, "1 stored")
        assert rows(store, "SELECT external_id, title, text FROM mentions") == [
            ("T-991", "Facturation", "Où est ma facture acme ?")
        ]
        assert await bring(address, clock, {"items": [TICKET, {"no": "id"}]}) == (202, "1 known, 1 could not be read")
        assert await bring(address, clock, {"items": [{"no": "id"}]}) == (422, "1 could not be read")
        status, words = await bring(address, clock, {"things": []})
        assert (status, "items" in words) == (400, True)
    assert rows(store, "SELECT count(*) FROM mentions") == [(1,)]
    assert rows(store, HEALTH) == [(None, None, None)]
    assert rows(store, "SELECT count(*) FROM rejects") == [(2,)]


async def test_only_the_time_for_which_the_door_stood_open_was_heard(
    tmp_path: Path, shop: Source, address: str
) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    heard = "SELECT coalesce(sum(seconds), 0) FROM coverage"
    async with collecting(config(store, shop), clock) as run:
        await run.until(lambda: run.of("unchanged"))
        clock.turn(70)
        await run.until(lambda: len(run.of("unchanged")) == 2)
    ((first,),) = rows(store, heard)
    clock.turn(7_200)
    async with collecting(config(store, shop), clock) as run:
        await run.until(lambda: run.of("unchanged"))
        clock.turn(70)
        await run.until(lambda: len(run.of("unchanged")) == 2)
    ((both,),) = rows(store, heard)
    assert 60 <= first <= 200
    assert first + 60 <= both <= first + 200


async def test_an_address_that_somebody_else_has_is_told_and_tried_again(
    tmp_path: Path, shop: Source, address: str
) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    host, port = address.split(":")
    with socket.socket() as taken:
        taken.bind((host, int(port)))
        taken.listen()
        async with collecting(config(store, shop), clock) as run:
            await run.until(lambda: run.of("error"))
            ((reason, message, _),) = rows(store, HEALTH)
            assert reason == "door"
            assert address in message
            taken.close()
            clock.turn(3_600)
            await run.until(lambda: run.of("unchanged"))
            assert await bring(address, clock, {"items": [TICKET]}) == (202, "1 stored")
    assert rows(store, HEALTH) == [(None, None, None)]
