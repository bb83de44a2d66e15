"""Whoever asks a server asks here: secrets are put into the request, and tokens that a place gives out are kept.

A token lives in this process's memory and nowhere else: it is obtained when the first request needs it, shared by all
channels that name the same account, renewed before it ends and once more when the place refuses it, and masked wherever
words leave the process.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from listen.clock import Clock
from listen.collect import hidden
from listen.collect.http import Client, Fetched, FetchError, Validators
from listen.secrets import Secret
from sources.base import ACCESS, RENEWAL, Request, Session, Socket, SourceError

if TYPE_CHECKING:
    from listen.collect.http.sockets import Stream

T = TypeVar("T")

REFUSALS = frozenset({400, 401})
"""Statuses by which places say that a token has ended; Bluesky's servers say 400."""
EARLY = 60.0
"""Seconds before its end at which a token is renewed."""
YOUNG = 60.0
"""Seconds for which a token cannot be what a place refuses a request for: it has just been given."""
LOCKED_OUT = 3_600.0
"""Seconds for which an account is not tried again that was refused with these secrets: attempts are counted."""
LARGEST = 1 << 16
"""Bytes of an answer that may hold a token."""


@dataclass(slots=True)
class _Held:
    """One session, and who may ask for its token next."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: Secret | None = None
    renewal: Secret | None = None
    since: float = 0.0
    until: float | None = None
    refused: tuple[float, tuple[Secret, ...], SourceError] | None = None
    """When the account was refused, with which secrets, and what was said."""


class Sessions:
    """A polite client that knows secrets. Close it with `aclose`."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._held: dict[str, _Held] = {}

    async def aclose(self) -> None:
        await self._client.aclose()

    def pause(self, request: Request, seconds: float) -> None:
        """See `Client.pause`."""
        self._client.pause(request, seconds)

    async def fetch(
        self, request: Request, *, validators: Validators | None = None, allow_private: Iterable[str] = ()
    ) -> Fetched:
        """Fetch with secrets put in. Raises FetchError, and SourceError `secret`, `sign-in`."""
        allowed = tuple(allow_private)
        return await self._signed_in(
            request.session, allowed, lambda more: self._send(request, more, validators, allowed)
        )

    async def connect(self, socket: Socket, *, allow_private: Iterable[str] = ()) -> Stream:
        """Open a socket with secrets put in. Raises what `fetch` raises."""
        from listen.collect.http import sockets

        allowed = tuple(allow_private)

        async def opened(more: Mapping[str, Secret]) -> Stream:
            filled, headers = hidden.fill(socket.request, more)
            named = msgspec.structs.replace(socket, request=filled)
            return await sockets.connect(self._client, named, allow_private=allowed, secrets=headers)

        return await self._signed_in(socket.request.session, allowed, opened)

    async def _signed_in(
        self, session: Session | None, allowed: tuple[str, ...], send: Callable[[Mapping[str, Secret]], Awaitable[T]]
    ) -> T:
        """What `send` makes of the session's token; a token that is refused is renewed once."""
        if session is None:
            return await send({})
        held = self._held.setdefault(repr(session), _Held())
        token = await self._token(session, held, allowed)
        try:
            return await send({ACCESS: token})
        except FetchError as fault:
            if fault.status not in REFUSALS or 0 <= self._clock.now() - held.since < YOUNG:
                raise
        return await send({ACCESS: await self._token(session, held, allowed, instead_of=token)})

    async def _send(
        self, request: Request, more: Mapping[str, Secret], validators: Validators | None, allowed: tuple[str, ...]
    ) -> Fetched:
        filled, headers = hidden.fill(request, more)
        if filled.url.startswith(("imap://", "imaps://")):
            from listen.collect import mailbox

            return await mailbox.fetch(filled, secrets=headers, limits=self._client.limits, allow_private=allowed)
        return await self._client.fetch(filled, validators=validators, allow_private=allowed, secrets=headers)

    async def _token(
        self, session: Session, held: _Held, allowed: tuple[str, ...], instead_of: Secret | None = None
    ) -> Secret:
        """The session's token; one that somebody else has just renewed is as good as one of our own."""
        async with held.lock:
            if held.token is not None and held.token is not instead_of and not self._ends(held):
                return held.token
            if held.renewal is not None and session.renew is not None:
                try:
                    return await self._obtain(session, held, session.renew, {RENEWAL: held.renewal}, allowed)
                except FetchError as fault:
                    if fault.status is None or not 400 <= fault.status < 500 or fault.status == 429:
                        raise
                    held.renewal = None  # it has ended too: the lasting secrets begin a new session
            return await self._begin(session, held, allowed)

    def _ends(self, held: _Held) -> bool:
        return held.until is not None and self._clock.now() >= held.until - EARLY

    async def _begin(self, session: Session, held: _Held, allowed: tuple[str, ...]) -> Secret:
        _, headers = hidden.fill(session.begin)
        lasting = (*hidden.lasting(session.begin), *headers.values())
        if held.refused is not None:
            when, with_these, said = held.refused
            if with_these == lasting and 0 <= self._clock.now() - when < LOCKED_OUT:
                raise said
        try:
            return await self._obtain(session, held, session.begin, {}, allowed)
        except FetchError as fault:
            if fault.status not in (400, 401, 403):
                raise
            held.token = None
            words = f"signing in failed: {fault.message}"
            said = SourceError("sign-in", words, session.remedy or fault.remedy)
            held.refused = (self._clock.now(), lasting, said)
            raise said from None

    async def _obtain(
        self, session: Session, held: _Held, request: Request, more: Mapping[str, Secret], allowed: tuple[str, ...]
    ) -> Secret:
        fetched = await self._send(request, more, None, allowed)
        told = _told(fetched.answer.body if fetched.answer else b"")
        token, renewal, lasts = (told.get(key) for key in (session.access, session.renewal, session.lasts))
        if not isinstance(token, str) or not token:
            raise SourceError("sign-in", "the answer to signing in holds no token", "check the server's address")
        now = self._clock.now()
        held.token, held.since, held.until, held.refused = Secret(token), now, _end(token, lasts, now), None
        if isinstance(renewal, str) and renewal:
            held.renewal = Secret(renewal)
        return held.token


def _told(body: bytes) -> Mapping[str, Any]:
    """The answer's object; an empty one where it is none. It never shows in an error: it may hold the token."""
    try:
        value = msgspec.json.decode(body) if len(body) <= LARGEST else None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        value = None
    return value if isinstance(value, dict) else {}


def _end(token: str, lasts: object, now: float) -> float | None:
    """When the token ends: as the answer says, else as a JSON Web Token does (RFC 7519, `exp`); None is unknown."""
    if isinstance(lasts, int | float) and not isinstance(lasts, bool):
        return now + lasts
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = _told(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    end = claims.get("exp")
    return float(end) if isinstance(end, int | float) and not isinstance(end, bool) else None
