"""What is known of a mention besides its words, as labelled lines of the detail pane. Pure, for any thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from rich.style import Style

from listen.absence import Absence, told
from listen.console.format import compact, moment, sure
from listen.console.scored import scored
from listen.console.theme import Palette
from listen.model import Mention, Note, id_time
from listen.store.presence import YOU
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from listen.console.reasons import Reasons
    from listen.insight.desks import Due
    from listen.store.around import Around, Before, Doing, Related
    from listen.store.copies import Spread
    from listen.store.growth import Counted
    from listen.store.noise import Verdict

LABEL = 12
"""Cells of the labels' column."""

LATE = 60
"""Seconds after its publication from which on it is told when a mention was first seen."""

QUOTED = 80
"""Cells of a sentence of another mention."""

MOST_SOURCES = 6

ANSWERS = {"repost": "repost of", "quote": "quotes", "comment": "comments on"}
"""What a kind of mention does with the one before it; the others reply."""

GROWN = 3
"""Growth that is worth a line."""

STEPS = 5
"""Values of a count that grew which are shown: the first one and the last."""

Line = list[Segment]
Pieces = list[tuple[str, Style]]
Field = tuple[str, Pieces]
"""(label, pieces); blanks at the beginning of a piece set it apart from the one before."""


class Facts(NamedTuple):
    """A mention with what was found out about it so far."""

    mention: Mention
    around: Around | None = None
    reasons: Reasons | None = None
    before: Before | None = None
    verdict: Verdict | None = None
    away: Absence | None = None
    """Of who takes care of it."""
    here: Sequence[str] = ()
    """Other people who are on it now."""
    promises: Sequence[Due] = ()
    """What desks promise to it, the soonest due first."""


def fields(facts: Facts, colours: Palette, now: float, zone: tzinfo | None) -> Iterator[Field]:
    """Everything that is known; what is not known is left out."""
    yield from scored(facts, colours)
    yield from _told_elsewhere(facts, colours, now, zone)
    yield from _worked_on(facts, colours, now, zone)
    if noise := _noise(facts.verdict, colours):
        yield "noise", noise
    yield from _counted(facts, colours)
    yield "heard in", [(_heard(facts.mention, facts.around), colours.plain)]
    yield "time", _times(facts.mention, colours, now, zone)
    yield "kind", [(" · ".join(_kind(facts.mention)), colours.faint)]


def _told_elsewhere(facts: Facts, colours: Palette, now: float, zone: tzinfo | None) -> Iterator[Field]:
    """The conversation and the story that it belongs to."""
    if thread := _thread(facts, colours, now, zone):
        yield "thread", thread
    if facts.around is not None and facts.around.spread is not None:
        yield from _spread(facts.around.spread, facts.mention.id, colours, now, zone)


def _worked_on(facts: Facts, colours: Palette, now: float, zone: tzinfo | None) -> Iterator[Field]:
    """Whose it is, what people did with it, and what is promised."""
    mention = facts.mention
    if mention.segments:
        yield "customer", [(", ".join(map(sure, mention.segments)), colours.amber)]
    yield "status", _status(facts, facts.around.doings if facts.around else {}, colours, now, zone)
    for due in facts.promises:
        yield "promised", _promised(due, colours, now, zone)
    if mention.tags:
        names = enumerate(map(sure, mention.tags))
        yield "tags", [(f" {name}" if place else name, colours.amber) for place, name in names]
    if mention.note is not None:
        yield "note", _note(mention.note, colours, now, zone)


def _counted(facts: Facts, colours: Palette) -> Iterator[Field]:
    """What the platform counts, how that grew, and a reviewer's stars."""
    mention = facts.mention
    if counts := _counts(mention):
        yield "counts", [(f"   {count}" if place else count, colours.plain) for place, count in enumerate(counts)]
    if facts.around is not None and (grown := _grown(facts.around.growth, colours)):
        yield "growth", grown
    if mention.rating is not None:
        stars = max(0, min(5, mention.rating))
        yield "rating", [("★" * stars + "☆" * (5 - stars), colours.amber), (f"  {mention.rating}", colours.faint)]


def _kind(mention: Mention) -> Iterator[str]:
    """What it is, in which language, from where, and whether it still stands."""
    yield mention.kind
    yield _language(mention.lang)
    if mention.country:
        yield mention.country.upper()
    if mention.state != "active":
        yield mention.state


def _language(code: str | None) -> str:
    from listen.query.described import LANGUAGES

    return "language unknown" if not code else LANGUAGES.get(code) or f"language {code}"


def field_lines(field: Field, width: int, colours: Palette) -> Iterator[Line]:
    """A label and its pieces, wrapped where a piece is set apart, else between pieces, indented below the label."""
    label, pieces = field
    room = max(8, width - LABEL)
    line, used = [Segment(f"{label:<{LABEL}}", colours.faint)], 0
    for group in _groups(pieces, room):
        together = sum(gap + cell_width(text) for gap, text, _ in group)
        for gap, text, style in group:
            cells = cell_width(text)
            if used and used + max(together, gap + cells) > room:
                yield line
                line, used, gap = [Segment(" " * LABEL, colours.faint)], 0, 0
            line.append(Segment(" " * gap + text, style))
            used += gap + cells
            together = 0
    yield line


def _groups(pieces: Pieces, room: int) -> Iterator[list[tuple[int, str, Style]]]:
    """(blanks before it, text, style) of each piece fit for the screen, by those that stand together."""
    group: list[tuple[int, str, Style]] = []
    for text, style in pieces:
        gap = len(text) - len(text.lstrip(" "))
        if gap > 1 and group:
            yield group
            group = []
        group.append((gap, one_line(text, room), style))
    yield group


def _thread(facts: Facts, colours: Palette, now: float, zone: tzinfo | None) -> Pieces:
    """What it answers, and how the conversation began, as far as that is stored."""
    mention, around = facts.mention, facts.around
    if around is None:
        return []
    verb = ANSWERS.get(mention.kind, "reply to")
    pieces: Pieces = []
    if around.parent is not None:
        pieces += _related(verb, around.parent, colours, now, zone)
    elif mention.parent_id:
        pieces.append((f"{verb} something that is not stored here", colours.faint))
    if around.root is not None:
        begun = _related("   begun by", around.root, colours, now, zone)
        pieces += begun if pieces else [(begun[0][0].strip(), begun[0][1]), *begun[1:]]
    return pieces


def _related(verb: str, other: Related, colours: Palette, now: float, zone: tzinfo | None) -> Pieces:
    return [
        (verb, colours.faint),
        (f" {one_line(other.author or 'somebody', 30)}", colours.author),
        (f" {moment(other.time, now, zone)}", colours.faint),
        (f"  {one_line(other.said, QUOTED) or '(no text)'}", colours.plain),
    ]


def _spread(spread: Spread, own: int, colours: Palette, now: float, zone: tzinfo | None) -> Iterator[Field]:
    """How its story went round: how many tell it and where, who was first, then who told it how much later."""
    from listen.store import condition

    first = spread.steps[0]
    told = ", ".join(f"{sure(source)} {n}" for source, n in spread.sources[:MOST_SOURCES])
    yield "story", [(f"{spread.mentions:,} mentions", colours.amber), (f"   {told}", colours.faint)]
    for step in spread.steps:
        when = "first" if step is first else f"+{condition.span(step.time - first.time)}"
        who = colours.bold if step.id == own else colours.author
        pieces: Pieces = [(when, colours.faint), (" " * (9 - len(when)) + sure(step.author or "-"), who)]
        pieces.append((f" in {sure(spread.place(step))}", colours.faint))
        yield "", [*pieces, (f" {moment(step.time, now, zone)}", colours.faint)] if step is first else pieces
    more = spread.mentions - len(spread.steps)
    if more > 0:
        last = condition.span(id_time(spread.last) - first.time)
        yield "", [(f"and {more:,} more, the last of them +{last}", colours.faint)]


def _promised(due: Due, colours: Palette, now: float, zone: tzinfo | None) -> Pieces:
    """`within 2 h: 35 min left`, `3 h late`, `answered after 1 h`; whose promise it is."""
    from listen.insight.desks import spoken

    pieces: Pieces = [(f"within {spoken(due.within)}:", colours.faint)]
    if due.taken is not None:
        kept = due.taken <= due.within
        pieces.append((f" answered after {spoken(due.taken)}", colours.green if kept else colours.amber))
    elif due.left < 0:
        pieces.append((f" {spoken(-due.left)} late", colours.red))
    else:
        pieces.append((f" {spoken(due.left)} left", colours.plain))
        pieces.append((f" until {moment(int(due.at), now, zone)}", colours.faint))
    return [*pieces, (f"   {one_line(due.desk, 24)}", colours.faint)]


def _note(note: Note, colours: Palette, now: float, zone: tzinfo | None) -> Pieces:
    """Its words, who wrote them and when."""
    words = one_line(note.text).split(" ")
    pieces: Pieces = [(f" {word}" if place else word, colours.plain) for place, word in enumerate(words)]
    return [*pieces, (f"   by {one_line(note.by, 24)} {moment(note.at, now, zone)}", colours.faint)]


def _noise(verdict: Verdict | None, colours: Palette) -> Pieces:
    """Why it is noise; why it would be, where somebody says that it is none."""
    if verdict is None or not (verdict.noise or verdict.reasons):
        return []
    pieces: Pieces = []
    if verdict.said is not None:
        word = "noise" if verdict.said else "no noise"
        pieces.append((f"{word}, says {one_line(verdict.by or 'somebody', 24)}", colours.plain))
    for name, reason in verdict.reasons:
        pieces.append((f"{'   ' if pieces else ''}{one_line(reason, 60)}", colours.plain))
        pieces.append((f" {one_line(name, 24)}", colours.faint))
    return pieces


def _counts(mention: Mention) -> list[str]:
    """What the platform counts; what it does not tell is not 0."""
    counted = (
        (mention.likes, "like", "likes"),
        (mention.reposts, "repost", "reposts"),
        (mention.replies, "reply", "replies"),
        (mention.views, "view", "views"),
    )
    return [f"{compact(count)} {one if count == 1 else more}" for count, one, more in counted if count is not None]


def _grown(counted: Sequence[Counted], colours: Palette) -> Pieces:
    """`likes 12 → 40 → 310 in 3 h`: of each count that has grown by a tenth and by GROWN at least, its last values."""
    from listen.store import condition

    pieces: Pieces = []
    for name in ("likes", "reposts", "replies", "views"):
        told = [(one.at, value) for one in counted if (value := getattr(one, name)) is not None]
        steps = [pair for place, pair in enumerate(told) if not place or pair[1] != told[place - 1][1]]
        if len(steps) < 2 or steps[-1][1] - steps[0][1] < max(GROWN, steps[0][1] / 10):
            continue
        shown = steps if len(steps) <= STEPS else [steps[0], *steps[1 - STEPS :]]
        pieces.append((f"{'   ' if pieces else ''}{name}", colours.faint))
        pieces.append((" " + " → ".join(compact(value) for _, value in shown), colours.plain))
        pieces.append((f" in {condition.span(steps[-1][0] - steps[0][0])}", colours.faint))
    return pieces


def _heard(mention: Mention, around: Around | None) -> str:
    """Sources, each with those of its channels that are called otherwise; the one that heard it first in front."""
    if around is None or not around.heard:
        return ", ".join(mention.sources[:MOST_SOURCES]) or mention.network
    labels: dict[str, list[str]] = {}
    for source, label in around.heard:
        labels.setdefault(source, [])
        if label not in ("", source):
            labels[source].append(label)
    told = [f"{source} ({', '.join(some)})" if some else source for source, some in labels.items()]
    more = len(told) - MOST_SOURCES
    return ", ".join(told[:MOST_SOURCES]) + (f", {more} more" if more > 0 else "")


def _times(mention: Mention, colours: Palette, now: float, zone: tzinfo | None) -> Pieces:
    published, seen = mention.published_at, moment(mention.seen_at, now, zone)
    if published is None:
        pieces = [(f"first seen {seen}", colours.plain), ("   when it was published is unknown", colours.faint)]
    elif mention.seen_at - published >= LATE:
        pieces = [(f"published {moment(published, now, zone)}", colours.plain), (f"   seen {seen}", colours.faint)]
    else:
        pieces = [(f"published {moment(published, now, zone)}", colours.plain)]
    if mention.edited_at is not None:
        pieces.append((f"   edited {moment(mention.edited_at, now, zone)}", colours.faint))
    return pieces


def _status(
    facts: Facts, doings: dict[str, Doing], colours: Palette, now: float, zone: tzinfo | None
) -> Pieces:  # fmt: skip
    """What people did with it, who and when."""
    from listen.store.threads import WHO

    def by(field: str) -> Pieces:
        doing = doings.get(field)
        if doing is None:
            return []
        who = "us" if doing.by == WHO else one_line(doing.by, 24)
        told = f"   {one_line(doing.words, 60)}" if doing.words else f" by {who}"
        return [(f"{told} {moment(doing.at, now, zone)}", colours.faint)]

    mention = facts.mention
    new = mention.status == "new"
    pieces = [(mention.status, colours.plain if new else colours.green), *by("status")]
    if facts.here:
        who = " and ".join(one_line(name, 24) for name in facts.here[:3])
        one = len(facts.here) == 1 and facts.here[0] != YOU
        pieces.append((f"   {who} {'is' if one else 'are'} on this one", colours.lit))
    if mention.starred:
        pieces += [("   ★ starred", colours.amber), *by("starred")]
    if mention.assignee:
        pieces += [(f"   given to {one_line(mention.assignee, 24)}", colours.plain), *by("assignee")]
        if facts.away is not None:
            pieces.append((f"   {one_line(told(facts.away), 60)}", colours.amber))
    if mention.own:
        pieces.append(("   our own", colours.faint))
    return pieces
