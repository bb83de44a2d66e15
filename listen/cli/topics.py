"""`topics`: what is listened for, what another query would change, and changing it, forth and back."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import (
    FAILED,
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
    USAGE,
    Fault,
    Session,
    common,
    print_json,
    print_table,
    say,
)
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.config import Config
    from listen.store.generations import Rematch
    from listen.store.read import Reader

PATIENCE = 60.0
"""Seconds that a running collector may take to answer."""


@click.group(invoke_without_command=True)
@common
def topics(session: Session) -> int:
    """List what is listened for: mentions in all, in the last day, and still new; and what is being matched anew."""
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    from listen.cli import dismissals as share
    from listen.insight.dismissals import dismissals

    now = from_environment().now()
    with session.reader() as reader:
        listed, under_way, undoable = reader.topics(now=now), reader.rematches(), reader.undoable()
        dismissed = dismissals(reader, now=now)
    for topic in listed if session.as_json else ():
        record = {"topic": topic.name, "role": topic.role, "query": topic.query, "mentions": topic.mentions}
        record |= {"last_day": topic.last_day, "new": topic.new, "before": undoable.get(topic.name)}
        matching = next((one for one in under_way if one.topic == topic.name), None)
        record |= {"dismissed": share.topic_record(dismissed, topic.name)}
        print_json(record | {"rematch": None if matching is None else _progress(matching)})
    if not session.as_json and listed:
        rows = [
            (
                one_line(t.name),
                t.role,
                str(t.mentions),
                str(t.last_day),
                str(t.new),
                share.percent(dismissed.of_topic(t.name)),
                one_line(t.query, 100),
            )
            for t in listed
        ]
        print_table(("topic", "role", "mentions", "last 24 h", "new", "dismissed", "query"), rows)
        share.tell(dismissed.topics)
        for one in under_way:
            say(_told(one))
    if not listed:
        say("no topic yet; `listen init BRAND` writes one")
    return FOUND if listed else NOTHING


def _told(one: Rematch) -> str:
    by = f", by {one_line(one.by)}" if one.by else ""
    query = one_line(one.query, 100)
    return (
        f"{one_line(one.topic)}: matched anew, {one.share:.0%}: {one.gained:,} gained, {one.lost:,} lost{by}: {query}"
    )


def _progress(one: Rematch) -> dict[str, Any]:
    return {"query": one.query, "by": one.by, "share": round(one.share, 3), "gained": one.gained, "lost": one.lost}


name_argument = click.argument("name")
query_words = click.argument("words", nargs=-1, required=True, metavar="QUERY")


@topics.command(context_settings=QUERY_SETTINGS)
@name_argument
@query_words
@common
def preview(session: Session, name: str, words: Sequence[str]) -> int:
    """Print what QUERY would make of the topic NAME: mentions gained and lost, with examples. Nothing is changed."""
    from listen.collect import topics as changing
    from listen.store.gains import gains

    with session.reader() as reader, _refusing():
        node = changing.readable(" ".join(words))
        if name not in {topic.name for topic in reader.topics(now=from_environment().now())}:
            say(f"there is no topic {one_line(name)} yet, so all that is found is gained")
        found = gains(reader, name, node, now=from_environment().now())
        _print(session, reader, changing.figures(name, found))
    return FOUND if found.gained or found.lost else NOTHING


@topics.command(context_settings=QUERY_SETTINGS)
@name_argument
@query_words
@common
def edit(session: Session, name: str, words: Sequence[str]) -> int:
    """Give the topic NAME another QUERY, and match it anew over all that is stored. `undo` takes it back."""
    return _change(session, "edit", {"topic": name, "query": " ".join(words)})


@topics.command()
@name_argument
@common
def undo(session: Session, name: str) -> int:
    """Give the topic NAME the query and the mentions back that it had before its last change."""
    return _change(session, "re-match", {"topic": name, "undo": True})


def _change(session: Session, kind: str, body: Mapping[str, Any]) -> int:
    """Have it done by the collector that runs, or do it here under its lock."""
    from listen.collect.lock import CollectorLock, Held

    config = session.config(adapters=True)
    with session.reader() as reader, _refusing():
        try:
            lock = CollectorLock(config.store)
        except Held:
            answer, state = _asked(config, kind, body), "is being matched anew, and `listen topics` tells how far"
        else:
            with lock:
                answer, state = _done(session, config, body), "has been matched anew"
        name = one_line(answer["topic"])
        if answer["query"] == answer["before"]:
            say(f"{name} has that query already")
            return NOTHING
        _print(session, reader, answer)
        say(f"{name} {state}; {_place(config, answer['topic'])}`listen topics undo {name}` takes it back")
    return FOUND


def _place(config: Config, name: str) -> str:
    """Where the query stands now when that is not the file that people write: they would change it there in vain."""
    import tomllib

    from listen.config.edits import console_file

    file = console_file(config.files[0])
    found = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return f"its query stands in {file} now; " if name in found.get("topics", {}) else ""


def _asked(config: Config, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the collector answers."""
    from listen.store import requests
    from listen.store.sqlite import connect_people

    clock = from_environment()
    with contextlib.closing(connect_people(config.store)) as people:
        number = requests.ask(people, kind, body, config.me.name, clock)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            request = requests.request(people, number)
            if request is not None and request.error:
                raise Fault(request.error, FAILED)
            if request is not None and request.answer is not None:
                return request.answer
            time.sleep(0.1)
    raise Fault("the collector has not answered yet; `listen topics` will show when it does", FAILED)


def _done(session: Session, config: Config, body: Mapping[str, Any]) -> dict[str, Any]:
    """The same without a collector, to the end, with progress on a terminal."""
    from listen.collect import topics as changing
    from listen.store import rematch, schema
    from listen.store.read import Reader
    from listen.store.sqlite import connect_writer
    from listen.store.write import Writer

    clock, who = from_environment(), config.me.name
    schema.prepare(config.store)
    with Reader(config.store) as reader:
        name, text = changing.wanted(config, reader.undoable(), body)
    before = config.topics[name].query
    found = changing.preview(config.store, name, text, clock)
    if before != text:
        changed = changing.write(config, name, text, lambda: session.config(adapters=True))
        with contextlib.closing(connect_writer(config.store)) as connection:
            writer = Writer(connection, clock)
            writer.claim(who)
            writer.sync_topics([(one.name, one.query, one.role) for one in changed.topics.values()], who)
            writer.note_edit(name, before, text, who)
            tell = _teller()
            for one in rematch.run(writer):
                tell(one.name, one.done_to, writer)
            writer.release()
    return changing.figures(name, found) | {"query": text, "before": before}


def _teller() -> Callable[[str, int, Any], None]:
    """Says on a terminal how far it is, once a second."""
    said = time.monotonic()

    def tell(name: str, done_to: int, writer: Any) -> None:
        nonlocal said
        if sys.stderr.isatty() and time.monotonic() - said > 1:
            from listen.store.generations import progress

            said = time.monotonic()
            say(f"{one_line(name)}: {progress(writer.connection, done_to):.0%} matched anew")

    return tell


def _print(session: Session, reader: Reader, answer: Mapping[str, Any]) -> None:
    """The figures, and the newest mentions gained and lost."""
    if session.as_json:
        print_json(answer)
        return
    say(str(answer["message"]))
    for sign, key in (("+", "gained_examples"), ("-", "lost_examples")):
        for row in reader.rows(answer[key]):
            words = f"{row.title} — {row.text}" if row.title else row.text
            print(f"{sign}  {row.id}  {one_line(words, 100)}")


@contextlib.contextmanager
def _refusing() -> Any:
    """A refusal is wrong usage, in its own words."""
    from listen.collect.topics import Refused

    try:
        yield
    except Refused as refused:
        raise Fault(str(refused), USAGE) from None
