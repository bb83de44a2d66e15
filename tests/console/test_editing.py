"""Topics, views and desks that are changed in the console, beside a real collector on loopback that does it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len

from listen import query
from listen.clock import SystemClock
from listen.collect import collector
from listen.config import Config, load
from listen.config.edits import standing
from listen.console.screens import editing
from listen.store import requests
from listen.store.mirror import Edit
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.collect.collecting import Run, collecting, item, rss
from tests.collect.server import Reply, Server
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import Town

FEED = rss(
    item(1, "acme battery", "One"), item(2, "acme charger", "Two"), item(3, "rival charger", "Three"),
    item(4, "nothing", "Four"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "TICK", 0.05)
    monkeypatch.setattr("listen.console.screens.asking.SOON", 0.05)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as started:
        started.on("/feed", Reply(body=FEED))
        yield started


class House:
    """A configuration, its store, and what stands in them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.file, self.store = folder / "config.toml", folder / "listen.db"
        self.url = url
        self.write("acme")

    def write(self, query: str) -> None:
        self.file.write_text(
            f'[topics.acme]\nquery = "{query}"\nrole = "brand"\n[views.crisis]\nquery = "acme"\n'
            f'[sources.press]\nadapter = "feed"\nevery = "1h"\nallow_private = ["127.0.0.1"]\nurls = ["{self.url}"]\n'
        )

    def load(self) -> Config:
        return load(self.file, store=self.store)

    @property
    def edits(self) -> dict[str, dict[str, dict[str, object]]]:
        return standing(self.file.with_name("console.toml"))

    def matched(self, topic: str) -> int:
        with Reader(self.store) as reader:
            return len(reader.matched(topic, 0, 1 << 60))


@pytest.fixture
def house(tmp_path: Path, server: Server) -> House:
    return House(tmp_path, server.url("/feed"))


@asynccontextmanager
async def beside(
    house: House, size: tuple[int, int] = (120, 40), query: str = "", mentions: int = 2
) -> AsyncIterator[tuple[Run, Driven]]:
    """A collector, and a console that knows what it has brought: so many mentions of acme."""
    async with collecting(house.load(), reload=house.load) as run:
        await run.until(lambda: run.of("page") and house.matched("acme") == mentions)
        async with console(house.store, SystemClock(), size=size, query=query) as driven:
            await driven.until(lambda: driven.screen.glance.topics and not driven.screen.heartbeat.silent)
            yield run, driven


async def command(driven: Driven, typed: str) -> None:
    await driven.press("colon")
    await driven.until(lambda: driven.app.focused is not None and driven.app.focused.id == "palette-input")
    driven.app.focused.write(typed)  # type: ignore[union-attr]
    await driven.press("enter")
    await driven.until(lambda: len(driven.app.screen_stack) == 1)


async def test_what_is_shown_is_saved_counted_renamed_removed_and_taken_back(house: House) -> None:
    async with beside(house, query="acme -toy since:30d") as (_, driven):
        await driven.press("w")
        await driven.until(lambda: driven.screen.naming is not None)
        await driven.type("Crisis")
        assert "there is a view crisis already; take another name" in driven.drawn()[2]
        await driven.press("enter")
        assert driven.screen.naming is not None, "what cannot be is not asked for"
        await driven.press("ctrl+u")
        await driven.type("mine")
        assert "a view, to watch  acme -toy · without since:30d" in driven.drawn()[2]
        await driven.press("tab")
        assert "a queue, to empty  acme -toy" in driven.drawn()[2]
        await driven.press("enter")
        assert driven.screen.focused is driven.stream
        await driven.until(lambda: "the queue mine is saved · u takes it back" in driven.footer())
        assert house.edits == {"views": {"mine": {"query": "acme -toy", "queue": True}}}
        await driven.until(
            lambda: re.search(r"mine +<1h +2\b", driven.text()) or re.search(r"mine +2\b", driven.text())
        )

        await command(driven, "view rename mine")
        await driven.until(lambda: driven.screen.naming is not None)
        driven.screen.naming.input.write("[red]ours & theirs")
        await driven.pilot.pause()
        assert "a name is 1 to 64 letters" in driven.drawn()[2]
        driven.screen.naming.input.write("ours & theirs")
        await driven.press("enter")
        await driven.until(lambda: "the view mine is called ours & theirs now" in driven.footer())
        await driven.until(lambda: "ours & theirs" in driven.drawn()[12] or "ours & the" in driven.text())
        await driven.press("u")
        await driven.until(lambda: list(house.edits.get("views", {})) == ["mine"])
        await driven.until(lambda: re.search(r" mine +", driven.text()))
        await command(driven, "view remove mine")
        await driven.until(lambda: "the view mine is removed · u takes it back" in driven.footer())
        assert house.edits == {}
        await driven.press("u")
        await driven.until(lambda: house.edits == {"views": {"mine": {"query": "acme -toy", "queue": True}}})
        await command(driven, "view remove crisis")
        await driven.until(lambda: "not done: the view crisis stands in" in driven.footer())


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_topic_is_edited_with_its_gains_in_sight_matched_and_taken_back(
    house: House, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "REST", 0.01)
    async with beside(house, size, query="topic:acme") as (_, driven):
        await command(driven, "topic edit acme")
        await driven.until(lambda: driven.screen.filter is not None)
        line = driven.screen.filter
        await driven.until(lambda: "the query that it has" in driven.drawn()[4])
        await driven.type(" OR since")
        driven.screen.filter.input.write("acme since:2h")
        await driven.until(lambda: "a topic asks for content and place, not for time" in driven.drawn()[2])
        await driven.press("enter")
        assert driven.screen.filter is line, "a fault keeps it open"
        line.input.write("charger")
        await driven.until(lambda: "+1 gained  −1 lost · every source kept everything" in driven.drawn()[4])
        assert "acme = charger" in driven.drawn()[1]
        assert all(cell_len(row) <= size[0] for row in driven.drawn())
        assert house.matched("acme") == 2, "nothing has changed yet"
        await driven.press("enter")
        await driven.until(lambda: "acme has been matched anew: 1 gained, 1 lost" in driven.footer())
        assert house.edits == {"topics": {"acme": {"query": "charger"}}}
        titles = {"Two", "Three"}
        await driven.until(lambda: {row.title for row in map(driven.feed.row, driven.feed.ids) if row} == titles)
        await command(driven, "topic undo acme")
        await driven.until(lambda: "acme has the query again that it had before" in driven.footer())
        assert house.edits == {}
        await driven.until(lambda: house.matched("acme") == 2 and len(driven.feed) == 2)


async def test_enter_shows_the_gains_before_it_saves(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "REST", 1_000.0)
    async with beside(house, query="topic:acme") as (_, driven):
        await driven.press("shift+tab", "e")
        await driven.until(lambda: driven.screen.filter is not None)
        await driven.press("escape")
        await driven.until(lambda: driven.screen.filter is None)
        await driven.press("shift+tab", "e")
        await driven.until(lambda: driven.screen.filter is not None)
        driven.screen.filter.input.write("rival")
        await driven.press("enter")
        assert driven.screen.filter is not None
        await driven.until(lambda: "+1 gained  −2 lost" in driven.drawn()[4])
        assert house.edits == {}
        await driven.press("enter")
        await driven.until(lambda: house.edits == {"topics": {"acme": {"query": "rival"}}})
        await driven.until(lambda: "has been matched anew" in driven.footer())
        await driven.press("u")
        await driven.until(lambda: house.edits == {} and house.matched("acme") == 2)
        await driven.press("U")
        await driven.until(lambda: house.matched("acme") == 1)
        house.file.with_name("console.toml").write_text("[topics.acme]\nquery = 'acme charger'\n")
        await driven.until(lambda: driven.screen.glance.topics[0].query == "acme charger")
        await driven.press("u")
        await driven.until(lambda: "not done: acme has been changed since, so it stays" in driven.footer())


async def test_who_saves_second_is_told_and_keeps_what_was_typed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "REST", 0.01)
    async with beside(house, query="topic:acme") as (_, driven):
        await command(driven, "topic edit acme")
        await driven.until(lambda: driven.screen.filter is not None)
        driven.screen.filter.input.write("charger")
        await driven.until(lambda: "+1 gained  −1 lost" in driven.drawn()[4])
        with Triage(house.store, "[b]bob", SystemClock()) as bob:
            requests.ask(bob.connection, "edit", {"topic": "acme", "query": "acme OR rival"}, bob.who, bob.clock)
        await driven.until(lambda: house.edits == {"topics": {"acme": {"query": "acme OR rival"}}})
        await driven.press("enter")
        await driven.until(lambda: "[b]bob changed it 1m ago" in driven.footer())
        assert house.edits == {"topics": {"acme": {"query": "acme OR rival"}}}
        await command(driven, "topic edit acme")
        await driven.until(lambda: driven.screen.filter is not None)
        assert driven.screen.filter.input.value == "charger"
        await driven.until(lambda: driven.screen.filter.subject.standing == "acme OR rival")
        await driven.until(lambda: "gained" in driven.drawn()[4])
        await driven.press("enter")
        await driven.until(lambda: house.edits == {"topics": {"acme": {"query": "charger"}}})


async def test_a_topic_begins_and_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "REST", 0.01)
    async with beside(house) as (_, driven):
        await command(driven, "topic new")
        await driven.until(lambda: driven.screen.naming is not None)
        await driven.type("power")
        await driven.press("enter")
        await driven.until(lambda: driven.screen.filter is not None)
        driven.screen.filter.input.write("charger")
        await driven.until(lambda: "+2 gained  −0 lost" in driven.drawn()[4])
        await driven.press("enter")
        await driven.until(lambda: house.matched("power") == 2)
        await driven.until(lambda: re.search(r" power +\d* +2\b", driven.text()))
        assert house.edits == {"topics": {"power": {"query": "charger", "role": "theme"}}}
        await command(driven, "topic remove power")
        await driven.until(lambda: "the topic power is removed" in driven.footer())
        await driven.until(lambda: [topic.name for topic in driven.screen.glance.topics] == ["acme"])


async def test_a_desk_begins_is_changed_with_what_it_takes_in_sight_and_taken_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "REST", 0.01)

    def assigned() -> int:
        with Reader(house.store) as reader:
            return reader.count(query.parse("assignee:bob"), now=0).n

    async with beside(house) as (_, driven):
        await command(driven, "desk new care")
        await driven.until(lambda: driven.screen.filter is not None)
        driven.screen.filter.input.write("charger")
        await driven.until(lambda: "+1 taken  −0 let go of" in driven.drawn()[4])
        await driven.press("enter")
        await driven.until(lambda: "the desk care is open: takes 1 waiting mention" in driven.footer())
        await driven.until(lambda: re.search(r"DESKS.*\n.* care +<1h +1\b", driven.text()), "it is listed")

        await command(driven, "desk assign care")
        await driven.until(lambda: driven.screen.naming is not None)
        assert "1 wait there · is given what waits there" in driven.drawn()[2]
        await driven.type("bob")
        await driven.press("enter")
        await driven.until(lambda: assigned() == 1, "what waits is given, too")
        await driven.until(lambda: "the desk care has another person" in driven.footer())

        await driven.press("shift+tab", "G", "e")
        await driven.until(lambda: driven.screen.filter is not None)
        assert "care = charger" in driven.drawn()[1]
        driven.screen.filter.input.write("(")
        await driven.until(lambda: driven.screen.filter.below.answer.error)
        driven.screen.filter.input.write("battery OR charger")
        await driven.until(lambda: "+1 taken  −0 let go of" in driven.drawn()[4])
        await driven.press("enter")
        await driven.until(lambda: assigned() == 2)
        await driven.until(lambda: "the desk care has another query" in driven.footer())

        await command(driven, "desk promise care")
        await driven.until(lambda: driven.screen.naming is not None)
        await driven.type("soon")
        assert "write a span, such as 90m, 2h or 3d" in driven.drawn()[2]
        await driven.press("ctrl+u")
        await driven.type("90m")
        await driven.press("enter")
        entry = {"query": "battery OR charger", "assign": "bob", "answer_within": "90m"}
        await driven.until(lambda: house.edits == {"desks": {"care": entry}})
        await driven.until(lambda: "the desk care has another promise" in driven.footer())
        await command(driven, "desk close care")
        await driven.until(lambda: assigned() == 0, "what it gave is nobody's")
        await driven.until(lambda: "care" not in driven.text().partition("DESKS")[2])

        await driven.press("u", "u", "u")
        await driven.until(lambda: assigned() == 1 and house.edits["desks"]["care"]["query"] == "charger")
        await driven.press("U")
        await driven.until(lambda: assigned() == 2)
        await driven.press("u", "u", "u")
        await driven.until(lambda: not house.edits, "as if it had never been")


async def test_a_file_that_is_edited_in_vain_is_told_of_and_wins_when_it_shall(house: House) -> None:
    async with beside(house, (80, 24)) as (run, driven):
        await command(driven, "view edit crisis")
        await driven.until(lambda: driven.screen.filter is not None)
        driven.screen.filter.input.write("view:crisis acme")
        await driven.until(lambda: "a view cannot hold itself" in driven.drawn()[2])
        driven.screen.filter.input.write("rival")
        await driven.until(lambda: "1 mention" in driven.drawn()[2])
        await driven.press("enter")
        await driven.until(lambda: "the view crisis has another query" in driven.footer())
        assert house.edits == {"views": {"crisis": {"query": "rival"}}}
        house.file.with_name("console.toml").write_text("[topics.acme]\nquery = 'battery'\n")
        await run.until(lambda: house.matched("acme") == 1)
        house.write("acme OR rival")
        await driven.until(lambda: "acme: your file was changed in vain" in driven.footer())
        await command(driven, "topic reset acme")
        await run.until(lambda: house.matched("acme") == 3)
        assert house.edits == {}


async def test_without_a_collector_it_waits_and_says_so(town: Town) -> None:
    town.talk()
    town.writer.set_state("collector", "null")
    town.writer.sync_edits([Edit("views", "mine", "acme", "x")])
    town.writer.sync_views([("mine", "acme", False)])
    async with console(town.path, town.clock, query="battery") as driven:
        await driven.until(lambda: driven.screen.glance.views)
        await driven.press("w")
        await driven.type("b")
        await driven.press("enter")
        await driven.until(lambda: "saving the view b: nobody collects, so it waits until" in driven.footer())
        with Reader(town.path) as reader:
            await driven.until(lambda: [one.body["view"] for one in reader.requests(())] == ["b"])
    async with console(town.path, town.clock, query="battery", read_only=True) as driven:
        for typed in ("view save c", "view remove mine", "topic edit acme", "topic undo acme"):
            await driven.until(lambda: driven.screen.glance.views)
            await command(driven, typed)
            assert "this console only reads" in driven.footer()


async def test_names_that_a_file_should_not_have_are_shown_harmlessly(town: Town) -> None:
    town.talk()
    names = [name for name in TEXTS if "\ud83d" not in name and name.strip()][::3]
    town.writer.sync_topics([(name, "acme", "brand") for name in names])
    town.writer.sync_views([(name, "acme OR", False) for name in names])
    async with console(town.path, town.clock, size=(40, 12), wait=False) as driven:
        await driven.until(lambda: len(driven.screen.glance.topics) == len(names))
        for name in names:
            for opened in (driven.screen.edit_topic, driven.screen.edit_view, driven.screen.rename_view):
                await opened(name)
                await driven.pilot.pause()
                assert all(cell_len(row) <= 40 for row in driven.drawn())
                assert not any(map(FORBIDDEN.search, driven.drawn()))
        assert await driven.screen.out()
        driven.screen.remove_view(names[0])
        await driven.until(lambda: "removing the view" in driven.footer())
        assert not any(map(FORBIDDEN.search, driven.drawn()))


async def test_what_is_dismissed_teaches_the_topic_with_what_it_would_lose_in_sight(house: House) -> None:
    async with beside(house, query="topic:acme") as (_, driven):
        before = next(topic.query for topic in driven.screen.glance.topics if topic.name == "acme")
        await driven.press("s", "d")
        await driven.until(lambda: "k ! x takes what is like it out of the topic" in driven.footer())
        await driven.press("k", "exclamation_mark")
        await driven.until(lambda: driven.screen.chooser and driven.screen.chooser.answer)
        await driven.until(lambda: driven.screen.chooser.choices[-1].letter == "x")
        assert "acme without" in driven.text()
        assert "nothing that you kept would go" in driven.text()
        proposed = driven.screen.chooser.choices[-1].query
        assert proposed.startswith((f"{before} -", f"({before}) -"))
        await driven.press("x")
        await driven.until(lambda: driven.screen.filter is not None)
        assert driven.screen.filter.input.value == proposed
        await driven.until(lambda: "−1 lost" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: house.edits.get("topics", {}).get("acme", {}).get("query") == proposed)
        await driven.until(lambda: house.matched("acme") == 1)
        await driven.press("u")
        await driven.until(lambda: house.matched("acme") == 2)
