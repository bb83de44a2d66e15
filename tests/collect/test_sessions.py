"""Tokens that a place gives out: obtained once, shared, renewed, and never shown."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator

import pytest

from listen import secrets
from listen.collect.http import Client, FetchError
from listen.collect.sessions import EARLY, LOCKED_OUT, YOUNG, Sessions
from sources.base import ACCESS, RENEWAL, Request, Session, SourceError
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server

LOOPBACK = ("127.0.0.1",)
PASSWORD = "canary-1f0c-app-password"


def answer(**told: object) -> Reply:
    return Reply(body=json.dumps(told).encode())


def jwt(end: float, name: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": end, "jti": name}).encode()).decode().rstrip("=")
    return f"canaryhead.{claims}.sig"


@pytest.fixture
async def sessions(clock: TurnedClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sessions]:
    monkeypatch.setenv("CANARY_PASSWORD", PASSWORD)
    asking = Sessions(Client(clock, gap=0), clock)
    yield asking
    await asking.aclose()


def question(server: Server, path: str = "/ask") -> Request:
    begin = Request(
        server.url("/begin"), method="POST", body=b'{"password": "(p)"}', secrets={"(p)": "env:CANARY_PASSWORD"}
    )
    renew = Request(server.url("/renew"), method="POST", headers={"authorization": f"Bearer {RENEWAL}"})
    session = Session(begin, "access", renew, "refresh", remedy="make a new password")
    return Request(server.url(path), headers={"authorization": f"Bearer {ACCESS}"}, session=session)


def asked(server: Server) -> list[tuple[str, str]]:
    return [(seen.path, seen.headers.get("authorization", "").removeprefix("Bearer ")) for seen in server.seen]


async def test_one_session_serves_all_who_ask(sessions: Sessions, server: Server) -> None:
    server.on("/begin", answer(access="canary-a1", refresh="canary-r1"))
    server.on("/ask", answer(fine=True))
    server.on("/other", answer(fine=True))
    questions = [question(server), question(server, "/other"), question(server)]
    await asyncio.gather(*(sessions.fetch(one, allow_private=LOOPBACK) for one in questions))
    assert server.seen[0].body == json.dumps({"password": PASSWORD}).encode()
    assert sorted(asked(server)) == [
        ("/ask", "canary-a1"),
        ("/ask", "canary-a1"),
        ("/begin", ""),
        ("/other", "canary-a1"),
    ]
    assert "canary" not in repr(questions)
    assert secrets.mask("a1 canary-a1 and canary-r1") == "a1 *** and ***"


async def test_a_token_is_renewed_before_it_ends_and_once_when_it_is_refused(
    sessions: Sessions, server: Server, clock: TurnedClock
) -> None:
    first, second = jwt(clock.now() + 7_200, "1"), jwt(clock.now() + 14_400, "2")
    server.on("/begin", answer(access=first, refresh="canary-r1"))
    server.on("/renew", answer(access=second, refresh="canary-r2"), answer(access="canary-a3"), Reply(400))
    server.on("/ask", answer(fine=True))
    await sessions.fetch(question(server), allow_private=LOOPBACK)
    clock.turn(7_200 - EARLY)
    await sessions.fetch(question(server), allow_private=LOOPBACK)
    assert asked(server) == [("/begin", ""), ("/ask", first), ("/renew", "canary-r1"), ("/ask", second)]
    server.seen.clear()
    clock.turn(YOUNG)
    server.on("/ask", Reply(401), answer(fine=True))
    await sessions.fetch(question(server), allow_private=LOOPBACK)
    assert asked(server) == [("/ask", second), ("/renew", "canary-r2"), ("/ask", "canary-a3")]
    server.seen.clear()
    server.on("/ask", Reply(400))
    with pytest.raises(FetchError):
        await sessions.fetch(question(server), allow_private=LOOPBACK)
    assert asked(server) == [("/ask", "canary-a3")], "a token that was just given is not what is refused"
    server.seen.clear()
    clock.turn(YOUNG)
    server.on("/begin", answer(access="canary-a4"))
    server.on("/ask", Reply(400), answer(fine=True))
    await sessions.fetch(question(server), allow_private=LOOPBACK)
    assert [path for path, _ in asked(server)] == ["/ask", "/renew", "/begin", "/ask"], "the renewal had ended as well"


async def test_a_refused_account_is_not_tried_again_and_again(
    sessions: Sessions, server: Server, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("/begin", Reply(401), answer(access="canary-a1"))
    for _ in range(3):
        with pytest.raises(SourceError) as caught:
            await sessions.fetch(question(server), allow_private=LOOPBACK)
        assert (caught.value.reason, caught.value.remedy) == ("sign-in", "make a new password")
        assert "canary" not in caught.value.message
    assert len(server.seen) == 1
    monkeypatch.setenv("CANARY_PASSWORD", "canary-another")
    server.on("/ask", answer(fine=True))
    await sessions.fetch(question(server), allow_private=LOOPBACK)
    assert [seen.path for seen in server.seen] == ["/begin", "/begin", "/ask"], "other secrets are tried at once"
    assert LOCKED_OUT >= 3_600


@pytest.mark.parametrize("body", [b"", b"[]", b'{"access": 7}', b"{" * 9_000, b'{"access": ""}'])
async def test_an_answer_without_a_token_is_told_without_its_words(
    sessions: Sessions, server: Server, body: bytes
) -> None:
    server.on("/begin", Reply(body=body))
    with pytest.raises(SourceError) as caught:
        await sessions.fetch(question(server), allow_private=LOOPBACK)
    assert (caught.value.reason, str(caught.value)) == ("sign-in", "the answer to signing in holds no token")
