"""How a message leaves: by a signed webhook, to a command, or by Apprise in a child with a deadline."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import email.utils
import hmac
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import httpx

from listen import secrets
from listen.alerts.notify.letters import Message
from listen.alerts.notify.targets import APPRISE, COMMAND, WEBHOOK, Target
from listen.children import environment
from listen.text import one_line

DEADLINE = 30.0
"""Real seconds that a sending may take, whatever the receiver does."""

ANSWER = 65_536
"""Bytes of an answer that are read."""

SAID = 200
"""Characters of what a receiver said that are kept."""

TEMPORARY = frozenset((408, 409, 425, 429))
"""Client errors that pass by themselves; any other says that this letter can never arrive."""

POSTMAN = ("-m", "listen.alerts.notify.postman")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sending."""

    error: str = ""
    """Empty: it arrived."""
    hopeless: bool = False
    """It can never arrive as it is."""
    crashed: bool = False
    """The process that sent it died of it."""
    wait: float | None = None
    """Seconds that the receiver asks to wait."""


class Ways:
    """Sends one message to one target. Keeps a client and a warm child, which `close` ends."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._postman = Postman()

    async def prepare(self, targets: Iterable[Target]) -> None:
        """Have ready what takes a while to begin."""
        if any(target.kind == APPRISE for target in targets):
            with contextlib.suppress(OSError):
                await self._postman.start()

    async def send(self, target: Target, message: Message, now: float) -> Outcome:
        """Never raises but when cancelled: what went wrong is in the outcome, secrets masked."""
        if target.problem:
            return Outcome(target.problem)
        try:
            async with asyncio.timeout(DEADLINE):
                if target.kind == WEBHOOK:
                    return await self._post(target, message, now)
                if target.kind == COMMAND:
                    return await run(target.argv, message)
                return await self._postman.send(target, message)
        except TimeoutError:
            return Outcome(f"no answer within {DEADLINE:.0f} s")
        except Exception as error:
            # A bug here must not end the sender: the letter waits, and says why.
            return Outcome(_said(f"{type(error).__name__}: {error}"))

    async def _post(self, target: Target, message: Message, now: float) -> Outcome:
        assert target.address is not None
        if self._client is None:
            secrets.hush()
            # No proxy of the environment and no redirect: what is signed goes to whom it was meant for.
            self._client = httpx.AsyncClient(timeout=DEADLINE, follow_redirects=False, trust_env=False)
        body = json.dumps(dict(message.record), ensure_ascii=True).encode()
        headers = {"content-type": "application/json", "user-agent": "listen"}
        headers |= signature(message.key, int(now), body, target)
        request = self._client.build_request("POST", target.address.reveal(), content=body, headers=headers)
        try:
            answer = await self._client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome(_said(f"{type(error).__name__}: {error}"))
        try:
            if answer.is_success:
                return Outcome()
            return _refused(answer, await _read(answer), now)
        finally:
            await answer.aclose()

    async def close(self) -> None:
        """End what is kept."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        await self._postman.close()


async def _read(answer: httpx.Response) -> str:
    held = b""
    with contextlib.suppress(httpx.HTTPError):
        async for part in answer.aiter_bytes(4096):
            held += part
            if len(held) >= ANSWER:
                break
    return held[:ANSWER].decode("utf-8", "replace")


def _said(text: str) -> str:
    """Foreign words for an error: secrets are masked before they are cut, as half of one tells too much."""
    return one_line(secrets.mask(text), SAID)


def _refused(answer: httpx.Response, said: str, now: float) -> Outcome:
    status = answer.status_code
    error = _said(f"HTTP {status} {answer.reason_phrase}".strip() + (f": {said}" if said else ""))
    hopeless = 300 <= status < 500 and status not in TEMPORARY
    return Outcome(error, hopeless, wait=retry_after(answer.headers.get("retry-after"), now))


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds, from seconds or a date (RFC 9110, 10.2.3); None for neither."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header.strip()[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - now)
    except (ValueError, TypeError):
        return None


def signature(key: str, at: int, body: bytes, target: Target) -> dict[str, str]:
    """The headers by which a receiver knows a second copy and, with a secret, the sender.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    headers = {"webhook-id": key, "webhook-timestamp": str(at)}
    if target.secret is not None:
        secret = target.secret.reveal()
        digest = hmac.digest(_signing_key(secret), f"{key}.{at}.".encode() + body, sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def _signing_key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        with contextlib.suppress(binascii.Error):
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return secret.encode()


async def run(argv: tuple[str, ...], message: Message) -> Outcome:
    """Give a command the record on its standard input; it arrived when the command ends with 0."""
    told = json.dumps(dict(message.record), ensure_ascii=True).encode()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE, stdout=DEVNULL, stderr=PIPE, start_new_session=True, cwd="/",
            env=os.environ | {"LISTEN_KEY": message.key},
        )  # fmt: skip
    except OSError as error:
        return Outcome(f"{argv[0]}: {error.strerror}")
    try:
        _, complaint = await process.communicate(told)
    finally:
        _kill(process)
    if process.returncode == 0:
        return Outcome()
    said = complaint[-ANSWER:].decode("utf-8", "replace").strip()
    return Outcome(_said(f"{argv[0]} ended with {process.returncode}" + (f": {said}" if said else "")))


def _kill(process: Process) -> None:
    """End what it started, too."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


class Postman:
    """A child that knows Apprise: it follows redirects and may hang, so it is killed when it takes too long."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def send(self, target: Target, message: Message) -> Outcome:
        """One message at a time."""
        assert target.address is not None
        job = {"url": target.address.reveal(), "title": message.title, "text": message.text}
        async with self._turn:
            done = False
            try:
                answer = await self._ask(json.dumps(job).encode() + b"\n")
                done = answer is not None
            finally:
                if not done:
                    await self.close()
        if answer is None:
            return Outcome("the process that was to send it died", crashed=True)
        return Outcome(_said(str(answer["error"])), hopeless=bool(answer["hopeless"]))

    async def start(self) -> Process:
        """The child that runs, or a new one."""
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", *POSTMAN, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment(), cwd="/",
                start_new_session=True,
            )  # fmt: skip
        return self._process

    async def _ask(self, job: bytes) -> Mapping[str, object] | None:
        process = await self.start()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(job)
            await process.stdin.drain()
            line = await process.stdout.readline()
            if line.endswith(b"\n"):
                return dict(json.loads(line))
        return None

    async def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            await process.wait()
