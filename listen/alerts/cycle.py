"""The life of an alert and what is told of it. Pure: the same timeline, the same notices.

A condition holds, does not, or is not known (too little was heard): what is not known changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from listen.alerts.rules import Rule
from listen.store.alerts import FIRING, PENDING, RESOLVED, Alert

GONE = "gone"
"""What becomes of a pending alert whose condition did not hold for long enough."""

MARK = "mark"
"""In the evidence: a number that grows with each mention that is worth telling of while an alert fires."""

Kind = Literal["firing", "repeat", "resolved"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule's condition says of one instance at one moment."""

    instance: str
    labels: Mapping[str, str]
    holds: bool | None
    """None: too little was heard to say."""
    value: float = 0.0
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """Its arithmetic; `text` is a sentence."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told, once for each place of the route."""

    key: str
    """The same whenever the same is told again."""
    rule: str
    kind: Kind
    severity: str
    route: tuple[str, ...]
    at: int
    alerts: tuple[Alert, ...]


def step(before: Alert | None, reading: Reading, rule: Rule, now: float, cool: float = 0.0) -> tuple[Alert | None, str]:
    """(the alert after a reading, what has become of it: its new state, GONE, or nothing).

    `before` is the open alert of the instance, None when there is none; before `cool` there cannot be a new one.
    """
    at = int(now)
    if before is None:
        if not reading.holds or now < cool:
            return None, ""
        state = PENDING if rule.for_ else FIRING
        fired = None if rule.for_ else at
        made = Alert(0, rule.name, reading.instance, reading.labels, rule.severity, state, at, at, fired)
        return replace(made, value=reading.value, evidence=reading.evidence), state
    after = replace(before, severity=rule.severity)
    if reading.holds is None:
        # Time that nobody heard resolves nothing.
        return (replace(after, held_at=at) if before.state == FIRING else after), ""
    if reading.holds:
        after = replace(after, held_at=at, value=reading.value)
        if before.state == PENDING and now - before.began_at >= rule.for_:
            return replace(after, state=FIRING, fired_at=at, evidence=reading.evidence), FIRING
        return after, ""
    if before.state == PENDING:
        return None, GONE
    if now - before.held_at >= rule.resolve_after:
        return replace(after, state=RESOLVED, resolved_at=at), RESOLVED
    return after, ""


def close(before: Alert, now: float) -> tuple[Alert | None, str]:
    """The same for an alert whose rule is no more."""
    if before.state == PENDING:
        return None, GONE
    return replace(before, state=RESOLVED, resolved_at=int(now)), RESOLVED


# --- what is told ----------------------------------------------------------------------------------------------------


def inhibited(one: Alert, firing: Iterable[Alert], rules: Mapping[str, Rule]) -> str:
    """The rule that keeps an alert from being told: it fires, and where both tell something apart, it is the same."""
    for other in firing:
        rule = rules.get(other.rule)
        if rule is not None and one.rule in rule.inhibits and other.state == FIRING:
            shared = one.labels.keys() & other.labels.keys()
            if all(one.labels[name] == other.labels[name] for name in shared):
                return other.rule
    return ""


def tell(rule: Rule, group: Sequence[Alert], last: float | None, now: float) -> tuple[list[Alert], list[Notice]]:
    """(the alerts of a rule that change by it, the notices to send now).

    `group` are those that are not over; `last` is when something of this rule was told last. A muted alert is not told,
    and is over with its condition. What waits because of `group_interval` or quiet hours stays as it is.
    """
    changed = [replace(one, over=True) for one in group if one.muted and one.state == RESOLVED]
    ready = [one for one in group if not one.muted and one.fired_at is not None and not one.over]
    silent = [one for one in ready if one.state == RESOLVED and not one.told and one.acked_at is not None]
    changed += [replace(one, over=True) for one in silent]
    if rule.rests(now) or (last is not None and last <= now < last + rule.group_interval):
        return changed, []
    notices = []
    for kind, some in _worth_telling(rule, [one for one in ready if one not in silent], now):
        after = [_told(one, now) for one in some]
        changed += after
        notices.append(_notice(rule, kind, after, now))
    return changed, notices


def _worth_telling(rule: Rule, ready: Sequence[Alert], now: float) -> list[tuple[Kind, list[Alert]]]:
    fired, again, over = [], [], []
    for one in ready:
        if not one.told:
            if one.acked_at is None:
                fired.append(one)
        elif one.state == RESOLVED:
            over.append(one)
        elif one.acked_at is None:
            if one.evidence.get(MARK, 0) > one.told_value:
                fired.append(one)
            elif now - (one.told_at or 0) >= rule.repeat:
                again.append(one)
    kinds: tuple[tuple[Kind, list[Alert]], ...] = (("firing", fired), ("resolved", over), ("repeat", again))
    return [(kind, some) for kind, some in kinds if some]


def _told(one: Alert, now: float) -> Alert:
    mark = float(one.evidence.get(MARK, 0))
    return replace(one, told=one.told + 1, told_at=int(now), told_value=mark, over=one.state == RESOLVED)


def _notice(rule: Rule, kind: Kind, some: Sequence[Alert], now: float) -> Notice:
    first = min(some, key=lambda one: one.id)
    key = f"{kind}-{first.id}-{first.told}"
    return Notice(key, rule.name, kind, rule.severity, rule.route, int(now), tuple(some))
