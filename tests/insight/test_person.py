"""The page of a person: what became of their anger, what else they talk about, toward which topics."""

from __future__ import annotations

from pathlib import Path

from listen.insight.person import TIMELINE, person
from listen.model import Author
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

DAY = 86_400
ANN = Author("ann", followers=10)


def test_a_page_tells_all_that_is_held_of_a_person(tmp_path: Path) -> None:
    path = tmp_path / "listen.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW))
    desk = make_desk(writer)
    writer.sync_accounts({"we": ["@ours"]})
    acme, rival = desk.topics["acme"], desk.topics["rival"]

    def say(name: str, days: float, body: str, score: int | None, topics: tuple[int, ...] = (), **more: object) -> None:
        given: dict[str, object] = {"author": ANN, "hits": None if score is None else 1} | more
        desk.add([make_post(name, body, score=score, topics=dict.fromkeys(topics, score),
                            published_at=int(NOW - days * DAY), **given)])  # fmt: skip

    say("a", 30, "the acme dock burnt, horrible bicycle", -800, (acme,))
    say("ours", 29, "sorry, a new one is on its way", 300, author=Author("ours"), parent_id="a")
    say("b", 20, "rival is bad", -500, (rival,), kind="comment", parent_id="ours")
    say("c", 10, "acme again: bad", -500, (acme,))
    say("d", 2, "the acme dock is lovely now, so is my bicycle #bike", 700, (acme,), likes=3)
    say("e", 1, "https://acme.example/", None, (acme,))
    say("f", 1, "https://spam.example/ and words", 0, (acme,))
    with Triage(path, "zoe", Turned(NOW)) as triage:
        triage.set_status(desk.rows("SELECT id FROM mentions WHERE external_id = 'f'")[0], "dismissed")
    with Reader(path) as reader:
        found = person(reader, reader.persons("@ANN")[0], now=NOW)
        assert found is not None
        assert person(reader, 999, now=NOW) is None
        short = person(reader, found.who.person, now=NOW, most=2)
    assert [one.external_id for one in found.mentions] == ["f", "e", "d", "c", "b", "a"]
    assert (found.all.n, found.left_out, found.more) == (5, 1, False)
    assert (found.all.produces, found.all.comments, found.all.relays, found.all.endorsed) == (3, 1, 1, 3)
    told = [(case.mention.external_id, case.what, case.later and case.later.external_id) for case in found.cases]
    assert told == [("c", "open", None), ("b", "open", None), ("a", "recovered", "d")]
    assert (found.to_us, found.answered) == (1, 1)
    assert [(name, voice.n, voice.role) for name, voice in found.topics] == [
        ("acme", 4, "produces"), ("rival", 1, "comments"),
    ]  # fmt: skip
    assert dict(found.words)["bicycle"] == 2
    assert "acme" not in dict(found.words)
    assert found.tags == [("#bike", 1)]
    assert len(found.weeks) == TIMELINE
    assert sum(week.n for week in found.weeks) == 5
    assert sum(week.neg for week in found.weeks) == 3
    assert short is not None
    assert short.more
    assert len(short.mentions) == 2
    writer.connection.close()
