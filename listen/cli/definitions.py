"""Changing topics, views, desks and rules from the command line: by the collector that runs, or here under its lock."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from listen.cli.common import FAILED, FOUND, NOTHING, USAGE, Fault, Session, print_json, say
from listen.clock import Clock, from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.config import Config
    from listen.store.mirror import Edit
    from listen.store.read import Reader
    from listen.store.write import Writer

PATIENCE = 60.0
"""Seconds that a running collector may take to answer."""


def change(session: Session, kind: str, body: Mapping[str, Any]) -> int:
    """Have it done by the collector that runs, or do it here under its lock; tell what became of it."""
    from listen.collect.lock import CollectorLock, Held
    from listen.collect.plan import paid

    config = session.config(adapters=True)
    if body.get("topic") and body.get("query") and (cost := paid(config, str(body["topic"]), str(body["query"]))):
        say(one_line(cost, 300))
    with session.reader() as reader, refusing():
        try:
            lock = CollectorLock(config.store)
        except Held:
            answer, here = asked(config, kind, body), False
        else:
            with lock:
                answer, here = done(session, config, body), True
        return _told(session, config, reader, answer, here)


def _told(session: Session, config: Config, reader: Reader, answer: Mapping[str, Any], done: bool) -> int:
    if "topic" not in answer:
        if session.as_json:
            print_json(answer)
        say(f"{one_line(answer['message'], 300)}; `listen undo` takes it back")
        return FOUND
    name = one_line(answer["topic"])
    if answer["query"] == answer["before"]:
        say(f"{name} has that query already")
        return NOTHING
    print_figures(session, reader, answer)
    state = "has been matched anew" if done else "is being matched anew, and `listen topics` tells how far"
    new = answer.get("before") == ""
    back = f"`listen topics {'remove' if new else 'undo'} {name}` takes it back"
    say(f"{name} {state}; {_place(config, answer['topic'])}{back}")
    return FOUND


def _place(config: Config, name: str) -> str:
    """Where the query stands now when that is not the file that people write: they would change it there in vain."""
    from listen.config.edits import console_file, edited

    there = any((one.table, one.name) == ("topics", name) for one in edited(config.files))
    return f"its query stands in {console_file(config.files[0])} now; " if there else ""


def asked(config: Config, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
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


def done(session: Session, config: Config, body: Mapping[str, Any]) -> dict[str, Any]:
    """The same without a collector, under its lock, to the end, with progress on a terminal.

    What only takes a step of the journal back or forth (`again`) is no step of its own. Raises Refused.
    """
    from listen.collect import definitions
    from listen.store import schema
    from listen.store.journal import Signed, account

    clock, who = from_environment(), config.me.name
    schema.prepare(config.store)
    if definitions.asks_for_query(body):
        return _another_query(session, config, body, clock)
    made = definitions.wanted(config, body, clock)
    answer = definitions.answer(config, made, clock)
    changed = definitions.write(config, made, lambda: session.config(adapters=True))
    with _writer(changed, clock, who) as writer:
        if not body.get("again"):
            definitions.note(writer, made, Signed(who, account()))
        _match(writer)
    return answer


def _another_query(session: Session, config: Config, body: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    from listen.collect import definitions
    from listen.collect import topics as changing
    from listen.store.journal import Signed, account
    from listen.store.read import Reader

    with Reader(config.store) as reader:
        name, text = definitions.wanted_query(config, reader.undoable(), body)
    before = config.topics[name].query
    found = changing.preview(config.store, name, text, clock)
    if before != text:
        changed = changing.write(config, name, text, lambda: session.config(adapters=True))
        with _writer(changed, clock, config.me.name) as writer:
            if not body.get("again"):
                writer.note_edit(name, before, text, Signed(config.me.name, account()))
            _match(writer)
    return changing.figures(name, found) | {"query": text, "before": before}


@contextlib.contextmanager
def _writer(changed: Config, clock: Clock, who: str) -> Iterator[Writer]:
    """The store with topics and views as they are configured now."""
    from listen import absence
    from listen.collect import desks, ruling
    from listen.collect.channels import desks_of, edits, retention_of, saved_views, taught_of
    from listen.store.sqlite import connect_writer
    from listen.store.write import Writer

    moved = desks.shifts(changed.store, changed, clock)
    with contextlib.closing(connect_writer(changed.store)) as connection:
        writer = Writer(connection, clock)
        writer.claim(who)
        writer.sync_teaching(taught_of(changed))
        writer.sync_topics([(one.name, one.query, one.role) for one in changed.topics.values()], who)
        writer.sync_views(saved_views(changed))
        writer.sync_retention(retention_of(changed))
        writer.sync_lists(changed.lists)
        writer.sync_desks(desks_of(changed))
        desks.settle(writer, moved)
        writer.set_state("people", absence.written(absence.people(changed.tables.get("people", {}))))
        writer.sync_edits(edits(changed))
        writer.set_state("rules_written", json.dumps(ruling.mirrored(changed), ensure_ascii=False))
        yield writer
        writer.release()


def _match(writer: Writer) -> None:
    from listen.store import rematch

    tell = _teller()
    for one in rematch.run(writer):
        tell(one.name, one.done_to, writer)


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


def print_figures(session: Session, reader: Reader, answer: Mapping[str, Any]) -> None:
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
def refusing() -> Iterator[None]:
    """A refusal is wrong usage, in its own words."""
    from listen.collect.topics import Refused

    try:
        yield
    except Refused as refused:
        raise Fault(str(refused), USAGE) from None


# --- what counts over the file ---------------------------------------------------------------------------------------


def edits_of(session: Session, reader: Reader, table: str) -> list[Edit]:
    """What `console.toml` decides about, by the files as they are now; by the store where they cannot be read."""
    from listen.config import ConfigErrors, find_file, locate_store
    from listen.config.edits import edited
    from listen.store.mirror import Edit

    known = reader.edits()
    bases = {(one.table, one.name, one.query): one.base for one in known}
    try:
        file = find_file(session.config_file)
        if session.db is not None and session.config_file is None and locate_store() != session.store():
            file = None  # the person's own configuration is about another store
    except ConfigErrors:
        file = None
    if file is not None:
        known = [
            Edit(*one[:3], str(one.file), one.line, one.under, bases.get(one[:3], one.under))
            for one in edited((file,))
        ]  # fmt: skip
    return [one for one in known if one.table == table]


def masked(edit: Edit) -> str:
    """That a query of the file does not count, since when, and how to give up the one that does."""
    kind = "rule" if edit.table == "alerts" else edit.table.removesuffix("s")
    changed = ", which was changed since, in vain" if edit.stale else ""
    verb = "remove" if kind == "view" else "reset"
    name = one_line(edit.name)
    return (
        f"{name}: console.toml decides about this {kind}, not {one_line(edit.file, 200)}:{edit.line} "
        f"({one_line(edit.under or '', 80)}){changed}; `listen {edit.table} {verb} {name}` makes the file decide again"
    )


def mask_record(edit: Edit | None) -> dict[str, Any] | None:
    """The same for a script."""
    if edit is None or edit.under is None:
        return None
    return {"file": edit.file, "line": edit.line, "query": edit.under, "changed_since": edit.stale}
