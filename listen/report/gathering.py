"""Asks for everything that a report tells: `Page` out of the store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from listen import __version__
from listen.insight.apart import HANDLED, State, apart, handled, state
from listen.insight.figures import Figures, Part, Told, figures
from listen.insight.marks import effect, marks
from listen.insight.narrowed import narrowed
from listen.insight.objectives import Progress, progress
from listen.insight.rising import Term, rising
from listen.insight.series import by_day
from listen.insight.strip import Strip, strip
from listen.insight.window import HOUR, Window
from listen.model import Mention
from listen.query import QueryError, parse, tree
from listen.query.folding import COUNTS
from listen.report import crowd
from listen.report.names import Names
from listen.report.page import (
    Alarm,
    Asked,
    Breakdown,
    Fact,
    Happening,
    Head,
    Page,
    Quote,
    Risen,
    breakdown,
    head,
    head_before,
)
from listen.report.svg import HEARD
from listen.report.words import Ours, Speech
from listen.store.alerts import Alert
from listen.store.read import Reader
from listen.text import fold

QUOTES, QUOTES_READ = 12, 100
"""Starred mentions that are quoted, the newest, one of each story; and those that are looked at for them."""

ALARMS = 20

ASPECTS = ("languages", "countries", "speakers", "intents", "stages")
"""What a store that is older than these counts is counted by, bit by bit."""

RISING = ("words", "tags", "emoji", "links", "new")

PATIENCE = 60.0
"""Seconds for what a screen would give up sooner: a report is to say the same on a busy machine."""


def page(reader: Reader, asked: Asked) -> Page | None:
    """The whole report; None for a topic that there is not."""
    speech, now = asked.speech, min(asked.now, asked.window.until)
    found = _figures(reader, asked, asked.window, now)
    if found is None:
        return None
    other = None if asked.other is None else _figures(reader, asked, asked.other, asked.now)
    before = head_before(found) if other is None else head(other)
    starred = _starred(reader, found, now)
    names = Names(speech, hidden=asked.hidden)
    names.knows(*((one.handle, one.author) for one in (told.row for told in found.told)))
    names.knows(*((one.author.handle, one.author.name) for one in starred if one.author is not None))
    everybody, loudest = crowd.crowd(reader, parse(found.query), found.topic, now=now)
    names.knows(*map(crowd.called, loudest))
    return Page(
        asked, found, asked.other or asked.window.before(),
        head(found), before,
        None if other is None else [one.numbers.n for one in other.points],
        _breakdowns(found, other, before, speech),
        [_story(one, names) for one in found.told], [_quote(one, names) for one in starred],
        crowd.people(everybody, loudest, names), _happenings(reader, asked, names, now), _alarms(reader, asked, names),
        *_risen(reader, asked, names, now),
        _objectives(reader, asked, names, now), _strip(reader, asked, now), list(_facts(reader, asked, found, now)),
    )  # fmt: skip


def _figures(reader: Reader, asked: Asked, window: Window, now: float) -> Figures | None:
    """Of the whole topic, or of what a query leaves of it; a window of days goes by those of the report's zone."""
    zone, hours = asked.speech.zone, window._replace(step=HOUR)
    if asked.only.strip():
        found = narrowed(reader, asked.topic, asked.only, hours, now=now, zone=zone)
    else:
        found = figures(reader, asked.topic, hours, now=now, zone=zone)
    if found is None or window.step == HOUR:
        return found
    return found._replace(window=window, points=by_day(found.points, zone, now))


def _breakdowns(found: Figures, other: Figures | None, before: Head, speech: Speech) -> Mapping[str, Breakdown]:
    tables = {}
    for name in ("voice", "sources", *ASPECTS):
        parts: Sequence[Part] = getattr(found, name)
        was = _before(found, other, name) if before.heard else None
        if any(one.numbers.n or (was or {}).get(one.name) for one in parts):
            tables[name] = breakdown(name, parts, speech, was, found.topic, found.numbers.n)
    return tables


def _before(found: Figures, other: Figures | None, name: str) -> Mapping[str, int] | None:
    """Mentions of each part in the window that is compared with; None as long as not all of it is counted so."""
    since = found.window.before().since if other is None else other.window.since
    if name in ASPECTS and found.parted_from > since:
        return None
    if other is None:
        return {one.name: one.before for one in getattr(found, name)}
    return {one.name: one.numbers.n for one in getattr(other, name)}


# --- what was said ---------------------------------------------------------------------------------------------------


def _story(told: Told, names: Names) -> Quote:
    row = told.row
    return Quote(
        names.author(row.author, row.handle), row.network, row.time, names.text(row.title or ""),
        names.text(row.text), names.url(row.url), row.tone, row.endorsed, told.mentions, row.lang or "",
    )  # fmt: skip


def _starred(reader: Reader, found: Figures, now: float) -> list[Mention]:
    """The newest of each story that somebody has starred."""
    node = tree.And((parse(found.query), tree.Facet("is", ("starred",)), *COUNTS))
    newest = reader.mentions(reader.page(node, limit=QUOTES_READ, budget=None, now=now).ids)
    told = {one.story if one.story is not None else -one.id: one for one in reversed(newest)}  # the newest stays
    return sorted(told.values(), key=lambda one: -one.id)[:QUOTES]


def _quote(one: Mention, names: Names) -> Quote:
    author = one.author
    counts = [n for n in (one.likes, one.reposts, one.replies) if n is not None]
    return Quote(
        names.author(author.name, author.handle) if author else names.author(), one.network, one.time,
        names.text(one.title or ""), names.text(one.text), names.url(one.url), one.tone,
        sum(counts) if counts else None, one.copies, one.lang or "",
    )  # fmt: skip


# --- what happened ---------------------------------------------------------------------------------------------------


FRESH = 1_800
"""Seconds after a mark in which too little has passed to tell before from after."""


def _happenings(reader: Reader, asked: Asked, names: Names, now: float) -> list[Happening]:
    return [
        Happening(
            one.at,
            names.text(one.text),
            names.colleague(one.by),
            None if asked.only or now - one.at < FRESH else effect(reader, one, asked.topic, now=now),
        )
        for one in marks(reader, asked.window, asked.topic)
    ]


# --- alerts ----------------------------------------------------------------------------------------------------------


def _alarms(reader: Reader, asked: Asked, names: Names) -> list[Alarm]:
    """Those that fired in the window and concern the topic: by their rule's query, by their instance, or all topics."""
    since, until = asked.window.since, asked.window.until
    concerned = {rule: _topics(query) for rule, query in _queries(reader).items()}
    topic = fold(asked.topic)
    found = [
        one
        for one in reader.alerts(since=since)
        if one.fired_at is not None and since <= one.fired_at < until and topic in _about(one, concerned, topic)
    ]
    found.sort(key=lambda one: (one.fired_at or 0, one.id), reverse=True)
    return [_alarm(one, names) for one in found[:ALARMS]]


def _about(alert: Alert, rules: Mapping[str, frozenset[str]], topic: str) -> frozenset[str]:
    """The topics that an alert is about; the one that is asked for where it is about none in particular."""
    if "topic" in alert.labels:
        return frozenset((fold(alert.labels["topic"]),))
    return rules.get(alert.rule) or frozenset((topic,))


def _queries(reader: Reader) -> Mapping[str, str]:
    return {one["name"]: one["query"] for one in json.loads(reader.state("rules") or "[]")}


def _topics(query: str) -> frozenset[str]:
    """The topics that a rule names."""
    try:
        parts = tree.walk(parse(query))
    except QueryError:
        return frozenset()
    named = [one.values for one in parts if isinstance(one, tree.Facet) and one.name == "topic"]
    return frozenset(fold(value) for values in named for value in values)


def _alarm(one: Alert, names: Names) -> Alarm:
    why = names.text(str(one.evidence.get("text", "")))
    return Alarm(
        one.rule, names.text(one.instance), one.severity, one.fired_at or 0, one.resolved_at,
        names.colleague(one.acked_by), one.verdict or "", why,
    )  # fmt: skip


# --- what rises ------------------------------------------------------------------------------------------------------


def _risen(reader: Reader, asked: Asked, names: Names, now: float) -> tuple[list[Risen], int]:
    """(what rises, by kind; from when terms are known); terms are counted of whole topics alone."""
    found = None if asked.only else rising(reader, asked.topic, asked.window, now=now, budget=PATIENCE)
    if found is None:
        return [], 0
    kinds = ((name, [_term(one, name, names) for one in getattr(found, name)]) for name in RISING)
    shown = [Risen(name, [one for one in terms if one is not None]) for name, terms in kinds]
    return [one for one in shown if one.terms], found.since


def _term(one: Term, kind: str, names: Names) -> Term | None:
    """The term without a name that is hidden: a link leads no farther than to its site, a handle is none."""
    if not names.hidden:
        return one
    if one.text.startswith("@"):
        return None
    text = one.text.partition("/")[0] if kind == "links" or "/" in one.text else one.text
    return one._replace(text=names.text(text), query="")


# --- what was promised -----------------------------------------------------------------------------------------------


def _objectives(reader: Reader, asked: Asked, names: Names, now: float) -> list[Progress]:
    """Those about the topic or about everything, as they stood in the last second of the window.

    In whose folder they are declared is for nobody who reads a report.
    """
    if asked.only:
        return []
    wanted = [one for one in reader.objectives() if not one.topic or fold(one.topic) == fold(asked.topic)]
    found = progress(reader, wanted, now=min(now, asked.window.until - 1), patience=PATIENCE)
    return [one._replace(owner=names.colleague(one.owner), place="") for one in found]


def _strip(reader: Reader, asked: Asked, now: float) -> Strip | None:
    found = None if asked.only else strip(reader, asked.topic, asked.window, now, PATIENCE)
    return found if found is not None and any(one.measure.value is not None for one in found) else None


# --- small print -----------------------------------------------------------------------------------------------------


def _facts(reader: Reader, asked: Asked, found: Figures, now: float) -> Iterator[Fact]:
    """Whatever somebody needs to get the same numbers, and to know what they do not hold."""
    speech, window = asked.speech, asked.window
    known = state(reader)
    query = next((one.query for one in reader.live_topics() if one.name == found.topic), "")
    yield Fact("topic", query)
    yield Fact("query", found.query)
    if asked.only:
        yield Fact("only", speech.word("only_why"))
    yield Fact("window", _window(asked, window.since, window.until, now))
    yield Fact("zone", asked.zone)
    yield Fact("coverage", _coverage(found, speech, now))
    left = apart(reader, found.query, now=now)
    yield Fact("apart", speech.word("apart", **{name: speech.number(n) for name, n in left.items()}))
    done = handled(reader, found.query, now=now)
    new = found.numbers.n - sum(done.values())
    yield Fact("triage", _triage(speech, {"new": new, **done}, known))
    yield Fact("sample", speech.word("sample", n=speech.number(found.numbers.n)))
    yield Fact("engine", _engines(reader, speech))
    yield Fact("rates", speech.word("rates"))
    if asked.hidden:
        yield Fact("names", speech.word("hidden"))
    yield Fact("version", Ours(f"listen {__version__}"))


def _window(asked: Asked, since: int, until: int, now: float) -> Ours:
    speech = asked.speech
    told = speech.span(since, until)
    if now >= until:
        return told
    return Ours(f"{told}{speech.word('semicolon')}{speech.word('not_over', at=speech.moment(now))}")


def _coverage(found: Figures, speech: Speech, now: float) -> str:
    if found.coverage is None:
        return speech.word("coverage_unknown")
    passed = [one for one in found.points if one.start < now]
    gaps = sum(one.heard < HEARD for one in passed)
    told = {"gaps": speech.number(gaps), "steps": speech.number(len(passed))}
    said = speech.word("coverage_told", share=speech.percent(found.coverage), **told)
    if found.heard_from <= found.window.since:
        return said
    before = speech.word("coverage_from", at=speech.moment(found.heard_from, year=True))
    return Ours(f"{said}{speech.word('semicolon')}{before}")


def _triage(speech: Speech, counts: Mapping[str, int], known: State) -> Ours:
    told = ", ".join(f"{speech.number(counts[name])} {speech.word(f'status.{name}')}" for name in ("new", *HANDLED))
    if known.at is None:
        return Ours(told)
    return Ours(f"{told}{speech.word('semicolon')}{speech.word('as_of', at=speech.moment(known.at, year=True))}")


def _engines(reader: Reader, speech: Speech) -> str:
    """Which lexicon and rules scored, by language."""
    engines: dict[str, str] = json.loads(reader.state("scored_by") or "{}")
    colon, intents = speech.word("colon"), speech.word("intents_by")
    told = [f"{intents if lang == 'intents' else lang}{colon}{name}" for lang, name in sorted(engines.items())]
    return ", ".join(told) or str(speech.word("unknown"))
