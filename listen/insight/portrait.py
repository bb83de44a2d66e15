"""One page on a brand: where people talk about it, how much, who, in which tone and language, and what is not heard.

Everything is counted over mentions that count: no own ones, no noise, nothing dismissed. What was not heard is told
beside what was: an hour that nobody listened to is no silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from listen import query
from listen.insight.blind import Measured, measured
from listen.insight.figures import topic_query
from listen.insight.measured import record as measured_record
from listen.insight.networks import Countries, Network, countries_of, matter
from listen.model import EPOCH, SEQUENCE_BITS, tone
from listen.query.attributes import host_of
from listen.query.folding import left_out
from listen.store.labels import Asked
from listen.store.read import Reader
from listen.store.relevant import Said
from listen.text import fold

DAYS = 30
MOST = 20_000
"""Mentions that are looked at, the newest."""

TOP = 8
"""Lines of a list."""

DAY = 86_400

SPOKEN = 0.02
"""Share of the mentions from which a language is one that the brand is talked about in."""


class Source(NamedTuple):
    """A source that is listened to, as far as this brand goes."""

    name: str
    mentions: int
    covered: float | None
    """Share of the time in which its channels were really heard, 0 to 1; None when it has no active channel."""
    trouble: str
    """What is wrong with it."""


class Portrait(NamedTuple):
    """One page on a topic over the last `days` days: counts of mentions. Foreign text."""

    topic: str
    query: str
    days: int
    total: int
    complete: bool
    """False: only the newest MOST were looked at."""
    networks: Sequence[tuple[str, int]]
    per_day: Sequence[int]
    """Mentions of each of the days, oldest first, today last."""
    authors: Sequence[tuple[str, int]]
    voices: int
    """How many authors there are."""
    tones: Mapping[str, int]
    mean: float | None
    """The mean score, -1 to 1; None when nothing was scored."""
    languages: Sequence[tuple[str, int]]
    sources: Sequence[Source]
    noise: int
    own: int
    not_heard: Sequence[tuple[str, str]]
    """(adapter, what it needs) of those that no source uses."""
    countries: Countries
    """Where it is talked about, and how that is known."""
    missing: Sequence[Network]
    """Networks that matter there and that no source hears."""
    over: Sequence[Network]
    """Networks that mattered there and are no more."""
    stories: int
    """That the mentions tell."""
    measured: Measured
    """What people who labelled a sample of the topic say of its tone; see `listen.insight.blind`."""

    @property
    def silent(self) -> list[Source]:
        """Sources that have nothing on it."""
        return [one for one in self.sources if not one.mentions]


def portrait(
    reader: Reader,
    brand: str,
    adapters: Mapping[str, str],
    *,
    now: float,
    days: int = DAYS,
    named: Sequence[str] = (),
    of_topic: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Portrait | None:
    """The page of a topic; None when there is no topic of that name. `adapters` are all there are, with their needs.

    `named` are countries to look at; without them those `of_topic` (topic -> countries) count, where it has some.
    """
    topic = next((one for one in reader.topics(now=now) if fold(one.name) == fold(brand.strip())), None)
    if topic is None:
        return None
    since = now - days * DAY
    said = reader.relevant(since, topic.name, MOST + 1)
    complete, said = len(said) <= MOST, said[:MOST]
    scores = [one.score for one in said if one.score is not None]
    authors = Counter(f"{one.author} on {one.network}" for one in said if one.author)
    per_day = Counter(int(now - ((one.id >> SEQUENCE_BITS) + EPOCH)) // DAY for one in said)
    used = {source.adapter for source in reader.sources() if source.active}
    languages = Counter(one.lang or "unknown" for one in said).most_common()
    spoken = [lang for lang, n in languages if n >= SPOKEN * len(said)]
    where = countries_of(said, named, of_topic.get(topic.name, ()), spoken)
    matters = [one for one in matter(where.codes) if used.isdisjoint(one.heard_by)]
    asked = query.parse(f"{topic_query(topic.name)} since:{days}d")
    apart = {name: reader.count(one, cap=MOST, budget=None, now=now).n for name, one in left_out(asked).items()}
    return Portrait(
        topic.name, topic.query, days, len(said), complete,
        Counter(map(_where, said)).most_common(),
        [per_day.get(ago, 0) for ago in range(days - 1, -1, -1)],
        authors.most_common(TOP), len(authors),
        Counter(tone(one.score, one.hits) for one in said),
        sum(scores) / len(scores) / 1_000 if scores else None,
        languages,
        _sources(reader, Counter(one.source for one in said), since, now),
        apart["noise"], apart["own"],
        [(name, needs) for name, needs in sorted(adapters.items()) if name not in used],
        where, [one for one in matters if not one.over], [one for one in matters if one.over],
        reader.stories_of([one.id for one in said]),
        measured(reader, Asked(topic.query, topic.name), asked, now=now),
    )  # fmt: skip


def _where(one: Said) -> str:
    """The network, or the site where a feed or a file names no network."""
    return (host_of(one.url) if one.network in ("feed", "import") else "") or one.network


def _sources(reader: Reader, counted: Mapping[str, int], since: float, now: float) -> list[Source]:
    covered = reader.coverage(since, now)
    channels = [channel for channel in reader.channels() if channel.active]
    found = []
    for source in reader.sources():
        own = [channel for channel in channels if channel.source == source.name]
        if not source.active and source.name not in counted:
            continue
        share = sum(covered.get(channel.id, 0.0) for channel in own) / len(own) if own else None
        failing = [channel for channel in own if channel.state in ("failing", "stopped")]
        trouble = f"{len(failing)} of {len(own)} channels fail" if failing else ""
        found.append(Source(source.name, counted.get(source.name, 0), share, trouble))
    return sorted(found, key=lambda one: (-one.mentions, one.name))


def record(found: Portrait) -> dict[str, Any]:
    """The page for `--json`."""
    told = found._asdict()
    for name in ("networks", "authors", "languages"):
        told[name] = [{"name": each, "mentions": n} for each, n in told[name]]
    told["sources"] = [one._asdict() for one in found.sources]
    told["silent"] = [one.name for one in found.silent]
    told["not_heard"] = [{"adapter": name, "needs": needs} for name, needs in found.not_heard]
    told["countries"] = found.countries._asdict()
    told["missing"] = [one._asdict() for one in found.missing]
    told["over"] = [one.name for one in found.over]
    told["tones"] = dict(found.tones)
    told["measured"] = measured_record(found.measured)
    return told
