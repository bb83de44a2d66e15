"""What share people dismiss, by topic and source."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen.insight.dismissals import BEFORE, DAY, LATELY, LEAST, Change, Share, dismissals, fisher
from listen.model import first_id
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, fast, make_desk, make_post


class Dealt(NamedTuple):
    """One mention, and what somebody did with it."""

    days: float
    channel: str
    topics: frozenset[str]
    status: str
    starred: bool


DEALT = st.builds(
    Dealt,
    st.sampled_from([0, 1, LATELY - 0.01, LATELY + 0.01, 20, LATELY + BEFORE - 0.01, LATELY + BEFORE + 0.01, 60]),
    st.sampled_from(["a1", "a2", "b1"]),
    st.frozensets(st.sampled_from(["acme", "rival", "power"])),
    st.sampled_from(["new", "done", "answered", "dismissed", "skipped"]),
    st.booleans(),
)

SLOW = """
SELECT coalesce(sum(status = 3), 0), count(*) FROM mentions AS m JOIN triage AS t ON t.mention_id = m.id
WHERE (status = 1 OR status = 2 OR status = 3 OR starred = 1) AND m.id >= ? AND m.id < ?
AND (SELECT s.name FROM channels AS c JOIN sources AS s ON s.id = c.source_id WHERE c.id = m.channel_id) = ?
AND (? IS NULL OR EXISTS (SELECT 1 FROM matches AS x JOIN topics AS p ON p.id = x.topic_id
                          WHERE x.mention_id = m.id AND p.name = ?))"""


def told(path: Path, dealt: list[Dealt]) -> Desk:
    """A store in which that was done."""
    schema.prepare(path)
    desk = make_desk(Writer(fast(sqlite.connect_writer(path)), Turned(NOW)))
    with Triage(path, "ana", Turned(NOW)) as triage:
        fast(triage.connection)
        for number, one in enumerate(dealt):
            topics = {desk.topics[name]: None for name in one.topics}
            post = make_post(f"p{number}", "said", topics=topics, published_at=int(NOW - one.days * DAY))
            ids = desk.add([post], one.channel).new_ids
            triage.set_status(ids, one.status)
            if one.starred:
                triage.star(ids)
    return desk


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DEALT, max_size=14))
def test_shares_are_those_of_slow_and_obvious_sql(tmp_path_factory, dealt: list[Dealt]) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("store") / "listen.db"
    desk = told(path, dealt)
    with Reader(path) as reader:
        found = dismissals(reader, now=NOW)
    turn = NOW - LATELY * DAY
    times = ((first_id(turn - BEFORE * DAY), first_id(turn)), (first_id(turn), first_id(NOW + DAY)))
    wanted = {}
    for topic in (None, "acme", "rival", "power"):
        for source in ("a", "b"):
            before, lately = (Share(*desk.rows(SLOW, *time, source, topic, topic)[0]) for time in times)
            if before.handled or lately.handled:
                wanted[topic, source] = before, lately
    desk.connection.close()
    assert {(one.topic, one.source): (one.before, one.lately) for one in (*found.sources, *found.topics)} == wanted
    for topic in ("acme", "rival"):
        of_it = [share for (name, _), both in wanted.items() if name == topic for share in both]
        assert found.of_topic(topic) == Share(sum(s.dismissed for s in of_it), sum(s.handled for s in of_it))


SHARES = st.integers(0, 14).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))


@given(SHARES, SHARES)
def test_fisher_is_what_counting_all_tables_gives(one: Share, other: Share) -> None:
    gone = one.dismissed + other.dismissed
    ways = {
        x: math.comb(one.handled, x) * math.comb(other.handled, gone - x)
        for x in range(one.handled + 1)
        if 0 <= gone - x <= other.handled
    }
    exact = Fraction(sum(n for n in ways.values() if n <= ways[one.dismissed]), sum(ways.values()))
    assert math.isclose(fisher(one, other), float(exact), rel_tol=1e-6)
    assert math.isclose(fisher(one, other), fisher(other, one), rel_tol=1e-6)


def many(days: float, channel: str, dismissed: int, handled: int) -> list[Dealt]:
    topics = frozenset({"acme"})
    return [Dealt(days, channel, topics, "dismissed" if n < dismissed else "done", False) for n in range(handled)]


def test_a_change_beyond_chance_is_told(tmp_path: Path) -> None:
    dealt = [*many(20, "b1", 2, 50), *many(1, "b1", 10, 40), *many(20, "a1", 5, 40), *many(1, "a1", 7, 40)]
    told(tmp_path / "listen.db", dealt).connection.close()
    with Reader(tmp_path / "listen.db") as reader:
        found = dismissals(reader, now=NOW)
    (change,) = found.changes("acme")
    assert (change.source, str(change)) == ("b", "4 % → 25 % dismissed, re-check")
    assert [one.source for one in found.sources if one.told] == ["b"]
    assert found.changes("rival") == []
    assert found.of_source("a") == (12, 80)
    assert str(Change(None, "x", Share(5, 10), Share(1, 10))) == "50 % → 10 % dismissed"


def test_few_say_nothing(tmp_path: Path) -> None:
    told(tmp_path / "listen.db", [*many(20, "b1", 0, 90), *many(1, "b1", LEAST - 1, LEAST - 1)]).connection.close()
    with Reader(tmp_path / "listen.db") as reader:
        found = dismissals(reader, now=NOW)
    assert [one.p for one in found.sources] == [None]
    assert not any(one.told for one in (*found.sources, *found.topics))
    assert Share().percent == "?"


def test_chance_alone_is_seldom_told() -> None:
    """Of 400 pairs of samples of one and the same share hardly any is told, though each is one of twenty compared."""
    import random

    dice = random.Random(7)
    sides = [[sum(dice.random() < 0.1 for _ in range(60)) for _ in range(400)] for _ in range(2)]
    unlikely = sum(20 * fisher(Share(a, 60), Share(b, 60)) < 0.05 for a, b in zip(*sides, strict=True))
    assert unlikely <= 3
