"""`feed`: a saved view, a topic or a query as an Atom feed, for an intranet or any reader of feeds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Session, common, print_json, say
from listen.cli.read import found, meant, parse_words
from listen.clock import from_environment
from listen.files import whole_file
from listen.query import folding
from listen.text import fold, one_line

if TYPE_CHECKING:
    from listen.store.read import Reader

MOST = 1_000
"""Mentions of one feed: readers fetch all of it each time."""


@click.command(context_settings=QUERY_SETTINGS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="VIEW|TOPIC|QUERY")
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True, help="The newest so many.")
@click.option("--title", default="", metavar="TEXT", help="What the feed is called; else the name of the view.")
@common
def feed(session: Session, words: Sequence[str], file: Path | None, limit: int, title: str) -> int:
    """Write what a saved VIEW, a TOPIC or a QUERY finds as an Atom feed, without what leaves every number.

    A file that would not change is left alone, so that servers and readers know that there is nothing new.
    """
    from listen.report import atom

    if not words:
        raise Fault("say which: `listen feed VIEW`, a topic, or a query; `listen views` lists the views", USAGE)
    if session.as_json and file is None:
        raise Fault("a feed is XML; with --json, which tells what was written, it takes -o FILE", USAGE)
    now = from_environment().now()
    with session.reader() as reader:
        name, asked = _named(reader, " ".join(words))
        node = folding.counted(meant(reader, parse_words([asked]), [asked]))
        mentions = list(found(reader, node, limit, now))
    written = atom.feed(title or name, asked, mentions)
    if file is None:
        sys.stdout.write(written.decode())
    else:
        changed = _put(file, written)
        if session.as_json:
            print_json({"file": str(file), "entries": len(mentions), "changed": changed})
        say(f"{file}: {len(mentions):,} mention{'s' * (len(mentions) != 1)}{'' if changed else ', as it was'}")
    if not mentions:
        say("nothing found: the feed is empty")
    return FOUND if mentions else NOTHING


def _named(reader: Reader, written: str) -> tuple[str, str]:
    """(what the feed is called, the query): of a view, else of a topic, else what was written is the query."""
    from listen.insight import figures

    known = [("view", one.name) for one in reader.views()] + [("topic", one.name) for one in reader.live_topics()]
    for field, name in known:
        if fold(name) == fold(written):
            return name, f"{field}:{figures.named(name)}"
    if written.replace("-", "").replace("_", "").isalnum():
        say(f"{one_line(written, 40)} is no view and no topic, and read as a query")
    return written, written


def _put(file: Path, written: bytes) -> bool:
    """Write it unless it stands there already; whether it was written. Raises Fault over a file that is no feed."""
    before = file.read_bytes() if file.is_file() else b""
    if before == written:
        return False
    if before and b"<feed" not in before[:200]:
        raise Fault(f"{file} is there and is no feed; give another name, or remove it first", USAGE)
    with whole_file(file, binary=True) as out:
        out.write(written)
    return True
