"""The overview's side: what fires, and how the sources fare. Pure, for any thread.

Rules, instances, sources and errors are foreign: all of them pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.segment import Segment

from listen.console import alarms, objective_lines
from listen.console.alarm_lines import LOUDNESS, STATES, style_of
from listen.console.alarm_lines import span as lasting
from listen.console.alarms import Watching
from listen.console.format import padded
from listen.console.overview_words import Ink, named
from listen.console.roster import BAD, Entry
from listen.console.roster_lines import SIGNS, tint, wrong
from listen.console.spots import Link, Row, Tile, Writing, flowing
from listen.insight import objectives_told
from listen.insight.objectives import Progress
from listen.insight.strip import Strip
from listen.store.alerts import Alert
from listen.text import cell_width, one_line


def firing(alerts: Sequence[Alert], rules: Mapping[str, Watching], ink: Ink, most: int, *, long: bool) -> Tile:
    """What fires or is about to, each with its arithmetic where there is room (`long`)."""
    if not alerts:
        told = "nothing fires" if rules else "no rule watches yet"
        return Tile("alerts", [Row([Segment(f"ALERTS  {told}", ink.colours.faint)])])
    rows = [Row([Segment("ALERTS", ink.colours.faint)])]
    for one in alerts[:most]:
        rows += _alert(one, rules, ink, long=long)
    if len(alerts) > most:
        rows.append(Row([Segment(f"and {len(alerts) - most} more", ink.colours.faint)]))
    return Tile("alerts", rows)


def _alert(one: Alert, rules: Mapping[str, Watching], ink: Ink, *, long: bool) -> list[Row]:
    colours, style = ink.colours, style_of(one, ink.colours)
    state = STATES[one.standing]
    if one.standing == "firing":
        state = f"fires {lasting(ink.now - (one.fired_at or one.began_at))}"
    elif one.standing == "acknowledged" and one.acked_by:
        state = f"taken by {named(one.acked_by, 12)}"
    wide = max(8, ink.width - 2 - 2 - cell_width(state))
    name = f"{one.rule} {one.instance}".strip()
    query = alarms.behind(rules.get(one.rule), one)
    text = one_line(str(one.evidence.get("text", "")), 200)
    writing = Writing(ink.width)
    shown = [(f"{LOUDNESS.get(one.severity, '·')} ", style), (padded(named(name, wide), wide), style)]
    writing.link(Link(f"alert {one.id}", shown, query or "", text or name, "alerts" if query is None else "stream"))
    writing.text(state, colours.faint, gap=2)
    rows = [writing.row()]
    if long and text:
        rows.append(Row([Segment("  " + one_line(text, ink.width - 2), colours.plain)]))
    return rows


def objectives(found: Sequence[Progress], ink: Ink, most: int, *, long: bool) -> Tile:
    """How far what was promised is, what wants to be looked at first; with its bar where there is room (`long`)."""
    if not found:
        return Tile("objectives", [])
    colours, rows = ink.colours, [Row([Segment("OBJECTIVES", ink.colours.faint)])]
    for one in objective_lines.ranked(found)[:most]:
        name, style = named(f"{one.name} {one.target}", ink.width), objective_lines.style_of(one, colours)
        sentence = one_line(objective_lines.sentence(one), 200)
        where = f" · {named(Path(one.place).name, 30)}" if one.place else ""
        query, place = one.behind, "stream" if one.behind else "objectives"
        writing = Writing(ink.width)
        if long:
            writing.link(Link(f"objective {one.name}", [(name, colours.plain)], query, f"{sentence}{where}", place))
            if one.owner:
                writing.text(f"owner {named(one.owner, 14)}", colours.faint, gap=2)
            bar = objective_lines.bar(one, max(8, ink.width - 2), colours)
            rows += [writing.row(), Row(bar), Row([Segment(f"  {one_line(sentence, ink.width - 2)}", style)])]
        else:
            name = named(one.name, max(8, ink.width // 4))
            writing.link(Link(f"objective {one.name}", [(name, colours.plain)], query, f"{sentence}{where}", place))
            writing.text(one_line(sentence, max(4, ink.width - writing.at - 2)), style, gap=2)
            rows.append(writing.row())
    if len(found) > most:
        rows.append(Row([Segment(f"and {len(found) - most} more, less pressing", colours.faint)]))
    return Tile("objectives", rows)


def value(found: Strip | None, ink: Ink) -> Tile:
    """Experience, connectivity and proximity, in a line; behind each is what it is of, or what comes nearest."""
    known = [one for one in found or () if one.measure.value is not None]
    if not known:
        return Tile("value", [])
    colours = ink.colours
    links = [
        Link(f"value {one.name}", [(one.name, colours.plain),
             (f" {one_line(objectives_told.value(one).partition(',')[0], 20)}", colours.faint)],
             one.behind.query, f"{one.name}: {one.behind.told}")
        for one in known
    ]  # fmt: skip
    return Tile("value", flowing([("VALUE    ", colours.faint)], links, ink.width, 3, 10))


def health(entries: Sequence[Entry], ink: Ink, most: int) -> Tile:
    """How the sources fare: what needs care in a line each, the others together."""
    colours = ink.colours
    on = [one for one in entries if one.state != "off"]
    if not on:
        return Tile("health", [])
    care = [one for one in on if one.state in BAD or one.state == "quiet"]
    well = [one for one in on if one not in care]
    links = [
        Link(f"source {one.source}", [(f"{SIGNS[one.state]} ", tint(one.state, colours)),
             (named(one.source, 16), colours.plain)], "", f"{named(one.source, 30)}: {one.state}", "sources")
        for one in well
    ]  # fmt: skip
    rows = [Row([Segment("SOURCES", colours.faint)])]
    for one in care[:most]:
        wide = max((cell_width(named(other.source, 16)) for other in care[:most]), default=0)
        reason = wrong(one, ink.now, ink.zone)
        writing = Writing(ink.width)
        shown = [(f"{SIGNS[one.state]} ", tint(one.state, colours)),
                 (padded(named(one.source, 16), wide), tint(one.state, colours))]  # fmt: skip
        told = f"{named(one.source, 30)}: {one.state}, {reason}"
        writing.link(Link(f"source {one.source}", shown, "", told, "sources"))
        writing.text(one_line(reason, max(4, ink.width - writing.at - 2)), colours.faint, gap=2)
        rows.append(writing.row())
    if len(care) > most:
        rows.append(Row([Segment(f"  and {len(care) - most} more need care", colours.amber)]))
    rows += flowing([], links, ink.width, 2, 0) if links else []
    rest = len(well) - sum(one.key in {link.key for link in links} for row in rows for one in row.spots)
    return Tile("health", [*rows, *([Row([Segment(f"and {rest} more", colours.faint)])] if rest else [])])
