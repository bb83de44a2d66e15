"""The stream screen, driven by keys on a real store: what is drawn, and what is stored."""

from __future__ import annotations

import json
import re
import time

import pytest
from textual import events

from listen.console import links
from listen.console.answers import Counted
from listen.store import rescore
from listen.store.read import Reader
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import NOW, Town


def status_of(town: Town, mention_id: int) -> str:
    with Reader(town.path) as reader:
        found = reader.mention(mention_id)
        assert found is not None
        return found.status


def starred(town: Town, mention_id: int) -> bool:
    with Reader(town.path) as reader:
        found = reader.mention(mention_id)
        assert found is not None
        return found.starred


# --- what is drawn ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (128, 32), (240, 70), (40, 12), (20, 6)])
async def test_every_size_shows_the_newest_first(town: Town, size: tuple[int, int]) -> None:
    town.talk(3)
    town.all_good()
    async with console(town.path, town.clock, size=size, wait=size[1] > 15) as driven:
        await driven.until(lambda: driven.feed.ids)
        await driven.pilot.pause()
        lines = driven.drawn()
        assert len(lines) == size[1]
        assert "▌" in lines[2]
        assert "La b" in lines[2]
        if size[0] >= 80:
            assert lines[2].lstrip(" ").split()[1:4] == ["▼", "-.71", "mastodon"] or "-.71 mastodon" in lines[2]
            assert "33 mentions · following" in lines[1]
            assert "? keys" in lines[-1]


async def test_the_wide_screen_has_sides(town: Town) -> None:
    town.talk(2)
    town.all_good()
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: re.search("charger recall +6 +6", driven.text()))
        text = driven.text()
        assert " listen   everything · acme · rival   ▁▁▁▁▁▁▁█ 22/h   net · +0.00   ◐ 3/4 sources" in text
        assert "ana  14:32" in text
        assert "× press" in text
        assert "sentiment   ▼ -0.71 negative" in text


@pytest.mark.parametrize("query", ["", "topic:acme"], ids=["everything", "as the first run leaves it"])
async def test_an_empty_store_says_what_is_listened_to(town: Town, query: str) -> None:
    town.all_good()
    async with console(town.path, town.clock, size=(80, 24), query=query) as driven:
        await driven.until(lambda: "Listening to 4 sources, nothing found yet…" in driven.text())
        assert re.search("● bluesky +answered 14:31, nothing of yours in it", driven.text())
        assert re.search("× press +does not answer", driven.text())
        assert "press.example answers 503; it is asked again at 14:40" in driven.text()
        town.say("mastodon", "claire", "at last")
        await driven.until(lambda: "at last" in driven.text())
        assert "nothing found yet" not in driven.text()


async def test_without_anybody_who_collects_the_header_says_so_and_how_far_scoring_anew_is(town: Town) -> None:
    town.writer.set_state("collector", "null")
    town.say("mastodon", "claire", "here now")
    rescore.sync(town.writer, {"en": "another"})
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "nobody collects" in driven.text())
        assert "scored anew 0%" in driven.drawn()[1]


async def test_a_store_that_is_not_there_is_told_calmly_and_tried_again(town: Town, tmp_path) -> None:
    missing = tmp_path / "missing.db"
    async with console(missing, town.clock, wait=False) as driven:
        await driven.until(lambda: "The store cannot be read." in driven.text())
        assert "there is no store at" in driven.text()
        assert "following" not in driven.drawn()[1]
        from tests.console.town import make_town

        late = make_town(missing, town.clock)
        late.say("mastodon", "claire", "here now")
        await driven.until(lambda: "here now" in driven.text())
        late.writer.connection.close()


async def test_the_detail_pane_follows_the_cursor_and_scrolls_by_itself(town: Town) -> None:
    town.say("mastodon", "ana", "first line\n" + "\n".join(f"line {n}" for n in range(100)), ago=10)
    town.say("mastodon", "bob", "the second one", ago=20)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: "line 3" in driven.text())
        await driven.press("j")
        await driven.until(lambda: driven.screen.shown.mention.author.handle == "bob")
        await driven.press("k", "enter")
        assert driven.screen.focused is driven.screen.detail
        await driven.until(lambda: "line 3" in driven.text())
        await driven.press("G")
        assert "line 99" in driven.text() or "https://" in driven.text()
        await driven.press("g", "ctrl+d", "pagedown", "pageup", "ctrl+u", "k", "j", "q")
        assert driven.screen.focused is driven.stream


async def test_a_huge_text_opens_and_ends_with_more(town: Town) -> None:
    town.say("mastodon", "ana", "small", ago=5)
    (huge,) = town.say("mastodon", "bob", "word " * 10, ago=10)
    town.writer.connection.execute("UPDATE mentions SET text = ? WHERE id = ?", ("x" * 1_000_000, huge))
    async with console(town.path, town.clock) as driven:
        await driven.press("j")
        await driven.until(lambda: driven.screen.detail.mention_id == huge)
        await driven.press("enter", "G")
        assert any("… more" in "".join(part.text for part in line) for line in driven.screen.detail.lines)


# --- moving ----------------------------------------------------------------------------------------------------------


async def test_the_keys_that_move(town: Town) -> None:
    ids = town.talk(20)
    async with console(town.path, town.clock, size=(120, 40)) as driven:
        feed = driven.feed
        height = feed.height
        for keys, cursor in [
            (["j"], 1), (["down"], 2), (["k"], 1), (["up"], 0), (["up"], 0), (["ctrl+d"], height // 2), (["ctrl+u"], 0),
            (["pagedown"], height), (["pageup"], 0), (["G"], 219), (["g"], 0), (["end"], 219), (["home"], 0),
        ]:  # fmt: skip
            await driven.press(*keys)
            await driven.until(lambda cursor=cursor: feed.cursor == cursor or feed.current == ids[cursor], str(keys))
        assert feed.following


async def test_rows_are_read_as_they_come_into_view(town: Town) -> None:
    town.talk(40)
    async with console(town.path, town.clock) as driven:
        for _ in range(6):
            await driven.press("pagedown")
            await driven.until(lambda: all(driven.feed.row(one) for one in driven.feed.visible))
        for _ in range(20):
            await driven.press("pagedown")
        await driven.until(lambda: driven.feed.oldest and len(driven.feed) == 440)
        await driven.press("G")
        await driven.until(lambda: driven.feed.cursor == 439)


async def test_more_than_a_window_can_be_walked_to_the_end_and_back(town: Town, monkeypatch) -> None:
    monkeypatch.setattr("listen.console.feed.LIMIT", 700)
    ids = town.talk(100)
    async with console(town.path, town.clock, size=(120, 100)) as driven:
        while driven.feed.current != ids[-1]:
            await driven.press("pagedown")
            await driven.until(lambda: driven.feed.cursor < len(driven.feed) - 1 or driven.feed.oldest)
            assert len(driven.feed) <= 700
        while driven.feed.current != ids[0]:
            await driven.press("pageup")
            await driven.until(lambda: driven.feed.cursor > 0 or driven.feed.newest)
            assert len(driven.feed) <= 700
        assert driven.feed.following
        await driven.press("G")
        await driven.until(lambda: driven.feed.current == ids[-1])
        await driven.press("g")
        await driven.until(lambda: driven.feed.following and driven.feed.current == ids[0])


# --- what comes in ---------------------------------------------------------------------------------------------------


async def test_at_the_top_what_comes_in_is_shown(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        assert "following" in driven.drawn()[1]
        town.say("bluesky", "newcomer", "just now")
        await driven.until(lambda: "just now" in driven.drawn()[2])
        assert "12 mentions · following" in driven.drawn()[1]
        assert "newcomer" in driven.drawn()[2]
        assert "▌" in driven.drawn()[2]


async def test_elsewhere_nothing_moves_and_counters_count_up(town: Town) -> None:
    town.talk(10)
    async with console(town.path, town.clock) as driven:
        await driven.press("pagedown")
        before = driven.drawn()[2:12]
        for number in range(37):
            town.say("bluesky", "newcomer", f"now {number}")
        for number in range(12):
            town.say("bluesky", "late", f"late {number}", ago=7_200 + number)
        await driven.until(lambda: "+37 new ▲ · 12 below" in driven.text())
        assert driven.drawn()[2:12] == before
        assert "following" not in driven.drawn()[1]
        await driven.press("g")
        await driven.until(lambda: "now 36" in driven.text() and "following" in driven.drawn()[1])
        assert "new ▲" not in driven.text()


async def test_a_count_that_ran_out_of_time_tells_no_fewer_than_the_list(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, query="sentiment:neg") as driven:
        await driven.until(lambda: "4 mentions" in driven.drawn()[1])
        driven.screen.told(Counted(driven.screen.view.number, 1, False))
        await driven.until(lambda: "4+ mentions" in driven.drawn()[1])


async def test_a_filter_hears_only_what_it_wants(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, query="topic:rival") as driven:
        assert "2 mentions" in driven.drawn()[1]
        town.say("bluesky", "one", "about acme")
        town.say("bluesky", "two", "about rival", topics={town.topics["rival"]: 10})
        await driven.until(lambda: "about rival" in driven.text())
        assert "about acme" not in driven.text()
        assert "3 mentions" in driven.drawn()[1]


async def test_reading_the_detail_holds_the_list(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("enter")
        top = driven.feed.current
        town.say("bluesky", "newcomer", "just now")
        await driven.until(lambda: "+1 new ▲" in driven.text())
        assert driven.feed.current == top
        await driven.press("escape", "g")
        await driven.until(lambda: "just now" in driven.drawn()[2])


async def test_what_others_did_is_seen(town: Town) -> None:
    from listen.store.triage import Triage

    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        with Triage(town.path, "bob", town.clock) as other:
            other.set_status([ids[1]], "done")
        await driven.until(lambda: "done" in driven.drawn()[3])


async def test_what_is_gone_leaves_the_list(town: Town) -> None:
    ids = town.talk(20)
    async with console(town.path, town.clock) as driven:
        gone = ids[100:110]
        assert town.writer.delete(gone) == 10
        for _ in range(8):
            await driven.press("pagedown")
        await driven.until(lambda: not set(gone) & set(driven.feed.ids))


# --- verbs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "status"), [("a", "done"), ("A", "answered"), ("d", "dismissed")])
async def test_a_status_is_stored_the_row_stays_and_the_cursor_goes_on(town: Town, key: str, status: str) -> None:
    ids = town.talk()
    async with console(town.path, town.clock, query="status:new") as driven:
        await driven.press(key)
        await driven.until(lambda: status_of(town, ids[0]) == status)
        lines = driven.drawn()
        assert status in lines[2]
        assert "▌" in lines[3]
        assert f"{status}: claire" in driven.footer()
        assert driven.feed.current == ids[1]
        await driven.press("R")
        await driven.until(lambda: ids[0] not in driven.feed.ids)
        assert driven.feed.current == ids[1]


async def test_undo_and_redo(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("a", "a", "a")
        await driven.until(lambda: status_of(town, ids[2]) == "done")
        await driven.press("u")
        await driven.until(lambda: status_of(town, ids[2]) == "new")
        await driven.until(lambda: "undone: 1 done" in driven.footer())
        assert driven.feed.current == ids[2]
        await driven.until(lambda: "done" not in driven.drawn()[4])
        await driven.press("U")
        await driven.until(lambda: status_of(town, ids[2]) == "done")
        await driven.press("u", "u", "u")
        await driven.until(lambda: status_of(town, ids[0]) == "new")
        await driven.press("u")
        await driven.until(lambda: "there is nothing to undo" in driven.footer())


async def test_a_star_comes_and_goes(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("s")
        await driven.until(lambda: starred(town, ids[0]))
        assert "★" in driven.drawn()[2]
        assert driven.feed.current == ids[0]
        await driven.press("s")
        await driven.until(lambda: not starred(town, ids[0]))
        assert "★" not in driven.drawn()[2]


async def test_the_last_verb_again(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("full_stop")
        assert "no verb to repeat" in driven.footer()
        await driven.press("d", "j", "full_stop")
        await driven.until(lambda: status_of(town, ids[2]) == "dismissed")
        assert status_of(town, ids[1]) == "new"


async def test_a_hundred_quick_verbs_are_all_carried_out_in_order(town: Town) -> None:
    ids = town.talk(10)
    async with console(town.path, town.clock) as driven:
        await driven.press(*["a"] * 100)
        await driven.until(lambda: status_of(town, ids[99]) == "done")
        assert all(status_of(town, one) == "done" for one in ids[:100])
        assert status_of(town, ids[100]) == "new"


async def test_verbs_work_in_the_detail_pane(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("enter", "a")
        await driven.until(lambda: status_of(town, ids[0]) == "done")
        assert driven.screen.focused is driven.screen.detail


async def test_a_console_that_only_reads_changes_nothing(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock, read_only=True) as driven:
        for key in ("a", "s", "u", "U"):
            await driven.press(key)
            assert "only reads" in driven.footer()
        assert status_of(town, ids[0]) == "new"


async def test_a_verb_that_fails_is_told_and_taken_back(town: Town, monkeypatch) -> None:
    from listen.store.sqlite import StoreFull
    from listen.store.triage import Triage

    def full(*_: object) -> None:
        raise StoreFull("no room left to write; free some space, then it goes on by itself")

    town.talk()
    monkeypatch.setattr(Triage, "set_status", full)
    async with console(town.path, town.clock) as driven:
        await driven.press("a")
        await driven.until(lambda: "no room left" in driven.footer())
        await driven.until(lambda: "done" not in driven.drawn()[2])


async def test_a_verb_means_what_stood_still_under_the_cursor(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        town.say("bluesky", "newcomer", "just now")
        await driven.until(lambda: driven.feed.current not in (None, ids[0]))
        await driven.press("a")
        await driven.until(lambda: status_of(town, ids[0]) == "done")
        assert status_of(town, driven.feed.ids[0]) == "new"


async def test_verbs_on_nothing_say_so(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        for key in ("a", "s", "o", "y", "Y"):
            await driven.press(key)
            assert "no mention here" in driven.footer()


# --- views and filters -----------------------------------------------------------------------------------------------


async def test_a_filter_shows_its_count_and_its_fault_while_it_is_typed(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("f")
        await driven.type("sentiment:neg")
        await driven.until(lambda: "4 mentions" in driven.drawn()[2])
        await driven.type(" AND")
        await driven.until(lambda: "^^^" in driven.drawn()[2])
        line, below = driven.drawn()[1:3]
        assert below.index("^") == line.index("AND")
        assert "AND wants a term after it" in below
        await driven.press("enter")
        assert driven.screen.filter is not None, "a fault keeps the line open"
        await driven.press(*["backspace"] * 4, "enter")
        await driven.until(lambda: "sentiment:neg" in driven.drawn()[1] and driven.screen.filter is None)
        await driven.until(lambda: len(driven.feed) == 4)
        assert driven.screen.focused is driven.stream


async def test_every_printable_key_is_text_in_the_filter(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("f")
        await driven.type("topic:acme -q?Qjk(a)")
        assert driven.screen.filter.input.value == "topic:acme -q?Qjk(a)"
        await driven.press("escape")
        await driven.until(lambda: driven.screen.filter is None)
        assert driven.screen.view.text == ""


async def test_filters_have_a_history(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        for text in ("acme", "rival"):
            await driven.press("f", "ctrl+u")
            await driven.type(text)
            await driven.press("enter")
            await driven.until(lambda text=text: driven.screen.view.text == text)
        await driven.press("f", "ctrl+u", "x", "up")
        assert driven.screen.filter.input.value == "rival"
        await driven.press("up", "up")
        assert driven.screen.filter.input.value == "acme"
        await driven.press("down", "down")
        assert driven.screen.filter.input.value == "x"


async def test_backspace_drops_the_filter_then_the_topic(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, query="topic:acme sentiment:neg") as driven:
        await driven.until(lambda: driven.screen.glance.topics)
        await driven.press("backspace")
        assert driven.screen.view.text == "topic:acme"
        await driven.press("backspace")
        assert driven.screen.view.text == ""
        await driven.press("backspace")
        assert "no filter" in driven.footer()


async def test_a_filter_without_hits_says_so(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, size=(80, 24), query="nonsense") as driven:
        await driven.until(lambda: "Nothing matches" in driven.text())
        assert "What arrives and matches shows up here by itself." in driven.text()
        assert "nonsense" in driven.text()


async def test_views_by_key_and_by_the_side_pane(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: driven.screen.glance.topics)
        await driven.press("J")
        assert driven.screen.view.text == "topic:acme"
        await driven.press("J", "J")
        assert driven.screen.view.text == 'topic:"charger recall"'
        await driven.until(lambda: len(driven.feed) == 3)
        await driven.press("K", "K")
        assert driven.screen.view.text == "topic:acme"
        await driven.press("h")
        assert driven.screen.focused is driven.screen.side
        await driven.press("j", "enter")
        assert driven.screen.view.text == "topic:rival"
        assert driven.screen.focused is driven.stream
        await driven.until(lambda: len(driven.feed) == 2)


async def test_a_search_that_takes_long_shows_how_far_it_is_and_stops_at_a_key(town: Town, monkeypatch) -> None:
    from listen.console import pages
    from listen.store.read import Page

    ids = town.talk()
    real = Reader.page
    asked = []

    def slow(self: Reader, query, *, before=None, after=None, limit=200, budget=0.04, now):
        if before is None and after is None:
            return Page(ids[:2], ids[1], False)
        asked.append(before)
        time.sleep(0.02)
        return Page([], (before or 0) - (1 << 30), False)

    monkeypatch.setattr(Reader, "page", slow)
    monkeypatch.setattr(pages, "SLICE", 0.01)
    async with console(town.path, town.clock, query="acme") as driven:
        await driven.until(lambda: "searched back to" in driven.text() and "…" in driven.drawn()[1])
        await driven.press("y")
        await driven.until(lambda: not driven.screen.view.searching)
        count = len(asked)
        assert "moving on goes on" in driven.text()
        monkeypatch.setattr(Reader, "page", real)
        await driven.press("j")
        await driven.until(lambda: driven.feed.oldest)
        assert len(asked) == count
        assert "searched back" not in driven.text()


# --- out, help, later ------------------------------------------------------------------------------------------------


async def test_out_and_back_lead_to_the_stream_and_never_out_of_it(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("escape")
        assert "Q leaves listen" in driven.footer()
        await driven.press("q")
        assert "Q leaves listen" in driven.footer()
        await driven.press("ctrl+c")
        assert "Q leaves listen" in driven.footer()
        await driven.press("tab")
        assert driven.screen.focused is driven.screen.detail
        await driven.press("escape")
        assert driven.screen.focused is driven.stream
        assert driven.app.is_running
        await driven.press("Q")
        await driven.until(lambda: not driven.app.is_running or driven.app._exit)
        assert driven.app.return_code == 0


async def test_zoom(town: Town) -> None:
    town.talk(5)
    async with console(town.path, town.clock) as driven:
        await driven.press("z")
        await driven.until(lambda: driven.feed.height == 37)
        assert not driven.screen.detail.display
        await driven.press("z")
        await driven.until(lambda: driven.screen.detail.display)
        await driven.press("enter", "z")
        await driven.until(lambda: not driven.screen.side.display)
        assert "La batterie" in driven.text()
        await driven.press("escape")
        await driven.until(lambda: driven.screen.side.display)


async def test_help_shows_the_keys_of_what_has_the_focus(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("question_mark")
        await driven.until(lambda: "LISTS" in driven.text())
        assert "list.filter" in driven.text()
        await driven.press("G")
        assert "THE QUERY LANGUAGE" in driven.text()
        await driven.press("escape")
        await driven.until(lambda: "following" in driven.text())


async def test_every_key_that_comes_later_says_so(town: Town) -> None:
    from listen.console.keys import TABLE

    town.talk()
    async with console(town.path, town.clock) as driven:
        for key in TABLE:
            if key.later and key.scope in ("global", "lists", "mentions"):
                await driven.press(key.keys[0])
                assert "comes later" in driven.footer(), key.id


async def test_the_palette_runs_verbs_by_name(town: Town) -> None:
    ids = town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("colon")
        await driven.until(lambda: len(driven.app.screen_stack) == 2)
        await driven.type("star")
        await driven.until(lambda: "star it, or no longer" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: starred(town, ids[0]))


# --- links and copies ------------------------------------------------------------------------------------------------


async def test_opening_over_ssh_copies_and_shows_instead(town: Town, monkeypatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1")
    town.say("mastodon", "ana", "hello", url="https://münchen.example/a")
    async with console(town.path, town.clock) as driven:
        await driven.press("o")
        assert driven.app.clipboard == "https://münchen.example/a"
        assert "xn--mnchen-3ya.example" in driven.footer()


async def test_opening_starts_the_browser_with_one_argument(town: Town, monkeypatch) -> None:
    started = []
    monkeypatch.setattr(links, "opener", lambda environment: ["browser"])
    real = links.subprocess.Popen

    def start(command, **options):
        started.append(command)
        return real(["true"], **options)

    monkeypatch.setattr(links.subprocess, "Popen", start)
    town.say("mastodon", "ana", "hello", url="https://a.example/x?y=$(touch z)")
    async with console(town.path, town.clock) as driven:
        await driven.press("o")
        assert started == [["browser", "https://a.example/x?y=$(touch%20z)"]]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://x\x1b]0;t\x07", None])
async def test_only_web_links_are_opened_or_copied(town: Town, url: str | None) -> None:
    town.say("mastodon", "ana", "hello", url=url)
    async with console(town.path, town.clock) as driven:
        await driven.press("o")
        assert "only http and https" in driven.footer()
        await driven.press("y")
        assert "no link that may be copied" in driven.footer()
        assert driven.app.clipboard == ""


async def test_copying_says_what_was_sent(town: Town) -> None:
    town.say("mastodon", "ana", "hello\x1b]52;c;x\x07 world", title="A title", url="https://a.example/x")
    async with console(town.path, town.clock) as driven:
        await driven.press("y")
        assert driven.app.clipboard == "https://a.example/x"
        assert "sent 19 characters to the terminal's clipboard (OSC 52): https://a.example/x" in driven.footer()
        await driven.press("Y")
        assert driven.app.clipboard.startswith("A title\nhello␛]52")
        assert driven.app.clipboard.endswith("https://a.example/x")


# --- hostile texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_hostile_texts_are_marks_in_every_place(town: Town, size: tuple[int, int]) -> None:
    for text in TEXTS:
        safe = text.encode("utf-8", "replace").decode()
        town.say("mastodon", safe or "x", safe or "x", title=safe or None, name=safe or None, url=safe or None)
    async with console(town.path, town.clock, size=size) as driven:
        for _ in TEXTS:
            shown = driven.feed.current
            await driven.until(lambda shown=shown: driven.screen.detail.mention_id == shown)
            for line in driven.drawn():
                assert not FORBIDDEN.search(line), repr(line)
            await driven.press("a")
            assert not FORBIDDEN.search(driven.footer())
            await driven.press("y")
            assert not FORBIDDEN.search(driven.footer())
        assert driven.app.is_running


async def test_a_click_on_markup_runs_nothing(town: Town) -> None:
    town.say("mastodon", "[@click=app.leave]x[/]", "[@click=app.leave]free money[/]", title="[@click=app.leave]t[/]")
    async with console(town.path, town.clock) as driven:
        for x in range(24, 110, 4):
            await driven.pilot.click(offset=(x, 2))
        for y in range(20, 38):
            await driven.pilot.click(offset=(30, y))
        await driven.pilot.pause()
        assert driven.app.is_running
        assert "free money" in driven.text()


async def test_a_click_goes_to_its_row_and_the_wheel_scrolls(town: Town) -> None:
    ids = town.talk(10)
    async with console(town.path, town.clock) as driven:
        await driven.pilot.click(offset=(60, 6))
        assert driven.feed.current == ids[4]
        await driven.pilot.click(offset=(5, 4))
        await driven.until(lambda: driven.screen.view.text == "topic:acme")


async def test_hostile_paste_into_the_filter(town: Town) -> None:
    from textual import events

    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("f")
        driven.screen.filter.input.post_message(events.Paste("a\x1b]52;c;x\x07[/]\nb"))
        await driven.until(lambda: "[/]" in driven.screen.filter.input.value)
        assert not FORBIDDEN.search(driven.screen.filter.input.value)
        assert not any(FORBIDDEN.search(line) for line in driven.drawn())


async def test_hostile_sources_topics_and_errors(town: Town) -> None:
    from listen.store.mirror import ChannelUpdate

    for text in TEXTS[:16]:
        name = text.replace("\x00", "") or "x"
        (source,) = town.writer.sync_sources([(name, "feed", {})]).values()
        (row,) = town.writer.sync_channels(source, [("k", name)]).values()
        update = ChannelUpdate(errors=1, error=text, error_remedy=text, error_reason=text, error_at=NOW)
        town.writer.add(row.id, [], seen_at=NOW, update=update)
    town.writer.sync_topics([(text.replace("\x00", "") or "x", "acme", "brand") for text in TEXTS[:16]])
    told = {"pid": 1, "host": TEXTS[0], "since": 1, "heartbeat": NOW, "epoch": 1, "problem": TEXTS[5]}
    town.writer.set_state("collector", json.dumps(told))
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: driven.screen.glance.topics)
        await driven.pilot.pause()
        assert not any(FORBIDDEN.search(line) for line in driven.drawn())
        for _ in range(18):
            await driven.press("J")
            assert not any(FORBIDDEN.search(line) for line in driven.drawn())


async def test_resizing_keeps_the_mention_under_the_cursor(town: Town) -> None:
    town.talk(10)
    async with console(town.path, town.clock) as driven:
        await driven.press(*["j"] * 15)
        current = driven.feed.current
        for size in ((80, 24), (40, 10), (200, 60), (120, 40)):
            await driven.pilot.resize_terminal(*size)
            await driven.until(lambda size=size: driven.app.size == size)
            await driven.until(lambda: any("▌" in line for line in driven.drawn()))
            assert driven.feed.current == current
            assert current in driven.feed.visible


# --- keys typed fast -------------------------------------------------------------------------------------------------


async def test_a_key_typed_right_behind_enter_goes_to_the_mention(town: Town) -> None:
    town.talk()
    town.say("press", "reporter", "\n".join(f"line {n}" for n in range(60)))
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: driven.screen.detail.lines)
        press_at_once(driven, "enter", "G")
        await driven.until(lambda: driven.screen.detail.top > 0)
        assert driven.feed.cursor == 0


async def test_a_key_typed_right_behind_tab_goes_to_the_next_pane(town: Town) -> None:
    town.talk(9)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: driven.screen.side.entries)
        press_at_once(driven, "tab", "tab", "j")
        await driven.until(lambda: driven.screen.side.has_focus)
        assert driven.feed.cursor == 0


async def test_what_is_typed_right_behind_the_key_of_a_line_goes_into_that_line(town: Town) -> None:
    town.talk(9)
    async with console(town.path, town.clock) as driven:
        await driven.until(lambda: driven.screen.side.entries)
        press_at_once(driven, "colon", *"sources", "enter")
        await driven.until(lambda: driven.app.place is not driven.app.stream, "the palette has lost letters")
        press_at_once(driven, "1")
        await driven.until(lambda: driven.app.place is driven.app.stream)
        press_at_once(driven, "f", *"bike", "enter")
        await driven.until(lambda: driven.screen.view.text == "bike", "the filter has lost letters")
        await driven.press("f")
        press_at_once(driven, *"sx", "backspace", *"hop", "enter")
        await driven.until(lambda: driven.screen.view.text == "bike shop", "a correction came too late")


def press_at_once(driven: Driven, *names: str) -> None:
    """Keys that come in one read of the terminal."""
    for name in names:
        driven.app.post_message(events.Key(name, name if len(name) == 1 else None))


async def test_messages_name_the_persons_own_keys(town: Town) -> None:
    town.talk()
    own = {"app.quit": ("X",), "app.undo": ("B",), "app.back": ("W",)}
    async with console(town.path, town.clock, own_keys=own) as driven:
        await driven.press("a")
        assert "B takes it back" in driven.footer()
        await driven.press("W")
        assert "this is the first screen; X leaves listen" in driven.footer()


async def test_the_key_of_the_screen_in_front_says_where_one_is(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("1")
        assert "this is the stream" in driven.footer()
        await driven.press("5")
        await driven.until(lambda: driven.app.place is not driven.app.stream)
        await driven.press("5")
        await driven.until(lambda: "these are the sources" in driven.footer())
