"""Reading a mailbox over IMAP: what `sources.imap` asks for, answered with an `Inbox` in JSON; nothing is changed.

The standard library's client works in a thread of its own; its socket is closed under it when time is up.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import ipaddress
import re
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from listen.collect.http import Fetched, FetchError, Limits, addresses, faults
from listen.secrets import Secret, mask
from sources.base import Answer, Request
from sources.imap import Inbox, Letter

LETTERS = 50
"""Mails of one answer."""

LETTER = 512 << 10
"""Bytes that are read of one mail."""

BODY = 8 << 20
"""Bytes of all mails of one answer."""

FOLDERS = 8
"""Folders that are named when the one that was asked for does not exist."""

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


async def fetch(
    request: Request,
    *,
    secrets: Mapping[str, Secret],
    limits: Limits,
    allow_private: Iterable[str] = (),
    trust: ssl.SSLContext | None = None,
) -> Fetched:
    """Sign in and read the mails that are asked for. Raises FetchError, and no more.

    `trust` replaces the usual authorities.
    """
    place = urlsplit(request.url)
    host, port = place.hostname or "", place.port or 0
    judge = addresses.Backend(addresses.allowed(allow_private), addresses.look_up, limits.wire)
    visit = _Visit(request, secrets, limits, host)
    try:
        async with asyncio.timeout(limits.total):
            address = (await judge.judged(host, port))[0]
            if place.scheme == "imap" and addresses.is_public(ipaddress.ip_address(address)):
                words = f"{host} would be sent the password in the clear"
                raise FetchError("insecure", words, 'write host = "imaps://..."; imap:// is for your own network')
            context = (trust or ssl.create_default_context()) if place.scheme == "imaps" else None
            inbox = await asyncio.to_thread(visit.run, address, port, context)
    except TimeoutError:
        raise faults.too_long(host, limits) from None
    finally:
        visit.stop()
    answer = Answer(request.url, 200, {}, msgspec.json.encode(inbox))
    return Fetched(answer, None)


class _Client(imaplib.IMAP4):
    """Connects to an address that was judged, and believes no announcement of endless mails."""

    def __init__(self, host: str, address: str, port: int, limits: Limits, context: ssl.SSLContext | None) -> None:
        self._address, self._context, self._name, self._patience = address, context, host, limits.connect
        super().__init__(host, port, limits.read)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._address, self.port), self._patience)
        plain.settimeout(timeout)
        if self._context is None:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=self._name)
        except BaseException:
            plain.close()
            raise

    def read(self, size: int) -> bytes:
        if size > 2 * LETTER:
            raise self.abort("more was announced than was asked for")
        return super().read(size)


class _Visit:
    """One connection, from sign-in to the last mail."""

    def __init__(self, request: Request, secrets: Mapping[str, Secret], limits: Limits, host: str) -> None:
        self._asked: dict[str, list[str]] = {}
        for name, value in request.params:
            self._asked.setdefault(name, []).append(value)
        self._secrets, self._limits, self._host = secrets, limits, host
        self._client: _Client | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Close the connection under whoever still waits for it."""
        self._stopped.set()
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.shutdown()

    def run(self, address: str, port: int, context: ssl.SSLContext | None) -> Inbox:
        """Raises FetchError."""
        try:
            client = self._client = _Client(self._host, address, port, self._limits, context)
            if self._stopped.is_set():
                raise OSError("too late")
            self._sign_in(client)
            inbox = self._read(client)
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()
            return inbox
        except FetchError:
            raise
        except TimeoutError:
            raise faults.silent(self._host, self._limits) from None
        except ssl.SSLError as fault:
            raise addresses.tls_fault(self._host, fault) from None
        except ConnectionRefusedError:
            words = f"{self._host} refuses connections at port {port}"
            raise FetchError("connect", words, "it may be down; listen tries again by itself") from None
        except (OSError, imaplib.IMAP4.abort):
            raise faults.broken_off(self._host) from None
        except (imaplib.IMAP4.error, ValueError) as fault:
            words = f"{self._host} does not answer as a mail server does: {mask(_printable(str(fault)))}"
            raise FetchError("protocol", words, "check host and its port") from None

    def _sign_in(self, client: _Client) -> None:
        user = self._asked["user"][0]
        try:
            if token := self._secrets.get("token"):
                bearer = f"user={user}\x01auth=Bearer {token.reveal()}\x01\x01".encode()
                client.authenticate("XOAUTH2", lambda _: bearer)
            elif "AUTH=PLAIN" in client.capabilities:
                both = f"\0{user}\0{self._secrets['password'].reveal()}".encode()
                client.authenticate("PLAIN", lambda _: both)
            else:
                client.login(user, self._secrets["password"].reveal())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise FetchError(
                "sign-in",
                f"{self._host} does not accept the name {user} with this {'token' if token else 'password'}",
                "many providers want an app password, which is made in the account's settings",
                status=401,
            ) from None

    def _read(self, client: _Client) -> Inbox:
        folder = self._asked["folder"][0]
        outcome, _ = client.select(_quoted(encoded(folder)), readonly=True)
        if outcome != "OK":
            raise self._no_folder(client, folder)
        validity = int((client.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
        uids = self._search(client, validity)
        letters: list[Letter] = []
        room = BODY
        for uid in uids[:LETTERS]:
            letter = _letter(client, uid)
            room -= len(letter.raw) if letter else 0
            if room < 0 and letters:
                break
            if letter is not None:
                letters.append(letter)
        read = letters[-1].uid if letters else (uids[-1] if uids else 0)
        return Inbox(validity, tuple(letters), more=bool(uids) and uids[-1] > read)

    def _search(self, client: _Client, validity: int) -> list[int]:
        """The uids that are asked for, in order."""
        same = self._asked.get("validity") == [str(validity)]
        above = int(self._asked.get("above", ["0"])[0]) if same else 0
        since = datetime.fromtimestamp(int(self._asked["since"][0]), UTC)
        wanted = ["UID", f"{above + 1}:*"] if above else ["SINCE", imaplib.Time2Internaldate(since)[1:12].lstrip()]
        outcome, data = client.uid("SEARCH", *wanted, *_senders(self._asked.get("sender", [])))
        if outcome != "OK":
            raise FetchError("protocol", f"{self._host} does not search its mails", "tell the mail server's owner")
        said = b" ".join(part for part in data if isinstance(part, bytes))
        # `n:*` always holds the last mail, be it new or not.
        return sorted(uid for uid in map(int, said.split()) if uid > above)

    def _no_folder(self, client: _Client, folder: str) -> FetchError:
        outcome, data = client.list()
        found = [line.decode("ascii", "replace") for line in data if isinstance(line, bytes)] if outcome == "OK" else []
        names = [line.rpartition(' "')[2].rstrip('"') if line.endswith('"') else line.split(" ")[-1] for line in found]
        told = ", ".join(decoded(name) for name in names[:FOLDERS])
        return FetchError(
            "folder",
            f"{self._host} has no folder {folder!r}",
            f"check folders; there are {_printable(told)}" if told else "check folders",
        )


def _letter(client: _Client, uid: int) -> Letter | None:
    """One mail, its beginning at least; None when it is gone."""
    outcome, data = client.uid("FETCH", str(uid), f"(UID RFC822.SIZE BODY.PEEK[]<0.{LETTER}>)")
    if outcome != "OK":
        return None
    for part in data:
        if isinstance(part, tuple) and len(part) == 2 and (named := _UID.search(part[0])) and int(named[1]) == uid:
            size = _SIZE.search(part[0])
            return Letter(uid, part[1], int(size[1]) if size else len(part[1]))
    return None


def _senders(senders: Sequence[str]) -> list[str]:
    """`OR FROM a OR FROM b FROM c`."""
    asked: list[str] = []
    for place, sender in enumerate(senders):
        asked += ["OR"] * (place < len(senders) - 1) + ["FROM", _quoted(sender)]
    return asked


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)[:200]


def encoded(folder: str) -> str:
    """A folder's name in the modified UTF-7 of RFC 3501, section 5.1.3."""
    return re.sub(r"[^\x20-\x7e]+|&", _packed, folder)


def _packed(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    packed = b64encode(found[0].encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
    return f"&{packed}-"


def decoded(name: str) -> str:
    """The name of a folder out of modified UTF-7, itself where it is none."""
    from base64 import b64decode

    def unpacked(found: re.Match[str]) -> str:
        packed = found[1].replace(",", "/")
        return b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-16-be") if packed else "&"

    try:
        return re.sub(r"&([A-Za-z0-9+,]*)-", unpacked, name)
    except ValueError:
        return name
