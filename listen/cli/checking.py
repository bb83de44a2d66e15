"""`query check`: a sample of what a query finds to be judged, and what the judgements say of the query."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import click

from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Session, common, print_json, say
from listen.cli.read import meant, parse_words, query_argument
from listen.cli.verdicts import read_verdicts
from listen.clock import from_environment

if TYPE_CHECKING:
    from listen.insight.checking import Verdict
    from listen.query.tree import Node
    from listen.store.labels import Asked
    from listen.store.read import Reader

WORDS = {"keep": True, "refuse": False}
TOLD = "no judgement; write `ID keep` or `ID refuse`, an id a line"


class _What(NamedTuple):
    """What is checked."""

    node: Node
    text: str
    """The query that exclusions are added to, and that judgements are kept with."""
    topic: str


@click.command(context_settings=QUERY_SETTINGS)
@query_argument
@click.option("--topic", metavar="NAME", help="Check a topic: what is stored as matching it.")
@click.option("--sample", "size", type=click.IntRange(1, 1000), default=50, show_default=True, help="So many mentions.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another number draws another sample.")
@click.option(
    "--judged", type=click.File("r", encoding="utf-8"), metavar="FILE",
    help="Lines `ID keep` or `ID refuse`, - for standard input.",
)  # fmt: skip
@common
def check(
    session: Session, words: Sequence[str], topic: str | None, size: int, seed: int, judged: TextIO | None
) -> int:
    """Print a random sample of what QUERY finds, to be judged; with --judged what the judgements say of it."""
    now = from_environment().now()
    with session.reader() as reader:
        what = _what(reader, words, topic, now)
        if judged is not None:
            return _judge(session, reader, what, judged, now)
        return _print_sample(session, reader, what, size, seed, now)


def _what(reader: Reader, words: Sequence[str], topic: str | None, now: float) -> _What:
    if topic is None:
        if not words:
            raise Fault("give a query to check, or --topic with the name of one", USAGE)
        return _What(meant(reader, parse_words(words), words), " ".join(words), "")
    if words:
        raise Fault("give a query or --topic, not both", USAGE)
    name, query, node = topic_of(reader, topic, now)
    return _What(node, query, name)


def topic_of(reader: Reader, topic: str, now: float) -> tuple[str, str, Node]:
    """(its name, its query, a query for what is stored as matching it).

    Raises:
        Fault: there is none of that name.
    """
    from listen.config import closest
    from listen.query.tree import Facet
    from listen.text import fold

    listed = {one.name: one.query for one in reader.topics(now=now)}
    name = next((one for one in listed if fold(one) == fold(topic)), None)
    if name is None:
        hint = closest(topic, list(listed)) or (
            f"the topics are {', '.join(listed)}" if listed else "there is none yet"
        )
        raise Fault(f'there is no topic "{topic}"; {hint}', USAGE)
    return name, listed[name], Facet("topic", (fold(name),))


def _asked(what: _What) -> Asked:
    from listen.store.labels import Asked

    return Asked(what.text, what.topic)


def _print_sample(session: Session, reader: Reader, what: _What, size: int, seed: int, now: float) -> int:
    from listen.cli.records import as_json, one_row
    from listen.insight.sampling import sample

    drawn = sample(reader, what.node, size, seed, now=now)
    known = reader.labelled(_asked(what), drawn.ids)
    data = session.as_json or not sys.stdout.isatty()
    for mention in reader.mentions(drawn.ids):
        if data:
            print_json(as_json(mention) | {"judged": _word(known.get(mention.id))})
        else:
            print(one_row(mention, shutil.get_terminal_size().columns))
    if not drawn.ids:
        say("nothing found" if drawn.whole else f"nothing found in the time there was: {drawn.rule}")
        return NOTHING
    say(drawn.rule)
    say("--judged FILE takes lines `ID keep` or `ID refuse`; in the console `:check` asks one by one")
    return FOUND


def _word(kept: bool | None) -> str | None:
    return None if kept is None else "keep" if kept else "refuse"


# --- what was judged -------------------------------------------------------------------------------------------------


def _judge(session: Session, reader: Reader, what: _What, file: TextIO, now: float) -> int:
    from listen.insight.checking import verdict

    try:
        given = read_verdicts(file, WORDS, TOLD)
    except UnicodeDecodeError:
        raise Fault("the judgements are not text in UTF-8; write lines `ID keep` or `ID refuse`", USAGE) from None
    said = _of_the_query(reader, what.node, given, now)
    if len(said) < len(given):
        say(f"{len(given) - len(said):,} of {len(given):,} are not found by it (any more), and left out")
    if not said:
        raise Fault("none of the judged mentions is found by it: is it the query that was sampled?", USAGE)
    _keep(session, what, said)
    _print_verdict(session, what, verdict(reader, what.node, what.text, what.text, said, now=now))
    return FOUND


def _of_the_query(reader: Reader, node: Node, given: dict[int, bool], now: float) -> dict[int, bool]:
    from listen.query.match import Subject, compile

    holds = compile(node, now)
    return {one.id: given[one.id] for one in reader.mentions(list(given)) if holds(Subject.of(one))}


def _keep(session: Session, what: _What, said: dict[int, bool]) -> None:
    """Keep the judgements in the store; that they cannot be kept keeps nobody from reading what they say."""
    from listen.config import ConfigError, ConfigErrors
    from listen.store import labels
    from listen.store.sqlite import StoreError, connect_people

    try:
        session.must_write()
        who = session.config().me.name
        with contextlib.closing(connect_people(session.store())) as connection:
            labels.label(connection, _asked(what), said, who, from_environment())
    except (Fault, StoreError, ConfigError, ConfigErrors) as error:
        say(f"the judgements are not kept: {error}")


def _print_verdict(session: Session, what: _What, told: Verdict) -> None:
    from listen.insight import checking
    from listen.text import one_line

    found = told.precision
    if session.as_json:
        print_json(_record(what, told))
        return
    print(found)
    for one in told.proposals:
        print(f"NOT {one_line(one.word)}  {checking.told(one, found)}")
    if told.proposals:
        print(one_line(told.better))
    elif found.kept < found.judged:
        say("no word stands in the refused ones alone; look at their authors and sources")


def _record(what: _What, told: Verdict) -> dict[str, Any]:
    found = told.precision
    return {
        "query": what.text,
        "topic": what.topic or None,
        "judged": found.judged,
        "kept": found.kept,
        "precision": round(found.share, 4),
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "proposals": [
            {"word": one.word, "refused": one.refused, "kept": one.kept, "stored": one.stored.n,
             "stored_complete": one.stored.complete}
            for one in told.proposals
        ],
        "better": told.better,
    }  # fmt: skip
