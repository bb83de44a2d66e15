"""The workshop with real children: whatever a job does to its child, the collector gets an answer with a reason."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from listen.collect import process, wire
from listen.collect.process import WorkshopError
from listen.collect.wire import Place
from listen.collect.workshop import BATCH, Bounds, Workshop, batches
from listen.model import Prepared, Tracked
from sources.base import Answer, Channel, Page, Post, Reject, SourceError

HERE = Path(__file__).parent
BOUNDS = Bounds(cpu=1, wall=30.0, single_cpu=1, single_wall=30.0)
QUICK = Bounds(cpu=20, wall=1.5, single_cpu=20, single_wall=0.5)
PLACE = Place("press", "feed")
NOW = 1_795_000_000.0


def hostile(bounds: Bounds = BOUNDS, size: int = 1) -> Workshop:
    return Workshop(size, bounds, (str(HERE / "hostile_child.py"),))


@pytest.fixture
async def shop() -> AsyncIterator[Workshop]:
    async with hostile() as workshop:
        yield workshop


async def parse(workshop: Workshop, key: str) -> Page:
    answer = Answer("http://x.test/", 200, {}, b"<rss/>")
    return await workshop.parse("hostile", Channel(key, key), {}, answer, NOW)


async def refusal(workshop: Workshop, key: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await parse(workshop, key)
    return caught.value


def post(number: int, text: str = "We like the Acme battery") -> Post:
    return Post(network="t", external_id=str(number), text=text)


async def test_a_page_comes_back_whole(shop: Workshop) -> None:
    page = await parse(shop, "good")
    assert page == Page([post(1, "good")], {"after": 5}, True, [Reject("no-identity: x", "y")], 60.0)


@pytest.mark.parametrize(
    ("key", "reason", "words"),
    [
        ("segfault", "parse-crash", "SIGSEGV"),
        ("burn", "limit:cpu", "SIGXCPU"),
        ("eat", "limit:memory", "memory"),
        ("exit", "parse-crash", "SystemExit"),
        ("os-exit", "parse-crash", "code 0"),
        ("recurse", "parse-crash", "RecursionError"),
        ("network", "parse-crash", "neither connects nor starts"),
        ("program", "parse-crash", "neither connects nor starts"),
        ("raise", "parse-crash", "ValueError: xxx"),
        ("huge", "limit:result", "may travel"),
        ("refuse", "not-a-feed", "web page \ufffd"),
    ],
)
async def test_what_kills_a_job_is_named_and_the_next_job_works(
    shop: Workshop, key: str, reason: str, words: str
) -> None:
    error = await refusal(shop, key)
    assert error.reason == reason
    assert words in error.message
    assert len(error.message) < 600
    assert (await parse(shop, "good")).posts


async def test_a_hanging_child_is_killed_by_the_clock_on_the_wall() -> None:
    async with hostile(QUICK) as shop:
        await parse(shop, "good")
        assert (await refusal(shop, "hang")).reason == "timeout"
        assert (await parse(shop, "good")).posts


@pytest.mark.parametrize("key", ["print", "write", "interrupt"])
async def test_what_a_library_prints_or_a_terminal_signals_does_not_reach_the_answer(shop: Workshop, key: str) -> None:
    assert (await parse(shop, key)).posts == [post(1, "good")]


async def test_the_cpu_limit_is_armed_anew_for_each_job() -> None:
    async with hostile(Bounds(cpu=2)) as shop:
        first = (await parse(shop, "pid")).posts
        for _ in range(12):
            page = await parse(shop, "many")
            await shop.prepare([post(n, "battery " * 2_000) for n in range(100)], PLACE, NOW)
        assert len(page.posts) == 2_000
        assert (await parse(shop, "pid")).posts == first


async def test_values_of_the_wrong_kind_are_rejects_beside_good_posts(shop: Workshop) -> None:
    page = await parse(shop, "values")
    assert [(found.external_id, found.text) for found in page.posts] == [("1", "cut emoji \ufffd"), ("6", "good")]
    assert len(page.rejects) == 4
    assert all(reject.reason.startswith("bad-value") for reject in page.rejects)
    assert page.cursor == {"mark\ufffd": "x\ufffd"}
    assert page.title == "t\ufffd"


async def test_more_entries_than_are_taken_are_counted(shop: Workshop) -> None:
    page = await parse(shop, "many")
    assert len(page.posts) == 2_000
    assert [reject.reason for reject in page.rejects] == [
        "limit:entries: 500 more than the 2000 that are taken from one answer"
    ]


async def test_a_long_text_travels_cut_and_without_markup(shop: Workshop) -> None:
    (long,) = (await parse(shop, "long")).posts
    assert long.markup == "plain"
    assert long.text.startswith("x x x")
    assert long.truncated
    (kept,) = await shop.prepare([long], PLACE, NOW)
    assert isinstance(kept, Prepared)
    assert kept.truncated
    assert 65_000 < len(kept.text) <= 65_536


async def test_children_know_no_secret_and_no_more_than_they_need(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "canary")
    (told,) = (await parse(shop, "environment")).posts
    assert "canary" not in told.text
    assert set(process.environment()) <= {"PATH", "LC_ALL", "PYTHONPATH"}


@pytest.mark.parametrize("act", ["segfault", "burn", "eat", "exit", "os-exit", "recurse"])
async def test_one_culprit_in_a_batch_spares_the_other_99(shop: Workshop, act: str) -> None:
    outcomes = await shop.prepare([post(n, act if n == 42 else "fine") for n in range(100)], PLACE, NOW)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Reject)] == [42]
    assert [o.external_id for o in outcomes if isinstance(o, Prepared)] == [str(n) for n in range(100) if n != 42]
    culprit = outcomes[42]
    assert isinstance(culprit, Reject)
    assert culprit.reason.split(":")[0] in ("parse-crash", "limit")
    assert "42" in culprit.sample


async def test_a_page_full_of_hanging_posts_costs_a_bounded_time() -> None:
    async with hostile(Bounds(cpu=20, wall=1.0, single_cpu=20, single_wall=0.3, replay=0.5)) as shop:
        outcomes = await shop.prepare([post(n, "hang") for n in range(50)], PLACE, NOW)
    reasons = [outcome.reason.partition(": ")[0] for outcome in outcomes if isinstance(outcome, Reject)]
    assert len(reasons) == 50
    assert 1 <= reasons.count("timeout") <= 3
    assert reasons.count("limit:source-time") == 50 - reasons.count("timeout")


async def test_topics_are_matched_and_learned_anew(shop: Workshop) -> None:
    shop.set_topics({7: Tracked("acme battery"), 8: Tracked("source:press"), 9: Tracked("source:forum")})
    (first,) = await shop.prepare([post(1)], PLACE, NOW)
    shop.set_topics({11: Tracked("acme")})
    (second,) = await shop.prepare([post(1)], PLACE, NOW)
    assert isinstance(first, Prepared)
    assert isinstance(second, Prepared)
    assert set(first.topics) == {7, 8}
    assert set(second.topics) == {11}


async def test_children_leave_after_their_share_of_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "short_lived.py"
    program.write_text(
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "import hostile_child, sources\nfrom listen.collect import child\n"
        "sources.BUILT_IN = {'hostile': 'hostile_child:Hostile'}\nchild.JOBS = 3\nchild.main()\n"
    )
    async with Workshop(1, BOUNDS, (str(program),)) as shop:
        pids = [(await parse(shop, "pid")).posts[0].text for _ in range(7)]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
        assert shop.deaths == 0


async def test_a_child_that_died_idle_is_no_jobs_fault(shop: Workshop) -> None:
    pid = int((await parse(shop, "pid")).posts[0].text)
    os.kill(pid, signal.SIGKILL)
    await _gone(pid)
    assert (await parse(shop, "good")).posts


async def test_a_cancelled_job_leaves_no_child_behind() -> None:
    shop = hostile(QUICK)
    pid = int((await parse(shop, "pid")).posts[0].text)
    job = asyncio.create_task(parse(shop, "hang"))
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await shop.close()
    await _gone(pid)


async def test_children_end_when_their_collector_is_killed() -> None:
    code = (
        "import asyncio, os\nfrom tests.collect.test_workshop import hostile, parse\n"
        "async def main():\n shop = hostile()\n"
        " print((await parse(shop, 'pid')).posts[0].text, flush=True)\n os.kill(os.getpid(), 9)\nasyncio.run(main())"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=subprocess.PIPE, cwd=HERE.parents[1]
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    await parent.wait()
    await _gone(pid)


async def test_a_child_that_cannot_start_is_not_blamed_on_a_source(tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text("raise ImportError('no such library')")
    async with Workshop(1, BOUNDS, (str(program),)) as shop:
        with pytest.raises(WorkshopError, match="no such library"):
            await parse(shop, "good")


async def test_a_child_that_answers_nonsense_is_disbelieved(tmp_path: Path) -> None:
    program = tmp_path / "liar.py"
    program.write_text(
        "import sys\nfrom listen.collect import wire\nout = sys.stdout.buffer\n"
        "out.write(wire.frame(wire.Ready())); out.flush()\nsys.stdin.buffer.read(4)\n"
        "out.write(wire.LENGTH.pack(5) + b'cos\\nx'); out.flush()\nsys.stdin.buffer.read()\n"
    )
    async with Workshop(1, BOUNDS, (str(program),)) as shop:
        assert (await refusal(shop, "good")).reason == "parse-crash"


async def test_an_answer_longer_than_agreed_is_not_read(tmp_path: Path) -> None:
    program = tmp_path / "endless.py"
    program.write_text(
        "import sys\nfrom listen.collect import wire\nout = sys.stdout.buffer\n"
        "out.write(wire.frame(wire.Ready())); out.flush()\nsys.stdin.buffer.read(4)\n"
        "out.write(wire.LENGTH.pack(2**32 - 1) + b'x' * (8 << 20)); out.flush()\nsys.stdin.buffer.read()\n"
    )
    before = _descriptors()
    async with Workshop(1, BOUNDS, (str(program),)) as shop:
        assert (await refusal(shop, "good")).reason == "limit:result"
    assert _descriptors() <= before


async def test_children_leave_no_descriptors_behind() -> None:
    async with hostile(Bounds(cpu=20, wall=5.0)) as shop:
        await parse(shop, "good")
        before = _descriptors()
        for key in ("segfault", "huge", "os-exit", "raise"):
            await refusal(shop, key)
        await parse(shop, "good")
    assert _descriptors() <= before


def _descriptors() -> int:
    listed = Path("/dev/fd")
    return len(list(listed.iterdir())) if listed.exists() else 0


async def test_two_children_work_at_the_same_time() -> None:
    async with hostile(BOUNDS, size=2) as shop:
        hog = asyncio.create_task(refusal(shop, "burn"))
        pids = {(await parse(shop, "pid")).posts[0].text for _ in range(5)}
        assert not hog.done()
        assert len(pids) == 1
        assert (await hog).reason == "limit:cpu"


def test_batches_are_bounded_in_posts_and_characters() -> None:
    posts = [post(n, "x" * (400_000 if n % 10 == 0 else 10)) for n in range(250)]
    runs = list(batches(posts))
    assert [p for run in runs for p in run] == posts
    assert all(1 <= len(run) <= BATCH for run in runs)
    assert all(len(run) == 1 or sum(len(p.text) for p in run) <= 1 << 20 for run in runs)
    assert list(batches([])) == []
    assert wire.RESULT_LIMIT > 20 << 20


async def _gone(pid: int) -> None:
    """Wait until no such process works any more."""
    async with asyncio.timeout(20):
        while _alive(pid):  # noqa: ASYNC110 - nothing tells of another process's end
            await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
