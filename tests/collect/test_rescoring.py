"""The collector scores what is stored anew when other engines run than those that scored it, by its children."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen import sentiment
from listen.collect import collector as collecting_module
from listen.collect import wire
from listen.collect.workshop import Bounds, Workshop
from listen.store import rescore, schema, sqlite
from listen.store.read import Reader
from listen.store.write import Writer
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, rows
from tests.store.posts import NOW, check_everything, make_desk, make_post

BAD = "Le service est nul, je suis très déçu"


async def test_an_older_store_is_scored_anew_in_the_background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    monkeypatch.setattr(rescore, "STEP", 2)
    store = tmp_path / "listen.db"
    schema.prepare(store)
    desk = make_desk(Writer(sqlite.connect_writer(store), TurnedClock()))
    old = [make_post(str(n), BAD, lang="fr", unscored="language fr", published_at=NOW - n) for n in range(5)]
    desk.add([*old, make_post("it", BAD, lang="it", unscored="language it")])
    desk.writer.release()
    desk.connection.close()
    async with collecting(config(store)) as run:
        await run.until(lambda: len(run.of("rescore")) == 2)
        begun, ended = (event.message for event in run.of("rescore"))
        assert begun.startswith("what is stored is scored anew, 0% done, newest first: en by vader")
        assert ended == "what is stored has been scored anew: 5 mentions have another score"
        with Reader(store) as reader:
            assert reader.rescoring() is None
    wanted = sentiment.score(BAD, "fr")
    assert rows(store, "SELECT DISTINCT lang, score, unscored FROM mentions ORDER BY lang") == [
        ("fr", wanted.score, None),
        ("it", None, "language it"),
    ]
    connection = sqlite.connect_writer(store)
    check_everything(connection)
    connection.close()
    async with collecting(config(store)) as run:
        await run.until(lambda: run.of("ready"))
        assert not run.of("rescore"), "all of it is done"


async def test_a_mention_that_kills_its_child_is_left_and_the_others_are_scored() -> None:
    said = [wire.Said("", text, "fr", None, None) for text in (BAD, "segfault")]
    hostile = (str(Path(__file__).parent / "hostile_child.py"),)
    async with Workshop(1, Bounds(cpu=5, wall=30.0, single_cpu=5, single_wall=30.0), hostile) as workshop:
        [first, second] = await workshop.rescore(said)
    assert second is None
    assert first is not None
    assert first.score == sentiment.score(BAD, "fr").score
