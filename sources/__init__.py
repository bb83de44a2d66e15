"""The adapters, by name: those built in here, then those of other packages through the entry points `listen.sources`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from sources.base import Adapter

BUILT_IN: Mapping[str, str] = {
    "feed": "sources.feed:FeedAdapter",
    "hackernews": "sources.hackernews:HackerNewsAdapter",
}


def names() -> list[str]:
    """The names that `adapter = "..."` accepts."""
    return sorted(BUILT_IN)


def get(name: str) -> Adapter:
    """The adapter of that name. Raises KeyError when there is none."""
    module, _, attribute = BUILT_IN[name].partition(":")
    adapter: Adapter = getattr(import_module(module), attribute)()
    return adapter
