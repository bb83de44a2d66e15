"""How the tests put an adapter's questions to a server on loopback, with the real client, and read what comes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from listen.clock import Clock
from listen.collect import hidden
from listen.collect.http import Client
from sources.base import Adapter, Channel, Cursor, Page, SourceError
from tests.collect.server import Seen

LOOPBACK = ("127.0.0.1",)


def params(seen: Seen) -> dict[str, str]:
    """The query of a request; of what is there twice, the last."""
    return dict(parse_qsl(urlsplit(seen.path).query))


def answering(answer: Callable[[dict[str, str]], bytes]) -> Any:
    """A script of `Server` that answers each question with what the function makes of its parameters."""

    async def reply(seen: Seen, writer: Any) -> None:
        body = answer(params(seen))
        head = ["HTTP/1.1 200 Fine", "Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(head).encode() + body)
        await writer.drain()

    return reply


async def ask(client: Client, adapter: Adapter, channel: Channel, cursor: Cursor, clock: Clock) -> Page:
    """One question and what the adapter reads in the answer. Raises SourceError, FetchError."""
    request = adapter.request(channel, cursor, clock.now())
    filled, headers = hidden.fill(request)
    fetched = await client.fetch(filled, allow_private=LOOPBACK, secrets=headers)
    assert fetched.answer is not None
    return adapter.parse(channel, cursor, fetched.answer, clock.now())


async def round_of(
    client: Client, adapter: Adapter, channel: Channel, cursor: Cursor, clock: Clock, most: int = 400
) -> Page:
    """All pages of one round as one, with the cursor at its end."""
    whole = Page([], cursor=cursor)
    for _ in range(most):
        page = await ask(client, adapter, channel, whole.cursor, clock)
        whole.posts += page.posts
        whole.rejects += page.rejects
        whole.cursor, whole.pause, whole.left, whole.every = page.cursor, page.pause, page.left, page.every
        if not page.more:
            return whole
    raise AssertionError("the round does not end")


@contextlib.contextmanager
def faulty(reason: str) -> Iterator[None]:
    """What stands inside must raise a SourceError of that reason, which says what to do."""
    with pytest.raises(SourceError) as caught:
        yield
    assert caught.value.reason == reason, caught.value.message
    assert caught.value.message
    assert caught.value.remedy
