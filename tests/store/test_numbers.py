"""The rollups, the inbox and the index are exact after any sequence of additions, edits, deletions and triage."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listen.model import EPOCH, STATUSES, Author, Prepared, first_id
from listen.noise import Pattern
from listen.store import accounts, corrections, noise, numbers, schema, sqlite, upkeep
from listen.store.layout import hour_of
from listen.store.numbers import Delta
from listen.store.triage import Triage
from listen.store.write import Delivery, Writer
from tests.insight.reckoning import check_figures
from tests.store.posts import (
    NOW,
    Desk,
    Turned,
    check_everything,
    check_numbers,
    check_terms,
    fast,
    make_desk,
    make_post,
)

LONG = "Acme recalls two million batteries after several fires in homes across Europe"
TEXTS = [
    LONG,
    LONG.upper(),
    LONG.removesuffix(" Europe"),
    LONG.removesuffix("Europe") + "Asia while shares rise again",
    f"RT @joe: {LONG}",
    "battery died",
    "great",
    "",
    "win a great battery",
    "東京 battery #acme",
    "@joe battery é",
    "great great",
]
SCORES = st.sampled_from([None, None, -1000, -51, -50, -49, 0, 49, 50, 700])
CHANNELS = ["a1", "a2", "b1", "b2"]
TOPICS = [1, 2, 3]
"""Those of `make_desk`: whatever matches has a row in `topics`, which is never deleted."""
HOURS = [0, 1, 2, 26, 27, 900]

posts = st.builds(
    make_post,
    st.sampled_from([f"p{number}" for number in range(7)]),
    st.sampled_from(TEXTS),
    title=st.sampled_from([None, "A title", "battery"]),
    network=st.sampled_from(["one", "two"]),
    state=st.sampled_from(["active"] * 6 + ["edited", "deleted", "withheld"]),
    published_at=st.sampled_from([None, *(NOW - 3600 * hour - 5 for hour in HOURS)]),
    edited_at=st.sampled_from([None, None, NOW, NOW + 1, NOW + 2]),
    lang=st.sampled_from([None, "en", "fr", "zh-Hans"]),
    author=st.sampled_from([None, Author("joe"), Author("Joé", "Joe", None, 5), Author("us"), Author("them")]),
    score=SCORES,
    hits=st.sampled_from([None, 0, 3]),
    intents=st.sampled_from([None, None, "praise", "complaint delivery", "recommend own-one"]),
    kind=st.sampled_from(["post", "article", "episode"]),
    country=st.sampled_from([None, "fr", "be"]),
    likes=st.sampled_from([None, 0, 9]),
    topics=st.dictionaries(st.sampled_from(TOPICS), SCORES, max_size=3),
    parent_id=st.sampled_from([None, None, *(f"p{number}" for number in range(4))]),
    thread_id=st.sampled_from([None, "p0", "p1", "gone"]),
)
some = st.lists(st.integers(0, 30), min_size=1, max_size=4)
"""Places of mentions in the store, to pick them by."""
acts = st.one_of(
    st.tuples(st.just("add"), st.lists(st.tuples(st.sampled_from(CHANNELS), st.lists(posts, max_size=5)), max_size=3)),
    st.tuples(st.just("edit"), st.tuples(st.integers(0, 30), posts)),
    st.tuples(st.just("delete"), st.lists(st.integers(0, 30), min_size=1, max_size=3)),
    st.tuples(st.just("status"), st.tuples(some, st.sampled_from([*STATUSES, "dismissed"]))),
    st.tuples(st.just("undo"), st.booleans()),
    st.tuples(st.just("idle"), st.integers(1, 5)),
    st.tuples(st.just("fail"), st.lists(posts, min_size=1, max_size=3)),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("age"), st.none()),
    st.tuples(
        st.just("patterns"), st.lists(st.sampled_from(["great", "win", "battery died"]), max_size=2, unique=True)
    ),
    st.tuples(st.just("call_noise"), st.tuples(some, st.sampled_from([True, False, None]))),
    st.tuples(st.just("correct"), st.tuples(some, st.sampled_from([*corrections.SCORES, None]))),
    st.tuples(st.just("accounts"), st.sampled_from([[], ["@us"], ["@us", "one:them"]])),
)

AGES = [0, 1, 3599, 3600, 7200, 23 * 3600, 23 * 3600 + 1, 24 * 3600 - 1, 24 * 3600, 25 * 3600, 27 * 3600, 40 * 86_400]
"""Seconds before now, about where windows begin."""

FIRST = [
    make_post(
        f"q{n}", text, topics={1: 120 - 20 * n, 2 + n % 2: -20 * n or None}, score=40 - 10 * n, published_at=NOW - ago,
        author=[None, Author("joe"), Author("us"), Author("them")][n % 4], lang=[None, "en", "fr"][n % 3],
        intents=[None, "praise", "complaint delivery", "recommend"][n % 4], country=[None, "fr"][n % 2],
        network="one",
    )
    for n, (text, ago) in enumerate(zip(TEXTS, AGES, strict=True))
]  # fmt: skip

BEGINNING: list[tuple[str, Any]] = [
    ("add", [("a1", FIRST)]), ("status", ([1, 6], "dismissed")), ("correct", ([2, 6, 9], "neg")),
]  # fmt: skip
"""What a life begins with, so that there is something to be counted, left out and corrected, and to be undone."""


class Census:
    """What the stores of many lives held: numbers that agree on nothing show nothing."""

    def __init__(self) -> None:
        self.lives: list[tuple[int, int, int]] = []

    def take(self, connection: sqlite.Connection) -> None:
        """A life is over."""
        found = connection.execute(
            "SELECT (SELECT count(*) FROM matches) - (SELECT count(*) FROM dismissed), "
            "(SELECT count(*) FROM dismissed), (SELECT count(*) FROM corrected)"
        ).fetchone()
        self.lives.append(found)

    def check(self) -> None:
        """Most held something that counts, something that does not, and something corrected."""
        counting, left_out, corrected = (
            sum(map(bool, side)) / len(self.lives) for side in zip(*self.lives, strict=True)
        )
        assert min(counting, left_out, corrected) > 0.5


@dataclass
class Life:
    """A store that lives through a sequence of acts."""

    path: Path
    desk: Desk
    clock: Turned

    def act(self, name: str, what: Any) -> None:
        getattr(self, name)(what)

    def pick(self, places: list[int]) -> list[int]:
        stored = [row[0] for row in self.desk.rows("SELECT id FROM mentions ORDER BY id")]
        return [stored[place % len(stored)] for place in places] if stored else []

    def add(self, deliveries: list[tuple[str, list[Any]]]) -> None:
        self.desk.writer.add_all([Delivery(self.desk.channels[key].id, found, NOW) for key, found in deliveries])

    def edit(self, what: tuple[int, Any]) -> None:
        for mention in self.pick([what[0]]):
            self.desk.writer.edit(mention, what[1])

    def delete(self, places: list[int]) -> None:
        self.desk.writer.delete(self.pick(places))

    def status(self, what: tuple[list[int], str]) -> None:
        with Triage(self.path, "ana", self.clock) as ana:
            ana.set_status(self.pick(what[0]), what[1])

    def undo(self, back: bool) -> None:
        with Triage(self.path, "ana", self.clock) as ana:
            (ana.undo if back else ana.redo)()

    def accounts(self, voices: list[str]) -> None:
        """Who we are has changed, and all that is stored has been looked through."""
        self.desk.writer.sync_accounts({"we": voices})
        while accounts.left(self.desk.connection):
            self.desk.writer.idle()
        check_own(self.desk.connection, voices)

    def patterns(self, words: list[str]) -> None:
        """What is noise has changed, and all that is stored has been judged anew."""
        self.desk.writer.sync_noise({word: Pattern(f'"{word}"', "of a kind") for word in words})
        while noise.left(self.desk.connection):
            self.desk.writer.idle()
        check_noise(self.desk.connection)

    def call_noise(self, what: tuple[list[int], bool | None]) -> None:
        with Triage(self.path, "ana", self.clock) as ana:
            ana.call_noise(self.pick(what[0]), what[1])

    def correct(self, what: tuple[list[int], str | None]) -> None:
        with Triage(self.path, "ana", self.clock) as ana:
            ana.correct(self.pick(what[0]), what[1])

    def idle(self, steps: int) -> None:
        self.clock.at += 86_400
        for _ in range(steps):
            self.desk.writer.idle()

    def fail(self, batch: list[Any]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.desk.writer, "note_channel", lambda *arguments: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                self.desk.add(batch)

    def age(self, _: None) -> None:
        """The store is one from before there were numbers by aspect, and has been brought up to date."""
        connection = self.desk.connection
        with self.desk.writer.transaction():
            for table in ("hourly_aspect", "daily_aspect"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute(
                "INSERT OR REPLACE INTO state SELECT 'aspects_from', max(id) + 1 FROM mentions HAVING max(id) > 0"
            )
        self.restart(None)

    def restart(self, _: None) -> None:
        self.desk.connection.close()
        self.desk = open_desk(self.path, self.clock)


def open_desk(path: Path, clock: Turned) -> Desk:
    return make_desk(Writer(fast(sqlite.connect_writer(path)), clock, 6))


def check_own(connection: sqlite.Connection, voices: list[str]) -> None:
    handles = {"us": ("one", "two"), "them": ("one",)}
    wanted = {
        mention
        for mention, network, handle in connection.execute(
            "SELECT m.id, n.name, a.handle FROM mentions m JOIN networks n ON n.id = m.network_id "
            "JOIN authors a ON a.id = m.author_id"
        )
        if any(voice.endswith(handle) for voice in voices) and network in handles.get(handle, ())
    }
    assert {row[0] for row in connection.execute("SELECT mention_id FROM aside WHERE why & 1")} == wanted


def check_noise(connection: sqlite.Connection) -> None:
    """What each mention's text and the person's word say, one by one."""
    patterns = list(noise.patterns(connection))
    wanted = {
        mention
        for mention, title, body, said, own in connection.execute(
            "SELECT m.id, m.title, m.text, t.noise, m.id IN (SELECT mention_id FROM aside WHERE why & 1) "
            "FROM mentions m LEFT JOIN triage t ON t.mention_id = m.id"
        )
        if (
            any(word in (title or "").lower() or word in body for word in patterns) and not own
            if said is None
            else said
        )
    }
    assert {row[0] for row in connection.execute("SELECT mention_id FROM aside WHERE why & 2")} == wanted


def test_everything_is_exact_after_every_act() -> None:
    census = Census()

    @given(st.lists(posts, max_size=4), st.lists(acts, min_size=3, max_size=9))
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.reuse, Phase.generate],
    )
    def lives(more: list[Prepared], life: list[tuple[str, Any]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "listen.db"
            schema.prepare(path)
            clock = Turned(NOW)
            lived = Life(path, open_desk(path, clock), clock)
            for name, what in (*BEGINNING, ("add", [("b1", more)]), *life):
                lived.act(name, what)
                check_everything(lived.desk.connection)
                check_noise(lived.desk.connection)
            check_figures(lived.desk.connection, path, NOW)
            census.take(lived.desk.connection)
            clock.at += 86_400
            while lived.desk.writer.idle():
                pass
            assert not lived.desk.rows("SELECT * FROM terms_owed")
            check_terms(lived.desk.connection, hour_of(first_id(clock.at)))
            lived.desk.connection.close()

    lives()
    census.check()


def test_the_same_holds_with_the_other_sqlite() -> None:
    """The core of these tests in a process that must take the standard library's SQLite."""
    here = Path(__file__)
    files = [str(here.with_name(name)) for name in ("test_write.py", "test_search.py", "test_triage.py")]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{here}::test_which_library", f"{here}::"
         "test_everything_is_exact_after_every_act", *files],
        env={**os.environ, "LISTEN_SQLITE": "stdlib"}, cwd=here.parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]


def test_which_library() -> None:
    """One SQLite in a process: sqlite-utils takes the same as we do."""
    from sqlite_utils.utils import sqlite3 as theirs

    assert theirs.sqlite_version == sqlite.sqlite3.sqlite_version
    if os.environ.get("LISTEN_SQLITE") == "stdlib":
        import sqlite3

        assert sqlite.sqlite3 is sqlite3


# --- one by one ------------------------------------------------------------------------------------------------------


def test_a_cell_counts_tones_and_sums(desk: Desk) -> None:
    scores = [-1000, -50, -49, None, 0, 49, 50]
    desk.add([make_post(str(n), published_at=NOW - 7200, topics={1: score}) for n, score in enumerate(scores)])
    hour, day = (NOW - 7200 - EPOCH) // 3600, (NOW - 7200 - EPOCH) // 86_400
    assert desk.rows("SELECT * FROM hourly_topic") == [(hour, 1, 7, 2, 1, 6, -1000)]
    assert desk.rows("SELECT * FROM hourly") == [(hour, 1, 1, 7, 2, 1, 6, -1000)]
    assert desk.rows("SELECT * FROM daily") == [(day, 1, 1, 7, 2, 1, 6, -1000)]


def test_an_empty_cell_is_no_cell(desk: Desk) -> None:
    ids = desk.add([make_post("x", topics={1: 5}), make_post("y", topics={1: None})]).new_ids
    desk.writer.delete(ids[:1])
    assert desk.one("SELECT n FROM daily") == 1
    desk.writer.delete(ids[1:])
    assert desk.rows("SELECT * FROM daily") == desk.rows("SELECT * FROM hourly") == []


def test_a_delta_that_comes_to_nothing_writes_no_cell(desk: Desk) -> None:
    delta = Delta()
    delta.apply(5 << 12, 1, {}, {1: -60}, ("lang:fr",))
    delta.apply(5 << 12, 1, {1: -60}, {}, ("lang:fr",))
    with desk.writer.transaction():
        delta.write(desk.connection)
    assert desk.rows("SELECT * FROM hourly_topic") == desk.rows("SELECT * FROM daily_aspect") == []


def test_hours_by_source_are_kept_for_weeks_and_the_rest_for_good(desk: Desk, clock: Turned) -> None:
    days = [0, 10, 40, 55, 57, 90, 400]
    posts = [make_post(f"d{day}", published_at=NOW - 86_400 * day, topics={1: day}) for day in days]
    desk.add(posts)
    while desk.writer.idle():
        pass
    check_numbers(desk.connection)
    oldest = (NOW - EPOCH) // 3600 - numbers.HOURLY_DAYS * 24
    assert {row[0] for row in desk.rows("SELECT hour FROM hourly")} == {
        hour_of(mention) for (mention,) in desk.rows("SELECT id FROM mentions") if hour_of(mention) >= oldest
    }
    assert desk.one("SELECT count(*) FROM hourly_topic") == len(days)
    # What comes late, is edited or deleted there does not bring parts of it back; the first hour kept counts.
    desk.add([make_post("first kept", published_at=EPOCH + oldest * 3600, topics={1: 1})])
    assert desk.one("SELECT count(*) FROM hourly WHERE hour = ?", oldest) == 1
    desk.add([make_post("late", published_at=NOW - 86_400 * 90, topics={1: 1})])
    desk.add([make_post("d400", "edited", topics={2: 1})])
    desk.writer.delete([desk.one("SELECT min(id) FROM mentions")])
    check_everything(desk.connection)
    clock.at += 86_400 * 30
    desk.connection.close()


def test_pruning_goes_a_day_at_a_time(desk: Desk) -> None:
    now = NOW + 86_400 * 100
    desk.add([make_post(f"h{hour}", published_at=NOW - 3600 * hour, topics={1: hour}) for hour in range(60)])
    with desk.writer.transaction():
        first = upkeep.prune_hourly(desk.connection, 0, now)
    assert desk.one("SELECT count(*) FROM hourly") == 60 - upkeep.HOURLY_STEP
    assert first == desk.one("SELECT min(hour) FROM hourly")
