"""What was promised: each metric against slow, obvious SQL, how far it is, where it goes, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen import objectives as promised
from listen import query
from listen.insight import effort
from listen.insight import strip as strips
from listen.insight.forecast import forecast
from listen.insight.metrics import Scope, measure
from listen.insight.objectives import Progress, progress
from listen.insight.strip import strip
from listen.insight.window import window
from listen.model import Author
from listen.objectives import Objective, money_of, target_of
from listen.query.folding import counted
from listen.service import Desk
from listen.store import budgets, numbers, rematch, schema, sqlite
from listen.store.labels import Asked, label
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

HOUR, DAY = 3_600, 86_400


class World:
    """A store with topics acme, rival and power, one desk, and mentions of known times."""

    def __init__(self, path: Path) -> None:
        schema.prepare(path)
        self.path, self.clock = path, Turned(NOW)
        self.writer = Writer(fast(sqlite.connect_writer(path)), self.clock)
        self.desk = make_desk(self.writer)
        self.writer.sync_accounts({"we": ["@us"]})
        self.writer.sync_desks([Desk("care", "refund", 2.0 * HOUR)])
        self.count = 0

    def say(self, days: float, body: str = "words", topics: dict[str, int | None] | None = None, **more: Any) -> int:
        self.count += 1
        named = {self.desk.topics[name]: score for name, score in (topics or {"acme": None}).items()}
        given: dict[str, Any] = {"published_at": int(NOW - days * DAY), "hits": 1} | more
        post = make_post(f"p{self.count}", f"{body} {self.count}", topics=named, **given)
        (number,) = self.desk.add([post], seen_at=int(NOW - days * DAY)).new_ids
        return number

    def act(self, days: float, number: int, status: str) -> None:
        self.clock.at = NOW - days * DAY
        with Triage(self.path, "ana", self.clock) as people:
            people.set_status([number], status)
        self.clock.at = NOW

    def edit(self, number: int, hours: int, score: int | None) -> None:
        """The text is another one, half of the time without its first word, and so are topics and scores."""
        topics = {self.desk.topics[name]: -score if score else 700 for name in (["acme"], ["rival", "acme"])[hours % 2]}
        body = ("something else", "words again")[hours // 2 % 2]
        self.writer.edit(number, make_post(f"p{self.count}", body, topics=topics, score=-700, edited_at=NOW, hits=1))

    def match(self, hours: int) -> None:
        """acme is matched anew, now and then only half of it."""
        self.clock.at += 1
        query = ("words", "else", "-else", "words OR else")[hours % 4]
        self.writer.sync_topics(
            [("acme", query, "brand"), ("rival", "rival", "competitor"), ("power", "battery", "theme")]
        )
        for _ in range(3 if hours % 3 else 30):
            self.writer.idle()
        self.desk.topics = dict(self.desk.rows("SELECT name, id FROM topics WHERE active"))

    def hear(self, share: float = 1.0, days: int = 100) -> None:
        """All channels were heard for that share of each hour."""
        spans = [(start, start + int(HOUR * share)) for start in range(NOW - (days * 24 - 1) * HOUR, NOW + 1, HOUR)]
        for channel in self.desk.channels.values():
            with self.writer.transaction():
                numbers.heard(self.writer.connection, channel.id, spans)

    def told(self, metric: str, target: str, **more: Any) -> Progress:
        (found,) = self.all(objective(metric, target, **more))
        return found

    def all(self, *objectives: Objective) -> list[Progress]:
        with Reader(self.path) as reader:
            return progress(reader, objectives, now=NOW)


def objective(metric: str, target: str, **more: Any) -> Objective:
    given: dict[str, Any] = {"topic": "acme"} | more
    return Objective("one", metric, target_of(target, promised.METRICS[metric].kind), **given)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "listen.db")
    yield made
    made.writer.connection.close()


@pytest.mark.parametrize("scope", [{"topic": "acme"}, {"topic": "", "query": "words"}, {"topic": ""}])
def test_the_stream_behind_a_number_holds_what_it_is_made_from(world: World, scope: dict[str, str]) -> None:
    for at in range(30):
        score = (-600, None, 0, 700)[at % 4]
        intents = (None, "recommend", "dissuade")[at % 3]
        world.say(at / 5, topics={"acme": score}, score=score, intents=intents)
    own = world.say(1, topics={"acme": -900}, score=-900, author=Author("us"), intents="recommend")
    world.say(1, topics={}, body="about no topic")
    with Reader(world.path) as reader:
        for metric, part in (("volume", False), ("net_sentiment", False), ("negative_share", True),
                             ("recommend_share", True), ("first_response_time", None), ("reach", None)):  # fmt: skip
            told = world.told(metric, "> 1" if metric != "first_response_time" else "< 2h", **scope)
            found = reader.count(counted(query.parse(told.behind)), cap=None, budget=None, now=NOW)
            if part is not None:
                assert found.n == round((told.value or 0) * told.n) if part else told.n, told.behind
                assert found.n > 5
            assert own not in reader.page(counted(query.parse(told.behind)), now=NOW).ids
    assert "desk:(care) seen:" in world.told("first_response_time", "< 2h").behind, "desks answer what came in then"
    assert world.told("time_to_done", "< 2h", topic="", desk="care").behind.startswith("desk:care seen:")


# --- as slow SQL has it ----------------------------------------------------------------------------------------------

SLOW = """
SELECT t.name, count(*), ifnull(sum(ifnull(k.score, x.score) <= -50), 0),
  ifnull(sum(ifnull(k.score, x.score) >= 50), 0), count(ifnull(k.score, x.score))
FROM matches AS x JOIN topics AS t ON t.id = x.topic_id AND t.active JOIN mentions AS m ON m.id = x.mention_id
LEFT JOIN corrections AS k ON k.mention_id = x.mention_id
WHERE x.mention_id >= ? AND x.mention_id < ? AND m.text LIKE '%' || ? || '%'
  AND x.mention_id NOT IN (SELECT mention_id FROM aside)
  AND x.mention_id NOT IN (SELECT mention_id FROM triage WHERE status = 3) GROUP BY t.name"""

SAID = st.tuples(
    st.integers(0, 40 * 24),
    st.dictionaries(st.sampled_from(["acme", "rival", "power"]), st.sampled_from([None, -700, 0, 700]), min_size=1),
    st.sampled_from(["", "", "", "dismissed", "noise", "own", "worse", "better", "undone", "deleted", "edited",
                     "worse and edited", "matched anew", "matched anew"]),
)  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=st.lists(SAID, min_size=4, max_size=25))
def test_numbers_are_those_of_slow_sql_by_rollup_and_by_query(
    said: list[tuple[int, dict[str, int | None], str]],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rematch, "STEP", 2)
    made = World(tmp_path_factory.mktemp("slow") / "listen.db")
    for hours, topics, what in said:
        author = Author("us") if what == "own" else Author("joe")
        score = next(iter(topics.values()))
        number = made.say(hours / 24, topics=topics, author=author, score=score)
        with Triage(made.path, "ana", made.clock) as people:
            if what in ("dismissed", "undone"):
                people.set_status([number], "dismissed")
                if what == "undone":
                    people.undo()
            elif what == "noise":
                people.call_noise([number], True)
            elif what.startswith(("worse", "better")):
                people.correct([number], "pos" if what == "better" else "neg")
        if what == "deleted":
            made.desk.add([make_post(f"p{made.count}", "", state="deleted")], seen_at=NOW)
        elif "edited" in what:
            made.edit(number, hours, score)
        elif what == "matched anew":
            made.match(hours)
    rows = made.writer.connection.execute
    with Reader(made.path) as reader:
        for length in ("7d", "28d"):
            at = window(length, NOW)
            low, high = ((one - 946_684_800) << 12 for one in (at.since, at.until))
            slow = {name: numbers for name, *numbers in rows(SLOW, (low, high, "")).fetchall()}
            whole = slow.get("acme", (0, 0, 0, 0))
            voices = whole[0] + slow.get("rival", (0,))[0]
            worded = {name: numbers for name, *numbers in rows(SLOW, (low, high, "words")).fetchall()}
            for about, told in (({}, whole), ({"query": "words"}, worded.get("acme", (0, 0, 0, 0)))):
                n, neg, pos, scored = told
                scope = {
                    metric: measure(Scope(reader, objective(metric, "> 0", **about), NOW, 60.0), at)
                    for metric in ("volume", "net_sentiment", "negative_share")
                }
                assert scope["volume"].value == n
                assert scope["negative_share"].n == scope["net_sentiment"].n == scored
                assert scope["negative_share"].value == (neg / scored if scored else None)
                net = scope["net_sentiment"]
                assert net.value == ((pos - neg) / scored if scored else None)
                if net.value is not None:
                    assert net.low is not None
                    assert net.high is not None
                    assert -1 <= net.low <= net.value <= net.high <= 1
            voice = measure(Scope(reader, objective("share_of_voice", "> 0"), NOW), at)
            assert (voice.value, voice.n) == ((whole[0] / voices if voices else None), voices)
    made.writer.connection.close()


# --- each metric -----------------------------------------------------------------------------------------------------


def test_who_recommends_how_far_it_reaches_and_who_returns(world: World) -> None:
    for number, (days, who, followers, intents) in enumerate([
        (80, "ann", 5, ""), (30, "cid", 7, ""), (9, "bob", None, "recommend"), (3, "cid", 7, ""),
        (3, "bob", None, "dissuade"), (2, "ann", 100, "recommend"), (1, "ann", 120, "recommend"),
    ]):  # fmt: skip
        world.say(days, f"words {number}", author=Author(who, followers=followers), intents=intents)
    recommend = world.told("recommend_share", "> 50 %")
    assert (recommend.value, recommend.n, recommend.met) == (pytest.approx(2 / 3), 3, None)
    assert "too few to say (3 of 20)" in recommend.short
    reach = world.told("reach", "> 100")
    assert (reach.value, reach.n) == (127.0, 2)
    assert reach.note == "followers are known of 2 of 3 people"
    returning = world.told("returning_authors", "> 50 %")
    assert (returning.value, returning.n) == (pytest.approx(2 / 3), 3), "ann spoke last 80 days ago"


def test_desks_answer_in_time_or_not(world: World) -> None:
    world.say(3, "refund, waits for long")
    world.say(0.5 / 24, "refund, has come just now")
    for took, status in ((1, "answered"), (3, "answered"), (5, "answered"), (1, "done"), (1, "dismissed")):
        world.act(2 - took / 24, world.say(2, "refund"), status)
    world.act(1.9, world.say(2, "of no desk"), "answered")
    first = world.told("first_response_time", "<= 3h", share=0.8)
    assert (first.value, first.n, first.goal, first.target) == (0.5, 4, 0.8, "80 % <= 3h")
    assert "80 % of those that were took 5 h at most; 1 may still be in time" in first.note
    done = world.told("time_to_done", "<= 3h")
    assert (done.value, done.n) == (pytest.approx(3 / 5), 5)
    kept = world.told("answered_within_promise", ">= 50 %", desk="care")
    assert (kept.value, kept.n) == (0.25, 4)
    world.writer.sync_desks([Desk("care", "refund", 60.0, open=False)])
    assert world.told("first_response_time", "< 2h").note == "no desk is open"


def test_anger_turns_and_people_feel_better_after_we_answered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob, cid = (Author(name) for name in ("ann", "bob", "cid"))
    world.act(5.9, world.say(6, "bad", {"acme": -700}, author=ann, score=-700), "answered")
    world.say(5, "good now", {"acme": 700}, author=ann, score=700)
    world.say(4, "good rival", {"rival": 700}, author=ann, score=700)
    world.act(5.9, world.say(6, "bad, too", {"acme": -700}, author=bob, score=-700), "answered")
    world.say(3, "still bad", {"acme": -700}, author=bob, score=-700, kind="reply")
    world.say(2, "never answered", {"acme": -700}, author=cid, score=-700)
    recovered = world.told("recovery", "> 30 %")
    assert (recovered.value, recovered.n) == (0.5, 2)
    with Reader(world.path) as reader:
        found = strip(reader, "acme", window("7d", NOW), NOW)
    assert (found.experience.measure.value, found.experience.measure.n) == (0.0, 2), "one good, one bad, none of rival"
    assert (found.connectivity.measure.value, found.connectivity.measure.n) == (pytest.approx(1 / 3), 3)
    assert (found.proximity.measure.value, found.proximity.measure.n) == (None, 0)
    assert all(one.definition for one in found)
    assert found.experience.behind.query.startswith("id:(")
    monkeypatch.setattr(strips, "NAMED", 1)
    with Reader(world.path) as reader:
        behind = strip(reader, "acme", window("7d", NOW), NOW).experience.behind
    assert behind.query.startswith("topic:acme is:answered since:"), "too many to name them one by one"
    assert behind.told == "enter shows what we answered; no query says the net of 2 scored, said after our first answer"


def test_precision_is_that_of_checks_or_else_of_what_was_dismissed(world: World) -> None:
    ids = [world.say(1, topics={"acme": None}) for _ in range(25)]
    for number in ids[:8]:
        world.act(0.5, number, "dismissed" if number == ids[0] else "done")
    dealt = world.told("precision", "> 80 %")
    assert (dealt.value, dealt.n, dealt.note, dealt.met) == (7 / 8, 8, "by what people dismissed", None)
    asked = Asked("acme", "acme")
    label(world.writer.connection, asked, {number: number != ids[3] for number in ids[:20]}, "ana", world.clock)
    checked = world.told("precision", "> 80 %")
    assert (checked.value, checked.n, checked.note, checked.met) == (0.95, 20, "by precision checks", True)


# --- where it goes ---------------------------------------------------------------------------------------------------


def grown(world: World, weeks: list[int]) -> None:
    """So many mentions a week, the last week last; half of each negative."""
    for ago, n in enumerate(reversed(weeks)):
        for place in range(n):
            world.say(7 * ago + 0.5 + 6 * place / n, topics={"acme": -700 if place % 2 else 700})


def on(days: float) -> date:
    return datetime.fromtimestamp(NOW + days * DAY, UTC).date()


def test_a_straight_line_tells_where_it_will_be(world: World) -> None:
    grown(world, [10, 11, 12, 13, 14, 15, 16, 17])
    world.hear()
    found = world.told("volume", ">= 20", by=on(13), since=on(-49))
    assert found.trend == [10, 11, 12, 13, 14, 15, 16, 17]
    assert found.forecast == pytest.approx(19)
    assert (found.baseline, found.done, found.met) == (10, pytest.approx(0.7), False)
    assert found.short == "17, on course for 19 ± 1: short by 1"
    assert found.risk == "even the best of the forecast misses it"
    far = world.told("volume", ">= 20", by=on(300))
    assert far.forecast == pytest.approx(25)
    assert far.short == "17, on course for 25 ± 1 in 56 d: met"
    assert far.risk == ""
    over = world.told("volume", ">= 20", by=on(-1))
    assert (over.short, over.risk) == ("17: missed by 3", f"{on(-1)} is over")
    turning = world.told("volume", "< 18", by=on(13))
    assert (turning.met, turning.risk) == (True, "even the best of the forecast misses it"), "met today, and not then"


def test_what_was_not_heard_is_no_silence(world: World) -> None:
    grown(world, [10, 11, 12, 13])
    world.hear(0.5)
    found = world.told("volume", ">= 20")
    assert found.coverage == pytest.approx(0.5, abs=0.01)
    assert found.trend == [None] * 8, "half deaf, a count says nothing"
    assert (found.value, found.met) == (13, None)
    assert found.short == "13, too little was heard to say · heard 50 %"
    assert world.told("volume", ">= 12").met, "what was not heard can only add to it"
    assert [one is not None for one in world.told("net_sentiment", "> 0").trend] == [False] * 4 + [True] * 4


def test_a_line_is_that_of_least_squares_with_its_interval() -> None:
    """Montgomery, Peck and Vining's formulas, by hand for five points."""
    found = forecast([1.0, 3.0, 2.0, None, 5.0, 4.0], 1.0)
    assert found is not None
    points = [(0, 1.0), (1, 3.0), (2, 2.0), (4, 5.0), (5, 4.0)]
    sxx = sum((x - 2.4) ** 2 for x, _ in points)
    slope = sum((x - 2.4) * (y - 3.0) for x, y in points) / sxx
    rest = sum((y - 3.0 - slope * (x - 2.4)) ** 2 for x, y in points)
    half = 3.182 * math.sqrt(rest / 3) * math.sqrt(1 + 1 / 5 + (6 - 2.4) ** 2 / sxx)
    assert found == pytest.approx((3.0 + slope * 3.6, 3.0 + slope * 3.6 - half, 3.0 + slope * 3.6 + half))
    assert forecast([1.0, None, 2.0, 3.0], 1.0) is None


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_cost_stands_beside_worth_with_what_was_assumed(world: World) -> None:
    grown(world, [30, 30, 30, 40])
    world.hear()
    with Reader(world.path) as reader:
        ids = reader.page(Scope(reader, objective("volume", "> 1"), NOW).node, now=NOW).ids
    for at, number in zip((60_000, 59_820, 59_700, 30_000), ids, strict=False):
        world.act(at / DAY, number, "done")
    connection = world.writer.connection
    for end, dollars in ((NOW, 0.5), (NOW - 5 * DAY, 1.5), (NOW - 30 * DAY, 9.0)):
        with world.writer.transaction():
            budgets.spend(connection, "x:", budgets.MONEY, end, 1, dollars)
    found = world.told("volume", ">= 50", since=on(-7), worth=money_of("12 EUR"), hour=money_of("30 EUR"))
    assert (found.effort.seconds, found.effort.sessions, found.effort.actions) == (300 + 2 * effort.BEFORE, 2, 4)
    assert found.effort.paid == pytest.approx(2.0), "the money of a month ago is another window's"
    assert (str(found.worth), str(found.cost), found.gained) == ("120 EUR", "3.50 EUR", 10)
    assert any("12 EUR for each mention" in one and "30" in one for one in found.assumptions)
    assumed = world.told("volume", ">= 50", hour=money_of("30 EUR"), minutes=3)
    assert str(assumed.cost) == "6.00 EUR"


def test_every_budget_of_money_is_kept_for_a_year() -> None:
    import sources
    from sources.x import MONEY

    assert MONEY == budgets.MONEY
    assert "x" in sources.names()


def test_a_mirror_gives_back_what_was_configured() -> None:
    given = [
        objective("first_response_time", "< 2h", share=0.8, by=date(2027, 3, 31), since=date(2026, 1, 1), owner="ana",
                  desk="care", query="(a OR b)", worth=money_of("€ 12.50"), hour=money_of("40 EUR"), minutes=3),
        replace(objective("volume", ">= 12,000", view="crisis", window=28.0 * DAY), name="two", place="a.toml:7"),
    ]  # fmt: skip
    assert list(promised.read(promised.told(given))) == given
