"""`search`, `tail`, `count`, `show`: what is stored, on standard output."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from listen import query as queries
from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Session, common, print_json, say
from listen.clock import Clock, from_environment
from listen.query import folding
from listen.told import of_stories

if TYPE_CHECKING:
    from listen.model import Mention
    from listen.query.tree import Node
    from listen.store.read import Reader

PAGE = 500
HIDDEN = 10_000
"""How far is counted what is left out."""

TOLD = 100_000
"""Mentions up to which it is counted how many stories they tell."""

POLL = 0.5
"""Seconds between two looks for arrivals."""

query_argument = click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="QUERY")


def parse_words(words: Sequence[str]) -> Node:
    """The query that the words of the command line make; an error shows the query with a caret."""
    text = " ".join(words)
    try:
        node = queries.parse(text)
    except queries.QueryError as error:
        raise Fault(f"{error}\n{error.caret(text)}", USAGE) from None
    for hint in queries.hints(text):
        say(f"listen: {hint.message}")
    return node


def meant(reader: Reader, node: Node, words: Sequence[str]) -> Node:
    """The query with the store's saved queries and lists in their places; an unknown name is an error with a caret."""
    try:
        wanted = reader.resolved(node, strict=True)
    except queries.QueryError as error:
        raise Fault(f"{error}\n{error.caret(' '.join(words))}", USAGE) from None
    for hint in reader.strangers(node):
        say(f"listen: {hint.message}")
    return wanted


def tell_noise(reader: Reader, node: Node, now: float) -> None:
    """Say how much noise of a query was left out of a list, where the query does not speak of noise itself."""
    noise = folding.folded_away(node)
    if noise is not None and (hidden := reader.count(noise, cap=HIDDEN, budget=None, now=now).n):
        say(f"{_up_to(hidden)} noise hidden; is:noise finds it")


def left_out(reader: Reader, node: Node, now: float) -> dict[str, int]:
    """How many mentions of a query are left out of its number, up to HIDDEN of each kind; said, too."""
    parts = folding.left_out(node)
    found = {name: reader.count(part, cap=HIDDEN, budget=None, now=now).n for name, part in parts.items()}
    told = []
    for name, n in found.items():
        _, query, words = folding.APART[name]
        told += [f"{_up_to(n)} {words} ({query} counts {'it' if name == 'noise' else 'them'})"] if n else []
    if told:
        say(f"not counted: {', '.join(told)}")
    return {str(name): n for name, n in found.items() if n}


def _up_to(n: int) -> str:
    return f"{n:,}{'+' * (n == HIDDEN)}"


def print_mention(mention: Mention, session: Session, *, story: bool = False) -> None:
    from listen.cli.records import as_json, one_row

    if session.as_json:
        print_json(as_json(mention))
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(one_row(mention, width, story=story))


def found(reader: Reader, node: Node, limit: int, now: float) -> Iterator[Mention]:
    """Mentions that match, newest first, a page at a time so that output starts at once."""
    before: int | None = None
    while limit > 0:
        page = reader.page(node, before=before, limit=min(PAGE, limit), budget=None, now=now)
        yield from reader.mentions(page.ids)
        limit -= len(page.ids)
        if len(page.ids) < PAGE:
            return
        before = page.ids[-1]


def stories(mentions: Iterable[Mention], limit: int) -> Iterator[Mention]:
    """Of each story its first mention here, so many stories; what nobody else tells is one, too."""
    seen: set[int] = set()
    for mention in mentions:
        if mention.story is None or mention.story not in seen:
            seen.update(() if mention.story is None else (mention.story,))
            yield mention
            limit -= 1
            if not limit:
                return


@click.command(context_settings=QUERY_SETTINGS)
@query_argument
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--stories", "folded", is_flag=True, help="One line for each story, with how many tell it.")
@common
def search(session: Session, words: Sequence[str], limit: int, everything: bool, folded: bool) -> int:
    """Print mentions that match QUERY, newest first."""
    node = parse_words(words)
    code = NOTHING
    with session.reader() as reader:
        now = from_environment().now()
        node = meant(reader, node, words)
        most = sys.maxsize if everything else limit
        mentions = found(reader, folding.folded(node), sys.maxsize if folded else most, now)
        for mention in stories(mentions, most) if folded else mentions:
            print_mention(mention, session, story=folded)
            code = FOUND
        tell_noise(reader, node, now)
    if code == NOTHING:
        say("nothing found")
    return code


@click.command(context_settings=QUERY_SETTINGS)
@query_argument
@common
def count(session: Session, words: Sequence[str]) -> int:
    """Print how many mentions match QUERY, and how many stories they tell.

    Our own, noise and dismissed ones are told apart, unless asked for.
    """
    node = parse_words(words)
    with session.reader() as reader:
        now = from_environment().now()
        node = meant(reader, node, words)
        number = reader.count(folding.counted(node), cap=None, budget=None, now=now).n
        told = reader.count_stories(folding.counted(node), cap=TOLD, now=now) if number <= TOLD else None
        apart = left_out(reader, node, now)
    if stories := of_stories(number, told):
        say(stories.strip())
    print_json({"count": number, "stories": told, "left_out": apart}) if session.as_json else print(number)
    return FOUND if number else NOTHING


@click.command()
@click.argument("mention_id", type=int, metavar="ID")
@common
def show(session: Session, mention_id: int) -> int:
    """Print one mention with all that is known of it."""
    from listen.cli.records import as_json, full, path

    with session.reader() as reader:
        mention = reader.mention(mention_id)
        spread = reader.story(mention.story) if mention is not None and mention.story is not None else None
    if mention is None:
        say(f"there is no mention {mention_id}; `listen search` prints the ids")
        return NOTHING
    print_json(as_json(mention) | {"spread": path(spread)}) if session.as_json else print(full(mention, spread))
    return FOUND


@click.command(context_settings=QUERY_SETTINGS)
@query_argument
@click.option(
    "--lines", type=click.IntRange(0), default=10, show_default=True, help="Begin with so many that are there."
)
@common
def tail(session: Session, words: Sequence[str], lines: int) -> int:
    """Print mentions that match QUERY as they arrive, until ctrl+c."""
    node = parse_words(words)
    try:
        with session.reader() as reader:
            _tail(reader, folding.folded(meant(reader, node, words)), lines, session)
    except KeyboardInterrupt:
        return FOUND
    return FOUND


def _tail(reader: Reader, node: Node, lines: int, session: Session) -> None:
    clock = from_environment()
    sequence, _ = reader.arrivals(None)
    for mention in reversed(list(found(reader, node, lines, clock.now()))):
        print_mention(mention, session)
    _follow(reader, node, sequence, clock, session)


def _follow(reader: Reader, node: Node, sequence: int, clock: Clock, session: Session) -> None:
    from listen.query.match import Subject, compile

    while True:
        sys.stdout.flush()
        sequence, ids = reader.arrivals(sequence)
        matches = compile(node, clock.now())
        for mention in reader.mentions(ids):
            if matches(Subject.of(mention)):
                print_mention(mention, session)
        if not ids:
            time.sleep(POLL)
