"""The adapters, by name: those built in here and as mappings, then those of other packages.

Other packages bring theirs through the entry points `listen.sources` (`sources.plugins`).

Nothing is imported until an adapter is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sources.base import Adapter

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

BUILT_IN: Mapping[str, str] = {
    "appstore": "sources.appstore:AppStoreAdapter",
    "bluesky": "sources.bluesky:BlueskyAdapter",
    "discourse": "sources.discourse:DiscourseAdapter",
    "facebook": "sources.facebook:FacebookAdapter",
    "feed": "sources.feed:FeedAdapter",
    "github": "sources.github:GitHubAdapter",
    "github-discussions": "sources.github:DiscussionsAdapter",
    "hackernews": "sources.hackernews:HackerNewsAdapter",
    "imap": "sources.imap:ImapAdapter",
    "json": "sources.json_api:JsonAdapter",
    "lemmy": "sources.lemmy:LemmyAdapter",
    "mastodon": "sources.mastodon:MastodonAdapter",
    "reddit": "sources.reddit:RedditAdapter",
    "stackexchange": "sources.stackexchange:StackExchangeAdapter",
    "webhook": "sources.webhook:WebhookAdapter",
    "wikipedia": "sources.wikipedia:WikipediaAdapter",
    "x": "sources.x:XAdapter",
    "youtube": "sources.youtube:YouTubeAdapter",
}
WITHIN: Mapping[str, str] = {"import": "sources.imported:ImportAdapter"}
"""What reads something for us, and cannot be listened to."""
MAPPINGS = Path(__file__).parent / "mappings"
"""A data file for each adapter that is all mapping."""


def _mapped() -> set[str]:
    return {path.stem for path in MAPPINGS.glob("*.toml")}


def others() -> dict[str, EntryPoint]:
    """Name -> entry point of the adapters of other packages; nothing of them is imported."""
    from sources import plugins

    return plugins.found({*BUILT_IN, *_mapped()})


def names() -> list[str]:
    """The names that `adapter = "..."` accepts."""
    return sorted({*BUILT_IN, *_mapped(), *others()})


def get(name: str) -> Adapter:
    """The adapter of that name. Raises KeyError when there is none, SourceError when another package's is faulty."""
    if place := BUILT_IN.get(name) or WITHIN.get(name):
        module, _, attribute = place.partition(":")
        adapter: Adapter = getattr(import_module(module), attribute)()
        return adapter
    if name in _mapped():
        from sources.json_api import MappedAdapter

        return MappedAdapter(name)
    from sources import plugins

    return plugins.load(others()[name])
