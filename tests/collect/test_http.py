"""The polite client against a real server on loopback: what it sends, what it keeps, where it follows."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest

from listen import __version__
from listen.collect.http import PROJECT_URL, Client, MemoryHosts, Validators, user_agent
from listen.secrets import Secret
from sources.base import Request
from tests.collect.asking import ask, refusal
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Server

FEED = b"<rss><channel><title>News</title></channel></rss>"
WEEK = 7 * 86_400


async def test_an_answer_comes_whole_with_its_headers(client: Client, server: Server) -> None:
    server.on("/feed", Reply(body=FEED, headers={"X-One": "a", "Set-Cookie": "session=1"}))
    fetched = await ask(client, server.url("/feed?page=1#top"))
    assert fetched.answer is not None
    assert fetched.answer.body == FEED
    assert (fetched.answer.url, fetched.answer.status) == (server.url("/feed?page=1"), 200)
    assert fetched.answer.headers["x-one"] == "a"
    assert "set-cookie" not in fetched.answer.headers
    assert not fetched.not_modified
    assert fetched.permanent_url is None


async def test_it_says_who_it_is_and_what_it_can_decode(client: Client, server: Server) -> None:
    server.on("/feed", Reply(body=FEED))
    await ask(client, server.url("/feed"))
    sent = server.seen[0].headers
    assert sent["user-agent"] == f"listen/{__version__} (+{PROJECT_URL}; ops@example.org)"
    assert sent["accept-encoding"] == "gzip, deflate, br, zstd"
    assert sent["host"] == server.place
    assert "cookie" not in sent
    assert "referer" not in sent


@pytest.mark.parametrize(
    ("contact", "tail"),
    [(None, ")"), ("", ")"), ("a@b.example", "; a@b.example)"), ("x\r\nEvil: 1 (y)", "; xEvil: 1 y)")],
)
def test_the_contact_is_part_of_the_name(contact: str | None, tail: str) -> None:
    assert user_agent(contact) == f"listen/{__version__} (+{PROJECT_URL}{tail}"


async def test_parameters_headers_and_bodies_of_a_request_are_sent(client: Client, server: Server) -> None:
    server.on("/api", Reply())
    headers = {"Accept": "application/json", "User-Agent": "Mozilla/5.0", "Host": "evil.example"}
    request = Request(server.url("/api?a=1&b"), (("q", "é &"),), headers, "POST", b'{"x":1}')
    await client.fetch(request, allow_private=("127.0.0.1",), secrets={"X-Api-Key": Secret("canary-3391")})
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/api?a=1&b&q=%C3%A9+%26", b'{"x":1}')
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["x-api-key"] == "canary-3391"
    assert seen.headers["host"] == server.place
    assert seen.headers["user-agent"].startswith("listen/")


async def test_no_cookie_is_kept(client: Client, server: Server) -> None:
    server.on("/feed", Reply(body=FEED, headers={"Set-Cookie": "session=1; Path=/"}))
    await ask(client, server.url("/feed"))
    await ask(client, server.url("/feed"))
    assert "cookie" not in server.seen[1].headers


async def test_credentials_in_an_address_become_a_header_and_are_shown_to_nobody(
    client: Client, server: Server
) -> None:
    server.on("/feed", Reply(body=FEED, headers={"ETag": '"1"'}))
    url = f"http://ana:s3cret%2Bword@{server.place}/feed?token=canary-77"
    fetched = await ask(client, url)
    assert server.seen[0].headers["authorization"] == "Basic " + base64.b64encode(b"ana:s3cret+word").decode()
    assert fetched.answer is not None
    assert "s3cret" not in fetched.answer.url
    assert "canary-77" not in repr(fetched.validators)


# Validators


async def test_validators_go_back_verbatim_and_an_unchanged_answer_is_none(client: Client, server: Server) -> None:
    etag, modified = 'W/"a-b, c"', "Sat, 21 Nov 2026 10:00:00 GMT"
    server.on("/feed", Reply(body=FEED, headers={"ETag": etag, "Last-Modified": modified}), Reply(304))
    first = await ask(client, server.url("/feed"))
    again = await ask(client, server.url("/feed"), validators=first.validators)
    assert server.seen[1].headers["if-none-match"] == etag
    assert server.seen[1].headers["if-modified-since"] == modified
    assert again.not_modified
    assert again.answer is None
    assert again.validators == first.validators


async def test_a_304_renews_the_validators_that_it_names(client: Client, server: Server, clock: TurnedClock) -> None:
    server.on(
        "/feed", Reply(body=FEED, headers={"ETag": '"1"', "Last-Modified": "x"}), Reply(304, headers={"ETag": '"2"'})
    )
    first = await ask(client, server.url("/feed"))
    clock.turn(60)
    again = await ask(client, server.url("/feed"), validators=first.validators)
    assert first.validators is not None
    assert again.validators == Validators('"2"', "x", first.validators.url, first.validators.at)


async def test_a_new_answer_replaces_or_ends_the_validators(client: Client, server: Server) -> None:
    server.on("/feed", Reply(body=FEED, headers={"ETag": '"1"'}), Reply(headers={"ETag": '"2"'}), Reply())
    first = await ask(client, server.url("/feed"))
    second = await ask(client, server.url("/feed"), validators=first.validators)
    third = await ask(client, server.url("/feed"), validators=second.validators)
    assert second.validators is not None
    assert second.validators.etag == '"2"'
    assert third.validators is None


async def test_validators_are_never_sent_to_another_address(client: Client, server: Server) -> None:
    server.on("/feed", Reply(body=FEED, headers={"ETag": '"1"'}))
    first = await ask(client, server.url("/feed?a=1"))
    await ask(client, server.url("/feed?a=2"), validators=first.validators)
    assert "if-none-match" not in server.seen[1].headers


async def test_validators_belong_to_the_end_of_the_redirects(client: Client, server: Server, other: Server) -> None:
    server.on("/feed", Reply(302, headers={"Location": other.url("/a")}))
    other.on("/a", Reply(body=FEED, headers={"ETag": '"a"'}), Reply(304))
    other.on("/b", Reply(body=FEED))
    first = await ask(client, server.url("/feed"))
    again = await ask(client, server.url("/feed"), validators=first.validators)
    assert again.not_modified
    assert "if-none-match" not in server.seen[1].headers
    assert other.seen[1].headers["if-none-match"] == '"a"'
    server.on("/feed", Reply(302, headers={"Location": other.url("/b")}))
    elsewhere = await ask(client, server.url("/feed"), validators=again.validators)
    assert "if-none-match" not in other.seen[2].headers
    assert elsewhere.validators is None


async def test_once_a_week_the_question_is_asked_in_full(client: Client, server: Server, clock: TurnedClock) -> None:
    server.on("/feed", Reply(body=FEED, headers={"ETag": '"1"'}), Reply(304), Reply(body=FEED))
    first = await ask(client, server.url("/feed"))
    clock.turn(WEEK - 1)
    second = await ask(client, server.url("/feed"), validators=first.validators)
    assert second.not_modified
    clock.turn(1)
    third = await ask(client, server.url("/feed"), validators=second.validators)
    assert "if-none-match" not in server.seen[2].headers
    assert third.answer is not None


async def test_a_304_that_nobody_asked_for_is_an_error(client: Client, server: Server) -> None:
    server.on("/feed", Reply(304))
    assert (await refusal(client, server.url("/feed"))).reason == "http-304"


@pytest.mark.parametrize("etag", ['"caf\xe9"', '"\x1b[31m"', '"' + "x" * 3_000 + '"'])
async def test_a_validator_that_could_not_go_back_verbatim_is_not_kept(
    client: Client, server: Server, etag: str
) -> None:
    server.on("/feed", Reply(body=FEED, headers={"ETag": etag}))
    assert (await ask(client, server.url("/feed"))).validators is None


# Errors


@pytest.mark.parametrize("status", [206, 300, 400, 401, 403, 404, 410, 418, 451, 500, 502, 599])
async def test_a_status_is_told_in_our_own_words(client: Client, server: Server, status: int) -> None:
    server.on("/feed", Reply(status, b"[/] oops", reason="\x1b[31m[/]PWN"))
    fault = await refusal(client, server.url("/feed"))
    assert (fault.reason, fault.status, fault.retry_at) == (f"http-{status}", status, None)
    assert f"(HTTP {status})" in fault.message
    assert fault.message.startswith("127.0.0.1 ")
    assert fault.remedy
    assert "PWN" not in fault.message
    assert "\x1b" not in fault.message + fault.remedy
    assert str(fault) == fault.message


@pytest.mark.parametrize("status", [200, 201, 202, 203])
async def test_any_other_success_is_an_answer(client: Client, server: Server, status: int) -> None:
    server.on("/feed", Reply(status, FEED))
    fetched = await ask(client, server.url("/feed"))
    assert fetched.answer is not None
    assert (fetched.answer.status, fetched.answer.body) == (status, FEED)


async def test_no_content_is_an_empty_answer(client: Client, server: Server) -> None:
    server.on("/feed", Reply(204))
    fetched = await ask(client, server.url("/feed"))
    assert fetched.answer is not None
    assert fetched.answer.body == b""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "file:///etc/passwd",
        "http://",
        "http://host:99999/",
        "http://h\x1b/",
        "http://xn--/",
        "http://\ud800/",
    ],
)
async def test_an_address_that_cannot_be_asked_is_an_error_of_its_own(client: Client, url: str) -> None:
    assert (await refusal(client, url)).reason == "url"


async def test_a_header_that_cannot_be_sent_is_an_error_without_its_value(client: Client, server: Server) -> None:
    fault = await refusal(client, server.url("/feed"), secrets={"Authorization": Secret("canary\r\nEvil: 1")})
    assert fault.reason == "request"
    assert "canary" not in fault.message
    assert server.seen == []


async def test_nobody_listening_is_told_from_an_unknown_name(client: Client) -> None:
    async with Server() as gone:
        url = gone.url("/feed")
    fault = await refusal(client, url)
    assert fault.reason == "connect"
    assert "refuses connections" in fault.message
    assert (await refusal(client, "http://nobody.invalid/feed")).reason == "dns"


async def test_no_secret_shows_in_errors_or_logs(
    client: Client, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("/feed", Reply(401))
    server.on("/loop", Reply(302, headers={"Location": "/loop"}))
    secrets = {"Authorization": Secret("Bearer canary-8812"), "X-Api-Key": Secret("canary-8813")}
    said = ""
    for path in ("/feed/canary-8813", "/feed?key=canary-8814", "/loop?canary-8815"):
        fault = await refusal(client, f"http://canary-8816:canary-8817@{server.place}{path}", secrets=secrets)
        said += repr((fault, fault.args, fault.message, fault.remedy, fault.__cause__))
    fault = await refusal(client, "http://canary-8818@127.0.0.1:1/canary-8819?canary-8820=1", secrets=secrets)
    said += repr(fault)
    assert "canary-88" not in said.replace("canary-8819", "").replace("canary-8820", "")
    assert "canary" not in caplog.text


async def test_credentials_of_the_environment_are_not_used(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ana password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1/")
    server.on("/feed", Reply(body=FEED))
    async with Client(TurnedClock(), gap=0, hosts=MemoryHosts()) as fresh:
        fetched = await ask(fresh, server.url("/feed"))
    assert fetched.answer is not None
    assert "authorization" not in server.seen[0].headers
