"""What people said after we answered them: whether anger turned, and how they feel since.

A person is looked at as on their page (`listen.insight.person`): what is own, noise or dismissed is left out, and
accounts that somebody said are one are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from listen.insight.person import MOST as SAID
from listen.insight.person import cases as cases_of
from listen.insight.person import counting
from listen.model import NEGATIVE, POSITIVE, Mention
from listen.query import tree
from listen.store.pulse import Numbers
from listen.store.read import Reader

PEOPLE = 200
"""People who are looked at, those who spoke last."""

BUDGET = 1.0
"""Seconds for finding them."""


class Cases(NamedTuple):
    """Negative mentions that were answered."""

    answered: int = 0
    recovered: int = 0
    whole: bool = True
    """Else these are those of PEOPLE people."""


class Since(NamedTuple):
    """What people said after our answer."""

    numbers: Numbers = Numbers()
    people: int = 0
    """Who said anything."""
    whole: bool = True
    scored: tuple[int, ...] = ()
    """Those of these mentions that have a sentiment."""


def cases(reader: Reader, node: tree.Node, *, now: float) -> Cases:
    """What became of the mentions that a query finds, which are negative and answered; see `person.cases`."""
    ids, persons, whole = _found(reader, node, now)
    answered = recovered = 0
    for person in persons:
        for case in cases_of(_said(reader, person, now)):
            if case.mention.id in ids and case.what != "open":
                answered += 1
                recovered += case.what == "recovered"
    return Cases(answered, recovered, whole)


def since(reader: Reader, node: tree.Node, topic: str | None, *, now: float, budget: float = BUDGET) -> Since:
    """What those whose mentions a query finds (answered ones) said after our first answer, toward the topic if any."""
    ids, persons, whole = _found(reader, node, now, budget)
    at = {one.id: one.answered_at for one in reader.times(sorted(ids))}
    total, people = Numbers(), 0
    scored: list[int] = []
    for person in persons:
        said = _said(reader, person, now)
        first = min((at[one.id] or 0 for one in said if at.get(one.id) is not None), default=None)
        later = [one for one in said if first is not None and one.time > first and (not topic or topic in one.topics)]
        people += bool(later)
        total = total.plus(numbers_of(later, topic))
        scored += [one.id for one in later if _score(one, topic) is not None]
    return Since(total, people, whole, tuple(scored))


def numbers_of(said: Sequence[Mention], topic: str | None) -> Numbers:
    """Mentions as the rollups count them."""
    scores = [_score(one, topic) for one in said]
    known = [one for one in scores if one is not None]
    return Numbers(
        len(said), sum(one <= NEGATIVE for one in known), sum(one >= POSITIVE for one in known), len(known), sum(known)
    )


def _score(one: Mention, topic: str | None) -> int | None:
    return one.topics.get(topic) if topic else one.score


def _found(reader: Reader, node: tree.Node, now: float, budget: float = BUDGET) -> tuple[set[int], list[int], bool]:
    """(the mentions, the people who said them, whether these are all)."""
    page = reader.page(node, limit=SAID, budget=budget, now=now)
    voices = reader.voices(node, most=SAID, budget=budget, now=now)
    newest: dict[int, int] = {}
    for cell in voices.cells:
        newest[cell.person] = max(cell.newest, newest.get(cell.person, 0))
    persons = sorted(newest, key=lambda one: -newest[one])
    whole = page.complete and len(page.ids) < SAID and voices.complete and len(persons) <= PEOPLE
    return set(page.ids), persons[:PEOPLE], whole


def _said(reader: Reader, person: int, now: float) -> list[Mention]:
    return counting(reader.mentions(reader.said_by(person, SAID, now=now).ids))
