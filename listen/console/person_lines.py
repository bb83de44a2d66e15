"""A person's page as lines: who they are, what part they take, what became of their anger, and all that they said.

Everything that others wrote passes `listen.text` here. Pure, for any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from rich.segment import Segment
from rich.style import Style

from listen.console.facts import Line
from listen.console.format import columns, compact, fit, moment, stream_row, sure
from listen.console.people_lines import SIDES, percent, toned
from listen.console.theme import Palette
from listen.console.wrapping import wrap
from listen.insight.people import Voice
from listen.insight.person import TIMELINE, Case, Person
from listen.model import Mention, id_time
from listen.store.people import Account
from listen.store.records import Row
from listen.text import cell_width, one_line
from listen.told import of_stories, sparkline

LABEL = 12
"""Cells of the labels' column."""

TOPICS = 8
"""Topics that have a line each."""

CASES = 4
"""Cases that are told one by one."""

Pieces = list[tuple[str, Style]]


def page(
    person: Person, rows: Sequence[Row], width: int, colours: Palette, now: float, zone: tzinfo | None = None
) -> list[Line]:
    """The whole page."""
    lines: list[Line] = [[]]
    for label, pieces in _fields(person, width, colours, now, zone):
        lines += _field(label, pieces, width, colours)
    head = "SAID" if person.mentions else "NOTHING SAID"
    where = "on every channel, newest first" if person.mentions else ""
    older = " · there are older ones" if person.more else ""
    lines += [[], [Segment(f"{head} ", colours.lit), Segment(where + older, colours.faint)]]
    cols = columns(width)
    if len(person.who.accounts) == 1:
        cols = cols._replace(author=0)
    return [*lines, *(stream_row(row, cols, colours, now, zone=zone) for row in rows)]


def _fields(
    person: Person, width: int, colours: Palette, now: float, zone: tzinfo | None
) -> Iterator[tuple[str, Pieces]]:
    label = "accounts" if len(person.who.accounts) > 1 else "account"
    for account in person.who.accounts:
        yield label, _account(account, colours)
        label = ""
    for one in person.joined[:1] if len({each.reason for each in person.joined}) == 1 else person.joined:
        told = f"{one_line(one.reason)} ({sure(one.by)}, {moment(one.at, now, zone)})"
        yield "one person", [(told, colours.faint)]
    if not person.all.n:
        return
    yield "", []
    yield "mentions", _mentions(person, colours, now, zone)
    yield "part", _part(person.all, colours)
    yield "tone", _tone(person.all, colours)
    yield f"{TIMELINE} weeks", _weeks(person, colours)
    label = "toward"
    for name, voice in person.topics[:TOPICS]:
        yield label, _toward(name, voice, colours)
        label = ""
    if more := person.topics[TOPICS:]:
        told = f"{len(more)} more: {' '.join(sure(name) for name, _ in more)}"
        yield "", [(one_line(told, max(8, width - LABEL)), colours.faint)]
    yield "to us", [(f"{person.to_us:,} answer something of ours · we answered {person.answered:,}", colours.plain)]
    yield from _recovery(person, width, colours, now, zone)
    for label, counted in (("words", person.words), ("tags", person.tags)):
        if counted:
            told = " ".join(f"{sure(word)}×{n}" if n > 1 else sure(word) for word, n in counted)
            yield label, [(told, colours.plain)]


def _account(account: Account, colours: Palette) -> Pieces:
    pieces = [(f"@{sure(account.handle)}", colours.author)]
    if account.name:
        pieces.append((f"  {sure(account.name)}", colours.plain))
    pieces.append((f"  on {sure(account.network)}", colours.faint))
    followers = "followers unknown" if account.followers is None else f"{compact(account.followers)} followers"
    pieces.append((f" · {followers}", colours.faint))
    if account.customer or account.segments:
        told = " ".join(map(sure, (account.customer, *account.segments)))
        pieces.append((f" · customer {told.strip()}", colours.amber))
    return pieces


def _mentions(person: Person, colours: Palette, now: float, zone: tzinfo | None) -> Pieces:
    voice, counted = person.all, person.mentions
    pieces = [(f"{voice.n:,}{'+' * person.more}", colours.bold)]
    if told := of_stories(voice.n, person.stories):
        pieces.append((told, colours.faint))
    first, last = (moment(id_time(one.id), now, zone) for one in (counted[-1], counted[0]))
    pieces.append((f"  from {first} to {last}" if voice.n > 1 else f"  {last}", colours.faint))
    if person.more:
        pieces.append((" · older ones are in no number here", colours.amber))
    if voice.endorsed is not None:
        pieces.append((f" · {compact(voice.endorsed)} likes and reposts received", colours.faint))
    if person.left_out:
        pieces.append((f" · {person.left_out:,} left out: noise, ours, dismissed or gone", colours.faint))
    return pieces


def _part(voice: Voice, colours: Palette) -> Pieces:
    pieces = [(f"{voice.role}", colours.bold), ("   ", colours.plain)]
    for word, n in (("produced", voice.produces), ("commented", voice.comments), ("relayed", voice.relays)):
        pieces += [(f"{word} ", colours.faint), (f"{percent(n, voice.n)}  ", colours.plain)]
    engaged = "engaged" if voice.engaged else "once" if voice.n == 1 else "casual"
    pieces.append((f"· {engaged}: spoke in {voice.weeks} week{'s' * (voice.weeks != 1)}", colours.faint))
    return pieces


def _tone(voice: Voice, colours: Palette) -> Pieces:
    return [
        (f"{toned(voice)}   ", colours.tone(voice.tone)), (f"▲ {voice.pos:,}  ", colours.green),
        (f"▼ {voice.neg:,}  ", colours.red), (f"of {voice.scored:,} scored", colours.faint), *_side(voice, colours),
    ]  # fmt: skip


def _side(voice: Voice, colours: Palette) -> Pieces:
    if not voice.stance:
        return []
    good = voice.stance == "evangelist"
    weeks = voice.good_weeks if good else voice.bad_weeks
    return [(f"   {SIDES[voice.stance]}, {weeks} weeks", colours.green if good else colours.red)]


def _weeks(person: Person, colours: Palette) -> Pieces:
    """One block a week, red where most of it was negative, green where most was positive."""
    line = sparkline([week.n for week in person.weeks])
    return [
        (block, colours.red if week.neg > week.pos else colours.green if week.pos > week.neg else colours.faint)
        for block, week in zip(line, person.weeks, strict=True)
    ]


def _toward(name: str, voice: Voice, colours: Palette) -> Pieces:
    return [
        (fit(sure(name), 16) + " ", colours.plain), (f"{voice.n:>4} ", colours.bold),
        (fit(toned(voice), 7), colours.tone(voice.tone)), (fit(voice.role, 9), colours.faint), *_side(voice, colours),
    ]  # fmt: skip


def _recovery(
    person: Person, width: int, colours: Palette, now: float, zone: tzinfo | None
) -> Iterator[tuple[str, Pieces]]:
    """What became of what they were angry about."""
    if not person.cases:
        return
    told = f"{len(person.cases):,} negative: "
    told += f"{person.share('recovered'):,} recovered, {person.share('answered'):,} answered and not positive since, "
    yield "recovery", [(f"{told}{person.share('open'):,} not answered", colours.plain)]
    for case in person.cases[:CASES]:
        yield "", _case(case, width - LABEL, colours, now, zone)


def _case(case: Case, width: int, colours: Palette, now: float, zone: tzinfo | None) -> Pieces:
    sign, style = {
        "recovered": ("✓", colours.green), "answered": ("↩", colours.amber), "open": ("·", colours.red),
    }[case.what]  # fmt: skip
    at = moment(id_time(case.mention.id), now, zone)
    after = ""
    if case.later is not None:
        days = max(0, case.later.time - case.mention.time) / 86_400
        after = f"  positive {f'{days:.0f} days' if days >= 2 else f'{days * 24:.0f} h'} later"
    head = f"{sign} {at}  "
    room = max(8, width - cell_width(head) - cell_width(after))
    return [(head, style), (_said(case.mention, room), colours.faint), (after, colours.green)]


def _said(one: Mention, width: int) -> str:
    return one_line((one.title or one.text)[: 4 * width], width)


def _field(label: str, pieces: Pieces, width: int, colours: Palette) -> list[Line]:
    """A label and its pieces, wrapped beside it between words where they do not fit."""
    room = max(8, width - LABEL)
    if sum(cell_width(text) for text, _ in pieces) <= room:
        return [[Segment(f"{label:<{LABEL}}", colours.faint), *(Segment(text, style) for text, style in pieces)]]
    whole, styles = "".join(text for text, _ in pieces), [style for text, style in pieces for _ in text]
    lines: list[Line] = []
    for at, (start, end) in enumerate(wrap(whole, room)):
        line = [Segment(f"{'' if at else label:<{LABEL}}", colours.faint)]
        place = start
        while place < end:
            stop = place
            while stop < end and styles[stop] == styles[place]:
                stop += 1
            line.append(Segment(whole[place:stop], styles[place]))
            place = stop
        lines.append(line)
    return lines
