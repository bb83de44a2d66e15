"""What an empty list says, calmly: why nothing is there, and what to do."""

from __future__ import annotations

from listen.console.answers import Glance
from listen.console.format import fit, sure
from listen.text import one_line

Note = tuple[tuple[str, str], ...]
"""(line made safe, style of `Palette`)"""

WIDTH = 72


def failed(sentence: str) -> Note:
    """The store does not answer."""
    return (
        ("The store cannot be read.", "amber"),
        ("", "plain"),
        *((line, "plain") for line in _folded(sentence)),
        ("", "plain"),
        ("It is tried again every second. Q leaves.", "faint"),
    )


def no_hits(query: str, searching: str) -> Note:
    """A filter that finds nothing, or nothing yet."""
    if searching:
        return (("Nothing yet.", "plain"), ("", "plain"), (searching, "amber"), ("Any key stops the search.", "faint"))
    return (
        ("Nothing matches", "plain"),
        (one_line(query, WIDTH), "lit"),
        ("", "plain"),
        ("f changes the filter, backspace drops it. What arrives and matches shows up here.", "faint"),
    )


def nothing_stored(glance: Glance, *, collecting: bool, starting: bool) -> Note:
    """A store without mentions; `starting` when this console sees to it that somebody collects."""
    active = [source for source in glance.sources if source.active]
    if not active and starting:
        return (("Starting to listen…", "plain"), ("", "plain"), ("What arrives shows up here by itself.", "faint"))
    if not active:
        return (
            ("Nothing is listened to yet.", "plain"),
            ("", "plain"),
            ("listen init BRAND", "keys"),
            ("   writes a configuration with sources for a brand", "plain"),
            ("listen demo", "keys"),
            ("   plays a fictional week", "plain"),
        )
    failing = [channel for channel in glance.channels if channel.active and channel.error]
    word = "source" if len(active) == 1 else "sources"
    start = (
        f"Listening to {len(active)} {word}, nothing yet…"
        if collecting
        else f"{len(active)} {word}, and nobody collects."
    )
    lines: list[tuple[str, str]] = [(start, "plain"), ("", "plain")]
    for source in active[:8]:
        state = "answered" if source.good_at else "waiting for its first answer"
        lines.append((f"{'●' if source.good_at else '○'} {fit(sure(source.name), 20)} {state}", "faint"))
    for channel in failing[:4]:
        remedy = f"; {channel.error_remedy}" if channel.error_remedy else ""
        lines += [(line, "red") for line in _folded(f"{channel.source}: {channel.error}{remedy}")]
    lines += [("", "plain"), ("What arrives shows up here by itself.", "faint")]
    return tuple(lines)


def _folded(text: str) -> list[str]:
    """A sentence in lines that fit."""
    from listen.console.reading import wrap

    shown = one_line(text[:1000])
    return [shown[a:b].rstrip() for a, b in wrap(shown, WIDTH)][:6]
