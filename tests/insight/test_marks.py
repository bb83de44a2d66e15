"""Marks: what happened, taken back and put again, and a topic before and after it."""

from __future__ import annotations

import pytest

from listen.insight.marks import Effect, Mark, effect, topics_of
from listen.store import marks
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.insight.test_brief import DAY, HOUR, NOW, WEEK, House, house
from tests.store.posts import make_post

__all__ = ["house"]

ALWAYS = (0, 1 << 40)


def told(house: House) -> list[tuple[str, str | None]]:
    with Reader(house.path) as reader:
        return [(one.text, one.topic) for one in reader.marks(*ALWAYS)]


def effect_of(house: House, ago: float, topic: str = "acme", **more: int) -> Effect | None:
    with Reader(house.path) as reader:
        return effect(reader, Mark(1, int(NOW - ago), "TV ad", "ana", None), topic, now=NOW, **more)


def say(house: House, ago: float, score: int, *texts: str) -> list[int]:
    """Mentions with so much sentiment toward acme."""
    toward = {house.world.topics["acme"]: score}
    at = int(NOW - ago)
    return house.world.add([make_post(one, one, topics=toward, published_at=at) for one in texts], seen_at=at).new_ids


def test_a_mark_is_set_taken_back_put_again_and_told_by_the_journal(house: House) -> None:
    with Triage(house.path, "ana", house.clock) as ana, Triage(house.path, "bo", house.clock) as bo:
        first, _ = ana.mark("TV ad \x1b[31m\u202e", NOW - DAY)
        second, done = ana.mark("recall", NOW - HOUR, "acme")
        assert (first, second, done.text) == (1, 2, "mark set: recall")
        text = told(house)[0][0]
        assert text.startswith("TV ad")
        assert not {"\x1b", "\u202e"} & set(text)
        assert bo.undo() is None, "others take back their own alone"
        assert ana.undo()
        assert told(house) == [(text, None)]
        assert ana.redo()
        assert told(house)[1] == ("recall", "acme")
        gone = ana.unmark([first, second, 77])
        assert (gone.count, told(house)) == (2, [])
        assert ana.undo()
        assert len(told(house)) == 2, "both were one step"
        for wrong in ("", " \n", "x" * 121):
            with pytest.raises(ValueError, match="a mark"):
                ana.mark(wrong, NOW)
    with Reader(house.path) as reader:
        assert [one.action for one in reader.steps()] == [
            "marks taken away", "mark set: recall", "mark set: " + text,
        ]  # fmt: skip
        of_acme, of_others = reader.marks(*ALWAYS, "acme"), reader.marks(*ALWAYS, "battery")
        assert [one.text for one in of_acme] == [text, "recall"]
        assert [one.text for one in of_others] == [text]
        assert [one.text for one in reader.marks(NOW - DAY, NOW - HOUR)] == [text], "until is exclusive"
        assert topics_of(reader, of_acme[1]) == ["acme"]


def test_what_names_somebody_is_forgotten_and_does_not_come_back_by_undo(house: House) -> None:
    with Triage(house.path, "ana", house.clock) as ana:
        ana.mark("talk of Claire.B", NOW)
        with house.writer.transaction():
            assert marks.forget(house.writer.connection, ["claire.b"]) == (1, 1)
        ana.undo()
        ana.redo()
    assert told(house) == []
    kept = house.writer.connection.execute("SELECT text, action || detail FROM marks, journal").fetchall()
    assert kept
    assert all("laire" not in part for row in kept for part in row)


def test_before_and_after_are_equally_long_and_told_beside_what_is_expected(house: House) -> None:
    """A mark two hours ago; the same hour of every day of eight weeks had 4 mentions."""
    house.heard(8 * WEEK, 0)
    house.say_daily(56, 4)
    say(house, 3 * HOUR - 60, -800, "before", "again")
    say(house, 2 * HOUR, 700, "at that very second")
    house.say(HOUR, *["not scored"] * 5)
    kept = say(house, HOUR + 30, 700, "dismissed", "in truth bad")
    with Triage(house.path, "ana", house.clock) as ana:
        ana.set_status(kept[:1], "dismissed")
        ana.correct(kept[1:], "neg")
    found = effect_of(house, 2 * HOUR, span=HOUR)
    assert found is not None
    assert (found.over, found.span) == (True, HOUR)
    assert (found.before.n, found.before.neg) == (2, 2)
    assert (found.after.n, found.after.pos, found.after.neg) == (2, 1, 1), "what was dismissed is out, a correction in"
    whole = effect_of(house, 2 * HOUR)
    assert whole is not None
    assert (whole.over, whole.span) == (False, 2 * HOUR), "no longer than has passed"
    assert (whole.after.n, whole.basis, whole.heard) == (7, "the same hours of earlier weeks", 1.0)
    assert (whole.expected, whole.expected_before) == (pytest.approx(4, abs=2), pytest.approx(1, abs=1))
    assert effect_of(house, 30) is None
    assert effect_of(house, -DAY) is None, "nothing is said of what is to come"


def test_what_was_to_come_after_is_told_from_the_hours_before_the_mark_alone(house: House) -> None:
    house.heard(8 * WEEK, 0)
    house.say_daily(56, 4)
    spans = (DAY, 20 * DAY)
    effects = [effect_of(house, 20 * DAY, span=span) for span in spans]
    house.say(19.5 * DAY, *["everybody speaks of it"] * 50)
    for before, span in zip(effects, spans, strict=True):
        after = effect_of(house, 20 * DAY, span=span)
        assert before is not None
        assert after is not None
        assert after.after.n - before.after.n == 50
        assert before.expected == pytest.approx(4 * span / DAY, rel=0.5)
        assert after == before._replace(after=after.after)
