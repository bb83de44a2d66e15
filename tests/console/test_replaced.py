"""The store goes, or another one comes, while the console looks at it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from listen.store import files
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.console.conftest import console
from tests.console.town import NOW, Town, make_town
from tests.store.posts import Turned


def gone(path: Path) -> None:
    """The file and what stands beside it are deleted."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)


async def test_rows_stay_while_the_store_is_away_and_the_caption_says_why(town: Town, tmp_path: Path) -> None:
    ids = town.talk()
    aside = tmp_path / "aside"
    aside.mkdir()
    names = [name for name in os.listdir(tmp_path) if name.startswith("listen.db")]
    async with console(town.path, town.clock) as driven:
        rows = driven.drawn()[2:8]
        for name in names:
            os.rename(tmp_path / name, aside / name)
        await driven.until(lambda: "! there is no store at" in driven.drawn()[1])
        assert "tried again every second" in driven.drawn()[1]
        assert driven.drawn()[2:8] == rows
        await driven.press("a")
        await driven.until(
            lambda: "done failed: there is no store at" in driven.text() or "no store" in driven.footer()
        )
        await driven.until(lambda: driven.feed.row(ids[0]) is None or driven.feed.row(ids[0]).status in ("new", "done"))
        for name in names:
            os.rename(aside / name, tmp_path / name)
        await driven.until(lambda: "mentions" in driven.drawn()[1])
        assert list(driven.feed.ids) == ids
        town.say("bluesky", "newcomer", "heard again")
        await driven.press("g")
        await driven.until(lambda: "heard again" in driven.text())


async def test_another_store_in_its_place_is_read_anew(town: Town, tmp_path: Path) -> None:
    town.talk(3)
    other = make_town(tmp_path / "other.db", Turned(NOW))
    (only,) = other.say("press", "someone", "another world", ago=7)
    other.writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.writer.connection.close()
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "j")
        town.writer.connection.close()
        copy = tmp_path / "copy.db"
        shutil.copy(tmp_path / "other.db", copy)
        gone(town.path)
        os.replace(copy, town.path)
        await driven.until(lambda: driven.feed.ids == [only])
        await driven.until(lambda: "another world" in driven.drawn()[2])
        await driven.until(lambda: "1 mention" in driven.drawn()[1])
        assert "another store lies in its place now" in driven.footer()
        await driven.until(lambda: driven.screen.shown is not None and driven.screen.shown.id == only)
        await driven.press("a")
        await driven.until(lambda: status(town.path, only) == "done")
        with Triage(town.path, "bob", town.clock) as bob:
            bob.set_status([only], "dismissed")
        await driven.until(lambda: driven.feed.row(only).status == "dismissed")


def status(path: Path, mention_id: int) -> str:
    with Reader(path) as reader:
        found = reader.mention(mention_id)
        assert found is not None
        return found.status


async def test_a_file_that_is_no_store_in_its_place(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        town.writer.connection.close()
        gone(town.path)
        town.path.write_bytes(b"not a database, but long enough to be looked at " * 100)
        await driven.until(lambda: "this is not an SQLite file" in driven.drawn()[1])
        assert "▌" in driven.drawn()[2]
        await driven.press("R", "j", "G", "g")
        assert "this is not an SQLite file" in driven.drawn()[1]


def test_a_reader_knows_that_its_file_is_gone(town: Town) -> None:
    with Reader(town.path) as reader:
        assert not reader.moved
        assert files.identity(town.path) is not None
        gone(town.path)
        assert reader.moved
        assert files.identity(town.path) is None


async def test_nothing_is_said_before_it_is_known(town: Town) -> None:
    async with console(town.path, town.clock, wait=False) as driven:
        while not driven.screen.glance.known:
            assert "Nothing is listened to" not in driven.text()
            assert "none yet" not in driven.text()
            await driven.pilot.pause()
        await driven.until(lambda: "nothing heard yet" in driven.text())
