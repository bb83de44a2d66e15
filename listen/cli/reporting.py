"""`report`: what a window of time says of a topic, for a mail or for paper."""

from __future__ import annotations

import contextlib
import sys
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, NOTHING, USAGE, Fault, Session, common, json_line, say
from listen.cli.tables import by_ending
from listen.clock import from_environment
from listen.files import whole_file
from listen.report import ENDINGS

if TYPE_CHECKING:
    from listen.insight.window import Window
    from listen.report.commentary import Block
    from listen.report.page import Page
    from listen.store.lessons import Live

FORMATS = ("markdown", "html")

BEFORE = "before"


@click.command()
@click.option("--topic", metavar="NAME", help="The topic; that of the only brand when left out.")
@click.option("--query", default="", metavar="QUERY", help="Only what this leaves of the topic, such as lang:fr.")
@click.option("--since", default="7d", show_default=True, metavar="TIME", help="24h, 7d, 4w, 2026-10-01, or A..B.")
@click.option(
    "--until", default="", metavar="TIME", help="Its end: a day (which it holds) or a time; now when left out."
)
@click.option("--compare", is_flag=False, flag_value=BEFORE, metavar="[A..B]", help="Draw another window beside it.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Else by the name of the file, else Markdown.")
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@click.option("--lang", type=click.Choice(("en", "fr")), default="en", show_default=True, help="Its language.")
@click.option("--zone", metavar="ZONE", help='Time zone, such as "Europe/Paris"; yours when left out.')
@click.option("--hide-names", is_flag=True, help="Call people author 1, author 2 … and leave out links.")
@click.option(
    "--commentary", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your words, in Markdown."
)
@click.option("--template", type=click.Path(path_type=Path), help="A template of yours, or a folder of them.")
@common
def report(
    session: Session, topic: str | None, query: str, since: str, until: str, compare: str | None, form: str | None,
    file: Path | None, lang: str, zone: str | None, hide_names: bool, commentary: Path | None, template: Path | None,
) -> int:  # fmt: skip
    """Write what a window of time says of a topic: numbers, drawings, stories, alerts and how they came about."""
    from listen.cli.read import meant as known
    from listen.cli.read import parse_words
    from listen.report.gathering import page
    from listen.report.page import Asked
    from listen.report.words import Speech

    if session.as_json and form is not None:
        raise Fault(f"--json is a format of its own, and so is --format {form}; give one of them", USAGE)
    if file is not None and any(one is not None and _same(one, file) for one in (commentary, template)):
        raise Fault(f"{file} is what the report is made of; give -o another file", USAGE)
    form = form if form or session.as_json else by_ending(file, ENDINGS, "markdown")
    now = from_environment().now()
    name, clock = _zone(session, zone)
    window = _window(since, until, now, clock)
    other = None if compare is None else _other(compare, window, now, clock)
    said = _commentary(commentary) if commentary is not None else ()
    with session.reader() as reader:
        meant = _topic(reader.live_topics(), topic)
        asked = Asked(meant, window, other, Speech(lang, clock), name, now, hide_names, said, query.strip())
        if asked.only:
            known(reader, parse_words([query]), [query])
        found = page(reader, asked)
    if found is None:
        raise Fault(f'the topic "{meant}" has just gone; ask again', USAGE)
    text = _text(session, found, form or "markdown", template)
    with contextlib.nullcontext(sys.stdout) if file is None else whole_file(file) as out:
        out.write(text)
    if file is not None:
        say(f"{file}: {found.head.n:,} mention{'s' * (found.head.n != 1)} of {meant}")
    return FOUND if found.head.n else NOTHING


def _text(session: Session, found: Page, form: str, template: Path | None) -> str:
    """The report as JSON, or by a template. Raises Fault for one that is broken."""
    from listen.report.page import record
    from listen.report.render import TemplateError
    from listen.report.writing import write

    if session.as_json:
        return json_line(record(found))
    try:
        return write(found, form, template)
    except TemplateError as error:
        raise Fault(str(error), USAGE) from None


def _zone(session: Session, written: str | None) -> tuple[str, tzinfo]:
    """The name of a time zone and the zone: the one that is asked for, else the person's, else the machine's."""
    from listen.config.desks import is_zone, local_zone

    name = written or session.config().me.timezone or local_zone() or "UTC"
    name = "UTC" if name == "Etc/UTC" else name
    if not is_zone(name):
        raise Fault(f'--zone: there is no time zone "{name}"; write one such as Europe/Paris', USAGE)
    return name, UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def _window(since: str, until: str, now: float, zone: tzinfo) -> Window:
    """As `listen.report.spans.span`. Raises Fault."""
    from listen.report.spans import span

    try:
        return span(since, until, now, zone)
    except ValueError as error:
        raise Fault(str(error), USAGE) from None


def _other(written: str, window: Window, now: float, zone: tzinfo) -> Window:
    """The window to compare with: `before`, or one that is written out."""
    return window.before() if written == BEFORE else _window(written, "", now, zone)


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _commentary(file: Path) -> list[Block]:
    from listen.report.commentary import MOST, parse

    try:
        written = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Fault(f"{file}: it is not text in UTF-8; save it so", USAGE) from None
    if len(written) > MOST:
        raise Fault(f"{file}: a commentary has {MOST:,} signs at most, and this one {len(written):,}", USAGE)
    return parse(written)


def _topic(topics: Sequence[Live], written: str | None) -> str:
    """The topic that is meant. Raises Fault with those that there are."""
    from listen.config import closest
    from listen.text import fold

    names = [one.name for one in topics]
    if written is None:
        brands = [one.name for one in topics if one.role == "brand"]
        if len(brands) != 1:
            raise Fault(f"which topic? --topic {' or '.join(names)}" if names else "there are no topics yet", USAGE)
        return brands[0]
    found = next((one for one in names if fold(one) == fold(written)), None)
    if found is None:
        hint = closest(written, names) or (f"the topics are {', '.join(names)}" if names else "there are no topics yet")
        raise Fault(f'there is no topic "{written}"; {hint}', USAGE)
    return found
