"""Which network addresses may be asked: checked on the address that is then connected to, for each connection.

A name is looked up here, each address it yields is judged, and the connection goes to a judged one. So neither an odd
spelling (`127.1`, `2130706433`) nor a name that changes between check and use reaches a private network.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from listen.collect.http.faults import AGAIN, too_big
from listen.collect.http.records import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

PATIENCE = 10.0
"""Seconds for a connection when the caller names none."""

_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All the IPv6 that is given out for the public Internet (IANA, IPv6 Address Space)."""
_MAPPED = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
"""The deprecated IPv4-compatible form, and NAT64 (RFC 6052): the IPv4 address is in the last 32 bits."""


def unwrap(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped, IPv4-compatible, NAT64 or 6to4 one; any other address as it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and any(address in network for network in _MAPPED) and int(address) & 0xFFFFFFFF > 1:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public Internet and to one machine."""
    address = unwrap(address)
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True, slots=True)
class Allowed:
    """The private places that a source may ask all the same."""

    names: frozenset[tuple[str, int | None]]
    """Host and port; no port means any."""
    networks: tuple[tuple[Network, int | None], ...]

    def permits(self, host: str, port: int, address: Address) -> bool:
        """Whether this host, at this port, may be connected to at this address."""
        if is_public(address) or not self.names.isdisjoint(((host, None), (host, port))):
            return True
        inner = unwrap(address)
        return any(inner in network and wanted in (None, port) for network, wanted in self.networks)


def allowed(entries: Iterable[str]) -> Allowed:
    """Read `intranet.example`, `intranet.example:8080`, `10.1.2.3`, `[::1]:8080`, `10.1.2.0/24`. Raises ValueError."""
    names: set[tuple[str, int | None]] = set()
    networks: list[tuple[Network, int | None]] = []
    for entry in entries:
        text, port = _split_port(entry.strip())
        try:
            networks.append((ipaddress.ip_network(text, strict=False), port))
        except ValueError:
            names.add((_name(text, entry), port))
    return Allowed(frozenset(names), tuple(networks))


def _split_port(text: str) -> tuple[str, int | None]:
    spelled = re.fullmatch(r"\[([^\[\]]+)\](?::(\d{1,5}))?|([^:]+):(\d{1,5})", text)
    if spelled is None:
        return text, None
    port = spelled[2] or spelled[4]
    return spelled[1] or spelled[3], int(port) if port else None


def _name(text: str, entry: str) -> str:
    try:
        url = httpx.URL(f"http://{text}/")
        name = url.raw_host.decode("ascii").lower().rstrip(".")
    except (httpx.InvalidURL, ValueError):
        name = ""
    if not name or url.raw_path != b"/" or url.userinfo or url.port:
        raise ValueError(f"allow_private: {entry!r} is no host, host:port, address or network such as 10.1.2.0/24")
    return name


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, best first. Raises OSError.

    Each look-up has a daemon thread of its own: a name server that does not answer holds a thread for half a minute,
    and may neither fill a pool that others need nor keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | None, fault: OSError | None) -> None:
        if answer.done():
            return
        if fault is not None:
            answer.set_exception(fault)
        else:
            answer.set_result(found or [])

    def ask() -> None:
        found: list[str] | None = None
        fault: OSError | None = None
        try:
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as trouble:
            fault = trouble
        except UnicodeError:  # a label that is empty or longer than 63 letters
            fault = socket.gaierror(socket.EAI_NONAME, "not a host name")
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, found, fault)

    threading.Thread(target=ask, name="listen-look-up", daemon=True).start()
    return await answer


class Backend(httpcore.AsyncNetworkBackend):
    """Connects to judged addresses only. Raises FetchError `dns`, `private-address`, `connect`, `timeout`, `tls`."""

    def __init__(self, permitted: Allowed, resolve: Resolve, wire: int) -> None:
        """`wire` is the most that one answer may hold, head and framing included."""
        self._permitted, self._resolve, self._wire = permitted, resolve, wire
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        patience = PATIENCE if timeout is None else timeout
        try:
            async with asyncio.timeout(patience):
                addresses = await self.judged(host, port)
                stream = await self._connect(host, port, addresses, patience)
        except TimeoutError:
            raise _too_slow(host, patience) from None
        return _Stream(stream, host, self._wire)

    async def judged(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be asked. Raises FetchError `dns`, `private-address`."""
        name = host.lower().rstrip(".")
        try:
            found = [ipaddress.ip_address(text) for text in await self._resolve(name, port)]
        except (OSError, ValueError):
            found = []
        if not found:
            raise FetchError("dns", f"no address is known for {name}", "check the spelling of the host and the network")
        good = [str(address) for address in found if self._permitted.permits(name, port, address)]
        if not good:
            raise FetchError(
                "private-address",
                f"{name} is in a private network ({unwrap(found[0])}), which sources may not ask by default",
                f'if it is yours, add allow_private = ["{name}"] to the source',
            )
        return list(dict.fromkeys(good))

    async def _connect(
        self, host: str, port: int, addresses: list[str], patience: float
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers; each may use an even share of the time that is left."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        refused = late = False
        for tried, address in enumerate(addresses):
            share = (end - loop.time()) / (len(addresses) - tried)
            try:
                return await self._network.connect_tcp(address, port, timeout=share)
            except httpcore.ConnectTimeout:
                late = True
            except httpcore.ConnectError as fault:
                refused = refused or _is_refusal(fault)
        if late and not refused:
            raise _too_slow(host, patience)
        why = "refuses connections" if refused else "cannot be reached"
        raise FetchError("connect", f"{host} {why} at port {port}", "it may be down; listen tries again by itself")


def _too_slow(host: str, patience: float) -> FetchError:
    return FetchError("timeout", f"{host} did not accept a connection within {patience:g} s", AGAIN)


def _is_refusal(fault: BaseException | None) -> bool:
    """Whether the machine answered that nobody listens there, wherever in the chain of causes that stands."""
    for _ in range(8):
        if fault is None or isinstance(fault, ConnectionRefusedError):
            return fault is not None
        fault = fault.__cause__ or fault.__context__
    return False


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that counts what one answer sends, and says in our own words why nothing came or TLS failed.

    It counts below HTTP: endless interim answers and chunk framing never show up in the body.
    """

    def __init__(self, inner: httpcore.AsyncNetworkStream, host: str, wire: int) -> None:
        self._inner, self._host, self._wire = inner, host, wire
        self._taken = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            data = await self._inner.read(max_bytes, timeout)
        except OSError:  # a damaged TLS record comes through as ssl.SSLError
            raise httpcore.ReadError from None
        if not data and not self._taken:
            raise FetchError("connect", f"{self._host} closed the connection without an answer", AGAIN)
        self._taken += len(data)
        if self._taken > self._wire:
            raise too_big("wire", "sends", self._host, self._wire)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self._taken = 0  # what is written is the next request
        try:
            await self._inner.write(buffer, timeout)
        except OSError:
            raise httpcore.WriteError from None

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        try:
            secured = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except httpcore.ConnectTimeout:
            raise _too_slow(self._host, PATIENCE if timeout is None else timeout) from None
        except httpcore.ConnectError as fault:
            raise tls_fault(self._host, fault) from None
        return _Stream(secured, self._host, self._wire)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


_CERTIFICATE_FAULTS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "is signed by an authority that nobody vouches for",
    20: "is signed by an unknown authority",
    62: "belongs to another host",
    64: "belongs to another address",
}
"""OpenSSL's X509_V_ERR_* codes that people meet."""


def tls_fault(host: str, fault: BaseException) -> FetchError:
    """The error for a connection that could not be secured."""
    cause = fault if isinstance(fault, ssl.SSLError) else fault.__cause__ or fault.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        what = _CERTIFICATE_FAULTS.get(cause.verify_code, "cannot be verified")
        return FetchError(
            "tls", f"the certificate of {host} {what}", "check this machine's clock, then tell the host's owner"
        )
    return FetchError(
        "tls", f"no secure connection to {host} could be made", "check that the address is meant to be https"
    )
