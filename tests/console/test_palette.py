"""The palette and the saved filters: what letters mean, what is drawn, what runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from listen.console import history, keys
from listen.console.answers import Glance
from listen.console.commands import Command, earlier, names, ranked, verbs
from listen.console.widgets.typed import Typed
from listen.store.overview import Talk
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.test_filter import typed as filter_text
from tests.console.test_stream import starred
from tests.console.town import Town

# --- which command letters mean --------------------------------------------------------------------------------------


def made(*named: tuple[str, str]) -> list[Command]:
    return [Command(name, kind, "") for name, kind in named]  # type: ignore[arg-type]


def meant(commands: list[Command], typed: str) -> list[str]:
    return [command.name for command in ranked(commands, typed)]


def test_the_whole_name_then_its_beginning_then_a_word_then_letters() -> None:
    commands = made(("restart", "verb"), ("my star", "verb"), ("starred", "verb"), ("star", "verb"), ("other", "verb"))
    assert meant(commands, "star") == ["star", "starred", "my star", "restart"]
    assert meant(commands, "st") == ["starred", "star", "my star", "restart"]
    assert meant(commands, "o") == ["other"]
    assert meant(commands, "zz") == []
    assert len(meant(commands, "")) == len(commands)


def test_what_is_listened_to_goes_before_what_can_be_done() -> None:
    commands = made(
        ("alerts", "verb"), ("alerts", "screen"), ("alerts", "source"), ("alerts", "view"), ("alerts", "topic")
    )
    assert [command.kind for command in ranked(commands, "alerts")] == ["topic", "view", "screen", "verb", "source"]


def test_case_and_accents_do_not_matter() -> None:
    assert meant(made(("Café crème", "topic")), "CAFE") == ["Café crème"]
    assert meant(made(("Café crème", "topic")), "creme") == ["Café crème"]
    assert meant(made(("東京タワー", "topic")), "東京") == ["東京タワー"]


def test_other_names_of_verbs() -> None:
    found = list(verbs(keys.TABLE, ("lists", "mentions")))
    assert ranked(found, "q")[0].action == "app.leave"
    assert ranked(found, "quit")[0].action == "app.leave"
    assert ranked(found, "help")[0].action == "app.keys"


def test_a_verb_takes_what_follows() -> None:
    found = list(verbs(keys.TABLE, ("lists",)))
    (command,) = ranked(found, "filter battery OR  charger")
    assert command.query == "battery OR  charger"
    assert ranked(found, "filter")[0].query is None
    assert ranked(found, "star battery") == []


def test_every_verb_has_a_name_of_its_own() -> None:
    for scopes in (("lists", "mentions"), ("lists", "alerts, sources")):
        found = [command.name for command in verbs(keys.TABLE, scopes)]
        assert len(found) == len(set(found))
        assert {"down", "up", "next pane", "quit"} <= set(found)


@pytest.mark.parametrize("typed", ["", "[", "\x1b", "(" * 500, "日", "\u0301", "a b c " * 50])
def test_nothing_that_is_typed_is_too_much(typed: str) -> None:
    topics = [Talk(1, text, "x", "brand", 0, 0, 0, None) for text in TEXTS]
    ranked([*names(Glance(topics=topics)), *verbs(keys.TABLE, ("lists",)), *earlier(TEXTS)], typed)


# --- on the screen ---------------------------------------------------------------------------------------------------


async def opened(driven: Driven, key: str = "colon") -> None:
    await driven.until(lambda: driven.app.screen_stack[0].glance.topics)  # type: ignore[attr-defined]
    await driven.press(key)
    await driven.until(lambda: driven.app.focused is not None and driven.app.focused.id == "palette-input")


def chosen(driven: Driven) -> str:
    return driven.screen.candidates.chosen.name


async def run(driven: Driven, typed: str) -> None:
    await opened(driven)
    await driven.type(typed)
    await driven.press("enter")
    await driven.until(lambda: len(driven.app.screen_stack) == 1)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12), (20, 6)])
async def test_it_is_drawn_at_every_size(town: Town, size: tuple[int, int]) -> None:
    town.talk()
    async with console(town.path, town.clock, size=size, wait=size[1] > 15) as driven:
        await opened(driven)
        lines = driven.drawn()
        assert lines[-1].startswith(" :")
        assert any("everything" in line for line in lines[:-1])
        assert all(cell_len(line) <= size[0] for line in lines)
        if size[0] >= 80:
            assert "enter runs · tab completes · esc leaves" in lines[-1]
            assert "La b" in lines[2], "what is behind stays in view"
        for _ in range(60):
            await driven.press("down")
        assert chosen(driven)[:8] in driven.text()


async def test_topics_views_and_sources_by_name(town: Town) -> None:
    town.talk()
    town.writer.sync_views([("crisis", "sentiment:neg", False), ("broken", "AND", False)])
    async with console(town.path, town.clock) as driven:
        await run(driven, "acme")
        assert driven.screen.view.text == "topic:acme"
        assert driven.screen.focused is driven.stream
        await run(driven, "crisis")
        assert driven.screen.view.text == "sentiment:neg"
        await run(driven, "charger")
        assert driven.screen.view.text == 'topic:"charger recall"'
        await run(driven, "mastodon")
        assert driven.screen.view.text == "source:mastodon"
        await run(driven, "everything")
        assert driven.screen.view.text == ""
        await run(driven, "filter rival OR lang:fr")
        assert driven.screen.view.text == "rival OR lang:fr"
        await run(driven, "broken")
        assert "broken cannot be opened" in driven.footer()
        assert driven.screen.view.text == "rival OR lang:fr"


async def test_names_that_collide_say_what_they_are(town: Town) -> None:
    town.writer.sync_topics([("star", "star", "theme"), ("alerts", "alert", "theme")])
    town.talk()
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        await driven.type("star")
        rows = [line for line in driven.drawn()[-13:] if " star " in line]
        assert "topic" in rows[0]
        assert "verb" in rows[1]
        await driven.press("enter")
        await driven.until(lambda: driven.app.screen_stack[0].view.text == "topic:star")  # type: ignore[attr-defined]


async def test_verbs_by_name(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await run(driven, "star")
        await driven.until(lambda: starred(town, ids[0]))
        await run(driven, "down")
        assert driven.feed.cursor == 1
        await run(driven, "bottom")
        await driven.until(lambda: driven.feed.current == ids[-1])
        await opened(driven)
        await driven.type("filter")
        await driven.press("enter")
        await driven.until(lambda: driven.screen.filter is not None)
        await driven.type(":q?")
        assert filter_text(driven) == ":q?"


async def test_what_comes_later_says_so(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await run(driven, "reply")
        assert "comes later" in driven.footer()


@pytest.mark.parametrize("typed", ["q", "quit"])
async def test_leaving_by_name(town: Town, typed: str) -> None:
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        await driven.type(typed)
        await driven.press("enter")
        await driven.until(lambda: driven.app._exit)
        assert driven.app.return_code == 0


async def test_help_by_name(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        await driven.type("help")
        await driven.press("enter")
        await driven.until(lambda: "LISTS" in driven.text())


async def test_up_down_tab_and_esc(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        assert chosen(driven) == "everything"
        await driven.press("down", "down")
        assert chosen(driven) == "rival"
        await driven.press("up", "tab")
        assert driven.screen.input.value == "acme"
        await driven.press("ctrl+u")
        await driven.type("ST")
        await driven.press("tab")
        assert driven.screen.input.value == "stream"
        await driven.press("escape")
        await driven.until(lambda: len(driven.app.screen_stack) == 1)
        assert driven.screen.view.text == ""


async def test_what_means_nothing_is_told_and_runs_nothing(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        await driven.type("zzqq")
        assert "“zzqq” is nothing's name" in driven.text()
        await driven.press("enter", "tab", "up", "down")
        assert len(driven.app.screen_stack) == 2


async def test_every_printable_key_is_text(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        await driven.type(":q?Q1 jk")
        assert driven.screen.input.value == ":q?Q1 jk"


async def test_own_keys_are_shown(town: Town) -> None:
    async with console(town.path, town.clock, own_keys={"mention.star": ("X",)}) as driven:
        await opened(driven)
        await driven.type("star")
        assert any(" star " in line and line.endswith(" X") for line in driven.drawn())


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_hostile_names_are_drawn_as_marks(town: Town, size: tuple[int, int]) -> None:
    hostile = [*TEXTS, "[bold]x[/bold]"]
    shown = [name for name in hostile if name and "\ud83d" not in name]
    town.writer.sync_topics([(name, "acme", "brand") for name in shown])
    town.writer.sync_views([(name, name, False) for name in shown])
    async with console(town.path, town.clock, size=size, wait=size[1] > 15) as driven:
        await opened(driven)
        for _ in range(2 * len(shown)):
            await driven.press("down")
            assert not any(FORBIDDEN.search(line) for line in driven.drawn())
            assert all(cell_len(line) <= size[0] for line in driven.drawn())
        await driven.press("ctrl+u")
        for text in hostile:
            driven.screen.input.write(text)
            await driven.pilot.pause()
            assert not any(FORBIDDEN.search(line) for line in driven.drawn())
        driven.screen.input.write("[bold]x")
        await driven.pilot.pause()
        assert "[bold]x[/bold]" in driven.text()
        await driven.press("enter")
        await driven.until(lambda: driven.app.screen_stack[0].view.text == 'topic:"[bold]x[/bold]"')  # type: ignore[attr-defined]


async def test_a_click_runs(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        await driven.pilot.click("#candidates", offset=(4, 1))
        await driven.until(lambda: driven.app.screen_stack[0].view.text == "topic:acme")  # type: ignore[attr-defined]


# --- saved filters ---------------------------------------------------------------------------------------------------


async def test_saved_filters_and_earlier_ones(town: Town, tmp_path: Path) -> None:
    town.talk()
    town.writer.sync_views([("crisis", "sentiment:neg", False), ("to do", "topic:acme", True)])
    file = tmp_path / "filters"
    history.write(file, ["lang:fr", "[bold]x[/]", "battery"])
    async with console(town.path, town.clock, history_file=lambda: file, size=(80, 24)) as driven:
        await driven.until(lambda: driven.screen.glance.views)
        await opened(driven, "F")
        await driven.until(lambda: len(driven.screen.offer()) == 5)
        await driven.press("x", "backspace")
        shown = driven.text()
        assert "view    sentiment:neg" in shown
        assert "queue   topic:acme status:new" in shown
        assert "[bold]x[/]" in shown
        assert shown.index("battery") < shown.index("lang:fr")
        await driven.press("down", "down", "enter")
        await driven.until(lambda: driven.app.screen_stack[0].view.text == "battery")  # type: ignore[attr-defined]
        await opened(driven, "F")
        await driven.type("cri")
        await driven.press("enter")
        await driven.until(lambda: driven.app.screen_stack[0].view.text == "sentiment:neg")  # type: ignore[attr-defined]


async def test_without_any_filter_it_says_so(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await opened(driven, "F")
        assert "no filter was saved or typed yet" in driven.text()
        await driven.press("enter", "escape")
        await driven.until(lambda: len(driven.app.screen_stack) == 1)


def test_the_palette_is_not_loaded_before_it_is_wanted() -> None:
    import subprocess
    import sys

    program = (
        "import sys, listen.console.app; "
        "print([name for name in sys.modules if name.startswith('listen.') and "
        "name.endswith(('palette', 'commands', 'complete', 'history'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_from_another_screen_a_topic_leads_to_the_stream(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("5")
        await driven.until(lambda: type(driven.screen).__name__ == "SourcesScreen")
        await opened(driven)
        assert "try now" in [command.name for command in driven.screen.offer()]
        assert "star" not in [command.name for command in driven.screen.offer()]
        await driven.type("acme")
        await driven.press("enter")
        await driven.until(lambda: len(driven.app.screen_stack) == 1)
        assert driven.screen.view.text == "topic:acme"
        await run_to(driven, "sources", "SourcesScreen")
        await run_to(driven, "rejects", "Rejects")


async def run_to(driven: Driven, typed: str, screen: str) -> None:
    await opened(driven)
    await driven.type(typed)
    await driven.press("enter")
    await driven.until(lambda: type(driven.screen).__name__ == screen)


async def test_enter_that_comes_with_the_letters_runs_what_they_mean(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await opened(driven)
        driven.screen.input.value = "rejects"
        driven.screen._key(Typed.Key("apply"))
        await driven.until(lambda: type(driven.screen).__name__ == "Rejects")
