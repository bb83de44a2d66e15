"""Desks that give and tag what arrives, and what a change of a desk does to what waits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from listen import config as configs
from listen.clock import PlayedClock
from listen.collect import desks
from listen.collect.channels import desks_of, saved_views
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, make_desk, make_post

CLOCK = PlayedClock(0.0, float(NOW), 0.0)


class Office:
    """A store and the file that configures it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.file = folder / "listen.db", folder / "config.toml"
        schema.prepare(self.path)
        self.writer = Writer(sqlite.connect_writer(self.path), CLOCK)
        self.world: Desk = make_desk(self.writer)

    def configure(self, text: str) -> list[str]:
        """What the collector does with another file; what it says."""
        self.file.write_text(text)
        config = configs.load(self.file)
        found = desks.shifts(self.path, config, CLOCK)
        self.writer.sync_views(saved_views(config))
        self.writer.sync_lists(config.lists)
        self.writer.sync_desks(desks_of(config))
        desks.settle(self.writer, found)
        return [told for one in found if (told := desks.sentence(one))]

    def arrive(self, *texts: str, topic: str | None = "acme") -> None:
        count = self.world.one("SELECT count(*) FROM mentions")
        topics: dict[int, int | None] = {self.world.topics[topic]: None} if topic else {}
        self.world.add([make_post(f"p{count + n}", text, topics=topics) for n, text in enumerate(texts)])

    def has(self) -> dict[str, tuple[str | None, tuple[str, ...]]]:
        """Text -> (who takes care of it, its tags)."""
        with Reader(self.path) as reader:
            found = reader.mentions([row[0] for row in self.world.rows("SELECT id FROM mentions ORDER BY id")])
        return {one.text: (one.assignee, tuple(one.tags)) for one in found}

    def journal(self) -> list[tuple[str, str, int]]:
        return [tuple(row) for row in self.world.rows("SELECT by, action, count FROM journal ORDER BY id")]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


CARE = '[desks.care]\nquery = "refund"\nanswer_within = "2h"\nassign = "Ana"\ntags = ["care"]\n'


def test_a_desk_gives_and_tags_what_arrives_and_signs_it(office: Office) -> None:
    office.configure(CARE + '[desks.money]\nquery = "refund OR price"\nassign = "bo"\n')
    office.arrive("a refund please", "what price", "nothing of the kind")
    office.arrive("a refund of another", topic=None)
    assert office.has() == {
        "a refund please": ("ana", ("care",)),
        "what price": ("bo", ()),
        "nothing of the kind": (None, ()),
        "a refund of another": (None, ()),
    }
    assert office.journal() == [
        ("desk care", "given to ana, tagged care", 1),
        ("desk care", "given to ana, tagged care", 1),
        ("desk money", "given to bo", 1),
    ]
    with Triage(office.path, "zoe", CLOCK) as people:
        assert people.undo() is None, "it is nobody's own action"
        done = people.undo(1)
        assert done is not None
        assert done.count == 1
    assert office.has()["a refund please"] == (None, ())
    steps = office.world.rows("SELECT step, id FROM journal")
    assert steps[0][0] == steps[1][0] == steps[0][1] != steps[2][0]


def test_a_changed_desk_says_what_it_takes_and_lets_go_of_and_does_it(office: Office) -> None:
    office.configure(CARE)
    office.arrive("refund one", "refund two", "refund three", "broken four", "broken five")
    ids = {text: number for number, text in office.world.rows("SELECT id, text FROM mentions")}
    with Triage(office.path, "zoe", CLOCK) as people:
        people.assign([ids["refund two"]], "zoe")
        people.set_status([ids["refund three"], ids["broken five"]], "done")
    assert office.configure(CARE.replace("refund", "broken")) == ["care would take 1 waiting mention, let go of 2"]
    assert office.has() == {
        "refund one": (None, ()),
        "refund two": ("zoe", ()),
        "refund three": ("ana", ("care",)),
        "broken four": ("ana", ("care",)),
        "broken five": (None, ()),
    }
    assert office.configure(CARE.replace("refund", "broken").replace("Ana", "bo")) == []
    assert office.has()["broken four"] == ("bo", ("care",))
    assert office.configure("") == ["care would take 0 waiting mentions, let go of 1"]
    assert office.has()["broken four"] == (None, ())


def test_a_desk_that_only_asks_costs_nothing_at_arrival(office: Office) -> None:
    assert office.configure('[desks.care]\nquery = "refund"\n[desks.sales]\n') == []
    office.arrive("a refund please")
    assert office.journal() == []
    with Reader(office.path) as reader:
        assert [one.name for one in reader.desks() if one.open] == ["sales", "care"]
        assert json.loads(reader.state("desks") or "[]")[0]["open"] is False
