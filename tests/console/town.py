"""A store with what the picture shows, and a writer beside it through which more arrives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from listen.model import Author, Prepared
from listen.store import schema, sqlite
from listen.store.mirror import ChannelUpdate
from listen.store.write import Writer
from tests.store.posts import Turned, fast, make_post

NOW = 1_795_271_520
"""2026-11-21 14:32 UTC."""

SOURCES = (("mastodon", "mastodon"), ("bluesky", "bluesky"), ("hackernews", "hackernews"), ("press", "feed"))

TALK: tuple[tuple[str, str, str | None, str, int | None, str, str], ...] = (
    (
        "mastodon",
        "claire",
        None,
        "La batterie Acme est morte après deux jours, service client injoignable depuis lundi. "
        "Dommage, l'écran est superbe et je l'avais recommandé à tout le monde.",
        -710,
        "fr",
        "post",
    ),
    ("bluesky", "devon.example", None, "Switched to Acme last week and honestly love it so far", 660, "en", "post"),
    (
        "hackernews",
        "tptr",
        "Acme's teardown: what is inside the new charger",
        "A long look at the board.",
        20,
        "en",
        "comment",
    ),
    (
        "press",
        "Le Monde",
        "Acme annonce le rappel de 12 000 chargeurs en Europe",
        "Le fabricant Acme rappelle.",
        None,
        "fr",
        "article",
    ),
    (
        "bluesky",
        "solderfume",
        None,
        "Anyone else getting a burning smell from the Acme dock? Mine got really hot.",
        -480,
        "en",
        "reply",
    ),
    ("mastodon", "Mireille", None, "Très pratique, mais l'appli plante au démarrage", 340, "fr", "review"),
    (
        "mastodon",
        "ops@hachyderm.io",
        None,
        "Third Acme charger in a month. Never again. Where is the refund?",
        -830,
        "en",
        "post",
    ),
    ("hackernews", "n00b42", None, "How do I reset the Acme dock without the app?", 0, "en", "comment"),
    (
        "press",
        "TechRevue",
        "Test complet : pourquoi Acme reste devant Rival cette année",
        "Notre banc d'essai.",
        580,
        "fr",
        "article",
    ),
    ("bluesky", "lena.bsky", None, "Rival just shipped what Acme promised in March", -220, "en", "repost"),
    ("mastodon", "jsmith", None, "Works great with Acme firmware 4.2, thanks for the fix", 410, "en", "post"),
)
"""(source, author, title, text, score, language, kind)"""


@dataclass
class Town:
    """The store and its collector's side."""

    path: Path
    writer: Writer
    channels: dict[str, int]
    topics: dict[str, int]
    clock: Turned
    serial: int = field(default=0)
    copies: bool = False
    """What is said again is told as one story; else `talk` in several rounds would be a few rows."""

    def say(self, source: str, author: str, body: str, **more: Any) -> list[int]:
        """One mention arrives; its id, in a list. `ago` is how many seconds ago it was said."""
        self.serial += 1
        ago = more.pop("ago", 0)
        given: dict[str, Any] = {
            "network": source, "author": Author(author, more.pop("name", None), followers=more.pop("followers", None)),
            "published_at": int(self.clock.now()) - ago, "score": -300, "hits": 2,
            "url": f"https://{source}.example/{self.serial}", "topics": {self.topics["acme"]: -300},
        } | more  # fmt: skip
        return self.arrive(source, [make_post(f"{source}-{self.serial}", body, **given)])

    def arrive(self, source: str, posts: Sequence[Prepared]) -> list[int]:
        """Posts arrive in one transaction; their ids."""
        if not self.copies:
            posts = [replace(post, keys=[]) for post in posts]
        return self.writer.add(self.channels[source], posts, seen_at=int(self.clock.now())).new_ids

    def talk(self, rounds: int = 1) -> list[int]:
        """What the picture shows, `rounds` times, going back a minute or two each."""
        ids: list[int] = []
        step = 0
        for _ in range(rounds):
            for source, author, title, body, score, lang, kind in TALK:
                topics = {self.topics["acme"]: score}
                if "Rival" in body + (title or ""):
                    topics[self.topics["rival"]] = None if score is None else -score
                if "charge" in (body + (title or "")).lower():
                    topics[self.topics["charger recall"]] = score
                ids += self.say(
                    source,
                    author,
                    body,
                    title=title,
                    score=score,
                    hits=None if score is None else 3 if score else 0,
                    unscored="language unknown" if score is None else None,
                    lang=lang,
                    kind=kind,
                    topics=topics,
                    ago=60 + step * 97,
                    followers=1234 if author == "claire" else None,
                    likes=12 if score else None,
                )
                step += 1
        return sorted(ids, reverse=True)

    def all_good(self) -> None:
        """All channels but one have answered."""
        for name, channel in self.channels.items():
            update = ChannelUpdate(good_at=NOW - 30, checked_at=NOW - 30, errors=0)
            if name == "press":
                update = ChannelUpdate(
                    checked_at=NOW - 30,
                    errors=3,
                    error_reason="http",
                    error="press.example answers 503",
                    error_at=NOW - 30,
                    error_remedy="it is asked again at 14:40",
                )
            self.writer.add(channel, [], seen_at=NOW, update=update)
        told = {"pid": 1, "host": "here", "since": NOW - 900, "heartbeat": NOW - 2, "epoch": 1}
        self.writer.set_state("collector", json.dumps(told))


def make_town(path: Path, clock: Turned | None = None) -> Town:
    """An empty store with sources and topics."""
    clock = clock or Turned(NOW)
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), clock)
    writer.claim()
    ids = writer.sync_sources([(name, adapter, {}) for name, adapter in SOURCES])
    channels = {}
    for name, source_id in ids.items():
        (row,) = writer.sync_channels(source_id, [("main", name)]).values()
        channels[name] = row.id
    topics = writer.sync_topics(
        [("acme", "acme", "brand"), ("rival", "rival", "competitor"), ("charger recall", "charger recall", "theme")]
    )
    return Town(path, writer, channels, topics, clock)
