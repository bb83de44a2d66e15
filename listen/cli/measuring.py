"""`sentiment check`: a random sample to be labelled blind, and what the labels say of the scores."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TextIO

import click

from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Session, common, print_json, say
from listen.cli.read import meant, parse_words, query_argument
from listen.cli.verdicts import read_verdicts
from listen.clock import from_environment

if TYPE_CHECKING:
    from listen.query.tree import Node
    from listen.store.labels import Asked
    from listen.store.read import Reader
    from listen.store.sqlite import Connection

WORDS = {
    "+": 1, "pos": 1, "positive": 1, "-": -1, "neg": -1, "negative": -1, "0": 0, "neu": 0, "neutral": 0, "skip": None,
}  # fmt: skip
TOLD = "no label; write `ID +`, `ID -`, `ID 0` or `ID skip`"
LABELS = {1: "+", 0: "0", -1: "-"}
BLIND = ("id", "published_at", "network", "kind", "url", "author", "author_name", "title", "text", "lang", "rating")
"""What of a mention who labels it is told: nothing that the program makes of it."""


class _What(NamedTuple):
    """What is sampled."""

    node: Node
    asked: Asked


@click.command(context_settings=QUERY_SETTINGS)
@query_argument
@click.option("--topic", metavar="NAME", help="Measure a topic: what is stored as matching it.")
@click.option("--sample", "size", type=click.IntRange(1, 1000), help="So many mentions.  [default: 50]")
@click.option("--seed", type=int, help="Another number draws another sample; without, the last one is gone on with.")
@click.option("--by-tone", is_flag=True, help="Draw as many of each tone, weighed again in the figures.")
@click.option(
    "--labels", type=click.File("r", encoding="utf-8"), metavar="FILE",
    help="Lines `ID +`, `ID -`, `ID 0` or `ID skip`, - for standard input.",
)  # fmt: skip
@click.option("--figures", is_flag=True, help="What the labels say so far; draws nothing.")
@common
def check(
    session: Session,
    words: Sequence[str],
    topic: str | None,
    size: int | None,
    seed: int | None,
    by_tone: bool,
    labels: TextIO | None,
    figures: bool,
) -> int:
    """Print a random sample of QUERY (nothing: everything) to be labelled, or with --labels, what they say."""
    now = from_environment().now()
    with session.reader() as reader:
        what = _what(reader, words, topic, now)
        if labels is not None:
            _keep_labels(session, reader, what, labels)
        if labels is not None or figures:
            return _print_measured(session, reader, what, now)
        return _print_sample(session, reader, what, (size, seed, by_tone), now)


def _what(reader: Reader, words: Sequence[str], topic: str | None, now: float) -> _What:
    from listen.cli.checking import topic_of
    from listen.store.labels import Asked

    if topic is None:
        return _What(meant(reader, parse_words(words), words), Asked(" ".join(words)))
    if words:
        raise Fault("give a query or --topic, not both", USAGE)
    name, query, node = topic_of(reader, topic, now)
    return _What(node, Asked(query, name))


def _writing(session: Session) -> contextlib.closing[Connection]:
    """The store, open for what people say."""
    from listen.store.sqlite import connect_people

    session.must_write()
    return contextlib.closing(connect_people(session.store()))


# --- the sample ------------------------------------------------------------------------------------------------------


def _print_sample(
    session: Session, reader: Reader, what: _What, wanted: tuple[int | None, int | None, bool], now: float
) -> int:
    from listen.cli.records import as_json
    from listen.insight import blind
    from listen.store import samples

    size, seed, by_tone = wanted
    kept = None if by_tone else blind.latest(reader, what.asked, size, seed)
    if kept is None:
        drawn = blind.draw(reader, what.asked, what.node, size or blind.SIZE, seed or 1, now=now, by_tone=by_tone)
        if not drawn.members:
            say("nothing found")
            return NOTHING
        with _writing(session) as connection:
            sample_id, rule = samples.keep(connection, drawn, from_environment()), drawn.rule
    else:
        sample_id, rule = kept.id, kept.rule
    members, said = reader.sampled(sample_id, session.who())
    for mention in reader.mentions([one.mention_id for one in members]):
        label = LABELS[said[mention.id]] if mention.id in said else None
        record = as_json(mention)
        told = {name: record[name] for name in BLIND} | {"label": label}
        if session.as_json or not sys.stdout.isatty():
            print_json(told)
        else:
            print(_row(mention.id, label or " ", f"{mention.title or ''} {mention.text}"))
    say(f"{rule}; what does each say of {what.asked.topic}?" if what.asked.topic else rule)
    say("--labels FILE takes lines `ID +`, `ID -` or `ID 0`; in the console `:quality` asks one by one")
    return FOUND


def _row(mention_id: int, label: str, text: str) -> str:
    from listen.text import one_line

    head = f"{mention_id}  {label}  "
    return head + one_line(text.strip(), max(20, shutil.get_terminal_size().columns - len(head)))


# --- labels ----------------------------------------------------------------------------------------------------------


def _keep_labels(session: Session, reader: Reader, what: _What, file: TextIO) -> None:
    from listen.store import samples
    from listen.store.labels import Asked

    try:
        given = read_verdicts(file, WORDS, TOLD)
    except UnicodeDecodeError:
        raise Fault("the labels are not text in UTF-8; write lines `ID +`, `ID -` or `ID 0`", USAGE) from None
    of_this = [one for one in reader.samples() if Asked(one.query, one.topic) == what.asked]
    if not of_this:
        raise Fault("no sample of this is kept: the same command without --labels draws one", USAGE)
    who, clock = session.who(), from_environment()
    inside: set[int] = set()
    with _writing(session) as connection:
        for one in of_this:
            members = {member.mention_id for member in samples.members(connection, one.id)} & given.keys()
            samples.label(connection, one.id, {mention_id: given[mention_id] for mention_id in members}, who, clock)
            inside |= members
    if missing := len(given.keys() - inside):
        say(f"{missing:,} of {len(given):,} are in no sample of this, and left out: figures need random samples")


# --- figures ---------------------------------------------------------------------------------------------------------


def _print_measured(session: Session, reader: Reader, what: _What, now: float) -> int:
    from listen.insight import blind
    from listen.insight.measured import lines, record

    told = blind.measured(reader, what.asked, what.node, now=now)
    if session.as_json:
        print_json({"query": what.asked.query, "topic": what.asked.topic or None} | record(told))
    else:
        print("\n".join(lines(told)))
    return NOTHING if told.figures.few else FOUND
