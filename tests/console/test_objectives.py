"""What was promised, in lines for the overview and on its own page."""

from __future__ import annotations

from datetime import date

from listen import objectives as promised
from listen.console import objective_lines as lines
from listen.console.facts import Line
from listen.console.theme import DARK
from listen.insight.objectives import Progress
from listen.insight.window import Window
from listen.objectives import Objective, money_of, target_of
from listen.text import cell_width
from tests.console.conftest import console
from tests.console.town import Town

DAY = 86_400


def progress(name: str, met: bool | None, risk: str = "", done: float = 0.5) -> Progress:
    return Progress(
        name, "recovery", "> 80 %", "ana", date(2027, 1, 1), 0.74, 0.7, 0.78, 120, met, done,
        (0.6, None, 0.7, 0.74), 0.78,
        "74 % ± 4, on course for 78 % ± 3: short by 2", goal=0.8, forecast_low=0.75, forecast_high=0.81,
        window=Window(0, 7 * DAY, 3_600), coverage=0.5, about="topic:acme", means="a share of 東京 " * 20, risk=risk,
        worth=money_of("3 EUR"), gained=7.0, unit="answer", assumptions=("one", "two"),
    )  # fmt: skip


def text(line: Line) -> str:
    return "".join(segment.text for segment in line)


def test_the_worst_comes_first_and_everything_fits() -> None:
    found = [
        progress("met", True, done=1.0), progress("fine\u202ebut open", False), progress("danger", False, "too late"),
        progress("gone", False, "2026-01-01 is over"), progress("who knows", None),
    ]  # fmt: skip
    ranked = lines.ranked(found)
    assert [one.name.split()[0][:4] for one in ranked] == ["gone", "dang", "fine", "who", "met"]
    assert [lines.sentence(one).partition(" ± ")[0] for one in ranked[:3]] == [
        "missed: 74 %", "at risk: 74 %", "74 %",
    ]  # fmt: skip
    assert text(lines.bar(ranked[-1], 10, DARK)) == "██████████"
    for width in (40, 80, 120):
        drawn = lines.placed(found, [], width, DARK)[0]
        assert max(cell_width(text(line)) for line in drawn) <= width
        assert "\u202e" not in "".join(map(text, drawn))


async def test_the_page_opens_from_the_palette_and_looks_again(town: Town) -> None:
    town.writer.set_state(promised.STATE, promised.told([
        Objective("calm", "negative_share", target_of("< 50 %", "share"), topic="acme", owner="ana"),
        Objective("answers", "first_response_time", target_of("< 2h", "time")),
    ]))  # fmt: skip
    for _ in range(22):
        town.say("mastodon", "ops", "where is my refund", ago=60)
    async with console(town.path, town.clock, size=(100, 40)) as driven:
        await driven.press("colon")
        await driven.type("objectives")
        await driven.press("enter")
        await driven.until(lambda: "ACME   the last 7 days" in driven.text(), "the strip")
        shown = driven.text()
        assert "calm  open    < 50 %" in shown
        assert "100 % ± 7: over by 50" in shown
        assert "owned by ana" in shown
        assert "no desk is open" in shown
        assert "connectivity" in shown
        assert "▌ calm" in shown
        await driven.press("j")
        await driven.until(lambda: "▌ answers" in driven.text(), "the cursor goes from objective to objective")
        await driven.press("j", "j")
        await driven.until(lambda: "▌ connectivity" in driven.text(), "and on to the values")
        await driven.press("j", "enter")
        await driven.until(lambda: "no mentions are behind it: no desk promises anything" in driven.text())
        await driven.press("k", "k", "k", "k", "enter")
        await driven.until(lambda: driven.screen.view.count == 22, "what the number is made from")
        assert driven.screen.view.text.startswith("topic:acme toward:acme:neg since:")
        await driven.press("colon")
        await driven.type("objectives")
        await driven.press("enter")
        await driven.until(lambda: "ACME   the last 7 days" in driven.text(), "again")
        town.writer.set_state(promised.STATE, "[]")
        await driven.press("R")
        await driven.until(lambda: "Nobody has promised anything yet" in driven.text(), "nothing is promised any more")
        await driven.press("j", "enter")
        assert "there is no number here" in driven.text()
