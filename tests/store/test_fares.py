"""Dead and quiet channels: told apart, against a channel's own habit, and once each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.store import fares, schema, sqlite
from listen.store.fares import Habit, Row
from listen.store.layout import NEVER
from listen.store.read import Reader
from listen.store.write import ChannelUpdate, Writer
from tests.store.posts import Turned, fast, make_post

HOUR, DAY = 3_600, 86_400


class Listening:
    """A channel that is asked once an hour, on a clock of its own."""

    def __init__(self, path: Path, clock: Turned) -> None:
        schema.prepare(path)
        self.path, self.clock, self.count = path, clock, 0
        self.writer = Writer(fast(sqlite.connect_writer(path)), clock)
        self.writer.claim()
        source = self.writer.sync_sources([("press", "feed", {})])["press"]
        self.channel = self.writer.sync_channels(source, [("a", "a")])["a"].id

    def asked(self, *, new: bool = False, error: str = "") -> None:
        """An hour later: a good answer, with something new or without, or a failure."""
        self.clock.at += HOUR
        now = int(self.clock.now())
        if error:
            errors = self.state().errors + 1
            next_at = NEVER if error == "gone" else now + HOUR
            update = ChannelUpdate(errors=errors, error_reason=error, error=error, error_at=now, next_at=next_at)
            self.writer.update_channel(self.channel, update)
            return
        update = ChannelUpdate(good_at=now, errors=0, error_reason=None, error=None)
        if not new:
            self.writer.update_channel(self.channel, update)
            return
        self.count += 1
        self.writer.add(self.channel, [make_post(str(self.count), "acme")], seen_at=now, update=update)

    def week(self, weeks: int = 1) -> None:
        """Something new each hour of the day, nothing at night and at the weekend."""
        for hour in range(weeks * 168):
            self.asked(new=8 <= hour % 24 < 20 and hour // 24 % 7 < 5)

    def state(self) -> fares.Row:
        found = fares.row(self.writer.connection, self.channel)
        assert found is not None
        return found

    def told(self) -> list[str]:
        """Every turn so far, oldest first."""
        return [one.fare for one in reversed(fares.fares(self.writer.connection, 99))]

    def shown(self) -> tuple[str, str | None]:
        with Reader(self.path) as reader:
            (channel,) = reader.channels()
        return channel.state, channel.fare_words


@pytest.fixture
def listening(tmp_path: Path, clock: Turned) -> Iterator[Listening]:
    one = Listening(tmp_path / "fares.db", clock)
    yield one
    one.writer.connection.close()


def test_nights_and_weekends_are_no_silence_and_a_week_without_a_word_is(listening: Listening) -> None:
    listening.week(3)
    assert listening.told() == [], "64 hours are what each weekend takes"
    for _ in range(64 + 128):
        listening.asked()
    assert listening.told() == ["quiet"]
    with Reader(listening.path) as reader:
        (turn,) = reader.fares()
        assert (turn.source, turn.channel_id, turn.fare) == ("press", listening.channel, "quiet")
        assert reader.fares(after=turn.id) == []
    state, words = listening.shown()
    assert state == "quiet"
    assert words == (
        "it answers, and has brought nothing new for much longer than it used to (its longest silence of late was 2 d)"
    )
    listening.asked(new=True)
    assert (listening.told(), listening.shown()) == (["quiet", ""], ("ok", None))
    assert [(one.source, one.channel, one.fare) for one in listening.writer.turned] == [
        ("press", "a", "quiet"), ("press", "a", ""),
    ]  # fmt: skip


def test_one_long_silence_does_not_become_what_is_usual(listening: Listening) -> None:
    listening.week(2)
    for _ in range(40 * 24):
        listening.asked()
    listening.week(1)
    for _ in range(14 * 24):
        listening.asked()
    assert listening.told() == ["quiet", "", "quiet"]


def test_a_habit_is_not_known_at_once(listening: Listening) -> None:
    for _ in range(20):
        listening.asked(new=True)
    for _ in range(4 * 24):
        listening.asked()
    assert listening.told() == []


def test_hours_in_which_nobody_asked_are_no_silence(listening: Listening) -> None:
    for _ in range(250):
        listening.asked(new=True)
    listening.clock.at += 30 * DAY
    listening.writer.update_channel(listening.channel, ChannelUpdate(next_at=int(listening.clock.now()) + 60))
    assert listening.told() == []
    listening.asked(new=True)
    assert listening.told() == []


def test_what_has_not_answered_for_a_week_is_dead_and_its_first_good_answer_revives_it(listening: Listening) -> None:
    listening.asked(new=True)
    for _ in range(6 * 24):
        listening.asked(error="http-404")
    assert (listening.told(), listening.shown()[0]) == ([], "failing")
    for _ in range(25):
        listening.asked(error="http-404")
    assert (listening.told(), listening.shown()) == (["dead"], ("dead", "no good answer for a week"))
    listening.asked()
    assert (listening.told(), listening.shown()[0]) == (["dead", ""], "ok")


def test_what_says_that_it_is_gone_is_dead_at_once_and_what_was_never_set_up_is_not(listening: Listening) -> None:
    listening.asked(error="gone")
    assert listening.shown() == ("dead", "it says that it is gone for good")
    row = Row(None, None, None, None, NEVER, 9, "settings")
    assert fares.judged(row, Habit(0), 99 * DAY) == ("", "")


def test_what_is_kept_of_the_past_is_bounded(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fares, "KEPT", 3)
    for _ in range(4):
        listening.asked(error="gone")
        listening.asked()
    assert listening.told() == ["", "dead", ""]
