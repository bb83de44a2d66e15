"""`forget`: a person erased from the store, by the collector that runs or here under its lock, with a receipt."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import FOUND, NOTHING, USAGE, Fault, Session, common, print_json, say
from listen.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listen.store.forget import Account
    from listen.store.sqlite import Connection

SHOWN = 10
"""Accounts, or names of the configuration, that are listed."""


@click.command()
@click.argument("author", required=False)
@click.option("--merged", is_flag=True, help="Also the accounts that were merged with it by hand.")
@click.option("--mentions", is_flag=True, help="Also mask the handle in what others say.")
@click.option("--receipts", is_flag=True, help="List what was erased before, and by whom.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def forget(session: Session, author: str | None, merged: bool, mentions: bool, receipts: bool, yes: bool) -> int:
    """Erase AUTHOR with all that they said, for good, and keep them out from now on.

    AUTHOR is a handle (@claire@mastodon.social), one of a network (hackernews:claire), or the address of a profile.
    """
    if receipts:
        return _list_receipts(session)
    if not author:
        raise Fault("whom? `listen forget @claire@mastodon.social`; --receipts lists what was erased before", USAGE)
    session.must_write()
    with reading(session) as connection:
        people = _meant(connection, author, merged)
        if not people:
            say(f"nothing is stored of {one_line(author, 80)}; `listen search author:NAME` shows who is")
            return NOTHING
        named = _named(connection, people)
        if not yes:
            ask(_question(connection, people))
    from listen.cli.erasing import erased

    answer = erased(session, "forget", {"authors": [one.id for one in people], "mask": mentions})
    return _tell(session, answer, named)


@contextlib.contextmanager
def reading(session: Session):  # type: ignore[no-untyped-def]
    from listen.store.sqlite import connect_reader

    session.reader().close()  # says in its own words that there is no store
    with contextlib.closing(connect_reader(session.store())) as connection:
        yield connection


def _meant(connection: Connection, author: str, merged: bool) -> list[Account]:
    """The account, with those that were merged with it when that is wanted. Raises Fault for more than one."""
    from listen.store import forget as store_forget

    found = store_forget.found(connection, author)
    if len(found) > 1:
        listed = ", ".join(one_line(one.spelled, 80) for one in found[:SHOWN])
        raise Fault(f"{one_line(author, 80)} may be {listed}{', …' * (len(found) > SHOWN)}; write one of these", USAGE)
    if found and merged:
        return store_forget.accounts(connection, store_forget.merged(connection, [found[0].id]))
    return found


def _question(connection: Connection, people: Sequence[Account]) -> str:
    from listen.store import search

    count = sum(
        len(search.of_author(connection, part.no, one.id)) for part in search.load(connection) for one in people
    )
    who = ", ".join(one_line(f"{one.spelled} ({one.name})" if one.name else one.spelled, 100) for one in people[:SHOWN])
    return f"Erase {who} with {count:,} mentions? This cannot be undone."


def ask(question: str) -> None:
    """Raises Fault unless somebody says yes."""
    if not sys.stdin.isatty():
        raise Fault(f"{question} Nobody can be asked here; --yes does it", USAGE)
    if not click.confirm(question, default=False, err=True):
        raise Fault("nothing was erased", NOTHING)


def _named(connection: Connection, people: Sequence[Account]) -> list[str]:
    """What people of ours wrote themselves and names them still: topics, views, lists, sources."""
    from listen.store import mirror

    terms = [term for one in people for term in one.terms]
    told = [
        (f"the topic {name}", query)
        for name, query in connection.execute("SELECT name, query FROM topics WHERE active").fetchall()
    ]
    told += [
        (f"the source {name}", f"{settings} {key} {label}")
        for name, settings, key, label in connection.execute(
            "SELECT s.name, s.settings, c.key, c.label FROM sources AS s JOIN channels AS c ON c.source_id = s.id"
        ).fetchall()
    ]
    told += [(f"the {name} of the configuration", mirror.state(connection, name) or "") for name in ("views", "lists")]
    return list(dict.fromkeys(one_line(where) for where, text in told if any(term in text.lower() for term in terms)))


def _tell(session: Session, answer: dict[str, Any], named: Sequence[str]) -> int:
    from listen.cli.records import local_time, timestamp
    from listen.store import backup

    with reading(session) as connection:
        copies = backup.known(session.store(), connection)
    if session.as_json:
        times = {"at": timestamp(answer["at"]), "clean_at": timestamp(answer["clean_at"])}
        backups = [{"file": file, "time": timestamp(at)} for file, at in copies]
        print_json({**answer, **times, "backups": backups, "named_in": list(named)})
        return FOUND
    print(f"{answer['receipt']}  {local_time(answer['at'])}  forgotten, by {one_line(answer['by'])}")
    print(f"  erased: {_counted(answer)}")
    if answer["clean_at"]:
        print("  no byte of it is left in the store's files")
    if answer["quoted"]:
        say(f"{answer['quoted']:,} mentions of others still name them as @handle; --mentions masks that")
    for where in named[:SHOWN]:
        say(f"{where} still names them: that is yours to change")
    if copies:
        say(
            "backups made before still hold them; these may: "
            + ", ".join(f"{f} ({local_time(at)})" for f, at in copies[:SHOWN])
        )
    say("`listen restore` erases them again, as long as the .forgotten file lies beside the store")
    return FOUND


WORDS = {
    "mentions": "mentions", "sightings": "sightings", "names": "names", "notes": "notes", "tags": "tags",
    "triage": "states of work", "labels": "judgements", "growth": "counts over time", "journal": "journal entries",
    "rejects": "rejects", "requests": "requests", "masked": "handles masked in what others say",
    "pseudonyms": "pseudonyms",
}  # fmt: skip
"""A receipt's counts, as they are told."""


def _counted(counts: dict[str, Any]) -> str:
    told = [f"{counts[name]:,} {word}" for name, word in WORDS.items() if counts.get(name)]
    return ", ".join([*told, "and the words of all that in the search index"])


def _list_receipts(session: Session) -> int:
    from listen.cli.records import local_time, timestamp
    from listen.collect.erasing import record
    from listen.store import mirror, receipts

    with reading(session) as connection:
        found, kept_out = receipts.listed(connection), int(mirror.state(connection, "kept_out") or 0)
    for one in found:
        if session.as_json:
            print_json({**record(one), "at": timestamp(one.at), "clean_at": timestamp(one.clean_at)})
            continue
        clean = "no byte is left" if one.clean_at else "some bytes may be left in the files yet"
        print(f"{one.id}  {local_time(one.at)}  {one.action}, by {one_line(one.by)}: {_counted(one.counts)}; {clean}")
    if kept_out:
        say(f"forgotten: {kept_out:,} posts that came again were kept out")
    if not found:
        say("nothing was erased yet")
    return FOUND if found else NOTHING
