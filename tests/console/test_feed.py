"""The window of ids: nothing in view moves under the reader, whatever arrives and however they go about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen.console import feed as module
from listen.console.feed import LIMIT, NEAR, SETTLED, Feed, Want

HEIGHT = 10


def a_feed(count: int = 50, first: int = 1000, *, oldest: bool = True, height: int = HEIGHT) -> Feed:
    feed = Feed(height)
    feed.load([first - 10 * at for at in range(count)], oldest=oldest, searched_to=first - 10 * (count - 1))
    return feed


def test_at_the_top_arrivals_are_shown_and_the_cursor_stays_on_the_first_row() -> None:
    feed = a_feed()
    assert feed.following
    assert feed.arrive([1010, 1005], 100.0)
    assert feed.visible[:3] == [1010, 1005, 1000]
    assert (feed.cursor, feed.top, feed.current) == (0, 0, 1010)
    assert feed.counters() == (0, 0)


def test_late_posts_sort_by_their_own_time_also_while_following() -> None:
    feed = a_feed()
    assert feed.arrive([995], 1.0)
    assert feed.visible[:3] == [1000, 995, 990]
    assert not feed.arrive([601], 2.0), "below the view nothing is repainted"


def test_elsewhere_nothing_moves_and_counters_count_up() -> None:
    feed = a_feed()
    feed.move(5)
    view, current = feed.visible, feed.current
    assert not feed.arrive([1010, 1020, 1030], 1.0)
    assert not feed.arrive([985, 601, 603], 2.0)
    assert (feed.visible, feed.current) == (view, current)
    assert feed.counters() == (3, 3)


def test_going_up_shows_what_was_counted_and_ends_in_following() -> None:
    feed = a_feed()
    feed.move(5)
    feed.arrive([1010, 1020, 1030, 985], 1.0)
    feed.move(-6)
    assert feed.counters()[0] < 3
    while not feed.following:
        feed.move(-1)
    assert feed.visible[:5] == [1030, 1020, 1010, 1000, 990]
    assert 985 in feed.visible
    assert feed.counters() == (0, 0)


def test_the_top_key_shows_everything_at_once() -> None:
    feed = a_feed()
    feed.page(2)
    feed.arrive(range(1001, 1038), 1.0)
    assert feed.counters() == (37, 0)
    moved = feed.to_top()
    assert moved.scrolled
    assert feed.following
    assert feed.current == 1037
    assert feed.counters() == (0, 0)


def test_a_late_post_waits_while_its_place_is_in_view() -> None:
    feed = a_feed()
    feed.page(1)
    view = feed.visible
    feed.arrive([view[3] - 1], 1.0)
    assert feed.visible == view
    feed.move(1)
    assert feed.visible == view
    feed.page(1)
    assert view[3] - 1 in feed.ids
    assert feed.ids == sorted(feed.ids, reverse=True)


def test_reading_something_else_holds_the_list() -> None:
    feed = a_feed()
    feed.paused = True
    assert not feed.following
    assert not feed.arrive([1010], 1.0)
    assert feed.current == 1000
    assert feed.counters() == (1, 0)
    feed.to_top()
    assert feed.following


def test_an_empty_list_shows_what_arrives() -> None:
    feed = Feed(HEIGHT)
    feed.load([], oldest=True, searched_to=0)
    assert feed.current is None
    assert feed.target(0.0) is None
    assert feed.arrive([5, 7], 0.0)
    assert feed.ids == [7, 5]


def test_what_is_older_than_the_window_is_counted_but_not_held() -> None:
    feed = a_feed(oldest=False)
    feed.move(3)
    feed.arrive([5], 1.0)
    assert 5 not in feed.ids
    assert feed.counters() == (0, 1)


def test_more_is_asked_for_in_time() -> None:
    feed = a_feed(200, 10_000, oldest=False)
    assert feed.wants() is None
    feed.move(NEAR)
    assert feed.wants() == Want("down", 10_000 - 1990)
    feed.extend_down(range(8000, 7000, -10), oldest=True, searched_to=0)
    assert feed.wants() is None
    feed.to_bottom()
    assert feed.current == 7010


def test_no_more_ids_are_held_than_the_limit_and_the_way_back_is_asked_for() -> None:
    feed = a_feed(200, 100_000, oldest=False)
    while not feed.oldest:
        feed.to_bottom()
        last = feed.ids[-1]
        feed.extend_down(
            range(last - 10, max(0, last - 2010), -10), oldest=last < 3000, searched_to=max(0, last - 2010)
        )
        assert len(feed) <= LIMIT
    assert not feed.newest
    feed.arrive([100_010], 1.0)
    assert 100_010 not in feed.ids
    assert feed.counters() == (1, 0)
    feed._go(0)
    want = feed.wants()
    assert want == Want("up", feed.ids[0])
    current = feed.current
    feed.extend_up(range(want.beyond + 2000, want.beyond, -10), newest=False, searched_up_to=want.beyond + 2000)
    assert feed.current == current
    assert len(feed) <= LIMIT


def test_moving_down_keeps_a_margin_and_scrolls_by_one_or_by_the_jump() -> None:
    feed = a_feed()
    moves = [feed.move(1) for _ in range(9)]
    assert [moved.scrolled for moved in moves] == [False] * 7 + [True] * 2
    assert feed.top == 2
    jumping = Feed(HEIGHT, jump=4)
    jumping.load([1000 - at for at in range(50)], oldest=True, searched_to=0)
    assert sum(jumping.move(1).scrolled for _ in range(20)) <= 5


def test_a_page_keeps_the_cursor_on_its_line() -> None:
    feed = a_feed()
    feed.move(3)
    feed.page(1)
    assert (feed.top, feed.cursor) == (10, 13)
    feed.page(-0.5)
    assert (feed.top, feed.cursor) == (5, 8)
    feed.page(-9)
    assert (feed.top, feed.cursor) == (0, 0)
    feed.page(99)
    assert feed.cursor == 49


def test_a_click_goes_to_its_line() -> None:
    feed = a_feed(3)
    assert feed.click(1) is not None
    assert feed.cursor == 1
    assert feed.click(5) is None
    assert feed.cursor == 1


def test_a_smaller_terminal_keeps_the_cursor_in_view() -> None:
    feed = a_feed()
    feed.move(6)
    feed.resize(3)
    assert feed.current in feed.visible
    feed.resize(40)
    assert len(feed.visible) == 40


def test_an_answer_anew_goes_to_the_same_mention_or_the_next_one() -> None:
    feed = a_feed()
    feed.load([900, 890, 880], oldest=True, searched_to=0, at=890)
    assert feed.current == 890
    feed.load([900, 880], oldest=True, searched_to=0, at=890)
    assert feed.current == 880
    feed.load([], oldest=True, searched_to=0, at=890)
    assert feed.current is None


class TestTarget:
    """What a verb means while rows come in."""

    def test_the_row_under_the_cursor(self) -> None:
        feed = a_feed()
        assert feed.target(0.0) == 1000
        feed.move(2)
        feed.arrive([1010], 5.0)
        assert feed.target(5.0) == 980

    def test_the_row_that_was_there_when_another_took_its_place_just_now(self) -> None:
        feed = a_feed()
        feed.arrive([1010], 100.0)
        assert feed.target(100.0 + SETTLED / 2) == 1000
        assert feed.target(100.01 + SETTLED) == 1010

    def test_none_when_no_row_stood_still(self) -> None:
        feed = a_feed()
        for tick in range(8):
            feed.arrive([1010 + tick], 100.0 + tick * 0.25)
        assert feed.target(100.0 + 7 * 0.25 + 0.1) is None
        feed.move(1)
        assert feed.target(102.0) == feed.current


def test_reading_rows_anew_moves_nothing_when_none_is_gone() -> None:
    feed = Feed(height=10)
    feed.load([30, 20, 10], oldest=True, searched_to=0)
    feed.move(1)
    feed.arrive([40, 50], 1.0)
    before = feed.top, feed.counters()
    assert before == (2, (2, 0)), "two above the view, and as many blank lines below"
    assert not feed.drop([])
    assert (feed.top, feed.counters()) == before


def test_what_is_gone_leaves_and_the_cursor_stays_with_its_mention() -> None:
    feed = a_feed()
    feed.move(5)
    assert feed.drop([1000, 990, 3])
    assert feed.current == 950
    assert not feed.drop([4])


def in_view(feed: Feed) -> list[int | None]:
    """The ids in view line by line, None where the mark stands."""
    rows = [feed.row_at(line) for line in range(feed.top, min(feed.top + feed.height, feed.lines))]
    return [None if at is None else feed.ids[at] for at in rows]


def assert_marked(feed: Feed) -> None:
    """The mark stands once, between what was there and what came since, where both are at hand."""
    whole = [feed.row_at(line) for line in range(feed.lines)]
    assert [at for at in whole if at is not None] == list(range(len(feed)))
    assert all(feed.line(at) == line for line, at in enumerate(whole) if at is not None)
    newer = sum(feed.visited is not None and one > feed.visited for one in feed.ids)
    if feed.visited is not None and 0 < newer < len(feed):
        assert [line for line, at in enumerate(whole) if at is None] == [newer]
    else:
        assert None not in whole


moves = st.one_of(
    st.tuples(st.just("arrive"), st.lists(st.integers(1, 3000), max_size=30)),
    st.tuples(st.just("move"), st.integers(-15, 15)),
    st.tuples(st.just("page"), st.sampled_from([-1.0, -0.5, 0.5, 1.0])),
    st.tuples(st.just("resize"), st.integers(1, 30)),
    st.tuples(st.just("top"), st.none()),
    st.tuples(st.just("bottom"), st.none()),
    st.tuples(st.just("down"), st.none()),
)


@settings(max_examples=300, deadline=None)
@given(
    stored=st.sets(st.integers(1, 3000), min_size=1, max_size=300),
    steps=st.lists(moves, max_size=40),
    page=st.integers(5, 60),
    mark=st.one_of(st.none(), st.integers(0, 3000)),
)
def test_against_the_whole_list(stored: set[int], steps: list[tuple[str, object]], page: int, mark: int | None) -> None:
    """Beside a model that holds everything: order, no id twice, no id lost, and no view that moves by itself."""
    limit, module.LIMIT = module.LIMIT, 120
    try:
        feed = Feed(HEIGHT)
        feed.visited = mark
        everything = sorted(stored, reverse=True)
        feed.load(everything[:page], oldest=len(everything) <= page, searched_to=everything[:page][-1])
        for kind, value in steps:
            view, current, following = in_view(feed), feed.current, feed.following
            if kind == "arrive":
                fresh = set(value) - stored  # type: ignore[call-overload]
                stored |= fresh
                changed = feed.arrive(fresh, 0.0)
                if not following:
                    assert feed.current == current
                    assert in_view(feed)[: len(view)] == view
                assert changed or in_view(feed) == view
            elif kind == "move":
                feed.move(value)  # type: ignore[arg-type]
            elif kind == "page":
                feed.page(value)  # type: ignore[arg-type]
            elif kind == "resize":
                feed.resize(value)  # type: ignore[arg-type]
                assert feed.current == current
            elif kind == "top":
                feed.to_top()
            elif kind == "bottom":
                feed.to_bottom()
            elif kind == "down":
                while want := feed.wants():
                    if want.direction == "down":
                        older = sorted((one for one in stored if one < want.beyond), reverse=True)[:page]
                        feed.extend_down(
                            older, oldest=len(older) < page, searched_to=older[-1] if len(older) == page else 0
                        )
                    else:
                        newer = sorted(one for one in stored if one > want.beyond)[:page]
                        feed.extend_up(newer[::-1], newest=len(newer) < page, searched_up_to=newer[-1] if newer else 0)
                assert feed.current == current
            assert feed.ids == sorted(set(feed.ids), reverse=True)
            assert len(feed) <= 120
            assert 0 <= feed.top <= feed.line(feed.cursor) < max(1, feed.top + feed.height)
            assert [one for one in in_view(feed) if one] == feed.visible
            assert_marked(feed)
            between = {one for one in stored if feed.ids[-1] <= one <= feed.ids[0]}
            assert between == set(feed.ids) | set(feed._waiting)
            if feed.newest:
                assert feed.ids[0] == max(stored)
            if feed.oldest:
                assert min(stored) in {*feed.ids, *feed._waiting}
    finally:
        module.LIMIT = limit


class TestMark:
    """The line of the last visit."""

    def test_it_stands_above_what_was_there_and_takes_no_cursor(self) -> None:
        feed = a_feed()
        feed.visited = 985
        assert in_view(feed)[:4] == [1000, 990, None, 980]
        feed.move(2)
        assert feed.current == 980
        assert feed.click(2) is None
        feed.move(-1)
        assert feed.current == 990
        feed.page(1)
        assert (feed.top, feed.line(feed.cursor)) == (10, 11)
        feed.top = feed.cursor = 0
        feed.height = 2
        feed.page(1)
        assert feed.current == 980
        feed.page(-1)
        assert feed.current == 990

    def test_it_comes_to_stand_above_the_view_when_the_first_ones_arrive_while_nobody_looks(self) -> None:
        feed = a_feed()
        feed.visited = 1000
        assert feed.gap is None
        feed.move(3)
        view = in_view(feed)
        feed.arrive([1010], 1.0)
        assert in_view(feed) == view
        feed.to_top()
        assert in_view(feed)[:3] == [1010, None, 1000]

    def test_other_orders_have_none(self) -> None:
        feed = Feed(HEIGHT)
        feed.visited = 5
        feed.load([3, 9, 7], oldest=True, searched_to=0, order="worst")
        assert feed.gap is None


class TestOrders:
    """Other orders than newest first: nothing is put in, what comes is counted."""

    def test_the_oldest_first_goes_on_towards_the_newest(self) -> None:
        feed = Feed(HEIGHT)
        feed.load(range(10, 500, 10), oldest=False, searched_to=490, order="oldest")
        assert not feed.following
        assert feed.at_top
        feed.to_bottom()
        assert feed.wants() == Want("down", 490)
        feed.extend_down([500, 510], oldest=True, searched_to=510)
        assert feed.ids[-1] == 510
        assert feed.place(500) == 49
        assert not feed.arrive([520, 5], 1.0)
        assert feed.counters() == (2, 0)
        assert len(feed) == 51

    def test_the_way_back_is_asked_for(self) -> None:
        feed = Feed(HEIGHT)
        feed.load(range(10, 500, 10), oldest=True, searched_to=0, newest=False, searched_up_to=3, order="oldest", at=60)
        assert feed.current == 60
        assert feed.wants() == Want("up", 3)
        feed.extend_up([1, 2], newest=True, searched_up_to=0)
        assert feed.ids[:3] == [1, 2, 10]
        assert feed.current == 60

    def test_what_is_ranked_stays_as_it_is(self) -> None:
        feed = Feed(HEIGHT)
        feed.load([30, 90, 10, 70], oldest=True, searched_to=0, order="worst", at=10)
        assert (feed.cursor, feed.place(70), feed.place(80)) == (2, 3, None)
        assert not feed.arrive([95, 5], 1.0)
        assert feed.counters() == (2, 0)
        feed.drop([90])
        assert (feed.current, feed.ids) == (10, [30, 10, 70])
        feed.load([30, 70], oldest=True, searched_to=0, order="worst", at=10)
        assert feed.cursor == 0


@pytest.mark.parametrize("count", [0, 1, 3])
def test_short_lists_can_be_walked(count: int) -> None:
    feed = a_feed(count)
    for moved in (feed.move(1), feed.move(-1), feed.page(1), feed.page(-1), feed.to_bottom(), feed.to_top()):
        assert 0 <= moved.after < max(1, count)
