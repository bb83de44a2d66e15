"""Places that relevant mentions cite and nobody listens to yet, and how much a place on trial has brought.

What counts is how many mentions cite a place, each once, and by how many authors: one who cites his own page all day
shall not look like a crowd.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from listen.store.channels import Source
from listen.store.read import Reader
from listen.store.relevant import Said
from listen.text import fold, tokens

Kind = Literal["feed", "domain", "subreddit", "instance", "tag"]

DAYS = 30
"""How far back it is looked."""

LEAST = 2
"""Mentions that must cite a place, and authors, where they are known."""

MOST = 10
"""Places of each kind."""

TRIAL_DAYS = 7

WORTH, FEW = 0.01, 3
"""A place on trial is worth keeping from this share of relevant mentions on, and so many of them."""

_LINK = re.compile(r"https?://[^\s<>\"'\])]+")
_SUBREDDIT = re.compile(r"(?:^|[\s(])/?r/([A-Za-z0-9][\w-]{2,20})\b")
_HANDLE = re.compile(r"@[\w.-]+@([\w-]+(?:\.[\w-]+)+)")
_SITE = re.compile(r"(?:[\w-]+\.)+[\w-]+")
_FEED = re.compile(r"/(?:feed|rss|atom)(?:\.xml|/|$)|\.(?:rss|atom)$|/(?:index|feed|rss|atom)\.xml$", re.IGNORECASE)

PLATFORMS = frozenset({
    "x.com", "twitter.com", "t.co", "facebook.com", "instagram.com", "tiktok.com", "linkedin.com", "youtube.com",
    "youtu.be", "reddit.com", "redd.it", "bit.ly", "news.ycombinator.com", "bsky.app", "threads.net", "threads.com",
    "google.com", "amazon.com", "wikipedia.org", "github.com", "t.me", "apple.com", "whatsapp.com", "pinterest.com",
})  # fmt: skip
"""Hosts that are no publication of one hand: what is said there is listened to by other adapters."""


class Place(NamedTuple):
    """A place that is cited and not heard."""

    kind: Kind
    name: str
    mentions: int
    """That cite it."""
    authors: int
    examples: tuple[int, ...]
    """Ids of some of these mentions, newest first."""
    adapter: str
    settings: Mapping[str, list[str]]
    """What a source for it needs."""

    @property
    def source(self) -> str:
        """A name for such a source."""
        return re.sub(r"[^\w.-]+", "-", self.name.removeprefix("https://").removeprefix("http://")).strip("-")[:64]

    @property
    def why(self) -> str:
        """In words."""
        by = f" by {self.authors:,} author{'s' if self.authors != 1 else ''}" if self.authors else ""
        return f"cited in {self.mentions:,} relevant mentions{by}"

    def lines(self) -> list[str]:
        """The configuration that would add it."""
        told = [f"[sources.{self.source}]" if "." not in self.source else f'[sources."{self.source}"]']
        told.append(f'adapter = "{self.adapter}"')
        return told + [f"{key} = {json.dumps(values, ensure_ascii=False)}" for key, values in self.settings.items()]


@dataclass(slots=True)
class _Cited:
    mentions: list[int] = field(default_factory=list)
    authors: set[str] = field(default_factory=set)


def discover(reader: Reader, *, now: float, days: int = DAYS) -> list[Place]:
    """What relevant mentions of the last days cite most, of each kind MOST at most, the most cited first."""
    labels = [channel.label for channel in reader.channels() if channel.active]
    accounts = json.loads(reader.state("accounts") or "{}")
    heard = _Heard(reader.sources(), labels, [one for voices in accounts.values() for one in voices])
    words = {token for topic in reader.topics(now=now) for token in tokens(topic.query)[0]}
    cited: dict[tuple[Kind, str], _Cited] = {}
    for one in reader.relevant(now - days * 86_400):
        for what in set(_places(one, words)):
            entry = cited.setdefault(what, _Cited())
            entry.mentions.append(one.id)
            if one.author:
                entry.authors.add(fold(one.author))
    found = [_place(kind, name, entry) for (kind, name), entry in cited.items() if not heard.knows(kind, name)]
    enough = [one for one in found if one.mentions >= LEAST and (not one.authors or one.authors >= LEAST)]
    enough.sort(key=lambda one: (-one.authors, -one.mentions, one.name))
    kinds: dict[Kind, int] = {}
    kept = []
    for place in enough:
        kinds[place.kind] = kinds.get(place.kind, 0) + 1
        if kinds[place.kind] <= MOST:
            kept.append(place)
    return kept


def _places(one: Said, words: set[str]) -> Iterator[tuple[Kind, str]]:
    """The places that a mention cites; its own network's is none of them."""
    text = f"{one.title or ''} {one.text}"
    links = _LINK.findall(text)
    # A link that somebody shared is cited; a page that is the mention itself is where it was heard.
    if one.url and one.network in ("hackernews", "lobsters", "lemmy", "reddit") and not _own_page(one.url, one):
        links.append(one.url)
    for link in links:
        host, path = _host(link)
        if host == "reddit.com" and (found := re.match(r"/r/([\w-]{3,21})", path)):
            yield "subreddit", found[1].lower()
        elif host and not _platform(host):
            clean = link.rstrip(".,;:!?)")
            yield ("feed", clean) if _FEED.search(path) else ("domain", host)
    for name in _SUBREDDIT.findall(text):
        yield "subreddit", name.lower()
    for host in _HANDLE.findall(text):
        yield "instance", host.lower()
    if one.network in ("mastodon", "lemmy") and one.author and "@" in one.author:
        yield "instance", one.author.rpartition("@")[2].lower()
    for mark in tokens(text)[1]:
        if mark.startswith("#") and len(mark) > 3 and mark[1:] not in words:
            yield "tag", mark


def _own_page(url: str, one: Said) -> bool:
    """Whether it is the mention itself, on a server of its own network: its address holds the id it has there."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(one.external_id)}(?![0-9A-Za-z])", url) is not None


def _host(link: str) -> tuple[str, str]:
    try:
        parts = urlsplit(link)
        return (parts.hostname or "").removeprefix("www.").removeprefix("old."), parts.path
    except ValueError:
        return "", ""


def _platform(host: str) -> bool:
    return "." not in host or any(host == one or host.endswith(f".{one}") for one in PLATFORMS)


class _Heard:
    """What is listened to already, by the settings of the sources that run, and the sites that are our own."""

    def __init__(self, sources: Iterable[Source], labels: Iterable[str], accounts: Iterable[str]) -> None:
        running = [source for source in sources if source.active]
        self._sites = tuple(one.lower().removeprefix("www.") for one in accounts if _SITE.fullmatch(one))
        self._told = " ".join([*(json.dumps(one.settings, ensure_ascii=False) for one in running), *labels]).lower()

    def knows(self, kind: Kind, name: str) -> bool:
        """Whether that place, written as it is cited, is heard already."""
        bare = name.lower().lstrip("#")
        if kind == "subreddit":
            return f"r/{bare}" in self._told
        if kind in ("domain", "instance", "feed"):
            bare = bare.removeprefix("https://").removeprefix("http://").removeprefix("www.")
            host = "." + bare.partition("/")[0]
            return bare in self._told or any(host.endswith(f".{site}") for site in self._sites)
        return re.search(rf"(?<!\w)#?{re.escape(bare)}(?!\w)", self._told) is not None


def _place(kind: Kind, name: str, cited: _Cited) -> Place:
    settings: dict[str, list[str]]
    adapter = "feed"
    match kind:
        case "feed":
            settings = {"urls": [name]}
        case "domain":
            settings = {"urls": [f"https://{name}/"]}
        case "subreddit":
            settings, name = {"urls": [f"reddit:r/{name}"]}, f"r/{name}"
        case "instance":
            adapter, settings = "mastodon", {"hosts": [name]}
        case "tag":
            adapter, settings = "mastodon", {"hosts": ["mastodon.social"], "tags": [name.removeprefix("#")]}
    ids = sorted(cited.mentions, reverse=True)
    return Place(kind, name, len(ids), len(cited.authors), tuple(ids[:3]), adapter, settings)


# --- trials ----------------------------------------------------------------------------------------------------------


class Yield(NamedTuple):
    """What a source on trial has brought so far."""

    source: str
    until: datetime.date
    """The last day of its trial."""
    heard: int
    relevant: int
    over: bool

    @property
    def keep(self) -> bool:
        """Whether it was worth it."""
        return self.relevant >= FEW and self.relevant >= WORTH * self.heard

    def told(self) -> str:
        """`kept 14 relevant of 300, 5 %: keep it`."""
        share = f", {100 * self.relevant / self.heard:.0f} %" if self.heard else ""
        begun = f"{self.relevant:,} relevant of {self.heard:,}{share}"
        if not self.over:
            return f"on trial until {self.until}: {begun} so far"
        verdict = "keep it: remove its key trial" if self.keep else "drop it: set enabled = false"
        return f"its trial ended on {self.until}: {begun}: {verdict}"


def trials(reader: Reader, *, now: float) -> list[Yield]:
    """The sources that are on trial, or have been, with their yield."""
    found = []
    today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
    for name, day in _trials(reader.state("trials")).items():
        begun = datetime.datetime.combine(day, datetime.time(), datetime.UTC) - datetime.timedelta(days=TRIAL_DAYS)
        # What it told of the time before is its doing, too.
        gain = reader.gain(name, begun.timestamp() - DAYS * 86_400)
        if gain is not None:
            found.append(Yield(name, day, *gain, today > day))
    return found


def _trials(told: str | None) -> dict[str, datetime.date]:
    """What the configuration says; what is no date there is no trial."""
    found = {}
    for name, day in json.loads(told or "{}").items():
        try:
            found[name] = datetime.date.fromisoformat(day)
        except ValueError:
            continue
    return found


def last_day(now: float) -> datetime.date:
    """Until when a trial that begins now goes on."""
    return datetime.datetime.fromtimestamp(now + TRIAL_DAYS * 86_400, datetime.UTC).date()


def record(place: Place) -> dict[str, Any]:
    """A place for `--json`."""
    return {
        "kind": place.kind, "name": place.name, "mentions": place.mentions, "authors": place.authors,
        "why": place.why, "examples": list(place.examples), "source": place.source, "adapter": place.adapter,
        "settings": dict(place.settings), "config": place.lines(),
    }  # fmt: skip


def named(places: Sequence[Place], name: str) -> Place | None:
    """The place of that name, however it is written."""
    wanted = fold(name.strip())
    return next(
        (one for one in places if wanted in (fold(one.name), fold(one.source), fold(one.name.lstrip("#")))), None
    )
