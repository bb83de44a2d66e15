"""How a channel fares, in words: the same on the command line and on the screen. Pure; times in Unix seconds.

Foreign words stay as they are stored: whoever shows them makes them safe.
"""

from __future__ import annotations

from listen.store.channels import Channel

FAR = 400 * 86_400.0
"""Seconds: whatever is due later than this is not due at all."""

AHEAD = 60.0
"""Seconds that somebody else's clock may go before ours without a word about it."""

LATE = 10.0
"""Seconds by which a stream may be late without a word about it."""

LOOK = "open the place and see whether people still write there, and whether its address still gives what is new"
"""What to do about a channel that has fallen quiet."""

ARROW = " → "
"""Between what is wrong and what to do about it."""


def problem(channel: Channel) -> str:
    """What is wrong and what to do about it; empty when nothing is.

    `http-404 ×3: it is not there → look for its new address`: the reason, how many times in a row.
    """
    if channel.state == "quiet":
        return advice(channel.fare_words or "", LOOK)
    if channel.error is None:
        if channel.live and channel.live.instead:
            return f"not streamed but asked now and then: {channel.live.instead}"
        return f"moved for good to {channel.moved}{ARROW}nothing to do: it is asked there now" if channel.moved else ""
    times = f" ×{channel.errors}" if channel.errors > 1 else ""
    return f"{channel.error_reason or 'error'}{times}: {advice(channel.error, channel.error_remedy)}"


def advice(message: str, remedy: str | None) -> str:
    """What is wrong and what to do about it."""
    return f"{message}{ARROW}{remedy}" if remedy else message


def streamed(channel: Channel, now: float) -> str:
    """`connected 3 h, 52 a second, 40 s late`; empty where no connection stands."""
    told = channel.live
    if told is None or told.since is None or not told.connected(now) or channel.state == "off":
        return ""
    late = f", {span(told.lag)} late" if told.lag is not None and told.lag >= LATE else ""
    return f"connected {span(now - told.since)}, {pace(told.rate)}{late}"


def pace(rate: float) -> str:
    """Frames a second, or a minute, or an hour, where that is the number that can be imagined."""
    for unit, size in (("a second", 1), ("a minute", 60), ("an hour", 3_600)):
        if rate * size >= 1 or size == 3_600:
            return f"{rate * size:,.0f} {unit}"
    return ""


def switched(channel: Channel, when: str) -> str:
    """Why a channel is off; `when` is the time of the switch as the reader reads times. Empty when it is on."""
    if channel.off_at is not None:
        what = f"with all of {channel.source} " if channel.whole else ""
        return f"off {what}by {channel.off_by}, {when}"
    if channel.adapter == "import":
        return "brought by `listen import`: nothing is asked"
    return "" if channel.active else "off: not in the configuration that runs, or not enabled there"


def ago(at: float | None, now: float) -> str:
    """`never`, `just now`, `40 s ago`, `3 min ago`; `ahead` for a time that our clock has not reached."""
    if not at:
        return "never"
    if at - now > AHEAD:
        return "ahead"
    return f"{span(now - at)} ago" if now - at >= 5 else "just now"


def ahead(at: float | None, now: float) -> str:
    """`now`, `in 40 s`, `in 3 min`; what waits for a change of its settings is asked no more by itself."""
    if not at:
        return "now"
    if at - now > FAR:
        return "not by itself"
    return "now" if at <= now else f"in {span(at - now)}"


def span(seconds: float) -> str:
    """`40 s`, `3 min`, `5 h`, `2 d`."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size or (unit == "min" and seconds >= 60):
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
