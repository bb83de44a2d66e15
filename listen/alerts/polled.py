"""Conditions that no arrival tells of: what is late at a desk, what becomes of sources and objectives, viral posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from listen.alerts.cycle import Reading
from listen.alerts.evaluate import span
from listen.alerts.rules import Rule
from listen.alerts.watched import Watched
from listen.insight.desks import COUNTED, late_at, promising
from listen.model import id_time
from listen.store.alerts import Alert
from listen.store.growth import Counted
from listen.store.read import Reader
from listen.text import fold

if TYPE_CHECKING:
    from listen.insight.objectives import Progress

EVERY = 10.0
"""Seconds between two looks at what is late and at sources."""

BUDGET = 0.2
"""Seconds for counting what is late at one desk; of what could not be counted in time nothing is said."""

POST = "counts of mention:"
"""How the instances of such alerts begin."""

WATCHED = 500
"""Posts of one rule whose counts are looked at, those that changed last."""

_FARES = """
SELECT s.name, c.label, c.fare, c.fare_words FROM channels AS c JOIN sources AS s ON s.id = c.source_id
WHERE c.active AND s.active AND c.fare IS NOT NULL ORDER BY s.name, c.label"""


class Polled:
    """Asks now and then."""

    def __init__(self) -> None:
        self._asked_at: dict[str, float] = {}
        self._known: dict[str, list[Reading]] = {}
        self._changed: dict[int, None] = {}
        self._promised: Sequence[Progress] | None = None
        """How far the objectives are; None until somebody has looked."""
        self._posts: dict[str, dict[int, None]] = {}
        """Rule -> posts that it finds and whose counts have changed, the last one last."""

    def heed(self, found: Sequence[Progress]) -> None:
        """The objectives were looked at."""
        self._promised = found

    def changed(self, ids: Iterable[int]) -> None:
        """These mentions have changed."""
        self._changed.update(dict.fromkeys(ids))

    def readings(
        self,
        reader: Reader,
        rules: Iterable[Rule],
        watched: Mapping[str, Watched],
        open_now: Iterable[Alert],
        now: float,
    ) -> list[tuple[Rule, Reading]]:
        """What they say now; of what is open in any case."""
        still = list(open_now)
        changed, self._changed = list(self._changed), {}
        found: list[tuple[Rule, Reading]] = []
        for rule in rules:
            if rule.when == "growth" and rule.name in watched:
                posts = [int(one.labels["mention"]) for one in still if one.rule == rule.name and is_post(one)]
                found += [(rule, one) for one in self._growth(reader, watched[rule.name], posts, changed, now)]
            elif rule.when in ("late", "source"):
                if not 0 <= now - self._asked_at.get(rule.name, -EVERY) < EVERY:
                    self._asked_at[rule.name] = now
                    now_so = (_late if rule.when == "late" else _fares)(reader, rule, now)
                    self._known[rule.name] = now_so
                found += _with_those_gone(rule, self._known[rule.name], still)
            elif rule.when == "objective" and self._promised is not None:
                found += _with_those_gone(rule, _missed(rule, self._promised, now), still)
        return found

    def _growth(
        self, reader: Reader, one: Watched, still: Iterable[int], changed: Sequence[int], now: float
    ) -> list[Reading]:
        posts = self._posts.setdefault(one.rule.name, {})
        posts.update(dict.fromkeys(still))
        for found in sorted(reader.among(one.node, changed, now=now)) if changed else ():
            posts.pop(found, None)
            posts[found] = None
        while len(posts) > WATCHED:
            del posts[next(iter(posts))]
        readings = []
        for post in list(posts):
            reading = _gained(one.rule, post, reader.growth(post), now)
            if reading is None:
                reading = Reading(f"{POST}{post}", {"mention": str(post)}, False)
                del posts[post]
            readings.append(reading)
        return readings


def is_post(one: Alert) -> bool:
    """Whether it is about the counts of one post, which arrivals tell nothing of."""
    return one.instance.startswith(POST)


def _with_those_gone(rule: Rule, now_so: Sequence[Reading], still: Iterable[Alert]) -> list[tuple[Rule, Reading]]:
    """The readings, and that what is open and not among them holds no more."""
    there = {one.instance for one in now_so}
    gone = [one for one in still if one.rule == rule.name and one.instance not in there]
    return [(rule, one) for one in (*now_so, *(Reading(one.instance, one.labels, False) for one in gone))]


def _missed(rule: Rule, found: Sequence[Progress], now: float) -> list[Reading]:
    """Which objectives are about to be missed, or were; of what nothing can be said nothing changes."""
    readings = []
    for one in found:
        if rule.objectives and one.name not in rule.objectives:
            continue
        unknown = one.met is None and not one.risk
        promised = f"the target is {one.target}{f' by {one.by}' if one.by else ''}"
        words = f"{one.name}: {one.short}{f'; {one.risk}' if one.risk else ''}; {promised}"
        evidence = {
            "count": one.n, "value": one.value or 0.0, "threshold": one.goal, "until": int(now), "mentions": [],
            "text": words, "query": one.about,
        }  # fmt: skip
        holds = None if unknown else bool(one.risk)
        readings.append(Reading(f"objective:{one.name}", {"objective": one.name}, holds, one.value or 0.0, evidence))
    return readings


def _late(reader: Reader, rule: Rule, now: float) -> list[Reading]:
    wanted = {fold(name) for name in rule.desk}
    found = []
    for desk in promising(reader.desks()):
        if wanted and fold(desk.name) not in wanted:
            continue
        page = reader.page(late_at(desk), limit=COUNTED, budget=BUDGET, now=now)
        n = len(page.ids)
        holds = n >= rule.at_least if n >= rule.at_least or page.complete else None
        words = f"{n:,} late at {desk.name}, {rule.at_least:,} are too many"
        evidence = {"count": n, "threshold": rule.at_least, "until": int(now), "mentions": page.ids[-3:], "text": words}
        found.append(Reading(f"desk:{desk.name}", {"desk": desk.name}, holds, n, evidence))
    return found


def _fares(reader: Reader, rule: Rule, now: float) -> list[Reading]:
    with reader.snapshot() as connection:
        rows = connection.execute(_FARES).fetchall()
    wanted = {fold(name) for name in rule.sources}
    found = []
    for source, label, fare, words in rows:
        if fare in rule.fares and (not wanted or fold(source) in wanted):
            labels = {"source": source, "channel": label}
            text = f"{source} {label} is {fare}: {words or ''}".rstrip(": ")
            evidence = {"count": 1, "until": int(now), "fare": fare, "mentions": [], "text": text}
            found.append(Reading(f"source:{source} channel:{label}", labels, True, 1.0, evidence))
    return found


def _gained(rule: Rule, post: int, counted: Sequence[Counted], now: float) -> Reading | None:
    """None when nothing of it was counted in the window, so that it need not be watched any more."""
    since = now - rule.window
    if not counted or counted[-1].at <= since:
        return None
    before = [one for one in counted if one.at <= since]
    first = _total(before[-1]) if before else (_total(counted[0]) if id_time(post) < since else 0)
    gained = _total(counted[-1]) - first
    words = f"{gained:,} more likes, reposts and replies of one post in {span(rule.window)}, {rule.gained:,} are many"
    evidence = {
        "count": gained, "threshold": rule.gained, "since": int(since), "until": int(now), "mentions": [post],
        "text": words,
    }  # fmt: skip
    return Reading(f"{POST}{post}", {"mention": str(post)}, gained >= rule.gained, float(gained), evidence)


def _total(one: Counted) -> int:
    return (one.likes or 0) + (one.replies or 0) + (one.reposts or 0)
