"""Doors: addresses of this machine at which others bring JSON, one POST at a time, and are told when it is stored.

HTTP is h11's. Nothing is believed that does not carry the source's secret, and nothing is read beyond LARGEST bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from listen import secrets
from listen.clock import Clock
from listen.secrets import Secret
from sources.base import Door

LARGEST = 1 << 20
"""Bytes of a body."""

PATIENCE = 10.0
"""Seconds that a sender has for one request."""

VISITORS = 32
"""Connections at a time; further ones are turned away."""

WINDOW = 300.0
"""Seconds by which a signature's time may differ from ours."""

PATH = "/in/"

Deliver = Callable[[str, bytes], Awaitable[tuple[int, str]]]
"""(source name, body) -> (HTTP status, words for the sender), once it is stored or refused."""


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    status: int
    words: str


class Listener:
    """One address with the sources that wait at it."""

    def __init__(self, address: str, clock: Clock, deliver: Deliver) -> None:
        self.doors: Mapping[str, Door] = {}
        """Source name -> its door."""
        self._host, _, port = address.rpartition(":")
        self._port, self._clock, self._deliver = int(port), clock, deliver
        self._server: asyncio.Server | None = None
        self._visitors: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> bool:
        return self._server is not None

    async def start(self) -> None:
        """Wait for visitors. Raises OSError when the address cannot be had."""
        self._server = await asyncio.start_server(self._visit, self._host.strip("[]"), self._port)

    async def stop(self) -> None:
        """Wait no more; what is being stored is finished first."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._visitors:
            await asyncio.wait(self._visitors, timeout=PATIENCE)
        for visitor in self._visitors:
            visitor.cancel()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._visitors.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._serve(reader, writer)
        finally:
            self._visitors.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer; then the connection ends, so that nobody holds a place."""
        talk = h11.Connection(h11.SERVER)
        try:
            if len(self._visitors) > VISITORS:
                raise Refused(503, "too many visitors at once, come again")
            async with asyncio.timeout(PATIENCE):
                request, body = await _heard(talk, reader, writer)
            status, words = await self._deliver(self._welcome(request, body), body)
        except TimeoutError:
            status, words = 408, f"the request was not complete within {PATIENCE:g} s"
        except Refused as refused:
            status, words = refused.status, refused.words
        except h11.RemoteProtocolError as fault:
            status, words = fault.error_status_hint, "this is no HTTP request that can be read"
        if talk.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        writer.write(_answer(talk, status, words))
        await writer.drain()

    def _welcome(self, request: h11.Request, body: bytes) -> str:
        """The source that the body is for. Raises Refused: no such door, wrong method, no proof."""
        path = urlsplit(request.target.decode("ascii", "replace")).path
        name = path.removeprefix(PATH)
        door = self.doors.get(name) if path.startswith(PATH) else None
        if door is None:
            raise Refused(404, f"nobody waits here; sources wait at {PATH}NAME")
        if request.method != b"POST":
            raise Refused(405, "send POST with a JSON body")
        said = {key.decode("ascii"): value.decode("latin-1").strip() for key, value in request.headers}
        try:
            secret = secrets.resolve(door.secret)
        except secrets.SecretError:
            raise Refused(503, "the secret of this source cannot be read here") from None
        if not (proven(said, body, secret, self._clock.now()) if door.signed else told(said, secret)):
            raise Refused(401, SIGN if door.signed else BEARER)
        return name


SIGN = (
    "sign the body: X-Listen-Timestamp holds Unix seconds and X-Listen-Signature sha256= with the HMAC-SHA256 of "
    "timestamp, a full stop and the body in hex; or X-Hub-Signature-256 over the body alone"
)
BEARER = "send the secret as Authorization: Bearer"


def signature(body: bytes, secret: Secret, stamp: str) -> str:
    """What X-Listen-Signature holds for a body sent at `stamp` (Unix seconds)."""
    return "sha256=" + hmac.new(secret.reveal().encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def proven(said: Mapping[str, str], body: bytes, secret: Secret, now: float) -> bool:
    """Whether the body is signed, by our own headers or as GitHub and its kin sign (`X-Hub-Signature-256`)."""
    stamp, given = said.get("x-listen-timestamp", ""), said.get("x-listen-signature", "")
    if given:
        fresh = stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(int(stamp) - now) <= WINDOW
        return fresh and _same(given, signature(body, secret, stamp))
    plain = "sha256=" + hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return _same(said.get("x-hub-signature-256", ""), plain)


def told(said: Mapping[str, str], secret: Secret) -> bool:
    """Whether the secret came along."""
    kind, _, given = said.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and _same(given.strip(), secret.reveal())


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


async def _heard(
    talk: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[h11.Request, bytes]:
    """A whole request. Raises Refused when it is too long."""
    request: h11.Request | None = None
    body = bytearray()
    while True:
        event = talk.next_event()
        if event is h11.NEED_DATA:
            if talk.they_are_waiting_for_100_continue:
                writer.write(talk.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            talk.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LARGEST:
                raise Refused(413, f"a body may hold {LARGEST:,} bytes")
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, bytes(body)
        else:
            raise h11.RemoteProtocolError("the connection ended early")


def _answer(talk: h11.Connection, status: int, words: str) -> bytes:
    body = json.dumps({"ok": status < 300, "message": words}).encode()
    headers = [("content-type", "application/json"), ("content-length", str(len(body))), ("connection", "close")]
    if status == 503:
        headers.append(("retry-after", "30"))
    head = talk.send(h11.Response(status_code=status, headers=headers)) or b""
    return head + (talk.send(h11.Data(data=body)) or b"") + (talk.send(h11.EndOfMessage()) or b"")
