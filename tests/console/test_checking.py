"""`:check`: a sample that is judged one by one."""

from __future__ import annotations

from contextlib import closing

import pytest

from listen.console import clipboard
from listen.console.checking import Check
from listen.insight.precision import precision
from listen.store.sqlite import sqlite3
from tests.console.conftest import Driven, console
from tests.console.town import Town


def cartoons(town: Town) -> dict[int, bool]:
    """Mentions of the topic acme, and which of them are about it."""
    found = {}
    for n in range(9):
        (one,) = town.say("mastodon", "claire", f"The Acme dock is number {n}", ago=60 * n)
        found[one] = True
    for n in range(4):
        (one,) = town.say("bluesky", "devon", f"Acme anvil, the coyote again {n}", ago=900 + 60 * n)
        found[one] = False
    town.say("press", "Le Monde", "Rival and a coyote", topics={town.topics["rival"]: None}, ago=5000)
    return found


async def checked(driven: Driven) -> None:
    """The panel, with its first mention."""
    await driven.press("colon")
    await driven.type("check")
    await driven.press("enter")
    await driven.until(lambda: type(driven.screen).__name__ == "Checking")
    await driven.until(lambda: driven.screen.detail.lines and driven.screen.drawn, "a sample")


def labels(town: Town) -> dict[int, bool]:
    with closing(sqlite3.connect(town.path)) as connection:
        return {row[0]: bool(row[1]) for row in connection.execute("SELECT mention_id, kept FROM labels")}


async def judge(driven: Driven, about: dict[int, bool], most: int = 100) -> None:
    for _ in range(most):
        if not driven.screen.steps.open:
            break
        await driven.press("a" if about[driven.screen.steps.current] else "d")


async def test_a_sample_is_judged_and_proposes_what_to_exclude(town: Town) -> None:
    about = cartoons(town)
    async with console(town.path, town.clock, size=(100, 30), query="topic:acme") as driven:
        await checked(driven)
        await driven.until(lambda: "matched" in driven.text(), "the mention in full")
        assert "13 of all 13 at random (seed" in driven.text()
        assert set(driven.screen.steps.ids) == set(about)
        await judge(driven, about)
        await driven.until(lambda: "better?" in driven.text(), "proposals")
        assert str(precision(9, 13)) in driven.text()
        assert "takes away 4 of 4 refused, 0 of 9 kept · 4 of all stored" in driven.text()
        await driven.until(lambda: labels(town) == about, "judgements in the store")
        with closing(sqlite3.connect(town.path)) as connection:
            assert connection.execute("SELECT DISTINCT topic, query, by FROM labels").fetchall() == [
                ("acme", "acme", "ana")
            ]
        assert "set as the filter" in driven.text()
        await driven.press("enter")
        await driven.until(lambda: type(driven.screen).__name__ == "StreamScreen")
        assert driven.app.screen.view.text.startswith("topic:acme NOT ")  # type: ignore[attr-defined]
        await driven.until(lambda: set(driven.feed.ids) == {one for one, kept in about.items() if kept})


async def test_what_is_proposed_is_offered_to_the_topic(town: Town) -> None:
    about = cartoons(town)
    async with console(town.path, town.clock, size=(80, 24), query="topic:acme") as driven:
        await checked(driven)
        await judge(driven, about)
        await driven.until(lambda: "change the topic" in driven.text(), "proposals")
        assert "leave" in driven.drawn()[-2]
        await driven.press("right", "enter")
        await driven.until(lambda: getattr(driven.app.stream, "filter", None) is not None)  # type: ignore[attr-defined]
        await driven.until(lambda: "+0 gained  −4 lost" in driven.drawn()[4])
        assert "acme = acme NOT " in driven.drawn()[1]


async def test_u_takes_back_and_esc_leaves_with_what_was_judged(town: Town) -> None:
    about = cartoons(town)
    async with console(town.path, town.clock, query="topic:acme") as driven:
        await checked(driven)
        await driven.press("u")
        assert "nothing was judged here yet" in driven.footer()
        first = driven.screen.steps.current
        await driven.press("a")
        second = driven.screen.steps.current
        await driven.press("d", "d")
        assert "1 of 3 is about it" in driven.text()
        await driven.press("u", "u")
        assert driven.screen.steps.current == second
        await driven.until(lambda: labels(town) == {first: True})
        await driven.press("semicolon")
        third = driven.screen.steps.current
        assert third not in (first, second)
        await driven.press("comma")
        assert driven.screen.steps.current == second
        await driven.press("s", "x", "f", "t", "plus", "2")  # verbs of other places do nothing here
        await driven.press("escape")
        await driven.until(lambda: type(driven.screen).__name__ == "StreamScreen")
        assert labels(town) == {first: True}
        with closing(sqlite3.connect(town.path)) as connection:
            assert connection.execute("SELECT count(*) FROM triage").fetchone() == (0,)
        await checked(driven)
        assert driven.screen.steps.said == {first: True}, "what was judged before stands"
        assert driven.screen.steps.current != first
    assert about[first] in (True, False)


async def test_a_filter_is_checked_and_its_query_copied(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    about = cartoons(town)
    sent: list[str] = []
    monkeypatch.setattr(clipboard, "hand_over", lambda _app, text, told: (sent.append(text), told("nowhere")))
    async with console(town.path, town.clock, query="acme OR zzz since:7d") as driven:
        await checked(driven)
        assert "acme OR zzz" in driven.text()
        await judge(driven, about)
        await driven.until(lambda: "set as the filter    copy    " in driven.text())
        await driven.press("right", "enter")
        await driven.until(lambda: sent)
        assert sent[0].startswith("(acme OR zzz")
        assert " NOT " in sent[0]
        before = driven.screen.steps.ids
        await driven.press("right", "enter")
        await driven.until(lambda: driven.screen.drawn and driven.screen.steps.ids != before, "another sample")


async def test_everything_is_about_nothing(town: Town) -> None:
    cartoons(town)
    async with console(town.path, town.clock) as driven:
        await driven.press("colon")
        await driven.type("check")
        await driven.press("enter")
        await driven.until(lambda: "choose a topic or a filter first" in driven.footer())


async def test_nothing_found_only_reading_and_little_room(town: Town) -> None:
    cartoons(town)
    async with console(town.path, town.clock, size=(40, 10), query="zzz", read_only=True) as driven:
        await checked(driven)
        await driven.until(lambda: "It finds nothing" in driven.text())
        await driven.press("a")
        assert "there is no mention to judge" in driven.footer()
        await driven.press("enter", "enter")
        await driven.until(lambda: type(driven.screen).__name__ == "StreamScreen")
    async with console(town.path, town.clock, size=(60, 20), query="topic:acme", read_only=True) as driven:
        await checked(driven)
        await driven.press("a")
        assert "this console only reads" in driven.footer()
        assert "1 of 1 is about it" in driven.text()
    assert labels(town) == {}


async def test_foreign_text_is_shown_as_marks(town: Town) -> None:
    town.say("mastodon", "e\x1b[2Jve", "Acme \x1b]0;pwned\x07 \u202e coyote", title="Acme \x9b31m")
    async with console(town.path, town.clock, query="acme") as driven:
        await checked(driven)
        await driven.until(lambda: "matched" in driven.text())
        await driven.press("d")
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(driven.text())


def test_steps_pass_over_what_was_judged() -> None:
    check = Check((5, 6, 7, 8), {6: True}, 0)
    assert check.step(1)
    assert check.current == 7
    assert check.step(-1)
    assert check.current == 5
    check.judge(True)
    assert check.current == 7
    check.judge(False)
    assert check.current == 8
    check.judge(False)
    assert not check.open
    assert not check.step(1)
    assert check.take_back() == (8, None)
    assert check.current == 8
    assert Check().judge(True) is None
    assert Check().take_back() is None
    assert not Check().step(1)
