"""A mention as the detail pane shows it: who, what, how it was read, where it was heard. Pure, for any thread."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

from rich.segment import Segment
from rich.style import Style

from listen.console.facts import Facts, Line, Pieces, field_lines, fields
from listen.console.format import compact
from listen.console.links import ascii_form
from listen.console.scored import TONES
from listen.console.theme import Palette
from listen.console.wrapping import wrap
from listen.model import Mention
from listen.text import URL_LIMIT, cell_width, one_line, placed_block, safe_url

if TYPE_CHECKING:
    from listen.store.around import Before

LINES = 500
"""Lines of a text that are shown."""

_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def reading(
    facts: Facts,
    width: int,
    colours: Palette,
    now: float,
    *,
    zone: tzinfo | None = None,
    only: Container[str] | None = None,
) -> list[Line]:
    """All lines of the detail pane. `zone` is the reader's, None for this machine's; `only` some of the labels."""
    told = [field for field in fields(facts, colours, now, zone) if only is None or field[0] in only]
    labelled = [line for field in told for line in field_lines(field, width, colours)]
    lines = [*_who(facts, width, colours), [], *_body(facts, width, colours), [], *labelled]
    url = facts.mention.url
    if url:
        lines.append(_link(url, width, colours))
    return lines


# --- who -------------------------------------------------------------------------------------------------------------


def _who(facts: Facts, width: int, colours: Palette) -> list[Line]:
    """Name, handle, and what is known of them, on lines of their own where there is no room."""
    author = facts.mention.author
    if author is None:
        return [[Segment("author unknown", colours.faint)]]
    handle = author.handle[:200].lstrip("@")
    name = author.name[:200] if author.name else handle.partition("@")[0] or handle
    rest = handle.removeprefix(name)
    pieces: Pieces = [(name, colours.bold)]
    if rest:
        pieces.append((rest if rest.startswith("@") and rest != handle else f" @{handle}", colours.faint))
    known: list[Pieces] = []
    if author.followers is not None:
        known.append([(f"{compact(author.followers)} followers", colours.faint)])
    if facts.before is not None and (said := _before(facts.before, colours)):
        known.append(said)
    beside = [piece for place, told in enumerate(known) for piece in _after(" · " if place else "", told)]
    for lines in ([[*pieces, *_after("   ", beside)]], [pieces, beside]):
        if all(_cells(line) <= width for line in lines if line):
            break
    else:
        lines = [pieces, *known]
    return [_cropped(line, width) for line in lines if line]


def _after(gap: str, pieces: Pieces) -> Pieces:
    """Pieces with something before the first one."""
    return [(gap + pieces[0][0], pieces[0][1]), *pieces[1:]] if pieces else []


def _cells(pieces: Pieces) -> int:
    return sum(len(text) - len(text.lstrip(" ")) + cell_width(one_line(text)) for text, _ in pieces)


def _before(before: Before, colours: Palette) -> Pieces:
    """How much they have said before, and in which tone."""
    if not before.n:
        return [] if before.more else [("first mention here", colours.faint)]
    count = f"{before.n}{'+' if before.more else ''} mention{'s' if before.n > 1 or before.more else ''} before"
    scored = Counter({kind: before.tones.get(kind, 0) for kind in ("neg", "pos", "neu")})
    total = scored.total()
    if not total:
        return [(count, colours.faint)]
    (kind, most), *_ = scored.most_common(1)
    if 2 * most <= total and total > 1:
        return [(f"{count}, of mixed tone", colours.faint)]
    return [(f"{count},{' mostly' if before.n > 1 else ''}", colours.faint), (f" {TONES[kind]}", colours.tone(kind))]


def _cropped(pieces: Pieces, width: int) -> Line:
    """One line of at most that many cells; blanks at the beginning of a piece stay."""
    line: Line = []
    for text, style in pieces:
        gap = " " * (len(text) - len(text.lstrip(" ")))
        text = gap + one_line(text, max(0, width - len(gap)))
        width -= cell_width(text)
        line.append(Segment(text, style))
        if width < 2:
            break
    return line


# --- what ------------------------------------------------------------------------------------------------------------


def _body(facts: Facts, width: int, colours: Palette) -> list[Line]:
    mention, reasons = facts.mention, facts.reasons
    lines: list[Line] = []
    begins_with_title = bool(mention.title) and mention.text.startswith(mention.title or "")
    if mention.title and not begins_with_title:
        title = _Shown(mention.title[:2000], reasons.title if reasons else (), colours.bold, colours)
        lines += [*(title.line(a, b) for a, b in wrap(title.text, width)), []]
    room = LINES * max(width, 20)
    marks: list[tuple[int, int, str]] = [*reasons.text] if reasons else []
    if mention.title and begins_with_title:
        marks.append((0, len(mention.title), "title"))
    text = _Shown(mention.text[:room], marks, colours.plain, colours)
    if not text.text:
        gone = "" if mention.state == "active" else f"{mention.state} by its author or platform"
        if gone:
            return [*lines, [Segment(gone, colours.faint)]]
        return lines[:-1] or [[Segment("(no text)", colours.faint)]]
    more = len(mention.text) > room
    for count, (a, b) in enumerate(wrap(text.text, width)):
        if count >= LINES - 1:
            more = True
            break
        lines.append(text.line(a, b))
    return lines + _cut(mention, more, colours)


def _cut(mention: Mention, more: bool, colours: Palette) -> list[Line]:
    if more:
        return [[Segment("… more: Y copies all of it", colours.faint)]]
    if mention.truncated:
        return [[Segment("… longer than what is kept", colours.faint)]]
    return []


class _Shown:
    """A text made fit for the screen, with what stands out in it."""

    def __init__(self, text: str, marks: Sequence[tuple[int, int, str]], base: Style, colours: Palette) -> None:
        """A mark is the first character, the one after the last, and what stands out: match, pos, neg, title."""
        marks = [mark for mark in marks if mark[1] <= len(text)]
        places = sorted({place for mark in marks for place in mark[:2]})
        self.text, found = placed_block(text, places, LINES)
        shown = dict(zip(places, found, strict=False))
        changes: dict[int, Counter[str]] = {0: Counter()}
        for start, end, kind in marks if found else ():
            changes.setdefault(shown[start], Counter())[kind] += 1
            changes.setdefault(shown[end], Counter())[kind] -= 1
        self.starts = sorted(changes)
        self.styles: list[Style] = []
        now: Counter[str] = Counter()
        for start in self.starts:
            now.update(changes[start])
            self.styles.append(_style({kind for kind, count in now.items() if count > 0}, base, colours))

    def line(self, start: int, end: int) -> Line:
        """The characters from start to end, which stand in one line, without blanks at its end."""
        end = start + len(self.text[start:end].rstrip(" "))
        at = bisect_right(self.starts, start) - 1
        borders = [start, *(border for border in self.starts[at + 1 :] if border < end), end]
        return [
            Segment(self.text[a:b], style)
            for (a, b), style in zip(pairwise(borders), self.styles[at:], strict=False)
            if a < b
        ]


def _style(kinds: set[str], base: Style, colours: Palette) -> Style:
    """What is a match and a scored word, too, has the ground of the one and the line of the other."""
    if "title" in kinds:
        base += colours.bold
    if "wants" in kinds:
        base += colours.wants
    for kind in ("pos", "neg"):
        if kind in kinds:
            base += colours.scored(kind)
    return base + colours.match if "match" in kinds else base


# --- where -----------------------------------------------------------------------------------------------------------


def _link(url: str, width: int, colours: Palette) -> Line:
    """The link, shortened in its middle when it is too long; the terminal is given all of it, in ASCII as it wants."""
    safe = safe_url(url)
    if safe is None:
        return [Segment(one_line(f"no web link: {url[:500]}", width), colours.faint)]
    told = ascii_form(safe)
    target = quote(told, safe=_ASCII)
    style = colours.link + Style(link=target) if len(target) <= URL_LIMIT else colours.link
    return [Segment(shortened(one_line(told), width), style)]


def shortened(text: str, width: int) -> str:
    """At most that many cells, with `…` for what is left out of its middle."""
    if cell_width(text) <= width:
        return text
    tail = max(0, (width - 1) // 3)
    head = one_line(text, max(1, width - tail)).removesuffix("…")
    end = len(text)
    while end > len(head) and cell_width(text[end - 1 :]) <= tail:
        end -= 1
    return f"{head}…{text[end:]}"[: max(1, width)]


def plain_text(lines: Sequence[Line]) -> list[str]:
    """The lines without their colours, for copying."""
    return ["".join(segment.text for segment in line).rstrip() for line in lines]
