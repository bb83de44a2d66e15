"""The channels that the configuration asks for, each with what is stored of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sources
from listen import absence, intents, noise, objectives, secrets, text
from listen.collect import budgets, foreign, hidden, ruling, schedule
from listen.collect.budgets import Account, Taken
from listen.collect.wanted import Wanted
from listen.collect.writing import Scribe
from listen.config import Config, Source, declared
from listen.config.desks import local_zone
from listen.config.edits import edited
from listen.config.teaching import teachings
from listen.model import Tracked
from listen.namesakes import Namesakes
from listen.service import Desk, configured
from listen.store import generations, mirror, rescore, retention
from listen.store.scored import INTENTS, NAMES
from listen.store.write import ChannelRow, ChannelUpdate, Writer
from sources import feed, links, mapping, opml
from sources.base import Adapter, Channel, Explains, Perishes, Reject, SourceError, Streams
from sources.plugins import FOREIGN, told

SETTINGS = "settings"
"""Key of the channel that stands for a source which cannot be opened, so that its error is seen where errors are."""


@dataclass(slots=True)
class Watch:
    """One channel on watch."""

    source: Source
    adapter: Adapter
    channel: Channel
    row: ChannelRow
    due: float
    """When it is asked next, in Unix seconds of the collector's clock."""
    host: str
    """Whom it asks, so that few channels of one host are visited at a time."""
    seen: frozenset[int] = frozenset()
    """Hashes of the posts of its last page, which need not be prepared and stored again."""
    wanted: bool = False
    """Somebody asks to try it now."""
    urgent: bool = False
    """A page fires about what it brings."""
    refused: str = ""
    """Why a channel that streams is asked now and then instead."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    """Its budgets, by name."""
    taken: dict[str, Taken] = field(default_factory=dict)
    """What was last set aside of each."""

    @property
    def name(self) -> str:
        return f"{self.source.name}/{self.channel.key}"

    @property
    def streams(self) -> bool:
        """It is listened to over a socket, and not visited."""
        return self.channel.stream and not self.refused

    def pace(self, *wishes: float | None) -> float:
        """Seconds between two checks, given what publisher and server wish, and what its budgets allow."""
        least = budgets.least_pace(self.adapter, self.channel, self.accounts)
        usual = schedule.interval(self.source.every, self.channel.every or self.adapter.every, *wishes, least)
        return schedule.hurried(usual, *wishes, least) if self.urgent else usual

    def apply(self, update: ChannelUpdate) -> None:
        """Take over what has been written."""
        for name in update.columns():
            setattr(self.row, name, getattr(update, name))
        self.due = float(self.row.next_at)


@dataclass(frozen=True, slots=True)
class Opened:
    """A source of the configuration with its channels, or with why it has none."""

    source: Source
    adapter: Adapter | None
    channels: Sequence[Channel]
    error: SourceError | None = None
    refused: Sequence[Reject] = ()
    """What a list of feeds asked for and does not get."""


def read_beside(config: Config) -> dict[str, str]:
    """What decides beside the engines how texts are read -> its version."""
    topics = {number: Tracked(one.query, one.name, one.role) for number, one in enumerate(config.topics.values())}
    own = intents.intents(config.tables.get("intents", {}))
    return {INTENTS: intents.version(own), NAMES: Namesakes(topics).version}


async def watch(
    config: Config, scribe: Scribe, now: float, by: str = ""
) -> tuple[list[Watch], dict[int, Tracked], list[Opened]]:
    """Bring the store's mirror in line with the configuration; `by` is who changed its topics in the console.

    All channels on watch, topic by id, and the sources that cannot be opened.
    """
    opened = _opened(config)
    topics = [(topic.name, topic.query, topic.role) for topic in config.topics.values()]
    views, desks, lessons = saved_views(config), desks_of(config), taught_of(config)
    aims = objectives.configured(config.tables.get("objectives", {}), declared(config.files, "objectives"))
    promised = objectives.told(aims)
    bound = [one.adapter for one in opened if one.adapter is not None]
    keeping = {adapter.name: adapter.keep_days for adapter in bound if isinstance(adapter, Perishes)}

    own = config.tables.get("intents", {})
    beside = read_beside(config)

    def sync(writer: Writer) -> tuple[dict[int, Tracked], list[dict[str, ChannelRow]]]:
        mirrored = [(one.source.name, one.source.adapter, _mirrored(one)) for one in opened]
        ids = writer.sync_sources(mirrored)
        rows = [_sync_channels(writer, ids[one.source.name], one, int(now)) for one in opened]
        writer.sync_views(views)
        writer.sync_retention(retention_of(config))
        writer.sync_lists(config.lists)
        writer.sync_desks(desks)
        writer.set_state(objectives.STATE, promised)
        writer.set_state("people", absence.written(absence.people(config.tables.get("people", {}))))
        writer.sync_edits(edits(config))
        writer.set_state("rules_written", json.dumps(ruling.mirrored(config), ensure_ascii=False))
        writer.sync_accounts(config.accounts)
        writer.sync_noise(noise.patterns(config.tables.get("noise", {})))
        rescore.sync_beside(writer, beside)
        writer.set_state("intents", json.dumps(own, ensure_ascii=False))
        writer.sync_keeping(keeping)
        writer.sync_stories(config.tables["stories"]["follow"])
        kept = [source.name for source in config.sources.values() if source.enabled and source.keep == "matched"]
        writer.set_state("keep_matched", json.dumps(kept, ensure_ascii=False))
        trials = {source.name: source.trial for source in config.sources.values() if source.trial}
        writer.set_state("trials", json.dumps(trials, ensure_ascii=False))
        writer.sync_teaching(lessons)
        writer.sync_topics(topics, by)
        return generations.tracked(writer.connection), rows

    queries, rows = await scribe.do(sync)
    watches = _watches(opened, rows, now)
    overdue = sum(0 < each.row.next_at <= now for each in watches)
    for each in watches:
        next_at = schedule.believable(now, each.row.next_at, each.row.checked_at)
        each.due = schedule.at_start(now, next_at, each.name, overdue, each.pace(each.row.every))
    return watches, queries, [one for one in opened if one.error is not None]


async def known(config: Config, scribe: Scribe, now: float) -> tuple[list[Watch], dict[int, Tracked]]:
    """The configuration's channels that the store knows, and its topics, by id; the store stays as it is."""
    opened = _opened(config)

    def look(writer: Writer) -> tuple[dict[int, Tracked], list[dict[str, ChannelRow]]]:
        ids = dict(writer.connection.execute("SELECT name, id FROM sources").fetchall())
        rows = [mirror.channel_rows(writer.connection, ids.get(one.source.name, 0)) for one in opened]
        return generations.tracked(writer.connection), rows

    queries, rows = await scribe.do(look)
    return _watches(opened, rows, now), queries


def _opened(config: Config) -> list[Opened]:
    wanted = Wanted.by(config.topics.values())
    return [open_source(source, wanted, config.folder) for source in config.sources.values() if source.enabled]


def _watches(opened: Sequence[Opened], rows: Sequence[Mapping[str, ChannelRow]], now: float) -> list[Watch]:
    """The channels that have a row, each with what it shares of budgets."""
    pairs = [
        (one, channel, found.get(channel.key))
        for one, found in zip(opened, rows, strict=True)
        if one.adapter is not None
        for channel in one.channels
    ]
    watches = []
    for (one, channel, row), accounts in zip(pairs, accounts_of(opened), strict=True):
        if one.adapter is not None and row is not None:
            watches.append(Watch(one.source, one.adapter, channel, row, 0.0, _host(one.adapter, channel, row, now)))
            watches[-1].accounts = accounts
    return watches


def retention_of(config: Config) -> list[retention.Rule]:
    """What is kept for some time only."""
    rules = config.tables.get("retention", {})
    return [retention.Rule(name, keys["query"] or "", keys["keep"], keys["then"]) for name, keys in rules.items()]


def saved_views(config: Config) -> list[tuple[str, str, bool]]:
    """(name, query, whether it is a queue) of the views, in their order."""
    return [(name, str(keys["query"]), bool(keys["queue"])) for name, keys in config.tables.get("views", {}).items()]


def desks_of(config: Config) -> list[Desk]:
    """The desks, in their order, with this machine's time zone where they name none."""
    return configured(config.tables.get("desks", {}), local_zone())


def taught_of(config: Config) -> dict[str, str]:
    """Topic -> what was taught about it, as the store keeps it."""
    from listen.sentiment.teaching import told

    return {name: told(taught) for name, taught in teachings(config).items()}


def edits(config: Config) -> list[mirror.Edit]:
    """What `console.toml` decides about, as the store mirrors it."""
    return [mirror.Edit(*one[:3], str(one.file), one.line, one.under) for one in edited(config.files)]


def accounts_of(opened: Iterable[Opened]) -> list[dict[str, Account]]:
    """The budgets of all channels, in their order, with how many of them share each."""
    return budgets.shared(
        [
            budgets.accounts(one.adapter, channel, one.source.name)
            for one in opened
            if one.adapter is not None
            for channel in one.channels
        ]
    )


def _host(adapter: Adapter, channel: Channel, row: ChannelRow, now: float) -> str:
    try:
        return urlsplit(foreign.request_of(adapter, channel, row.cursor, now).url).netloc.lower()
    except (SourceError, ValueError):  # the visit will say what is wrong
        return channel.key


def _sync_channels(writer: Writer, source_id: int, opened: Opened, now: int) -> dict[str, ChannelRow]:
    """The rows of a source's channels; a source that has none gets one that carries its error."""
    if opened.error is None:
        rows = writer.sync_channels(source_id, [(channel.key, channel.label) for channel in opened.channels])
        if opened.refused:
            first = next(iter(rows.values())).id
            writer.add_rejects(first, [stored_reject(reject) for reject in opened.refused])
        return rows
    rows = writer.sync_channels(source_id, [(SETTINGS, opened.source.name)])
    writer.update_channel(rows[SETTINGS].id, failure(opened.error, rows[SETTINGS].errors + 1, now, schedule.NEVER))
    return rows


def failure(error: SourceError, streak: int, now: int, next_at: int) -> ChannelUpdate:
    """A channel's health after an error."""
    return ChannelUpdate(
        next_at=next_at,
        checked_at=now,
        errors=streak,
        error_reason=stored(error.reason, 60),
        error=stored(error.message),
        error_remedy=stored(error.remedy) or None,
        error_at=now,
    )


def stored(words: str, limit: int = 500) -> str:
    """Words that may hold foreign text or an address with a key in it, as they may be stored."""
    return text.clean(secrets.mask(words), limit, lines=False)[0]


def stored_reject(reject: Reject) -> tuple[str, str, str]:
    """(reason, message, sample) as the store wants them."""
    reason, _, message = reject.reason.partition(": ")
    return stored(reason, 60), stored(message), text.clean(secrets.mask(reject.sample), 2_000)[0]


def open_source(source: Source, wanted: Wanted, folder: Path) -> Opened:
    """The channels of a source; a source that cannot be opened keeps no other from working.

    `folder` is where relative paths of the configuration start.
    """
    try:
        adapter = sources.get(source.adapter)
        settings, refused = _expanded(hidden.anchored(source.settings, folder), folder)
        _remember_secrets(settings)
        asked = {**settings, "stream": True} if source.stream else settings
        channels = foreign.channels_of(adapter, asked, wanted.of(adapter))
        if not channels:
            raise SourceError("settings", "there is nothing to ask", "complete the source's settings")
        _check_streams(source, adapter, channels)
        foreign.check(adapter, channels)
        return Opened(source, adapter, _unique(channels), refused=refused)
    except SourceError as error:
        return Opened(source, None, (), error)
    except FOREIGN as error:
        words = f"the adapter {source.adapter!r} does not work: {told(error)}"
        return Opened(source, None, (), SourceError("adapter", words, foreign.REMEDY))


def _check_streams(source: Source, adapter: Adapter, channels: Sequence[Channel]) -> None:
    """A stream that is asked for and cannot be is said, instead of being looked at now and then without a word."""
    if any(channel.stream for channel in channels):
        if not isinstance(adapter, Streams):
            words = f"the adapter {source.adapter!r} names channels that stream, and does not say how"
            raise SourceError("adapter", words, "update or reinstall the package it comes from")
    elif source.stream and isinstance(adapter, Streams):
        words = f"stream: nothing of what this source asks of {source.adapter} comes as a stream"
        raise SourceError("settings", words, "remove stream, or see the adapter's options in the README")
    elif source.stream:
        words = f"stream: {source.adapter} cannot stay connected, it is asked now and then"
        raise SourceError("settings", words, "remove stream; every sets how often it is asked")


def _expanded(settings: Mapping[str, Any], folder: Path) -> tuple[Mapping[str, Any], list[Reject]]:
    """The settings with lists of feeds and mappings read in place of the names of their files."""
    file = settings.get("mapping")
    if isinstance(file, str):
        settings = {**settings, "mapping": mapping.written(folder / Path(file).expanduser())}
    urls = settings.get("urls")
    if not isinstance(urls, list) or not any(str(url).strip().startswith("opml:") for url in urls):
        return settings, []
    outlines = opml.expand([str(url) for url in urls], folder)
    return {**settings, "urls": outlines}, feed.refusals(outlines)


def _remember_secrets(value: Any) -> None:
    """Have the keys inside addresses masked wherever words leave the process: an error may quote what it is about."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            _remember_secrets(one)
    for secret in links.hidden(str(getattr(value, "url", value))) if isinstance(value, str | opml.Outline) else ():
        secrets.remember(secret)


def _mirrored(opened: Opened) -> dict[str, Any]:
    """Settings for readers of the store; of a source that cannot be opened none, for a key may stand in plain text."""
    settings: dict[str, Any] = {} if opened.error else _without_secrets(opened.source.settings)
    return settings


def _without_secrets(value: Any) -> Any:
    """Settings as readers of the store may see them: the keys inside addresses are digests."""
    if isinstance(value, Mapping):
        return {key: _without_secrets(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(content) for content in value]
    return links.shown(value) if isinstance(value, str) and links.hidden(value) else value


def refusal(adapter: Adapter, channel: Channel, status: int | None) -> tuple[str, str] | None:
    """What the adapter makes of an HTTP status, where it knows better than we do."""
    if status is None or not isinstance(adapter, Explains):
        return None
    try:
        return adapter.refused(channel, status)
    except FOREIGN:  # an adapter of another package may raise anything, and the status says enough
        return None


def _unique(channels: Iterable[Channel]) -> list[Channel]:
    """The same address written twice is one channel."""
    return list({channel.key: channel for channel in channels}.values())
