"""The one polite HTTP client: every request of the collector goes through `Client.fetch`.

It drives httpcore, the engine of httpx, directly: httpx unpacks a whole chunk at a time (481 bytes of brotli become
300 MiB at once), looks names up where nobody can judge the address, keeps cookies and carries headers across redirects.
Neither proxies nor credentials are taken from the environment.

Deadlines are wall time, since a silent server is silent in wall time; pauses and gaps follow the injected clock.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import random as chance
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType

import certifi
import httpcore
import httpx

from listen import __version__
from listen.clock import Clock
from listen.collect.http import addresses, decode, faults, headers, urls
from listen.collect.http.politeness import HostStore, MemoryHosts, Turns, manners
from listen.collect.http.records import Fetched, FetchError, Limits, Rate, Validators
from listen.secrets import Secret, hush, remember
from sources.base import Answer, Request

PROJECT_URL = "https://listen.example"
"""Where a server's owner reads what `listen` is."""

VALIDATORS_LAST = 7 * headers.DAY
"""Some servers freeze their validators and would say "not modified" for ever; once a week we ask in full."""
KEPT_ACROSS_ORIGINS = frozenset({"accept", "accept-language"})
"""The only headers of a request that another origin may see; all others may hold a secret."""
OURS = frozenset({"host", "user-agent", "accept-encoding", "connection", "content-length", "transfer-encoding"})
IDLE_CONNECTION = 5.0
FRAMING = 1 << 20
"""Bytes on the wire that may come with a body: its head, the framing of its chunks."""
ENDLESS = 1 << 62
"""The same of an answer that is a stream."""
VALIDATOR_LENGTH = 2_000
FEWEST_PER_PIECE = 16
PIECES = 20_000
"""A body may come in more pieces than this when they hold 16 bytes on average: a crumb costs as much as a large one."""


@dataclass(frozen=True, slots=True)
class _Hop:
    """One request of a chain of redirects. Header names are lower case."""

    url: httpx.URL
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    reads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Moved:
    """An answer that sends us elsewhere."""

    status: int
    location: str


class Client:
    """Fetches within limits, politely. One for the whole process; close it with `aclose` or `async with`."""

    def __init__(
        self,
        clock: Clock,
        *,
        contact: str | None = None,
        limits: Limits | None = None,
        hosts: HostStore | None = None,
        gap: float = 1.0,
        per_host: int = 2,
        overall: int = 8,
        random: Callable[[], float] = chance.random,
        resolve: addresses.Resolve = addresses.look_up,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`gap` is the least number of seconds between requests to a host; `trust` replaces the usual authorities."""
        self.limits = limits or Limits()
        self.user_agent = user_agent(contact)
        self._named = bool(contact and contact.strip())
        self._clock, self._resolve, self._trust = clock, resolve, trust
        store = MemoryHosts() if hosts is None else hosts
        self._turns = Turns(clock, store, gap=gap, per_host=per_host, overall=overall, random=random)
        # A connection is made under one source's permissions, so sources with others must not meet it in a pool.
        self._pools: dict[tuple[tuple[str, ...], int], httpcore.AsyncConnectionPool] = {}
        hush()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close idle connections; fetches under way must have ended."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()

    async def fetch(
        self,
        request: Request,
        *,
        validators: Validators | None = None,
        allow_private: Iterable[str] = (),
        secrets: Mapping[str, Secret] | None = None,
    ) -> Fetched:
        """Ask, following redirects, and return a complete answer or "nothing new". Raises FetchError, and no more.

        `secrets` are headers (Authorization, X-Api-Key ...) for the request's own origin. `allow_private` lists hosts,
        host:port, addresses and networks that are not of the public Internet and may be asked all the same.
        """
        hop = self._first_hop(request, secrets or {})
        pool = self._pool(allow_private, self.limits.wire + FRAMING)
        chain = [hop.url]
        permanent, only_permanent = None, True
        left = self.limits.total
        asked = ""
        while True:
            host = urls.place(hop.url)
            try:
                async with self._turns.turn(host, spaced=host != asked):
                    began = asyncio.get_running_loop().time()
                    try:
                        async with asyncio.timeout(left):
                            outcome = await self._ask(pool, hop, validators)
                    except TimeoutError:
                        raise faults.too_long(urls.host(hop.url), self.limits) from None
                    left -= asyncio.get_running_loop().time() - began
                if isinstance(outcome, Fetched):
                    return replace(outcome, permanent_url=permanent)
                hop = self._next_hop(hop, outcome, chain)
            except FetchError as fault:
                raise faults.after_redirects(fault, [urls.redact(url) for url in chain]) from None
            asked = host
            only_permanent = only_permanent and outcome.status in (301, 308)
            permanent = str(hop.url) if only_permanent else permanent

    async def open(
        self,
        request: Request,
        added: Mapping[str, str],
        *,
        silence: float,
        allow_private: Iterable[str] = (),
        secrets: Mapping[str, Secret] | None = None,
    ) -> httpcore.Response:
        """Ask, following redirects, and return the head of an answer that does not end: 200 or 101.

        `added` are headers beyond those of a fetch; `silence` is how many seconds the body may be silent. Whoever has
        the answer closes it with `aclose()`; meanwhile it keeps no place among the fetches. Raises FetchError.
        """
        hop = self._first_hop(request, secrets or {})
        pool = self._pool(allow_private, ENDLESS)
        chain = [hop.url]
        while True:
            async with self._turns.turn(urls.place(hop.url)):
                try:
                    async with asyncio.timeout(self.limits.total):
                        outcome = await self._open(pool, hop, added, silence)
                except TimeoutError:
                    raise faults.too_long(urls.host(hop.url), self.limits) from None
            if isinstance(outcome, httpcore.Response):
                return outcome
            hop = self._next_hop(hop, outcome, chain)

    async def _open(
        self, pool: httpcore.AsyncConnectionPool, hop: _Hop, added: Mapping[str, str], silence: float
    ) -> httpcore.Response | _Moved:
        began = self._clock.now()
        question = self._on_the_wire(replace(hop, headers={**hop.headers, **added}), None)
        try:
            response = await pool.handle_async_request(question)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as fault:
            raise faults.no_answer(fault, urls.host(hop.url), self.limits) from None
        good = False
        try:
            said, now = _read_headers(response), self._clock.now()
            place, rate = urls.place(hop.url), headers.rate(said, now)
            if response.status in (301, 302, 303, 307, 308):
                return _Moved(response.status, said.get("location", ""))
            if response.status not in (101, 200):
                stated = headers.retry_after(said, now)
                raise self._refusal(place, urls.host(hop.url), response.status, rate, stated)
            self._turns.answered(place, began, rate)
            question.extensions["timeout"]["read"] = silence
            good = True
            return response
        finally:
            if not good:
                await response.aclose()

    def pause(self, request: Request, seconds: float) -> None:
        """Leave the host of this request alone for so long, as it has asked in the body of a good answer."""
        self._turns.rest(urls.place(urls.parse(request.url)), seconds)

    def _first_hop(self, request: Request, secrets: Mapping[str, Secret]) -> _Hop:
        hop = _first_hop(request, secrets)
        if request.contact and not self._named:
            words = f"{urls.host(hop.url)} wants to know whom it can write to, and answers nobody else"
            raise FetchError("contact", words, 'write contact = "you@example.org" in [collect]')
        return hop

    def _pool(self, allow_private: Iterable[str], wire: int) -> httpcore.AsyncConnectionPool:
        """The connections made under these permissions, each answer of at most `wire` bytes."""
        permits = tuple(sorted(set(allow_private)))
        pool = self._pools.get((permits, wire))
        if pool is None:
            self._trust = self._trust or _authorities()
            try:
                backend = addresses.Backend(addresses.allowed(permits), self._resolve, wire)
            except ValueError as fault:
                raise FetchError("request", str(fault), "correct allow_private of this source") from None
            pool = self._pools[permits, wire] = httpcore.AsyncConnectionPool(
                ssl_context=self._trust,
                max_connections=None,
                max_keepalive_connections=8,
                keepalive_expiry=IDLE_CONNECTION,
                network_backend=backend,
            )
        return pool

    def _next_hop(self, hop: _Hop, moved: _Moved, chain: list[httpx.URL]) -> _Hop:
        """The request after a redirect; `chain` grows by its address. Raises FetchError `redirect-*`."""
        target = urls.follow(hop.url, moved.location)
        repeated = target in chain
        chain.append(target)
        told = " → ".join(urls.redact(url) for url in chain)
        if repeated:
            raise FetchError("redirect-loop", f"the address redirects in a circle: {told}", "check the address")
        if len(chain) > self.limits.redirects + 1:
            raise FetchError(
                "redirect-limit",
                f"the address redirects more than {self.limits.redirects} times: {told}",
                "use the address where it ends",
            )
        away = urls.origin(target) != urls.origin(hop.url)
        method, body = hop.method, hop.body
        if moved.status == 303 or (moved.status in (301, 302) and method == "POST"):
            method, body = "GET", None
        elif body is not None and away:
            raise FetchError(
                "redirect-body", f"the address wants what we post sent to another site: {told}", "use the new address"
            )
        kept = {name: value for name, value in hop.headers.items() if not away or name in KEPT_ACROSS_ORIGINS}
        return _Hop(target, method, kept, body, hop.reads)

    async def _ask(
        self, pool: httpcore.AsyncConnectionPool, hop: _Hop, validators: Validators | None
    ) -> Fetched | _Moved:
        """Send one request and read its answer. Raises FetchError."""
        began = self._clock.now()
        if validators is not None and not self._usable(validators, hop):
            validators = None
        try:
            response = await pool.handle_async_request(self._on_the_wire(hop, validators))
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as fault:
            raise faults.no_answer(fault, urls.host(hop.url), self.limits) from None
        try:
            said = _read_headers(response)
            if response.status in (301, 302, 303, 307, 308):
                return _Moved(response.status, said.get("location", ""))
            return await self._read(hop, response, said, validators, began)
        finally:
            await response.aclose()

    def _usable(self, validators: Validators, hop: _Hop) -> bool:
        return (
            hop.method == "GET"
            and validators.url == urls.fingerprint(hop.url)
            and 0 <= self._clock.now() - validators.at < VALIDATORS_LAST
        )

    def _on_the_wire(self, hop: _Hop, validators: Validators | None) -> httpcore.Request:
        sent = {
            "host": hop.url.netloc.decode("ascii"),
            "user-agent": self.user_agent,
            "accept": "*/*",
            "accept-encoding": decode.OFFERED,
            **hop.headers,
        }
        if validators is not None and validators.etag:
            sent["if-none-match"] = validators.etag
        if validators is not None and validators.last_modified:
            sent["if-modified-since"] = validators.last_modified
        if hop.body is not None:
            sent["content-length"] = str(len(hop.body))
        limits = self.limits
        scheme, host, port = urls.origin(hop.url)
        return httpcore.Request(
            hop.method,
            httpcore.URL(scheme=scheme, host=host, port=port, target=hop.url.raw_path),
            headers=[
                (name.encode("ascii", "replace"), value.encode("utf-8", "replace")) for name, value in sent.items()
            ],
            content=hop.body or b"",
            extensions={"timeout": {"connect": limits.connect, "read": limits.read, "write": limits.read}},
        )

    async def _read(
        self,
        hop: _Hop,
        response: httpcore.Response,
        said: Mapping[str, str],
        validators: Validators | None,
        began: float,
    ) -> Fetched:
        """Turn an answer that is no redirect into a Fetched, or into the FetchError that its status means."""
        now = self._clock.now()
        host, place = urls.host(hop.url), urls.place(hop.url)
        rate, stated = headers.rate(said, now), headers.retry_after(said, now)
        not_modified = response.status == 304 and validators is not None
        good = (200 <= response.status < 300 and response.status != 206) or response.status in hop.reads
        if not not_modified and not good:
            raise self._refusal(place, host, response.status, rate, stated)
        body = b"" if not_modified else await self._body(response, said, host)
        self._turns.answered(place, began, rate)
        answer = None if not_modified else Answer(str(hop.url), response.status, dict(said), body)
        return Fetched(
            answer,
            _updated(validators, hop.url, response.status, said, now),
            not_modified=not_modified,
            rate=rate,
            fresh_for=headers.fresh_for(said, now),
            retry_at=None if stated is None else now + stated,
        )

    def _refusal(self, place: str, host: str, status: int, rate: Rate, stated: float | None) -> FetchError:
        """The error for a status; the host is given the pause it asks for."""
        reason = f"http-{status}"
        retry_at = None
        known = manners(place)
        spent = status == 403 and (rate.left == 0 or (known is not None and known.shy))
        if status in (429, 503) or spent or (status >= 400 and stated is not None):
            retry_at = self._turns.refused(place, reason, stated, rate)
        message, remedy = faults.explain(status, host)
        return FetchError(reason, message, remedy, retry_at, status, rate)

    async def _body(self, response: httpcore.Response, said: Mapping[str, str], host: str) -> bytes:
        """The decoded body, stopped at the limits while it streams. Raises FetchError."""
        try:
            body = decode.Body(decode.unpacker(said.get("content-encoding", "")), self.limits.decoded)
            await self._collect(response, said, host, body)
            return body.close()
        except decode.TooLarge:
            raise faults.too_big("decoded", "unpacks to", host, self.limits.decoded) from None
        except decode.Damaged:
            raise faults.unreadable(host) from None
        except decode.Truncated:
            raise faults.broken_off(host) from None

    async def _collect(
        self, response: httpcore.Response, said: Mapping[str, str], host: str, body: decode.Body
    ) -> None:
        length = said.get("content-length", "")
        # Python refuses to read numbers of thousands of digits, and no limit needs them.
        if length.isdecimal() and (len(length) > 18 or int(length) > self.limits.wire):
            raise faults.too_big("wire", "sends", host, self.limits.wire)
        size = pieces = 0
        try:
            async for piece in response.aiter_stream():
                size += len(piece)
                pieces += 1
                if size > self.limits.wire:
                    raise faults.too_big("wire", "sends", host, self.limits.wire)
                if pieces > PIECES and size < pieces * FEWEST_PER_PIECE:
                    raise FetchError("limit:pieces", f"{host} sends its answer in crumbs", "tell the host's owner")
                body.add(piece)
        except httpcore.TimeoutException:
            raise faults.silent(host, self.limits) from None
        except (httpcore.ProtocolError, httpcore.NetworkError):
            raise faults.broken_off(host) from None


def user_agent(contact: str | None) -> str:
    """Who we are: program, version, project page, and whom to write to when a contact is configured."""
    said = "".join(sign for sign in contact or "" if " " <= sign <= "~" and sign not in "();").strip()[:200]
    return f"listen/{__version__} (+{PROJECT_URL}{'; ' + said if said else ''})"


@functools.cache
def _authorities() -> ssl.SSLContext:
    """Mozilla's authorities, and those of this machine, which companies add their own to."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _first_hop(request: Request, secrets: Mapping[str, Secret]) -> _Hop:
    """The request as it will be sent; credentials inside its address become the header that they stand for."""
    url = urls.parse(request.url, request.params)
    sent = {name.lower(): value for name, value in request.headers.items() if name.lower() not in OURS}
    if url.userinfo:
        remember(url.password or url.username)
        pair = base64.b64encode(f"{url.username}:{url.password}".encode()).decode("ascii")
        sent.setdefault("authorization", f"Basic {pair}")
        url = url.copy_with(userinfo=b"")
    sent.update((name.lower(), secret.reveal()) for name, secret in secrets.items())
    return _Hop(url, request.method, sent, request.body, request.reads)


def _read_headers(response: httpcore.Response) -> dict[str, str]:
    """Lower-case names, repeated ones joined; cookies are not kept."""
    said: dict[str, list[str]] = {}
    for raw_name, raw in response.headers:
        name = raw_name.decode("latin-1").lower()
        if name != "set-cookie":
            said.setdefault(name, []).append(_text(raw))
    return {name: ", ".join(values) for name, values in said.items()}


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _updated(
    old: Validators | None, url: httpx.URL, status: int, said: Mapping[str, str], now: float
) -> Validators | None:
    """The validators after an answer: a 200 sets them, a 304 renews what it names, anything else forgets them."""
    etag, modified = _validator(said, "etag"), _validator(said, "last-modified")
    if status == 304 and old is not None:
        return replace(old, etag=etag or old.etag, last_modified=modified or old.last_modified)
    if status == 200 and (etag or modified):
        return Validators(etag, modified, urls.fingerprint(url), now)
    return None


def _validator(said: Mapping[str, str], name: str) -> str | None:
    """A validator that can be sent back exactly as it came."""
    value = said.get(name, "")
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= VALIDATOR_LENGTH else None
