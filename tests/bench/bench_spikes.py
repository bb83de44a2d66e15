"""How soon a crisis is heard, at the same number of false alarms: `python -m tests.bench.bench_spikes [--crises 200]`.

Half a year of twenty topics is invented: a week's rhythm, drift, noise that lasts for hours, outages (of which half are
followed by everything at once that a feed had kept), floods of one author, and crises of four shapes and many sizes.
Every rule watches the same mentions every five minutes. The rules that others publish stand beside ours with the
threshold that gives each the same number of false alarms a topic and month, so that only the arithmetic differs.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from listen.insight.expected import Baseline, surprise

HOUR, DAY, WEEK, MONTH = 60, 1_440, 10_080, 43_200
"""In minutes, as all times here."""

WEEKS, WARM = 26, 8
"""Weeks that are invented; weeks of them in which every rule only learns."""

STEP = 5
"""Minutes between two looks."""

WINDOW = HOUR
FLOOR, AUTHORS, COVERAGE = 5, 3, 0.8
"""Mentions, for every rule; authors and the share of the window heard, for ours alone: others have no such brakes."""

AGAIN = 120
"""Minutes of calm after which a false alarm is another one."""

NOTHING = -9.0
"""The strength of a look at which a rule cannot fire."""

Strengths = NDArray[np.float64]


class Crisis(NamedTuple):
    start: int
    end: int
    shape: str


class World(NamedTuple):
    """One topic's half year, minute by minute."""

    said: NDArray[np.int64]
    """Mentions, each by an author of its own."""
    flooded: NDArray[np.int64]
    """Mentions of single authors beside them."""
    heard: NDArray[np.bool_]
    crises: Sequence[Crisis]

    @property
    def all(self) -> NDArray[np.int64]:
        return self.said + self.flooded

    @property
    def looks(self) -> NDArray[np.int64]:
        """The minutes, inclusive, after which every rule looks."""
        return np.arange(WARM * WEEK, WEEKS * WEEK, STEP)


def worlds(seed: int, topics: int, crises: int, floods: bool) -> list[World]:
    rng = np.random.default_rng(seed)
    return [world(rng, crises // topics, floods) for _ in range(topics)]


def world(rng: np.random.Generator, crises: int, floods: bool) -> World:
    rate = usual_rate(rng)
    said = rng.poisson(np.repeat(rate, HOUR) / HOUR)
    extra = np.zeros(WEEKS * WEEK)
    told = []
    slot = (WEEKS - WARM) * WEEK // crises
    for number in range(crises):
        start = WARM * WEEK + number * slot + int(rng.integers(DAY, slot - 2 * DAY))
        length = int(HOUR * 10 ** rng.uniform(0.2, 1.1))
        shape = str(rng.choice(["step", "ramp", "viral", "pulse"]))
        peak = max(6.0, rate[start // HOUR] * 10 ** rng.uniform(0.3, 1.2))
        extra[start : start + length] += course(shape, length) * peak / HOUR
        told.append(Crisis(start, start + length, shape))
    flooded = flood(rng) if floods else np.zeros(WEEKS * WEEK, dtype=np.int64)
    heard = outages(rng, said, flooded, told)
    return World(said + rng.poisson(extra), flooded, heard, told)


def usual_rate(rng: np.random.Generator) -> NDArray[np.float64]:
    """Mentions an hour, for each hour: a day's and a week's rhythm, drift, and noise that lasts."""
    hours = np.arange(WEEKS * 168)
    depth, phase = rng.uniform(0.3, 0.9), rng.uniform(0, 24)
    day = 1 + depth * np.cos((hours - phase) / 24 * 2 * np.pi)
    day += 0.3 * np.cos((hours - phase) / 12 * 2 * np.pi + rng.uniform(0, 6))
    weekend = np.where(hours // 24 % 7 >= 5, rng.uniform(0.4, 1.3), 1.0)
    drift = np.exp(np.cumsum(rng.normal(0, 0.08 / math.sqrt(168), len(hours))))
    spread = math.log1p(rng.uniform(0, 0.4))
    wave = np.zeros(len(hours))
    for at, push in enumerate(rng.normal(0, 1, len(hours))):
        wave[at] = 0.7 * wave[at - 1] + math.sqrt(1 - 0.7**2) * push
    noise = np.exp(math.sqrt(spread) * wave - spread / 2)
    return np.asarray(10 ** rng.uniform(-1, 1.6) * np.clip(day, 0.05, None) * weekend * drift * noise)


def course(shape: str, length: int) -> NDArray[np.float64]:
    """How loud a crisis is over its time, 1 at the peak."""
    part = np.arange(length) / length
    if shape == "step":
        return np.ones(length)
    if shape == "ramp":
        return part
    if shape == "pulse":
        return np.exp(-4 * part)
    return np.where(part < 0.4, np.exp(5 * (part / 0.4 - 1)), np.exp(-5 * (part - 0.4)))


def flood(rng: np.random.Generator) -> NDArray[np.int64]:
    """Once a month one author says the same many times within two hours."""
    said = np.zeros(WEEKS * WEEK, dtype=np.int64)
    for _ in range((WEEKS - WARM) * WEEK // MONTH):
        start = int(rng.integers(WARM * WEEK, WEEKS * WEEK - DAY))
        times = start + rng.exponential(40, int(rng.integers(8, 40))).astype(int)
        np.add.at(said, times[times < len(said)], 1)
    return said


def outages(
    rng: np.random.Generator, said: NDArray[np.int64], flooded: NDArray[np.int64], crises: Sequence[Crisis]
) -> NDArray[np.bool_]:
    """Twice a month nothing is heard for up to sixteen hours; half of the time everything comes at once afterwards."""
    heard = np.ones(len(said), dtype=bool)
    for _ in range(2 * (WEEKS - WARM) * WEEK // MONTH):
        start, length = int(rng.integers(WARM * WEEK, WEEKS * WEEK - 2 * DAY)), int(HOUR * 10 ** rng.uniform(-0.3, 1.2))
        if any(abs(start - crisis.start) < 1.5 * DAY for crisis in crises):
            continue
        gap = slice(start, start + length)
        missed = said[gap].sum()
        said[gap], flooded[gap], heard[gap] = 0, 0, False
        if rng.random() < 0.5:
            said[start + length + 1] += missed
    return heard


def sums(minutes: NDArray[np.int64], ends: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    """What was said in the window of each look that ends with those minutes."""
    total = np.concatenate([[0], np.cumsum(minutes)])
    return np.asarray(total[ends + 1] - total[np.maximum(ends + 1 - length, 0)], dtype=float)


def earlier(one: World, hours: int, skip: int = HOUR) -> tuple[Strengths, Strengths]:
    """Mean and deviation of that many hourly windows before each look."""
    before = np.stack([sums(one.all, one.looks - skip - HOUR * back, HOUR) for back in range(hours)])
    return before.mean(axis=0), np.maximum(before.std(axis=0), 0.5)


def braked(one: World, strength: Strengths) -> Strengths:
    return np.where(sums(one.all, one.looks, WINDOW) >= FLOOR, strength, NOTHING)


def sigmas(one: World) -> Strengths:
    """Deviations of the last hour above the mean of a fortnight's hours."""
    mean, deviation = earlier(one, 14 * 24)
    return braked(one, (sums(one.all, one.looks, WINDOW) - mean) / deviation)


def last_hour(one: World) -> Strengths:
    """The last hour by the mean of the 24 before it (Brandwatch)."""
    return braked(one, sums(one.all, one.looks, WINDOW) / np.maximum(earlier(one, 24)[0], 0.5))


def pair(one: World) -> Strengths:
    """The last hour by the mean of twelve, that is also unusual beside the day and the week before (Meltwater)."""
    now = sums(one.all, one.looks, WINDOW)
    means = [earlier(one, 12)[0], sums(one.all, one.looks - DAY, HOUR), sums(one.all, one.looks - WEEK, HOUR)]
    return braked(one, np.min([now / np.maximum(mean, 0.5) for mean in means], axis=0))


def day_by_week(one: World) -> Strengths:
    """Deviations of a day's mean above a week's (Socialmetrix)."""
    mean, deviation = earlier(one, 7 * 24)
    return braked(one, (earlier(one, 24, skip=0)[0] - mean) / deviation)


def peaks(one: World) -> Strengths:
    """Deviations of an hour that was a peak, told when it is past, the last two left out (Huginn)."""
    hours = one.all.reshape(-1, HOUR).sum(axis=1).astype(float)
    found = np.full(len(one.looks), NOTHING)
    for place, minute in enumerate(one.looks):
        now = (minute + 1) // HOUR - 1
        if (minute + 1) % HOUR >= STEP or hours[now - 1] < FLOOR:
            continue
        if hours[now - 1] > hours[now] and hours[now - 1] > hours[now - 2]:
            before = hours[now - 14 * 24 : now - 1]
            found[place] = (hours[now - 1] - before.mean()) / max(before.std(), 0.5)
    return found


def ours(one: World) -> Strengths:
    """How surprising the last hour is, as the number of noughts of its chance."""
    hours = one.all.reshape(-1, HOUR).sum(axis=1).tolist()
    heard = (one.heard.reshape(-1, HOUR).sum(axis=1) / HOUR).tolist()
    counts, authors = sums(one.all, one.looks, WINDOW), sums(one.said, one.looks, WINDOW)
    whole = sums(one.heard.astype(np.int64), one.looks, WINDOW) >= COVERAGE * WINDOW
    baseline, found = Baseline(0), np.full(len(one.looks), NOTHING)
    for place, minute in enumerate(one.looks.tolist()):
        while (baseline.next + 1) * HOUR <= minute + 1:
            baseline.push(hours[baseline.next], heard[baseline.next])
        if counts[place] < FLOOR or authors[place] < AUTHORS or not whole[place]:
            continue
        expectation = baseline.expect((minute + 1 - WINDOW) * 60.0, (minute + 1) * 60.0)
        if expectation is not None:
            found[place] = -math.log10(max(surprise(int(counts[place]), expectation), 1e-300))
    return found


RULES: dict[str, Callable[[World], Strengths]] = {
    "listen": ours,
    "mean + k sigma of 14 days": sigmas,
    "last hour by 24-hour mean": last_hour,
    "12 hours, day before, week before": pair,
    "24-hour mean > week + k sigma": day_by_week,
    "peak detector": peaks,
}


class Verdict(NamedTuple):
    false: float
    """False alarms a topic and month."""
    found: float
    """The share of crises heard before an hour after their end."""
    delay: float
    """Minutes from the start to the alarm, mean; one that was not heard counts until an hour after its end."""
    middle: float
    """The median of the delays of those that were heard."""


def judge(made: Sequence[World], strengths: Sequence[Strengths], threshold: float) -> Verdict:
    false, months = 0, 0.0
    delays, heard = [], []
    for one, strength in zip(made, strengths, strict=True):
        on = one.looks[strength >= threshold]
        explained = np.zeros(len(on), dtype=bool)
        months += (WEEKS - WARM) * WEEK / MONTH
        for crisis in one.crises:
            within = on[(on >= crisis.start) & (on <= crisis.end + HOUR)]
            explained |= (on >= crisis.start) & (on <= crisis.end + 3 * HOUR)
            delays.append(within[0] - crisis.start if len(within) else crisis.end + HOUR - crisis.start)
            heard += [delays[-1]] if len(within) else []
        rest = on[~explained]
        false += int((np.diff(rest) > AGAIN).sum()) + 1 if len(rest) else 0
    middle = float(np.median(heard)) if heard else math.nan
    return Verdict(false / months, len(heard) / len(delays), float(np.mean(delays)), middle)


def calibrated(made: Sequence[World], strengths: Sequence[Strengths], false: float) -> float:
    """The lowest threshold with no more false alarms than that."""
    low, high = 0.0, max(float(one.max()) for one in strengths)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if judge(made, strengths, middle).false > false else (low, middle)
    return high


def told(name: str, threshold: float, verdict: Verdict) -> str:
    return (
        f"  {name:36}{threshold:9.2f}{verdict.false:8.2f}{verdict.found:8.0%}"
        f"{verdict.delay:9.0f}{verdict.middle:9.0f}"
    )  # fmt: skip


def report(made: Sequence[World]) -> None:
    found = {}
    for name, rule in RULES.items():
        began = time.process_time()
        found[name] = [rule(one) for one in made]
        print(f"  ({name}: {time.process_time() - began:.1f} s)", flush=True)
    print(f"  {'rule':36}{'threshold':>9}{'false':>8}{'found':>8}{'delay':>9}{'heard in':>9}")
    for target in (1.0, 0.25):
        for name, strengths in found.items():
            threshold = calibrated(made, strengths, target)
            print(told(name, threshold, judge(made, strengths, threshold)))
        print()
    for name, noughts in (("sensitive", 2.0), ("balanced", 3.0), ("strict", 4.0)):
        print(told(f"listen, {name}", noughts, judge(made, found["listen"], noughts)))
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crises", type=int, default=200)
    parser.add_argument("--topics", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2027)
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}; false alarms a topic and month, delays in minutes")
    for floods in (True, False):
        print("\nwith floods of single authors" if floods else "\nwithout floods")
        report(worlds(given.seed, given.topics, given.crises, floods))


if __name__ == "__main__":
    main()
