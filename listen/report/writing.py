"""A report as text: the page's numbers, its sentences and its drawings, handed to a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from listen.report import svg
from listen.report.page import Page
from listen.report.render import TEMPLATES, render
from listen.report.svg import Flag, Step
from listen.report.words import Ours, Speech

DEAF = 0.8
"""Coverage below which the first lines say so."""


UNKNOWN = 0.1
"""The share of the window of which nobody knows what was heard, from which on they say so."""


class Day(NamedTuple):
    """A day of the report's zone, of the points that lie in it."""

    start: int
    n: int
    neg: int
    pos: int
    expected: float | None
    """None as soon as it is not known for one of its points."""
    heard: float | None
    """None where nobody knows."""


def write(page: Page, form: str, own: Path | None = None) -> str:
    """The report as `html` or `markdown`. Raises `listen.report.render.TemplateError`."""
    return render(form, page.asked.speech, context(page, form), own)


def context(page: Page, form: str) -> Mapping[str, Any]:
    """What a template gets: README, "Reports", tells of each."""
    speech, window = page.asked.speech, page.asked.window
    return {
        "page": page,
        "lang": speech.lang,
        "zone": page.asked.zone,
        "span": speech.span(window.since, window.until),
        "span_short": _days(speech, window.since, window.until - 1),
        "against": speech.span(page.against.since, page.against.until),
        "summary": list(summary(page)),
        "days": days(page),
        "parted": parted(page),
        "charts": charts(page) if form == "html" else {},
        "style": Ours((TEMPLATES / "report.css").read_text(encoding="utf-8")) if form == "html" else "",
    }


def _days(speech: Speech, first: float, last: float) -> Ours:
    """`16 Nov – 22 Nov`, or one day alone."""
    since, until = speech.day(first), speech.day(last)
    return since if since == until else Ours(f"{since} – {until}")


def summary(page: Page) -> Iterator[str]:
    """The sentences that stand first."""
    speech, head = page.asked.speech, page.head
    if not head.n:
        yield speech.word("short.nothing" if head.coverage is not None else "short.unheard")
    else:
        yield _volume_told(page)
        yield _net_told(page)
    if head.coverage is not None and head.coverage < DEAF:
        yield speech.word("short.deaf", share=speech.percent(head.coverage))
    window, known_from = page.asked.window, page.figures.heard_from
    if head.coverage is not None and known_from - window.since > UNKNOWN * (window.until - window.since):
        yield speech.word("short.heard_from", day=speech.day(known_from, year=True))
    if not page.before.heard:
        yield speech.word("short.incomparable")


def _volume_told(page: Page) -> str:
    speech, head, before = page.asked.speech, page.head, page.before
    told = {"n": speech.many("n_mentions", head.n), "stories": speech.many("n_stories", head.stories)}
    if not before.heard:
        return speech.word("short.volume_alone", **told)
    told["change"] = speech.change(head.n, before.n)
    if page.other is None:
        return speech.word("short.volume", **told)
    return speech.word("short.volume_other", window=speech.span(page.against.since, page.against.until), **told)


def _net_told(page: Page) -> str:
    speech, net = page.asked.speech, page.head.net
    if net.value is None:
        return speech.word("short.net_unknown")
    told = {name: speech.signed(value, 2) for name, value in net._asdict().items() if name != "scored"}
    before = page.before.net.value if page.before.heard else None
    if before is None:
        return speech.word("short.net_alone", net=told.pop("value"), **told)
    return speech.word("short.net", net=told.pop("value"), before=speech.signed(before, 2), **told)


def days(page: Page) -> list[Day]:
    """The points of the window by days of the report's zone."""
    at = page.asked.speech.at
    found = []
    for _, some in groupby(page.figures.points, key=lambda one: at(one.start).date()):
        points = list(some)
        usual = [one.expected for one in points]
        whole = None if None in usual else sum(one for one in usual if one is not None)
        n, neg, pos = (sum(getattr(one.numbers, name) for one in points) for name in ("n", "neg", "pos"))
        known = page.head.coverage is not None and points[-1].start >= page.figures.heard_from
        heard = sum(one.heard for one in points) / len(points) if known else None
        found.append(Day(points[0].start, n, neg, pos, whole, heard))
    return found


def parted(page: Page) -> str:
    """From when on the facets are counted, where that is within the window."""
    speech, figures = page.asked.speech, page.figures
    return speech.word("parted", at=speech.moment(figures.parted_from, year=True)) if not figures.parted else ""


# --- drawings --------------------------------------------------------------------------------------------------------


def charts(page: Page) -> Mapping[str, Ours]:
    """Name -> drawing: `volume`, `hours`."""
    return {"volume": _volume(page), "hours": _hours(page)}


def _volume(page: Page) -> Ours:
    speech, points = page.asked.speech, page.figures.points
    if not points:
        return Ours("")
    most = max(points, key=lambda one: one.numbers.n)
    window = page.asked.window
    described = speech.word(
        "volume_text", n=speech.many("n_mentions", page.head.n), since=speech.day(window.since),
        until=speech.day(window.until - 1),
        most=speech.moment(most.start) if window.step < svg.DAY else speech.day(most.start),
    )  # fmt: skip
    return svg.over_time(
        _steps(page), window.step, speech.word("volume"), described, day=speech.day,
        midnight=lambda at: window.step >= svg.DAY or speech.at(at).hour == 0, flags=flags(page), amount=speech.number,
    )  # fmt: skip


def _steps(page: Page) -> list[Step]:
    now = min(page.asked.now, page.asked.window.until)
    other = list(page.other or ())
    return [
        Step(one.start, one.numbers.n, one.numbers.neg, one.numbers.pos, one.heard if one.start < now else 1.0,
             one.expected, one.spread, other[place] if place < len(other) else None)
        for place, one in enumerate(page.figures.points)
    ]  # fmt: skip


def flags(page: Page) -> Sequence[Flag]:
    """What happened in the window."""
    return [Flag(one.at, one.text) for one in page.happenings]


def _hours(page: Page) -> Ours:
    speech, heat = page.asked.speech, page.figures.heat
    weekdays = speech.weekdays()
    n, day, hour = max((n, -day, -hour) for day, row in enumerate(heat) for hour, n in enumerate(row))
    described = speech.word(
        "hours_text", zone=page.asked.zone, n=speech.number(n), day=weekdays[-day], hour=Ours(f"{-hour:02}")
    )
    return svg.heat(heat, weekdays, speech.word("hours"), described)
