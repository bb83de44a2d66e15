"""What each hour of a topic is about: in how many stories each term stands.

An hour is counted from the stored text (see `listen.store.recount` for when), so it is exact however mentions come,
change and go. A story counts once an hour, and what is own, noise or dismissed not at all. Hours that lie some days
back are summed up to days, and of a busy day what only one story says, or two, is not kept: most of all terms, and none
that rises.
"""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listen.model import first_id
from listen.store import corrections, mirror
from listen.store import counted as counted_by
from listen.store.layout import hour_id, hour_of
from listen.store.sqlite import Connection
from listen.text import terms as reading
from listen.text.terms import terms

KEPT_DAYS = 190
"""For how many days terms are kept: a quarter and the one before it."""

MOST = 500
"""Stories of an hour that are read; of more of them every second, third ... one, which then counts so often."""

FROM = "terms_from"
"""Name of the state: the hour from which on terms are counted; none when all hours are that are kept."""


class Span(NamedTuple):
    """An hour of a topic, or several of them."""

    stories: int
    terms: Counter[str]
    """Term -> stories that say it."""


# --- counting --------------------------------------------------------------------------------------------------------

_TOLD = """
SELECT x.mention_id, r.story_id FROM matches AS x
LEFT JOIN retold AS r ON r.topic_id = x.topic_id AND r.mention_id = x.mention_id
WHERE x.topic_id = ?1 AND x.mention_id >= ?2 AND x.mention_id < ?3
  AND NOT EXISTS (SELECT 1 FROM dismissed AS d WHERE d.topic_id = x.topic_id AND d.mention_id = x.mention_id)
ORDER BY x.mention_id"""

_TEXTS = """
SELECT m.title, substr(m.text, 1, ?2) FROM json_each(?1) AS j CROSS JOIN mentions AS m ON m.id = j.value"""


def counted(connection: Connection, topic: int, hour: int) -> Span:
    """The terms of an hour from the stored text; of each story its first mention in that hour is read."""
    rows = connection.execute(_TOLD, (topic, hour_id(hour), hour_id(hour + 1)))
    firsts: dict[tuple[bool, int], int] = {}
    for mention, story in rows:
        firsts.setdefault((story is None, mention if story is None else story), mention)
    every = max(1, math.ceil(len(firsts) / MOST))
    ids = json.dumps([*firsts.values()][::every])
    found: Counter[str] = Counter()
    for title, body in connection.execute(_TEXTS, (ids, reading.READ)):
        found.update(terms(title, body))
    if every > 1:
        found = Counter({term: n * every for term, n in found.items()})
    return Span(len(firsts), found)


def pack(counts: Counter[str], least: int = 1) -> bytes:
    """Terms and in how many stories they stand: a line for each number, in less room than rows would take."""
    lines: dict[int, list[str]] = {}
    for term, n in counts.items():
        if n >= least:
            lines.setdefault(n, []).append(term)
    told = "\n".join(f"{n} {' '.join(sorted(some))}" for n, some in sorted(lines.items()))
    return zlib.compress(told.encode(), 9)


def unpacked(some: Iterable[bytes]) -> Counter[str]:
    """The sum of what was packed: lines of the same number are counted together, which takes half of the time."""
    by_number: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for packed in some:
        for line in zlib.decompress(packed).decode().split("\n"):
            number, _, said = line.partition(" ")
            if said:
                by_number[number].update(said.split(" "))
    total = by_number.pop("1", Counter())
    for number, counts in by_number.items():
        n = int(number)
        for term, times in counts.items():
            total[term] = total.get(term, 0) + n * times
    return total


# --- reading ---------------------------------------------------------------------------------------------------------


def known_from(connection: Connection, now: float) -> int:
    """The first hour from which on the terms are known; the day before it may be under way."""
    first = int(mirror.state(connection, FROM) or 0)
    return max(first + 24 if first else 0, 24 * (today(now) - KEPT_DAYS), 0)


def today(now: float) -> int:
    """The day that it is, in days since 2000."""
    return hour_of(first_id(now)) // 24


_DAYS = """
SELECT day, stories, terms FROM term_days WHERE topic_id = ?1 AND day * 24 + 12 >= ?2 AND day * 24 + 12 < ?3"""

_HOURS = """
SELECT hour, stories, terms FROM term_hours AS h WHERE topic_id = ?1 AND hour >= ?2 AND hour < ?3
  AND NOT EXISTS (SELECT 1 FROM term_days AS d WHERE d.topic_id = h.topic_id AND d.day = h.hour / 24)"""

_CHANGED = """
SELECT hour FROM terms_owed AS o WHERE hour >= ?2 AND hour < ?3 AND topic_id = ?1 AND hour >= ?4
  AND NOT EXISTS (SELECT 1 FROM term_days AS d WHERE d.topic_id = o.topic_id AND d.day = o.hour / 24)
ORDER BY hour DESC LIMIT ?5"""


def told(connection: Connection, topic: int, first: int, last: int, *, at_once: int, known: int) -> Span:
    """The terms of a topic with first <= hour < last, from the hour `known` on.

    Hours that have changed since they were counted, and the present one, are counted now, the newest `at_once` of
    them. A day that is summed up belongs to the time that its noon lies in.
    """
    first = max(first, known)
    changed = [row[0] for row in connection.execute(_CHANGED, (topic, first, last, known, at_once)).fetchall()]
    now = [counted(connection, topic, hour) for hour in changed]
    rows = [row for row in connection.execute(_HOURS, (topic, first, last)) if row[0] not in changed]
    rows += connection.execute(_DAYS, (topic, first, last)).fetchall()
    total = unpacked(packed for _, _, packed in rows)
    for span in now:
        total.update(span.terms)
    return Span(sum(row[1] for row in rows) + sum(span.stories for span in now), total)


class Said(NamedTuple):
    """Mentions of a topic that say something, as they count."""

    stories: int
    people: int
    """Authors; each mention whose author nobody knows is of another one."""
    score: float | None
    """Mean sentiment toward the topic in thousandths, None where none was scored."""


_SAID = f"""
SELECT count(DISTINCT CASE WHEN r.story_id IS NULL THEN -x.mention_id ELSE r.story_id END),
  count(DISTINCT ifnull(m.author_id, -m.id)), avg({corrections.SCORE.replace("m.score", "x.score")})
FROM json_each(?2) AS j CROSS JOIN matches AS x ON x.topic_id = ?1 AND x.mention_id = j.value
CROSS JOIN mentions AS m ON m.id = x.mention_id
LEFT JOIN retold AS r ON r.topic_id = x.topic_id AND r.mention_id = x.mention_id
WHERE NOT EXISTS (SELECT 1 FROM dismissed AS d WHERE d.topic_id = x.topic_id AND d.mention_id = x.mention_id)"""  # noqa: S608


def said(connection: Connection, topic: int, ids: Sequence[int]) -> Said:
    """What these mentions of a topic are in numbers, without own ones, noise and what was dismissed."""
    return Said._make(connection.execute(_SAID, (topic, json.dumps(ids))).fetchone())


def mentions_of(connection: Connection, topic: int, first: int, last: int) -> int:
    """Mentions of a topic with first <= hour < last that count."""
    return counted_by.by_topic(connection, [topic], counted_by.Span(first, last), only_n=True)[topic].n


def stories_of(connection: Connection, topic: int, first: int, last: int) -> int:
    """Stories that those mentions tell; none when there is no such hour."""
    if first >= last:
        return 0
    told = counted_by.stories(connection, topic, counted_by.Span(first, last))
    return mentions_of(connection, topic, first, last) - sum(told.values()) + len(told)


def texts(connection: Connection, ids: Sequence[int]) -> list[str]:
    """The beginnings of mentions as `counted` reads them, title first."""
    rows = connection.execute(_TEXTS, (json.dumps(ids), reading.READ))
    return [f"{title or ''}\n{body}" for title, body in rows]
