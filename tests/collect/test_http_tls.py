"""HTTPS: certificates are checked, their faults are told, and nothing falls back to plain HTTP."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from listen.collect.http import Client
from tests.collect.asking import ask, refusal
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Seen, Server

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for `feeds.example` that nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    file = folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=feeds.example"]
    command += ["-addext", "subjectAltName=DNS:feeds.example"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    file.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return file


@pytest.fixture
async def secure(certificate: Path) -> AsyncIterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with Server(context) as server:
        yield server


async def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture
async def trusting(certificate: Path, clock: TurnedClock) -> AsyncIterator[Client]:
    """A client that trusts this certificate, and for which every name is at loopback."""
    trust = ssl.create_default_context(cafile=certificate)
    async with Client(clock, gap=0, trust=trust, resolve=to_loopback) as client:
        yield client


async def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    trusting: Client, secure: Server
) -> None:
    secure.on("/feed", Reply(body=b"<rss>"))
    fetched = await ask(trusting, f"https://feeds.example:{secure.port}/feed")
    assert fetched.answer is not None
    assert fetched.answer.body == b"<rss>"
    assert secure.seen[0].headers["host"] == f"feeds.example:{secure.port}"


async def test_a_certificate_of_another_host_is_refused(trusting: Client, secure: Server) -> None:
    fault = await refusal(trusting, f"https://other.example:{secure.port}/feed")
    assert fault.reason == "tls"
    assert "other.example belongs to another host" in fault.message
    assert secure.seen == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(client: Client, secure: Server) -> None:
    fault = await refusal(client, secure.url("/feed"))
    assert fault.reason == "tls"
    assert "self-signed" in fault.message
    assert secure.seen == []


async def test_a_server_that_speaks_no_tls_is_told(client: Client) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert (await refusal(client, f"https://127.0.0.1:{port}/feed")).reason == "tls"


async def test_a_damaged_record_is_told(trusting: Client, secure: Server) -> None:
    async def damaged(request: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Fine\r\nContent-Length: 9\r\n\r\n<")
        await writer.drain()
        raw = writer.get_extra_info("socket")
        os.write(raw.fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))

    secure.on("/feed", damaged)
    assert (await refusal(trusting, f"https://feeds.example:{secure.port}/feed")).reason == "incomplete"


async def test_https_never_falls_back_to_http(trusting: Client, secure: Server, server: Server) -> None:
    secure.on("/feed", Reply(301, headers={"Location": f"http://feeds.example:{server.port}/feed"}))
    fault = await refusal(trusting, f"https://feeds.example:{secure.port}/feed")
    assert fault.reason == "redirect-scheme"
    assert server.connections == 0


async def test_http_may_lead_to_https(trusting: Client, secure: Server, server: Server) -> None:
    target = f"https://feeds.example:{secure.port}/feed"
    server.on("/feed", Reply(301, headers={"Location": target}))
    secure.on("/feed", Reply(body=b"<rss>"))
    fetched = await ask(trusting, server.url("/feed"))
    assert fetched.permanent_url == target


async def test_the_limits_hold_under_tls(trusting: Client, secure: Server) -> None:
    secure.on("/feed", Reply(body=bytes(trusting.limits.wire + 1), chunks=1 << 16))
    fault = await refusal(trusting, f"https://feeds.example:{secure.port}/feed")
    assert fault.reason == "limit:wire-bytes"
