"""A mention as JSON and as lines of text, the same for every command that prints one."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from listen.model import Mention, id_time
from listen.text import block, cell_width, one_line
from listen.told import as_json, corrected, timestamp

if TYPE_CHECKING:
    from listen.store.copies import Spread

__all__ = ["COLOURS", "GLYPHS", "as_json", "corrected", "timestamp"]

GLYPHS = {"neg": "▼", "neu": "·", "pos": "▲", "none": "-", "unknown": "?"}
COLOURS = {"neg": "31", "pos": "32", "unknown": "33"}


def local_time(unix: float) -> str:
    """Unix seconds -> `2026-11-21 14:31` in the machine's time zone."""
    return datetime.datetime.fromtimestamp(unix).strftime("%Y-%m-%d %H:%M")


def coloured(text: str, code: str | None) -> str:
    """ANSI colour where people look: on a terminal, unless NO_COLOR is set."""
    import os

    if code is None or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def score_cell(score: int | None) -> str:
    """`+.71`, `-.08`, four columns wide; blank when it was not scored."""
    if score is None:
        return "    "
    return f"{'-' if score < 0 else '+'}{min(abs(score), 999) / 1000:.2f}".replace("0.", ".", 1)


def one_row(mention: Mention, width: int | None, *, story: bool = False) -> str:
    """One line: id, time, sentiment, source, author, then title and text, cut at the terminal's width.

    `story` says that it stands for all of its story, and of how many mentions.
    """
    tone = mention.tone
    said = mention.text
    if mention.title and not said.startswith(mention.title.rstrip(" …")):
        said = f"{mention.title} — {said}" if said else mention.title
    if story and mention.copies > 1:
        said = f"×{mention.copies} {said}"
    head = [
        str(mention.id),
        local_time(mention.time),
        f"{GLYPHS[tone]} {score_cell(None if tone == 'none' else mention.score)}",
        _cell(mention.sources[0] if mention.sources else mention.network, 12),
        _cell((mention.author.name or mention.author.handle) if mention.author else "", 18),
    ]
    room = None if width is None else max(20, width - sum(map(cell_width, head)) - 2 * len(head))
    head[2] = coloured(head[2], COLOURS.get(tone))
    return "  ".join([*head, one_line(said, room)])


def _cell(text: str, width: int) -> str:
    cut = one_line(text, width)
    return cut + " " * max(0, width - cell_width(cut))


def _sentiment_note(mention: Mention) -> str:
    if (said := mention.correction) is not None:
        was = "not scored" if said.was is None else score_cell(said.was)
        return f"corrected by {one_line(said.by)}, was {was}"
    return f"not scored: {mention.unscored}" if mention.unscored else ""


def went_round(spread: Spread) -> str:
    """How a story went round: its number, the first post, then who told it where and how much later."""
    from listen.store.condition import span

    first, *rest = spread.steps
    told = ", ".join(f"{one_line(source)} {n}" for source, n in spread.sources[:8])
    lines = [f"{spread.mentions} mentions (story:{spread.story}): {told}"]
    where = one_line(spread.place(first))
    lines.append(f"first {local_time(first.time)} {one_line(first.author or '-')} in {where} ({first.id})")
    for step in rest:
        later = f"+{span(step.time - first.time)}"
        lines.append(f"{later:<8} {one_line(step.author or '-')} in {one_line(spread.place(step))} ({step.id})")
    if spread.mentions > len(spread.steps):
        more = spread.mentions - len(spread.steps)
        lines.append(f"and {more} more, the last +{span(id_time(spread.last) - first.time)}")
    return f"\n{'':<11}".join(lines)


def path(spread: Spread | None) -> dict[str, Any] | None:
    """The same for `--json`."""
    if spread is None:
        return None
    steps = [
        {"id": one.id, "time": timestamp(one.time), "author": one.author, "source": one.source, "network": one.network}
        for one in spread.steps
    ]
    return {"mentions": spread.mentions, "sources": dict(spread.sources), "last": spread.last, "steps": steps}


def _author(mention: Mention) -> str:
    author = mention.author
    if author is None:
        return ""
    return f"{one_line(author.name)} ({one_line(author.handle)})" if author.name else one_line(author.handle)


def _counts(mention: Mention) -> str:
    """What the platform counts; what it does not tell is not 0."""
    counted = ((name, getattr(mention, name)) for name in ("likes", "replies", "reposts", "views"))
    return ", ".join(f"{count} {name}" for name, count in counted if count is not None)


def _status(mention: Mention) -> Iterator[str]:
    yield mention.status
    if mention.starred:
        yield "starred"
    if mention.own:
        yield "said by us"
    if mention.noise:
        yield "noise"
    if mention.replied and mention.status != "answered":
        yield "answered in its conversation"
    if mention.state != "active":
        yield mention.state


def full(mention: Mention, spread: Spread | None = None) -> str:
    """Everything that is known of a mention, for people; `spread` is how its story went round."""
    known = "no word of it is known" if mention.tone == "none" else score_cell(mention.score)
    sentiment = f"{GLYPHS[mention.tone]} {known}".strip()
    lines = [
        ("id", str(mention.id)),
        ("time", f"{local_time(mention.time)} (first seen {local_time(mention.seen_at)})"),
        ("author", _author(mention)),
        ("where", f"{', '.join(map(one_line, mention.sources))} · {mention.kind} · {one_line(mention.network)}"),
        ("link", one_line(mention.url or "")),
        ("language", mention.lang or "unknown"),
        ("country", mention.country or ""),
        ("sentiment", f"{sentiment} {_sentiment_note(mention)}".strip()),
        ("intents", ", ".join(map(one_line, mention.intents))),
        ("topics", ", ".join(one_line(topic) for topic in mention.topics)),
        ("counts", _counts(mention)),
        ("story", went_round(spread) if spread is not None else ""),
        ("rating", "" if mention.rating is None else str(mention.rating)),
        ("status", ", ".join(_status(mention))),
        ("assignee", one_line(mention.assignee or "")),
        ("tags", " ".join(map(one_line, mention.tags))),
        ("segments", ", ".join(map(one_line, mention.segments))),
        ("note", f"{one_line(mention.note.text)} ({one_line(mention.note.by)})" if mention.note else ""),
    ]
    head = "\n".join(f"{label:<10} {value}" for label, value in lines if value)
    title = f"\n\n{one_line(mention.title)}" if mention.title else ""
    cut = "\n(cut: the text was longer)" if mention.truncated else ""
    return f"{head}{title}\n\n{block(mention.text)}{cut}"
