"""Sentiment corrected with `+`, `-` and `0`."""

from __future__ import annotations

from tests.console.conftest import console
from tests.console.town import Town


def said(town: Town) -> dict[int, tuple[int, str | None, str]]:
    rows = town.writer.connection.execute("SELECT mention_id, score, topic, by FROM corrections")
    return {one: (score, topic, by) for one, score, topic, by in rows}


async def test_sentiment_is_corrected_drawn_repeated_taken_back_and_undone(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock, size=(120, 40), query="topic:acme") as driven:
        assert "▼ -.71" in driven.drawn()[2]
        await driven.press("plus")
        await driven.until(lambda: said(town) == {ids[0]: (525, "acme", "ana")})
        assert "▲ hand" in driven.drawn()[2]
        assert "positive: claire" in driven.footer()
        await driven.until(lambda: any("positive   corrected by ana, was -0.71" in line for line in driven.drawn()))
        await driven.press("plus")
        await driven.until(lambda: not said(town))
        await driven.until(lambda: "▼ -.71" in driven.drawn()[2])
        await driven.press("space", "space", "0")
        await driven.until(lambda: len(said(town)) == 2)
        await driven.press("j", "j", "minus", "j", "full_stop")
        await driven.until(lambda: [score for score, *_ in said(town).values()] == [-525, -525, 0, 0])
        await driven.press("u", "u", "u")
        await driven.until(lambda: not said(town))
