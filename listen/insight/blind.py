"""Samples that people label blind, to measure how well sentiment is computed: drawing them, and what they were of.

Of a topic it is the sentiment toward it that is measured, as its numbers count it; else that of whole mentions.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from listen.insight import quality
from listen.insight.sampling import sample
from listen.query import folding, tree
from listen.query.fields import ToneName
from listen.store.labels import Asked
from listen.store.read import Reader
from listen.store.samples import Case, Drawn, Kept, Member
from listen.text import fold

SIZE = 50
"""Mentions of a sample: as many as the first figures need."""

COUNTING = 0.5
"""Seconds for counting what of a query is of one tone."""

MANY = 3_000
"""Mentions that stand for a query of which that takes longer: a share is then off by two points at most."""

PARTS: tuple[ToneName, ...] = ("neg", "neu", "none", "pos")
"""The parts that a sample by tone is drawn from, as many mentions from each; what is not scored is in none."""

SIDES: tuple[tuple[ToneName, ...], ...] = (("neg",), ("neu", "none"), ("pos",))


class Measured(NamedTuple):
    """What the labels of a query say."""

    figures: quality.Figures
    pairs: tuple[quality.Pair, ...]
    people: tuple[tuple[str, int], ...]
    """Who labelled, and how many."""
    shares: quality.Estimated | None
    """None while there are too few labels, or when nothing that the query finds is scored any more."""


def draw(
    reader: Reader,
    asked: Asked,
    node: tree.Node,
    size: int,
    seed: int,
    *,
    now: float,
    by_tone: bool = False,
    wanted: Callable[[], bool] = lambda: True,
) -> Drawn:
    """A random sample of what a query finds that is scored and that numbers count; `by_tone`: as many of each tone.

    The same again for the same seed and the same store (as far as `listen.insight.sampling` says so).
    """
    node = folding.counted(node)
    if not by_tone:
        found = sample(reader, tree.And((node, _tone(asked, PARTS))), size, seed, now=now, wanted=wanted)
        return Drawn(asked.query, asked.topic, seed, found.rule, [Member(one, "", found.n) for one in found.ids])
    members, told = [], []
    for at, tone in enumerate(PARTS):
        share = (size + at) // len(PARTS)
        found = sample(reader, tree.And((node, _tone(asked, (tone,)))), share, seed, now=now, wanted=wanted)
        members += [Member(one, tone, found.n) for one in found.ids]
        told.append(f"{tone} {len(found.ids)} of {'' if found.whole else 'about '}{found.n:,}")
    random.Random(seed).shuffle(members)  # noqa: S311 - nobody gains by guessing it
    return Drawn(asked.query, asked.topic, seed, f"at random by tone, {', '.join(told)} (seed {seed})", members)


def latest(reader: Reader, asked: Asked, size: int | None = None, seed: int | None = None) -> Kept | None:
    """The last sample of a query that is kept, of that size and seed where they are given."""
    return next(
        (
            one
            for one in reader.samples()
            if Asked(one.query, one.topic) == asked and size in (None, one.size) and seed in (None, one.seed)
        ),
        None,
    )


def cases(reader: Reader, asked: Asked) -> list[Case]:
    """The labelled mentions of all samples of a query; drawn by tone or not, as the last labelled one was.

    What belongs to two samples is there once, with what each person said of it last.
    """
    found: dict[int, Case] = {}
    by_tone: bool | None = None
    for one in reader.samples():
        some = reader.cases([one.id]) if Asked(one.query, one.topic) == asked else []
        if not some or by_tone not in (None, bool(some[0].stratum)):
            continue
        by_tone = bool(some[0].stratum)
        for case in some:
            known = found.get(case.mention_id)
            found[case.mention_id] = case if known is None else known._replace(said={**case.said, **known.said})
    return list(found.values())


def measured(reader: Reader, asked: Asked, node: tree.Node, *, now: float) -> Measured:
    """All that the labels of a query say."""
    some = cases(reader, asked)
    people: dict[str, int] = {}
    for case in some:
        for who in case.said:
            people[who] = people.get(who, 0) + 1
    figures = quality.figures(some)
    computed = None if figures.few else _computed(reader, asked, node, now)
    return Measured(
        figures,
        tuple(quality.pairs(some)),
        tuple(sorted(people.items(), key=lambda pair: -pair[1])),
        None if computed is None else quality.estimated(some, computed),
    )


def accuracy(reader: Reader, asked: Asked) -> tuple[quality.Share, int] | None:
    """How often people say what is computed, and from how many labels; None while they are too few."""
    some = [case for case in cases(reader, asked) if case.scored is not None]
    share = quality.accuracy(some) if len(some) >= quality.FEW else None
    return None if share is None else (share, len(some))


def _tone(asked: Asked, values: tuple[ToneName, ...]) -> tree.Node:
    tone = tree.Tone(values)
    return tree.Toward(fold(asked.topic), tone) if asked.topic else tone


def _computed(reader: Reader, asked: Asked, node: tree.Node, now: float) -> tuple[float, float, float] | None:
    """The shares of what is scored that are negative, neutral and positive today; of a sample where it is too much."""
    node = folding.counted(node)
    sides = [tree.And((node, _tone(asked, side))) for side in SIDES]
    counts = []
    for one in sides:
        found = reader.count(one, cap=None, budget=COUNTING, now=now)
        if not found.complete:
            ids = sample(reader, tree.And((node, _tone(asked, PARTS))), MANY, 1, now=now).ids
            counts = [len(reader.among(side, ids, now=now)) for side in sides]
            break
        counts.append(found.n)
    whole = sum(counts)
    if not whole:
        return None
    negative, neutral, positive = (n / whole for n in counts)
    return negative, neutral, positive
