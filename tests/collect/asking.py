"""Short forms for asking a server on loopback."""

from __future__ import annotations

from typing import Any

import pytest

from listen.collect.http import Client, Fetched, FetchError
from sources.base import Request


async def ask(client: Client, url: str, **options: Any) -> Fetched:
    """Fetch, with loopback allowed unless said otherwise."""
    options.setdefault("allow_private", ("127.0.0.1",))
    return await client.fetch(Request(url), **options)


async def refusal(client: Client, url: str, **options: Any) -> FetchError:
    """The error of a fetch that must fail."""
    with pytest.raises(FetchError) as caught:
        await ask(client, url, **options)
    return caught.value
