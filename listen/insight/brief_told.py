"""A brief in lines and as a record: the same words on the command line and on the screen's first card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from listen.insight.brief import Brief, Story, Volume
from listen.insight.desks import record as desk_record
from listen.insight.desks import spoken
from listen.insight.expected import Expectation
from listen.store import condition
from listen.store.alerts import Alert
from listen.text import cell_width, one_line
from listen.told import in_stories, of_stories

ALERTS = 6
"""Alerts that are told one by one."""

TOPICS = 8
"""Topics that are told one by one."""


class Part(NamedTuple):
    """A heading and what stands below it. All of it is fit for the screen."""

    title: str
    lines: tuple[tuple[str, str], ...]
    """(text, in a word what sort it is: `plain`, `loud`, `bad`)"""


def parts(brief: Brief, width: int = 100) -> Iterator[Part]:
    """What there is to tell; what there is nothing of is left out."""
    if brief.alerts:
        yield Part("alerts", tuple(_alerts(brief, width)))
    if brief.volumes:
        shown = brief.volumes[:TOPICS]
        room = max(min(20, cell_width(one_line(one.topic, 20))) for one in shown)
        cells = max(map(len, map(_counted, shown)))
        told = [(_volume(one, room, cells), "loud" if _is_loud(one) else "plain") for one in shown]
        if (more := len(brief.volumes) - TOPICS) > 0:
            told.append((f"{more} more topic{'' if more == 1 else 's'} as usual or less unusual", "plain"))
        if bases := {one.expected.basis: None for one in shown if one.expected is not None}:
            told.append((f"expected: by {', or by '.join(bases)}", "plain"))
        if brief.hasty:
            topics = f"{brief.hasty} quieter topic{'' if brief.hasty == 1 else 's'}"
            told.append((f"{topics} not compared: `listen brief` does", "plain"))
        if brief.coverage is not None and brief.coverage < 0.95:
            told.append((f"heard {brief.coverage:.0%} of the time: the rest is not known", "bad"))
        if brief.heard_from - brief.since >= 60:
            told.append(
                (f"of the first {spoken(brief.heard_from - brief.since)} nothing is known of what was heard", "plain")
            )
        yield Part("how loud", tuple(told))
    if brief.stories:
        yield Part("stories", tuple((_story(one, width), "plain") for one in brief.stories))
    if brief.words:
        yield Part("new words", ((_words(brief, width), "plain"),))
    if brief.late:
        late = [
            f"{one_line(one.desk.name, 24)}: {'' if one.exact else 'at least '}{one.late:,} of {one.waiting:,} late"
            + (f", the oldest waits {spoken(brief.until - one.oldest)}" if one.oldest is not None else "")
            for one in brief.late
        ]
        yield Part("late", tuple((line, "bad") for line in late))
    if brief.dead:
        lines = [f"{one_line(one.source, 24)} {one_line(condition.problem(one), width - 26)}" for one in brief.dead[:5]]
        if len(brief.dead) > len(lines):
            lines.append(f"{len(brief.dead) - len(lines)} more: listen sources")
        yield Part("dead", tuple((line, "bad") for line in lines))
    if brief.drift:
        yield Part("precision", tuple((f"{one_line(one.source, 24)}: {one}", "bad") for one in brief.drift))


def head(brief: Brief) -> str:
    """`412 mentions in 97 stories of your topics in 14 h, since you were here`"""
    told = of_stories(brief.mentions, brief.told)
    count = f"{brief.mentions:,} mention{'' if brief.mentions == 1 else 's'}{told} of your topics"
    return f"{count} in {spoken(brief.until - brief.since)}{', since you were here' if brief.visited else ''}"


def _counted(one: Volume) -> str:
    """`    412 · 97 stories`, the first number right-aligned."""
    return f"{' ' * (7 - len(f'{one.n:,}'))}{in_stories(one.n, one.stories)}"


def _alerts(brief: Brief, width: int) -> Iterator[tuple[str, str]]:
    for one in brief.alerts[:ALERTS]:
        yield _alert(one, brief.until, width), "bad" if one.open else "plain"
    if len(brief.alerts) > ALERTS:
        yield f"{len(brief.alerts) - ALERTS} more: listen alerts --since 7d", "plain"


def _alert(one: Alert, now: float, width: int) -> str:
    at = one.fired_at or one.began_at
    lasted = f", for {spoken(one.resolved_at - at)}" if one.resolved_at is not None else ""
    name = one_line(f"{one.rule} {one.instance}".rstrip(), 40)
    return one_line(f"{name} {one.standing}, {spoken(now - at)} ago{lasted}: {one.evidence.get('text', '')}", width)


def _volume(one: Volume, room: int, cells: int) -> str:
    name = one_line(one.topic, room)
    said = f"{name}{' ' * (room - cell_width(name))} {_counted(one):<{cells}}"
    if one.expected is None:
        return said
    usual = one.expected
    return f"{said}{' ▲' if _is_loud(one) else '  '} expected {usual.mean:,.0f} ± {usual.spread:,.0f}"


def _words(brief: Brief, width: int) -> str:
    """As many as there is room for, whole."""
    said = ""
    for one in brief.words:
        more = f"{said}  {one_line(one.word, 24)} {one.n}" if said else f"{one_line(one.word, 24)} {one.n}"
        if cell_width(more) > width:
            break
        said = more
    return said or one_line(brief.words[0].word, width)


def _is_loud(one: Volume) -> bool:
    return one.expected is not None and one.expected.is_passed_by(one.n)


def _story(one: Story, width: int) -> str:
    count = f"×{one.mentions}" if one.mentions > 1 else f"+{one.endorsed}"
    who = one_line(one.row.author or one.row.source, 20)
    return f"{count:<5} {who}: {one_line(one.row.title or one.row.text, max(20, width - 8 - len(who)))}"


def record(brief: Brief) -> Mapping[str, object]:
    """All of it for a script; times in Unix seconds."""
    return {
        "since": int(brief.since),
        "until": int(brief.until),
        "visited": brief.visited,
        "mentions": brief.mentions,
        "in_stories": brief.told,
        "coverage": None if brief.coverage is None else round(brief.coverage, 4),
        "heard_from": int(brief.heard_from),
        "topics": [
            {"topic": one.topic, "mentions": one.n, "stories": one.stories} | dict(_expected(one.expected))
            for one in brief.volumes
        ],
        "stories": [
            {
                "id": one.row.id, "story": one.row.story, "mentions": one.mentions, "endorsed": one.endorsed,
                "author": one.row.author, "source": one.row.source, "title": one.row.title, "text": one.row.text,
                "url": one.row.url,
            }
            for one in brief.stories
        ],
        "words": [
            {"word": one.word, "mentions": one.n, "before": one.before, "z": round(one.z, 2)} for one in brief.words
        ],
        "late": [dict(desk_record(one, brief.until)) for one in brief.late],
        "dead": [
            {"source": one.source, "channel": one.label, "problem": condition.problem(one)} for one in brief.dead
        ],
        "alerts": [
            {
                "id": one.id, "rule": one.rule, "instance": one.instance, "state": one.standing,
                "severity": one.severity, "fired_at": one.fired_at, "resolved_at": one.resolved_at,
                "text": one.evidence.get("text", ""),
            }
            for one in brief.alerts
        ],
        "drift": [
            {"source": one.source, "before": one.before.percent, "lately": one.lately.percent} for one in brief.drift
        ],
    }  # fmt: skip


def _expected(usual: Expectation | None) -> Iterator[tuple[str, object]]:
    yield "expected", None if usual is None else round(usual.mean, 2)
    yield "spread", None if usual is None else round(usual.spread, 2)
    yield "basis", None if usual is None else usual.basis
