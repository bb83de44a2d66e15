"""Alerts, rules and silences as records for scripts, and in the words of lists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from listen.alerts.rules import CROWDED, Rule, read
from listen.store.alerts import Alert, Figures, Silence
from listen.store.read import Reader
from listen.told import timestamp

if TYPE_CHECKING:
    from listen.alerts.lived import Firing
    from listen.alerts.replay import Replayed

MONTH = 30 * 86_400.0
"""Seconds for which it is told how a rule has fared."""

GLYPHS = {"pending": "○", "firing": "●", "acknowledged": "◐", "resolved": "✓"}


class Standing(NamedTuple):
    """How a rule fares."""

    rule: Rule
    firing: int
    pending: int
    figures: Figures
    """Of the last MONTH."""
    held: str
    """Why it can say nothing at the moment; empty when it can."""


def standings(reader: Reader, now: float) -> list[Standing]:
    """The rules that run, in their order."""
    rules = read(reader.state("rules") or "[]")
    held = json.loads(reader.state("alerts_held") or "{}")
    figures = {one.rule: one for one in reader.alert_figures(now - MONTH)}
    open_now = reader.alerts(open_only=True)
    return [
        Standing(
            rule,
            sum(one.rule == rule.name and one.state == "firing" for one in open_now),
            sum(one.rule == rule.name and one.state == "pending" for one in open_now),
            figures.get(rule.name, Figures(rule.name, 0, 0, 0)),
            str(held.get(rule.name, "")),
        )
        for rule in rules
    ]


def crowded(reader: Reader) -> list[str]:
    """Rules that leave some of their instances out."""
    held = json.loads(reader.state("alerts_held") or "{}")
    return [name for name, words in held.items() if words == CROWDED]


def fared(figures: Figures) -> str:
    """`fired 14, useful 2, noise 3`"""
    said = [f"{n} {word}" for n, word in ((figures.useful, "useful"), (figures.noise, "noise")) if n]
    return ", ".join([f"fired {figures.fired}", *(" ".join(reversed(one.split(" "))) for one in said)])


def text(one: Alert) -> str:
    """Its arithmetic."""
    return str(one.evidence.get("text", ""))


def since(one: Alert) -> int:
    """When it became what it is, Unix seconds."""
    return one.resolved_at or one.fired_at or one.began_at


def record(one: Alert) -> dict[str, Any]:
    """An alert for a script; times as ISO 8601."""
    return {
        "id": one.id, "rule": one.rule, "instance": one.instance, "labels": dict(one.labels), "state": one.standing,
        "severity": one.severity, "began_at": timestamp(one.began_at), "fired_at": timestamp(one.fired_at),
        "resolved_at": timestamp(one.resolved_at), "acknowledged_at": timestamp(one.acked_at),
        "acknowledged_by": one.acked_by, "note": one.note, "verdict": one.verdict, "value": one.value,
        "evidence": dict(one.evidence), "told": one.told, "muted": one.muted or None,
    }  # fmt: skip


def rule_record(one: Standing) -> dict[str, Any]:
    """A rule for a script."""
    rule = one.rule
    return {
        "rule": rule.name, "when": rule.when, "query": rule.query, "severity": rule.severity,
        "route": list(rule.route), "firing": one.firing, "pending": one.pending, "fired": one.figures.fired,
        "useful": one.figures.useful, "noise": one.figures.noise, "held": one.held or None,
    }  # fmt: skip


def replay_record(found: Replayed) -> dict[str, Any]:
    """What a rule would have done, for a script; times as ISO 8601, firings oldest first."""
    return {
        "rule": found.rule,
        "since": timestamp(found.since),
        "until": timestamp(found.until),
        "firings": [_firing(one) for one in found.firings],
        "thresholds": [{"factor": factor, "firings": n} for factor, n in found.factors.items()],
        "volume": list(found.bars),
        "mentions": found.mentions,
        "read_back_to": timestamp(found.back_to),
        "taken_for_heard_before": timestamp(found.deaf_before),
    }


def _firing(one: Firing) -> dict[str, Any]:
    return {
        "instance": one.instance,
        "began_at": timestamp(one.began_at),
        "fired_at": timestamp(one.fired_at),
        "resolved_at": timestamp(one.resolved_at),
        "peak": one.peak,
        "why": one.text,
    }


def silence_record(one: Silence, now: float) -> Mapping[str, Any]:
    """A silence for a script."""
    return {
        "id": one.id, "rule": one.rule or None, "instance": one.instance or None, "query": one.query or None,
        "until": timestamp(one.until), "by": one.by, "at": timestamp(one.at), "comment": one.comment,
        "ended_at": timestamp(one.ended_at), "stands": one.stands(now),
    }  # fmt: skip


def of_what(one: Silence) -> str:
    """`bad-buzz, topic:acme`: what it silences."""
    said: Sequence[str] = [
        part for part in (one.rule, one.instance, f"mentions of {one.query}" * bool(one.query)) if part
    ]
    return ", ".join(said) or "everything"
