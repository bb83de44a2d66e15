"""A scripted HTTP server on loopback, for tests: it says what it is told to, and keeps what it was asked.

    async with Server() as server:
        server.on("/feed", Reply(body=b"..."), Reply(304))     # one after the other; the last one stays
        ...
        assert server.seen[0].headers["user-agent"]

`served()` is the same for tests that are not asynchronous: the server has a thread and an event loop of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType


@dataclass(frozen=True)
class Seen:
    """A request as it arrived. Header names are lower case, `path` has its query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer. `headers` replace the computed ones of the same name; a Content-Length of None leaves it out."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    reason: str = "Fine"
    chunks: int = 0
    """Send the body chunked, in chunks of this size."""
    close: bool = False
    """Close the connection afterwards."""

    def head(self) -> bytes:
        computed: dict[str, str | None] = {"Content-Type": "application/xml"}
        if self.chunks:
            computed["Transfer-Encoding"] = "chunked"
        elif self.status not in (204, 304):
            computed["Content-Length"] = str(len(self.body))
        if self.close:
            computed["Connection"] = "close"
        lines = [f"{name}: {value}" for name, value in {**computed, **self.headers}.items() if value is not None]
        return "\r\n".join([f"HTTP/1.1 {self.status} {self.reason}", *lines, "", ""]).encode("latin-1")

    def payload(self) -> Iterator[bytes]:
        if not self.chunks:
            yield self.body
            return
        for start in range(0, len(self.body), self.chunks):
            part = self.body[start : start + self.chunks]
            yield b"%x\r\n%s\r\n" % (len(part), part)
        yield b"0\r\n\r\n"


Script = Reply | Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]
"""An answer, or a coroutine function that writes whatever it likes, after which the connection is closed."""


class Server:
    """Serves its script on 127.0.0.1, at a port of the system's choice; 404 where the script says nothing."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self.port = 0
        self._tls = tls
        self._script: dict[str, list[Script]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"{'https' if self._tls else 'http'}://{self.place}{path}"

    def on(self, path: str, *script: Script) -> None:
        """What to answer at this path (without query) from now on."""
        self._script[path] = list(script)

    def paths(self) -> list[str]:
        return [request.path for request in self.seen]

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._serve(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        fields = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in fields}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Seen(method, path, headers, body)
        self.seen.append(request)
        script = self._script.get(path.partition("?")[0], [Reply(404)])
        step = script.pop(0) if len(script) > 1 else script[0]
        if not isinstance(step, Reply):
            await step(request, writer)
            return False
        writer.write(step.head())
        for part in step.payload():
            writer.write(part)
            await writer.drain()
        return not step.close


@contextlib.contextmanager
def served(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server with a thread of its own."""
    server = Server(tls)
    ready = threading.Event()
    stop: asyncio.Event
    loop: asyncio.AbstractEventLoop

    async def run() -> None:
        nonlocal stop, loop
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(10), "the server did not start"
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
