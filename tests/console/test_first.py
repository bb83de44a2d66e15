"""The first run, driven by keys: a name, its hits, a better query, and the stream; with children that say what they
are told to."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from listen.console import PLAY_DEMO, prepare_environment
from listen.console.app import ListenApp
from listen.console.first.beginning import Beginning, Begun
from listen.console.screens.first_look import FirstLook
from listen.console.screens.stream import StreamScreen
from listen.console.screens.welcome import Welcome
from listen.console.theme import PLAIN
from listen.store.sqlite import sqlite3
from tests.collect.recipes import ORANGE
from tests.console.conftest import Driven
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import Town

SAY = (
    "import sys; sys.stdout.write(open(sys.argv[1]).read()); sys.stderr.write(sys.argv[3]); sys.exit(int(sys.argv[2]))"
)


def hit(number: int, text: str, word: str = "orange", source: str = "news") -> dict[str, Any]:
    """A record as `listen try --json` prints it."""
    at = text.lower().find(word)
    return {
        "source": source, "channel": "x", "network": "feed", "external_id": str(number), "text": text, "title": None,
        "time": "2026-11-20T14:31:00Z", "author": "claire", "url": f"https://post.example/{number}", "matched": [word],
        "spans": {"title": [], "text": [[at, at + len(word)]] if at >= 0 else []},
    }  # fmt: skip


def answer(source: str, hits: int = 0, error: str = "", reason: str = "http-403") -> dict[str, Any]:
    failed = {"error": error, "reason": reason, "remedy": "try again in a moment"} if error else {}
    return {"source": source, "channel": "x", "posts": hits, "hits": hits, **failed}


ORANGES = [
    {"asking": ["news", "reddit"], "channels": 2},
    *(hit(n, text) for n, text in enumerate(ORANGE)),
    answer("news", len(ORANGE)),
    answer("reddit", error="www.reddit.com refuses to answer us (HTTP 403)"),
]
OFFLINE = [
    {"asking": ["hn", "news"], "channels": 2},
    answer("hn", error="no address is known for hn.algolia.com", reason="dns"),
    answer("news", error="no address is known for www.bing.com", reason="dns"),
]


class Silent:
    """A collector that is somebody else's."""

    keeps: bool | None = None
    personal = False

    def ensure(self) -> None:
        """Somebody collects."""

    def asks(self) -> bool:
        return False

    def keep(self, on: bool) -> None:
        self.keeps = on


@dataclass
class Stage:
    """What the children say, and what they were asked."""

    folder: Path
    town: Town
    records: list[dict[str, Any]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    wrote: list[tuple[str, str]] = field(default_factory=list)
    write: tuple[int, str] = (0, "")
    """Exit code of `listen init`, and what it says."""
    hang: bool = False
    missing: Path | None = None

    def beginning(self) -> Beginning:
        file = self.folder / "config.toml"
        return Beginning("ana", self.town.clock, self._try, self._write, self._begin, file, self.missing)

    def _command(self, records: Sequence[dict[str, Any]], code: int, said: str) -> list[str]:
        file = self.folder / f"records-{len(self.tried)}-{len(self.wrote)}"
        file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
        return [sys.executable, "-S", "-c", SAY, str(file), str(code), said]

    def _try(self, text: str) -> list[str]:
        self.tried.append(text)
        command = self._command(self.records, 0, "")
        if self.hang:
            command[3] = SAY.replace("sys.exit", "sys.stdout.flush(); import time; time.sleep(60); sys.exit")
        return command

    def _write(self, brand: str, text: str) -> list[str]:
        self.wrote.append((brand, text))
        return self._command([], *self.write)

    def _begin(self) -> Begun:
        return Begun(self.town.path, Silent(), "acme")


@pytest.fixture
def stage(tmp_path: Path, town: Town) -> Stage:
    return Stage(tmp_path, town, list(ORANGES))


@asynccontextmanager
async def first_run(stage: Stage, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driven]:
    """A console that knows nothing yet."""
    prepare_environment(os.environ)
    app = ListenApp(None, beginning=stage.beginning())
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Driven(pilot, None)  # type: ignore[arg-type]
    finally:
        if app.desk is not None:
            app.desk.close()


async def look_at(driven: Driven, name: str = "orange") -> FirstLook:
    """Name a brand, and wait for all answers."""
    await driven.type(name)
    await driven.press("enter")
    await driven.until(lambda: isinstance(driven.screen, FirstLook))
    await asked(driven)
    look: FirstLook = driven.screen
    return look


async def asked(driven: Driven) -> None:
    await driven.until(lambda: driven.screen.sample.ended, "the trial ends")


# --- the question ----------------------------------------------------------------------------------------------------


async def test_every_printable_key_is_text_at_once(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await driven.press("q", "colon", "question_mark", "1", "Q", "j", "space", "u", "R")
        assert driven.screen.question.field.value == "q:?1Qj uR"
        assert "What shall I listen for?" in driven.text()
        assert "Nothing is fetched and nothing is written until you say so." in driven.text()
        assert stage.tried == []


async def test_a_store_that_was_named_and_is_not_there_is_told(stage: Stage) -> None:
    stage.missing = Path("/srv/no\x1b[2Jwhere.db")
    async with first_run(stage) as driven:
        assert "No store is there yet; one is made when you begin: /srv/no␛[2Jwhere.db" in driven.text()
    stage.missing = None
    async with first_run(stage) as driven:
        assert "No store is there" not in driven.text()


async def test_the_other_choices_are_a_key_away_and_back(stage: Stage) -> None:
    async with first_run(stage) as driven:
        for there, back in (("tab", "shift+tab"), ("down", "up"), ("escape", "k")):
            await driven.press(there)
            assert driven.screen.focused is driven.screen.choices
            assert "▌ play the demo" in driven.text()
            await driven.press(back)
            assert driven.screen.focused is driven.screen.question.field


async def test_a_name_that_is_typed_on_the_other_choices_is_a_name(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await driven.press("escape")
        await driven.type("Acme q")
        assert driven.screen.focused is driven.screen.question.field
        assert driven.screen.question.field.value == "Acme q"


@pytest.mark.parametrize(
    ("name", "told"), [("", "no word in this"), ("***", "no word in this"), ("x" * 300, "at most 100")]
)
async def test_a_name_that_is_none_is_told_below_it(stage: Stage, name: str, told: str) -> None:
    async with first_run(stage) as driven:
        driven.screen.question.field.value = name
        await driven.press("enter")
        await driven.until(lambda: told in driven.text())
        assert isinstance(driven.screen, Welcome)
        await driven.press("a")
        await driven.until(lambda: told not in driven.text())
        assert stage.tried == []


async def test_the_demo_leaves_with_a_word_to_whoever_started_the_console(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await driven.press("down", "enter")
        await driven.until(lambda: driven.app.return_value == PLAY_DEMO)


async def test_back_from_the_first_screen_says_what_leaves(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await driven.press("escape", "q")
        assert "Q leaves listen" in driven.footer()
        await driven.press("Q")
        await driven.until(lambda: driven.app.return_value == 0)


# --- the hits --------------------------------------------------------------------------------------------------------


async def test_hits_say_where_they_come_from_and_who_failed(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await look_at(driven)
        text = driven.text()
        assert "● news 9" in text
        assert "× reddit www.reddit.com refuses to answer us (HTTP 403)" in text
        assert "9 hits" in text
        assert "The price of fibre at Orange" in text
        assert stage.tried == ["orange"]
        assert stage.wrote == []


async def test_hits_are_kept_and_refused_and_taken_back(stage: Stage) -> None:
    async with first_run(stage, (120, 40)) as driven:
        look = await look_at(driven)
        await driven.press("a", "a", "d")
        assert "2 of 3 are about it · 67 % (21–94 %)" in driven.text()
        assert [line.lstrip("▌ ")[0] for line in driven.drawn()[5:8]] == ["✓", "✓", "×"]
        assert look.hits.cursor == 3
        await driven.press("u", "u")
        assert "1 of 1 is about it" in driven.text()
        assert look.hits.cursor == 1
        await driven.press("u", "u")
        assert "nothing was said of a hit yet" in driven.footer()


async def test_when_all_are_judged_listening_is_one_key_away(stage: Stage) -> None:
    async with first_run(stage) as driven:
        look = await look_at(driven)
        await driven.press(*"aaaaddddd")
        assert driven.screen.focused is look.bar
        assert "4 of 9 are about it · 44 % (19–73 %)" in driven.text()
        await driven.press("u")
        assert driven.screen.focused is look.hits
        assert look.hits.cursor == 8


async def test_moving_shows_each_hit_in_full(stage: Stage) -> None:
    async with first_run(stage, (120, 40)) as driven:
        look = await look_at(driven)
        for keys, at in ((["j"], 1), (["k", "k"], 0), (["G"], 8), (["g"], 0), (["down", "down"], 2), (["ctrl+d"], 8)):
            await driven.press(*keys)
            assert look.hits.cursor == at, keys
            assert ORANGE[at] in "\n".join(driven.drawn()[20:])
        assert "found by orange" in driven.text()


async def test_a_common_word_gets_a_query_that_tells_it_apart(stage: Stage) -> None:
    async with first_run(stage) as driven:
        look = await look_at(driven)
        assert "a common word, too: 5 of 9 times it stands in lower case within a sentence" in driven.text()
        assert "better? {Orange} (fibre OR network) NOT juice" in driven.text()
        assert "NOT juice takes 3 away" in driven.text()
        await driven.press("a", "enter", "right")
        stage.records = [ORANGES[0], *ORANGES[1:5], answer("news", 4), answer("reddit")]
        await driven.press("enter")
        await driven.until(lambda: len(stage.tried) == 2)
        await asked(driven)
        assert stage.tried[1] == "{Orange} (fibre OR network) NOT juice"
        assert "1 of 1 is about it" in driven.text()
        assert "better?" not in driven.text()
        assert look.hits.cursor == 1


async def test_refused_hits_of_any_name_propose_what_to_exclude(stage: Stage) -> None:
    texts = ["acme cartoon one", "acme cartoon two", "acme battery"]
    stage.records = [ORANGES[0], *(hit(n, text, "acme") for n, text in enumerate(texts)), answer("news", 3)]
    async with first_run(stage) as driven:
        await look_at(driven, "acme")
        assert "better?" not in driven.text()
        await driven.press("d", "d", "a")
        assert "better? acme NOT cartoon" in driven.text()
        assert "NOT cartoon takes 2 away" in driven.text()


async def test_the_query_is_edited_in_its_line(stage: Stage) -> None:
    async with first_run(stage) as driven:
        look = await look_at(driven)
        await driven.press("f")
        field = driven.screen.focused
        await driven.type(" q(")
        assert field.value == "orange q("
        await driven.press("enter")
        await driven.until(lambda: "this ( is never closed" in driven.text())
        await driven.press("escape")
        await driven.until(lambda: driven.screen.focused is look.hits)
        assert "query  orange" in driven.text()
        await driven.press("f")
        await driven.type(" fibre")
        await driven.press("enter")
        await driven.until(lambda: stage.tried == ["orange", "orange fibre"])
        await asked(driven)
        assert "query  orange fibre" in driven.text()


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_a_step_back_keeps_what_was_typed_and_stops_asking(stage: Stage, key: str) -> None:
    stage.hang = True
    stage.records = ORANGES[:-1]
    async with first_run(stage) as driven:
        await driven.type("orange")
        await driven.press("enter")
        await driven.until(lambda: isinstance(driven.screen, FirstLook) and driven.screen.sample.hits)
        process = driven.screen._child._process
        await driven.until(lambda: "● news 9  … reddit" in driven.text(), "one has answered, one is still asked")
        await driven.press(key)
        await driven.until(lambda: isinstance(driven.screen, Welcome))
        assert driven.screen.question.field.value == "orange"
        await asyncio.wait_for(process.wait(), 10)
        assert stage.wrote == []


async def test_nobody_who_says_it_is_no_network_that_is_missing(stage: Stage) -> None:
    stage.records = [{"asking": ["news"], "channels": 1}, answer("news")]
    async with first_run(stage) as driven:
        look = await look_at(driven)
        assert "Nobody says this at the moment" in driven.text()
        assert driven.screen.focused is look.bar
        await driven.press("a")
        assert "there is no hit to judge" in driven.footer()


async def test_without_a_network_it_says_so_and_tries_again_or_saves(stage: Stage) -> None:
    stage.records = list(OFFLINE)
    async with first_run(stage) as driven:
        await look_at(driven)
        assert "No source could be reached: this machine seems to have no network." in driven.text()
        assert "× hn no address is known for hn.algolia.com" in driven.text()
        await driven.press("enter")
        await driven.until(lambda: len(stage.tried) == 2)
        await asked(driven)
        await driven.press("right", "enter")
        await driven.until(lambda: isinstance(driven.screen, StreamScreen))
        assert stage.wrote == [("orange", "orange")]


async def test_a_trial_that_cannot_begin_says_why(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stage, "_try", lambda self, text: self._command([], 2, "listen: no source is configured"))
    async with first_run(stage) as driven:
        await look_at(driven)
        assert "Nothing could be asked: no source is configured" in driven.text()


async def test_a_trial_whose_program_is_gone_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stage, "_try", lambda self, text: ["/nowhere/python"])
    async with first_run(stage) as driven:
        await look_at(driven)
        assert "the sources could not be asked" in driven.text()


# --- listening -------------------------------------------------------------------------------------------------------


async def test_enter_twice_listens_and_goes_on_into_the_stream(stage: Stage) -> None:
    stage.town.talk(2)
    async with first_run(stage) as driven:
        await look_at(driven)
        await driven.press("enter", "enter")
        await driven.until(lambda: isinstance(driven.screen, StreamScreen))
        assert stage.wrote == [("orange", "orange")]
        await driven.until(lambda: driven.screen.stream.feed.ids, "the stream's mentions")
        assert driven.screen.view.text == "topic:acme"
        assert driven.app.desk.collects
        await driven.press("escape", "q")
        assert isinstance(driven.screen, StreamScreen)


async def test_a_configuration_that_is_there_stays_and_is_told(stage: Stage) -> None:
    stage.write = (2, "listen: /home/ana/config.toml is there already; edit it, or write over it with --force")
    async with first_run(stage) as driven:
        look = await look_at(driven)
        await driven.press("a", "enter", "enter")
        await driven.until(lambda: "is there already" in driven.text())
        assert isinstance(driven.screen, FirstLook)
        assert look.sample.precision.judged == 1
        assert driven.screen.focused is look.bar


async def test_what_goes_wrong_after_writing_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Stage) -> Begun:
        raise OSError("the disk is full")

    monkeypatch.setattr(Stage, "_begin", fail)
    async with first_run(stage) as driven:
        await look_at(driven)
        await driven.press("enter", "enter")
        await driven.until(lambda: "the disk is full" in driven.text())


# --- another store ---------------------------------------------------------------------------------------------------


async def test_another_store_is_opened_when_it_is_one(stage: Stage, tmp_path: Path) -> None:
    foreign, text = tmp_path / "foreign.db", tmp_path / "notes.txt"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    text.write_text("not a database at all" * 400)
    stage.town.talk(1)
    async with first_run(stage, (120, 40)) as driven:
        await driven.press("down", "down", "enter")
        await driven.until(lambda: "Which store?" in driven.text())
        field = driven.screen.question.field
        for path, told in (
            ("", "name a file"),
            (str(tmp_path / "gone.db"), "there is no file at"),
            (str(tmp_path), "is a folder"),
            ("~nobody-has-this-name/x", "home directory"),
            ("x" * 5000, "too long"),
            (str(text), "is not an SQLite file"),
            (str(foreign), "is not a listen store"),
        ):
            field.value = path
            before = driven.text()
            await driven.press("enter")
            await driven.until(
                lambda before=before: driven.screen.question._said[1] == "red" and driven.text() != before
            )
            assert told in " ".join(driven.text().split())
        field.value = str(stage.town.path)
        await driven.press("enter")
        await driven.until(lambda: isinstance(driven.screen, StreamScreen))
        await driven.until(lambda: driven.screen.stream.feed.ids)
        assert not driven.app.desk.collects
        assert stage.wrote == []


async def test_escape_leaves_the_question_for_a_store(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await driven.press("down", "down", "enter")
        await driven.until(lambda: "Which store?" in driven.text())
        await driven.press("escape")
        await driven.until(lambda: isinstance(driven.screen, Welcome))


# --- what it looks like ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (80, 24), (240, 70)])
async def test_every_size_holds(stage: Stage, size: tuple[int, int]) -> None:
    async with first_run(stage, size) as driven:
        assert len(driven.drawn()) == size[1]
        assert driven.screen.question.field.region.height == 1
        await look_at(driven)
        await driven.press("a", "j", "d", "tab", "f")
        await driven.pilot.pause()
        assert len(driven.drawn()) == size[1]


async def test_nothing_foreign_reaches_the_screen(stage: Stage) -> None:
    names = {"author": 0, "source": 1, "text": 2, "title": 3, "url": 4}
    stage.records = [{"asking": [text[:200] for text in TEXTS[:3]] + ["news"], "channels": 2}]
    for number, text in enumerate(TEXTS):
        record = hit(number, text)
        record |= {name: text for name, at in names.items() if (number + at) % 3 == 0}
        stage.records.append(record | {"spans": {"title": [[0, 5]], "text": [[2, 9]]}, "matched": [text[:50]]})
    stage.records += [answer("news", 5, TEXTS[0]), answer(TEXTS[0][:200], 0, TEXTS[1])]
    async with first_run(stage, (120, 40)) as driven:
        await look_at(driven)
        for _ in TEXTS:
            assert not any(map(FORBIDDEN.search, driven.drawn()))
            await driven.press("d")
        assert not any(map(FORBIDDEN.search, driven.drawn()))


async def test_without_colours_everything_can_be_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with first_run(stage) as driven:
        assert driven.app.colours is PLAIN
        await look_at(driven)
        await driven.press("a", "d")
        assert "✓" in driven.text()
        assert "×" in driven.text()


async def test_help_tells_the_keys_of_the_hits(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await look_at(driven)
        await driven.press("question_mark")
        await driven.until(lambda: "YES OR NO" in driven.text())
        assert "keep it: it is about what you listen for" in driven.text()


async def test_keys_of_the_stream_do_no_harm_before_there_is_one(stage: Stage) -> None:
    async with first_run(stage) as driven:
        await driven.press("down", *"12345RzuU<>JK", "ctrl+c")
        assert isinstance(driven.screen, Welcome)
        assert driven.app.return_value is None
    async with first_run(stage) as driven:
        look = await look_at(driven)
        for key in (*"12345RzU<>stA0.nN/JKeoyY+-", "ctrl+c", "space", "backspace", "asterisk", "V"):
            await driven.press(key)
            assert driven.screen is look, key
        assert stage.wrote == []


async def test_the_palette_knows_the_verbs_of_the_hits(stage: Stage) -> None:
    async with first_run(stage) as driven:
        look = await look_at(driven)
        await driven.press("colon")
        await driven.until(lambda: driven.screen is not look)
        await driven.type("refuse")
        await driven.press("enter")
        await driven.until(lambda: look.sample.precision.judged == 1)
        assert look.sample.precision.kept == 0
