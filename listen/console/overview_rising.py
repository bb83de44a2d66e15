"""The overview's rising words, tags, emoji, links, and what was never said before. Pure, for any thread.

All of them are what people wrote: they pass `listen.text` here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from listen.console.format import fit
from listen.console.overview_words import Ink, named
from listen.console.spots import Link, Row, Tile, flowing
from listen.console.theme import GLYPHS
from listen.model import tone
from listen.text import one_line

if TYPE_CHECKING:
    from listen.insight.rising import Rising, Term

HEAD = 10
"""Cells of what stands before the terms."""

NAME = 28
"""Cells of a term at most."""


def rising(found: Rising, ink: Ink, *, long: bool) -> Tile:
    """What is said more than in the window before, a kind a line; those with a tone have its sign and its colour."""
    kinds = (("RISING", found.words), ("TAGS", found.tags), ("EMOJI", found.emoji), ("LINKS", found.links))
    rows: list[Row] = []
    for name, terms in kinds:
        rows += _kind(name, [one for one in terms if not one.new], ink, 2 if long and name == "RISING" else 1)
    return Tile("rising", [*rows, *_kind("NEW", found.new, ink, 1)])


def _kind(name: str, terms: Sequence[Term], ink: Ink, lines: int) -> list[Row]:
    if not terms:
        return []
    return flowing([(fit(name, HEAD - 1), ink.colours.faint)], _links(name, terms, ink), ink.width, lines, HEAD)


def _links(kind: str, terms: Sequence[Term], ink: Ink) -> Iterator[Link]:
    colours = ink.colours
    for one in terms:
        style, sign = _tone(one, ink)
        if one.new:
            style, times = colours.amber, f" {one.n:,}"
        else:
            times = f" ×{one.ratio:.0f}" if one.ratio is not None and one.ratio >= 1.95 else f" {one.n:,}"
        # An emoji is the one thing whose width terminals do not agree upon: it stands alone, with blanks behind it.
        text = one_line(one.text, NAME) if kind == "EMOJI" else named(one.text, NAME)
        more = [(f" {sign}", style)] if sign else []
        yield Link(f"{kind} {one.text}", [(text, style), (times, colours.faint), *more], one.query, _told(one))


def _tone(one: Term, ink: Ink) -> tuple[Style, str]:
    """(colour, sign): of what is neither good nor bad, plain and none."""
    if one.tone is None:
        return ink.colours.plain, ""
    feeling = tone(round(1000 * one.tone), 1)
    if feeling not in ("neg", "pos"):
        return ink.colours.plain, ""
    return ink.colours.tone(feeling), GLYPHS[feeling]


def _told(one: Term) -> str:
    """A term in words; the z is that of its log-odds with a prior, see the README."""
    stories = f"{one.n:,} {'story' if one.n == 1 else 'stories'}"
    if one.new:
        return f"{named(one.text, 40)}: in {stories}, never said before"
    times = f", {one.ratio:.1f} times its share" if one.ratio is not None else ""
    return f"{named(one.text, 40)}: in {stories}, {one.before:,} before{times} (z {one.z:.1f})"
