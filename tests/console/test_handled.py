"""What was handled stays, dimmed, until the view is left or refreshed, and the cursor goes on; in a queue, too."""

from __future__ import annotations

from rich.style import Style

from listen.store.triage import Triage
from tests.console.conftest import Driven, console
from tests.console.town import Town


def dimmed(driven: Driven, line: int) -> bool:
    """Whether the text of a line of the screen is faint."""
    faint: Style = driven.app.colours.faint  # type: ignore[attr-defined]
    strip = driven.app.screen._compositor.render_strips(driven.app.screen.size)[line]
    shown = [part for part in strip if part.text.strip(" ▌│")]
    return shown[-1].style is not None and shown[-1].style.color == faint.color


async def test_in_a_queue_handled_rows_stay_and_go_with_a_refresh(town: Town) -> None:
    ids = town.talk(2)
    async with console(town.path, town.clock, query="status:new") as driven:
        await driven.press("a", "d", "A")
        assert driven.feed.current == ids[3]
        assert driven.feed.ids == ids
        assert [dimmed(driven, line) for line in range(2, 6)] == [True, True, True, False]
        (fresh,) = town.say("bluesky", "newcomer", "just now")
        await driven.until(lambda: "+1 new ▲" in driven.drawn()[1])
        assert driven.feed.current == ids[3]
        await driven.press("R")
        await driven.until(lambda: driven.feed.ids == [fresh, *ids[3:]])
        assert driven.feed.current == ids[3]


async def test_the_last_row_keeps_the_cursor(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock, query="status:new") as driven:
        await driven.press("G")
        await driven.press("a")
        assert driven.feed.current == ids[-1]
        assert "done" in driven.drawn()[12]
        await driven.press("a")
        await driven.until(lambda: "is done already" in driven.footer())
        await driven.press("comma")
        await driven.until(lambda: driven.feed.current == ids[-2])


async def test_while_rows_come_in_at_the_top_the_next_one_is_the_one_below(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock, query="status:new") as driven:
        assert driven.feed.following
        await driven.press("a")
        for number in range(3):
            town.say("bluesky", "newcomer", f"now {number}")
        await driven.until(lambda: "+3 new ▲" in driven.drawn()[1])
        assert driven.feed.current == ids[1]
        assert dimmed(driven, 2)
        await driven.press("a")
        assert driven.feed.current == ids[2]
        await driven.press("g")
        await driven.until(lambda: "now 2" in driven.drawn()[2])
        assert dimmed(driven, 5), "it stays until the view is asked anew"


async def test_undo_goes_back_to_the_row_and_lights_it_again(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock, query="status:new") as driven:
        await driven.press("j", "a", "j", "j", "u")
        await driven.until(lambda: not dimmed(driven, 3))
        assert driven.feed.current == ids[1]
        await driven.press("U")
        await driven.until(lambda: dimmed(driven, 3))


async def test_what_somebody_else_handles_dims_and_stays(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock, query="status:new") as driven:
        with Triage(town.path, "bob", town.clock) as bob:
            bob.set_status(ids[2:4], "done")
        await driven.until(lambda: dimmed(driven, 4) and dimmed(driven, 5))
        assert driven.feed.ids == ids
        await driven.press("semicolon", "semicolon")
        await driven.until(lambda: driven.feed.current == ids[4])


async def test_another_order_dims_and_goes_on_as_well(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, query="status:new") as driven:
        await driven.press("O", "O")
        await driven.until(lambda: driven.screen.view.loaded and driven.feed.order == "worst")
        order = list(driven.feed.ids)
        await driven.press("a", "a")
        assert driven.feed.current == order[2]
        assert driven.feed.ids == order
        await driven.until(lambda: not driven.desk.hands._actions)
        await driven.press("R")
        await driven.until(lambda: driven.feed.ids[:1] == order[2:3])
        assert driven.feed.current == order[2]
