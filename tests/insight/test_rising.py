"""What rises against the window before, what is new, and the numbers behind each term."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from listen.insight import rising as insight
from listen.insight.phrases import around
from listen.insight.rising import Rising, Term, rising
from listen.insight.telling import log_odds
from listen.insight.window import window
from listen.model import Author
from listen.query import parse
from listen.store import recount, terms
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.insight.test_brief import DAY, HOUR, NOW, House, house
from tests.store.posts import make_post

__all__ = ["house"]

USUAL = [
    "battery", "lasted", "charger", "delivery", "weekend", "review", "update", "colour", "weather", "music", "price",
    "garden",
]  # fmt: skip
CHANCE = random.Random(5)
WEEK = 7 * DAY


def say(house: House, ago: float, *texts: str, score: int | None = None) -> list[int]:
    """Mentions of acme, each by another author."""
    topics = {house.world.topics["acme"]: score}
    posts = [
        make_post(f"{one} {ago} {at}", one, topics=topics, published_at=int(NOW - ago) + at, score=score,
                  author=Author(f"a{CHANCE.randrange(1 << 40)}"))
        for at, one in enumerate(texts)
    ]  # fmt: skip
    return house.world.add(posts, seen_at=NOW).new_ids


def count(house: House) -> None:
    house.world.writer.recount = recount.Pass()
    while recount.step(house.world.writer):
        pass


def usual(house: House) -> None:
    """Two weeks of talk in which nothing rises."""
    for day in range(14):
        chance = random.Random(day % 7)
        some = (" ".join([*chance.sample(USUAL, 4), f"no{CHANCE.random()}"]) for _ in range(20))
        say(house, day * DAY + 2 * HOUR, *some)


def asked(house: House, written: str = "7d") -> Rising:
    with Reader(house.path) as reader:
        found = rising(reader, "acme", window(written, NOW), now=NOW, budget=600)
        assert found is not None
        # Each number is what its stream shows, dismissed ones aside.
        for term in [*found.words, *found.tags, *found.emoji]:
            page = reader.page(parse(term.query), limit=1_000, budget=None, now=NOW)
            with reader.snapshot() as connection:
                assert terms.said(connection, house.world.topics["acme"], page.ids).stories == term.n, term
    return found


def named(some: Sequence[Term]) -> list[str]:
    return [term.text for term in some]


def test_what_rises_is_told_with_the_stream_behind_it(house: House) -> None:
    usual(house)
    for part in range(2, 12):
        one, other = USUAL[part], USUAL[part // 2]
        said = (
            f"there is a burning smell {one} {other}",
            f"{one} a Burning smell again? {other} #Dockgate",
            f"{other} 🔥 firmware 4.2 {one}",
            f"firmware 4.2 {other} and {one} 🔥 https://www.lemonde.fr/a?utm_source=x",
        )
        say(house, part * DAY / 2, *said, score=-600)
    say(house, 9 * DAY, "burning smell once")
    count(house)
    found = asked(house)
    assert set(named(found.words)) == {"burning smell", "firmware 4.2"}
    assert (named(found.tags), named(found.emoji)) == (["#dockgate"], ["🔥"])
    assert (named(found.links), found.links[0].n) == (["www.lemonde.fr/a"], 10)
    assert set(named(found.new)) == {"#dockgate", "firmware 4.2"}
    smell = next(one for one in found.words if one.text == "burning smell")
    assert (smell.n, smell.before, smell.new, smell.tone) == (20, 1, False, pytest.approx(-0.6))
    assert smell.z > 2
    assert smell.query.startswith('topic:acme "burning smell" since:')
    assert next(one for one in found.tags).ratio is None
    assert (found.mentions, found.mentions_before) == (180, 141)
    assert found.since == NOW - terms.KEPT_DAYS * DAY
    with Reader(house.path) as reader:
        week = window("7d", NOW)
        told = [reader.count_stories(parse(f"topic:acme {one.query()}"), now=NOW) for one in (week, week.before())]
        assert smell.ratio == pytest.approx((20 / told[0]) / (1 / told[1]))
        assert len(reader.page(parse(found.links[0].query), budget=None, now=NOW).ids) == 10
        assert rising(reader, "nobody", window("7d", NOW), now=NOW) is None
        assert asked(house, "24h").mentions < 50


def test_people_stories_and_dismissals_count_at_once(house: House) -> None:
    usual(house)
    count(house)
    copies = ["Acme recalls two million batteries after several fires in homes across Europe this weekend"] * 9
    say(house, DAY, *copies)
    said = say(house, DAY + HOUR, *(f"dockgate {word}" for word in USUAL))
    alone = [make_post(f"x{n}", f"mantra {USUAL[n]}", topics={house.world.topics["acme"]: None},
                       author=Author("one"), published_at=NOW - DAY - n) for n in range(9)]  # fmt: skip
    house.world.add(alone, seen_at=NOW)
    found = asked(house)
    assert named(found.words) == ["dockgate"], "no story told often, and nothing that one author says"
    assert found.words[0].n == 12
    with Triage(house.path, "ana", house.clock) as ana:
        ana.set_status(said[:4], "dismissed")
        assert [one.n for one in asked(house).new] == [8]
        ana.set_status(said, "dismissed")
        assert not asked(house).new
        ana.undo()
        assert asked(house).new


def test_without_a_time_before_nothing_rises_and_without_time_the_table_tells(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(house, DAY, *(f"burning smell {word}" for word in USUAL))
    count(house)
    found = asked(house)
    assert (found.words, found.new, found.mentions, found.mentions_before) == ([], [], 12, 0)
    say(house, 9 * DAY, "so little tells not what is new")
    assert not asked(house).new
    usual(house)
    count(house)
    with Reader(house.path) as reader:
        found = rising(reader, "acme", window("7d", NOW), now=NOW, budget=-1)
        assert found is not None
        assert [(one.text, one.n, one.new, one.tone) for one in found.words] == [
            ("burning", 12, False, None), ("smell", 12, False, None),
        ]  # fmt: skip
        # However far it comes in its time, each number is the index's or the table's.
        ticks = itertools.count()
        monkeypatch.setattr(insight, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
        for budget in range(12):
            found = rising(reader, "acme", window("7d", NOW), now=NOW, budget=budget)
            assert found is not None
            assert tuple(named(found.words)) in {("burning", "smell"), ("burning smell",)}, budget
            assert {one.n for one in found.words} == {12}, budget


def test_what_a_topic_asks_for_does_not_rise() -> None:
    assert insight.written("recall") == "recall"
    assert insight.written("x.example/a") == 'link:"x.example/a"'
    for term in ("recall", "#acme", "🔥", "東京", "or", "not", "x.example/a?b=(c)"):
        parse(insight.written(term))


def test_the_log_odds_know_rare_from_frequent() -> None:
    """More is surer; what is said as often before and after is none; the swap turns the sign."""
    assert log_odds(14, 10_000, 1, 10_000) > log_odds(7, 10_000, 1, 10_000) > 0
    assert log_odds(50, 10_000, 50, 10_000) == pytest.approx(0)
    assert log_odds(30, 10_000, 10, 12_000) == pytest.approx(-log_odds(10, 12_000, 30, 10_000))
    assert log_odds(0, 10_000, 0, 10_000) == 0
    assert log_odds(3, 10_000, 0, 10_000) < 2 < log_odds(12, 10_000, 0, 10_000)


@pytest.mark.parametrize(
    ("word", "texts", "found"),
    [
        ("burning", ["a Burning smell", "burning smell!", "the burning smell of it"], "burning smell"),
        ("firmware", ["firmware 4.2 is out"] * 4, "firmware 4.2"),
        ("smell", ["burning smell", "the smell", "a smell", "smell"], None),
        ("recall", ["the acme recall"] * 5, None),
        ("東京", ["東京都 は"] * 3, "東京都"),
        ("smell", ["burning. smell"] * 4, None),
    ],
)
def test_words_that_belong_together(word: str, texts: list[str], found: str | None) -> None:
    assert around(word, texts, {"acme"}) == found
