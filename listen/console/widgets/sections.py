"""What the side pane lists: sections of lines that can be chosen, each line a name and at most two short numbers.

A section without lines is not there, so that a store that has no views, desks or objectives shows none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.console.answers import Glance
from listen.console.format import compact, fit, sure
from listen.console.saved import Saved, Tally, of_desks
from listen.console.theme import BAR, Palette
from listen.console.view import View, query_of, topic_named
from listen.store.channels import Source
from listen.store.overview import WAITING_CAP, Talk
from listen.store.pulse import Pulse
from listen.text import cell_width

EVERYTHING = "everything"

LOUD, LOUD_LEAST = 2.0, 5
"""A topic is loud when the last hour has this many times what is usual, and that many mentions."""

Cell = tuple[str, str]
"""(text, style of `Palette`)"""

NOTHING: Cell = ("", "faint")

PLAIN = ("plain", "faint")
"""Styles of numbers that mean nothing by their colour."""


class Entry(NamedTuple):
    """A line that can be chosen."""

    name: str
    """Foreign text."""
    text: str
    """The query that it opens."""
    topic: str | None = None
    """The topic that it shows."""
    style: str = "plain"
    before: str = ""
    """A word in front of the name."""
    first: Cell = NOTHING
    last: Cell = NOTHING
    fault: str = ""
    """Why it cannot be counted, or not even be opened."""
    more: Cell = NOTHING
    """Stands at the last number: how many stories it tells where those are fewer (`·41`), of how many it is (`/44`)."""


class Section(NamedTuple):
    """Lines under a heading, with headings over their numbers."""

    title: str
    heads: tuple[str, str]
    entries: Sequence[Entry]


def sections(glance: Glance, tallies: Mapping[Saved, Tally], everything: Pulse | None, now: float) -> list[Section]:
    """All that can be chosen, in the order in which it is shown."""
    shares = {one.topic: one.share for one in glance.rematches}
    topics = [_everything(everything), *(_topic(topic, shares.get(topic.name)) for topic in glance.topics)]
    streams = [_stream(view, tallies.get(view)) for view in glance.views if not view.queue]
    queues = [_queue(view, tallies.get(view), now) for view in (*glance.views, *glance.covered) if view.queue]
    found = [
        Section("TOPICS", ("/h", "new"), topics),
        Section("VIEWS", ("", ""), streams),
        Section("QUEUES", ("wait", "left"), queues),
        Section("DESKS", ("wait", "left"), [_desk(one, tallies.get(one), now) for one in of_desks(glance.desks)]),
    ]
    return [section for section in found if section.entries]


def _everything(pulse: Pulse | None) -> Entry:
    rate = _rate(pulse.last_hour, pulse.usual) if pulse else NOTHING
    return Entry(EVERYTHING, "", first=rate)


def _topic(topic: Talk, share: float | None = None) -> Entry:
    """Ours stands out, a rival is told by a word, a theme is plain; one that is matched anew tells how far it is."""
    style = "strong" if topic.role == "brand" else "plain"
    before = "vs " if topic.role == "competitor" else ""
    waits = (capped(topic.new), "plain") if topic.new else NOTHING
    rate: Cell = _rate(topic.last_hour, topic.usual) if share is None else (f"{min(share, 0.99):.0%}", "lit")
    stories = _stories(topic.new, topic.new_stories)
    return Entry(topic.name, query_of(topic.name), topic.name, style, before, rate, waits, more=stories)


def _stories(n: int, stories: int | None) -> Cell:
    """`·41` beside a number of mentions that tell so many stories; nothing where each is one."""
    return (f"·{stories}", "faint") if stories is not None and stories < n else NOTHING


def _rate(last_hour: int, usual: float | None) -> Cell:
    if not last_hour:
        return NOTHING
    if usual is not None and last_hour >= max(LOUD_LEAST, LOUD * usual):
        return f"▲{compact(last_hour)}", "amber"
    return compact(last_hour), "faint"


def _stream(view: Saved, tally: Tally | None) -> Entry:
    return Entry(view.name, view.text, last=_count(view, tally, "faint"), fault=view.fault, more=_of(tally))


def _of(tally: Tally | None) -> Cell:
    return _stories(tally.n, tally.stories) if tally is not None and tally.exact else NOTHING


def _queue(view: Saved, tally: Tally | None, now: float) -> Entry:
    wait = NOTHING
    if tally is not None and tally.oldest is not None:
        wait = age(now - tally.oldest), "faint"
    count = _count(view, tally, "bold")
    if tally is not None and tally.exact and not tally.n:
        count = "✓", "green"
    return Entry(view.name, view.text, first=wait, last=count, fault=view.fault, more=_of(tally))


def _desk(desk: Saved, tally: Tally | None, now: float) -> Entry:
    """How long the oldest waits, how many of how many are late: `5h 3/12`; where none is, only how many wait."""
    entry = _queue(desk, tally, now)
    if tally is None or not tally.late:
        return entry
    of = f"/{entry.last[0]}", "red"
    return entry._replace(first=(entry.first[0], "red"), last=(capped(tally.late), "red"), more=of)


def _count(view: Saved, tally: Tally | None, style: str) -> Cell:
    if view.fault:
        return "?", "amber"
    if tally is None:
        return NOTHING
    if tally.exact:
        return str(tally.n), style
    if not tally.n:
        return "…", "faint"  # none in the time that there was
    return (capped(tally.n) if tally.n >= WAITING_CAP else f"{tally.n}+"), style


def capped(count: int) -> str:
    """A count that goes up to WAITING_CAP: `999`, `1k+`. The pane has few cells."""
    return f"{compact(WAITING_CAP)}+" if count >= WAITING_CAP else str(count)


def age(seconds: float) -> str:
    """`<1h`, `3h`, `12d`, `2y`: how long something waits. No minutes: they would be painted anew each minute."""
    for size, unit in ((365 * 86_400, "y"), (86_400, "d"), (3_600, "h")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "<1h"


def active(listed: Sequence[Section], view: View) -> str:
    """The query of the line that shows this view: a saved one and what narrows it, else its topic's."""
    entries = [entry for section in listed for entry in section.entries]
    saved = [entry.text for entry in entries if entry.topic is None and entry.text]
    shown = f"{view.text} "
    within = [text for text in saved if shown.startswith((f"{text} ", f"({text}) "))]
    if within:
        return max(within, key=len)
    topic = topic_named((entry.topic for entry in entries if entry.topic is not None), view.topic)
    return query_of(topic)


# --- lines -----------------------------------------------------------------------------------------------------------


class Layout(NamedTuple):
    """Widths of the numbers' columns in cells, 0 for one that nothing stands in."""

    width: int
    first: int
    last: int
    more: int = 0
    """At the last number."""

    @property
    def name(self) -> int:
        """What is left for the name."""
        numbers = sum(column + 1 for column in (self.first, self.last) if column)
        return max(4, self.width - 3 - numbers - self.more)


def layout(listed: Sequence[Section], width: int) -> Layout:
    """One layout for all sections, so that their columns stand below each other."""
    entries = [entry for section in listed for entry in section.entries]
    heads = [section.heads for section in listed]
    first = max((len(text) for text in [head for head, _ in heads] + [entry.first[0] for entry in entries]), default=0)
    more = max((len(entry.more[0]) for entry in entries), default=0)
    above = max((len(head) for _, head in heads), default=0)
    last = max((len(entry.last[0]) for entry in entries), default=0)
    return Layout(width, first, max(last, above - more), more)


def heading(section: Section, at: Layout, colours: Palette) -> list[Segment]:
    """A section's first line."""
    first, last = section.heads
    rooms = ((first, at.first), (f"{last:<{min(len(last), at.last) + at.more}}", at.last + at.more))
    numbers = "".join(f"{text:>{room}} " for text, room in rooms if room)
    return [Segment(f" {fit(section.title, at.width - 1 - len(numbers))}{numbers}", colours.faint)]


def line(entry: Entry, at: Layout, colours: Palette, *, shown: bool, under_cursor: bool) -> list[Segment]:
    """A line that can be chosen: the one that is shown has a bar, as the one under the cursor."""
    wide = cell_width(sure(entry.name))
    longer = max(0, len(entry.before) + wide - at.name)
    first = max(len(entry.first[0]), at.first - longer)  # a long name takes the cells before its number
    room = at.name + at.first - first
    before = entry.before if wide + len(entry.before) <= room else ""
    name = fit(sure(entry.name), room - len(before))
    style = colours.lit_bold if shown else colours.bold if under_cursor else _style(colours, entry.style)
    pieces = [Segment(f" {BAR}" if shown or under_cursor else "  ", colours.lit)]
    if before:
        pieces.append(Segment(before, colours.faint))
    pieces.append(Segment(name + " ", style))
    if at.first:
        pieces.append(Segment(f"{entry.first[0]:>{first}} ", _style(colours, entry.first[1])))
    if at.last:
        text, told = entry.last
        pieces.append(Segment(f"{text:>{at.last}}", _style(colours, "bold" if shown and told in PLAIN else told)))
        text, told = entry.more
        pieces.append(Segment(f"{text:<{at.more}} ", _style(colours, told)))
    return pieces


def _style(colours: Palette, name: str) -> Style:
    found: Style = getattr(colours, name)
    return found


def source_lines(glance: Glance, room: int, width: int, colours: Palette) -> list[list[Segment]]:
    """The sources below, as many as there is room for, those in trouble first when not all fit."""
    active_ones = [source for source in glance.sources if source.active]
    if room < 3 or not active_ones:
        return []
    lines = [[], [Segment(" SOURCES", colours.faint)]]
    free = room - len(lines)
    if len(active_ones) > free:
        active_ones.sort(key=lambda source: (not source.failing, source.good_at is not None))
        more = [Segment(f"   {len(active_ones) - free + 1} more: 5", colours.faint)]
        return [*lines, *(_source(source, width, colours) for source in active_ones[: free - 1]), more]
    return [*lines, *(_source(source, width, colours) for source in active_ones)]


def _source(source: Source, width: int, colours: Palette) -> list[Segment]:
    if source.failing:
        sign, style = ("×", colours.red) if source.failing >= source.channels else ("◐", colours.amber)
    else:
        sign, style = ("●", colours.green) if source.good_at else ("○", colours.faint)
    name = fit(sure(source.name), width - 4)
    return [Segment(f" {sign} ", style), Segment(name, style if source.failing else colours.plain)]
