"""Topics that change under a running collector: by its file, by a request, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from listen.collect import collector as collecting_module
from listen.collect.topics import Refused, write
from listen.config import Config, load
from listen.config.edits import standing, written
from listen.store import requests, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, item, rows, rss, source
from tests.collect.server import Reply, Server

QUERY = ("topics", "acme", "query")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "listen.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "config.toml"
    declare(made, "acme")
    return made


def declare(file: Path, query: str, more: str = "") -> None:
    file.write_text(f'[topics.acme]\nquery = "{query}"\n{more}')


def replace_in(file: Path, before: str, after: str) -> None:
    file.write_text(file.read_text().replace(before, after))


def live(store: Path) -> list[tuple[Any, ...]]:
    """(query, mentions) of the topic that is shown."""
    return rows(
        store,
        "SELECT t.query, count(x.mention_id) FROM topics t LEFT JOIN matches x ON x.topic_id = t.id "
        "WHERE t.active GROUP BY t.id",
    )


async def test_a_topic_changes_by_file_by_request_and_back(
    store: Path, file: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    server.on("/press", Reply(body=rss(item(1, "acme one"), item(2, "acme two veltra"), item(3, "veltra three"))))

    def reload() -> Config:
        topics = {"acme": load(file).topics["acme"].query}
        return config(store, source("press", server.url("/press"), every=3600.0), topics=topics, files=(file,))

    def outcome(number: int) -> requests.Request:
        found = requests.request(people, number)
        assert found is not None
        return found

    async with collecting(reload(), reload=reload) as run:
        await run.until(lambda: run.of("page") and live(store) == [("acme", 2)])
        declare(file, "acme OR veltra")
        await run.until(lambda: live(store) == [("acme OR veltra", 3)])
        assert run.of("rematch")[0].message == "acme would gain 1 and lose 0 of the stored mentions"

        await run.until(lambda: len(run.of("rematch")) == 2)
        assert run.of("rematch")[1].message == "acme has been matched anew: 1 gained, 0 lost"

        people, clock = sqlite.connect_people(store), TurnedClock()
        number = requests.ask(people, "preview", {"topic": "acme", "query": "veltra"}, "ana", clock)
        await run.until(lambda: outcome(number).done_at)
        answer = outcome(number).answer or {}
        assert (answer["gained"], answer["lost"], answer["exact"], answer["kept_all"]) == (0, 1, True, ["press"])
        assert live(store) == [("acme OR veltra", 3)]

        number = requests.ask(people, "edit", {"topic": "acme", "query": "veltra three"}, "ana", clock)
        await run.until(lambda: live(store) == [("veltra three", 1)])
        await run.until(lambda: outcome(number).done_at)
        assert (outcome(number).answer or {})["before"] == "acme OR veltra"
        assert load(file).topics["acme"].query == "veltra three"
        told = [event.message for event in run.of("rematch")]
        assert "ana: acme would gain 0 and lose 2 of the stored mentions" in told

        with Triage(store, "ana", clock) as ana:
            undone = ana.undo()
            assert undone is not None
            assert undone.text == "undone: 1 topic changed"
            await run.until(lambda: live(store) == [("acme OR veltra", 3)])
            redone = ana.redo()
            assert redone is not None
            await run.until(lambda: live(store) == [("veltra three", 1)])
        number = requests.ask(people, "re-match", {"topic": "acme", "undo": True}, "bob", clock)
        await run.until(lambda: live(store) == [("acme OR veltra", 3)])
        assert load(file).topics["acme"].query == "acme OR veltra"

        for body in ({"topic": "acme", "query": "since:2h"}, {"topic": "nobody", "query": "x"}, {}):
            number = requests.ask(people, "edit", body, "ana", clock)
            await run.until(lambda number=number: outcome(number).done_at)  # type: ignore[misc]
            assert outcome(number).error
        assert live(store) == [("acme OR veltra", 3)]
        people.close()


def test_what_people_wrote_into_console_toml_stays(file: Path) -> None:
    theirs = "# theirs\n[sources.hn]  # a note\nenabled = false\n"
    text = written(theirs, QUERY, 'it\'s "acme"\nOR b')
    assert text.startswith(theirs)
    file.with_name("console.toml").write_text(text.replace("[sources.hn]  # a note\nenabled = false\n", ""))
    assert load(file).topics["acme"].query == 'it\'s "acme"\nOR b'
    assert written(text, QUERY, None).strip() == theirs.strip()


def test_a_fault_leaves_the_file_as_it_was(file: Path, store: Path) -> None:
    console = file.with_name("console.toml")
    with pytest.raises(Refused, match="no such place"):
        write(load(file), "acme", "b", lambda: (_ for _ in ()).throw(RuntimeError("no such place")))
    assert not console.exists()
    changed = write(load(file), "acme", "b", lambda: load(file))
    assert changed.topics["acme"].query == "b"
    assert write(changed, "acme", "acme", lambda: load(file)).topics["acme"].query == "acme"
    assert "topics" not in console.read_text(), "the store's file decides again"


async def test_views_and_topics_come_and_go_by_request_and_back(
    store: Path, file: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_module, "TICK", 0.05)
    server.on("/press", Reply(body=rss(item(1, "acme one"), item(2, "veltra two"))))
    declare(
        file,
        "acme",
        f"""
[views.crisis]
query = "acme"
[sources.press]
adapter = "feed"
every = "1h"
allow_private = ["127.0.0.1"]
urls = ["{server.url("/press")}"]
""",
    )
    console = file.with_name("console.toml")

    def reload() -> Config:
        return load(file, store=store)

    def views() -> list[tuple[str, str, bool]]:
        with Reader(store) as reader:
            return [(view.name, view.query, view.queue) for view in reader.views()]

    clock = TurnedClock()
    async with collecting(reload(), reload=reload) as run:
        await run.until(lambda: run.of("page"))
        people = sqlite.connect_people(store)

        async def asked(body: dict[str, Any]) -> requests.Request:
            number = requests.ask(people, "edit", body, "ana", clock)
            await run.until(lambda: requests.request(people, number).done_at)  # type: ignore[union-attr]
            done = requests.request(people, number)
            assert done is not None
            return done

        saved = await asked({"view": "mine", "query": "acme -toy", "queue": True})
        assert (saved.answer or {})["message"] == f"the queue mine is saved in {console}"
        assert views() == [("crisis", "acme", False), ("mine", "acme -toy", True)]
        refused = await asked({"view": "MINE", "query": "acme"})
        assert refused.error == 'there is a view "mine" already; take another name, or rename or remove that one'
        await asked({"view": "mine", "name": "ours"})
        assert views()[1] == ("ours", "acme -toy", True)
        begun = await asked({"topic": "veltra", "query": "veltra", "role": "competitor", "new": True})
        assert (begun.answer or {})["gained"] == 1
        await run.until(lambda: ("veltra", 1) in live(store))

        with Triage(store, "ana", clock) as ana, Reader(store) as reader:
            assert [(one.name, one.under) for one in reader.edits()] == [("veltra", None), ("ours", None)]
            for text, left in (
                ("topic begun", [("crisis", "acme", False), ("ours", "acme -toy", True)]),
                ("view renamed", [("crisis", "acme", False), ("mine", "acme -toy", True)]),
                ("view saved", [("crisis", "acme", False)]),
            ):
                undone = ana.undo()
                assert undone is not None
                assert undone.text == f"undone: 1 {text}"
                await run.until(lambda left=left: views() == left and not requests.open_requests(people))  # type: ignore[misc]
            assert "veltra" not in reload().topics
            assert standing(console) == {}
            assert ana.redo() is not None
            await run.until(lambda: views() == [("crisis", "acme", False), ("mine", "acme -toy", True)])
            replace_in(console, "-toy", "-game")
            await run.until(lambda: ("mine", "acme -game", True) in views())
            assert ana.undo() is not None
            await run.until(lambda: not requests.open_requests(people))
            assert ("mine", "acme -game", True) in views(), "somebody has changed it since"
        people.close()
