"""A door on loopback: who proves himself is let in and told when it is stored; all others get a word and no more."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from listen.collect import doors
from listen.secrets import Secret
from sources.base import Door
from tests.collect.clocks import TurnedClock

KEY = "a shared secret"


@dataclass
class House:
    """A listener with one door that signs, `shop`, and one that takes the secret itself, `form`."""

    address: str
    clock: TurnedClock
    brought: list[tuple[str, bytes]] = field(default_factory=list)
    outcome: tuple[int, str] = (202, "1 stored")

    async def deliver(self, name: str, body: bytes) -> tuple[int, str]:
        self.brought.append((name, body))
        return self.outcome

    def signed(self, body: bytes, *, ago: float = 0.0, key: str = KEY) -> dict[str, str]:
        stamp = str(int(self.clock.now() - ago))
        return {"X-Listen-Timestamp": stamp, "X-Listen-Signature": doors.signature(body, Secret(key), stamp)}

    async def post(self, body: bytes, headers: dict[str, str], path: str = "/in/shop", method: str = "POST") -> int:
        async with httpx.AsyncClient() as client:
            answer = await client.request(method, f"http://{self.address}{path}", content=body, headers=headers)
        assert answer.json()["ok"] is answer.is_success
        return answer.status_code


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setenv("SHOP_KEY", KEY)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    made = House(address, TurnedClock())
    listener = doors.Listener(address, made.clock, made.deliver)
    listener.doors = {"shop": Door(address, "env:SHOP_KEY", True), "form": Door(address, "env:SHOP_KEY", False)}
    await listener.start()
    yield made
    await listener.stop()


async def test_who_signs_is_let_in(house: House) -> None:
    body = json.dumps({"id": 1}).encode()
    assert await house.post(body, house.signed(body)) == 202
    assert await house.post(body, house.signed(body, ago=doors.WINDOW - 2)) == 202
    import hashlib
    import hmac

    hub = "sha256=" + hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
    assert await house.post(body, {"X-Hub-Signature-256": hub}) == 202
    assert await house.post(body, {"Authorization": f"Bearer {KEY}"}, "/in/form") == 202
    assert house.brought == [("shop", body)] * 3 + [("form", body)]


async def test_who_cannot_prove_himself_is_not(house: House) -> None:
    body = b"{}"
    for headers in (
        {},
        {"X-Hub-Signature-256": "sha256="},
        {"Authorization": f"Bearer {KEY}"},
        house.signed(b"[]"),
        house.signed(body, key="canary-9940"),
        house.signed(body, ago=doors.WINDOW + 2),
        {**house.signed(body), "X-Listen-Timestamp": "1e9"},
    ):
        assert await house.post(body, headers) == 401
    assert await house.post(body, house.signed(body), "/in/form") == 401
    assert await house.post(body, house.signed(body), "/in/nobody") == 404
    assert await house.post(body, house.signed(body), "/") == 404
    assert await house.post(b"", house.signed(b""), method="GET") == 405
    assert house.brought == []


async def test_a_body_that_is_too_long_or_never_ends_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    long = b"x" * (doors.LARGEST + 1)
    with contextlib.suppress(httpx.WriteError):
        assert await house.post(long, house.signed(long)) == 413
    monkeypatch.setattr(doors, "PATIENCE", 0.05)
    host, port = house.address.split(":")
    for begun, status in (
        (b"POST /in/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", b"408"),
        (b"POST /in/shop HTTP/1.1\r\n" + b"X: " + b"y" * 100_000, b"431"),
        (b"\x16\x03\x01 no HTTP at all\r\n\r\n", b"400"),
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(begun)
        said = await asyncio.wait_for(reader.read(), 20)
        assert said.split(b" ")[1] == status
        writer.close()
    assert house.brought == []


async def test_what_becomes_of_it_is_told(house: House) -> None:
    house.outcome = (503, "the store is full")
    body = b"{}"
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://{house.address}/in/shop", content=body, headers=house.signed(body))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json() == {"ok": False, "message": "the store is full"}


async def test_a_crowd_that_says_nothing_is_turned_away_and_gone_after_a_while(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "PATIENCE", 1.0)
    host, port = house.address.split(":")
    crowd = [await asyncio.open_connection(host, int(port)) for _ in range(200)]
    async with asyncio.timeout(20):
        said = [await reader.read() for reader, _ in crowd]
    for _, writer in crowd:
        writer.close()
    statuses = [answer.split(b" ")[1] for answer in said]
    assert statuses.count(b"408") >= doors.VISITORS
    assert statuses.count(b"503") >= 1
    assert {*statuses} == {b"408", b"503"}
    assert await house.post(b"{}", house.signed(b"{}")) == 202
