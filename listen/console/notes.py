"""What an empty list says, calmly: why nothing is there, and what to do."""

from __future__ import annotations

from listen.console.answers import Glance
from listen.console.format import fit, moment, sure, when
from listen.store.channels import Source
from listen.text import one_line

Note = tuple[tuple[str, str], ...]
"""(line made safe, style of `Palette`)"""

WIDTH = 72

LISTED = 8
"""Sources of an empty store that are told one by one."""


def failed(sentence: str, leaving: str) -> Note:
    """The store does not answer; `leaving` is the key that leaves."""
    return (
        ("The store cannot be read.", "amber"),
        ("", "plain"),
        *((line, "plain") for line in _folded(sentence)),
        ("", "plain"),
        (f"It is tried again every second. {leaving} leaves.", "faint"),
    )


def no_hits(query: str, searching: str, change: str, drop: str) -> Note:
    """A filter that finds nothing, or nothing yet; `change` and `drop` are the keys of filters."""
    if searching:
        return (("Nothing yet.", "plain"), ("", "plain"), (searching, "amber"), ("Any key stops the search.", "faint"))
    return (
        ("Nothing matches", "plain"),
        (one_line(query, WIDTH), "lit"),
        ("", "plain"),
        (f"{change} changes the filter, {drop} drops it.", "faint"),
        ("What arrives and matches shows up here by itself.", "faint"),
    )


def ended(why: str) -> Note:
    """The collector has ended by itself, with these last words."""
    return (
        ("Nobody collects: the collector has ended.", "amber"),
        ("", "plain"),
        *((line, "red") for line in _folded(why)),
        ("", "plain"),
        ("It is started again by itself, and at once when its configuration", "plain"),
        ("is changed. These tell what is wrong:", "plain"),
        ("listen config check", "keys"),
        ("listen doctor", "keys"),
    )


def nothing_stored(glance: Glance, collecting: str, trouble: bool, *, now: float, why: str = "") -> Note:
    """A store without mentions: what is happening. `collecting` and `trouble` as the header tells them.

    `why`: what the collector said when it ended.
    """
    if trouble and why:
        return ended(why)
    active = [source for source in glance.sources if source.active]
    if not active:
        return _starting() if collecting and not trouble else _nothing_configured()
    word = "source" if len(active) == 1 else "sources"
    if trouble:
        lines = [(f"{len(active)} {word}, and {collecting}.", "amber"), ("", "plain")]
    elif all(map(_silent, active)):
        told = f"None of {len(active)} sources answers." if len(active) > 1 else "The only source does not answer."
        lines = [(told, "amber"), ("", "plain")]
    elif not any(source.good_at for source in active):
        lines = [(f"Asking {len(active)} {word}, nothing heard yet…", "plain"), ("", "plain")]
    else:
        lines = [(f"Listening to {len(active)} {word}, nothing found yet…", "plain"), ("", "plain")]
    lines += [_state(source, now) for source in active[:LISTED]]
    if len(active) > LISTED:
        lines.append((f"  and {len(active) - LISTED} more", "faint"))
    failing = {
        f"{channel.source}: {channel.error}{f'; {channel.error_remedy}' if channel.error_remedy else ''}": None
        for channel in glance.channels
        if channel.active and channel.error
    }
    for sentence in list(failing)[:4]:  # several channels of a source often say the same
        lines += [(line, "red") for line in _folded(sentence)]
    upcoming = [channel.next_at for channel in glance.channels if channel.active and channel.next_at > now]
    lines.append(("", "plain"))
    if not trouble and upcoming:
        lines.append((f"The next check is at {moment(min(upcoming), now)}.", "faint"))
    lines.append(("What arrives shows up here by itself.", "faint"))
    return tuple(lines)


def _starting() -> Note:
    return (("Starting to listen…", "plain"), ("", "plain"), ("What arrives shows up here by itself.", "faint"))


def _nothing_configured() -> Note:
    return (
        ("Nothing is listened to yet.", "plain"),
        ("", "plain"),
        ("listen init BRAND", "keys"),
        ("   writes a configuration with sources for a brand", "plain"),
        ("listen demo", "keys"),
        ("   plays a fictional week", "plain"),
    )


def _silent(source: Source) -> bool:
    """Whether not one of its channels answers."""
    return source.failing >= max(1, source.channels)


def _state(source: Source, now: float) -> tuple[str, str]:
    """How a source fares, in a line."""
    name = fit(sure(source.name), 20)
    if _silent(source):
        return f"× {name} does not answer", "faint"
    if source.good_at is None:
        return f"○ {name} waiting for its first answer", "faint"
    return f"● {name} answered {when(source.good_at, now)}, nothing of yours in it", "faint"


def _folded(text: str) -> list[str]:
    """A sentence in lines that fit."""
    from listen.console.wrapping import wrap

    shown = one_line(text[:1000])
    return [shown[a:b].rstrip() for a, b in wrap(shown, WIDTH)][:6]
