"""Hits, sources and proposals as lines. Pure; foreign text passes `listen.text` here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from rich.segment import Segment
from rich.style import Style

from listen.console.first.sample import Advice, Answer, Hit, Sample, Span
from listen.console.format import fit, moment, sure, when
from listen.console.theme import BAR, Palette
from listen.console.wrapping import wrap
from listen.text import block, cell_width, one_line, safe_url

Line = list[Segment]

BEFORE = 24
"""Cells shown before what matched, where that stands far into a text."""


def marked(colours: Palette) -> Style:
    """What the query found."""
    return colours.lit_bold


def hit_row(
    hit: Hit, said: bool | None, width: int, colours: Palette, now: float, *, cursor: bool, focused: bool,
    zone: tzinfo | None = None,
) -> Line:  # fmt: skip
    """What was said of it, when and where it stands, and the words around what matched."""
    plain = colours.faint if said is not None else colours.strong if cursor and focused else colours.plain
    sign, style = {None: (" ", plain), True: ("✓", colours.green), False: ("×", colours.red)}[said]
    line = [Segment(BAR if cursor else " ", colours.lit if focused else colours.faint), Segment(f"{sign} ", style)]
    used = 3
    for text, cells, shown in (
        (when(hit.time, now, zone) if hit.time else "-", 6, width >= 40),
        (sure(hit.source), 12 if width >= 100 else 9, width >= 56),
        (sure(hit.author or "-"), 14, width >= 90),
    ):
        if shown:
            line.append(Segment(fit(text, cells) + " ", colours.faint))
            used += cells + 1
    room = max(1, width - used - 1)
    title = bool(hit.title) and not hit.text.startswith(hit.title)
    spans = hit.title_spans if title else hit.text_spans
    text = hit.title if title else hit.text
    pieces = list(around(text, spans, room, plain, marked(colours) if said is None else plain))
    return line + (pieces or [Segment(fit("(no text)", room), colours.faint)])


def around(text: str, spans: Sequence[Span], width: int, plain: Style, lit: Style) -> Iterator[Segment]:
    """One line of a text with what matched lit up, from a little before it where it stands far in."""
    start = 0
    if spans and cell_width(one_line(text[: spans[0][1]])) > width - 4:
        start = max(0, spans[0][0] - BEFORE)
        yield Segment("… ", plain)
        width -= 2
    at = start
    for first, last in (*spans, (len(text), len(text))):
        for piece, style in ((text[at:first], plain), (text[first:last], lit)):
            shown = _spaced(piece[: 4 * width])
            cells = cell_width(shown)
            if cells > width:
                yield Segment(
                    one_line(shown, width) if not shown.startswith(" ") else f" {one_line(shown, width - 1)}", style
                )
                return
            if shown:
                yield Segment(shown, style)
            width -= cells
        at = max(at, last)


def _spaced(piece: str) -> str:
    """One line that keeps a blank at each of its ends, so that pieces do not run together."""
    if not piece:
        return ""
    shown = one_line(piece)
    before = " " if piece[0].isspace() else ""
    after = " " if piece[-1].isspace() and shown else ""
    return f"{before}{shown}{after}"


def hit_in_full(hit: Hit, width: int, colours: Palette, now: float, zone: tzinfo | None = None) -> list[Line]:
    """Who, when, where, by which part of the query; title, text, link."""
    who = one_line(hit.author or "author unknown", max(8, width // 2))
    about = one_line(f"{hit.source}   {moment(hit.time, now, zone) if hit.time else 'no date'}")
    lines: list[Line] = [[Segment(who, colours.bold), Segment(f"   {about}", colours.faint)], []]
    if hit.title and not hit.text.startswith(hit.title):
        lines += _lit_lines(hit.title, hit.title_spans, width, colours.bold, colours)
    lines += _lit_lines(hit.text[:4000], hit.text_spans, width, colours.plain, colours)
    if hit.matched:
        lines += [
            [],
            [
                Segment("found by ", colours.faint),
                Segment(one_line("  ".join(hit.matched), max(8, width - 9)), colours.lit),
            ],
        ]
    link = safe_url(hit.url)
    if link:
        lines.append([Segment(one_line(link, width), colours.link + Style(link=link))])
    return lines


def _lit_lines(text: str, spans: Sequence[Span], width: int, plain: Style, colours: Palette) -> list[Line]:
    """The text wrapped, with what matched lit up."""
    if not spans or block(text) != text:  # shown otherwise than stored: the places would not fit
        shown = block(text, 100)
        return [[Segment(shown[a:b], plain)] for a, b in wrap(shown, width)]
    return [list(_cut(text, a, b, spans, plain, marked(colours))) for a, b in wrap(text, width)]


def _cut(text: str, start: int, end: int, spans: Sequence[Span], plain: Style, lit: Style) -> Iterator[Segment]:
    at = start
    for first, last in spans:
        first, last = max(first, at), min(last, end)
        if first < last:
            yield Segment(text[at:first], plain)
            yield Segment(text[first:last], lit)
            at = last
    yield Segment(text[at:end], plain)


def source_lines(sample: Sample, width: int, colours: Palette) -> list[Line]:
    """One line of those that answered or are still asked, then one for each that failed, in plain words."""
    first: Line = [Segment(" ", colours.faint)]
    used, failed = 1, []
    for name, answer in sample.sources.items():
        if answer is not None and answer.error and not answer.hits:
            failed.append((name, answer))
            continue
        shown = sure(name)
        pieces = (
            [Segment("  … ", colours.amber), Segment(shown, colours.faint)]
            if answer is None
            else [
                Segment("  ● ", colours.green),
                Segment(shown, colours.plain),
                Segment(f" {answer.hits}", colours.bold),
            ]
        )
        cells = sum(cell_width(piece.text) for piece in pieces)
        if used + cells > width - 2:
            break
        first += pieces
        used += cells
    lines = [first] if len(first) > 1 or not failed else []
    return lines + [_failed(name, answer, width, colours) for name, answer in failed]


def _failed(name: str, answer: Answer, width: int, colours: Palette) -> Line:
    told = f"{answer.error}  → {answer.remedy.rstrip('.')}" if answer.remedy else answer.error
    shown = sure(name)
    return [
        Segment("   × ", colours.red),
        Segment(f"{shown} ", colours.plain),
        Segment(one_line(told, max(8, width - 8 - cell_width(shown))), colours.faint),
    ]


def advice_lines(advice: Advice, width: int, colours: Palette) -> list[Line]:
    """Why, the query, and what its exclusions take away."""
    lines: list[Line] = []
    if advice.why:
        lines.append([Segment("  " + one_line(advice.why, width - 3), colours.amber)])
    lines.append(
        [Segment("  better? ", colours.faint), Segment(one_line(advice.query, max(8, width - 11)), colours.lit_bold)]
    )
    if advice.removals:
        told = " · ".join(
            f"NOT {one.word} takes {one.refused} away"
            + (f", and {one.kept} that {'is' if one.kept == 1 else 'are'} about it" if one.kept else "")
            for one in advice.removals
        )
        lines.append([Segment("          " + one_line(told, max(8, width - 11)), colours.faint)])
    return lines


def paragraph(text: str, width: int, style: Style, indent: int = 2) -> list[Line]:
    """Plain words, wrapped."""
    shown = block(text)
    return [[Segment(" " * indent + shown[a:b].strip(), style)] for a, b in wrap(shown, max(8, width - 2 * indent))]
