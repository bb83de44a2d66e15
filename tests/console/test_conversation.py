"""The conversation around a mention: opens with what is stored, asks for the rest, tells what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from listen.model import Author, Prepared
from listen.store import requests
from listen.store.sqlite import connect_people
from tests.console.conftest import Driven, console
from tests.console.town import Town
from tests.store.posts import make_post


def said(name: str, who: str, text: str, parent: str | None = None, **more: Any) -> Prepared:
    return make_post(name, text, network="mastodon", author=Author(who), parent_id=parent, thread_id="r", **more)


@pytest.fixture
def hot(town: Town) -> int:
    """Somebody else's question, the mention, and an answer of a peer."""
    town.writer.sync_accounts({"acme": ["@acme@mastodon.social"]})
    town.arrive("mastodon", [said("r", "bob", "Anyone else with a hot dock?")])
    (asked,) = town.arrive("mastodon", [said("a", "claire", "Mine is hot, too.", "r")])
    town.arrive("mastodon", [said("b", "mallory", "\x1b[31mBuy mine [bold]now", "a")])
    return asked


def answering(town: Town, does: Callable[[], dict[str, Any]] | None = None, error: str | None = None) -> bool:
    """Be the collector: deal with what was asked for; whether anything was."""
    with contextlib.closing(connect_people(town.path)) as people:
        for request in requests.open_requests(people):
            assert request.kind == "fetch thread"
            answer = does() if does else None
            requests.finish(people, request.id, town.clock, answer=answer, error=error)
            return True
    return False


def collected(driven: Driven) -> bool:
    """The console has heard that somebody collects."""
    return not driven.app.screen_stack[0].heartbeat.told()[1]  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_opens_with_what_is_stored_and_fills_in(town: Town, hot: int, size: tuple[int, int]) -> None:
    town.all_good()
    async with console(town.path, town.clock, query="mine too", size=size) as driven:
        await driven.until(lambda: collected(driven))
        await driven.press("c")
        await driven.until(lambda: "answered by peers · 3 posts" in driven.text())
        lines = driven.drawn()
        depth = {words: next(line.index(words) for line in lines if words in line) for words in ("bob", "claire")}
        assert depth["bob"] < depth["claire"]
        assert any(line.startswith("▌") and "claire" in line for line in lines), "the one that was asked about"
        assert "\x1b" not in driven.text()
        assert "[bold]now" in driven.text()

        def fetched() -> dict[str, Any]:
            town.arrive("mastodon", [said("c", "acme@mastodon.social", "Please send us the number.", "a")])
            return {"new": 1, "again": 3, "source": "mastodon"}

        await driven.until(lambda: answering(town, fetched), "the request")
        await driven.until(lambda: "answered by us · 4 posts" in driven.text())
        assert any("acme@mastodon.social us" in line for line in driven.drawn())
        assert "one more post" in driven.footer()
        await driven.press("escape")
        await driven.until(lambda: driven.app.screen is driven.app.screen_stack[0])
        await driven.until(lambda: "answered" in driven.text() or "↩" in driven.text(), driven.text())


async def test_what_cannot_be_fetched_says_why(town: Town, hot: int) -> None:
    town.all_good()
    async with console(town.path, town.clock, query="mine too", size=(80, 24)) as driven:
        await driven.until(lambda: collected(driven))
        await driven.press("c")
        await driven.until(lambda: answering(town, error="it is not there any more"), "the request")
        await driven.until(lambda: "not fetched: it is not there any more" in driven.footer())
        assert "answered by peers" in driven.text()


async def test_without_a_collector_the_command_is_named(town: Town, hot: int) -> None:
    town.writer.release()
    async with console(town.path, town.clock, query="nowhere") as driven:
        await driven.press("c")
        await driven.until(lambda: "there is no mention here" in driven.footer())
    async with console(town.path, town.clock, query="mine too", size=(100, 24)) as driven:
        await driven.press("c")
        await driven.until(lambda: f"`listen thread {hot}` fetches it" in driven.footer())
    async with console(town.path, town.clock, query="mine too", read_only=True) as driven:
        await driven.press("c")
        await driven.until(lambda: "read-only: only what is stored is shown" in driven.footer())
    with contextlib.closing(connect_people(town.path)) as people:
        assert not requests.open_requests(people)
