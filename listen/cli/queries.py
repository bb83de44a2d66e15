"""`query`: what a query means, what is odd about it, and how another tool's query is written here."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TextIO

import click

from listen import query as queries
from listen.cli.checking import check
from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Group, Session, common, print_json, say
from listen.cli.read import meant, parse_words, query_argument
from listen.clock import from_environment


@click.group(cls=Group)
def query() -> None:
    """Explain, check and translate queries."""


query.add_command(check)


@query.command(context_settings=QUERY_SETTINGS)
@query_argument
@common
def explain(session: Session, words: Sequence[str]) -> int:
    """Print how QUERY is read, how the store would answer it, and how long that takes."""
    from listen.query.picture import picture
    from listen.store.explained import steps

    text, node = " ".join(words), parse_words(words)
    now = from_environment().now()
    with session.reader() as reader:
        meaning = meant(reader, node, words)
        plan = steps(reader.explain(meaning, now=now))
        began = time.perf_counter()
        first = reader.page(meaning, now=now)
        took = time.perf_counter() - began
        whole = reader.count(meaning, cap=None, budget=None, now=now).n
        all_took = time.perf_counter() - began - took
    if session.as_json:
        told = {"tree": picture(node, text), "plan": plan, "first": len(first.ids), "first_complete": first.complete}
        print_json({**told, "first_ms": round(1e3 * took, 1), "count": whole, "count_ms": round(1e3 * all_took, 1)})
        return FOUND if whole else NOTHING
    print("read as", *(f"  {line}" for line in picture(node, text)), "answered by", sep="\n")
    print(*(f"  {line}" for line in plan), sep="\n")
    partly = "" if first.complete else ", as far as it looked in that time"
    print(f"first page: {len(first.ids)} mentions in {1e3 * took:.1f} ms{partly}")
    print(f"all: {whole:,} mentions in {1e3 * all_took:.1f} ms")
    return FOUND if whole else NOTHING


@query.command(context_settings=QUERY_SETTINGS)
@query_argument
@common
def lint(session: Session, words: Sequence[str]) -> int:
    """Print what QUERY does that may not be meant; with a store also which parts bring nothing, or nearly everything.

    The exit code is 0 when nothing was found to say, 1 otherwise.
    """
    from listen.query.lint import lint as look

    text = " ".join(words)
    try:
        found = [(hint.column, hint.length, hint.message) for hint in look(text)]
    except queries.QueryError as error:
        raise Fault(f"{error}\n{error.caret(text)}", USAGE) from None
    found += _stored(session, text)
    for column, length, message in sorted(found):
        part = text[column : column + length]
        if session.as_json:
            print_json({"column": column, "length": length, "part": part, "message": message})
        else:
            print(f"column {column + 1}: {part}\n  {message}")
    if not found:
        say("nothing to say against it")
    return NOTHING if found else FOUND


def _stored(session: Session, text: str) -> list[tuple[int, int, str]]:
    """What the store tells of the parts; nothing when there is no store yet."""
    from listen.insight.clauses import DAYS, clauses

    if not session.store().exists():
        return []
    with session.reader() as reader:
        node = queries.parse(text)
        parts = clauses(reader, node, now=from_environment().now())
        found = [(hint.column, hint.length, hint.message) for hint in reader.strangers(node)]
    for part in parts:
        column, length = part.span[0], part.span[1] - part.span[0]
        if part.idle:
            does = "took nothing out" if part.excludes else "never matched"
            found.append((column, length, f"it {does} in the last {DAYS} days"))
        elif part.dominant and part.share is not None:
            found.append((column, length, f"it brings {part.share:.0%} of the last {DAYS} days alone"))
    return found


@query.command("import", context_settings=QUERY_SETTINGS)
@query_argument
@click.option("--file", type=click.File("r", encoding="utf-8"), help="Read the query from here, - for standard input.")
@common
def import_(session: Session, words: Sequence[str], file: TextIO | None) -> int:
    """Print a query of Brandwatch or Talkwalker as it is written here, and what could not be taken over.

    The exit code is 0 when everything was taken over, 1 when parts were left out.
    """
    from listen.query.translate import translate

    theirs = file.read() if file else " ".join(words)
    if not theirs.strip():
        raise Fault("give a query, or --file with one", USAGE)
    try:
        told = translate(theirs)
    except queries.QueryError as error:
        raise Fault(f"{error}\n{error.caret(theirs)}", USAGE) from None
    if session.as_json:
        notes = [{"written": note.written, "why": note.why} for note in told.notes]
        print_json({"query": told.text, "notes": notes, "left_out": told.left_out})
        return NOTHING if told.left_out else FOUND
    print(told.text)
    sys.stdout.flush()
    for note in told.notes:
        say(f"{note.written}: {note.why}")
    return NOTHING if told.left_out else FOUND
