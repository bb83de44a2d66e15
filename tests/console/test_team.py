"""A console among those of others on one store: who is away, who is where, who was quicker."""

from __future__ import annotations

import asyncio

import pytest

from listen import absence
from listen.absence import Absence
from listen.console.screens import asking
from listen.store import presence
from listen.store.presence import Console
from listen.store.read import Reader
from listen.store.sqlite import short_transaction
from listen.store.triage import Triage
from tests.console.conftest import console
from tests.console.town import Town


async def test_who_covers_finds_what_waits_for_who_is_away_and_who_gives_them_more_is_told(town: Town) -> None:
    ids = town.talk()
    people = {"bob": Absence("2026-12-01", "ana"), "chloe": Absence("2026-11-20", "ana")}
    town.writer.set_state("people", absence.written(people))
    with Triage(town.path, "dan", town.clock) as dan:
        dan.assign(ids[:2], "bob")
    async with console(town.path, town.clock, size=(140, 40), query="assignee:bob") as driven:
        await driven.until(lambda: "bob’s" in driven.text(), "the queue of who is away")
        line = next(line for line in driven.drawn() if "bob’s" in line)
        assert "chloe" not in driven.text(), "who was away yesterday is back"
        await driven.until(lambda: "2" in next(line for line in driven.drawn() if "bob’s" in line)[:40], line)
        await driven.until(lambda: "away until 1 Dec, ana covers" in driven.text(), "what the detail says")
        await driven.press("e", "ctrl+u")
        await driven.type("@chloe")
        await driven.press("enter")
        await driven.until(lambda: "given to chloe" in driven.footer(), "nobody is told of somebody who is there")
        assert "away" not in driven.footer()
        await driven.press("e", "ctrl+u")
        await driven.type("@bob")
        await driven.press("enter")
        await driven.until(lambda: "given to bob, away until 1 Dec, ana covers" in driven.footer(), "a warning")


def move(person: Triage, own: Console, mention_id: int | None) -> None:
    """The person goes to a mention."""
    with short_transaction(person.connection):
        presence.stand(person.connection, own, mention_id, int(person.clock.now()))


def on(reader: Reader, now: float) -> dict[int, tuple[str, ...]]:
    """Mention -> who is on it."""
    return dict(presence.others(reader.seats(), now))


async def test_where_others_are_and_what_they_do_shows_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SOON", 3_600.0)  # numbers may follow later
    ids = town.talk()
    town.path.parent.chmod(0o2770)  # a team's
    his = presence.console("bob")
    with Triage(town.path, "bob", town.clock) as bob, Reader(town.path) as reader:
        async with console(town.path, town.clock, size=(120, 40)) as driven:
            first, second = driven.feed.ids[:2]
            await driven.press("j", "k")
            await driven.until(lambda: on(reader, town.clock.now()) == {first: ("ana",)}, "ana is told to others")

            def line(one: int) -> str:
                feed = driven.feed
                return str(driven.stream.render_line(feed.line(feed.place(one)) - feed.top).text)

            move(bob, his, second)
            await driven.until(lambda: "‹bob›" in line(second), "bob on his row")
            assert "on this one" not in driven.text()
            await driven.press("j")
            await driven.until(lambda: "bob is on this one" in driven.text(), "bob in the detail pane")
            bob.set_status([second, ids[-1]], "done")
            bob.tag([first], "vip")
            await driven.until(lambda: "done" in line(second) and "vip" in line(first), "what bob did, in the rows")
            await driven.until(lambda: "done by bob" in driven.text(), "and in the detail pane")
            await driven.press("u")
            await driven.until(lambda: "nothing to undo" in driven.footer(), "it is bob's to undo")
            move(bob, his, first)
            await driven.until(lambda: "‹bob›" in line(first) and "‹bob›" not in line(second), "bob goes on")
            town.clock.at += presence.STALE
            await driven.until(lambda: "‹bob›" not in line(first), "bob has gone to sleep")
            process = await asyncio.create_subprocess_exec("sleep", "1000")
            move(bob, his._replace(key="killed", who="chloe", pid=process.pid), first)
            await driven.until(lambda: "‹chloe›" in line(first), "chloe comes")
            process.kill()
            await process.wait()
            await driven.until(lambda: "‹chloe›" not in line(first), "who is killed is nowhere, at once")
            move(bob, his, None)
            assert {seat.console.who for seat in reader.seats()} == {"ana", "bob"}
        assert [seat.console.who for seat in reader.seats()] == ["bob"], "who leaves is nowhere"


async def test_one_person_at_two_consoles_and_somebody_who_only_reads(town: Town) -> None:
    ids = town.talk()
    newest = max(ids)
    with Reader(town.path) as reader:

        def seen() -> dict[int, tuple[str, ...]]:
            return on(reader, town.clock.now())

        async with console(town.path, town.clock, size=(120, 40)) as one:
            await one.until(reader.seats, "it is open")
            await one.press("j", "k")
            one.desk.stand(newest)
            assert seen() == {}, "at the one console of a personal store nobody is told where one is"
            async with console(town.path, town.clock, size=(120, 40)) as two:
                await one.until(lambda: seen() == {newest: ("ana",)}, "it is not the only one any more")
                await two.until(lambda: "you is on this one" not in two.text() and "you are on this one" in two.text())
                await one.press("j")
                await two.until(lambda: "you are on this one" not in two.text(), "and goes on")
                async with console(town.path, town.clock, size=(120, 40), read_only=True) as reading:
                    assert len(reader.seats()) == 2, "who only reads is seen by nobody"
                    await two.press("j", "j")
                    await reading.until(lambda: reading.text().count("‹you›") == 2, "and sees the others")
            await one.until(lambda: len(reader.seats()) == 1)
            await one.press("k")
            await one.until(lambda: seen() == {}, "alone again")


async def test_who_is_late_is_told_and_overwrites_nothing_unless_it_is_said_twice(town: Town) -> None:
    town.talk()
    town.path.parent.chmod(0o2770)
    with Triage(town.path, "bob", town.clock) as bob, Reader(town.path) as reader:
        async with console(town.path, town.clock, size=(120, 40)) as driven:
            one, two, three, four = driven.feed.ids[:4]

            def status(mention_id: int) -> str:
                return reader.mention(mention_id).status  # type: ignore[union-attr]

            bob.set_status([one, three], "done")
            town.clock.at += 3
            await driven.press("a")
            await driven.until(lambda: "bob did that 3 s ago" in driven.footer(), "the same")
            assert driven.feed.current == two, "the cursor goes on all the same"
            await driven.press("g", "d")
            await driven.until(lambda: "bob said done 3 s ago, and it stays" in driven.footer(), "another verb")
            assert status(one) == "done"
            await driven.press("g", "d")
            await driven.until(lambda: status(one) == "dismissed", "it was meant")
            await driven.press("g", "j", "space", "space", "space", "A")
            await driven.until(lambda: "2 mentions; 1 left alone: bob was quicker" in driven.footer(), "in bulk")
            assert [status(id_) for id_ in (two, three, four)] == ["answered", "done", "answered"]
            await driven.press("u", "u")
            await driven.until(lambda: status(one) == "done", "each takes back their own")
            assert [status(id_) for id_ in (two, three, four)] == ["new", "done", "new"]
            town.clock.at += 60
            await driven.press("g", "d")
            await driven.until(lambda: status(one) == "dismissed", "what was done a while ago was seen")
            bob.tag([two], "vip")
            await driven.press("t")
            await driven.type("angry")
            await driven.press("enter")
            await driven.until(lambda: reader.mention(two).tags == ("angry", "vip"), "tags add up")  # type: ignore[union-attr]


async def test_who_only_reads_can_write_nothing_and_each_verb_says_so(town: Town) -> None:
    town.talk()
    town.path.parent.chmod(0o2770)
    with Reader(town.path) as reader:
        before = reader.data_version()
        async with console(town.path, town.clock, read_only=True) as driven:
            for key in ("a", "A", "d", "s", "plus", "minus", "0", "t", "e", "u", "U", "full_stop"):
                driven.app.say("")
                await driven.press(key)
                await driven.until(lambda: "only reads" in driven.footer(), f"{key}: {driven.footer()}")
        assert reader.data_version() == before
