"""The adapters, by name: those built in here, then those of other packages through the entry points `listen.sources`.

Nothing is imported until an adapter is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from sources.base import Adapter

BUILT_IN: Mapping[str, str] = {
    "discourse": "sources.discourse:DiscourseAdapter",
    "feed": "sources.feed:FeedAdapter",
    "hackernews": "sources.hackernews:HackerNewsAdapter",
    "lemmy": "sources.lemmy:LemmyAdapter",
    "mastodon": "sources.mastodon:MastodonAdapter",
    "stackexchange": "sources.stackexchange:StackExchangeAdapter",
}
GROUP = "listen.sources"


def _others() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=GROUP) if point.name not in BUILT_IN}


def names() -> list[str]:
    """The names that `adapter = "..."` accepts."""
    return sorted({*BUILT_IN, *_others()})


def get(name: str) -> Adapter:
    """The adapter of that name. Raises KeyError when there is none."""
    place = BUILT_IN.get(name) or _others()[name]
    module, _, attribute = place.partition(":")
    adapter: Adapter = getattr(import_module(module), attribute)()
    return adapter
