"""Copies are told as one story, whatever becomes of them and of the process that found them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from listen.store import schema, sqlite, stories
from listen.store.prints import Prints
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, fast, make_desk, make_post

SAID = "Acme recalls two million batteries after several fires in homes across Europe"
OTHER = "Rival opens forty shops in a single week and nobody knows how they will pay for that"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "s.db"
    schema.prepare(found)
    return found


@contextmanager
def desk_at(path: Path) -> Iterator[Desk]:
    connection = fast(sqlite.connect_writer(path))
    try:
        yield make_desk(Writer(connection, Turned(NOW)))
    finally:
        connection.close()


def told(desk: Desk) -> list[set[str]]:
    """The stories by the external ids of their mentions, the ones that were found first in front."""
    check_everything(desk.connection)
    found: dict[int, set[str]] = {}
    for story, external_id in desk.rows("SELECT story_id, external_id FROM mentions WHERE story_id > 0 ORDER BY 1"):
        found.setdefault(story, set()).add(external_id)
    return [*found.values()]


def id_of(desk: Desk, external_id: str) -> int:
    return int(desk.one("SELECT id FROM mentions WHERE external_id = ?", external_id))


def test_copies_come_together_in_one_batch_and_over_many(path: Path) -> None:
    with desk_at(path) as desk:
        desk.add([make_post("1", SAID), make_post("2", f"RT @joe: {SAID}"), make_post("3", OTHER)])
        assert told(desk) == [{"1", "2"}]
        desk.add([make_post("4", SAID.upper()), make_post("5", "said by nobody else in the whole wide world")])
        desk.add([make_post("6", OTHER)], "b1")
        assert told(desk) == [{"1", "2", "4"}, {"3", "6"}]


def test_a_repost_belongs_to_what_it_shares_however_short_that_is(path: Path) -> None:
    with desk_at(path) as desk:
        desk.add([make_post("1", "So good"), make_post("2", "So good", kind="repost", parent_id="1")])
        desk.add(
            [make_post("3", "", url="https://x.example/", kind="repost", parent_id="1"), make_post("4", "So good")]
        )
        assert told(desk) == [{"1", "2", "3"}]


def test_nothing_of_a_batch_that_failed_is_remembered(path: Path) -> None:
    with desk_at(path) as desk:
        with pytest.raises(sqlite.StoreError), patch.object(Writer, "_index", side_effect=sqlite.StoreFull("full")):
            desk.add([make_post("1", SAID), make_post("2", SAID)])
        assert told(desk) == []
        desk.add([make_post("3", SAID)])
        assert told(desk) == []
        desk.add([make_post("4", SAID)])
        assert told(desk) == [{"3", "4"}]


def test_an_edit_leads_out_of_a_story_into_another_or_back(path: Path) -> None:
    with desk_at(path) as desk:
        desk.add([make_post("1", SAID), make_post("2", SAID), make_post("3", SAID), make_post("4", OTHER)])
        desk.add([make_post("2", SAID.replace("several", "some"), edited_at=NOW + 1)])
        assert told(desk) == [{"1", "2", "3"}]
        desk.add([make_post("2", OTHER, edited_at=NOW + 2)])
        assert told(desk) == [{"1", "3"}, {"2", "4"}]
        desk.add([make_post("2", "nothing that anybody else has ever said before", edited_at=NOW + 3)])
        assert told(desk) == [{"1", "3"}, {"4"}]
        desk.add([make_post("5", OTHER)])
        assert told(desk) == [{"1", "3"}, {"4", "5"}]


def test_what_goes_leaves_the_others_together(path: Path) -> None:
    with desk_at(path) as desk:
        desk.add([make_post(str(number), SAID) for number in range(4)])
        desk.writer.delete([id_of(desk, "0")])
        desk.add([make_post("1", "", state="deleted")])
        assert told(desk) == [{"2", "3"}]
        desk.writer.delete([id_of(desk, "2"), id_of(desk, "3")])
        assert told(desk) == []
        assert desk.rows("SELECT * FROM stories") == []


def test_one_that_leaves_is_alone(path: Path) -> None:
    with desk_at(path) as desk:
        desk.add([make_post("1", SAID), make_post("2", SAID), make_post("3", SAID)])
        with desk.writer.transaction():
            desk.writer.stories.forget([id_of(desk, "1"), id_of(desk, "2")])
        assert told(desk) == [{"3"}]
        keys = stories.likeness.keys(stories.likeness.read("post", None, SAID, None))
        assert desk.writer.stories._prints.near(keys).keys() == {id_of(desk, "3")}, "nothing of them is left"


@pytest.mark.parametrize("ending", ["orderly", "killed", "killed before anything was saved", "file lost", "of another"])
def test_after_a_restart_the_next_copy_is_known_for_one(path: Path, ending: str, tmp_path: Path) -> None:
    with desk_at(path) as desk:
        desk.add([make_post("1", SAID)])
        if ending != "killed before anything was saved":
            desk.writer.release()
        desk.add([make_post("2", OTHER)])
        if ending == "orderly":
            desk.writer.release()
    beside = Path(f"{path}-stories")
    assert beside.exists() is (ending != "killed before anything was saved")
    if beside.exists():
        assert beside.stat().st_mode & 0o777 == 0o600
    if ending == "file lost":
        beside.unlink()
    if ending == "of another":
        with desk_at(_prepared(tmp_path / "other.db")) as other:
            other.add([make_post("9", "whatever this one says is of no interest here")])
            other.writer.release()
        beside.write_bytes(Path(tmp_path / "other.db-stories").read_bytes())
    with desk_at(path) as desk:
        while desk.writer.idle():
            pass
        desk.add([make_post("3", SAID), make_post("4", OTHER)])
        assert told(desk) == [{"1", "3"}, {"2", "4"}]


def _prepared(path: Path) -> Path:
    schema.prepare(path)
    return path


def test_a_store_from_before_stories_gets_them_when_there_is_time(path: Path) -> None:
    with desk_at(path) as desk:
        with patch("listen.likeness.keys", return_value=[]):
            desk.add([make_post("1", SAID), make_post("2", OTHER), make_post("3", SAID)])
        assert told(desk) == []
    with desk_at(path) as desk, patch("listen.store.stories.STEP", 1):
        desk.add([make_post("4", SAID)])
        assert told(desk) == []
        while desk.writer.idle():
            pass
        assert told(desk) == [{"1", "3", "4"}]


def test_the_table_keeps_its_size_and_what_came_last() -> None:
    table = Prints()
    with patch("listen.store.prints.MOST_BITS", 15):
        for number in range(60_000):
            table.put(number + 1, [hash((number, part)) & (1 << 62) - 1 for part in range(6)])
            if number % 10_000 == 9_999:
                last = [
                    table.near([hash((one, part)) & (1 << 62) - 1 for part in range(6)])
                    for one in range(number - 99, number)
                ]
                assert all(
                    found.get(one + 1, 0) >= 5 for one, found in zip(range(number - 99, number), last, strict=True)
                )
    assert table.bits == 15
    assert table.filled <= 8 << 15


@pytest.mark.parametrize("spoil", [b"", b"short", None])
def test_a_spoilt_file_is_no_file(tmp_path: Path, spoil: bytes | None) -> None:
    file, table = tmp_path / "x-stories", Prints()
    table.put(5, [1, 2, 3])
    table.save(file, bytes(16), 7, 0)
    assert Prints().load(file, bytes(16)) == (7, 0)
    assert Prints().load(file, b"x" * 16) is None
    file.write_bytes(file.read_bytes()[:-1] if spoil is None else spoil)
    assert Prints().load(file, bytes(16)) is None
    assert Prints().load(tmp_path / "nowhere", bytes(16)) is None


def test_the_store_finds_a_story_by_its_number(path: Path) -> None:
    from listen import query

    with desk_at(path) as desk:
        desk.add([make_post("1", SAID), make_post("2", OTHER), make_post("3", SAID)])
        (story,) = desk.rows("SELECT id FROM stories")[0]
    with Reader(path) as reader:
        node: Any = query.parse(f"story:{story} battery OR story:{story}")
        found = reader.page(node, budget=None, now=NOW).ids
        assert [one.external_id for one in reader.mentions(found)] == ["3", "1"]
        assert [(one.story, one.alike) for one in reader.rows(found)] == [(story, 2), (story, 2)]
        assert [(one.story, one.copies) for one in reader.mentions(found)] == [(story, 2), (story, 2)]
        assert reader.page(query.parse("story:99"), budget=None, now=NOW).ids == []
    with pytest.raises(query.QueryError, match="a story has a number"):
        query.parse("story:one")


def test_readers_see_a_story_as_far_as_the_query_has_it_and_how_it_went_round(path: Path) -> None:
    from listen import query

    with desk_at(path) as desk:
        for number, channel in enumerate(["a1", "a2", "b1", "a1"]):
            post = make_post(str(number), f"{SAID} tag{number % 2}", published_at=NOW - 9_000 + 3_600 * number)
            desk.add([post], channel)
        desk.add([make_post("9", OTHER)])
        ids = [id_of(desk, str(number)) for number in range(4)]
        alone = id_of(desk, "9")
    with Reader(path) as reader:
        assert reader.stories(query.parse(""), [ids[3], alone], now=NOW) == {1: (*reversed(ids),)}
        assert reader.stories(query.parse("tag1"), [ids[3]], now=NOW) == {1: (ids[3], ids[1])}
        assert reader.stories(query.parse("is:late"), [ids[3]], now=NOW) == {1: (ids[3],)}
        assert reader.stories(query.parse(""), [alone], now=NOW) == {}
        assert reader.count_stories(query.parse(""), now=NOW) == 2
        assert reader.count_stories(query.parse("tag1"), now=NOW) == 1
        found = reader.story(1)
        assert found is not None
        assert [(step.author, step.source, step.time - NOW + 9_000) for step in found.steps] == [
            ("joe", "a", 0), ("joe", "a", 3_600), ("joe", "b", 7_200), ("joe", "a", 9_000),
        ]  # fmt: skip
        assert (found.mentions, found.last, found.sources) == (4, ids[3], (("a", 3), ("b", 1)))
        assert reader.story(2) is None
        assert [found.place(step) for step in found.steps] == ["a", "a", "b", "a"]
        first, *rest = found.steps
        across = found._replace(steps=(first, *(step._replace(network="mastodon") for step in rest)))
        assert [across.place(step) for step in across.steps] == [
            "a (net)",
            "a (mastodon)",
            "b (mastodon)",
            "a (mastodon)",
        ]


def test_every_number_of_mentions_has_its_number_of_stories(path: Path) -> None:
    from listen import query
    from listen.told import in_stories, of_stories

    with desk_at(path) as desk:
        (acme, rival) = (desk.topics["acme"], desk.topics["rival"])
        desk.add([make_post(f"old{n}", SAID, published_at=NOW - 40 * 3600, topics={acme: 0}) for n in range(3)])
        copies = [make_post(f"new{n}", SAID, published_at=NOW - 600, topics={acme: 0, rival: 0}) for n in range(4)]
        desk.add([*copies, make_post("alone", OTHER, published_at=NOW - 600, topics={acme: 0})])
        with Triage(path, "ana", Turned(NOW)) as ana:
            ana.set_status([id_of(desk, "new0")], "dismissed")
            ana.set_status([id_of(desk, "old0")], "done")
    with Reader(path) as reader:
        topics = {one.name: one for one in reader.topics(now=NOW)}
        told = topics["acme"]
        assert (told.mentions, told.stories, told.last_day, told.last_day_stories) == (7, 2, 4, 2)
        assert (told.new, told.new_stories) == (6, 2)
        assert (topics["rival"].mentions, topics["rival"].stories) == (3, 1)
        assert [(one.new, one.new_stories) for one in reader.talk(now=NOW)] == [(6, 2), (3, 1), (0, 0)]
        for topic, wanted in (("acme", (4, 2)), (None, (4, 2)), ("rival", (3, 1))):
            pulse = reader.pulse(topic, 24, now=NOW)
            assert pulse is not None
            assert (pulse.numbers.n, pulse.stories) == wanted
        assert reader.counted_between(NOW - 86_400, NOW)["acme"] == (4, 2)
        assert sum(reader.heard_since(NOW - 3_600).values()) == 5
        assert [len(one) for one in reader.stories_since(NOW - 3_600).values()] == [4]
        tally = reader.tally(query.parse("topic:acme status:new"), now=NOW)
        assert (tally.n, tally.stories) == (6, 2)
        assert (in_stories(told.mentions, told.stories), of_stories(7, 2)) == ("7 · 2 stories", " in 2 stories")
        assert (in_stories(2, 2), in_stories(2, None), of_stories(2, None)) == ("2", "2", "")


TRUNK = "Acme recalls two million batteries after several fires in homes across"
LEFT, RIGHT = f"{TRUNK} Europe says its own factory", f"{TRUNK} Asia while shares rise again"


@pytest.mark.parametrize("at_once", [False, True])
def test_a_mention_that_tells_two_stories_makes_them_one(path: Path, at_once: bool) -> None:
    """The bigger one keeps its number, what people did stays and is taken back as ever; the first post is the first."""
    with desk_at(path) as desk:
        before = [make_post(f"l{n}", LEFT, published_at=NOW - 900 + n) for n in range(2)]
        before += [make_post(f"r{n}", RIGHT, published_at=NOW - 600 + n) for n in range(4)]
        bridge = make_post("bridge", TRUNK, published_at=NOW - 60)
        if at_once:
            desk.add([*before, bridge])
        else:
            desk.add(before)
            assert told(desk) == [{"l0", "l1"}, {"r0", "r1", "r2", "r3"}]
            with Triage(path, "ana", Turned(NOW)) as ana:
                ana.set_status([id_of(desk, "l0"), id_of(desk, "l1")], "done")
            desk.add([bridge])
        assert told(desk) == [{"l0", "l1", "r0", "r1", "r2", "r3", "bridge"}]
        assert desk.rows("SELECT id, mentions FROM stories") == [(2, 7)]
        if not at_once:
            with Triage(path, "ana", Turned(NOW)) as ana:
                undone = ana.undo()
            assert undone is not None
            assert undone.count == 2
            check_everything(desk.connection)
    with Reader(path) as reader:
        spread = reader.story(2)
        assert spread is not None
        assert (spread.mentions, spread.steps[0].time) == (7, NOW - 900)


def test_one_that_nobody_had_told_again_joins_by_a_bridge(path: Path) -> None:
    with desk_at(path) as desk:
        desk.add([make_post("l", LEFT)])
        desk.add([make_post("r", RIGHT)])
        desk.add([make_post("bridge", TRUNK)])
        assert told(desk) == [{"l", "r", "bridge"}]


def test_copies_are_known_beyond_what_memory_holds(path: Path) -> None:
    """The same words and the same link, weeks later, also after a restart; and nothing stays behind."""
    page = {"title": "Acme recalls two million batteries", "url": "https://press.example/recall?utm_source=x"}
    with desk_at(path) as desk, patch.object(Prints, "crowded", True):
        old = NOW - 25 * 86_400
        desk.add([make_post("said", SAID, published_at=old), make_post("gone", OTHER, published_at=old - 86_400 * 9)])
        desk.add([make_post("page", "A long text", kind="article", published_at=NOW - 9 * 86_400, **page)])
        assert desk.one("SELECT count(DISTINCT mention_id) FROM echoes") == 3
        desk.writer.release()
    Path(f"{path}-stories").unlink()
    with desk_at(path) as desk, patch("listen.store.stories.STEP", 1):
        assert desk.writer.stories._prints.filled == 0
        desk.add([make_post("again", SAID.upper())])
        desk.add([make_post("link", "https://press.example/recall"), make_post("late", OTHER)])
        assert told(desk) == [{"said", "again"}, {"page", "link"}], "what is 34 days old is another story"
        desk.writer.delete([id_of(desk, one) for one in ("said", "page")])
        assert desk.rows("SELECT m.external_id FROM echoes e LEFT JOIN mentions m ON m.id = e.mention_id") == [
            ("gone",)
        ]
        desk.add([make_post("gone", "", state="deleted")])
        assert desk.rows("SELECT * FROM echoes") == []
        desk.add([make_post("new", "nobody has ever said anything of the kind before")])
        assert told(desk) == [{"again"}, {"link"}]


def test_what_is_too_old_to_be_copied_is_let_go(path: Path) -> None:
    with desk_at(path) as desk, patch.object(Prints, "crowded", True), patch("listen.store.echoes.STEP", 2):
        for number in range(5):
            desk.add([make_post(str(number), f"{SAID} {number}", published_at=NOW - (80 - number) * 86_400)])
        desk.add([make_post("new", SAID, published_at=NOW)])
        kept = desk.rows("SELECT * FROM echoes WHERE mention_id = ?", id_of(desk, "new"))
        while desk.writer.idle():
            pass
        desk.writer.stories._unsaved = stories.SAVED_EVERY
        while desk.writer.idle():
            pass
        assert desk.rows("SELECT * FROM echoes") == kept != []
