"""What stands around the list, driven by keys on a real store: its numbers against slow, obvious SQL."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from listen.console import surroundings
from listen.store import numbers
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.text import cell_width
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import NOW, Town

DAY, HOUR = 86_400, 3_600

VIEWS = [("in French", "lang:fr", False), ("crisis", "topic:acme sentiment:neg", True), ("churn", "reach:>9k", True)]


def sql(town: Town, text: str, *values: Any) -> list[Any]:
    return list(town.writer.connection.execute(text, values).fetchall())


def slow(town: Town, topic: str | None) -> tuple[int, int, float | None, int]:
    """(last hour, in the day's hours, net sentiment, still new), mention by mention."""
    rows = sql(
        town,
        "SELECT (m.id >> 12) + 946684800, m.score, ifnull(t.status, 0) FROM mentions m "
        "LEFT JOIN triage t ON t.mention_id = m.id WHERE m.state < 2",
    )
    if topic is not None:
        rows = sql(
            town,
            "SELECT (x.mention_id >> 12) + 946684800, x.score, ifnull(t.status, 0) FROM matches x "
            "LEFT JOIN triage t ON t.mention_id = x.mention_id WHERE x.topic_id = ?",
            town.topics[topic],
        )
    now = town.clock.now()
    counted = [(at, score) for at, score, status in rows if status != 3]
    scores = [score for at, score in counted if at >= now - now % HOUR - 23 * HOUR and score is not None]
    return (
        sum(at >= now - HOUR for at, _ in counted),
        sum(at >= now - now % HOUR - 23 * HOUR for at, _ in counted),
        (sum(one >= 50 for one in scores) - sum(one <= -50 for one in scores)) / len(scores) if scores else None,
        sum(status == 0 for _, _, status in rows),
    )


def header_numbers(driven: Driven) -> tuple[int, int, float | None]:
    """(last hour, in 24 hours, net) as drawn."""
    line = driven.drawn()[0]
    rate, day = re.search(r"([\d,]+)/h", line), re.search(r"([\d,]+) in 24 h", line)
    net = re.search(r"net . ([+-][\d.]+)", line)
    assert rate is not None
    assert day is not None
    return int(rate[1]), int(day[1].replace(",", "")), float(net[1]) if net else None


def side_numbers(driven: Driven, name: str) -> tuple[str, str]:
    """(rate, new) as drawn beside a topic."""
    for line in driven.drawn()[1:]:
        line = line[: driven.screen.side.size.width]
        if re.match(rf"[ ▌]*(?:vs )?{re.escape(name)}( |$)", line):
            numbers = line.split(name)[1].split()
            return (numbers[0], numbers[1]) if len(numbers) == 2 else ("", numbers[0]) if numbers else ("", "")
    return "", ""


async def same(driven: Driven, town: Town, topic: str | None) -> None:
    """Wait until header and side pane say what the mentions say."""

    def holds() -> bool:
        last, day, net, new = slow(town, topic)
        told = header_numbers(driven)
        if told[:2] != (last, day) or (told[2] is None) != (net is None):
            return False
        if net is not None and told[2] is not None and abs(told[2] - net) > 0.0051:
            return False
        return topic is None or side_numbers(driven, topic) == (str(last) if last else "", str(new) if new else "")

    await driven.until(holds, f"{driven.drawn()[0]}: {slow(town, topic)}")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers follow at once."""
    monkeypatch.setattr("listen.console.screens.asking.SOON", 0.01)
    monkeypatch.setattr("listen.console.saved.LEAST", 0.0)
    monkeypatch.setattr("listen.console.saved.SHARE", 0)


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["acme", None])
async def test_the_numbers_are_those_of_the_mentions(town: Town, topic: str | None) -> None:
    town.talk(3)
    for number in range(12):
        town.say("bluesky", "before", f"earlier {number}", ago=5_000 + number * 5_000, score=200 - 40 * number)
    query = "topic:acme" if topic else ""
    async with console(town.path, town.clock, size=(240, 40), query=query) as driven:
        await driven.until(lambda: "in 24 h" in driven.text())
        await same(driven, town, topic)
        town.say("bluesky", "newcomer", "just now", score=900, topics={town.topics["acme"]: 900})
        town.say("bluesky", "late", "said hours ago", ago=7 * HOUR, topics={})
        await same(driven, town, topic)
        await driven.press("j", "d", "d", "a", "A", "d")
        await same(driven, town, topic)
        await driven.press("u", "u")
        await same(driven, town, topic)
        await driven.press("U", "u", "u", "u", "u")
        await same(driven, town, topic)
        assert slow(town, topic)[3] == len(sql(town, "SELECT 1 FROM mentions")) or topic


async def test_a_change_against_what_is_usual_is_told(town: Town) -> None:
    with town.writer.transaction():
        spans = [(NOW - day * DAY - 2 * HOUR, NOW - day * DAY) for day in range(1, 8)]
        numbers.heard(town.writer.connection, town.channels["mastodon"], spans)
        town.writer.connection.execute("UPDATE topics SET since = 0")
    for day in range(1, 8):
        for number in range(8):
            town.say("mastodon", "usual", f"{day} {number}", ago=day * DAY + 60 + number)
    for number in range(40):
        town.say("mastodon", "loud", f"now {number}", ago=number)
    async with console(town.path, town.clock, query="topic:acme") as driven:
        await driven.until(lambda: re.search(r"40/h ▲×\d", driven.drawn()[0]))
        await driven.until(lambda: side_numbers(driven, "acme") == ("▲40", "96"))


async def test_each_topic_keeps_its_numbers_while_one_goes_from_one_to_the_next(town: Town) -> None:
    town.talk(2)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "22/h" in driven.drawn()[0])
        await driven.press("J")
        await driven.until(lambda: "20/h" in driven.drawn()[0] or "22/h" in driven.drawn()[0])
        await driven.press("J")
        await driven.until(lambda: " 4/h" in driven.drawn()[0])
        await driven.press("K", "K")
        assert "22/h" in driven.drawn()[0], "known from before"


# --- views and queues ------------------------------------------------------------------------------------------------


async def test_views_and_queues_have_counts_and_open(town: Town) -> None:
    town.talk(1)
    town.writer.sync_views(VIEWS)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: re.search(r"crisis +<1h +4\b", driven.text()))
        text = driven.text()
        assert re.search(r"in French +4\b", text)
        assert re.search(r"churn +\?", text)
        assert text.index("TOPICS") < text.index("VIEWS") < text.index("QUEUES") < text.index("SOURCES")
        await driven.press("shift+tab", "G", "k", "enter")
        await driven.until(lambda: driven.screen.view.text == "topic:acme sentiment:neg status:new")
        assert driven.screen.focused is driven.stream
        await driven.until(lambda: len(driven.feed) == 4)
        assert any(re.match(r" ▌crisis", line) for line in driven.drawn())
        await driven.press("a", "d")
        await driven.until(lambda: len(sql(town, "SELECT 1 FROM triage WHERE status > 0")) == 2, driven.footer())
        await driven.until(lambda: re.search(r"crisis +<1h +2\b", driven.text()))
        await driven.press("u")
        await driven.until(lambda: re.search(r"crisis +<1h +3\b", driven.text()))
        town.say("bluesky", "angry", "no refund", score=-900)
        await driven.until(lambda: re.search(r"crisis +<1h +4\b", driven.text()))
        with Triage(town.path, "bob", town.clock) as other:
            other.set_status([row[0] for row in sql(town, "SELECT id FROM mentions")], "done")
        await driven.until(lambda: re.search(r"crisis +✓", driven.text()))


async def test_what_is_not_known_yet_says_why_when_it_is_chosen(town: Town) -> None:
    town.talk(1)
    town.writer.sync_views([*VIEWS, ("broken", "acme AND", False)])
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: re.search(r"broken +\?", driven.text()))
        await driven.press("K")
        await driven.until(lambda: driven.screen.view.text == "reach:>9k")
        assert "churn finds nothing: it asks for reach:, which is not known yet" in driven.footer()
        await driven.press("K")
        await driven.until(lambda: driven.screen.view.text.startswith("topic:acme sentiment:neg"))
        await driven.press("shift+tab", "k")
        assert "broken" in driven.screen.side.entries[driven.screen.side.cursor].name
        await driven.press("enter")
        assert "broken cannot be opened: column 6" in driven.footer()
        assert driven.screen.view.text.startswith("topic:acme sentiment:neg")


async def test_next_view_goes_round_all_of_them(town: Town) -> None:
    town.talk(1)
    town.writer.sync_views(VIEWS[:2])
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: len(driven.screen.side.entries) == 6)
        seen = []
        for _ in range(6):
            await driven.press("J")
            await driven.until(lambda: driven.screen.view.loaded)
            seen.append(driven.screen.view.text)
        assert seen == [
            "topic:acme", "topic:rival", 'topic:"charger recall"', "lang:fr", "topic:acme sentiment:neg status:new", "",
        ]  # fmt: skip
        await driven.press("K")
        assert driven.screen.view.text == seen[4]


async def test_a_count_that_takes_its_time_keeps_no_key_waiting(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = town.talk(2)
    town.writer.sync_views(VIEWS)
    going, free = threading.Event(), threading.Event()
    real = surroundings.counting._tally

    def slowly(*given: Any) -> Any:
        going.set()
        free.wait(10)
        return real(*given)

    monkeypatch.setattr(surroundings.counting, "_tally", slowly)
    async with console(town.path, town.clock) as driven:
        await driven.until(going.is_set)
        await driven.press("j", "j")
        await driven.until(lambda: driven.screen.detail.mention_id == ids[2])
        assert re.search("crisis +▌| crisis  ", driven.text())
        free.set()
        await driven.until(lambda: re.search(r"crisis +<1h +8\b", driven.text()))


async def test_a_changed_configuration_changes_the_pane(town: Town) -> None:
    town.talk(1)
    town.writer.sync_views(VIEWS)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "crisis" in driven.text())
        town.writer.sync_views([("praise", "sentiment:pos", False)])
        town.writer.sync_topics([("rival", "rival", "competitor")])
        await driven.until(lambda: re.search(r"praise +4\b", driven.text()) and "crisis" not in driven.text())
        assert [entry.name for entry in driven.screen.side.entries] == ["everything", "rival", "praise"]


# --- the pane --------------------------------------------------------------------------------------------------------


async def test_a_long_pane_scrolls_with_the_cursor_and_takes_clicks(town: Town) -> None:
    town.writer.sync_topics([(f"topic {n:02}", f"word{n}", "theme") for n in range(60)])
    town.say("mastodon", "ana", "hello", topics={})
    async with console(town.path, town.clock, size=(120, 24)) as driven:
        await driven.until(lambda: len(driven.screen.side.entries) == 61)
        assert "topic 30" not in "\n".join(line[:24] for line in driven.drawn())
        await driven.press("shift+tab", "G")
        lines = driven.drawn()
        assert re.match(" ▌topic 59", lines[22])
        assert "SOURCES" not in driven.text()
        await driven.press(*["k"] * 30)
        assert re.match(" ▌topic 29", next(line for line in driven.drawn() if line.startswith(" ▌")))
        await driven.press("g")
        assert "TOPICS" in driven.drawn()[2]
        await driven.press("G")
        await driven.pilot.click("Side", offset=(5, 10))
        shown = driven.drawn()[11][:24]
        await driven.until(lambda: driven.screen.view.text)
        assert driven.screen.view.text == f'topic:"{shown.strip(" ▌").strip()}"'


async def test_where_there_is_no_room_the_pane_comes_when_it_is_wanted(town: Town) -> None:
    town.talk(1)
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await driven.until(lambda: driven.screen.glance.known)
        assert "TOPICS" not in driven.text()
        await driven.press("h")
        await driven.until(lambda: "TOPICS" in driven.text() and driven.screen.focused is driven.screen.side)
        assert "enter open" in driven.footer()
        await driven.press("j", "enter")
        await driven.until(lambda: driven.screen.view.text == "topic:acme" and "TOPICS" not in driven.text())
        assert driven.screen.focused is driven.stream
        await driven.press("tab")
        assert driven.screen.focused is driven.screen.detail
        await driven.press("tab")
        await driven.until(lambda: "TOPICS" in driven.text())
        await driven.press("escape")
        await driven.until(lambda: "TOPICS" not in driven.text())
        assert driven.screen.focused is driven.stream
        await driven.press("z", "h")
        await driven.until(lambda: "TOPICS" in driven.text())
        assert len({line.find("acme") for line in driven.drawn()[3:5]}) == 2


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (160, 40), (240, 60)])
async def test_every_width_is_whole_and_obeys_nothing(town: Town, size: tuple[int, int]) -> None:
    town.writer.sync_topics([(name, "x", "competitor") for name in dict.fromkeys(TEXTS) if "\ud83d" not in name])
    town.writer.sync_views([(name, "lang:fr", True) for name in TEXTS if "\ud83d" not in name])
    town.say("mastodon", "ana", "hello", topics={})
    town.all_good()
    async with console(town.path, town.clock, size=size) as driven:
        await driven.until(lambda: len(driven.screen.side.entries) > 40)
        for keys in (["shift+tab"], ["G"], ["enter"], ["J"], ["J"]):
            await driven.press(*keys)
            for strip in driven.app.screen._compositor.render_strips(driven.app.screen.size):
                text = "".join(segment.text for segment in strip)
                assert cell_width(text) == size[0]
                assert not FORBIDDEN.search(text)


# --- calm ------------------------------------------------------------------------------------------------------------


async def test_before_the_store_has_answered_nothing_is_claimed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    real = Reader.talk

    def held(reader: Reader, **given: Any) -> Any:
        free.wait(10)
        return real(reader, **given)

    monkeypatch.setattr(Reader, "talk", held)
    async with console(town.path, town.clock, query="topic:acme", wait=False) as driven:
        await driven.until(lambda: driven.screen.view.loaded)
        for claim in ("none yet", "Nothing is listened to", "sources", "everything ·", "nothing"):
            assert claim not in driven.text().replace("following", "")
        assert " listen   acme" in driven.drawn()[0]
        free.set()
        await driven.until(lambda: "acme · rival" in driven.drawn()[0])


async def test_while_nothing_happens_only_the_clock_is_painted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.talk(1)
    town.all_good()
    town.writer.sync_views(VIEWS)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: re.search(r"crisis +<1h +4\b", driven.text()))
        await driven.until(lambda: "11/h" in driven.drawn()[0])
        painted: list[tuple[str, Any]] = []
        for pane in (driven.screen.side, driven.screen.header, driven.screen.footer, driven.screen.caption):
            monkeypatch.setattr(pane, "refresh", lambda *regions, pane=pane, **_: painted.append((pane, regions)))
        for _ in range(5):
            driven.screen.tick()
            await driven.pilot.pause(0.02)
        assert painted == []
        town.clock.at += 60
        driven.screen.tick()
        await driven.until(lambda: painted)
        ((pane, (region,)),) = painted
        assert (pane, region.right, region.width) == (driven.screen.header, 120, 8), "the clock and what is around it"


async def test_a_message_leaves_the_last_keys_and_goes(town: Town) -> None:
    town.talk(1)
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        assert re.search(r"j k move .* u undo .*\? keys", driven.footer())
        driven.screen.say("x\x1b[2Jy\u202e", seconds=60)
        await driven.pilot.pause()
        assert re.match(r"  x␛\[2Jy.* +u undo +: commands +\? keys", driven.footer())
        driven.screen.say("long " * 40, seconds=60)
        await driven.pilot.pause()
        assert cell_width(driven.footer()) <= 80
        driven.screen.footer._fall_silent()
        await driven.pilot.pause()
        assert "j k move" in driven.footer()
