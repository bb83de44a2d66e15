"""The first card of the day: what has happened since the person was here, and a way to pass over what waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment

from listen.console import keys
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import moment
from listen.console.keys import Key
from listen.console.screens.page import Page
from listen.console.theme import Palette
from listen.insight.brief import Brief, brief
from listen.insight.brief_told import Part, head, parts
from listen.insight.desks import at_desk, promising
from listen.query import tree
from listen.store.read import Reader
from listen.text import cell_width, one_line

if TYPE_CHECKING:
    from textual.binding import BindingType

MOST = 20_000
"""Mentions that are passed over in one step."""

PATIENCE = 4.0
"""Seconds for finding them: nobody waits for the card."""

LOUD = 0.4
"""Seconds for what is expected of topics, some sixty on an idle machine: the loudest come first."""

MARGIN = 2
LABEL = 12

STYLES = {"plain": "plain", "loud": "amber", "bad": "red"}


class Card(NamedTuple):
    """What is told, and what waits: frozen, so that nothing is passed over that was not counted."""

    brief: Brief
    waiting: Sequence[int]
    all: bool = True
    """Nothing else waits."""


def made(desk: Desk, since: float | None) -> Card:
    """The card of a person since a time, in some second; for any thread. Raises StoreError."""
    now = desk.clock.now()
    with Reader(desk.store) as reader:
        kept = [tree.Facet("is", ("starred",)), *map(at_desk, promising(reader.desks()))]
        asked = tree.And((tree.Facet("status", ("new",)), *map(tree.Not, kept)))
        page = reader.page(asked, limit=MOST, budget=PATIENCE, now=now)
        told = brief(reader, desk.who, now=now, since=since, wait=LOUD)._replace(visited=since is not None)
        return Card(told, page.ids, page.complete and len(page.ids) < MOST)


def laid_out(card: Card, width: int, colours: Palette, now: float, skip: str = "") -> list[Line]:
    """The card as lines of that many cells; `skip` is the key that passes over what waits, empty where none does."""
    room = max(20, width - LABEL - 2 * MARGIN)
    found, edge = card.brief, " " * MARGIN
    since = f"   since {moment(int(found.since), now)}"
    title = one_line(head(found), width - MARGIN - 1)
    lines: list[Line] = [[], [Segment(edge + title, colours.lit_bold)]]
    if len(title) + len(since) + MARGIN < width:
        lines[-1].append(Segment(since, colours.faint))
    told = list(parts(found, room))
    for part in told:
        lines += [[], *_part(part, room, colours)]
    if not told:
        lines += [[], [Segment(f"{edge}Nothing of your topics was heard, nothing is late.", colours.plain)]]
    if card.waiting and skip:
        which = f"{len(card.waiting):,} wait" if card.all else f"the newest {len(card.waiting):,} that wait"
        lines += [
            [],
            [
                Segment(f"{edge}{skip:<{LABEL}}", colours.keys),
                Segment(f"{which}: pass over them as skipped", colours.plain),
            ],
        ]
        if width >= 90:
            lines[-1].append(Segment("   not what is starred or promised; one undo", colours.faint))
    return lines


def _part(part: Part, room: int, colours: Palette) -> list[Line]:
    return [
        [
            Segment(f"{' ' * MARGIN}{part.title if not place else '':<{LABEL}}", colours.faint),
            Segment(text if cell_width(text) <= room else one_line(text, room), getattr(colours, STYLES[sort])),
        ]
        for place, (text, sort) in enumerate(part.lines)
    ]


class BriefCard(Page):
    """Over the stream, until it is left."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("brief")

    def __init__(
        self, desk: Desk, colours: Palette, table: Sequence[Key], card: Card, skips: Callable[[Sequence[int]], None]
    ) -> None:
        super().__init__(colours)
        self.desk, self.card, self.skips = desk, card, skips
        self.skip = keys.key_of(table, "brief.skip") if card.waiting and desk.hands is not None else ""
        passes = [(self.skip, "pass over what waits")] if self.skip else []
        self.footer.tell([("j k", "move"), *passes, ("esc", "to the stream")])

    def on_unmount(self) -> None:
        self.desk.busy()  # who has read it was here

    def lines(self, width: int) -> Sequence[Line]:
        return laid_out(self.card, width, self.colours, self.desk.clock.now(), self.skip)

    def action_skip(self) -> None:
        """What waited when the card was made is skipped, and nothing else."""
        if self.skip:
            self.dismiss(None)
            self.skips(self.card.waiting)

    def action_leave(self) -> None:
        """To the stream."""
        self.dismiss(None)
