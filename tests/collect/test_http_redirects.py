"""Redirects: each hop is judged, and nothing private goes along to another origin."""

from __future__ import annotations

import pytest

from listen.collect.http import Client, FetchError
from listen.secrets import Secret
from sources.base import Request
from tests.collect.asking import ask, refusal
from tests.collect.server import Reply, Server

FEED = b"<rss></rss>"


async def test_permanent_redirects_tell_the_new_address(client: Client, server: Server) -> None:
    server.on("/a", Reply(301, headers={"Location": "/b"}))
    server.on("/b", Reply(308, headers={"Location": "c?x=1"}))
    server.on("/c", Reply(body=FEED))
    fetched = await ask(client, server.url("/a"))
    assert fetched.permanent_url == server.url("/c?x=1")
    assert fetched.answer is not None
    assert fetched.answer.url == server.url("/c?x=1")


@pytest.mark.parametrize(("status", "permanent"), [(301, "/c"), (302, "/b"), (303, "/b"), (307, "/b")])
async def test_a_temporary_redirect_ends_what_is_permanent(
    client: Client, server: Server, status: int, permanent: str
) -> None:
    server.on("/a", Reply(301, headers={"Location": "/b"}))
    server.on("/b", Reply(status, headers={"Location": "/c"}))
    server.on("/c", Reply(body=FEED))
    assert (await ask(client, server.url("/a"))).permanent_url == server.url(permanent)


async def test_a_permanent_redirect_after_a_temporary_one_proves_nothing(client: Client, server: Server) -> None:
    server.on("/a", Reply(302, headers={"Location": "/b"}))
    server.on("/b", Reply(301, headers={"Location": "/c"}))
    server.on("/c", Reply(body=FEED))
    assert (await ask(client, server.url("/a"))).permanent_url is None


async def test_a_circle_is_refused_and_shown(client: Client, server: Server) -> None:
    server.on("/a", Reply(302, headers={"Location": "/b?key=canary-5512"}))
    server.on("/b", Reply(302, headers={"Location": "/a"}))
    fault = await refusal(client, server.url("/a"))
    assert fault.reason == "redirect-loop"
    assert f"{server.url('/a')} → {server.url('/b')}?key=*** → {server.url('/a')}" in fault.message
    assert server.paths() == ["/a", "/b?key=canary-5512"]


async def test_five_redirects_are_followed_and_no_sixth(client: Client, server: Server) -> None:
    for hop in range(7):
        server.on(f"/{hop}", Reply(302, headers={"Location": f"/{hop + 1}"}))
    server.on("/7", Reply(body=FEED))
    assert (await ask(client, server.url("/2"))).answer is not None
    server.seen.clear()
    assert (await refusal(client, server.url("/1"))).reason == "redirect-limit"
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "redirect-scheme"),
        ("javascript:alert(1)", "redirect-scheme"),
        ("ftp://host/x", "redirect-scheme"),
        ("http://host:99999/", "redirect-location"),
        ("http://xn--/", "redirect-location"),
        ("http://[::1/", "redirect-location"),
        ("/\x1b[31m", "redirect-location"),
    ],
)
async def test_redirects_to_other_schemes_and_to_nowhere_are_refused(
    client: Client, server: Server, location: str, reason: str
) -> None:
    server.on("/a", Reply(302, headers={"Location": location}))
    fault = await refusal(client, server.url("/a"))
    assert fault.reason == reason
    assert "\x1b" not in fault.message
    assert len(server.seen) == 1


async def test_what_goes_wrong_after_redirects_is_told_with_the_way_there(client: Client, server: Server) -> None:
    server.on("/a", Reply(302, headers={"Location": "/b?key=canary-5513"}))
    server.on("/b", Reply(302, headers={"Location": "file:///etc/passwd"}), Reply(302, headers={"Location": "/c"}))
    way = f"{server.url('/a')} → {server.url('/b')}?key=***"
    refused = await refusal(client, server.url("/a"))
    assert (refused.reason, "redirects to file:" in refused.message, way in refused.message) == (
        "redirect-scheme", True, True,
    )  # fmt: skip
    absent = await refusal(client, server.url("/a"))
    assert (absent.reason, absent.status, f"{way} → {server.url('/c')}" in absent.message) == ("http-404", 404, True)


async def test_a_redirect_without_a_location_is_refused(client: Client, server: Server) -> None:
    server.on("/a", Reply(302))
    assert (await refusal(client, server.url("/a"))).reason == "redirect-location"


async def test_nothing_private_goes_to_another_origin_or_comes_back_from_there(
    client: Client, server: Server, other: Server
) -> None:
    server.on("/a", Reply(302, headers={"Location": other.url("/b")}))
    other.on("/b", Reply(302, headers={"Location": server.url("/c")}))
    server.on("/c", Reply(body=FEED))
    headers = {"Accept": "application/rss+xml", "X-Custom": "canary-1", "Cookie": "canary-2", "Proxy-Thing": "canary-3"}
    secrets = {"Authorization": Secret("canary-4"), "X-Api-Key": Secret("canary-5")}
    await client.fetch(Request(server.url("/a"), headers=headers), allow_private=("127.0.0.1",), secrets=secrets)
    assert server.seen[0].headers["authorization"] == "canary-4"
    assert "canary" in repr(server.seen[0])
    assert "canary" not in repr(other.seen) + repr(server.seen[1])
    assert other.seen[0].headers["accept"] == "application/rss+xml"
    assert other.seen[0].headers["host"] == other.place


async def test_credentials_stay_within_an_origin(client: Client, server: Server) -> None:
    server.on("/a", Reply(302, headers={"Location": "/b"}))
    server.on("/b", Reply(body=FEED))
    await ask(client, server.url("/a"), secrets={"Authorization": Secret("Bearer canary-61")})
    assert server.seen[1].headers["authorization"] == "Bearer canary-61"


async def test_credentials_in_a_redirect_are_not_taken_up(client: Client, server: Server) -> None:
    server.on("/a", Reply(302, headers={"Location": f"http://user:word@{server.place}/b"}))
    server.on("/b", Reply(body=FEED))
    await ask(client, server.url("/a"))
    assert "authorization" not in server.seen[1].headers


@pytest.mark.parametrize(
    ("status", "method", "body"), [(302, "GET", b""), (303, "GET", b""), (307, "POST", b"x"), (308, "POST", b"x")]
)
async def test_what_was_posted_is_sent_again_only_where_the_status_says_so(
    client: Client, server: Server, status: int, method: str, body: bytes
) -> None:
    server.on("/a", Reply(status, headers={"Location": "/b"}))
    server.on("/b", Reply(body=FEED))
    await client.fetch(Request(server.url("/a"), method="POST", body=b"x"), allow_private=("127.0.0.1",))
    assert (server.seen[1].method, server.seen[1].body) == (method, body)


async def test_what_was_posted_is_not_sent_to_another_site(client: Client, server: Server, other: Server) -> None:
    server.on("/a", Reply(307, headers={"Location": other.url("/b")}))
    request = Request(server.url("/a"), method="POST", body=b"canary")
    with pytest.raises(FetchError) as caught:
        await client.fetch(request, allow_private=("127.0.0.1",))
    assert caught.value.reason == "redirect-body"
    assert other.seen == []
