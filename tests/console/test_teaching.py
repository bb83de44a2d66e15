"""`:teach`, beside a real collector on loopback: suggested, accepted, true of all that is stored or comes, undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from listen import query
from listen.collect import collector
from listen.console.screens import teaching
from listen.console.screens.marking import READ_ONLY
from listen.store.read import Reader
from tests.collect.collecting import item, rss
from tests.collect.server import Reply, Server
from tests.console.conftest import Driven, console
from tests.console.test_editing import House, beside
from tests.console.town import Town

SAID = (
    "the acme swift is in the window of the town's bicycle shop", "who has seen my acme swift near the harbour station",
    "an acme swift with a blue saddle stood there all winter", "our neighbour rides an acme swift to the office daily",
    "for sale, an acme swift with two baskets and a lamp",
)  # fmt: skip
HEARD = [item(number, "acme", text) for number, text in enumerate(SAID, 1)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "TICK", 0.05)
    monkeypatch.setattr("listen.console.screens.asking.SOON", 0.05)
    monkeypatch.setattr(teaching, "LOOK", 0.05)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as started:
        started.on("/feed", Reply(body=rss(*HEARD)))
        yield started


def toward(house: House, words: str = "topic:acme -is:corrected") -> set[int | None]:
    """The scores of mentions toward acme."""
    with Reader(house.store) as reader:
        ids = reader.page(query.parse(words), now=2e9).ids
        return {one.topics["acme"] for one in reader.mentions(ids)}


def labels(house: House) -> list[int]:
    with Reader(house.store) as reader:
        return list(reader.page(query.parse("is:corrected"), now=2e9).ids)


async def opened(driven: Driven) -> None:
    await driven.press("colon")
    await driven.type("teach")
    await driven.press("enter")
    await driven.until(lambda: type(driven.screen).__name__ == "Teach")


async def test_what_corrections_suggest_is_accepted_counts_at_once_and_is_taken_back(
    tmp_path: Path, server: Server
) -> None:
    house = House(tmp_path, server.url("/feed"))
    async with beside(house, size=(80, 24), query="topic:acme", mentions=5) as (run, driven):
        await driven.until(lambda: len(driven.stream.feed.ids) == 5)
        (before,) = toward(house)
        assert before is not None
        assert before > 0
        for _ in range(3):
            await driven.press("0", "j")
        await driven.until(lambda: len(labels(house)) == 3)
        await opened(driven)
        await driven.until(lambda: driven.screen.answer is not None, "the collector's answer")
        assert "3 labels by + - 0, of which the scores agree with 0." in driven.text()
        assert "2 of 5 mentions flip, agrees with 3 of your 3 labels, 0 before" in driven.text()
        assert "a model: from 200 labels on, there are 3" in driven.text()
        at = next(place for place, one in enumerate(driven.screen.found) if one.label == "swift = 0")
        await driven.press(*["j"] * at, "enter")
        await driven.until(lambda: "swift weighs 0 for acme from now on" in driven.footer())
        await driven.until(lambda: toward(house) == {0}, "what is stored is scored anew")
        assert toward(house, "is:corrected") == {0}
        assert house.edits["teaching"]["acme"] == {"words": {"swift": 0}}

        server.on(
            "/feed", Reply(body=rss(item(9, "acme", "the price of the acme swift has not moved since spring"), *HEARD))
        )
        await driven.press("5")
        await driven.until(lambda: driven.app.place is not None and "press" in driven.text())
        await driven.press("T")
        await run.until(lambda: house.matched("acme") == 6)
        assert toward(house) == {0}, "what arrives is scored by it"
        await driven.press("1")

        await opened(driven)
        await driven.until(lambda: driven.screen.answer is not None)
        assert "not swift = 0" in driven.text()
        await driven.press("escape", "u")
        await driven.until(lambda: "teaching" not in house.edits, "taken back")
        await driven.until(lambda: toward(house) != {0} and 0 not in toward(house, "topic:acme seen:1h -is:corrected"))
        assert before in toward(house)


async def test_without_a_topic_a_collector_or_a_pen_it_says_so(town: Town) -> None:
    async with console(town.path, town.clock, size=(60, 14), query="zzz") as driven:
        await driven.press("colon")
        await driven.type("teach")
        await driven.press("enter")
        await driven.until(lambda: "choose a topic first" in driven.footer())
    async with console(town.path, town.clock, size=(60, 14), query="topic:acme") as driven:
        await opened(driven)
        await driven.until(lambda: "The collector looks what the corrections suggest" in driven.text())
        await driven.press("enter", "escape")
        assert type(driven.screen).__name__ == "StreamScreen"
    async with console(town.path, town.clock, query="topic:acme", read_only=True) as driven:
        await opened(driven)
        await driven.until(lambda: READ_ONLY in driven.text())
