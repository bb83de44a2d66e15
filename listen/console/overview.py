"""What the overview shows of a topic in a window of time; and how the store is asked."""

from __future__ import annotations

import calendar
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from listen import query
from listen.clock import Clock
from listen.config.desks import local_zone
from listen.console import alarms, roster
from listen.console.alarms import Watching
from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.roster import Entry, Listening
from listen.console.view import topic_of
from listen.insight.figures import Figures, Part, figures
from listen.insight.hours import cells
from listen.insight.marks import Effect, Mark, effect, marks
from listen.insight.people import Called, Crowd, Group, Shares, Talker, called, first, groups, look
from listen.insight.window import HOUR, Window, window
from listen.query import QueryError
from listen.store.alerts import Alert
from listen.store.read import Reader
from listen.text import fold

if TYPE_CHECKING:
    from listen.insight.objectives import Progress
    from listen.insight.rising import Rising
    from listen.insight.strip import Strip

WINDOWS = ("90d", "30d", "7d", "24h")
"""How far back the overview looks, the longest first."""

FIRST_WINDOW = "7d"

AGAINST = " against "
"""Stands between two windows that are compared."""

ALERTS = 300
"""Alerts that are looked at: those that are open, and those that were over within the window."""

MARKS = 3
"""Marks of which it is told what came before and after."""

PATIENCE = 1.5
"""Seconds for which is looked who speaks."""

SLICE = 0.3
"""Seconds of that between two looks at whether anybody still wants to know."""

LOUDEST = 4
"""People who are named."""


class Subject(NamedTuple):
    """What is asked: a new number for each question of the person."""

    number: int = 0
    topic: str = ""
    window: str = FIRST_WINDOW
    """As it was written; two of them with AGAINST between them are compared."""


class Loudness(NamedTuple):
    """An answer: the numbers, and what fires. `figures` is None for a topic that is no more."""

    number: int
    figures: Figures | None
    before: Window
    """What the window is compared with."""
    alerts: Sequence[Alert] = ()
    """All that are open."""
    fired: Sequence[int] = ()
    """When alerts about the topic fired in the window."""
    rules: Mapping[str, Watching] = {}
    marked: Sequence[tuple[Mark, Effect | None]] = ()
    """Marks of the window, and what was said before and after the last of them."""
    hours: Sequence[Sequence[str]] = ()
    """What narrows the topic in its window to one hour of a day of the week, Monday first; see `Figures.heat`."""
    version: int = -1
    at: float = 0.0


class Health(NamedTuple):
    """An answer: how the sources fare."""

    entries: Sequence[Entry] = ()
    version: int = -1


class Speaking(NamedTuple):
    """An answer: who speaks of it."""

    number: int
    shares: Shares
    loudest: Sequence[tuple[Talker, Called]] = ()
    complete: bool = True
    groups: Mapping[str, Group] = {}
    """The parts of the people that a query can name."""


class Risen(NamedTuple):
    """An answer: what is said more than before; None of a topic that is no more."""

    number: int
    found: Rising | None


class Promised(NamedTuple):
    """An answer: how far the objectives are that are about the topic, or about no topic alone; and the value strip."""

    number: int
    progress: Sequence[Progress] = ()
    strip: Strip | None = None


class Agreement(NamedTuple):
    """An answer: how often the sentiment is what people say; "" where too little was labelled blind."""

    number: int
    told: str


class Here(tzinfo):
    """The reader's own clock, summer time and all, as the console tells all times."""

    def fromutc(self, moment: datetime) -> datetime:
        shift = time.localtime(calendar.timegm(moment.timetuple())).tm_gmtoff
        return moment.replace(tzinfo=self) + timedelta(seconds=shift)

    def utcoffset(self, moment: datetime | None) -> timedelta:
        at = time.time() if moment is None else time.mktime(moment.timetuple())
        return timedelta(seconds=time.localtime(at).tm_gmtoff)

    def tzname(self, moment: datetime | None) -> str:
        return "here"

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta(0)


def windows(written: str, now: float) -> tuple[Window, Window]:
    """(a window, what it is compared with: the one before it unless another one is written)

    Raises ValueError with what was expected.
    """
    this, _, other = written.partition(AGAINST.strip())
    found = window(this.strip(), now)
    if not other.strip():
        return found, found.before()
    against = window(other.strip(), now)
    if against.until - against.since != found.until - found.since:
        days = [(one.until - one.since) / 86_400 for one in (found, against)]
        raise ValueError(f"both windows have to be as long, not {days[0]:g} days and {days[1]:g}")
    return found, against


def against(this: Figures, other: Figures) -> Figures:
    """The figures with those of another window in the place of the one before."""

    def parts(name: str) -> list[Part]:
        return _parts_against(getattr(this, name), getattr(other, name))

    return this._replace(
        before=other.numbers, stories_before=other.stories, coverage_before=other.coverage, net_before=other.net,
        recommend_before=other.recommend, dissuade_before=other.dissuade, voice=parts("voice"),
        sources=parts("sources"), languages=parts("languages"), countries=parts("countries"),
        speakers=parts("speakers"), intents=parts("intents"), stages=parts("stages"),
    )  # fmt: skip


def _parts_against(these: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    before = {one.name: one.numbers.n for one in others}
    return [one._replace(before=before.get(one.name, 0)) for one in these]


def loudness(subject: Subject, known: Loudness | None, clock: Clock) -> Job:
    """The numbers, then what became of marks; nothing when `known` is an answer to the same, of this hour, and nothing
    was written since.
    """

    def job(reader: Reader, asked: Asked, post: Post) -> Loudness | None:
        now, version = clock.now(), reader.data_version()
        if known is not None and (version, now // HOUR) == (known.version, known.at // HOUR):
            return None
        this, other = windows(subject.window, now)
        found = figures(reader, subject.topic, this, now=now, zone=Here())
        if found is not None and other != this.before():
            with_other = figures(reader, subject.topic, other, now=now, zone=Here())
            found = with_other and against(found, with_other)
        if not asked.wanted:
            return None
        rules = alarms.rules(reader)
        alerts = reader.alerts(since=this.since, limit=ALERTS)
        about = [one for one in alerts if one.fired_at is not None and concerns(one, rules, subject.topic)]
        fired = [one.fired_at for one in about if one.fired_at is not None and this.since <= one.fired_at < this.until]
        shown = [one for one in alerts if one.open]
        earlier = {mark.id: told for mark, told in known.marked} if known is not None else {}
        marked = [(one, earlier.get(one.id)) for one in marks(reader, this, subject.topic)] if found is not None else []
        hours = cells(this, Here(), local_zone())
        answer = Loudness(subject.number, found, other, shown, fired, rules, marked, hours, version, now)
        if not marked:
            return answer
        post(answer._replace(version=-1))
        told = {one.id: effect(reader, one, subject.topic, now=now) for one, _ in marked[-MARKS:]}
        return answer._replace(marked=[(one, told.get(one.id)) for one, _ in marked])

    return job


def concerns(alert: Alert, rules: Mapping[str, Watching], topic: str) -> bool:
    """Whether an alert is about a topic: its own, or the only one that its rule asks for."""
    named = alert.labels.get("topic")
    if named is not None:
        return fold(named) == fold(topic)
    rule = rules.get(alert.rule)
    if rule is None or not rule.query:
        return False
    try:
        return topic_of(query.parse(rule.query)) == fold(topic)
    except QueryError:
        return False


def health(known: Health) -> Job:
    """How the sources fare, when anything was written since."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Health | None:
        version = reader.data_version()
        if version == known.version:
            return None
        found = roster.entries(Listening(reader.channels(), reader.sources()), roster.ORDERS[0])
        return Health([one for one in found if not one.nested], version)

    return job


def speaking(number: int, found: Figures) -> Job:
    """Who speaks of it, looked for from the newest mention back for a moment."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Speaking | None:
        crowd, until = Crowd(), time.monotonic() + PATIENCE
        node = query.parse(found.query)
        while asked.wanted and not crowd.full and time.monotonic() < until:
            look(reader, crowd, node, found.topic, budget=SLICE, now=float(found.window.until))
        if not asked.wanted:
            return None
        loudest = [(one, called(reader, one.who)) for one in first(reader, crowd, "mentions", limit=LOUDEST)]
        those = groups(reader, crowd, node, now=float(found.window.until))
        return Speaking(number, crowd.shares(), loudest, crowd.complete, those)

    return job


def risen(number: int, found: Figures, clock: Clock) -> Job:
    """What is said more than before: within a second, whatever the store's size."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Risen | None:
        from listen.insight.rising import rising

        told = rising(reader, found.topic, found.window, now=clock.now())
        return Risen(number, told) if asked.wanted else None

    return job


def promised(number: int, found: Figures, clock: Clock) -> Job:
    """How far the objectives are, then experience, connectivity and proximity in the window."""

    def job(reader: Reader, asked: Asked, post: Post) -> Promised | None:
        from listen.insight.objectives import progress
        from listen.insight.strip import strip

        now, told = clock.now(), Promised(number)
        for one in reader.objectives():
            if one.topic in ("", found.topic) and asked.wanted:
                told = told._replace(progress=[*told.progress, *progress(reader, [one], now=now)])
                post(told)
        if not asked.wanted:
            return None
        return told._replace(strip=strip(reader, found.topic, found.window, now))

    return job


def agreement(number: int, topic: str, asked_for: str) -> Job:
    """How often the sentiment toward a topic is what people say, where enough of it was labelled blind."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Agreement | None:
        if not reader.samples():
            return None
        from listen.insight import blind
        from listen.store.labels import Asked as Labelled

        found = blind.accuracy(reader, Labelled(asked_for, topic))
        return Agreement(number, f"agreement with you {found[0]}" if found is not None else "")

    return job
