"""The detail pane, driven by keys on a real store: it explains, scrolls by itself, and keeps out of the way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from textual.geometry import Region

from listen.console.widgets.scrolled import whereabouts
from listen.store.triage import Triage
from tests.console.conftest import Driven, console
from tests.console.town import Town
from tests.store.posts import make_post

BAD = "The Acme dock is horrible and the screen is lovely."


def bad(town: Town, **more: Any) -> list[int]:
    """A mention that is scored and matched by its words."""
    from listen.sentiment import score

    text = more.pop("text", BAD)
    found = score(text, "en")
    return town.say("mastodon", "claire", text, **({"lang": "en", "score": found.score, "hits": found.hits} | more))


def pane(driven: Driven) -> str:
    """What the detail pane shows, line by line."""
    detail = driven.screen.detail
    return "\n".join("".join(part.text for part in detail.row(y)) for y in range(detail.content_size.height))


async def explained(driven: Driven) -> None:
    await driven.until(lambda: driven.screen.shown is not None and driven.screen.shown.whole, "the explanation")
    await driven.until(lambda: driven.screen.shown.id == driven.feed.current, "the one under the cursor")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
async def test_it_explains_the_mention(town: Town, size: tuple[int, int]) -> None:
    town.say("mastodon", "claire", "before", ago=90, score=-500)
    bad(town, likes=3, followers=1234)
    async with console(town.path, town.clock, size=size) as driven:
        await explained(driven)
        text = " ".join(pane(driven).split())
        assert "1.2k followers · 1 mention before, negative" in text
        assert re.search(r"sentiment ▲ \+0\.0\d positive horrible -0\.\d\d lovely \+0\.\d\d", text)
        assert re.search(r"matched acme ▼ -0\.30 by Acme", text)
        looks = {part.text: part.style for line in driven.screen.detail.lines for part in line}
        colours = driven.app.colours  # type: ignore[attr-defined]
        assert looks["Acme"] == colours.plain + colours.match or "by" in text
        assert looks["horrible"].underline


async def test_the_filter_s_words_are_marked_too(town: Town) -> None:
    bad(town)
    async with console(town.path, town.clock, query="screen") as driven:
        await explained(driven)
        marked = [
            part.text
            for line in driven.screen.detail.lines
            for part in line
            if part.style and part.style.bgcolor is not None
        ]
        assert marked == ["Acme", "screen"]


async def test_what_was_done_is_told_with_who_and_when(town: Town) -> None:
    (told,) = bad(town)
    with Triage(town.path, "bob", town.clock) as bob:
        bob.star([told])
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "★ starred by bob 14:32" in pane(driven))
        await driven.press("a", "g")
        await driven.until(lambda: "done by ana 14:32" in pane(driven))


async def test_a_reply_tells_what_it_answers(town: Town) -> None:
    town.arrive("mastodon", [make_post("root", "Anyone else with a hot dock?", network="mastodon")])
    town.arrive("mastodon", [make_post("re", "Yes, me", network="mastodon", kind="reply", parent_id="root")])
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        first = driven.screen.shown.mention
        if first.external_id != "re":
            await driven.press("j")
        await driven.until(lambda: re.search("thread +reply to joe .* Anyone else with a hot dock", pane(driven)))


async def test_it_says_how_much_more_there_is_and_where_it_is(town: Town) -> None:
    town.say("mastodon", "ana", "\n".join(f"line {n}" for n in range(60)))
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        detail = driven.screen.detail
        total, room = len(detail.lines), detail.room
        assert room == detail.content_size.height - 1
        assert pane(driven).splitlines()[-1].strip() == f"{total - room} more lines ↓"
        assert f"{total - room} more lines ↓" in driven.text()
        await driven.press("enter", "j", "j")
        assert pane(driven).splitlines()[-1].strip() == f"↑ 2 above · {total - room - 2} more ↓"
        await driven.press("G")
        assert pane(driven).splitlines()[-1].strip() == f"↑ {total - room} lines above"
        assert "https://" in pane(driven)
        await driven.press("g")
        assert detail.top == 0


async def test_the_keys_that_move_it(town: Town) -> None:
    town.say("mastodon", "ana", "\n".join(f"line {n}" for n in range(99)))
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        await driven.press("enter")
        detail = driven.screen.detail
        page = detail.room - 1
        for key, top in (
            ("j", 1), ("down", 2), ("k", 1), ("pagedown", 1 + page), ("pageup", 1), ("ctrl+d", 1 + page // 2),
            ("ctrl+u", 1), ("up", 0), ("k", 0), ("end", len(detail.lines) - detail.room), ("home", 0),
        ):  # fmt: skip
            await driven.press(key)
            assert detail.top == top, key
        detail.on_mouse_scroll_down()
        assert detail.top == 3
        detail.on_mouse_scroll_up()
        assert detail.top == 0


def test_whereabouts() -> None:
    assert whereabouts(0, 1) == "1 more line ↓"
    assert whereabouts(1, 0) == "↑ 1 line above"


async def test_its_place_is_kept_while_it_is_the_same_mention_and_only_what_changed_is_painted(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.say("mastodon", "ana", "\n".join(f"line {n}" for n in range(30)))
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        detail = driven.screen.detail
        await driven.press("enter", *["j"] * 9)
        painted: list[tuple[Region, ...]] = []
        monkeypatch.setattr(detail, "refresh", lambda *regions, **_: painted.append(regions))
        driven.screen.show_detail()
        await driven.until(lambda: not driven.desk.reading._questions and driven.desk.reading._current is None)
        assert (detail.top, painted) == (9, [])
        lines = list(detail.lines)
        lines[12] = [lines[12][0]._replace(text="changed")]
        detail.show(detail.mention_id, lines)
        assert detail.top == 9
        assert painted == [(Region(0, 3, detail.content_size.width, 1),)]


async def test_a_shorter_version_is_never_scrolled_out_of_sight(town: Town) -> None:
    (told,) = town.say("mastodon", "ana", "\n".join(f"line {n}" for n in range(60)))
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        await driven.press("enter", "G")
        town.writer.connection.execute("UPDATE mentions SET text = 'short' WHERE id = ?", (told,))
        driven.screen.show_detail()
        await driven.until(lambda: "short" in pane(driven))
        assert driven.screen.detail.top == 0


async def test_it_follows_the_cursor_after_a_while_and_shows_the_last_one(town: Town) -> None:
    town.talk(3)
    async with console(town.path, town.clock) as driven:
        await driven.press(*["j"] * 12)
        await explained(driven)
        assert driven.screen.detail.mention_id == driven.feed.current


async def test_enter_reads_at_80_by_24_and_once_more_reads_alone(town: Town) -> None:
    bad(town, text=BAD + "\n" + "\n".join(f"line {n}" for n in range(8)))
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await explained(driven)
        assert "https://" not in driven.text()
        await driven.press("enter")
        assert driven.screen.focused is driven.screen.detail
        await driven.press("enter")
        await driven.until(lambda: "https://mastodon.example/1" in driven.text())
        await driven.press("escape")
        assert driven.screen.stream.display
        await driven.press("escape")
        assert driven.screen.focused is driven.stream


@pytest.mark.parametrize(
    "text",
    [
        "😁" * 20_000,
        "e" + "\u0301" * 10_000 + " acme",
        "acme bad " * 7_000,
        "\n" * 30_000 + "acme",
        "ที่" * 20_000,
        "x" * 65_536,
    ],
)
async def test_huge_texts_are_explained_as_far_as_they_are_read(town: Town, text: str) -> None:
    (huge,) = bad(town, text="small")
    town.writer.connection.execute("UPDATE mentions SET text = ? WHERE id = ?", (text[:65_536], huge))
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        assert driven.screen.detail.mention_id == huge
        assert "sentiment" in "".join(part.text for line in driven.screen.detail.lines for part in line)


async def test_without_colour_the_signs_and_lines_stay(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    bad(town)
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        looks = {part.text: part.style for line in driven.screen.detail.lines[:4] for part in line}
        assert looks["Acme"].bold
        assert looks["horrible"].underline
        assert all(style.color is None for style in looks.values() if style)


async def test_it_waits_for_no_count(town: Town) -> None:
    """Counting a hard query takes its time; who moves on reads on."""
    import threading

    town.talk()
    async with console(town.path, town.clock) as driven:
        await explained(driven)
        end, began = threading.Event(), threading.Event()

        def slow(*_: object) -> None:
            began.set()
            end.wait(10)

        driven.desk.details.ask("count", slow)
        await driven.until(began.is_set)
        await driven.press("j", "j")
        await explained(driven)
        end.set()


async def test_counts_that_grew_tell_how(town: Town) -> None:
    (told,) = bad(town, likes=12, replies=2, text="It grows.")
    for step, likes in enumerate((40, 310), 1):
        town.clock.at += 3_600
        (row,) = town.writer.connection.execute("SELECT external_id, published_at FROM mentions").fetchall()
        post = make_post(row[0], "It grows.", network="mastodon", lang="en", likes=likes, replies=2 + step)
        town.arrive("mastodon", [post])
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "growth" in pane(driven))
        assert "likes 12 → 40 → 310 in 2 h" in " ".join(pane(driven).split())
        assert "replies 2" not in pane(driven), "two more replies are not worth a line"
    assert told


async def test_words_that_are_taken_away_or_edited_leave_the_pane_at_once(town: Town) -> None:
    post = {"network": "bluesky", "published_at": int(town.clock.now()), "topics": {town.topics["acme"]: 0}}
    town.arrive("mastodon", [make_post("at://1", "The Acme dock is horrible", **post)])
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "horrible" in pane(driven))
        edited = {**post, "state": "edited", "edited_at": int(town.clock.now())}
        town.arrive("mastodon", [make_post("at://1", "The Acme dock is lovely", **edited)])
        await driven.until(lambda: "lovely" in pane(driven) and "horrible" not in pane(driven))
        town.arrive("mastodon", [make_post("at://1", "", **{**post, "state": "deleted"})])
        await driven.until(lambda: "lovely" not in pane(driven))
