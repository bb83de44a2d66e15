"""The people screen and the page of a person, driven by keys on a real store: what is drawn, and what is stored."""

from __future__ import annotations

from typing import Any

from listen.console.people import Subject, Talk
from listen.console.questions import names
from listen.console.theme import DARK
from listen.console.widgets.people_head import PeopleSummary, Told
from listen.insight.people import Shares
from listen.model import Author
from listen.query.complete import complete
from listen.store import customers
from listen.store.customers import Customer
from listen.store.read import Reader
from listen.text import cell_width, clean
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import NOW, Town
from tests.store.posts import make_post

DAY = 86_400


def talk(town: Town) -> None:
    """claire on two networks over some weeks, bob once, an own account, and something dismissed."""
    town.writer.sync_accounts({"we": ["@ours"]})
    for weeks, score in ((0, 600), (1, 600), (2, -700)):
        town.say("mastodon", "claire@m.example", f"love it {weeks} #acme", name="Claire", followers=1234,
                 score=score, topics={town.topics["acme"]: score}, ago=7 * DAY * weeks + 3600, likes=2)  # fmt: skip
    town.say("bluesky", "claire.bsky", "charger burnt", ago=30 * 60, kind="reply", parent_id="bluesky-0", likes=None)
    town.say("bluesky", "bob", "meh", score=0, topics={town.topics["rival"]: 0}, ago=DAY)
    town.say("bluesky", "ours", "thank you", ago=60)


async def go(driven: Driven) -> None:
    await driven.press("4")
    await driven.until(lambda: driven.screen.talk.complete, "everybody was found")


def who(driven: Driven) -> list[str]:
    return [one.who.accounts[0].handle for one in driven.screen.talk.talkers]


def line(driven: Driven, name: str) -> str:
    return next((one for one in driven.drawn()[2:] if name in one), "")


def test_the_first_line_tells_how_many_they_are_in_a_narrow_window_too() -> None:
    summary = PeopleSummary(DARK)
    talk = Talk(1, shares=Shares(1_640), n=2_310, complete=True)
    summary.told = Told(Subject(), "30d", talk, who="margaret", clock="14:32")

    def line(width: int) -> str:
        return "".join(piece.text for part in summary.pieces(width) for piece in part)

    assert "last 30 days   1,640 people   2,310 mentions margaret" in line(100)
    assert "30d   1,640 people margaret  14:32" in line(70)
    assert "everything   30d   1,640 people   14:32" in line(60)
    assert all(cell_width(line(width)) <= width for width in range(48, 120))
    summary.told = summary.told._replace(subject=Subject(name="charger recall in Europe"))
    assert "charger…   30d   1,640 people   14:32" in line(60), "a long name gives way to the number"


async def test_people_are_listed_ordered_narrowed_and_gone_through_by_topic_and_window(town: Town) -> None:
    talk(town)
    async with console(town.path, town.clock, size=(120, 30), query="topic:acme since:7d") as driven:
        await go(driven)
        assert who(driven) == ["claire@m.example", "claire.bsky"]
        text = driven.text()
        assert "acme   last 30 days   2 people" in text
        assert "silent: not observable (mark 20)" in text
        assert "1.2k" in line(driven, "Claire")
        assert "engaged 50 %" in text
        assert " ? " in line(driven, "claire.bsky"), "nobody knows how many follow them"
        assert "ours" not in text
        await driven.press("O", "O", "O")
        await driven.until(lambda: who(driven)[0] == "claire.bsky")
        assert "most negative first" in driven.footer()
        await driven.press("O", "O", "f", "b", "s", "k", "y")
        await driven.until(lambda: who(driven) == ["claire.bsky"])
        await driven.press("enter", "backspace")
        await driven.until(lambda: len(who(driven)) == 2)
        await driven.press("less_than_sign", "less_than_sign")
        await driven.until(lambda: driven.screen.talk.number == driven.screen.search.number)
        assert driven.screen.talk.talkers[0].voice.n == 1, "of the last day"
        assert "sides want three weeks" in driven.text()
        await driven.press("J")
        await driven.until(lambda: "rival" in driven.text() and "meh" not in driven.text())
        await driven.until(lambda: who(driven) == ["bob"] and driven.screen.talk.complete)
        await driven.press("K", "K")
        await driven.until(lambda: "people  everything" in driven.text())
        await driven.press("1", "4")
        assert driven.screen.subject.name == "everything", "it is as it was left"
        await driven.press("a")
        assert "not on this screen" in driven.footer()


async def test_two_accounts_become_one_person_and_are_taken_apart_again(town: Town) -> None:
    talk(town)
    with town.writer.transaction():
        customers.say(
            town.writer.connection, dict(map(customers.told, [Customer("claire@m.example", "", "C-7", "VIP")]))
        )
    async with console(town.path, town.clock, size=(80, 24), query="topic:acme") as driven:
        await go(driven)
        await driven.press("e")
        assert "mark those who are one person" in driven.footer()
        await driven.press("space", "space", "e")
        await driven.type("same face")
        await driven.press("enter")
        await driven.until(lambda: len(who(driven)) == 1)
        assert "Claire: 2 accounts taken for one person · u takes it back" in driven.footer()
        assert "+1" in line(driven, "Claire")
        (talker,) = driven.screen.talk.talkers
        assert (talker.voice.n, talker.who.followers, talker.voice.endorsed) == (4, 1234, 6)
        await driven.press("enter")
        await driven.until(lambda: "SAID" in driven.text())
        text = driven.text()
        for told in (
            "@claire@m.example",
            "@claire.bsky",
            "same face (ana",
            "C-7 VIP",
            "love it 2",
            "charger burnt",
            "#acme",
        ):
            assert told in text, told
        await driven.press("enter")
        await driven.until(lambda: len(driven.feed) == 4)
        await driven.press("enter", "enter")
        await driven.until(lambda: "customer    VIP" in driven.text(), "the other account's segment, too")
        await driven.press("escape", "escape")
        await driven.press("4", "u")
        await driven.until(lambda: len(who(driven)) == 2)
        await driven.press("U")
        await driven.until(lambda: len(who(driven)) == 1)
        await driven.press("e", "enter")
        await driven.until(lambda: len(who(driven)) == 2)
        assert "accounts taken apart" in driven.footer()
    with Reader(town.path) as reader:
        assert [len(one.accounts) for one in reader.who(reader.persons("claire"))] == [1]


async def test_an_empty_store_says_what_to_do_and_narrow_windows_hold(town: Town) -> None:
    async with console(town.path, town.clock, size=(32, 10)) as driven:
        await go(driven)
        assert "Nobody talked about this" in driven.text()
        await driven.press("enter", "space", "e", "O", "z", "escape", "j", "G")
        town.say("mastodon", "claire", "hello")
        await driven.press("R")
        await driven.until(lambda: who(driven) == ["claire"])
        assert "claire" in driven.text()
        await driven.press("enter")
        await driven.until(lambda: "followers unknown" in driven.text())


def test_segments_are_completed_with_how_many_customers_they_have(town: Town) -> None:
    with town.writer.transaction():
        vip, fleet = Customer("claire", "", "C1", "VIP"), Customer("bob", "", "C2", "fleet")
        customers.say(town.writer.connection, dict(map(customers.told, (vip, fleet))))
    clerk: Any = None
    with Reader(town.path) as reader:
        named = names("segment", "v")(reader, clerk, clerk)
        found = complete("segment:v", len("segment:v"), {"segment": named.names})  # type: ignore[attr-defined]
    assert [(one.text, one.word) for one in found.candidates] == [("VIP", "1 customer")]


async def test_hostile_names_reach_no_terminal_as_they_are(town: Town) -> None:
    told = [clean(text)[0] for text in TEXTS]
    posts = [
        make_post(f"h{at}", text, author=Author(f"{text[:150]}{at}", text[:200]), published_at=NOW - at)
        for at, text in enumerate(told)
    ]
    town.arrive("press", posts)
    async with console(town.path, town.clock, size=(100, 40)) as driven:
        await go(driven)
        assert not FORBIDDEN.search("".join(driven.drawn()))
        assert len(who(driven)) == len(posts)
        for keys in (("enter",), ("4", "G", "enter"), ("4", "k", "enter")):
            await driven.press(*keys)
            await driven.until(lambda: "SAID" in driven.text())
            assert not FORBIDDEN.search("".join(driven.drawn()))
