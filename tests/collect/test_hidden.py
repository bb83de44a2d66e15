"""Secrets reach the server that they are meant for, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.clock import SystemClock
from listen.collect import hidden
from listen.collect.http import Client, FetchError
from sources.base import Request, SourceError
from tests.collect.server import Reply, Server


async def test_secrets_stand_in_path_parameters_headers_and_body(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "12:canary/7741")
    server.on("/bot12:canary%2F7741/ask", Reply(body=b"{}"))
    request = Request(
        server.url("/bot(token)/ask"),
        params=(("key", "(token)"), ("q", "acme")),
        headers={"authorization": "Bearer (token)", "x-key": "env:CANARY", "accept": "application/json"},
        method="POST",
        body=b'{"key": "(token)"}',
        secrets={"(token)": "env:CANARY"},
    )
    assert "canary" not in repr(request)
    filled, headers = hidden.fill(request)
    assert set(headers) == {"authorization", "x-key"}
    async with Client(SystemClock()) as client:
        await client.fetch(filled, allow_private=("127.0.0.1",), secrets=headers)
    (seen,) = server.seen
    assert seen.path == "/bot12:canary%2F7741/ask?key=12%3Acanary%2F7741&q=acme"
    assert (seen.headers["authorization"], seen.headers["x-key"]) == ("Bearer 12:canary/7741", "12:canary/7741")
    assert seen.body == b'{"key": "12:canary/7741"}'


async def test_a_secret_in_an_address_shows_in_no_error_and_no_validator(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "12:canary-7742")
    server.on(
        "/bot12:canary-7742/ask", Reply(headers={"ETag": '"1"'}, body=b"{}"), Reply(302, headers={"Location": ""})
    )
    filled, headers = hidden.fill(Request(server.url("/bot(t)/ask"), secrets={"(t)": "env:CANARY"}))
    async with Client(SystemClock()) as client:
        fetched = await client.fetch(filled, allow_private=("127.0.0.1",), secrets=headers)
        assert fetched.validators is not None
        assert "canary" not in fetched.validators.url
        with pytest.raises(FetchError) as caught:
            await client.fetch(filled, allow_private=("127.0.0.1",), secrets=headers)
    assert "canary" not in caught.value.message


def test_what_foreign_text_calls_a_secret_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "canary-7743")
    request = Request("https://api.example/", params=(("after", "env:CANARY"), ("b", "(other)")), secrets={})
    assert hidden.fill(request) == (request, {})


def test_a_missing_secret_says_what_to_do() -> None:
    with pytest.raises(SourceError) as caught:
        hidden.fill(Request("https://api.example/", secrets={"(t)": "env:NOT_SET_ANYWHERE"}))
    assert (caught.value.reason, "NOT_SET_ANYWHERE" in caught.value.remedy) == ("secret", True)


def test_files_of_secrets_start_where_the_configuration_stands(tmp_path: Path) -> None:
    told = {"token": "file:key", "other": "file:/etc/key", "urls": ["file:x"], "env": "env:X"}
    assert hidden.anchored(told, tmp_path) == {**told, "token": f"file:{tmp_path}/key"}
