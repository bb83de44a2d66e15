"""One of many processes on a store: a collector's writer, or a console whose person is very quick."""

from __future__ import annotations

import json
import queue
import random
import select
import sys
import time
from pathlib import Path
from typing import Any

from listen.clock import SystemClock
from listen.console import pages
from listen.console.answers import Acted, Arrived, Failed, Ids
from listen.console.desk import Desk
from listen.console.view import View
from listen.store.retention import Rule
from listen.store.sqlite import connect_writer
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import make_post

BATCH = 500
DAY = 86_400
TURN = 0.1
"""Seconds between two batches, as a collector takes to prepare the next one."""

STATUSES = ("done", "dismissed", "answered", "new")
NAMES = ("ana", "bob", "chloe")


def collect(store: str, batches: int) -> dict[str, Any]:
    """Write batch after batch until standard input ends, `batches` of them at most.

    The first one is old, and retention takes it away again, step by step between the others.
    """
    clock = SystemClock()
    writer = Writer(connect_writer(store), clock)
    writer.claim("collector")
    sources = writer.sync_sources([("press", "feed", {})])
    (channel,) = writer.sync_channels(sources["press"], [("main", "press")]).values()
    topics = writer.sync_topics([("acme", "acme", "brand")])
    writer.sync_retention([Rule("old", "acme", 90 * DAY)])
    rng, written, longest, log = random.Random(7), 0, 0, Path(f"{store}-wal")
    for batch in range(batches):
        if batch == 2:
            print("ready", flush=True)
        if batch > 1 and select.select([sys.stdin], [], [], TURN)[0]:
            break
        now = int(clock.now())
        posts = [
            make_post(
                f"{batch}-{one}", f"acme battery number {one} {rng.random()}", network="press", score=-100, hits=1,
                published_at=now - rng.randrange(3600) - (0 if batch else 100 * DAY), topics={topics["acme"]: -100},
            )
            for one in range(BATCH)
        ]  # fmt: skip
        writer.add(channel.id, posts, seen_at=now)
        if batch:
            writer.idle()
        writer.checkpoint()
        written, longest = written + BATCH, max(longest, log.stat().st_size)
    while writer.idle():
        pass
    writer.connection.close()
    return {"written": written, "old": BATCH, "wal": longest}


class Console:
    """A console without a screen: its threads, and a person who acts as soon as they are answered."""

    def __init__(self, store: str, who: str) -> None:
        self.answers: queue.Queue[object] = queue.Queue()
        self.clock = SystemClock()
        self.desk = Desk(Path(store), who=who, clock=self.clock)
        self.view = View.of(1, "")
        self.rng = random.Random(who)
        self.ids: list[int] = []
        self.told: dict[str, Any] = {"errors": [], "failed": [], "steps": 0, "undone": 0, "arrived": 0, "took": []}
        self.desk.begin(self.view)
        self.desk.mail.open(self.answers.put)

    def until(self, kind: type) -> Any:
        """Hear answers up to one of a kind."""
        while True:
            answer = self.answers.get(timeout=60)
            match answer:
                case Ids():
                    self.ids = list(answer.ids)
                    self.desk.watch.start(answer.arrivals or 0)
                case Arrived():
                    self.told["arrived"] += len(answer.ids)
                case Failed():
                    self.told["failed"].append(answer.sentence)
            if isinstance(answer, kind):
                return answer

    def act(self, number: int) -> None:
        """One action on what is newest, where the others act, too; every tenth on many."""
        if number % 5 == 0:
            self.desk.pages.ask("page", pages.first(self.view, self.clock.now()))
            self.until(Ids)
            self.desk.stand(self.ids[0])
        some = tuple(self.rng.sample(self.ids[:60], 40 if number % 10 == 0 else 1))
        verb, status, person = self.rng.choice("sssstau"), self.rng.choice(STATUSES), self.rng.choice(NAMES)
        begun = time.monotonic()
        match verb:
            case "s":
                self.desk.hands.do(status, some, lambda triage: triage.set_status(some, status))  # type: ignore[union-attr]
            case "t":
                self.desk.hands.do("tag", some, lambda triage: triage.tag(some, "vip"))  # type: ignore[union-attr]
            case "a":
                self.desk.hands.do("give", some, lambda triage: triage.assign(some, person))  # type: ignore[union-attr]
            case "u":
                self.desk.hands.do("undo", (), Triage.undo)  # type: ignore[union-attr]
        acted = self.until(Acted)
        self.told["took"].append(round(1000 * (time.monotonic() - begun), 1))
        if acted.error is not None:
            self.told["errors"].append(acted.error)
        elif verb == "u":
            self.told["undone"] += bool(acted.text)
        else:
            self.told["steps"] += bool(acted.changed)


def triage(store: str, who: str, actions: int) -> dict[str, Any]:
    """Act so often, one after another."""
    console = Console(store, who)
    console.until(Ids)
    print("ready", flush=True)
    for number in range(actions):
        console.act(number)
    console.desk.close()
    while not console.answers.empty():
        if isinstance(answer := console.answers.get(), Arrived):
            console.told["arrived"] += len(answer.ids)
    return console.told


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["collect", store, batches]:
            found = collect(store, int(batches))
        case ["triage", store, who, actions]:
            found = triage(store, who, int(actions))
    print(json.dumps(found), flush=True)
