"""A topic whose query has changed becomes what it would always have been, whatever happens while it is matched anew."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen import query
from listen.aims import Aim, Tone, aim, toward_each
from listen.model import STATUSES, Prepared, Tracked
from listen.query.match import Subject, TopicIndex
from listen.query.match import compile as compile_query
from listen.sentiment import said
from listen.sentiment.teaching import Model, Teaching, told
from listen.store import generations, mirror, rematch, schema, sqlite, tones
from listen.store.generations import BUILDING, DROPPING, FILLING, GONE, KEPT, TONES_OWED
from listen.store.read import Reader
from listen.store.sqlite import Connection
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.insight.reckoning import check_figures
from tests.store.posts import NOW, Desk, Turned, check_everything, fast, make_desk, make_post

QUERIES = [
    "battery",
    "great",
    "battery OR great",
    "battery NOT died",
    "-battery",
    "kind:post",
    "nothing",
    "東京",
    "lang:fr",
]
TEXTS = [
    "battery died",
    "great",
    "",
    "東京 battery #acme",
    "@joe battery é",
    "great great",
    "rival",
    "left rival, love the battery",
    "rival is great but acme is awful",
    "acme > rival",
]
HOURS = [0, 1, 2, 26, 900]
MODEL = Model("m-1", {"battery": (-2.0, 1.5), "acme": (1.0, 1.0)}, {"score": 0.5}, (-0.3, 0.4), ("en",))
LESSONS = [
    {},
    {"power": Teaching({"died": 2.0, "great": 0.0})},
    {"power": Teaching(begins=(-600, 700)), "acme": Teaching({"awful": 0.0}, (100, 400))},
    {"rival": Teaching(model=MODEL)},
]


@st.composite
def posts(draw: st.DrawFn) -> Prepared:
    return make_post(
        draw(st.sampled_from([f"p{number}" for number in range(9)])),
        draw(st.sampled_from(TEXTS)),
        title=draw(st.sampled_from([None, "A title", "battery"])),
        state=draw(st.sampled_from(["active"] * 6 + ["deleted"])),
        published_at=draw(st.sampled_from([NOW - 3600 * hour - 5 for hour in HOURS])),
        edited_at=draw(st.sampled_from([None, None, NOW, NOW + 1, NOW + 2])),
        lang=draw(st.sampled_from([None, "en", "fr"])),
        score=draw(st.sampled_from([None, -1000, -50, 0, 50, 700])),
        hits=draw(st.sampled_from([0, 2, 2])),
    )


ACTS = st.one_of(
    st.tuples(st.just("add"), st.lists(posts(), max_size=5)),
    st.tuples(st.just("late"), st.lists(posts(), max_size=3)),
    st.tuples(st.just("edit"), st.tuples(st.integers(0, 30), posts())),
    st.tuples(st.just("delete"), st.lists(st.integers(0, 30), max_size=3)),
    st.tuples(st.just("status"), st.tuples(st.lists(st.integers(0, 30), max_size=4), st.sampled_from(STATUSES))),
    st.tuples(st.just("query"), st.sampled_from(QUERIES)),
    st.tuples(st.just("teach"), st.sampled_from(LESSONS)),
    st.tuples(st.just("away"), st.none()),
    st.tuples(st.just("step"), st.integers(1, 4)),
    st.tuples(st.just("restart"), st.none()),
)


def matched(post: Prepared, queries: dict[int, Tracked]) -> Prepared:
    """As the workshop makes it, with the topics that it knows."""
    index = TopicIndex({number: query.parse(one.query) for number, one in queries.items()}, 0.0)
    found = index.match(Subject.fresh(post, ("a",), ("feed",)))
    tones = toward_each(
        said(post.title or "", post.text)[0],
        post.lang,
        Tone(post.score, post.hits),
        {number: aim(one.name, one.query, one.role, one.taught) for number in found for one in (queries[number],)},
    )
    post.topics = {number: tone.score for number, tone in tones.items()}
    post.hits_toward = {number: tone.hits for number, tone in tones.items()}
    return post


def check_tones(connection: Connection, languages: Container[str] | None = None) -> None:
    """What is stored toward each topic is what all that the mention matches gives now, in these languages or all."""
    rows = connection.execute(
        "SELECT x.mention_id, t.id, t.name, t.query, t.role, x.score, x.hits FROM matches x "
        "JOIN topics t ON t.id = x.topic_id"
    )
    lessons = mirror.taught(connection)
    stored: dict[int, dict[int, Tone]] = {}
    aims: dict[int, dict[int, Aim]] = {}
    for mention, topic, name, text, role, *tone in rows.fetchall():
        stored.setdefault(mention, {})[topic] = Tone(*tone)
        aims.setdefault(mention, {})[topic] = aim(name, text, role, lessons.get(name, ""))
    for mention, found in stored.items():
        title, text, lang, *whole = connection.execute(
            "SELECT title, text, lang, score, hits FROM mentions WHERE id = ?", (mention,)
        ).fetchone()
        if languages is not None and lang not in languages:
            continue
        assert found == toward_each(said(title or "", text)[0], lang, Tone(*whole), aims[mention]), text


@dataclass
class Life:
    """A store whose topic `power` changes while people and the collector work."""

    path: Path
    clock: Turned
    desk: Desk = field(init=False)
    query: str = "battery"
    roles: dict[str, str] = field(default_factory=lambda: {"acme": "brand", "rival": "competitor"})
    workshop: dict[int, Tracked] = field(default_factory=dict)
    """What the workshop matched some time ago: posts that it prepared then are still on their way."""

    def __post_init__(self) -> None:
        self.restart(None)

    def restart(self, _: None) -> None:
        if hasattr(self, "desk"):
            self.desk.connection.close()
        writer = Writer(fast(sqlite.connect_writer(self.path)), self.clock, 6)
        self.desk = make_desk(writer, power=self.query)
        self.workshop = generations.tracked(writer.connection)

    def query_(self, text: str) -> None:
        self.query = text
        self.topics({"acme": "acme", "rival": "rival", "power": text})

    def teach(self, lessons: dict[str, Teaching]) -> None:
        self.desk.writer.sync_teaching({name: told(taught) for name, taught in lessons.items()})

    def away(self, _: None) -> None:
        self.topics({"acme": "acme", "rival": "rival"})

    def topics(self, wanted: dict[str, str]) -> None:
        self.clock.at += 1
        self.desk.writer.sync_topics([(name, text, self.roles.get(name, "theme")) for name, text in wanted.items()])

    def pick(self, places: list[int]) -> list[int]:
        stored = [row[0] for row in self.desk.rows("SELECT id FROM mentions ORDER BY id")]
        return [stored[place % len(stored)] for place in places] if stored else []

    def add(self, found: list[Prepared]) -> None:
        self.workshop = generations.tracked(self.desk.connection)
        self.late(found)

    def late(self, found: list[Prepared]) -> None:
        self.desk.add([matched(post, self.workshop) for post in found])

    def edit(self, what: tuple[int, Prepared]) -> None:
        for mention in self.pick([what[0]]):
            self.desk.writer.edit(mention, matched(what[1], self.workshop))

    def delete(self, places: list[int]) -> None:
        self.desk.writer.delete(self.pick(places))

    def status(self, what: tuple[list[int], str]) -> None:
        with Triage(self.path, "ana", self.clock) as ana:
            ana.set_status(self.pick(what[0]), what[1])

    def step(self, steps: int) -> None:
        for _ in range(steps):
            self.desk.writer.idle()

    def settle(self) -> None:
        while self.desk.writer.idle():
            pass

    @property
    def live(self) -> tuple[int, str]:
        found: tuple[int, str] = self.desk.rows("SELECT id, query FROM topics WHERE name = 'power' AND active")[0]
        return found

    def check(self, *numbers: int) -> None:
        """These topics match exactly what the predicate of their query says, and all that hangs on it is right."""
        check_everything(self.desk.connection)
        check_tones(self.desk.connection)
        check_figures(self.desk.connection, self.path, NOW, ["27h"])
        with Reader(self.path) as reader:
            ids = self.pick(list(range(self.desk.one("SELECT count(*) FROM mentions"))))
            for number in numbers:
                text = self.desk.one("SELECT query FROM topics WHERE id = ?", number)
                holds = compile_query(query.parse(text), NOW)
                wanted = {one.id for one in reader.mentions(ids) if one.state != "deleted" and holds(Subject.of(one))}
                stored = {row[0] for row in self.desk.rows("SELECT mention_id FROM matches WHERE topic_id=?", number)}
                assert stored == wanted, text


def test_what_is_said_toward_others_follows_a_role_in_the_background(life: Life) -> None:
    life.add([make_post(f"p{n}", "left rival, love the battery", score=300, hits=1) for n in range(5)])
    check_tones(life.desk.connection)
    toward = "SELECT DISTINCT score FROM matches WHERE topic_id = 2 AND score IS NOT NULL"
    assert life.desk.rows(toward) == [(296,)]
    life.roles["power"] = "competitor"
    life.query_("battery")
    life.settle()
    check_tones(life.desk.connection)
    check_everything(life.desk.connection)
    assert life.desk.rows(toward) == [(-459,)], "who loves the other one says nothing more of it"


def test_what_is_taught_about_a_topic_is_true_of_all_its_mentions_and_so_is_its_undo(life: Life) -> None:
    """Also of what was prepared before it was taught, of what people corrected, and of what the sums say."""
    life.add([make_post(f"p{n}", "battery died", score=-557, hits=1, lang="en") for n in range(5)])
    with Triage(life.path, "ana", life.clock) as ana:
        ana.correct(
            [mention := life.desk.one("SELECT max(mention_id) FROM matches WHERE score = -557")], "pos", "power"
        )
    scores = "SELECT DISTINCT score FROM matches WHERE topic_id = 3 AND score IS NOT NULL"
    before = life.desk.rows(scores)
    life.teach({"power": Teaching({"died": 2.0})})
    with Reader(life.path) as reader:
        assert [one.topic for one in reader.renewals()] == ["power"]
    life.late([make_post("late", "battery died", score=-557, hits=1, lang="en")])
    assert (459,) in life.desk.rows(scores), "what arrives is scored by it at once"
    life.settle()
    assert life.desk.rows(scores) == [(459,)]
    check_tones(life.desk.connection)
    check_everything(life.desk.connection)
    with Reader(life.path) as reader:
        assert not reader.renewals()
        corrected = reader.mention(mention)
        assert corrected is not None
        assert corrected.topics["power"] == 525
    life.teach({})
    life.settle()
    assert life.desk.rows(scores) == before
    check_tones(life.desk.connection)
    check_everything(life.desk.connection)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rematch, "STEP", 2)
    monkeypatch.setattr(tones, "STEP", 2)


@given(st.lists(ACTS, min_size=3, max_size=20), st.sampled_from(QUERIES))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_changed_topic_is_what_it_would_always_have_been(acts: list[tuple[str, Any]], last: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "listen.db"
        schema.prepare(path)
        life = Life(path, Turned(NOW))
        for name, what in acts:
            getattr(life, "query_" if name == "query" else name)(what)
            check_everything(life.desk.connection)
            if mirror.state(life.desk.connection, TONES_OWED) in (None, "{}"):
                check_tones(life.desk.connection)
        life.query_(last)
        life.settle()
        number, text = life.live
        assert text == last
        known = [one.topic_id for one in generations.of_state(life.desk.connection, KEPT)]
        life.check(number, *known)
        assert not generations.of_state(life.desk.connection, BUILDING, FILLING, DROPPING)
        gone = [one.topic_id for one in generations.of_state(life.desk.connection, GONE)]
        rollups = ("hourly", "hourly_topic", "hourly_aspect", "daily", "daily_topic", "daily_aspect")
        for table in ("matches", "inbox", "dismissed", *rollups):
            left = {row[0] for row in life.desk.rows(f"SELECT DISTINCT topic_id FROM {table}")}
            assert left.isdisjoint(gone), table
        _undo(life, known)
        life.desk.connection.close()


def _undo(life: Life, kept: list[int]) -> None:
    """The old query again is the old generation again, at once, with what has arrived since."""
    number, text = life.live
    mine = [one for one in generations.of_state(life.desk.connection, KEPT) if one.name == "power"]
    if not mine:
        return
    life.add([make_post("late one", "battery died great")])
    life.query_(mine[0].query)
    assert life.live == (mine[0].topic_id, mine[0].query)
    life.check(mine[0].topic_id, number)
    life.query_(text)
    assert life.live == (number, text)
    life.settle()
    life.check(number, *kept)


@pytest.fixture
def life(store_path: Path, clock: Turned) -> Life:
    made = Life(store_path, clock)
    made.add([make_post(f"p{number}", TEXTS[number % 7], published_at=NOW - 7 * number) for number in range(28)])
    return made


def test_the_old_one_is_shown_until_the_new_one_is_there(life: Life) -> None:
    (before, _) = life.live
    with Reader(life.path) as reader:
        old = reader.page(query.parse("topic:power"), budget=None, now=NOW).ids
        life.query_("great")
        steps = 0
        shares = []
        while life.live[0] == before:
            (job,) = generations.of_state(life.desk.connection, BUILDING)
            shares.append(generations.progress(life.desk.connection, job.done_to))
            assert reader.page(query.parse("topic:power"), budget=None, now=NOW).ids == old
            assert [topic.name for topic in reader.topics(now=NOW)] == ["acme", "rival", "power"]
            assert reader.mention(old[0]).topics.keys() == {"power"}  # type: ignore[union-attr]
            life.step(1)
            steps += 1
        assert steps > 3
        assert shares == sorted(shares)
        assert 0 <= shares[0] < 0.1 < shares[-1] <= 1
        new = reader.page(query.parse("topic:power"), budget=None, now=NOW).ids
        assert new == reader.page(query.parse("great"), now=NOW).ids != old
        (kept,) = generations.of_state(life.desk.connection, KEPT)
        assert (kept.topic_id, kept.query) == (before, "battery")
        row = life.desk.rows("SELECT gained, lost FROM rematches WHERE topic_id = ?", life.live[0])
        assert row == [(len(set(new) - set(old)), len(set(old) - set(new)))]


def test_a_second_change_lets_the_first_undo_go(life: Life) -> None:
    numbers = []
    for text in ("great", "rival", "battery OR rival"):
        numbers.append(life.live[0])
        life.query_(text)
        life.settle()
    states = dict(life.desk.rows("SELECT topic_id, state FROM rematches"))
    assert [states[number] for number in numbers] == [GONE, GONE, KEPT]
    life.check(life.live[0], numbers[-1])


def test_an_undo_that_nobody_wants_any_more_goes(life: Life) -> None:
    life.query_("great")
    life.settle()
    life.clock.at += (generations.KEPT_DAYS + 1) * 86_400
    life.settle()
    assert not generations.of_state(life.desk.connection, KEPT)
    life.check(life.live[0])


def test_a_new_topic_finds_what_was_stored_before_it(life: Life) -> None:
    life.topics({"acme": "acme", "rival": "rival", "power": "battery", "joy": "great"})
    life.settle()
    number = life.desk.one("SELECT id FROM topics WHERE name = 'joy'")
    life.check(number)
    assert life.desk.one("SELECT count(*) FROM matches WHERE topic_id = ?", number) == 8
    assert life.desk.one("SELECT since FROM topics WHERE id = ?", number) == 0


def test_where_sources_keep_only_what_matches_the_history_is_known_to_begin_now(life: Life) -> None:
    life.desk.writer.set_state("keep_matched", '["a"]')
    life.query_("great")
    life.settle()
    assert life.desk.one("SELECT since FROM topics WHERE id = ?", life.live[0]) == life.clock.at


KILLED = """
    import os, sys
    from pathlib import Path
    from listen.store import rematch, sqlite
    from listen.store.write import Writer
    from tests.store.posts import NOW, Turned

    rematch.STEP = 2
    writer = Writer(sqlite.connect_writer(sys.argv[1]), Turned(NOW))
    writer.claim()
    left = int(sys.argv[2])
    def killed(statement):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
    writer.connection.set_trace_callback(killed)
    while writer.idle():
        pass
    os._exit(0)
"""


def test_a_killed_collector_goes_on_where_it_was(life: Life) -> None:
    import textwrap

    life.query_("great OR rival")
    number = life.live[0]
    life.desk.connection.close()
    died = 0
    for statements in (20, 60, 90, 130, 170, 210, 300, 100_000):
        command = [sys.executable, "-c", textwrap.dedent(KILLED), str(life.path), str(statements)]
        root = str(Path(__file__).parents[2])
        died += subprocess.run(command, env={**os.environ, "PYTHONPATH": root}, check=False).returncode == -9
    assert died >= 3
    life.desk = make_desk(Writer(fast(sqlite.connect_writer(life.path)), life.clock, 6), power="great OR rival")
    assert life.live[0] != number
    life.check(life.live[0], number)
    life.desk.connection.close()
