"""The adapters, by name: those built in here and as mappings, then those of other packages.

Other packages bring theirs through the entry points `listen.sources`.

Nothing is imported until an adapter is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from sources.base import Adapter

BUILT_IN: Mapping[str, str] = {
    "appstore": "sources.appstore:AppStoreAdapter",
    "bluesky": "sources.bluesky:BlueskyAdapter",
    "discourse": "sources.discourse:DiscourseAdapter",
    "feed": "sources.feed:FeedAdapter",
    "hackernews": "sources.hackernews:HackerNewsAdapter",
    "imap": "sources.imap:ImapAdapter",
    "json": "sources.json_api:JsonAdapter",
    "lemmy": "sources.lemmy:LemmyAdapter",
    "mastodon": "sources.mastodon:MastodonAdapter",
    "stackexchange": "sources.stackexchange:StackExchangeAdapter",
}
MAPPINGS = Path(__file__).parent / "mappings"
"""A data file for each adapter that is all mapping."""
GROUP = "listen.sources"


def _mapped() -> set[str]:
    return {path.stem for path in MAPPINGS.glob("*.toml")}


def _others() -> dict[str, str]:
    from importlib.metadata import entry_points

    own = {*BUILT_IN, *_mapped()}
    return {point.name: point.value for point in entry_points(group=GROUP) if point.name not in own}


def names() -> list[str]:
    """The names that `adapter = "..."` accepts."""
    return sorted({*BUILT_IN, *_mapped(), *_others()})


def get(name: str) -> Adapter:
    """The adapter of that name. Raises KeyError when there is none."""
    if name not in BUILT_IN and name in _mapped():
        from sources.json_api import MappedAdapter

        return MappedAdapter(name)
    place = BUILT_IN.get(name) or _others()[name]
    module, _, attribute = place.partition(":")
    adapter: Adapter = getattr(import_module(module), attribute)()
    return adapter
