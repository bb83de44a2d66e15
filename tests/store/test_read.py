"""Reading: pages, budgets, interruption, threads, records."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from listen import query
from listen.clock import SystemClock
from listen.model import Author, first_id
from listen.query import match, tree
from listen.store import question, read, records
from listen.store.read import Reader
from listen.store.search import FOREVER
from listen.store.sqlite import StoreError
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, make_post

ALL = tree.All()


def ids(reader: Reader, written: str, limit: int = 1000) -> list[int]:
    return reader.page(query.parse(written), limit=limit, budget=None, now=NOW).ids


# --- pages -----------------------------------------------------------------------------------------------------------


def test_pages_go_back_and_forth(reader: Reader) -> None:
    whole = ids(reader, "")
    assert len(whole) == 40
    assert whole == sorted(whole, reverse=True)
    first = reader.page(ALL, limit=15, now=NOW)
    assert first == (whole[:15], whole[14], True)
    second = reader.page(ALL, before=first.back_to, limit=15, now=NOW)
    assert second.ids == whole[15:30]
    assert reader.page(ALL, after=second.ids[0], limit=4, now=NOW).ids == whole[11:15]
    assert reader.page(ALL, after=second.ids[0], limit=99, now=NOW).ids == whole[:15]
    assert reader.page(ALL, after=whole[20], before=whole[10], limit=99, now=NOW).ids == whole[11:20]
    assert reader.page(ALL, after=whole[0], now=NOW).ids == []
    assert reader.page(ALL, before=whole[-1], now=NOW) == ([], 0, True)


def test_the_second_mention_of_id_0_can_be_reached(desk: Desk, store_path: Path) -> None:
    desk.add([make_post("old", published_at=0), make_post("older", published_at=1)])
    with Reader(store_path) as reader:
        assert ids(reader, "") == [1, 0]
        assert reader.page(ALL, after=0, now=NOW).ids == [1]
        assert reader.page(ALL, after=-1, now=NOW).ids == [1, 0]


def test_an_empty_store_answers(store_path: Path) -> None:
    with Reader(store_path) as reader:
        assert ids(reader, "") == ids(reader, "battery OR likes:>3") == []
        assert reader.count(ALL, now=NOW) == (0, True)
        assert (reader.rows([]), reader.mentions([]), reader.mention(5), reader.newest()) == ([], [], None, None)
        assert (reader.topics(now=NOW), reader.channels(), reader.sources(), reader.rejects()) == ([], [], [], [])
        assert (reader.arrivals(None), reader.arrivals(0)) == ((0, []), (0, []))
        assert (reader.collector(), reader.state("epoch"), reader.said_before(1)) == (None, None, (0, False, {}))


def test_counts_stop_at_the_cap(reader: Reader) -> None:
    assert reader.count(ALL, now=NOW) == (40, True)
    assert reader.count(ALL, cap=40, now=NOW) == (40, True)
    assert reader.count(ALL, cap=39, now=NOW) == (39, False)
    assert reader.count(query.parse("phone"), cap=None, budget=None, now=NOW) == (10, True)


def test_what_changes_between_two_questions_counts_in_the_second(reader: Reader, world: Desk) -> None:
    (mention,) = world.add([make_post("x", "Orange", edited_at=None)]).new_ids
    assert ids(reader, "{Orange}") == [mention]
    world.add([make_post("x", "orange", edited_at=NOW)])
    assert ids(reader, "{Orange}") == []
    assert ids(reader, "{orange}") == [mention]


def test_since_counts_from_the_given_now(reader: Reader) -> None:
    node = query.parse("since:2h")
    assert len(reader.page(node, now=NOW).ids) == 3
    assert len(reader.page(node, now=NOW - 3600).ids) == 4


# --- budgets and interruption ----------------------------------------------------------------------------------------


def slowed(monkeypatch: pytest.MonkeyPatch, at: Callable[[int], None]) -> None:
    """Each test of a row's text calls `at` with how many there were: a query that takes as long as the test likes."""
    count = itertools.count(1)

    def compiled(node: tree.Node, now: float) -> match.Predicate:
        whole = compile_whole(node, now)

        def asked(subject: match.Subject) -> bool:
            at(next(count))
            return whole(subject)

        return asked

    compile_whole = match.compile
    monkeypatch.setattr(match, "compile", compiled)


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the reader takes for the time; the last entry is now."""
    times = [0.0]
    monkeypatch.setattr(question.time, "monotonic", lambda: times[-1])
    return times


@pytest.mark.parametrize(
    "written",
    ["{battery}", "{battery} OR likes:>3", "-{phone}", "te?t OR {battery} OR rating:3"],
)
@pytest.mark.parametrize("upwards", [False, True])
@pytest.mark.parametrize("steps", [1, 200])
def test_a_budget_answers_what_it_found_and_goes_on_from_there(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, spent: list[float], written: str, upwards: bool, steps: int
) -> None:
    reader._connection.set_progress_handler(reader._must_end, steps)
    wanted = ids(reader, written)
    slowed(monkeypatch, lambda _: spent.append(spent[-1] + 0.02))
    found: list[int] = []
    at: int | None = -1 if upwards else None
    answers = 0
    for _ in range(200):
        where = {"after": at} if upwards else {"before": at}
        page = reader.page(query.parse(written), **where, limit=99, budget=0.15, now=NOW)
        found = page.ids + found if upwards else found + page.ids
        answers += 1
        if page.complete:
            break
        assert page.back_to != at, "it goes on"
        at = page.back_to
    assert found == wanted
    assert answers > 1


def test_an_answer_that_saw_nothing_says_so(reader: Reader, spent: list[float]) -> None:
    reader._connection.set_progress_handler(reader._must_end, 1)
    assert reader.page(ALL, budget=-1, now=NOW) == ([], FOREVER, False)
    assert reader.page(ALL, before=77, budget=-1, now=NOW) == ([], 77, False)
    assert reader.page(ALL, after=77, budget=-1, now=NOW) == ([], 77, False)


def test_the_text_is_looked_at_only_where_the_row_fits(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    slowed(monkeypatch, looked.append)
    assert ids(reader, "{battery} likes:>3") == ids(reader, "{Battery}") == ids(reader, "-phone rating:5") == []
    assert not looked
    assert ids(reader, "{battery} lang:en")
    assert looked


def test_a_count_within_a_budget_says_that_it_is_not_all(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, spent: list[float]
) -> None:
    slowed(monkeypatch, lambda _: spent.append(spent[-1] + 0.02))
    n, complete = reader.count(query.parse("{battery}"), budget=0.1, now=NOW)
    assert not complete
    assert 0 < n < 20


def test_stop_ends_a_query_from_another_thread_and_no_later_one(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, stopped = threading.Event(), threading.Event()

    def wait(n: int) -> None:
        if n == 3:
            running.set()
            assert stopped.wait(10)

    slowed(monkeypatch, wait)
    pages: list[read.Page] = []
    node = query.parse("{battery}")
    asking = threading.Thread(target=lambda: pages.append(reader.page(node, budget=None, now=NOW)))
    asking.start()
    assert running.wait(10)
    reader.stop()
    stopped.set()
    asking.join(10)
    (page,) = pages
    assert not page.complete
    assert len(page.ids) < 20
    assert reader.page(node, budget=None, now=NOW).complete


def test_stop_ends_queries_that_wait_and_nothing_else(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    running, stopped = threading.Event(), threading.Event()

    def wait(n: int) -> None:
        if n == 1:
            running.set()
            assert stopped.wait(10)

    slowed(monkeypatch, wait)
    asked: list[threading.Thread] = []
    answers: dict[str, object] = {}

    def ask(name: str, question: Callable[[], object]) -> None:
        asked.append(threading.Thread(target=lambda: answers.update({name: question()})))
        asked[-1].start()

    whole = reader.newest()
    ask("first", lambda: reader.page(query.parse("{battery}"), budget=None, now=NOW))
    assert running.wait(10)
    ask("second", lambda: reader.page(query.parse("-{phone}"), budget=None, now=NOW))
    ask("rows", lambda: reader.rows([whole or 0]))
    reader.stop()
    stopped.set()
    for thread in asked:
        thread.join(10)
    assert not answers["first"].complete  # type: ignore[attr-defined]
    assert len(answers["rows"]) == 1  # type: ignore[arg-type]


def test_errors_of_sqlite_are_not_taken_for_an_end(reader: Reader, world: Desk) -> None:
    world.connection.execute("DROP TABLE search_1")
    with pytest.raises(question.sqlite3.OperationalError, match="no such table"):
        ids(reader, "battery")


# --- connections -----------------------------------------------------------------------------------------------------


def test_nothing_stays_open_after_an_answer(
    reader: Reader, world: Desk, monkeypatch: pytest.MonkeyPatch, spent: list[float]
) -> None:
    reader.page(query.parse("{battery} OR likes:>3"), limit=2, now=NOW)
    slowed(monkeypatch, lambda _: spent.append(spent[-1] + 1))
    assert not reader.page(query.parse("{battery} OR rating:3"), now=NOW).complete
    world.add([make_post("later", "more")])
    assert world.one("PRAGMA wal_checkpoint(TRUNCATE)") == 0, "no reader is in the way"


def test_an_answer_sees_one_moment(reader: Reader, world: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(ids(reader, "-{phone}"))

    def write(n: int) -> None:
        if n == 1:
            world.add([make_post("old", "battery", published_at=NOW - 3600 * 50)])

    slowed(monkeypatch, write)
    assert len(ids(reader, "-{phone}")) == before
    assert len(ids(reader, "-{phone}")) == before + 1


def test_many_threads_ask_one_reader(reader: Reader) -> None:
    wanted = {written: ids(reader, written) for written in ("battery", "{battery} OR phone", "topic:acme", "-phone")}
    wrong: list[str] = []

    def ask(written: str) -> None:
        wrong.extend(written for _ in range(10) if ids(reader, written) != wanted[written])

    threads = [threading.Thread(target=ask, args=(written,)) for written in wanted for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_a_reader_cannot_write(reader: Reader) -> None:
    with pytest.raises(question.sqlite3.OperationalError, match=r"readonly|read-only|query_only"):
        reader._connection.execute("DELETE FROM mentions")


def test_a_missing_store_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        Reader(tmp_path / "nowhere.db")


def test_reading_needs_no_heavy_library() -> None:
    code = (
        "import sys, listen.store.read; heavy = ('sqlite_utils', 'msgspec', 'textual', 'httpx', 'listen.store.write');"
        "print([name for name in heavy if name in sys.modules])"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "[]"


# --- records ---------------------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_asked_without_those_that_are_gone(reader: Reader, world: Desk) -> None:
    whole = ids(reader, "")
    asked = [whole[3], 12345, whole[1], whole[3]]
    world.writer.delete([whole[1]])
    assert [row.id for row in reader.rows(asked)] == [whole[3], whole[3]]
    assert [one.id for one in reader.mentions(asked)] == [whole[3]]


def test_a_row_is_light_and_tells_what_a_list_shows(desk: Desk, store_path: Path) -> None:
    author = Author("claire@x.example", "Claire", None, 5)
    post = make_post(
        "1", "x" * 9_000, title="T", author=author, score=-400, hits=2, kind="reply", url="https://x.example/1"
    )
    (mention,) = desk.add([post], channel="b1").new_ids
    with Reader(store_path) as reader:
        (row,) = reader.rows([mention])
    assert (len(row.text), row.title, row.author, row.handle) == (500, "T", "Claire", "claire@x.example")
    assert (row.kind, row.network, row.source, row.tone, row.time, row.status, row.starred) == (
        "reply", "net", "b", "neg", NOW, "new", False,
    )  # fmt: skip


def test_a_mention_tells_where_it_was_heard_first_one_first(desk: Desk, store_path: Path) -> None:
    desk.add([make_post("1", "x")], channel="b2")
    (mention,) = desk.rows("SELECT id FROM mentions")[0]
    for channel in ("a2", "b1", "a1"):
        desk.add([make_post("1", "x")], channel=channel)
    with Reader(store_path) as reader:
        found = reader.mention(mention)
        assert found is not None
        assert (found.sources, found.adapters) == (("b", "a"), ("mastodon", "feed"))
        assert ids(reader, "source:a source:b") == ids(reader, "source:feed") == [mention]


def test_topics_that_are_configured_no_more_are_not_told(reader: Reader, world: Desk) -> None:
    mention = ids(reader, "topic:acme")[0]
    world.writer.sync_topics([("rival", "rival", "competitor")])
    found = reader.mention(mention)
    assert found is not None
    assert "acme" not in found.topics
    assert ids(reader, "topic:acme") == []
    assert [topic.name for topic in reader.topics(now=NOW)] == ["rival"]


def test_what_was_taken_away_waits_for_nobody(reader: Reader, world: Desk) -> None:
    world.add([make_post("p0", state="deleted")])
    (mention,) = ids(reader, "is:deleted")
    assert mention not in ids(reader, "status:new")
    assert ids(reader, "status:skipped") == [mention]
    found = reader.mention(mention)
    assert found is not None
    assert (found.status, found.state, found.text) == ("skipped", "deleted", "")


def test_explain_says_what_is_walked(reader: Reader) -> None:
    made = reader.explain(query.parse("battery since:2h"), now=NOW)
    assert made.branches[0].low == first_id(NOW - 7200)


def test_time_is_up_between_two_partitions_too(world: Desk, store_path: Path) -> None:
    with Reader(store_path) as reader:
        answer = reader.page(query.parse("nowhere"), budget=0.0, now=NOW)
        assert (answer.ids, answer.complete) == ([], False)
        assert reader.page(query.parse("nowhere"), budget=None, now=NOW).complete


def test_mentions_side_by_side_have_the_topics_that_each_has_alone(
    desk: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = sorted(desk.topics.values())
    posts = [
        make_post(f"p{n}", "x", score=100, hits=2, published_at=NOW - 600 * n,
                  topics={topic: n * 7 - 100 for place, topic in enumerate(topics) if n >> place & 1})
        for n in range(60)
    ]  # fmt: skip
    made = desk.add(posts).new_ids
    with Triage(store_path, "ana", SystemClock()) as ana:
        ana.correct(made[3:9], "neg")
    with Reader(store_path) as reader:
        alone = [reader.mention(one) for one in made]
        asked = made[::3] + made[1::3] + made[2::3]
        for among in (records.AMONG, 0):
            monkeypatch.setattr(records, "AMONG", among)
            assert sorted(reader.mentions(asked), key=lambda one: one.id) == sorted(alone, key=lambda one: one.id)
        assert any(len(one.topics) > 1 and one.correction for one in reader.mentions(asked))


@pytest.mark.parametrize("budget", [None, 60.0, math.inf])
def test_ctrl_c_while_sqlite_asks_whether_to_go_on_is_not_lost(reader: Reader, budget: float | None) -> None:
    """What a progress handler raises SQLite takes for its answer, so that nobody else ever sees it."""

    def pressed() -> bool:
        raise KeyboardInterrupt

    node = query.parse("{battery}")
    reader._connection.set_progress_handler(pressed, 20)
    with pytest.raises(KeyboardInterrupt):
        reader.topics(now=NOW) if budget == math.inf else reader.page(node, budget=budget, now=NOW)
    reader._connection.set_progress_handler(reader._must_end, 200)
    assert reader.page(node, budget=None, now=NOW).complete
