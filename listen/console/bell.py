"""The terminal's bell, and a notification of the desktop (OSC 9) where the terminal knows how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from listen.console.clipboard import route
from listen.store.alerts import Alert
from listen.text import one_line

LONGEST = 120
"""Characters of a notification."""

TOLD = 160
"""Characters of what is told on the screen."""


def fires(pages: Sequence[Alert]) -> str:
    """`bad-buzz (acme) and 2 more fires: …`: what began to fire, the first of several with its arithmetic."""
    first = pages[0]
    where = f" ({first.instance})" if first.instance else ""
    more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
    return one_line(f"{first.rule}{where}{more} fires: {first.evidence.get('text', '')}", TOLD)


def ring(text: str, environment: Mapping[str, str]) -> str:
    """What to write to the terminal: a bell, which tmux passes on by itself, and the text as it lets it through."""
    way = route(environment)
    bare = f"\x1b]9;{one_line(text, LONGEST)}\x07"
    if way in ("tmux", "beyond tmux"):
        return "\x07" + "\x1bPtmux;" + bare.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return "\x07" + bare if way == "plain" else "\x07"
