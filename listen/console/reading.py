"""A mention as the detail pane shows it: who, what, how it was read, where it was heard. Pure, for any thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from functools import cache

from rich.segment import Segment
from rich.style import Style

from listen.console.format import compact, full_number, moment
from listen.console.theme import GLYPHS, Palette
from listen.model import Mention, tone
from listen.text import block, cell_width, one_line, safe_url

LINES = 500
"""Lines of a text that are shown."""

LABEL = 12
"""Cells of the labels' column."""

_WIDE = "\u2e80-\u303f\u3041-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd"

TONES = {
    "neg": "negative",
    "neu": "neutral",
    "pos": "positive",
    "none": "no word of it is known",
    "unknown": "not scored",
}

Line = list[Segment]


@cache
def _pieces() -> re.Pattern[str]:
    """Where a line may break: at blanks, and beside each sign of a script that has none. Compiled when first needed."""
    return re.compile(rf"[ ]+|[{_WIDE}]|[^ {_WIDE}]+")


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """(start, end) of each line of a text that has passed `listen.text.block`, at most `width` cells wide.

    Lazy: of a long text only as many lines are made as are taken.
    """
    width = max(2, width)
    start = 0
    while start <= len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        yield from _wrap_line(text, start, stop, width)
        start = stop + 1


def _wrap_line(text: str, start: int, stop: int, width: int) -> Iterator[tuple[int, int]]:
    begin, end, used = start, start, 0
    for piece in _pieces().finditer(text, start, stop):
        at, to = piece.span()
        cells = cell_width(text[at:to]) if to - at <= 8 * width else 8 * width
        if used + cells <= width:
            end, used = to, used + cells
            continue
        if text[at] == " ":
            yield begin, end
            begin, end, used = to, to, 0
            continue
        if used:
            yield begin, end
            begin = at
        while (cut := _cut(text, begin, to, width)) < to:
            yield begin, cut
            begin = cut
        end, used = to, cell_width(text[begin:to])
    yield begin, end


def _cut(text: str, start: int, stop: int, width: int) -> int:
    """The end of what fits into `width` cells from `start` on; at least one sign."""
    if text[start : start + width].isascii():
        return min(stop, start + width)
    used = 0
    for at in range(start, stop):
        used += cell_width(text[at])
        if used > width:
            return max(at, start + 1)
    return stop


def reading(
    mention: Mention,
    width: int,
    colours: Palette,
    now: float,
    *,
    said: int | None = None,
    zone: tzinfo | None = None,
) -> list[Line]:
    """All lines of the detail pane. `said` is how many mentions of the store the author has, None when unknown."""
    body = _body(mention, width, colours)
    fields = [line for field in _fields(mention, colours, now, zone) for line in _field(*field, width, colours)]
    lines = [_who(mention, said, width, colours), [], *body, [], *fields]
    link = safe_url(mention.url)
    if link:
        shown = one_line(link, width)
        lines.append([Segment(shown, colours.link + Style(link=link))])
    elif mention.url:
        lines.append([Segment(one_line(f"no web link: {mention.url[:500]}", width), colours.faint)])
    return lines


def _who(mention: Mention, said: int | None, width: int, colours: Palette) -> Line:
    author = mention.author
    if author is None:
        return [Segment("author unknown", colours.faint)]
    name = one_line((author.name or author.handle)[:200], max(8, width // 2))
    known = []
    if author.name and author.handle and author.handle != author.name:
        known.append(f"@{author.handle[:200].lstrip('@')}")
    if author.followers is not None:
        known.append(f"{compact(author.followers)} followers")
    if said is not None:
        known.append("first mention here" if said <= 1 else f"{compact(said)} mentions here")
    rest = one_line(" · ".join(known), max(1, width - cell_width(name) - 3))
    return [Segment(name, colours.bold), Segment("   " + rest if rest else "", colours.faint)]


def _body(mention: Mention, width: int, colours: Palette) -> list[Line]:
    lines: list[Line] = []
    if mention.title:
        title = one_line(mention.title[:2000])
        lines += [[Segment(title[a:b], colours.bold)] for a, b in wrap(title, width)] + [[]]
    room = LINES * max(width, 20)
    text = block(mention.text[:room], LINES)
    if not text:
        gone = "" if mention.state == "active" else f"{mention.state} by its author or platform"
        if gone:
            return [*lines, [Segment(gone, colours.faint)]]
        return lines[:-1] or [[Segment("(no text)", colours.faint)]]
    more = len(mention.text) > room
    for count, (a, b) in enumerate(wrap(text, width)):
        if count >= LINES - 1:
            more = True
            break
        lines.append([Segment(text[a:b], colours.plain)])
    if more:
        lines.append([Segment("… more: Y copies all of it", colours.faint)])
    elif mention.truncated:
        lines.append([Segment("… longer than what is kept", colours.faint)])
    return lines


Field = tuple[str, list[tuple[str, Style]]]


def _fields(mention: Mention, colours: Palette, now: float, zone: tzinfo | None) -> Iterator[Field]:
    """(label, pieces) of everything that is known."""
    yield "sentiment", _sentiment(mention, colours)
    if mention.topics:
        pieces: list[tuple[str, Style]] = []
        for name, score in mention.topics.items():
            toward = tone(score, mention.hits)
            pieces.append((f"   {name}" if pieces else name, colours.lit))
            known = score is not None and toward != "none"
            told = f" {GLYPHS[toward]} {full_number(score or 0)}" if known else f" {GLYPHS[toward]}"
            pieces.append((told, colours.tone(toward)))
        yield "matched", pieces
    heard = ", ".join(mention.sources) or mention.network
    late = mention.seen_at - mention.time
    seen = f", seen {moment(mention.seen_at, now, zone)}" if late >= 60 else ""
    yield "heard", [(heard, colours.plain), (f"   {moment(mention.time, now, zone)}{seen}", colours.faint)]
    what = [mention.kind, mention.lang or "language unknown"]
    if mention.state != "active":
        what.append(mention.state)
    yield "kind", [(" · ".join(what), colours.faint)]
    counts = _counts(mention)
    if counts:
        yield "counts", [(counts, colours.plain)]
    yield "status", _status(mention, colours)


def _sentiment(mention: Mention, colours: Palette) -> list[tuple[str, Style]]:
    kind = mention.tone
    sign = GLYPHS[kind]
    if kind == "unknown":
        reason = f" not scored: {mention.unscored or 'no reason is known'}"
        return [(sign, colours.tone(kind, bold=True)), (reason, colours.plain)]
    if kind == "none":
        return [(sign, colours.faint), (f" {TONES[kind]}", colours.faint)]
    pieces = [
        (f"{sign} {full_number(mention.score or 0)}", colours.tone(kind, bold=True)),
        (f" {TONES[kind]}", colours.faint),
    ]
    if mention.hits:
        pieces.append((f"   {mention.hits} word{'' if mention.hits == 1 else 's'} known", colours.faint))
    return pieces


def _counts(mention: Mention) -> str:
    counted = (
        (mention.likes, "like", "likes"),
        (mention.replies, "reply", "replies"),
        (mention.reposts, "repost", "reposts"),
        (mention.views, "view", "views"),
    )
    told = [f"{compact(count)} {one if count == 1 else more}" for count, one, more in counted if count is not None]
    if mention.rating is not None:
        stars = max(0, min(5, mention.rating))
        told.insert(0, "★" * stars + "☆" * (5 - stars))
    return " · ".join(told)


def _status(mention: Mention, colours: Palette) -> list[tuple[str, Style]]:
    pieces = [(mention.status, colours.plain if mention.status == "new" else colours.green)]
    if mention.starred:
        pieces.append(("  ★ starred", colours.amber))
    if mention.assignee:
        pieces.append((f"  {mention.assignee} takes care of it", colours.plain))
    if mention.own:
        pieces.append(("  our own", colours.faint))
    return pieces


def _field(label: str, pieces: list[tuple[str, Style]], width: int, colours: Palette) -> Iterator[Line]:
    """A label and its pieces, wrapped between pieces, indented below the label. Blanks before a piece set it apart."""
    room = max(LABEL + 8, width)
    line, used = [Segment(f"{label:<{LABEL}}", colours.faint)], LABEL
    for text, style in pieces:
        gap = len(text) - len(text.lstrip(" "))
        text = one_line(text, room - LABEL)
        cells = cell_width(text)
        if used > LABEL and used + gap + cells > room:
            yield line
            line, used, gap = [Segment(" " * LABEL, colours.faint)], LABEL, 0
        line.append(Segment(" " * gap + text, style))
        used += gap + cells
    yield line


def plain_text(lines: list[Line]) -> list[str]:
    """The lines without their colours, for copying."""
    return ["".join(segment.text for segment in line).rstrip() for line in lines]
