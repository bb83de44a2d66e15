"""`people`: who talks, one person on a page, accounts that are one person, and who our customers are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import (
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
    USAGE,
    Fault,
    Group,
    Session,
    common,
    print_json,
    print_table,
    say,
    writing,
)  # fmt: skip
from listen.clock import from_environment
from listen.model import id_time
from listen.text import one_line
from listen.told import of_stories

if TYPE_CHECKING:
    from listen.insight.people import Crowd, Order, Talker, Voice
    from listen.insight.person import Person
    from listen.query.tree import Node
    from listen.store.customers import Customer
    from listen.store.people import Account, Who
    from listen.store.read import Reader
    from listen.store.triage import Triage

ORDERS = ("mentions", "followers", "endorsed", "critics", "fans")

LISTED = 20

FAULTS = 10
"""Lines of a list that are told one by one."""

WITH_VALUE = ("--db", "--config", "--order", "--limit")


class _People(Group):
    """What is no command of its own is a query: `listen people topic:acme` lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = iter(args)
        for word in words:
            if word in WITH_VALUE:
                next(words, None)
            elif word in ("--help", "-h") or word in self.commands:
                return super().parse_args(ctx, args)
            elif not word.startswith("--"):
                break
        return super().parse_args(ctx, ["list", *args])


@click.group(cls=_People, subcommand_metavar="[QUERY] | COMMAND [ARGS]...")
@common
def people(_session: Session) -> None:
    """List who talks about a QUERY (or about everything): how much, in which tone, how far they reach, which part they
    take. Without a `since:` of your own it looks at all that is stored, newest first."""


@people.command("list", context_settings=QUERY_SETTINGS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="QUERY")
@click.option("--order", type=click.Choice(ORDERS), default="mentions", show_default=True, help="Who comes first.")
@click.option("--limit", type=click.IntRange(1), default=LISTED, show_default=True, help="At most so many.")
@common
def list_(session: Session, words: Sequence[str], order: Order, limit: int) -> int:
    """List who talks about a QUERY."""
    from listen.cli.read import meant, parse_words
    from listen.insight.people import Crowd, first, look

    node, now, crowd = parse_words(words), from_environment().now(), Crowd()
    with session.reader() as reader:
        node = meant(reader, node, words)
        look(reader, crowd, node, _topic(reader, node), budget=None, now=now)
        found = first(reader, crowd, order, limit=limit)
    for talker in found if session.as_json else ():
        print_json(_record(talker))
    if found and not session.as_json:
        print_table(("said", "tone", "who", "followers", "endorsed", "role", "side", "segment"), map(_row, found))
    _tell(crowd)
    return FOUND if found else NOTHING


def _topic(reader: Reader, node: Node) -> str | None:
    """The one topic that a query is about, by which tone is told."""
    from listen.query import tree
    from listen.text import fold

    parts = node.items if isinstance(node, tree.And) else (node,)
    named = [part.values for part in parts if isinstance(part, tree.Facet) and part.name == "topic"]
    if len(named) != 1 or len(named[0]) != 1:
        return None
    return next((one.name for one in reader.topics(now=0.0) if fold(one.name) == named[0][0]), None)


def _tell(crowd: Crowd) -> None:
    """How many take which part, beside the usual marks; how far back was looked."""
    from listen.insight.people import MARKS, NOT_SEEN

    shares, marks = crowd.shares(), dict(MARKS)
    if not shares.people:
        say("nobody talks about this")
        return

    def part(n: int) -> str:
        return f"{100 * n / shares.people:.0f} %"

    say(
        f"{shares.people:,} people, {crowd.n:,} mentions: {part(shares.produces)} produce, {part(shares.comments)} "
        f"comment, {part(shares.relays)} relay; {shares.evangelists:,} evangelists, {shares.detractors:,} detractors"
    )
    say(
        f"engaged {part(shares.engaged)} (mark {marks['engaged']}), casual {part(shares.casual)} (mark "
        f"{marks['casual']}), once {part(shares.once)}; {NOT_SEEN} (mark {marks['silent']})"
    )
    if not crowd.complete:
        back = time.strftime("%Y-%m-%d %H:%M", time.gmtime(id_time(crowd.back_to)))
        say(f"the newest {crowd.n:,} mentions were looked at, back to {back} UTC")


def _row(talker: Talker) -> tuple[str, ...]:
    voice, who = talker.voice, talker.who
    mean = "?" if voice.mean is None else f"{voice.mean / 1000:+.2f}"
    known = ("?" if count is None else f"{count}" for count in (who.followers, voice.endorsed))
    return (str(voice.n), mean, _called(who), *known, voice.role, voice.stance, one_line(" ".join(who.segments)))


def _called(who: Who) -> str:
    """Every account, as `show` and `merge` understand it."""
    return ", ".join(_address(one) for one in who.accounts)


def _address(account: Account) -> str:
    return one_line(f"{account.network}/{account.handle}", 80)


def _account_record(account: Account) -> dict[str, Any]:
    return account._asdict() | {"segments": list(account.segments), "customer": account.customer or None}


def _voice_record(voice: Voice) -> dict[str, Any]:
    return {
        "mentions": voice.n, "negative": voice.neg, "positive": voice.pos, "scored": voice.scored,
        "mean": None if voice.mean is None else round(voice.mean / 1000, 4), "endorsed": voice.endorsed,
        "role": voice.role, "produced": voice.produces, "commented": voice.comments, "relayed": voice.relays,
        "stance": voice.stance or None, "weeks": voice.weeks, "positive_weeks": voice.good_weeks,
        "negative_weeks": voice.bad_weeks, "newest": voice.newest,
    }  # fmt: skip


def _record(talker: Talker) -> dict[str, Any]:
    accounts = [_account_record(one) for one in talker.who.accounts]
    return {"person": talker.who.person, "accounts": accounts, "followers": talker.who.followers} | _voice_record(
        talker.voice
    )


# --- one person ------------------------------------------------------------------------------------------------------


def _meant(reader: Reader, written: str) -> int:
    """The one person who is meant by a handle."""
    found = reader.persons(written)
    if not found:
        raise Fault(f"nobody called {one_line(written, 60)} has been heard", NOTHING)
    if len(found) > 1:
        several = "; ".join(_called(one) for one in reader.who(found[:8]))
        raise Fault(f"{one_line(written, 60)} is the name of several: {several}; write one of these", USAGE)
    return found[0]


@people.command()
@click.argument("author")
@common
def show(session: Session, author: str) -> int:
    """Tell all that is held of AUTHOR (a handle, or network/handle) on one page."""
    from listen.insight.person import person

    now = from_environment().now()
    with session.reader() as reader:
        found = person(reader, _meant(reader, author), now=now)
    assert found is not None
    if session.as_json:
        print_json(_person_record(found))
    else:
        for line in _page(found):
            print(line)
    return FOUND


def _person_record(found: Person) -> dict[str, Any]:
    return {
        "person": found.who.person, "accounts": [_account_record(one) for one in found.who.accounts],
        "followers": found.who.followers,
        "joined": [one._asdict() for one in found.joined],
        "all": _voice_record(found.all), "stories": found.stories, "left_out": found.left_out, "more": found.more,
        "topics": {name: _voice_record(voice) for name, voice in found.topics},
        "to_us": found.to_us, "answered": found.answered,
        "cases": [
            {"mention": case.mention.id, "what": case.what, "later": case.later and case.later.id}
            for case in found.cases
        ],
        "words": dict(found.words), "tags": dict(found.tags), "weeks": [one._asdict() for one in found.weeks],
        "mentions": [one.id for one in found.mentions],
    }  # fmt: skip


def _page(found: Person) -> Iterator[str]:
    for account in found.who.accounts:
        name = f"  {one_line(account.name, 60)}" if account.name else ""
        known = "followers unknown" if account.followers is None else f"{account.followers:,} followers"
        told = one_line(" ".join((account.customer, *account.segments)).strip())
        yield f"{_address(account)}{name}  {known}{f'  customer {told}' if told else ''}"
    for one in found.joined:
        yield f"one person: {one_line(one.reason)} ({one_line(one.by)})"
    told = of_stories(found.all.n, found.stories)
    yield f"{found.all.n:,}{'+' * found.more} mentions{told}, {found.left_out:,} left out, {_part(found.all)}"
    for name, voice in found.topics:
        yield f"toward {one_line(name, 40)}: {voice.n:,} mentions, {_part(voice)}"
    yield f"{found.to_us:,} answer something of ours, we answered {found.answered:,}"
    if found.cases:
        counts = ", ".join(f"{found.share(what):,} {what}" for what in ("recovered", "answered", "open"))
        yield f"{len(found.cases):,} negative: {counts}"
    for label, counted in (("words", found.words), ("tags", found.tags)):
        if counted:
            yield f"{label}: {one_line(' '.join(f'{word} ({n})' for word, n in counted))}"
    for mention in found.mentions:
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(mention.time))
        yield f"{mention.id}  {when}  {mention.tone:7}  {one_line(mention.title or mention.text, 100)}"


def _part(voice: Voice) -> str:
    mean = "not scored" if voice.mean is None else f"mean {voice.mean / 1000:+.2f}"
    weeks = f", {voice.stance}" if voice.stance else ""
    return f"{mean}, {voice.role}, spoke in {voice.weeks} week{'s' * (voice.weeks != 1)}{weeks}"


# --- who is one person -----------------------------------------------------------------------------------------------


def _triage(session: Session) -> Triage:
    from listen.store.triage import Triage

    session.reader().close()
    return Triage(session.store(), session.config().me.name, from_environment())


@people.command()
@click.argument("authors", nargs=-1, required=True, metavar="AUTHOR OTHER...")
@click.option("--reason", required=True, help="What tells that they are one person.")
@writing
def merge(session: Session, authors: Sequence[str], reason: str) -> int:
    """Take AUTHOR and the OTHERs for one person."""
    if len(authors) < 2:
        raise Fault("it takes two accounts at least: listen people merge AUTHOR OTHER --reason WHY", USAGE)
    with session.reader() as reader:
        persons = [_meant(reader, one) for one in authors]
    with _triage(session) as triage:
        try:
            done = triage.unite(persons, reason)
        except ValueError as error:
            raise Fault(str(error), USAGE) from None
    say(done.text if done.count else "they are one person already")
    return FOUND if done.count else NOTHING


@people.command()
@click.argument("author")
@writing
def split(session: Session, author: str) -> int:
    """Take AUTHOR, who is several accounts, apart again."""
    with session.reader() as reader:
        person = _meant(reader, author)
    with _triage(session) as triage:
        done = triage.part(person)
    say(done.text if done.count else "this is one account: there is nothing to take apart")
    return FOUND if done.count else NOTHING


# --- customers -------------------------------------------------------------------------------------------------------


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Drop customers that are not in FILE.")
@writing
def import_(session: Session, file: Path, replace: bool) -> int:
    """Take in a list of customers: a CSV FILE with the columns handle, customer id, segment and, if known, network.

    `segment:` then asks for what they say. A line that cannot be taken is told, and the others are.
    """
    from listen.store import customers

    taken: list[Customer] = []
    faults: list[customers.Fault] = []
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        try:
            for one in customers.read(lines):
                if isinstance(one, customers.Fault):
                    faults.append(one)
                else:
                    taken.append(one)
        except customers.NoList as error:
            raise Fault(f"{file}: {error}", USAGE) from None
    for fault in faults[:FAULTS]:
        say(f"{file}:{fault.line}: {fault.message}")
    if len(faults) > FAULTS:
        say(f"and {len(faults) - FAULTS:,} more lines that cannot be taken")
    wanted = {(one.handle_key, one.network): one for one in taken}
    counts = _keep(session, list(wanted.values()), replace and bool(wanted))
    record = {"lines": len(taken) + len(faults), "customers": len(wanted), "refused": len(faults), **counts}
    if session.as_json:
        print_json(record)
    else:
        say(
            f"{len(wanted):,} customers: {counts['new']:,} new, {counts['changed']:,} changed, {counts['same']:,} as "
            f"before, {counts['gone']:,} dropped; {counts['heard']:,} of their accounts have been heard"
            + (f"; {counts['forgotten']:,} left out, who were forgotten" if counts["forgotten"] else "")
            + (f"; {len(faults):,} lines refused" if faults else "")
            + ("; `listen undo` takes it back" if counts["new"] or counts["changed"] or counts["gone"] else "")
        )
    return FOUND if wanted else NOTHING


def _keep(session: Session, wanted: Sequence[Customer], replace: bool) -> dict[str, int]:
    from listen.store import customers

    with _triage(session) as triage:
        forgotten = customers.kept_out(triage.connection, wanted)
        wanted = [one for one in wanted if one not in forgotten]
        counts = customers.compared(triage.connection, wanted, replace)._asdict()
        triage.keep_customers(wanted, replace=replace)
    return {**counts, "forgotten": len(forgotten)}
