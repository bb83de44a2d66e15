"""A stream for an hour, played fast: is anything lost, does memory stay flat, how late is what is stored?

    python -m tests.bench.bench_streams [--minutes 60] [--rate 50] [--speed 20] [--cuts 2] [--shapes FILE]

A server of websockets plays frames in the shapes of Jetstream to a real collector (`listen collect`, a process of its
own with its children): posts, edits, deletions, frames that come twice, and frames that are no posts. It breaks the
connection off a few times and goes on from the cursor that it is asked for. Afterwards the store must hold exactly what
was said last. `--shapes` are recorded frames, one a line, whose posts lend their records; without them they are made.

Memory grows with the store until the writer's cache of SQLite's pages is full, and then no more, which the second half
shows: give it `--minutes 120`. `--cache` makes that cache smaller or larger, so that whatever else grows is seen.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from listen.store.sqlite import connect_reader

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "bluesky" / "jetstream_v1_first75.jsonl"
POSTS = "app.bsky.feed.post"
BRANDS = ("acme", "volta", "nimbus", "orbita")
WORDS = (
    "battery", "charger", "phone", "camera", "screen", "refund", "delivery", "support", "broken", "love", "awful",
    "works", "died", "returned", "update", "store", "again", "never", "today", "train", "coffee", "music", "garden",
)  # fmt: skip
SMALL_CACHE = """
import functools, listen.__main__ as it
from listen.store import sqlite
sqlite.connect_writer = functools.partial(sqlite.connect_writer, cache_mb={})
it.main()
"""
BURST = 0.05
"""Seconds between two looks of the server at what is due."""


@dataclass
class Hour:
    """Frames in the order in which they are said, and what has to be stored in the end."""

    moments: list[int] = field(default_factory=list)
    """Microseconds, one a frame, rising."""
    frames: list[str] = field(default_factory=list)
    left: dict[str, str | None] = field(default_factory=dict)
    """Address of a post -> its last text; None when it was deleted."""


def hour(count: int, rate: float, shapes: Path, seed: int = 7) -> Hour:
    """So many frames of one moment each, of which the last one is now."""
    rng, made = random.Random(seed), Hour()
    records = list(_records(shapes)) or [{"$type": POSTS, "langs": ["en"]}]
    living: list[tuple[str, str]] = []
    began = int((time.time() - count / rate) * 1_000_000)
    while len(made.frames) < count:
        us = began + int(len(made.frames) * 1_000_000 / rate)
        match rng.choices(("create", "update", "delete", "again", "other"), (80, 6, 8, 3, 3))[0]:
            case "create":
                name = (f"did:plc:{rng.randrange(5_000):024d}", f"3k{len(made.frames):011d}")
                living.append(name)
                _say(made, us, name, "create", _record(rng, records))
            case "update" if living:
                _say(made, us, living[-1 - rng.randrange(min(500, len(living)))], "update", _record(rng, records))
            case "delete" if living:
                _say(made, us, living.pop(-1 - rng.randrange(min(500, len(living)))), "delete", None)
            case "again" if made.frames:
                # As after a connection of the server's own: a run of frames once more, in their order.
                for frame in made.frames[-rng.randrange(1, 20) :]:
                    made.moments.append(us)
                    made.frames.append(frame)
            case _:
                _mark(made, us)
    _mark(made, began + int(len(made.frames) * 1_000_000 / rate))
    return made


def _mark(made: Hour, us: int) -> None:
    """Something of an account's that is no post."""
    made.moments.append(us)
    made.frames.append(json.dumps({"did": "did:plc:x", "time_us": us, "kind": "identity", "identity": {"seq": 1}}))


def _records(shapes: Path) -> Iterator[dict[str, Any]]:
    """The records of recorded posts."""
    for line in shapes.read_text("utf-8").splitlines() if shapes.is_file() else ():
        commit = json.loads(line).get("commit", {})
        if commit.get("collection") == POSTS and commit.get("operation") == "create":
            yield commit["record"]


def _record(rng: random.Random, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    words = rng.choices(WORDS, k=rng.randrange(6, 40))
    if rng.random() < 0.1:
        words.insert(rng.randrange(len(words)), rng.choice(BRANDS))
    kept = {key: value for key, value in rng.choice(records).items() if key not in ("facets", "embed", "createdAt")}
    return {**kept, "text": " ".join(words)}


def _say(made: Hour, us: int, name: tuple[str, str], operation: str, record: dict[str, Any] | None) -> None:
    did, key = name
    if record is not None:
        made_at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(us / 1_000_000))
        record = {**record, "createdAt": made_at}
    commit = {"rev": "1", "operation": operation, "collection": POSTS, "rkey": key}
    commit |= {"record": record, "cid": "bafy"} if record is not None else {}
    made.moments.append(us)
    made.frames.append(json.dumps({"did": did, "time_us": us, "kind": "commit", "commit": commit}))
    made.left[f"at://{did}/{POSTS}/{key}"] = None if record is None else record["text"]


class Player:
    """Plays the hour to whoever connects, from the cursor that is asked for."""

    def __init__(self, made: Hour, per_second: float, cuts: int) -> None:
        self.hour, self.per_second = made, per_second
        self.began = 0.0
        self.connections = 0
        self.sent = 0
        self._cuts = [round(len(made.frames) * (cut + 1) / (cuts + 1)) for cut in range(cuts)]

    def due(self) -> int:
        """Frames that have been said by now."""
        elapsed = time.monotonic() - self.began if self.began else 0.0
        return min(len(self.hour.frames), int(elapsed * self.per_second))

    async def play(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        asked = parse_qs(urlsplit(connection.request.path).query)
        self.connections += 1
        self.began = self.began or time.monotonic()
        at = bisect.bisect_left(self.hour.moments, int(asked["cursor"][0])) if "cursor" in asked else 0
        with contextlib.suppress(ConnectionClosed):
            while connection.state is State.OPEN:
                for frame in self.hour.frames[at : self.due()]:
                    await connection.send(frame)
                    self.sent, at = self.sent + 1, at + 1
                    if self._cuts and at >= self._cuts[0]:
                        del self._cuts[0]
                        connection.transport.abort()
                        return
                await asyncio.sleep(BURST)


@dataclass
class Watched:
    """What was seen each second."""

    behind: list[int] = field(default_factory=list)
    """Frames said and not stored."""
    memory: list[int] = field(default_factory=list)
    """Resident bytes of the collector."""
    children: list[int] = field(default_factory=list)
    """The same of its children together."""


async def watch(player: Player, collector: asyncio.subprocess.Process, store: Path) -> Watched:
    """Look once a second until all is stored. Raises RuntimeError when the collector ends, or stops storing."""
    seen, last, since = Watched(), -1, time.monotonic()
    while True:
        await asyncio.sleep(1.0)
        if collector.returncode is not None:
            raise RuntimeError(f"the collector has ended with {collector.returncode}")
        at = await asyncio.to_thread(_stored_up_to, store)
        done = bisect.bisect_right(player.hour.moments, at)
        seen.behind.append(max(0, player.due() - done))
        own, children = _memory(collector.pid)
        seen.memory.append(own)
        seen.children.append(children)
        if done >= len(player.hour.frames):
            return seen
        if at != last:
            last, since = at, time.monotonic()
        elif time.monotonic() - since > 60 and player.began:
            raise RuntimeError(f"nothing has been stored for a minute, after {done:,} frames")


def _stored_up_to(store: Path) -> int:
    if not store.is_file():
        return 0
    with contextlib.closing(connect_reader(store)) as connection:
        row = connection.execute("SELECT json_extract(cursor, '$.us') FROM channels").fetchone()
    return int(row[0] or 0) if row else 0


def _memory(pid: int) -> tuple[int, int]:
    """Resident bytes of a process, and of its children together."""

    def resident(one: str) -> int:
        try:
            return int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            return 0

    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text().split()]
    return resident(str(pid)), sum(map(resident, children))


def lost(made: Hour, store: Path) -> list[str]:
    """What the store holds otherwise than was said; nothing, when all is well."""
    with contextlib.closing(connect_reader(store)) as connection:
        found = {row[0]: row[1:] for row in connection.execute("SELECT external_id, text, state FROM mentions")}
        refused = connection.execute("SELECT reason, sum(seen) FROM rejects GROUP BY 1").fetchall()
    wrong = [f"set aside: {reason} ×{count}" for reason, count in refused]
    for name, text in made.left.items():
        stored, state = found.pop(name, (None, 2))
        if text is None and state != 2:
            wrong.append(f"{name} was deleted and is there")
        elif text is not None and (stored != text or state == 2):
            wrong.append(f"{name} should say {text[:40]!r} and says {str(stored)[:40]!r}, state {state}")
    return wrong + [f"{name} was never said" for name in found]


def by_tenths(memory: Sequence[int]) -> list[int]:
    """What was held at the beginning, at each tenth and at the end: eleven numbers."""
    return [memory[(len(memory) - 1) * part // 10] for part in range(11)]


def _configuration(port: int) -> str:
    topics = "".join(f'[topics.{brand}]\nquery = "{brand} (battery OR charger OR broken)"\n' for brand in BRANDS)
    return (
        f'{topics}[sources.firehose]\nadapter = "bluesky"\nstream = true\njetstream = ["ws://127.0.0.1:{port}"]\n'
        'allow_private = ["127.0.0.1"]\n'
    )


async def soak(
    count: int, rate: float, speed: float, cuts: int, shapes: Path, folder: Path, cache: int = 0
) -> tuple[Player, Watched]:
    """Play to a collector that stores into `folder`, its writer's cache of so many MB. Raises RuntimeError."""
    player = Player(hour(count, rate, shapes), rate * speed, cuts)
    store, file = folder / "listen.db", folder / "config.toml"
    async with serve(player.play, "127.0.0.1", 0, ping_interval=None, compression=None) as server:
        file.write_text(_configuration(server.sockets[0].getsockname()[1]))
        program = SMALL_CACHE.format(cache) if cache else "import listen.__main__ as it; it.main()"
        command = [sys.executable, "-c", program, "collect", "--db", str(store), "--config", str(file)]
        with (folder / "log").open("wb") as log:
            collector = await asyncio.create_subprocess_exec(*command, stderr=log)
            try:
                return player, await watch(player, collector, store)
            finally:
                collector.send_signal(signal.SIGTERM)
                await collector.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="of the stream's own time")
    parser.add_argument("--rate", type=float, default=50.0, help="frames a second of the stream's own time")
    parser.add_argument("--speed", type=float, default=20.0, help="times as fast")
    parser.add_argument("--cuts", type=int, default=2, help="connections that break off")
    parser.add_argument("--shapes", type=Path, default=RECORDED)
    parser.add_argument("--cache", type=int, default=0, help="MB of the writer's cache, instead of its own")
    options = parser.parse_args()
    count = int(options.minutes * 60 * options.rate)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = time.monotonic()
        play = soak(count, options.rate, options.speed, options.cuts, options.shapes, folder, options.cache)
        player, seen = asyncio.run(play)
        spent = time.monotonic() - begun
        wrong = lost(player.hour, folder / "listen.db")
        size = (folder / "listen.db").stat().st_size
    per_second = options.rate * options.speed
    late = sorted(frames / per_second for frames in seen.behind)
    tenths = [memory / 1e6 for memory in by_tenths(seen.memory)]
    print(
        f"{len(player.hour.frames):,} frames at {per_second:,.0f} a second in {spent:.0f} s, {player.sent:,} sent over"
    )
    print(f"  {player.connections} connections; {len(player.hour.left):,} posts, of which", end=" ")
    print(f"{sum(text is None for text in player.hour.left.values()):,} were deleted")
    print(f"lag      p50 {late[len(late) // 2]:.2f} s, p95 {late[int(len(late) * 0.95)]:.2f} s, most {late[-1]:.2f} s")
    print(f"memory   {' '.join(f'{megabytes:.0f}' for megabytes in tenths)} MB by tenths of the time,", end=" ")
    print(f"{tenths[-1] - tenths[5]:+.1f} MB in the second half")
    print(f"         children together at most {max(seen.children) / 1e6:.0f} MB; the store is {size / 1e6:.0f} MB")
    print(f"lost     {len(wrong)}")
    for words in wrong[:10]:
        print(f"  {words}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
