"""`mark`: what happened in the world beside the numbers, with how much was said before and after."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from listen.cli.common import FOUND, NOTHING, USAGE, Fault, Session, common, print_json, print_table, say
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.insight.marks import Effect, Mark
    from listen.store.pulse import Numbers
    from listen.store.read import Reader

YEAR = 366 * 86_400
"""Seconds that a mark may lie ahead."""

LONGEST_SPAN = 28 * 86_400
"""Seconds before and after a mark that are compared at most."""


class Everything(NamedTuple):
    """All of time."""

    since: int = 0
    until: int = 1 << 40


@click.command()
@click.argument("text", default="")
@click.option("--at", default="", metavar="WHEN", help="2h (ago), 18:30, 2026-01-31, 2026-01-31T18:30. Default: now.")
@click.option("--topic", default="", metavar="NAME", help="It is about this topic alone.")
@click.option("--list", "listing", is_flag=True, help="List the marks, the newest first, with before and after.")
@click.option("--span", default="24h", show_default=True, metavar="DURATION", help="So long before and after.")
@click.option("--delete", "deleting", type=click.IntRange(1), multiple=True, metavar="N", help="Take this mark away.")
@common
def mark(session: Session, text: str, at: str, topic: str, listing: bool, span: str, deleting: tuple[int, ...]) -> int:
    """Set what happened ("TV ad") beside the numbers: charts show it, and --list what was said before and after."""
    if sum((bool(text), listing, bool(deleting))) != 1:
        raise Fault('say what happened: `listen mark "TV ad"`; or --list, or --delete N', USAGE)
    if listing:
        return _list(session, topic, _span(span))
    session.must_write()
    return _take_away(session, deleting) if deleting else _set(session, text, at, topic)


def _set(session: Session, text: str, at: str, topic: str) -> int:
    from listen.cli.records import local_time
    from listen.store.triage import Triage

    now = from_environment().now()
    moment = when(at, now) if at else now
    with session.reader() as reader:
        about = _known(reader, topic) if topic else None
    with Triage(session.store(), session.who(), from_environment()) as people:
        try:
            number, done = people.mark(text, moment, about)
        except ValueError as error:
            raise Fault(str(error), USAGE) from None
    if session.as_json:
        print_json({"mark": number})
    else:
        print(number)
    of = f" for {one_line(about, 40)}" if about else ""
    say(f"{done.text}, {local_time(moment)}{of}; `listen undo` takes it back")
    return FOUND


def _take_away(session: Session, numbers: Sequence[int]) -> int:
    from listen.store.triage import Triage

    with session.reader() as reader:
        there = {one.id for one in reader.marks(*Everything())}
    for one in numbers:
        if one not in there:
            raise Fault(f"there is no mark {one}; `listen mark --list` lists them", USAGE)
    with Triage(session.store(), session.who(), from_environment()) as people:
        done = people.unmark(numbers)
    if session.as_json:
        print_json({"deleted": done.count})
    else:
        print(done.count)
    say(f"{done.text}; `listen undo` takes it back")
    return FOUND


def _known(reader: Reader, name: str) -> str:
    """The topic that is meant. Raises Fault for none."""
    from listen.config import closest
    from listen.text import fold

    names = {fold(one.name): one.name for one in reader.live_topics()}
    if fold(name) not in names:
        hint = closest(name, list(names.values())) or "`listen topics` lists them"
        raise Fault(f'there is no topic "{one_line(name, 40)}"; {one_line(hint, 200)}', USAGE)
    return names[fold(name)]


def when(written: str, now: float) -> float:
    """`2h` (ago), `18:30` (today), `2026-01-31T18:30` in the machine's time zone -> Unix seconds. Raises Fault."""
    from listen.config import seconds
    from listen.model import EPOCH

    if (ago := seconds(written)) is not None:
        found = now - ago
    else:
        today = datetime.datetime.fromtimestamp(now).date().isoformat()
        clock = len(written) <= len("18:30:00") and ":" in written
        try:
            found = datetime.datetime.fromisoformat(f"{today}T{written}" if clock else written).timestamp()
        except (ValueError, OverflowError):
            known = "2h (ago), 18:30 (today), 2026-01-31 or 2026-01-31T18:30"
            raise Fault(f"{one_line(written, 40)} is no time; write {known}", USAGE) from None
    if not EPOCH <= found <= now + YEAR:
        raise Fault(
            f"{one_line(written, 40)} is too far away; a mark lies after 1999 and within a year from now", USAGE
        )
    return found


def _span(written: str) -> int:
    from listen.config import seconds

    found = seconds(written)
    if not found or not 60 <= found <= LONGEST_SPAN:
        raise Fault(f'--span takes "1h", "24h", "7d": a minute to 28 days, not "{one_line(written, 40)}"', USAGE)
    return int(found)


# --- the list --------------------------------------------------------------------------------------------------------


def _list(session: Session, topic: str, span: int) -> int:
    from listen.cli.records import local_time
    from listen.insight.marks import effect, marks, topics_of

    now = from_environment().now()
    with session.reader() as reader:
        about = _known(reader, topic) if topic else None
        listed = marks(reader, Everything(), about)[::-1]
        rows: list[tuple[Mark, str | None, Effect | None]] = []
        for one in listed:
            topics = [about] if about else topics_of(reader, one)
            rows += [(one, name, effect(reader, one, name, now=now, span=span)) for name in topics]
            rows += [] if topics else [(one, one.topic, None)]
    if session.as_json:
        for one, told in _by_mark(rows):
            print_json(_record(one, told))
    elif rows:
        head = ("mark", "when", "what", "by", "topic", "before", "after", "expected", "negative")
        print_table(
            head,
            [
                (str(one.id), local_time(one.at), one_line(one.text, 40), one_line(one.by, 16),
                 one_line(name or "", 20), *_cells(told, ahead=one.at > now))
                for one, name, told in rows
            ],
        )  # fmt: skip
        for line in _stated(span, [told for _, _, told in rows if told is not None]):
            say(line)
    else:
        say('no mark yet; `listen mark "TV ad"` sets one')
    return FOUND if rows else NOTHING


def _cells(told: Effect | None, *, ahead: bool) -> tuple[str, str, str, str]:
    """before, after, expected and the share of negative ones."""
    if told is None:
        return "", "to come" if ahead else "", "", ""
    after = f"{told.after.n:,}" + ("" if told.over else " so far")
    usual = "?" if told.expected is None else f"{told.expected:,.0f} ± {told.spread or 0.0:,.0f}"
    return f"{told.before.n:,}", after, usual, f"{_negative(told.before)} → {_negative(told.after)}"


def _negative(numbers: Numbers) -> str:
    return "?" if numbers.negative is None else f"{numbers.negative:.0%}".replace("%", " %")


def _stated(span: int, told: Sequence[Effect]) -> Iterator[str]:
    """What the columns mean, and what they cannot say."""
    if not told:
        return
    hours = f"{span / 3600:g} h"
    yield f"before and after: {hours} each; negative: of what was scored; own posts, noise and dismissed left out"
    if bases := {one.basis: None for one in told if one.basis is not None}:
        yield f"expected: of the time after, told from what was heard before the mark, by {', or by '.join(bases)}"
    if any(one.expected is None for one in told):
        yield "expected: ? where too little had been heard before"
    deaf = [one for one in told if min(one.heard_before or 0.0, one.heard or 0.0) < 0.8]
    if deaf:
        few = ", ".join(f"{one.mark.id} {one_line(one.topic, 20)}" for one in deaf[:5])
        yield f"less than 80 % of one side was heard, so that both cannot be compared: {few}"


def _by_mark(rows: Sequence[tuple[Mark, str | None, Effect | None]]) -> Iterator[tuple[Mark, list[Effect]]]:
    found: dict[int, tuple[Mark, list[Effect]]] = {}
    for one, _, told in rows:
        found.setdefault(one.id, (one, []))[1].extend([] if told is None else [told])
    yield from found.values()


def _record(one: Mark, told: Sequence[Effect]) -> dict[str, Any]:
    from listen.told import timestamp

    return {
        "mark": one.id, "at": timestamp(one.at), "text": one.text, "by": one.by, "topic": one.topic,
        "effects": [
            {
                "topic": each.topic, "span": each.span, "over": each.over, "before": _numbers(each.before),
                "after": _numbers(each.after), "expected_before": each.expected_before, "expected": each.expected,
                "spread": each.spread, "basis": each.basis, "heard_before": each.heard_before, "heard": each.heard,
            }
            for each in told
        ],
    }  # fmt: skip


def _numbers(numbers: Numbers) -> dict[str, int | float | None]:
    mean = None if numbers.mean is None else round(numbers.mean / 1000, 3)
    return {"mentions": numbers.n, "negative": numbers.neg, "positive": numbers.pos, "scored": numbers.scored,
            "sentiment": mean}  # fmt: skip
