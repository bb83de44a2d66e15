"""`portrait`: one page on a brand for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, NOTHING, USAGE, Fault, Session, common, print_json
from listen.clock import from_environment
from listen.text import cell_width, one_line
from listen.told import of_stories

if TYPE_CHECKING:
    from listen.insight.portrait import Portrait

BARS = "▁▂▃▄▅▆▇█"
TONES = (("neg", "▼ negative"), ("neu", "· neutral"), ("pos", "▲ positive"), ("none", "· no word known"),
         ("unknown", "? not scored"))  # fmt: skip
LABEL = 26
BAR = 24
PAGE = 80
WIDE = 52
"""Bars at most: of more days several share one."""
LISTED = 8
COVERED = 0.9
"""Below this share of the time a source was not heard enough to call it silent."""


@click.command()
@click.argument("brand", metavar="BRAND")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="Look back so far.")
@click.option(
    "--countries", metavar="CODES", help='Networks of these countries, such as "fr,be", whatever the topic says.'
)
@common
def portrait(session: Session, brand: str, days: int, countries: str | None) -> int:
    """Print one page on the topic BRAND: where, how much, who, tone, languages, and what is not heard."""
    import sources
    from listen.insight import portrait as painting

    adapters = {name: sources.get(name).needs for name in [*sources.BUILT_IN, *sources._mapped()] if name != "json"}
    named = _codes(countries or "")
    of_topic = {name: topic.countries for name, topic in session.config().topics.items()}
    now = from_environment().now()
    with session.reader() as reader:
        found = painting.portrait(reader, brand, adapters, now=now, days=days, named=named, of_topic=of_topic)
        names = [topic.name for topic in reader.topics(now=now)]
    if found is None:
        from listen.config import closest

        hint = closest(brand, names) or (f"the topics are {', '.join(names)}" if names else "there are no topics yet")
        raise Fault(f'there is no topic "{brand}"; {hint}', USAGE)
    if session.as_json:
        print_json(painting.record(found))
    else:
        print("\n".join(_page(found)))
    return FOUND if found.total else NOTHING


def _codes(given: str) -> list[str]:
    """Countries as they are stored. Raises Fault."""
    from listen import countries

    found = []
    for one in given.replace(",", " ").split():
        code = countries.code(one)
        if code is None:
            words = f'--countries: "{one_line(one, 40)}" is no country; write two letters each, such as fr,be'
            raise Fault(words, USAGE)
        found.append(code)
    return found


def _page(found: Portrait) -> Iterator[str]:
    more = "" if found.complete else " or more"
    yield f"{one_line(found.topic, 60)}, the last {found.days} days"
    told = of_stories(found.total, found.stories)
    yield f"{found.total:,}{more} mentions{told} by {found.voices:,} authors; {one_line(found.query, 200)}"
    beside = [f"{n:,} {word}" for n, word in ((found.noise, "noise"), (found.own, "of our own")) if n]
    if beside:
        yield f"not counted: {', '.join(beside)}"
    if found.total:
        yield from _talk(found)
    yield ""
    yield "heard in"
    for source in found.sources:
        share = "" if source.covered is None else f"heard {source.covered:.0%} of the time"
        notes = ", ".join(filter(None, (share, source.trouble)))
        yield f"  {_cell(source.name, LABEL)} {source.mentions:>7,}  {notes}".rstrip()
    yield from _silence(found)


def _talk(found: Portrait) -> Iterator[str]:
    from listen.insight.measured import estimate

    yield ""
    step = -(-found.days // WIDE)
    bars = [sum(found.per_day[max(0, end - step) : end]) for end in range(found.days, 0, -step)][::-1]
    top = max(bars)
    span = found.days - next(at for at, n in enumerate(found.per_day) if n)
    line = "".join(BARS[(n * 7 + top - 1) // top] if n else " " for n in bars)
    title = "by day" if step == 1 else f"by {step} days"
    yield f"{title}  {line.lstrip()}"
    yield f"  {found.total / span:,.1f} a day since {_days_ago(span)}, {max(found.per_day):,} at most"
    yield from _list("where", found.networks, found.total)
    yield ""
    mean = "" if found.mean is None else f", {found.mean:+.2f} on average"
    yield f"tone{mean}"
    for kind, label in TONES:
        if n := found.tones.get(kind, 0):
            yield _bar(label, n, found.total)
    yield from _wrapped(estimate(found.measured, found.topic))
    yield from _list("languages", found.languages, found.total)
    yield from _list("who", found.authors, found.total)


def _days_ago(days: int) -> str:
    return "today" if days == 1 else f"{days} days ago"


def _list(title: str, counted: Sequence[tuple[str, int]], total: int) -> Iterator[str]:
    yield ""
    yield title
    for name, n in counted[:LISTED]:
        yield _bar(name, n, total)
    if len(counted) > LISTED:
        yield f"  and {len(counted) - LISTED:,} more"


def _bar(label: str, n: int, total: int) -> str:
    return f"  {_cell(label, LABEL)} {n:>7,} {n / total:>5.0%}  {'━' * round(BAR * n / total)}".rstrip()


def _cell(text: str, width: int) -> str:
    cut = one_line(text, width)
    return cut + " " * max(0, width - cell_width(cut))


def _silence(found: Portrait) -> Iterator[str]:
    """What says nothing, and whether that is known; what could be heard and is not; what nobody can hear."""
    silent = [one.name for one in found.silent if one.covered is not None and one.covered >= COVERED]
    unheard = [one.name for one in found.silent if one.covered is not None and one.covered < COVERED]
    yield ""
    if silent:
        yield from _wrapped(f"silent: {', '.join(silent)}")
    if unheard:
        yield from _wrapped(f"silent or not heard, for lack of listening so far: {', '.join(unheard)}")
    free = [name for name, needs in found.not_heard if needs.startswith("nothing")]
    if found.not_heard:
        yield "not listened to, though it can be heard"
    if free:
        yield from wrap(f"for nothing: {', '.join(free)}", PAGE, initial_indent="  ", subsequent_indent="    ")
    for name, needs in found.not_heard:
        if name not in free:
            beside = f"  {_cell(name, LABEL)} "
            yield from wrap(
                f"needs {one_line(needs)}", PAGE, initial_indent=beside, subsequent_indent=" " * len(beside)
            )
    yield from _missing(found)


def _wrapped(sentence: str) -> list[str]:
    return wrap(one_line(sentence, 400), PAGE, subsequent_indent="  ")


def _missing(found: Portrait) -> Iterator[str]:
    """The networks that matter where the brand is talked about, and how that is known."""
    where = ", ".join(code.upper() for code in found.countries.codes)
    known = {
        "option": "as --countries says",
        "topic": f"as the topic {found.topic} says",
        "published": f"where {found.countries.known:,} mentions were published, as far as that is known",
        "languages": "a guess by the languages; `countries = [...]` of the topic says better",
        "unknown": "no country is known; `countries = [...]` of the topic names some",
    }[found.countries.source]
    yield ""
    yield from _wrapped(f"countries: {where} ({known})" if where else f"countries: {known}")
    if found.missing:
        yield "networks that matter there and are not heard" if where else "networks that matter anywhere, not heard"
    for one in found.missing:
        beside = f"  {_cell(one.name, LABEL)} "
        adapters = [name for name in one.heard_by if name not in one.how]
        told = f"{one.how}{f' (adapter {adapters[0]})' if adapters else ''}"
        yield from wrap(told, PAGE, initial_indent=beside, subsequent_indent=" " * len(beside))
    if found.over:
        yield f"no more, so nothing is missed: {', '.join(one.name for one in found.over)}"
