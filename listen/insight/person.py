"""One person on one page: what they said on every channel, toward which topics, to us, and what became of their anger.

Numbers hold what counts: nothing that was dismissed, no noise, none of our own words; how many are left out is told. A
mention of theirs is *recovered* when it is negative, was answered (by a reply of ours in its conversation, or so marked
by people), and a later one of theirs is positive and shares a topic with it, or has none where it has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from listen.insight.people import Voice
from listen.model import NEGATIVE, POSITIVE, Mention
from listen.store.read import Reader
from listen.store.voices import COMMENTS, Cell, week_of
from listen.text import tokens
from listen.text.terms import stop_words

if TYPE_CHECKING:
    from listen.store.people import Joined, Who

MOST = 1_000
"""Mentions of a person that are looked at, the newest."""

WORDS = 12
"""Words and tags that are told at most."""

TWICE = 2
"""Mentions that a word must stand in."""

TIMELINE = 26
"""Weeks."""


class Case(NamedTuple):
    """Something negative that they said, and what became of it."""

    what: Literal["open", "answered", "recovered"]
    mention: Mention
    later: Mention | None = None
    """The first positive one after it, of what recovered."""


class Week(NamedTuple):
    """Mentions of a week; `neg` and `pos` are of those that were scored."""

    n: int = 0
    neg: int = 0
    pos: int = 0


class Person(NamedTuple):
    """All that is held of one person, on all their accounts. Foreign text."""

    who: Who
    joined: Sequence[Joined]
    """Why their accounts are taken for one person."""
    mentions: Sequence[Mention]
    """On every channel, newest first, those that do not count among them."""
    more: bool
    """There are older ones."""
    left_out: int
    """Own words, noise and what was dismissed: in no number here."""
    all: Voice
    topics: Sequence[tuple[str, Voice]]
    """Toward each topic, the one that they speak of most first."""
    words: Sequence[tuple[str, int]]
    """What else they talk about: words that no topic's query holds, in how many mentions."""
    tags: Sequence[tuple[str, int]]
    to_us: int
    """How many answer something of ours."""
    answered: int
    """How many stand in a conversation with a reply of ours, or were marked as answered."""
    cases: Sequence[Case]
    """The newest first."""
    weeks: Sequence[Week]
    """The last TIMELINE weeks, this one last."""
    stories: int
    """That what counts of it tells."""

    def share(self, what: str) -> int:
        """How many of the cases."""
        return sum(one.what == what for one in self.cases)


def person(reader: Reader, number: int, *, now: float, most: int = MOST) -> Person | None:
    """The page of a person; None for nobody."""
    known = reader.who([number])
    if not known:
        return None
    page = reader.said_by(number, most + 1, now=now)
    said = reader.mentions(page.ids[:most])
    counts = counting(said)
    queries = reader.topic_queries()
    return Person(
        known[0], reader.joined(number), said, len(page.ids) > most, len(said) - len(counts),
        voice(number, counts), _by_topic(number, counts), _words(counts, queries), _tags(counts),
        len(reader.answering_us([one.id for one in counts])), sum(map(is_answered, counts)), cases(counts),
        _weeks(counts, now), len({-one.id if one.story is None else one.story for one in counts}),
    )  # fmt: skip


def counting(said: Iterable[Mention]) -> list[Mention]:
    """Those that count: nothing that was dismissed or taken away, no noise, none of our own words."""
    counts = [one for one in said if not (one.own or one.noise or one.status == "dismissed")]
    return [one for one in counts if one.state in ("active", "edited")]


def voice(number: int, said: Iterable[Mention], topic: str | None = None) -> Voice:
    """These mentions, newest first, as `listen.insight.people` counts them."""
    found = Voice(number)
    for one in said:
        score = one.score if topic is None else one.topics.get(topic)
        relay = is_relay(one)
        counts = None if one.kind == "repost" or one.likes is one.reposts is None else (one.likes, one.reposts)
        found.add(
            Cell(
                number, week_of(one.id), 1, _at_most(score), _at_least(score), int(score is not None), score or 0,
                int(relay), int(one.kind in COMMENTS and not relay),
                None if counts is None else sum(filter(None, counts)), one.id,
            )
        )  # fmt: skip
    return found


def _at_most(score: int | None) -> int:
    return int(score is not None and score <= NEGATIVE)


def _at_least(score: int | None) -> int:
    return int(score is not None and score >= POSITIVE)


def is_relay(one: Mention) -> bool:
    """The same as `listen.store.voices.RELAYED`."""
    link = one.text.startswith("http") and "://" in one.text and not one.title and len(one.text.split()) == 1
    return one.kind == "repost" or link


def is_answered(one: Mention) -> bool:
    """Whether we answered, as far as that is known."""
    return one.replied or one.status == "answered"


def cases(said: Sequence[Mention]) -> list[Case]:
    """What became of each negative mention; `said` is newest first."""
    found: list[Case] = []
    good: list[Mention] = []
    for one in said:
        if one.tone == "neg":
            later = next((other for other in reversed(good) if _about_the_same(one, other)), None)
            what: Literal["open", "answered", "recovered"] = "open"
            if is_answered(one):
                what = "answered" if later is None else "recovered"
            found.append(Case(what, one, later if what == "recovered" else None))
        elif one.tone == "pos":
            good.append(one)
    return found


def _about_the_same(one: Mention, other: Mention) -> bool:
    return not (one.topics or other.topics) or bool(one.topics.keys() & other.topics.keys())


def _by_topic(number: int, said: Sequence[Mention]) -> list[tuple[str, Voice]]:
    names = dict.fromkeys(name for one in said for name in one.topics)
    found = [(name, voice(number, [one for one in said if name in one.topics], name)) for name in names]
    return sorted(found, key=lambda each: (-each[1].n, each[0]))


def _words(said: Iterable[Mention], queries: Iterable[str]) -> list[tuple[str, int]]:
    known = stop_words() | {word for query in queries for word in tokens(query)[0]}
    counted: Counter[str] = Counter()
    for one in said:
        if not is_relay(one):
            words, marks = tokens(f"{one.title or ''}\n{one.text}")
            handles = {mark[1:] for mark in marks}
            counted.update(word for word in set(words) - known - handles if len(word) > 2 and not word.isdigit())
    return _most(counted)


def _tags(said: Iterable[Mention]) -> list[tuple[str, int]]:
    counted: Counter[str] = Counter()
    for one in said:
        marks = tokens(f"{one.title or ''}\n{one.text}")[1]
        counted.update({mark for mark in marks if mark.startswith("#")})
    return _most(counted, once=True)


def _most(counted: Counter[str], once: bool = False) -> list[tuple[str, int]]:
    least = 1 if once else TWICE
    return [one for one in sorted(counted.items(), key=lambda each: (-each[1], each[0])) if one[1] >= least][:WORDS]


def _weeks(said: Iterable[Mention], now: float) -> list[Week]:
    from listen.model import first_id

    last = week_of(first_id(now))
    counted: dict[int, list[int]] = {}
    for one in said:
        cell = counted.setdefault(week_of(one.id), [0, 0, 0])
        cell[0] += 1
        cell[1] += one.tone == "neg"
        cell[2] += one.tone == "pos"
    return [Week(*counted.get(last - ago, ())) for ago in range(TIMELINE - 1, -1, -1)]
