"""What is late is seen: in the row, beside the desk, in the detail pane, and first in an order of its own."""

from __future__ import annotations

from listen.service import Desk
from tests.console.conftest import console
from tests.console.town import Town


async def test_what_a_desk_promised_is_seen_everywhere_and_ends_with_an_answer(town: Town) -> None:
    town.writer.sync_desks([Desk("care", "refund OR price", 3_600.0), Desk("closed", "refund", 60.0, open=False)])
    (late,) = town.say("mastodon", "ops", "where is my refund")
    town.clock.at += 7_200
    town.say("press", "monde", "what is the price")
    town.say("press", "monde", "nothing to answer")
    async with console(town.path, town.clock, size=(120, 30)) as driven:
        await driven.until(lambda: any("care" in line and "1/2" in line for line in driven.drawn()), "no desk")
        assert "closed" not in "\n".join(driven.drawn())
        assert [line for line in driven.drawn() if "late " in line and "where is my refund" in line]
        assert not [line for line in driven.drawn() if "late " in line and "price" in line]
        await driven.press("O", "O", "O", "O")
        await driven.until(lambda: driven.feed.ids[:1] == [late], "the late one is not on top")
        assert "late first" in "\n".join(driven.drawn())
        await driven.until(lambda: "within 1 h: 1 h late" in "\n".join(driven.drawn()), "no promise told")
        await driven.press("A", "k")  # the cursor goes on by itself
        await driven.until(lambda: "answered after 2 h" in "\n".join(driven.drawn()), "no answer told")
        await driven.until(lambda: any("care" in line and "1/2" not in line for line in driven.drawn()), "still late")
        await driven.press("colon")
        await driven.type("desks")
        await driven.press("enter")
        await driven.until(lambda: "within 1 h   1 waiting" in driven.text(), "the page of all desks")
        for label in ("first answer", "done"):
            line = next(line for line in driven.drawn() if f" {label} " in line)
            assert "2 h        90%: 2 h        of 1   in time: 0%" in line
        assert "closed: closed · :desk open NAME" in driven.text()
