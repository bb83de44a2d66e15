"""The figures of every topic reckoned from its single matches, in the slowest and most obvious way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from listen.insight.figures import Figures, Part, figures
from listen.insight.narrowed import narrowed
from listen.insight.window import HOUR, Window, window
from listen.model import KINDS, STAGES, id_time
from listen.store.pulse import Numbers
from listen.store.read import Reader
from listen.store.sqlite import Connection

WINDOWS = ("2h", "27h", "40d")

PARIS = ZoneInfo("Europe/Paris")


class One(NamedTuple):
    """A match as people see it."""

    topic: str
    role: str
    mention: int
    source: str
    score: int | None
    lang: str | None
    country: str | None
    kind: int
    intents: str | None
    story: int | None
    own: bool
    counts: bool

    @property
    def stage(self) -> str | None:
        shown = set((self.intents or "").split())
        return next((stage for stage, its in STAGES.items() if shown & set(its)), None)


_MATCHES = """
SELECT t.name, t.role, m.id, s.name, CASE WHEN k.score IS NULL THEN x.score ELSE k.score END,
  m.lang, m.country, m.kind, m.intents, m.story_id, coalesce(a.why, 0) & 1,
  coalesce(a.why, 0) = 0 AND coalesce(i.status, 0) <> 3
FROM topics t JOIN matches x ON x.topic_id = t.id JOIN mentions m ON m.id = x.mention_id
JOIN channels c ON c.id = m.channel_id JOIN sources s ON s.id = c.source_id
LEFT JOIN triage i ON i.mention_id = m.id LEFT JOIN aside a ON a.mention_id = m.id
LEFT JOIN corrections k ON k.mention_id = m.id WHERE t.active"""


def check_figures(connection: Connection, path: Path, now: float, windows: Sequence[str] = WINDOWS) -> None:
    """All that `figures` says of every active topic is what its matches say."""
    matches = [One(*row[:-2], bool(row[-2]), bool(row[-1])) for row in connection.execute(_MATCHES)]
    topics = connection.execute("SELECT name, role FROM topics WHERE active").fetchall()
    with Reader(path) as reader:
        for name, role in topics:
            for written in windows:
                told = figures(reader, name, window(written, now), now=now, zone=PARIS)
                assert told is not None
                assert told.role == role
                _check(told, [one for one in matches if one.topic == name])
                if not told.parted_from:
                    assert narrowed(reader, name, "", told.window, now=now, zone=PARIS) == told
                _check_voice(told, topics, matches)


def _within(matches: Iterable[One], span: Window) -> list[One]:
    return [one for one in matches if span.since <= id_time(one.mention) < span.until]


def numbers_of(matches: Iterable[One]) -> Numbers:
    counted = [one.score for one in matches if one.counts]
    scored = [score for score in counted if score is not None]
    low, high = sum(score <= -50 for score in scored), sum(score >= 50 for score in scored)
    return Numbers(len(counted), low, high, len(scored), sum(scored))


def _stories(matches: Sequence[One]) -> Counter[int]:
    return Counter(-one.mention if one.story is None else one.story for one in matches if one.counts)


def _check(told: Figures, matches: Sequence[One]) -> None:
    this, last = _within(matches, told.window), _within(matches, told.window.before())
    assert (told.numbers, told.before) == (numbers_of(this), numbers_of(last))
    assert (told.stories, told.stories_before) == (len(_stories(this)), len(_stories(last)))
    for point in told.points:
        assert point.numbers == numbers_of(_within(this, Window(point.start, point.start + told.window.step, HOUR)))
    assert sum(point.numbers.n for point in told.points) == told.numbers.n
    heat = Counter((at.weekday(), at.hour) for one in this if one.counts for at in [_hour(one.mention)])
    assert {(day, hour): n for day, row in enumerate(told.heat) for hour, n in enumerate(row) if n} == heat
    several = sorted((n for n in _stories(this).values() if n > 1), reverse=True)[:5]
    assert [one.mentions for one in told.told if one.mentions > 1] == several
    assert told.net.value == (None if not told.numbers.scored else _net(told.numbers))
    _compare(told.sources, this, last, lambda one: [one.source])
    shown = [one for one in this if id_time(one.mention) >= told.parted_from]
    _check_aspects(told, shown, [one for one in last if id_time(one.mention) >= told.parted_from])


def _hour(mention: int) -> datetime:
    return datetime.fromtimestamp(id_time(mention) // HOUR * HOUR, UTC).astimezone(PARIS)


def _net(numbers: Numbers) -> float:
    return (numbers.pos - numbers.neg) / numbers.scored


def _check_aspects(told: Figures, this: Sequence[One], last: Sequence[One]) -> None:
    _compare(told.languages, this, last, lambda one: [one.lang or "?"])
    if any(one.country for one in (*this, *last) if one.counts):
        _compare(told.countries, this, last, lambda one: [(one.country or "?").upper()])
    else:
        assert not told.countries
    speakers = {one.name: one for one in told.speakers}
    assert speakers["us"].before == sum(one.own for one in last) or told.parted_from
    _compare(
        [speakers["press"], speakers["people"]], this, last,
        lambda one: ["press" if KINDS[one.kind] in ("article", "episode") else "people"],
    )  # fmt: skip
    _compare(told.intents, this, last, lambda one: dict.fromkeys((one.intents or "").split()))
    _compare(told.stages, this, last, lambda one: [one.stage] if one.stage else [])
    for name, pair in (
        ("recommend", (told.recommend, told.recommend_before)),
        ("dissuade", (told.dissuade, told.dissuade_before)),
    ):
        assert pair == tuple(
            sum(one.counts and name in (one.intents or "").split() for one in side) for side in (this, last)
        )


def _compare(
    parts: Sequence[Part], this: Sequence[One], last: Sequence[One], of: Callable[[One], Iterable[Any]]
) -> None:
    """The parts are the matches sorted by what they are of; empty ones are no matter."""
    names = {name for one in (*this, *last) for name in of(one)}
    wanted = {
        name: (numbers_of(one for one in this if name in of(one)), numbers_of(one for one in last if name in of(one)).n)
        for name in names
    }
    assert {one.name: (one.numbers, one.before) for one in parts if one.numbers.n or one.before} == {
        name: (numbers, before) for name, (numbers, before) in wanted.items() if numbers.n or before
    }


def _check_voice(told: Figures, topics: Sequence[tuple[str, str]], matches: Sequence[One]) -> None:
    roles = ("theme",) if told.role == "theme" else ("brand", "competitor")
    beside = [one for one in matches if one.role in roles]
    this, last = _within(beside, told.window), _within(beside, told.window.before())
    assert {one.name: one.numbers.n for one in told.voice if one.numbers.n} == _by_topic(this)
    assert {one.name: one.before for one in told.voice if one.before} == _by_topic(last)
    assert {one.name for one in told.voice} <= {name for name, role in topics if role in roles}


def _by_topic(some: Sequence[One]) -> Counter[str]:
    return Counter(one.topic for one in some if one.counts)
