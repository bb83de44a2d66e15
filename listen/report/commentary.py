"""What the analyst says to a report: a small part of Markdown, of which nothing else means anything.

Paragraphs, `#` headings, `-` and `1.` lists, `>` quotations; `**strong**`, `*stressed*`, `` `code` ``, `[words](https://…)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from listen.report.markdown import inside, link, plain
from listen.report.svg import text as escaped
from listen.report.words import Ours
from listen.text import block, safe_url

MOST = 64 * 1024
"""Characters of a commentary."""


class Span(NamedTuple):
    """Words that are set in one way: `text`, `strong`, `em`, `code` or `link`."""

    kind: str
    text: str
    url: str | None = None


class Block(NamedTuple):
    """`p`, `h` (of a level), `ul`, `ol` or `quote`; each line of a list is one of its items."""

    kind: str
    lines: Sequence[Sequence[Span]]
    level: int = 1


_INLINE = re.compile(
    r"\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*\s][^*]*)\*|`(?P<code>[^`]+)`|\[(?P<words>[^\]]+)\]\((?P<url>[^()\s]+)\)"
)
_LINE = re.compile(r"(?:(?P<h>#{1,6})\s+|(?P<ul>[-*])\s+|(?P<ol>\d{1,3})[.)]\s+|(?P<quote>>)\s?)?(?P<rest>.*)")


def parse(written: str) -> list[Block]:
    """The blocks of a commentary, of its first MOST characters."""
    lines = [_line(one.strip()) for one in block(written[:MOST], max_lines=MOST).split("\n")]
    found = []
    for kind, some in groupby(lines, key=lambda one: one[0]):
        said = list(some)
        if kind == "h":
            found += [Block("h", [spans(words)], level) for _, level, words in said]
        elif kind == "p":
            found.append(Block("p", [spans(" ".join(words for _, _, words in said))]))
        elif kind:
            found.append(Block(kind, [spans(words) for _, _, words in said]))
    return found


def _line(line: str) -> tuple[str, int, str]:
    """(kind, level, words); no kind for an empty line."""
    found = _LINE.fullmatch(line)
    assert found is not None
    kind = next((name for name in ("h", "ul", "ol", "quote") if found[name]), "p" if line else "")
    return kind, len(found["h"] or ""), found["rest"]


def spans(line: str) -> list[Span]:
    """A line cut at what is set in a way of its own; a link that may not be opened is its words."""
    found, at = [], 0
    for one in _INLINE.finditer(line):
        if one.start() > at:
            found.append(Span("text", line[at : one.start()]))
        at = one.end()
        if one["words"]:
            url = safe_url(one["url"])
            found.append(Span("link" if url else "text", one["words"], url))
        else:
            kind = next(name for name in ("strong", "em", "code") if one[name])
            found.append(Span(kind, one[kind]))
    return [*found, Span("text", line[at:])] if at < len(line) else found


# --- as HTML ---------------------------------------------------------------------------------------------------------


def html(blocks: Sequence[Block]) -> Ours:
    """Its headings stand below those of the report's sections."""
    return Ours("\n".join(_html(one) for one in blocks))


def _html(one: Block) -> str:
    lines = ["".join(_html_span(span) for span in line) for line in one.lines]
    if one.kind == "h":
        name = f"h{min(6, one.level + 2)}"
        return f"<{name}>{lines[0]}</{name}>"
    if one.kind in ("ul", "ol"):
        return f"<{one.kind}>{''.join(f'<li>{line}</li>' for line in lines)}</{one.kind}>"
    return f"<blockquote><p>{' '.join(lines)}</p></blockquote>" if one.kind == "quote" else f"<p>{lines[0]}</p>"


def _html_span(one: Span) -> str:
    # Blanks at the ends of a span part it from the next one, and `one_line` would take them.
    words = f"{' ' * one.text.startswith(' ')}{escaped(one.text)}{' ' * (one.text.endswith(' ') and len(one.text) > 1)}"
    if one.kind == "link":
        return f'<a href="{escaped(one.url)}" rel="noreferrer">{words}</a>'
    return words if one.kind == "text" else f"<{one.kind}>{words}</{one.kind}>"


# --- as Markdown -----------------------------------------------------------------------------------------------------


def markdown(blocks: Sequence[Block]) -> Ours:
    """The same again, with everything else that could mean something behind a backslash."""
    return Ours("\n\n".join("\n".join(_markdown(one)) for one in blocks))


def _markdown(one: Block) -> Iterator[str]:
    for place, line in enumerate(one.lines, 1):
        words = "".join(_markdown_span(span, inside if at else plain) for at, span in enumerate(line))
        start = {"h": f"{'#' * min(6, one.level + 2)} ", "ul": "- ", "ol": f"{place}. ", "quote": "> "}.get(
            one.kind, ""
        )
        yield start + words


def _markdown_span(one: Span, escape: Callable[[str], str]) -> str:
    signs = {"strong": "**", "em": "*"}.get(one.kind, "")
    if one.kind == "code":
        return f"`{one.text}`"
    words = f"{' ' * one.text.startswith(' ')}{escape(one.text)}{' ' * (one.text.endswith(' ') and len(one.text) > 1)}"
    return link(words, one.url) if one.kind == "link" else f"{signs}{words}{signs}"
