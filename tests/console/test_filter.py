"""The filter line: what is said while a query is typed, what tab does, and what was typed before."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from listen.console.completing import Completer, days
from listen.console.history import read
from listen.console.theme import PLAIN
from listen.console.widgets.caption import Caption, Position
from listen.console.widgets.typed import showable
from listen.query.complete import Name
from listen.store.read import Count, Reader
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import NOW, Town


def typed(driven: Driven) -> str:
    return str(driven.screen.filter.input.value)


def offered(driven: Driven) -> str:
    """The line of the candidates."""
    return driven.drawn()[3]


async def ready(driven: Driven) -> None:
    """The filter line knows the topics."""
    await driven.until(lambda: driven.screen.glance.topics)
    await driven.press("f")
    await driven.until(lambda: driven.screen.filter is not None and driven.screen.filter.input.has_focus)


async def paste(driven: Driven, text: str) -> None:
    """Any text, as if typed; `type` knows the names of a few keys only."""
    field = driven.screen.filter.input
    field.replace(text, *field.selection)
    await driven.pilot.pause()


# --- what tab does, without a screen ---------------------------------------------------------------------------------


def completer(**known: list[Name]) -> Completer:
    made = Completer()
    made.known.update(known)
    return made


def test_tab_extends_to_what_all_have_in_common_then_goes_through_them() -> None:
    made = completer(source=[Name("mastodon"), Name("masto-fr"), Name("press")])
    first = made.step("source:m", 8, 1)
    assert first == ("source:masto", 12)
    seen = []
    for _ in range(3):
        first = made.step(*first, 1)
        seen.append(first[0])
    assert seen == ["source:mastodon", "source:masto-fr", "source:mastodon"]
    assert made.step(*first, -1)[0] == "source:masto-fr"


def test_going_back_begins_with_the_last_one() -> None:
    made = completer()
    assert made.step("kind:re", 7, -1)[0] == "kind:review"


def test_the_only_candidate_ends_the_word() -> None:
    made = completer(topic=[Name("acme")])
    assert made.step("topic:a rival", 7, 1) == ("topic:acme rival", 10)
    assert made.step("topic:a", 7, 1) == ("topic:acme ", 11)
    assert made.step("sourc", 5, 1) == ("source:", 7)
    assert made.step('"acm', 4, 1) is None


def test_typing_ends_the_walk() -> None:
    made = completer()
    text = made.step("kind:re", 7, 1)
    assert text == ("kind:reply", 10)
    assert made.chosen == 0
    made.look("kind:reply ", 11)
    assert made.chosen is None


def test_names_that_come_while_tab_goes_through_candidates_change_nothing() -> None:
    made = completer()
    text = made.step("kind:re", 7, 1)
    made.learn({"topic": [Name("new")]}, *text)
    assert made.chosen == 0
    assert made.step(*text, 1)[0] == "kind:repost"


def test_days_are_those_of_the_query_language() -> None:
    assert [day.text for day in days(NOW)] == ["2026-11-21", "2026-11-20", "2026-11", "2026"]


# --- on the screen ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "keys", "made"),
    [
        ("sou", ["tab"], "source:"),
        ("topic:ac", ["tab"], "topic:acme "),
        ("topic:ch", ["tab"], 'topic:"charger recall" '),
        ("acme AND lang:jap", ["tab"], "acme AND lang:jap"),
        ("acme AND lang:j", ["tab"], "acme AND lang:ja "),
        ("kind:re", ["tab", "tab"], "kind:repost"),
        ("kind:re", ["tab", "tab", "shift+tab"], "kind:reply"),
        ("kind:re", ["shift+tab"], "kind:review"),
        ("status:d", ["tab"], "status:done"),
        ("since:2", ["tab", "tab"], "since:2h"),
        ("is:sta", ["tab"], "is:starred "),
        ("zzz", ["tab"], "zzz"),
    ],
)
async def test_tab_completes(town: Town, text: str, keys: list[str], made: str) -> None:
    town.talk()
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        await driven.type(text)
        await driven.press(*keys)
        assert typed(driven) == made
        assert driven.screen.filter.input.cursor_position == len(made)
        assert driven.screen.filter.input.has_focus


async def test_authors_and_tags_come_from_the_store(town: Town) -> None:
    town.say("mastodon", "claire", "#acmefail again #acmefail2", name="Claire Dupont")
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        await driven.type("author:cl")
        await driven.until(lambda: "claire  · Claire Dupont" in offered(driven), offered(driven))
        await driven.press("tab", "ctrl+u")
        await paste(driven, "#ac")
        await driven.until(lambda: "#acmefail  #acmefail2  · #acmefail: 1 mention" in offered(driven), offered(driven))
        await driven.press("tab")
        assert typed(driven) == "#acmefail"


async def test_accounts_of_one_name_are_offered_together(town: Town) -> None:
    for handle in ("claire@one.example", "claire@two.example", "clara@one.example"):
        town.say("mastodon", handle, "hello")
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        await driven.type("author:clai")
        await driven.until(lambda: "claire: 2 accounts of that name" in offered(driven), offered(driven))
        await driven.press("tab")
        assert typed(driven) == "author:claire"
        await driven.until(lambda: "2 mentions" in driven.drawn()[2])


async def test_candidates_are_told_with_a_word(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        assert "battery died · acme OR rival" in driven.drawn()[2]
        assert "topic:  source:" in offered(driven)
        await driven.type("topic:")
        assert 'acme  rival  "charger recall"  · acme: brand, ' in offered(driven)
        await driven.type("ri")
        assert "rival  · competitor, " in offered(driven)
        await driven.press("ctrl+u")
        await driven.type("reach")
        assert "reach:  · how many it reached; comes later" in offered(driven)
        await driven.press("ctrl+u")
        await driven.type("url:")
        assert "link" in offered(driven)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 8), (240, 70)])
async def test_the_chosen_candidate_is_in_view_at_every_width(town: Town, size: tuple[int, int]) -> None:
    town.talk()
    async with console(town.path, town.clock, size=size, wait=size[1] > 15) as driven:
        await ready(driven)
        for _ in range(12):
            await driven.press("tab")
            assert typed(driven).strip() in "\n".join(driven.drawn())
            assert all(cell_len(line) <= size[0] for line in driven.drawn())


@pytest.mark.parametrize(
    "before",
    ["", "日本 OR 東京 ", "cafe\u0301 ", "👍 ", "🇫🇷 x ", "한국 e\u0301\u0302 ", "x" * 100 + " ", "日" * 60 + " "],
)
async def test_the_caret_is_below_what_is_wrong(town: Town, before: str) -> None:
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        await paste(driven, before)
        await driven.type("foo:x")
        await driven.until(lambda: "^^^^" in driven.drawn()[2])
        line, below = driven.drawn()[1:3]
        assert cell_len(below[: below.index("^")]) == cell_len(line[: line.index("foo:")])
        assert below.count("^") == 4


async def test_the_caret_follows_when_a_long_query_scrolls(town: Town) -> None:
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        await driven.type("foo:x ")
        await paste(driven, "日本 " * 40)
        await driven.until(lambda: "^" in driven.drawn()[2] and "foo:" not in driven.drawn()[1])
        await driven.press("home")
        await driven.until(lambda: "foo:" in driven.drawn()[1])
        line, below = driven.drawn()[1:3]
        assert below.index("^^^^") == line.index("foo:")


async def test_a_slow_count_shows_what_it_has(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    go_on = threading.Event()

    def slow(self: Reader, query: object, cap: int = 0, budget: float = 0.0, *, now: float) -> Count:
        if budget:
            go_on.wait(5)
            return Count(77, False)
        return Count(12, False)

    town.talk()
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        monkeypatch.setattr(Reader, "count", slow)
        monkeypatch.setattr("listen.console.counting.COUNT_BUDGET", 1.0)
        real = Reader.count
        assert real is slow
        await driven.type("acme")
        await driven.until(lambda: "counting" in driven.drawn()[2] or "so far" in driven.drawn()[2])
        go_on.set()
        await driven.until(lambda: "77+ mentions" in driven.drawn()[2] and "so far" not in driven.drawn()[2])


async def test_control_signs_do_not_get_in(town: Town) -> None:
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        for text in TEXTS:
            await paste(driven, text[:200] + " ")
            assert not FORBIDDEN.search(typed(driven))
            assert not any(FORBIDDEN.search(line) for line in driven.drawn())
        await driven.press("ctrl+u")
        await paste(driven, "a  b")
        await driven.press("left")
        await paste(driven, "\u200d\ufe0f ")
        assert typed(driven) == "a   b"


def test_blanks_stay_and_what_cannot_be_shown_goes() -> None:
    assert showable("a  b ") == "a  b "
    assert showable("日本  \x1b[2J ") == "日本  ␛[2J "
    assert showable("a\tb\n") == "a b"


async def test_hostile_names_are_offered_harmlessly_or_not_at_all(town: Town) -> None:
    names = [*TEXTS, "[bold]x[/bold]", "a\x1b[31mb", "abc\u202egnp", "日本語 名前"]
    topics = [(name, "acme", "brand") for name in names if name.strip() and "\ud83d" not in name]
    town.writer.sync_topics(topics)
    for number, name in enumerate(names):
        if name and "\ud83d" not in name:
            town.say("mastodon", f"h{number}", "#x", topics={}, name=name)
            town.say("mastodon", name, "#x", topics={})
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        for field in ("topic:", "author:", "author:[", "author:h"):
            await driven.press("ctrl+u")
            await paste(driven, field)
            await driven.pilot.pause(0.05)
            for _ in range(6):
                await driven.press("tab")
                assert not FORBIDDEN.search(typed(driven))
                assert not any(FORBIDDEN.search(line) for line in driven.drawn())
        assert driven.app.is_running


# --- what was typed before -------------------------------------------------------------------------------------------


async def apply(driven: Driven, text: str) -> None:
    await driven.press("f", "ctrl+u")
    await driven.type(text)
    await driven.press("enter")
    await driven.until(lambda: driven.screen.view.text == text and driven.screen.filter is None)


async def test_filters_are_there_again_at_the_next_start(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "state" / "filters"
    for text in ("acme", "rival"):
        async with console(town.path, town.clock, history_file=lambda: file) as driven:
            await apply(driven, text)
            await driven.until(lambda text=text: read(file)[-1:] == [text])
    async with console(town.path, town.clock, history_file=lambda: file) as driven:
        await driven.press("f")
        await driven.until(lambda: len(driven.app.earlier_filters()) == 2)
        await driven.press("up")
        assert typed(driven) == "rival"
        await driven.press("up", "up")
        assert typed(driven) == "acme"
        await driven.press("down", "down", "down")
        assert typed(driven) == ""


async def test_a_hostile_history_is_told_of_once_and_nothing_else_suffers(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "filters"
    file.write_bytes(b"\xff\xff")
    async with console(town.path, town.clock, history_file=lambda: file) as driven:
        await driven.press("f")
        await driven.until(lambda: "earlier filters are not kept" in driven.footer())
        await driven.press("escape")
        await apply(driven, "acme")
        await driven.press("f", "ctrl+u", "up")
        assert typed(driven) == "acme"
    assert file.read_bytes() == b"\xff\xff"


async def test_what_was_in_the_history_file_is_drawn_harmlessly(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "filters"
    file.write_text("[bold]x[/]\na\x1b]0;owned\x07b\nabc\u202egnp\n")
    async with console(town.path, town.clock, history_file=lambda: file) as driven:
        await driven.press("f")
        await driven.until(lambda: len(driven.app.earlier_filters()) == 3)
        for shown in ("abc⇄gnp", "a␛]0;owned␇b", "[bold]x[/]"):
            await driven.press("up")
            assert shown in driven.drawn()[1]


async def test_a_filter_that_cannot_be_read_is_not_remembered(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await driven.press("f")
        await driven.type("acme AND")
        await driven.press("enter", "escape")
        assert list(driven.app.earlier_filters()) == []


async def test_the_footer_says_the_keys_of_the_line(town: Town) -> None:
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        assert "enter apply  tab complete  ↑ ↓ earlier ones  esc leave" in driven.footer()


async def test_lists_views_and_sites_are_offered(town: Town) -> None:
    town.talk()
    town.writer.sync_lists({"staff": ["@claire", "@bob", "@ana", "@eve"]})
    town.writer.sync_views([("to do", "topic:acme", True)])
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await ready(driven)
        for text, said, made in (
            ("author:@s", "4 names: @claire, @bob, @ana, …", "author:@staff "),
            ("view:to", "topic:acme", 'view:"to do" '),
            ("site:hac", "mention", "site:hackernews.example "),
        ):
            driven.screen.filter.input.write(text)
            await driven.until(lambda said=said: said in offered(driven), text)  # type: ignore[misc]
            await driven.press("tab")
            assert typed(driven) == made


def test_a_query_that_does_not_fit_beside_the_numbers_ends_with_an_ellipsis() -> None:
    caption = Caption(PLAIN)
    caption.query_text = "topic:norvola sentiment:neg likes:>5"
    caption.position = Position(631, marked=648, hidden=613)
    for width, told in ((100, " topic:norvola sentiment:neg likes:>5 "), (72, " topic:norvola sentiment:neg… ")):
        query, numbers = caption.pieces(width)
        assert "".join(piece.text for piece in query) == told
        assert "648 marked" in "".join(piece.text for piece in numbers)
