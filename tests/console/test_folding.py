"""A story is one row: opened, worked on and closed as one, and undone in one step."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from listen.console.feed import Feed
from listen.console.folds import Folds
from listen.query.tree import Node
from listen.store import sqlite
from listen.store.copies import Stories
from listen.store.read import Reader
from tests.console.conftest import console
from tests.console.town import Town

RECALL = "Acme recalls two million chargers after several fires in homes across Europe"
OTHER = "Nobody at the Acme hotline has picked up the phone since Monday morning"


def told(town: Town) -> list[int]:
    """Four who tell the recall and two who say something else between them, the newest first."""
    town.copies = True
    ids = [
        *town.say("press", "Le Monde", RECALL, ago=900), *town.say("bluesky", "ann", OTHER, ago=800),
        *town.say("bluesky", "bob", f"RT @lemonde: {RECALL}", ago=700),
        *town.say("mastodon", "cy", RECALL.upper(), ago=600),
        *town.say("mastodon", "dan", "I like my Acme and that is all that I have to say", ago=500),
        *town.say("press", "Zeitung", RECALL + " today", ago=400),
    ]  # fmt: skip
    return ids[::-1]


def statuses(town: Town) -> dict[int, int]:
    with closing(sqlite.connect_people(town.path)) as connection:
        return dict(connection.execute("SELECT mention_id, status FROM triage").fetchall())


async def test_a_story_is_one_row_that_opens_and_closes(town: Town) -> None:
    zeitung, dan, cy, bob, ann, monde = told(town)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        assert driven.feed.ids == [zeitung, dan, ann]
        row = next(line for line in driven.drawn() if "Zeitung" in line)
        assert "×4" in row
        await driven.press("f", *"acme")
        await driven.until(lambda: "6 mentions in 3 stories" in driven.text(), "what is typed is told in stories, too")
        await driven.press("escape")
        await driven.press("enter")
        assert driven.feed.ids == [zeitung, cy, bob, monde, dan, ann]
        await driven.until(lambda: driven.text().count("↳") == 3, "the others stand below, indented")
        await driven.press("j", "j", "escape")
        assert driven.feed.ids == [zeitung, dan, ann]
        assert driven.feed.current == zeitung
        assert "↳" not in driven.text()


async def test_a_verb_on_the_row_means_the_whole_story_and_undo_is_one_step(town: Town) -> None:
    zeitung, dan, cy, bob, _, monde = told(town)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        await driven.press("d")
        await driven.until(lambda: len(statuses(town)) == 4, "all four are dismissed")
        assert set(statuses(town)) == {zeitung, cy, bob, monde}
        assert "4 mentions" in driven.footer()
        assert driven.feed.current == dan
        await driven.press("u")
        await driven.until(lambda: not any(statuses(town).values()), "one step takes all of it back")
        await driven.press("g", "enter", "j", "a")
        await driven.until(lambda: any(statuses(town).values()), "unfolded, each is for itself")
        assert [one for one, status in statuses(town).items() if status] == [cy]


async def test_marks_mean_all_that_their_rows_stand_for(town: Town) -> None:
    told(town)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        await driven.press("space")
        assert len(driven.stream.marks) == 4
        await driven.until(lambda: "4 marked" in driven.text(), "mentions are counted, and none is off screen")
        assert "off screen" not in driven.text()
        await driven.press("escape", "g", "V", "j", "V")
        assert len(driven.stream.marks) == 5


async def test_only_the_part_that_the_view_has_is_meant(town: Town) -> None:
    zeitung, _, cy, *_ = told(town)
    async with console(town.path, town.clock, size=(100, 24), query="author:(cy zeitung)") as driven:
        assert driven.feed.ids == [zeitung]
        await driven.press("a")
        await driven.until(lambda: len(statuses(town)) == 2)
        assert set(statuses(town)) == {zeitung, cy}


async def test_a_copy_that_comes_in_takes_the_row_up_or_joins_it_unseen(town: Town) -> None:
    _, dan, *_, ann, _ = told(town)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        (late,) = town.say("bluesky", "eve", RECALL, ago=0)
        await driven.until(lambda: driven.feed.ids == [late, dan, ann], "the reader follows: its row is the newest")
        assert "×5" in driven.text()
        await driven.press("j")
        (later,) = town.say("bluesky", "fay", RECALL, ago=0)
        await driven.until(lambda: "×6" in driven.text(), "the reader reads: its row stays and counts")
        assert driven.feed.ids == [late, dan, ann]
        assert driven.feed.counters() == (0, 0)
        await driven.press("R")
        await driven.until(lambda: driven.feed.ids == [later, dan, ann])


def test_a_row_joins_the_story_that_its_copy_began_or_that_became_one_with_another() -> None:
    feed = Feed(height=10)
    feed.load([90, 80, 70, 60], oldest=True, searched_to=0, stories={1: (80, 50), 2: (70,)})
    assert feed.ids == [90, 80, 70, 60]
    assert feed.arrive([95], 0.0, {3: (95, 60)})
    assert (feed.ids, feed.folds.copies(95)) == ([95, 90, 80, 70], 2), "what stood alone is told with its copy"
    assert feed.arrive([99], 1.0, {1: (99, 80, 70, 50)})
    assert (feed.ids, feed.folds.copies(99)) == ([99, 95, 90], 4), "two stories are one row"
    feed.move(1)
    assert feed.arrive([100], 9.0, {4: (100, 90)})
    assert (feed.ids, feed.current, feed.counters()) == ([99, 95, 90], 95, (0, 0)), "while one reads, rows stay"
    assert feed.folds.copies(90) == 2


async def test_all_copies_can_be_shown(town: Town) -> None:
    ids = told(town)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        await driven.press("Z")
        await driven.until(lambda: driven.feed.ids == ids)
        assert driven.text().count("×4") == 4
        await driven.press("a")
        await driven.until(lambda: len(statuses(town)) == 1)
        await driven.press("Z")
        await driven.until(lambda: len(driven.feed.ids) == 3)


async def test_the_caption_tells_stories_from_mentions(town: Town) -> None:
    told(town)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        await driven.until(lambda: "6 mentions in 3 stories" in driven.text())


async def test_looking_for_words_passes_over_copies_and_what_is_still_new_is_unfolded(town: Town) -> None:
    zeitung, dan, cy, *_ = told(town)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        await driven.press("slash")
        await driven.type("acme")
        await driven.press("enter", "n")
        await driven.until(lambda: driven.feed.current == dan, "the row below, and no copy of the one above")
        await driven.press("g", "enter", "a", "escape", "g")
        await driven.until(lambda: statuses(town) == {zeitung: 1})
        await driven.press("escape", "semicolon")
        await driven.until(lambda: driven.feed.current == dan)
        await driven.press("semicolon")
        await driven.until(lambda: driven.feed.current == cy, "the next that nobody has dealt with is in this story")
        assert driven.feed.folds.below(cy)


async def test_a_count_that_took_too_long_says_so_and_is_made_whole(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page had no time at all for stories that go beyond it; what it did not find comes when it is known."""
    zeitung, _, cy, bob, _, monde = told(town)
    held = threading.Event()
    real = Reader.stories

    def slow(reader: Reader, query: Node, ids: Sequence[int], **more: Any) -> Stories:
        if more.get("most"):
            assert held.wait(30)
            return real(reader, query, ids, **more)
        return real(reader, query, ids, **(more | {"budget": 0.0}))

    monkeypatch.setattr(Reader, "stories", slow)
    monkeypatch.setattr("listen.console.pages.PAGE", 3)
    async with console(town.path, town.clock, size=(100, 24)) as driven:
        await driven.until(lambda: any("Zeitung" in line and "+" in line for line in driven.drawn()), "not sure")
        held.set()
        await driven.until(lambda: any("Zeitung" in line and "×4 " in line for line in driven.drawn()), "whole")
        await driven.press("a")
        await driven.until(lambda: set(statuses(town)) == {zeitung, cy, bob, monde}, "the verb means all of it")


def test_folds_ask_once_for_what_they_do_not_know() -> None:
    folds, known = Folds(), Stories({1: (9, 7), 2: (8,)})
    known.partial = frozenset({1, 2})
    folds.learn(known)
    assert folds.shown([9, 8, 7], "newest") == [9, 8]
    assert sorted(folds.wanting()) == [8, 9]
    assert [folds.partly(one) for one in (9, 8, 5)] == [True, True, False]
    more = Stories({1: (9, 7, 3), 2: (8,)})
    more.partial = frozenset({2})
    assert folds.complete(more)
    assert (folds.copies(9), folds.partly(9), folds.partly(8), folds.wanting()) == (3, False, True, [])
    assert not folds.complete(more), "nothing new"
    folds.learn({2: (8, 4)})
    assert not folds.partly(8)
