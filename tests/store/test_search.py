"""Tokens, facets and the partitions of the search index."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen import text
from listen.model import first_id
from listen.store import partitions, rebuild, search, sqlite
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, check_index, fast, make_desk, make_post

DAY = 86_400


@pytest.mark.parametrize(
    ("score", "facet"),
    [
        (None, "c_x"),
        (-1000, "c_n9"),
        (-900, "c_n9"),
        (-899, "c_n8"),
        (-1, "c_n0"),
        (0, "c_p0"),
        (99, "c_p0"),
        (100, "c_p1"),
        (1000, "c_p9"),
    ],
)
def test_bands(score: int | None, facet: str) -> None:
    assert search.band(score) == facet


def test_facets_are_the_same_whatever_the_order_of_sets() -> None:
    one = search.facets(["#a", "@b"], {3, 1}, {9: None, 2: 5}, "zh-Hans", 4, 7, -250, "idea my-own")
    two = search.facets(["#a", "@b"], [1, 3], [2, 9], "zh-Hans", 4, 7, -250, "idea my-own")
    assert one == two == "#a @b s_1 s_3 t_2 t_9 l_zh_hans k_4 c_n2 i_idea i_my_own a_7"
    assert search.facets([], [], [], None, 0, None, None, None) == "k_0 c_x"


@given(st.text(max_size=60))
def test_any_text_finds_itself_by_each_of_its_tokens(body: str) -> None:
    """The tokenizer of SQLite splits and folds nothing that ours gave."""
    body = text.clean(body)[0]
    connection = sqlite.sqlite3.connect(":memory:")
    search.create_table(connection, 1)
    title_words, words, marks = search.words_of(None, body)
    search.insert(connection, 1, [(5, title_words, words, search.facets(marks, [1], [], "en", 0, 3, 10, None))])
    for token in words.split():
        assert connection.execute("SELECT rowid FROM search_1(?)", (f"text : {search.quoted(token)}",)).fetchall() == [
            (5,)
        ]
    if words:
        assert connection.execute("SELECT rowid FROM search_1(?)", (f"text : {search.quoted(words)}",)).fetchall() == [
            (5,)
        ]
    for mark in marks:
        assert connection.execute("SELECT rowid FROM search_1(?)", (f"facets : {search.quoted(mark)}",)).fetchall() == [
            (5,)
        ]
    connection.close()


def small(store_path: Path, clock: Turned, size: int = 10) -> Desk:
    return make_desk(Writer(fast(sqlite.connect_writer(store_path)), clock, size))


def days(desk: Desk) -> list[tuple[int, int, int]]:
    """(first day before NOW, last day before NOW, mentions) of each partition."""
    return [
        (
            round((first_id(NOW) - part.from_id) / (DAY << 12)),
            round((first_id(NOW) - part.to_id) / (DAY << 12)),
            part.count,
        )
        for part in desk.writer.partitions.parts
    ]


def test_a_full_partition_gives_away_the_future(store_path: Path, clock: Turned) -> None:
    desk = small(store_path, clock)
    for day in range(40, 0, -1):
        desk.add([make_post(f"d{day}", published_at=NOW - DAY * day)])
    assert [count for _, _, count in days(desk)] == [10, 10, 10, 10, 0]
    check_everything(desk.connection)


def test_a_back_fill_gives_away_the_past(store_path: Path, clock: Turned) -> None:
    desk = small(store_path, clock)
    for day in range(1, 41):
        desk.add([make_post(f"d{day}", published_at=NOW - DAY * day)])
    # The future goes first, to an empty partition; from then on the past.
    assert [count for _, _, count in days(desk)] == [9, 10, 10, 11, 0]
    check_everything(desk.connection)


def test_what_cannot_be_cut_grows_and_is_split_when_there_is_time(store_path: Path, clock: Turned) -> None:
    desk = small(store_path, clock)
    for day in range(40, 20, -1):  # two closed partitions, then much between their ends
        desk.add([make_post(f"d{day}", published_at=NOW - DAY * day)])
    desk.add([make_post(f"mid{n}", f"word{n} battery", published_at=NOW - DAY * 35 + n) for n in range(45)])
    assert max(count for _, _, count in days(desk)) == 55
    check_everything(desk.connection)
    while desk.writer.idle():
        check_everything(desk.connection)
    counts = [count for _, _, count in days(desk)]
    assert max(counts) <= 20
    assert sum(counts) == 65
    tables = {row[0] for row in desk.rows("SELECT name FROM sqlite_master WHERE name GLOB 'search_*[0-9]'")}
    assert tables == {part.table for part in desk.writer.partitions.parts}


def test_random_arrivals_keep_every_partition_exact(store_path: Path, clock: Turned) -> None:
    rng = random.Random(3)
    desk = small(store_path, clock)
    for batch in range(30):
        desk.add([make_post(f"{batch}-{n}", f"word{n}", published_at=NOW - rng.randrange(DAY * 60)) for n in range(9)])
        if batch % 5 == 0:
            stored = [row[0] for row in desk.rows("SELECT id FROM mentions ORDER BY random() LIMIT 4")]
            desk.writer.delete(stored)
            desk.writer.idle()
    check_everything(desk.connection)
    while desk.writer.idle():
        pass
    check_everything(desk.connection)


def test_a_rolled_back_cut_leaves_no_trace(store_path: Path, clock: Turned, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small(store_path, clock)
    monkeypatch.setattr(desk.writer, "note_channel", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        desk.add([make_post(str(n), published_at=NOW - DAY * n) for n in range(12)])
    monkeypatch.undo()
    assert days(desk) == days(small(store_path, clock))
    assert len(desk.writer.partitions.parts) == 1
    desk = small(store_path, clock)
    desk.add([make_post(str(n), published_at=NOW - DAY * n) for n in range(12)])
    check_everything(desk.connection)


# --- merging ---------------------------------------------------------------------------------------------------------


def segments(desk: Desk, table: str) -> int:
    return desk.one(f"SELECT count(DISTINCT segid) FROM {table}_idx")


def test_closed_partitions_are_merged_to_one_segment(
    store_path: Path, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "MERGE_PAGES", 1)
    desk = small(store_path, clock, 200)
    for batch in range(0, 210, 3):
        bodies = {n: f"word{n} and word{n % 7} more words {n * n}" for n in range(batch, batch + 3)}
        desk.add([make_post(f"{n}", body, published_at=NOW - DAY * 300 + n * 9000) for n, body in bodies.items()])
    first, second = desk.writer.partitions.parts
    assert segments(desk, first.table) > 1
    steps = 0
    while desk.writer.idle():
        steps += 1
        assert steps < 500
    assert segments(desk, first.table) == 1
    assert steps > 3, "in more than one step"
    check_everything(desk.connection)
    # A few late ones do not have it done again; many do.
    desk.add([make_post("late", published_at=NOW - DAY * 299)])
    assert not desk.writer.idle()
    desk.add([make_post(f"late{n}", published_at=NOW - DAY * 299) for n in range(9)])
    assert desk.writer.idle()
    assert second.merged == 0


# --- another tokenizer -----------------------------------------------------------------------------------------------


def test_another_tokenizer_makes_the_index_anew_while_collecting_goes_on(
    store_path: Path, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small(store_path, clock)
    for day in range(25, 0, -1):
        desk.add([make_post(f"d{day}", f"Battery day{day}", published_at=NOW - DAY * day, topics={1: day})])
    old = {part.no for part in desk.writer.partitions.parts}
    desk.connection.close()

    real = text.tokens
    monkeypatch.setattr(text, "TOKENIZER", "2/test")
    monkeypatch.setattr(text, "tokens", lambda body: ([f"x{word}" for word in real(body)[0]], real(body)[1]))
    monkeypatch.setattr(rebuild.step, "__defaults__", (2,))
    desk = small(store_path, clock)
    assert desk.writer.stale() == 25
    for turn in range(40):
        if not desk.writer.idle():
            break
        # Meanwhile: new ones, edits, sightings, deletions, in old ranges and in new ones.
        desk.add([make_post(f"n{turn}", "new", published_at=NOW - DAY * (turn % 25) - 5, topics={2: 0})], "b1")
        desk.add([make_post(f"d{turn % 25 + 1}", f"Edited {turn}", published_at=NOW - DAY * turn)])
        desk.add([make_post(f"d{(turn + 3) % 25 + 1}", "heard", published_at=NOW)], "b2")
        if turn % 6 == 0:
            desk.writer.delete([desk.one("SELECT id FROM mentions WHERE external_id = ?", f"n{turn // 2}")])
        if turn % 7 == 0:  # killed and started again
            desk.connection.close()
            desk = small(store_path, clock)
    while desk.writer.idle():
        pass
    assert desk.writer.stale() == 0
    assert {part.tokenizer for part in desk.writer.partitions.parts} == {"2/test"}
    assert not old & {part.no for part in desk.writer.partitions.parts}
    assert desk.rows("SELECT * FROM rebuilds") == []
    assert desk.found('"battery"') == []
    check_everything(desk.connection)


def test_nothing_is_taken_out_of_a_partition_of_another_tokenizer(
    store_path: Path, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tokens are not known any more, and taking out others would spoil it."""
    desk = small(store_path, clock)
    (one, two) = desk.add([make_post("one", "battery"), make_post("two", "battery")]).new_ids
    monkeypatch.setattr(text, "TOKENIZER", "2/test")
    monkeypatch.setattr(text, "tokens", lambda body: (["other"], []))
    desk.writer.delete([one])
    assert desk.found('"battery"') == [one, two]
    pages = desk.rows("SELECT id, block FROM search_1_data")
    desk.writer.delete([two])
    assert pages == desk.rows("SELECT id, block FROM search_1_data")
    while desk.writer.idle():
        pass
    check_everything(desk.connection)


def test_a_rebuild_for_a_tokenizer_that_changed_again_begins_anew(
    store_path: Path, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small(store_path, clock)
    desk.add([make_post(str(n), "battery") for n in range(9)])
    monkeypatch.setattr(rebuild.step, "__defaults__", (2,))
    monkeypatch.setattr(text, "TOKENIZER", "2/test")
    while not desk.rows("SELECT * FROM rebuilds"):
        assert desk.writer.idle()
    assert desk.one("SELECT done_to > from_id FROM rebuilds") == 1
    monkeypatch.setattr(text, "TOKENIZER", "3/test")
    while desk.writer.idle():
        pass
    assert [part.tokenizer for part in desk.writer.partitions.parts] == ["3/test"]
    check_index(desk.connection)
