"""What replaying a rule over 90 days takes, and reading the past of 200 rules, as the collector does when it starts.

    python -m tests.bench.world STORE --rows 10000000        (once, hours)
    python -m tests.bench.bench_replay STORE [--cold]

The best of three runs, beside the bare statement that reads the ids of the loudest topic. `--cold` asks the system to
forget the file before each first run, which is printed by itself.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

from listen.alerts import past
from listen.alerts.replay import Replayed, replay
from listen.alerts.rules import Rule
from listen.model import first_id, id_time
from listen.store.read import Reader
from tests.bench.bench_alerts import rules

DAYS, TIMES = 90, 3

LOUDEST = "SELECT t.id, t.name FROM topics AS t ORDER BY (SELECT sum(n) FROM daily_topic WHERE topic_id = t.id) DESC"


def asked(topic: str) -> dict[str, Rule]:
    floors = {"mentions": 5, "authors": 3, "stories": 2, "coverage": 0.8, "resolve_after": 1_800.0, "cooldown": 3_600.0}
    return {
        "spike of the loudest topic": Rule("r", "spike", f"topic:{topic}", **floors),  # type: ignore[arg-type]
        "count of its negative ones": Rule("r", "count", f"topic:{topic} sentiment:neg", at_least=50, authors=3),
        "spike of words by topic": Rule("r", "spike", "battery sentiment:neg", per=("topic",), **floors),  # type: ignore[arg-type]
        "spike of everything": Rule("r", "spike", "", **floors),  # type: ignore[arg-type]
        "spike of everything by topic": Rule("r", "spike", "", per=("topic",), **floors),  # type: ignore[arg-type]
    }


def best(work: Callable[[], object], path: Path, cold: bool) -> tuple[float, float, object]:
    """(seconds of the best run, of the first one, what it gave)."""
    took, found = [], None
    for turn in range(TIMES):
        if cold and not turn:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        began = time.perf_counter()
        found = work()
        took.append(time.perf_counter() - began)
    return min(took), took[0], found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--cold", action="store_true")
    given = parser.parse_args()
    with Reader(given.store) as reader:
        with reader.snapshot() as connection:
            until = id_time(connection.execute("SELECT max(id) FROM mentions").fetchone()[0])
            number, topic = connection.execute(LOUDEST).fetchone()
            (place,) = connection.execute("SELECT ifnull(max(seq), 0) FROM arrivals").fetchone()
        since = until - DAYS * 86_400

        def bare() -> int:
            with reader.snapshot() as connection:
                sql = "SELECT mention_id FROM matches WHERE topic_id = ? AND mention_id >= ?"
                return len(connection.execute(sql, (number, first_id(since - 8 * 604_800))).fetchall())

        floor, _, n = best(bare, given.store, given.cold)
        print(f"{'what':32}{'best':>8}{'first':>8}{'ratio':>8}  load")
        print(f"{'(bare: ids of the topic)':32}{floor:8.2f}{'':16}  {n:,} mentions")
        for name, rule in asked(topic).items():
            quick, first, found = best(lambda rule=rule: replay(reader, rule, since, until), given.store, given.cold)  # type: ignore[misc]
            assert isinstance(found, Replayed)
            told = f"{found.mentions:,} mentions, {len(found.firings)} firings"
            print(
                f"{name:32}{quick:8.2f}{first:8.2f}{quick / floor:8.1f}  {os.getloadavg()[0]:.1f}  {told}", flush=True
            )

        def begin() -> None:
            lately: dict[float, past.Recent] = {}
            for rule in rules(200):
                if rule.window not in lately:
                    lately[rule.window] = past.recent(reader, until - rule.window)
                past.of_rule(reader, rule, place, until, lately[rule.window])

        quick, first, _ = best(begin, given.store, given.cold)
        print(f"{'the past of 200 rules':32}{quick:8.2f}{first:8.2f}{quick / floor:8.1f}  {os.getloadavg()[0]:.1f}")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB at most")


if __name__ == "__main__":
    main()
