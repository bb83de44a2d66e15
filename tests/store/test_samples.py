"""Random samples, and what people said of them."""

from __future__ import annotations

from pathlib import Path

from listen.store import samples
from listen.store.read import Reader
from listen.store.sqlite import connect_people
from tests.store.posts import NOW, Desk, Turned, make_post


def test_a_sample_is_kept_once_and_labelled_by_several(desk: Desk, store_path: Path) -> None:
    posts = [make_post(name, "battery", score=score) for name, score in (("x", -400), ("y", 20), ("z", 300))]
    posts.append(make_post("foreign", "bateria", score=None, unscored="language es"))
    ids = desk.add(posts).new_ids
    clock, connection = Turned(NOW), connect_people(store_path)
    drawn = samples.Drawn("battery", "", 7, "4 of all 4", [samples.Member(one, "", 4) for one in ids])
    kept = samples.keep(connection, drawn, clock)
    assert samples.keep(connection, drawn, clock) == kept
    assert samples.keep(connection, drawn._replace(topic="power"), clock) != kept
    assert samples.label(connection, kept, {ids[0]: 1, ids[1]: 0, ids[3]: 0, 17: 1}, "ana", clock) == 3
    samples.label(connection, kept, {ids[0]: -1}, "bob", clock)
    samples.label(connection, kept, {ids[0]: -1, ids[3]: None}, "ana", clock)
    with Reader(store_path) as reader:
        assert [one.query for one in reader.samples()] == ["battery", "battery"]
        members, said = reader.sampled(kept, "ana")
        assert [one.mention_id for one in members] == list(ids)
        assert said == {ids[0]: -1, ids[1]: 0}
        first, second = reader.cases([kept])
        assert (first.said, first.scored, first.of) == ({"ana": -1, "bob": -1}, -1, 4)
        assert (second.said, second.scored) == ({"ana": 0}, 0)
    desk.writer.delete([ids[0]])
    assert connection.execute("SELECT count(*) FROM blind WHERE mention_id = ?", (ids[0],)).fetchone() == (0,)
    assert len(samples.members(connection, kept)) == 3
    connection.close()


def test_of_a_topic_it_is_the_tone_toward_it(desk: Desk, store_path: Path) -> None:
    acme = desk.topics["acme"]
    (one,) = desk.add([make_post("x", "left rival, love acme", score=-400, topics={acme: 600})]).new_ids
    clock, connection = Turned(NOW), connect_people(store_path)
    for topic, scored in (("acme", 1), ("", -1), ("gone", None)):
        kept = samples.keep(connection, samples.Drawn("acme", topic, 1, "", [samples.Member(one)]), clock)
        samples.label(connection, kept, {one: 1}, "ana", clock)
        assert [case.scored for case in samples.cases(connection, [kept])] == [scored]
    connection.close()


def test_a_correction_changes_no_case(desk: Desk, store_path: Path) -> None:
    from listen.store.triage import Triage

    (one,) = desk.add([make_post("x", "battery", score=-400)]).new_ids
    clock, connection = Turned(NOW), connect_people(store_path)
    kept = samples.keep(connection, samples.Drawn("", "", 1, "", [samples.Member(one)]), clock)
    samples.label(connection, kept, {one: -1}, "ana", clock)
    with Triage(store_path, "ana", clock) as triage:
        triage.correct([one], "pos", None)
    with Reader(store_path) as reader:
        assert reader.mention(one).score > 0
        assert [case.scored for case in reader.cases([kept])] == [-1]
    connection.close()
