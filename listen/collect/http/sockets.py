"""Connections that stay open: websockets and server-sent events, over the connections of the polite client.

Both give frames as they come and end with a FetchError: `silence`, `closed`, `protocol`, `limit:frame-bytes`, or one of
the client's own. Nothing is read ahead: who does not call `receive` lets the server wait.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import httpcore
import msgspec
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, PayloadTooBig
from websockets.frames import Close, CloseCode, Opcode
from websockets.frames import Frame as Piece
from websockets.http11 import Response
from websockets.protocol import CLIENT, OPEN
from websockets.protocol import Protocol as Conversation
from websockets.uri import parse_uri

from listen.collect.http import urls
from listen.collect.http.client import Client
from listen.collect.http.faults import AGAIN
from listen.collect.http.records import FetchError
from listen.collect.http.sse import Events
from listen.secrets import Secret
from sources.base import Frame, Socket

LONGEST = 1 << 20
"""Bytes of the longest frame that is read; a longer one is left out and counted."""

HOPELESS = 16 << 20
"""Bytes of a message of a websocket that ends the connection."""

READ = 65_536

FAREWELL = 2.0
"""Seconds that a server may take to hear an answer or a farewell from us."""


class Stream(Protocol):
    """An open connection."""

    @property
    def oversized(self) -> int:
        """Frames left out for their size since the beginning."""
        ...

    @property
    def retry(self) -> float | None:
        """Seconds that the server wants us to wait before we connect again."""
        ...

    async def receive(self) -> list[Frame]:
        """Wait for bytes and give the frames that they complete, often none. Raises FetchError when it is over."""
        ...

    async def close(self) -> None: ...


async def connect(
    client: Client, socket: Socket, *, allow_private: Iterable[str] = (), secrets: Mapping[str, Secret] | None = None
) -> Stream:
    """Open the socket, whose request has its secrets put in but for those in headers. Raises FetchError."""
    handshake = ClientProtocol(parse_uri("ws://x/"))
    request, added = socket.request, {"accept-encoding": "identity"}
    if socket.kind == "websocket":
        asked = handshake.connect().headers
        added |= {name.lower(): value for name, value in asked.raw_items() if name.lower() != "host"}
        request = msgspec.structs.replace(request, url=_over_http(request.url))
    else:
        added |= {"accept": "text/event-stream", "cache-control": "no-store"}
    host = urls.host(urls.parse(request.url))
    response = await client.open(request, added, silence=socket.silence, allow_private=allow_private, secrets=secrets)
    try:
        if socket.kind == "websocket":
            _shake_hands(handshake, response, host)
            return WebSocket(response, host, socket.silence)
        return EventStream(response, host, socket.silence)
    except BaseException:
        await response.aclose()
        raise


def _over_http(url: str) -> str:
    scheme, sign, rest = url.partition("://")
    return {"ws": "http", "wss": "https"}.get(scheme.lower(), scheme) + sign + rest


class EventStream:
    """Server-sent events."""

    def __init__(self, response: httpcore.Response, host: str, silence: float) -> None:
        kind = dict(_told(response)).get("content-type", "").partition(";")[0].strip().lower()
        if response.status != 200 or kind != "text/event-stream":
            raise FetchError("protocol", f"{host} answers with something that is no event stream", "check the address")
        self._response, self._host, self._silence = response, host, silence
        self._pieces = response.aiter_stream()
        self._events = Events(LONGEST)

    @property
    def oversized(self) -> int:
        return self._events.oversized

    @property
    def retry(self) -> float | None:
        return self._events.retry

    async def receive(self) -> list[Frame]:
        with _faults(self._host, self._silence):
            piece = await anext(self._pieces, None)
        if piece is None:
            raise _closed(self._host)
        return self._events.feed(piece)

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await self._response.aclose()


class WebSocket:
    """A websocket after its handshake."""

    retry: float | None = None

    def __init__(self, response: httpcore.Response, host: str, silence: float) -> None:
        self.oversized = 0
        self._response, self._host, self._silence = response, host, silence
        self._stream: httpcore.AsyncNetworkStream = response.extensions["network_stream"]
        self._talk = Conversation(CLIENT, state=OPEN, max_size=HOPELESS)
        self._parts: list[bytes] = []

    async def receive(self) -> list[Frame]:
        if self._talk.state is not OPEN:
            raise self._ended()
        with _faults(self._host, self._silence):
            data = await self._read()
            if data:
                self._talk.receive_data(data)
            else:
                self._talk.receive_eof()
            frames = [frame for piece in self._talk.events_received() if (frame := self._frame(piece)) is not None]
            await self._send()
        return frames

    async def _read(self) -> bytes:
        """The next bytes. A server that is silent for long is asked for a sign of life."""
        try:
            return await self._stream.read(READ, self._silence / 2)
        except httpcore.ReadTimeout:
            self._talk.send_ping(b"listen")
            await self._send()
            return await self._stream.read(READ, self._silence / 2)

    async def _send(self) -> None:
        """What the conversation wants said: pongs, the answer to a farewell."""
        if data := b"".join(self._talk.data_to_send()):
            await self._stream.write(data, FAREWELL)

    def _frame(self, piece: object) -> Frame | None:
        """The message that this piece completes."""
        if not isinstance(piece, Piece) or piece.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return None
        self._parts.append(bytes(piece.data))
        if not piece.fin:
            return None
        data, self._parts = b"".join(self._parts), []
        if len(data) > LONGEST:
            self.oversized += 1
            return None
        return Frame(data) if data else None

    def _ended(self) -> FetchError:
        if isinstance(self._talk.parser_exc, PayloadTooBig):
            words = f"{self._host} sends a message of more than {HOPELESS >> 20} MB"
            return FetchError("limit:frame-bytes", words, "tell the host's owner")
        if self._talk.parser_exc is not None and not isinstance(self._talk.parser_exc, EOFError):
            return FetchError("protocol", f"{self._host} breaks the rules of websockets", "tell the host's owner")
        told: Close | None = self._talk.close_rcvd
        return _closed(self._host, told.code if told is not None else None)

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            if self._talk.state is OPEN:
                self._talk.send_close(CloseCode.GOING_AWAY)
                await self._send()
        with contextlib.suppress(Exception):
            await self._response.aclose()


def _shake_hands(handshake: ClientProtocol, response: httpcore.Response, host: str) -> None:
    """Check that the server speaks websockets, and answers us. Raises FetchError."""
    try:
        handshake.process_response(Response(response.status, "", Headers(_told(response))))
    except (InvalidHandshake, ValueError):
        raise FetchError("protocol", f"{host} does not speak websockets at this address", "check the address") from None


def _told(response: httpcore.Response) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers]


@contextlib.contextmanager
def _faults(host: str, silence: float) -> Iterator[None]:
    """What the network says, in our own words."""
    try:
        yield
    except httpcore.TimeoutException:
        raise FetchError("silence", f"{host} was silent for {silence:g} s", AGAIN) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise _closed(host) from None
    except FetchError as fault:
        # Below HTTP a connection that ends counts as one without an answer.
        raise _closed(host) if fault.reason == "connect" else fault from None


def _closed(host: str, code: int | None = None) -> FetchError:
    return FetchError("closed", f"{host} ended the connection{f' (code {code})' if code else ''}", AGAIN)
