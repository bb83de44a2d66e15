"""A rule's condition over what was counted: whether it holds, and its arithmetic in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from listen.alerts.cycle import MARK, Reading
from listen.alerts.rules import Rule
from listen.insight.expected import SENSITIVITY, Expectation, is_surprising, surprise


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted of one instance."""

    n: int = 0
    authors: int = 0
    stories: int = 0
    of: int = 0
    """share: mentions of which those are a share."""
    mark: int = 0
    """The place of the newest arrival."""
    heard: float = 1.0
    """The share of the window that was heard."""
    usual: Expectation | None = None


def reading(rule: Rule, instance: str, labels: Mapping[str, str], seen: Seen, now: float) -> Reading:
    """What a windowed rule says of one instance; the arithmetic is told unless it is far from holding."""
    unheard = rule.coverage > 0 and seen.heard < rule.coverage
    if not unheard and far(rule, seen):
        return Reading(instance, labels, False, float(seen.n))
    holds, words, more = _CONDITIONS[rule.when](rule, seen)
    evidence: dict[str, Any] = {
        "count": seen.n, "authors": seen.authors, "stories": seen.stories, "coverage": round(seen.heard, 3),
        "since": int(now - rule.window), "until": int(now), **more,
    }  # fmt: skip
    if unheard:
        holds = None
        words = f"held: {percent(seen.heard)} of {span(rule.window)} was heard, {percent(rule.coverage)} is wanted"
    return Reading(instance, labels, holds, float(more.get("value", seen.n)), {**evidence, "text": words})


def far(rule: Rule, seen: Seen) -> bool:
    """Whether it cannot hold, whatever is usual: most instances are quiet most of the time."""
    match rule.when:
        case "count" | "growth":
            return seen.n < rule.at_least or seen.authors < rule.authors
        case "share":
            return seen.of < rule.mentions or seen.n < rule.threshold * seen.of
        case "spike":
            return seen.n < rule.mentions or not _floors(rule, seen)
        case "silence":
            return seen.n > rule.at_most
    return not seen.n


def holds(rule: Rule, seen: Seen) -> bool | None:
    """What `reading` says, without its words: for who asks a hundred thousand times."""
    if rule.coverage > 0 and seen.heard < rule.coverage:
        return None
    if far(rule, seen):
        return False
    match rule.when:
        case "spike":
            if seen.usual is None:
                return None
            return is_surprising(seen.n, seen.usual, SENSITIVITY[rule.sensitivity])
        case "count" | "share":
            return _floors(rule, seen)
    return True


def _match(rule: Rule, seen: Seen) -> tuple[bool | None, str, dict[str, Any]]:
    return seen.n > 0, f"{seen.n:,} {_in(rule)}{_who(seen)}", {MARK: seen.mark}


def _count(rule: Rule, seen: Seen) -> tuple[bool | None, str, dict[str, Any]]:
    holds = seen.n >= rule.at_least and _floors(rule, seen)
    return holds, f"{seen.n:,} {_in(rule)}, {rule.at_least:,} are many{_who(seen)}", {"threshold": rule.at_least}


def _share(rule: Rule, seen: Seen) -> tuple[bool | None, str, dict[str, Any]]:
    share = seen.n / seen.of if seen.of else 0.0
    holds = seen.of >= rule.mentions and share >= rule.threshold and _floors(rule, seen)
    words = f"{percent(share)} {_in(rule)} ({seen.n:,} of {seen.of:,}), {percent(rule.threshold)} is much{_who(seen)}"
    return holds, words, {"value": share, "of": seen.of, "threshold": rule.threshold}


def _spike(rule: Rule, seen: Seen) -> tuple[bool | None, str, dict[str, Any]]:
    if seen.usual is None:
        return None, "held: too little is known of earlier hours", {}
    usual = seen.usual
    chance = surprise(seen.n, usual)
    holds = seen.n >= rule.mentions and chance < SENSITIVITY[rule.sensitivity] and _floors(rule, seen)
    words = (
        f"{seen.n:,} {_in(rule)}, expected {_rough(usual.mean)} ± {_rough(usual.spread)} ({usual.basis}){_who(seen)}, "
        f"coverage {percent(seen.heard)}"
    )
    more = {"mean": round(usual.mean, 2), "spread": round(usual.spread, 2), "basis": usual.basis}
    return holds, words, {"expected": more, "chance": float(f"{chance:.3g}")}


def _silence(rule: Rule, seen: Seen) -> tuple[bool | None, str, dict[str, Any]]:
    words = f"{seen.n:,} {_in(rule)}, which was heard to {percent(seen.heard)}"
    return seen.n <= rule.at_most, words, {"threshold": rule.at_most}


def _growth(rule: Rule, seen: Seen) -> tuple[bool | None, str, dict[str, Any]]:
    holds = seen.n >= rule.at_least and seen.authors >= rule.authors
    words = f"{seen.n:,} copies of one story {_in(rule)}, {rule.at_least:,} are many, {_many(seen.authors, 'author')}"
    return holds, words, {"threshold": rule.at_least}


_CONDITIONS = {
    "match": _match, "count": _count, "share": _share, "spike": _spike, "silence": _silence, "growth": _growth,
}  # fmt: skip


def _floors(rule: Rule, seen: Seen) -> bool:
    return seen.authors >= rule.authors and seen.stories >= rule.stories


def _in(rule: Rule) -> str:
    return "in the hour" if rule.window == 3_600 else f"in {span(rule.window)}"


def _who(seen: Seen) -> str:
    return f", {_many(seen.authors, 'author')}, {_many(seen.stories, 'story')}"


def _many(n: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{n:,} {what if n == 1 else plural}"


def _rough(number: float) -> str:
    """`0.4`, `2`, `1,041`"""
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def percent(share: float) -> str:
    """`80 %`"""
    return f"{share * 100:.0f} %"


def span(seconds: float) -> str:
    """`90 s`, `10 min`, `6 h`, `2 d`."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size and seconds % size == 0 and (unit != "d" or seconds > size):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
