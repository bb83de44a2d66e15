"""Terms are counted beside the collecting: hours, days, what changes in them, and what is stored before it began."""

from __future__ import annotations

from collections import Counter

import pytest

from listen.model import first_id
from listen.store import recount, terms
from listen.store.layout import hour_of
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, check_terms, make_post

HOUR, DAY = 3_600, 86_400
PRESENT = hour_of(first_id(NOW))


def say(desk: Desk, *said: tuple[str, float]) -> list[int]:
    """Mentions of acme with these texts, so many seconds ago."""
    posts = [make_post(f"{body} {ago}", body, published_at=int(NOW - ago), topics={1: None}) for body, ago in said]
    return desk.add(posts).new_ids


def drain(desk: Desk) -> None:
    """Count all that is owed, as if time had passed."""
    desk.writer.recount = recount.Pass()
    while recount.step(desk.writer):
        pass


def told(desk: Desk, first: int = 0, last: int = PRESENT + 1, at_once: int = 0) -> dict[str, int]:
    known = terms.known_from(desk.connection, NOW)
    return dict(terms.told(desk.connection, 1, first, last, at_once=at_once, known=known).terms)


def test_what_is_packed_comes_back() -> None:
    counts = Counter({"smell": 3, "burning": 3, "#acme": 1, "東京": 12, "x.example/a?b=c": 1, "🔥": 2})
    packed = terms.pack(counts)
    assert terms.unpacked([packed]) == counts
    assert terms.unpacked([packed, terms.pack(Counter()), terms.pack(Counter(burning=1))]) == counts + Counter(
        burning=1
    )
    assert set(terms.unpacked([terms.pack(counts, least=2)])) == {"smell", "burning", "東京", "🔥"}
    assert not terms.unpacked([])


def test_an_hour_is_counted_when_it_is_over_and_read_at_once_before(desk: Desk) -> None:
    say(desk, ("burning smell", 10), ("burning", HOUR + 10))
    desk.writer.clock.at -= 5  # type: ignore[attr-defined]
    drain(desk)
    assert told(desk) == {"burning": 1}
    assert told(desk, at_once=6) == {"burning": 2, "smell": 1}
    desk.writer.clock.at += 10  # type: ignore[attr-defined]
    drain(desk)
    assert told(desk) == {"burning": 2, "smell": 1}
    assert not recount.step(desk.writer)


def test_a_look_is_taken_every_ten_minutes(desk: Desk, clock: Turned) -> None:
    drain(desk)
    say(desk, ("burning", HOUR))
    assert not recount.step(desk.writer)
    clock.at += recount.AGAIN
    assert recount.step(desk.writer)
    assert told(desk) == {"burning": 1}


def test_older_days_are_summed_up_and_opened_again_when_they_change(desk: Desk, clock: Turned) -> None:
    ids = say(desk, *((f"burning word{'abc'[n % 3]}", 5 * DAY + HOUR * n) for n in range(9)), ("new", HOUR))
    drain(desk)
    assert desk.one("SELECT count(*) FROM term_hours") == 1
    assert told(desk)["burning"] == 9
    with Triage(desk.writer.path, "ana", clock) as ana:
        ana.set_status(ids[:2], "dismissed")
        drain(desk)
        assert told(desk)["burning"] == 7
        check_everything(desk.connection)
        ana.undo()
    desk.writer.delete(ids[2:3])
    drain(desk)
    assert told(desk)["burning"] == 8
    check_terms(desk.connection, PRESENT)
    clock.at += DAY * (terms.KEPT_DAYS + 10)
    drain(desk)
    assert not desk.rows("SELECT 1 FROM term_hours UNION ALL SELECT 1 FROM term_days")


def test_of_a_busy_day_what_one_story_says_is_not_kept(desk: Desk) -> None:
    say(
        desk,
        *((f"common {'single' if not n else 'twice' if n < 3 else 'many'}", 5 * DAY + HOUR + n) for n in range(100)),
    )
    drain(desk)
    assert told(desk) == {"common": 100, "twice": 2, "many": 97}
    assert [recount.fewest(n) for n in (0, 99, 100, 999, 1_000)] == [1, 1, 2, 2, 3]


def test_of_a_very_busy_hour_every_second_story_is_read_and_counts_for_two(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(desk, *((f"common {'odd' if n % 2 else 'even'}", HOUR + 9 + n) for n in range(20)))
    monkeypatch.setattr(terms, "MOST", 10)
    drain(desk)
    assert told(desk)["common"] == 20


def test_words_of_what_is_deleted_leave_without_waiting(desk: Desk, clock: Turned) -> None:
    ids = say(desk, ("secretword", 9 * DAY), ("remaining", 9 * DAY), ("secretword", HOUR))
    drain(desk)
    desk.writer.delete([ids[0], ids[2]])
    say(desk, ("waits", 3 * HOUR))
    while desk.writer.merge_deleted():
        pass
    assert told(desk) == {"remaining": 1}


def test_what_was_stored_before_is_counted_by_and_by_newest_first(desk: Desk, clock: Turned) -> None:
    say(desk, *((f"day{chr(97 + day)}", day * DAY + 10) for day in range(9)), ("gone", (terms.KEPT_DAYS + 5) * DAY))
    with desk.writer.transaction():
        desk.connection.execute("DELETE FROM terms_owed")
        desk.connection.execute("INSERT OR REPLACE INTO state VALUES ('terms_from', ?)", (str(PRESENT),))
    reached = []
    while recount.step(desk.writer):
        reached.append(terms.known_from(desk.connection, NOW))
    assert reached == sorted(reached, reverse=True)
    assert len(set(reached)) > 5
    assert set(told(desk)) == {f"day{chr(97 + day)}" for day in range(9)}
    check_terms(desk.connection)
    # Another reading of texts begins anew.
    with desk.writer.transaction():
        desk.connection.execute("UPDATE state SET value = 'older' WHERE name = 'terms_version'")
    drain(desk)
    assert set(told(desk)) == {f"day{chr(97 + day)}" for day in range(9)}


def test_a_topic_that_is_matched_anew_has_its_terms(desk: Desk, clock: Turned) -> None:
    desk.add([make_post("1", "charger smell", published_at=NOW - HOUR), make_post("2", "charger", published_at=NOW)])
    writer: Writer = desk.writer
    writer.sync_topics([("acme", "charger", "brand")])
    while writer.idle():
        pass
    drain(desk)
    number = desk.one("SELECT id FROM topics WHERE active")
    found = terms.told(desk.connection, number, 0, PRESENT + 1, at_once=0, known=0)
    assert dict(found.terms) == {"charger": 1, "smell": 1}
