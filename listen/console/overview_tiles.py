"""The overview's tiles beside its charts: shares, where and who, what they want, stories, hours. Pure, for any thread.

Names of topics, sources and whatever people wrote are foreign: all of them pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from listen.console import charts
from listen.console.format import DAYS, fit, moment, padded, when
from listen.console.overview import Speaking
from listen.console.overview_words import Ink, changed, counted, named, percent, was
from listen.console.spots import Link, Row, Spot, Tile, Writing, flowing
from listen.console.theme import GLYPHS
from listen.insight.figures import Figures, Part, Told, topic_query
from listen.insight.people import NOT_SEEN, Called, Talker
from listen.insight.window import DAY
from listen.model import tone
from listen.text import cell_width, one_line

NAME = 14
"""Cells of a name in front of a bar."""

VOICES = 6
"""Topics that stand beside each other."""

FEW = 10
"""Mentions of which a share says something."""

WEEKLY = 3 * DAY
"""Seconds from which on a window has something to say of a week."""

HEAD = 10
"""Cells of a tile's name where its numbers stand behind it."""


def voice(found: Figures, ink: Ink) -> Tile:
    """Share of voice: this topic among those of its kind."""
    total = sum(one.numbers.n for one in found.voice)
    before = sum(one.before for one in found.voice)
    if len(found.voice) < 2 or not total:
        return Tile("voice", [])
    among = "the themes" if found.role == "theme" else "brand and competitors"
    head = Writing(ink.width)
    head.text("SHARE OF VOICE", ink.colours.faint)
    head.text(f"of {total:,} mentions of {among}", ink.colours.faint, gap=1)
    mine = ink.colours.lit
    shown = [one for one in found.voice if one.name == found.topic or one in found.voice[:VOICES]]
    wide = min(NAME, max(cell_width(named(one.name, NAME)) for one in shown))
    rows = [head.row()]
    for one in shown:
        style = mine if one.name == found.topic else ink.colours.amber
        apart = round(100 * one.numbers.n / total) - round(100 * one.before / before) if before else 0
        point = f"{'▲' if apart > 0 else '▼'} {abs(apart)}" if apart and ink.compares else ""
        name = padded(named(one.name, wide), wide)
        room = ink.width - wide - 1 - 22
        told = f"{one.numbers.n:,} of {total:,} mentions are of {named(one.name, 40)}{was(one.before, ink)}"
        writing = Writing(ink.width)
        bar = charts.share(one.numbers.n / total, room, style, ink.colours) if room >= 8 else []
        share = f"{percent(one.numbers.n, total):>6}"
        link = Link(
            f"voice {one.name}",
            [(f"{name} ", ink.colours.bold if style is mine else ink.colours.plain),
             *((piece.text, piece.style or Style.null()) for piece in bar),
             (f"{share} ", ink.colours.plain), (f"{one.numbers.n:>7,}", ink.colours.faint)],
            f"{one.query} {found.window.query()}", told,
        )  # fmt: skip
        writing.link(link)
        writing.text(point, ink.colours.faint, gap=2)
        rows.append(writing.row())
    if rest := len(found.voice) - len(shown):
        rows.append(Row([Segment(f"and {rest} more", ink.colours.faint)]))
    return Tile("voice", rows)


def breakdown(title: str, parts: Sequence[Part], found: Figures, ink: Ink, most: int) -> Tile:
    """Parts with a bar each: where it was said."""
    if not parts:
        return Tile(title, [])
    colours, total = ink.colours, found.numbers.n
    rows = [Row([Segment(title.upper(), colours.faint)])]
    wide = min(NAME, max(cell_width(named(one.name, NAME)) for one in parts[:most]))
    for one in parts[:most]:
        room = min(24, ink.width - wide - 1 - 22)
        bar = charts.share(one.numbers.n / max(1, total), room, colours.lit, colours) if room >= 6 else []
        link = _part(title, one, found, ink, padded(named(one.name, wide), wide) + " ", bar)
        writing = Writing(ink.width)
        writing.link(link)
        writing.text(*changed(one.numbers.n, one.before, ink), gap=2)
        rows.append(writing.row())
    rest = len(parts) - most
    if rest > 0:
        rows.append(Row([Segment(f"and {rest} more", colours.faint)]))
    return Tile(title, rows)


def _part(title: str, one: Part, found: Figures, ink: Ink, name: str, bar: Sequence[Segment]) -> Link:
    colours, total = ink.colours, found.numbers.n
    share = f"{percent(one.numbers.n, total):>6} " if bar else ""
    told = f"{named(one.name, 30)} heard {one.numbers.n:,} of {total:,} first{was(one.before, ink)}"
    told += "; enter shows all that it heard"
    return Link(
        f"{title} {one.name}",
        [(name, colours.plain), *((piece.text, piece.style or Style.null()) for piece in bar),
         (share, colours.plain), (f"{one.numbers.n:>7,}", colours.faint)],
        _within(found.query, one.query), told,
    )  # fmt: skip


def _within(asked: str, query: str) -> str:
    """What is counted narrowed to a part; nothing where the language has no words for the part."""
    return f"{asked} {query}" if query else ""


def row_of_parts(title: str, parts: Sequence[Part], found: Figures, ink: Ink, lines: int, whole: int = 0) -> Tile:
    """Parts in a row: `LANGUAGES fr 58 %  en 31 %`; `whole` is what they are parts of, else the topic's mentions."""
    total = whole or found.numbers.n
    shown = [one for one in parts if one.numbers.n]
    if not shown:
        return Tile(title, [])
    links = [
        counted(
            f"{title} {one.name}", named(one.name, 20), ink.colours.plain, _within(found.parted_query, one.query),
            f"{named(one.name, 30)}: {one.numbers.n:,} of {total:,} mentions{was(one.before, ink)}",
            (f" {percent(one.numbers.n, total)}", ink.colours.faint), *_change(one, ink),
        )
        for one in shown
    ]  # fmt: skip
    head = [(fit(title.upper(), max(HEAD - 1, len(title))), ink.colours.faint)]
    return Tile(title, flowing(head, links, ink.width, lines, max(HEAD, len(title) + 1)))


def _change(one: Part, ink: Ink) -> list[tuple[str, Style]]:
    """A change that is more than chance, beside a part; the others would only make a row restless."""
    text, style = changed(one.numbers.n, one.before, ink)
    return [(f" {text}", style)] if style is not ink.colours.faint and text else []


def parted(found: Figures, ink: Ink) -> tuple[Ink, int, Tile]:
    """(with what parts are written, of how many mentions they are, what is to be said of that)

    An older store is counted by language and the like by and by, back from now.
    """
    if found.parted:
        return (ink if found.parted_before else ink._replace(compares=False)), found.numbers.n, Tile("note", [])
    told = f"counted from {moment(found.parted_from, ink.now, ink.zone)} on so far"
    note = Row([Segment(one_line(told, ink.width), ink.colours.faint)])
    return ink._replace(compares=False), sum(one.numbers.n for one in found.languages), Tile("note", [note])


def speakers(found: Figures, ink: Ink, whole: int) -> Tile:
    """Who speaks: people, press, and beside them what we said ourselves."""
    total = whole or found.numbers.n
    said = sorted((one for one in found.speakers if one.numbers.n), key=lambda one: one.name == "us")
    if not said:
        return Tile("who", [])
    links = []
    for one in said:
        share = percent(one.numbers.n, total) if one.name != "us" else f"{one.numbers.n:,}"
        told = f"{one.numbers.n:,} mentions by {named(one.name, 20)}{was(one.before, ink)}"
        told += ", beside the others" if one.name == "us" else ""
        asked = found.query if one.name == "us" else found.parted_query
        links.append(
            counted(f"who {one.name}", named(one.name, 20), ink.colours.plain, _within(asked, one.query), told,
                    (f" {share}", ink.colours.faint), *_change(one, ink))
        )  # fmt: skip
    return Tile("who", flowing([(fit("WHO", HEAD - 1), ink.colours.faint)], links, ink.width, 2, HEAD))


def crowd(speaking: Speaking, found: Figures, ink: Ink) -> Tile:
    """How much they engage, which parts they take, and who of them is loudest."""
    shares = speaking.shares
    if not shares.people:
        return Tile("people", [])
    parts = (("engaged", shares.engaged), ("casual", shares.casual), ("once", shares.once),
             ("produce", shares.produces), ("comment", shares.comments), ("relay", shares.relays))  # fmt: skip
    links = [_group(word, n, speaking, found, ink) for word, n in parts if n]
    rows = flowing([(fit("PEOPLE", HEAD - 1), ink.colours.faint)], links, ink.width, 2, HEAD)
    names = [_talker(*one, found, ink, complete=speaking.complete) for one in speaking.loudest]
    rows += flowing([(fit("LOUDEST", HEAD - 1), ink.colours.faint)], [one for one in names if one], ink.width, 1, HEAD)
    return Tile("people", [row for row in rows if row.spots])


def _group(word: str, n: int, speaking: Speaking, found: Figures, ink: Ink) -> Link:
    """A part of the people: what they said, where a query can name them, else who they are."""
    people, group = speaking.shares.people, speaking.groups.get(word)
    shown = [(word, ink.colours.plain), (f" {percent(n, people)}", ink.colours.faint)]
    if group is not None and not group.alone:
        told = f"{n:,} {word}, of {people:,} people; enter shows all who are called so; {NOT_SEEN}"
        return Link(f"people {word}", shown, f"{found.query} {group.query}", told)
    if group is not None:
        told = f"{n:,} of {people:,} people, in {group.mentions:,} mention{'s' * (group.mentions != 1)}; {NOT_SEEN}"
        return Link(f"people {word}", shown, f"{found.query} {group.query}", told)
    looked = "" if speaking.complete else " that were looked at"
    told = f"{n:,} {word}, of {people:,} people{looked}; no query names them, enter shows who speaks; {NOT_SEEN}"
    return Link(f"people {word}", shown, "", told, "people")


def _talker(one: Talker, asked: Called, found: Figures, ink: Ink, *, complete: bool) -> Link | None:
    account = next(iter(one.who.accounts), None)
    if account is None:
        return None
    name, n = named(account.name or account.handle, 18), one.voice.n
    mark, by = GLYPHS[one.voice.tone], named(account.handle, 40)
    told = f"{n:,} mention{'s' * (n != 1)} by {by}"
    if not asked.alone:
        told = f"{by} spoke {n:,} times; enter shows all who are called so"
    elif not complete:
        told = f"{by} spoke {n:,} times in what was looked at so far; enter shows all of it"
    return counted(
        f"loudest {one.who.person}", name, ink.colours.author, f"{found.query} {asked.query}", told,
        (f" {n:,}", ink.colours.faint), (f" {mark}", ink.colours.tone(one.voice.tone)),
    )  # fmt: skip


def recommend(found: Figures, ink: Ink) -> Tile:
    """How many would recommend it, against those who advise against it."""
    yes, no = found.recommend, found.dissuade
    if not yes + no:
        return Tile("recommend", [])
    colours, writing = ink.colours, Writing(ink.width)
    writing.text(fit("ADVICE", HEAD - 1), colours.faint)
    for name, n, before, style in (
        ("recommend", yes, found.recommend_before, colours.green),
        ("dissuade", no, found.dissuade_before, colours.red),
    ):
        told = f"{n:,} mentions {name}{was(before, ink)}"
        link = counted(name, name, colours.plain, f"{found.parted_query} intent:{name}", told, (f" {n:,}", style))
        writing.link(link, 2 if writing.spots else 1)
        text, faint = changed(n, before, ink)
        if text:
            writing.text(text, faint, gap=1)
    room = min(20, ink.width - writing.at - 2 - 6)
    if room >= 8 and yes + no >= FEW:
        writing.at += 2
        writing.pieces += [Segment("  "), *charts.share(yes / (yes + no), room, colours.green, colours)]
        writing.at += room
        writing.text(percent(yes, yes + no), colours.faint, gap=1)
    return Tile("recommend", [writing.row()])


def funnel(found: Figures, ink: Ink) -> Tile:
    """Where on a customer's way those are who say something: bars below each other, in the order of that way."""
    stages = found.stages
    colours, top = ink.colours, max((one.numbers.n for one in stages), default=0)
    if not top:
        return Tile("stages", [])
    rows = [Row([Segment("A CUSTOMER'S WAY", colours.faint)])]
    wide = max(cell_width(named(one.name, NAME)) for one in stages)
    for one in stages:
        room = min(24, ink.width - wide - 1 - 16)
        writing = Writing(ink.width)
        bar = charts.share(one.numbers.n / top, room, colours.lit, colours) if room >= 6 else []
        told = f"{named(one.name, 30)}: {one.numbers.n:,} mentions{was(one.before, ink)}"
        writing.link(
            Link(f"stage {one.name}",
                 [(padded(named(one.name, wide), wide) + " ", colours.plain),
                  *((piece.text.replace(charts.DEAF, " "), piece.style or Style.null()) for piece in bar),
                  (f"{one.numbers.n:>7,}", colours.plain)], _within(found.parted_query, one.query), told)
        )  # fmt: skip
        writing.text(*changed(one.numbers.n, one.before, ink), gap=2)
        rows.append(writing.row())
    return Tile("stages", rows)


def stories(found: Figures, ink: Ink, most: int) -> Tile:
    """What was told most."""
    if not found.told:
        return Tile("stories", [])
    rows = [Row([Segment("STORIES", ink.colours.faint)])]
    rows += [_story(one, ink) for one in found.told[:most]]
    return Tile("stories", rows)


def _story(one: Told, ink: Ink) -> Row:
    colours, row = ink.colours, one.row
    feeling = tone(row.score, row.hits)
    count = f"×{one.mentions:,}" if one.mentions > 1 else ""
    said = row.title or row.text
    head = [(f"{count:<4} ", colours.amber), (f"{GLYPHS[feeling]} ", colours.tone(feeling))]
    where = f"{named(row.source, 12)} {when(row.time, ink.now, ink.zone)}"
    room = ink.width - 7 - 22
    words = fit(one_line(said[: 4 * room], room), room) if room >= 20 else one_line(said, max(4, ink.width - 7))
    writing = Writing(ink.width)
    n = one.mentions
    told = f"{n:,} mentions tell this" if n > 1 else "1 mention, which nobody else tells"
    by = f", {'the newest ' * (n > 1)}by {named(row.author, 20)}" if row.author else ""
    writing.link(Link(f"story {row.story or row.id}", [*head, (words, colours.plain)], one.query, told + by))
    writing.text(where, colours.faint, gap=2)
    return writing.row()


def hours(found: Figures, queries: Sequence[Sequence[str]], ink: Ink) -> Tile:
    """When in the week it is said, in the reader's hours: the darker, the more; each hour can be gone to."""
    if not any(map(any, found.heat)) or found.window.until - found.window.since < WEEKLY:
        return Tile("hours", [])
    colours = ink.colours
    wide = 2 if ink.width >= 4 + 48 else 1
    ticks = "".join(f"{hour:<{6 * wide}}" for hour in ("0", "6", "12", "18"))
    _, loud, at = max((n, day, hour) for day, row in enumerate(found.heat) for hour, n in enumerate(row))
    head = Writing(ink.width)
    head.text("HOURS", colours.faint)
    head.text(f"most on {DAYS[loud]} from {at}:00", colours.faint, gap=1)
    rows, topic, window = [head.row()], topic_query(found.topic), found.window.query()
    for day, line in enumerate(charts.heat(found.heat, wide)):
        which = enumerate(queries[day] if queries else ())
        spots = [_hour(day, hour, found.heat[day][hour], f"{topic} {query} {window}", wide) for hour, query in which]
        rows.append(Row([Segment(f"{DAYS[day]} ", colours.faint), Segment(line, colours.lit)], spots))
    return Tile("hours", [*rows, Row([Segment(f"    {ticks}", colours.faint)])])


def _hour(day: int, hour: int, n: int, query: str, wide: int) -> Spot:
    """An hour of a day of the week, in which n mentions lie."""
    told = f"{DAYS[day]} {hour:02}:00-{(hour + 1) % 24:02}:00: {n:,} mention{'s' * (n != 1)}"
    return Spot(f"hour {day} {hour}", 4 + hour * wide, wide, query, told, lean=True)
