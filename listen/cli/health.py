"""`sources`, `rejects`: where is listened, and how well it goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import (
    FAILED,
    FOUND,
    NOTHING,
    USAGE,
    Fault,
    Group,
    Session,
    advice,
    common,
    print_json,
    print_table,
    say,
    several,
)
from listen.cli.discovering import discover, tell_trials
from listen.cli.feeds import opml
from listen.cli.kinds import kinds
from listen.cli.planning import plan
from listen.clock import from_environment
from listen.store import condition, perishable
from listen.store.health import repeated
from listen.text import one_line
from listen.told import in_stories

DAY = 86_400.0

MORE = ("network", "kind", "state", "rating", "likes", "replies", "reposts", "views", "parent_id", "thread_id")
"""What else `sources check --json` tells of a post."""

if TYPE_CHECKING:
    from listen.collect.trial import TrialResult
    from listen.config import Source
    from listen.store.channels import Channel


@click.group(cls=Group, invoke_without_command=True)
@common
def sources(session: Session) -> int:
    """List where is listened, with the health of each channel."""
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    from listen.cli import dismissals as share
    from listen.insight.dismissals import dismissals

    now = from_environment().now()
    with session.reader() as reader:
        channels, collector = reader.channels(), reader.collector()
        heard, again = reader.heard_since(now - DAY), reader.stories_since(now - DAY)
        dismissed = dismissals(reader, now=now)
        tell_trials(reader, now)
        lost = perishable.lost_of(reader.state(perishable.LOST))
        hurried = {int(number): rule for number, rule in json.loads(reader.state("hurried") or "{}").items()}
    lately = {one.id: (n := heard.get(one.id, 0), n - repeated(again.get(one.id, ()))) for one in channels}
    if session.as_json:
        for channel in channels:
            n, stories = lately[channel.id]
            more: dict[str, Any] = {"last_day": n, "last_day_stories": stories}
            more |= {"dismissed": share.source_record(dismissed, channel.source)}
            more |= {"hurried_by": hurried[channel.id]} if channel.id in hurried else {}
            more |= {"expired": lost[channel.source][0]} if channel.source in lost else {}
            print_json(_channel_record(channel, now) | more)
    elif channels:
        rows = [_row(channel, in_stories(*lately[channel.id]), now) for channel in channels]
        print_table(("source", "channel", "state", "last good", "next", "24 h", "mentions", "problem"), rows)
    else:
        say("no source has been asked yet; `listen collect` asks them")
    share.tell(dismissed.sources)
    _tell_hurried(list(hurried.values()))
    for source, (many, at) in lost.items():
        say(f"{one_line(source)}: {perishable.sentence(many)}; last {condition.ago(at, now)}")
    if collector is not None and collector.problem:
        say(collector.problem)
    return FOUND if channels else NOTHING


def _tell_hurried(rules: Sequence[str]) -> None:
    """`rules` of alerts for which channels are asked more often, one for each of those channels."""
    for rule in sorted(set(rules)):
        n = rules.count(rule)
        say(f"{n:,} channel{'s are' if n != 1 else ' is'} asked more often while {one_line(rule, 40)} fires")


def _row(channel: Channel, last_day: str, now: float) -> tuple[str, ...]:
    return (
        one_line(channel.source),
        one_line(channel.label, 48),
        channel.state,
        condition.ago(channel.good_at, now),
        condition.streamed(channel, now) or _next(channel, now),
        last_day,
        f"{channel.mentions:,}",
        _problem(channel, now),
    )


def _next(channel: Channel, now: float) -> str:
    return "" if channel.state == "off" else condition.ahead(channel.next_at, now)


def _problem(channel: Channel, now: float) -> str:
    """`off by ana, 14:32`, or what is wrong, when last, and what to do."""
    from listen.cli.records import local_time

    if channel.state == "off":
        return one_line(condition.switched(channel, local_time(channel.off_at or 0)))
    told = condition.problem(channel)
    last = f"{condition.ago(channel.error_at, now)}, " if channel.errors else ""
    return one_line(last + told) if told else ""


def _channel_record(channel: Channel, now: float) -> dict[str, Any]:
    from listen.cli.records import timestamp

    live = channel.live if channel.live is not None and channel.live.connected(now) else None
    return {
        "source": channel.source,
        "adapter": channel.adapter,
        "channel": channel.key,
        "state": channel.state,
        "last_good": timestamp(channel.good_at),
        "last_check": timestamp(channel.checked_at),
        "next_check": timestamp(channel.next_at) if channel.state != "off" and channel.next_at and not live else None,
        "mentions": channel.mentions,
        "left": channel.rate_left,
        "left_until": timestamp(channel.rate_reset_at),
        "errors": channel.errors,
        "last_error": timestamp(channel.error_at),
        "reason": channel.error_reason,
        "error": channel.error,
        "remedy": channel.error_remedy,
        "fare": channel.fare,
        "fare_reason": channel.fare_words,
        "moved_to": channel.moved,
        "off_by": channel.off_by,
        "off_since": timestamp(channel.off_at),
        "connected_since": timestamp(live.since) if live else None,
        "frames_per_second": live.rate if live else None,
        "lag_seconds": live.lag if live else None,
    }


@sources.command()
@click.argument("name")
@click.option(
    "--fixture",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Ask nobody: read this recorded answer.",
)
@common
def check(session: Session, name: str, fixture: Path | None) -> int:
    """Ask the source NAME once, now, and print what it would store. Nothing is stored.

    NAME may also be an adapter, or the file of a mapping in the making.
    """
    from listen.collect import trial

    loaded = session.config(adapters=True)
    source = loaded.sources.get(name) or _in_the_making(name, fixture is not None)
    if source is None:
        if name.endswith((".toml", ".json")):
            raise Fault(f"there is no file {name}; check the path of the mapping", USAGE)
        from listen.config import closest

        hint = closest(name, list(loaded.sources)) or _listed(list(loaded.sources))
        raise Fault(f'there is no source "{name}"; {hint}', USAGE)
    if fixture is None:
        results = asyncio.run(trial.check(loaded, source, from_environment()))
    else:
        results = asyncio.run(trial.reread(loaded, source, from_environment(), fixture.read_bytes()))
    for result in results:
        _print_trial(result, session)
    heard = sum(len(result.posts) for result in results)
    bad = sum(1 for result in results if result.error)
    say(f"{several(heard, 'post')}, {bad} of {len(results)} channels with an error")
    return FAILED if bad else FOUND if heard else NOTHING


def _in_the_making(name: str, sampled: bool) -> Source | None:
    """A source of the mapping in that file, or of the adapter of that name; None where there is neither.

    `sampled`: nobody is asked, so that any value does for the keys that it needs.
    """
    import sources as registry
    from listen.config import Source
    from sources.base import SourceError

    settings: dict[str, Any] = {}
    wanted: dict[str, str]
    if name.endswith((".toml", ".json")) and Path(name).is_file():
        from sources import mapping

        settings["mapping"] = str(Path(name).absolute())
        try:
            rules = mapping.checked(mapping.written(Path(name))).rules
        except SourceError as error:
            raise Fault(error.message, USAGE) from None
        wanted = {key: wish.type for key, wish in rules.options.items() if wish.required or key == rules.each}
    elif name in registry.names():
        try:
            options = registry.get(name).options
        except SourceError as error:
            raise Fault(f"{error.message}; {error.remedy}", FAILED) from None
        wanted = {key: one.type for key, one in options.items() if one.required or key == "search"}
        required = [key for key, one in options.items() if one.required]
        if required and not sampled:
            raise Fault(
                f"{name} cannot be asked before its {' and '.join(required)} stand in a [sources.NAME]; "
                f"`listen sources kinds {name}` explains them, and --fixture FILE reads a recorded answer without them",
                USAGE,
            )
    else:
        return None
    if sampled:
        settings |= {key: _sample(key, kind) for key, kind in wanted.items()}
    return Source(name, "json" if "mapping" in settings else name, settings, None, "all", False, (), True)


def _sample(key: str, kind: str) -> object:
    """A value for a key that a recorded answer has no use for."""
    word = {"budget": "1"}.get(key, "https://example.com/" if key in ("url", "urls", "host", "hosts") else "example")
    samples = {"texts": [word], "secret": "env:EXAMPLE", "number": 1, "flag": True, "duration": 60.0}
    return samples.get(kind, word)


def _listed(names: list[str]) -> str:
    return f"the sources are {', '.join(names)}" if names else "no source is configured; add a [sources.NAME]"


def _print_trial(result: TrialResult, session: Session) -> None:
    """What one channel would have brought."""
    from listen.cli.records import timestamp

    channel = one_line(result.channel)
    if result.error is not None:
        if session.as_json:
            error = {"reason": result.error.reason, "error": result.error.message, "remedy": result.error.remedy}
            print_json({"channel": channel, **error})
        say(f"{channel}: {advice(result.error.message, result.error.remedy)}")
    for post, topics in zip(result.posts, result.topics, strict=True):
        author = post.author.handle if post.author else ""
        if session.as_json:
            record = {"channel": channel, "external_id": post.external_id, "time": timestamp(post.published_at)}
            record |= {"author": author, "title": post.title, "text": post.text, "url": post.url, "lang": post.lang}
            record |= {name: getattr(post, name) for name in MORE}
            print_json(record | {"topics": topics})
            continue
        said = f"{post.title} — {post.text}" if post.title else post.text
        when = timestamp(post.published_at) or "no date"
        print(f"{when:<20}  {one_line(author, 18):<18}  {one_line(said, 120)}")
    for reject in result.rejects:
        say(f"{channel}: set aside: {one_line(reject.reason)}")


sources.add_command(discover)
sources.add_command(kinds)
sources.add_command(opml)
sources.add_command(plan)


@click.command()
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@common
def rejects(session: Session, limit: int) -> int:
    """List what could not be read, newest first: when, where, why, how often, and how it begins."""
    from listen.cli.records import local_time, timestamp

    with session.reader() as reader:
        listed = reader.rejects(limit)
    for reject in listed if session.as_json else ():
        print_json(
            {
                "time": timestamp(reject.at),
                "source": reject.source,
                "channel": reject.channel,
                "reason": reject.reason,
                "message": reject.message,
                "seen": reject.seen,
                "sample": reject.sample,
            }
        )
    if not session.as_json and listed:
        rows = [
            (
                local_time(r.at),
                one_line(r.source or ""),
                one_line(r.channel or "", 40),
                one_line(r.reason),
                f"×{r.seen}",
                one_line(r.message if r.message == r.sample else f"{r.message} {r.sample}", 120),
            )
            for r in listed
        ]
        print_table(("time", "source", "channel", "reason", "seen", "what"), rows)
    if not listed:
        say("nothing has been set aside")
    return FOUND if listed else NOTHING
