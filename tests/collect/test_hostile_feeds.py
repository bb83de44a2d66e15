"""Recorded hostile feeds and a hostile server, through the whole collector: it lives, says why, and stores the good."""

from __future__ import annotations

import dataclasses
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.collect.prepare import AHEAD, OLDEST, Topics, prepare
from listen.collect.wire import Place
from listen.store import audit
from listen.text import TEXT_LIMIT
from sources.base import Post
from tests.collect.collecting import collecting, config, item, rows, rss, source
from tests.collect.server import Reply, Server

GROWTH = 150 << 20
"""Bytes by which the collector may grow while it is under attack."""

BAD_PATHS = (
    "gzip300", "br300", "endless", "drip", "driphead", "silent", "loop", "tofile", "toprivate", "short", "trunc_gzip",
    "429", "500", "304", "empty", "garbage", "401", "ndjson_endless",
)  # fmt: skip

HEALTH = (
    "SELECT s.name, c.mentions, c.errors, c.error_reason, c.error, c.error_remedy FROM channels c "
    "JOIN sources s ON s.id = c.source_id"
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "listen.db"


@pytest.fixture(scope="session")
def inputs(shared: Path) -> Path:
    return shared / "fixtures" / "hostile" / "inputs"


@pytest.fixture(scope="session")
def big(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("big")
    subprocess.run([sys.executable, str(inputs / "gen_dev.py"), "--big", str(folder)], check=True)
    return folder


@pytest.fixture
def hostile_server(shared: Path) -> Iterator[str]:
    script = shared / "fixtures" / "hostile" / "harness" / "hostile_server.py"
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["base"]
        server.kill()


def resident() -> int:
    """Bytes of memory in use now, or the most ever used where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def test_every_hostile_feed_is_read_or_refused_within_its_limits(
    store: Path, server: Server, inputs: Path, big: Path
) -> None:
    files = _feeds(inputs / "feeds") + _feeds(big)
    server.on("/good", Reply(body=rss(item(1), item(2))))
    sources = [source("good", server.url("/good"))]
    for file in files:
        server.on(f"/{file.stem}", Reply(body=file.read_bytes()))
        sources.append(source(file.stem, server.url(f"/{file.stem}")))
        entities = {"urls": [server.url(f"/{file.stem}?entities")], "allow_doctype": True}
        sources.append(source(f"{file.stem}-entities", settings=entities))
    asked = config(store, *sources, workers=2)
    asked = dataclasses.replace(asked, limits=dataclasses.replace(asked.limits, cpu=2.0))
    before = resident()
    async with collecting(asked) as run:
        names = {each.name for each in sources}
        await run.until(lambda: {e.source for e in run.events if e.kind in ("page", "error")} >= names, 120)
    assert resident() - before < GROWTH
    health = {name: row for name, *row in rows(store, HEALTH)}
    assert health["good"] == [2, 0, None, None, None]
    for name, (mentions, errors, reason, message, _) in health.items():
        assert mentions or (errors == 1 and reason and message), name
    assert health["author_50k"][2] in ("limit:cpu", "timeout")
    assert health["billion_laughs"][2] == health["xxe_file"][2] == health["under_threshold"][2] == "doctype"
    assert health["unicode_escape"][2] == "encoding"
    assert health["surrogate_charref"][0] == 2
    assert health["50k_entries"][0] == 2_000
    assert rows(store, "SELECT count(*) FROM rejects WHERE reason = 'limit:entries'") == [(2,)]
    assert rows(store, "SELECT count(*) FROM rejects WHERE reason IN ('limit:cpu', 'timeout')")[0][0] >= 1
    _check_texts(store, time.time())
    assert list(audit.problems(store, deep=True)) == []


def _feeds(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.xml"))


def _check_texts(store: Path, now: float) -> None:
    long = rows(store, "SELECT max(length(text)), max(length(title)), max(flags & 1) FROM mentions")
    assert long[0][0] <= TEXT_LIMIT
    assert long[0][1] <= 500
    assert long[0][2] == 1
    assert rows(store, "SELECT count(*) FROM mentions WHERE text LIKE '%root:%' OR title LIKE '%root:%'") == [(0,)]
    dated = [at for (at,) in rows(store, "SELECT published_at FROM mentions WHERE published_at IS NOT NULL")]
    assert all(OLDEST <= at <= now + AHEAD for at in dated)
    undated = rows(
        store,
        "SELECT min((m.id >> 12) + 946684800 - m.seen_at), max((m.id >> 12) + 946684800 - m.seen_at) FROM mentions m "
        "JOIN channels c ON c.id = m.channel_id JOIN sources s ON s.id = c.source_id "
        "WHERE published_at IS NULL AND s.name = 'dates'",
    )
    assert undated == [(0, 0)]


async def test_every_hostile_answer_is_an_error_with_a_reason_and_the_good_feed_is_read(
    store: Path, hostile_server: str
) -> None:
    sources = [source(path, f"{hostile_server}/{path}") for path in BAD_PATHS]
    good = [source("good", f"{hostile_server}/good.xml"), source("flap", f"{hostile_server}/flap")]
    asked = config(store, *good, *sources)
    asked = dataclasses.replace(asked, limits=dataclasses.replace(asked.limits, total=6.0))
    before = resident()
    # A host that asks for a pause pauses all its channels, so that one is asked when the others have been.
    later = [path for path in BAD_PATHS if path != "429"]
    first = dataclasses.replace(asked, sources={name: each for name, each in asked.sources.items() if name != "429"})
    async with collecting(first) as run:
        await run.until(lambda: {e.source for e in run.events if e.kind in ("page", "error")} >= {*later, "good"}, 120)
    async with collecting(asked) as run:
        await run.until(lambda: run.of("error", "429"))
    assert resident() - before < GROWTH
    health = {name: row for name, *row in rows(store, HEALTH)}
    for path in BAD_PATHS:
        mentions, errors, reason, message, remedy = health[path]
        assert not mentions, path
        assert errors == 1, path
        assert reason, path
        assert message, path
        assert remedy, path
        assert "\x1b" not in message, path
    assert health["good"][0] == 5
    assert health["br300"][2] == "limit:decoded-bytes"
    assert rows(store, "SELECT max(next_at - error_at) FROM channels WHERE label LIKE '%/429'")[0][0] >= 120


@pytest.mark.parametrize("name", ["emoji_20k.ndjson", "100k_newlines.ndjson"])
def test_texts_that_cost_a_scorer_minutes_are_prepared_in_part(big: Path, name: str) -> None:
    told = json.loads((big / name).read_text())
    post = Post(network="t", external_id=told["id"], title=told["title"], text=told["text"], lang="en")
    made = prepare(post, Topics({}), Place("a", "b"), 1_795_000_000.0)
    assert len(made.text) <= TEXT_LIMIT
    assert made.unscored is None
