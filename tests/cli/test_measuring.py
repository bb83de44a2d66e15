"""`sentiment check`."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from listen.clock import PlayedClock
from listen.store import samples, schema, sqlite
from listen.store.read import Count, Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

SCORES = [-500] * 30 + [0] * 12 + [400] * 18


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, list[int]]:
    """Sixty mentions of `acme`, and one that is not."""
    path = tmp_path / "listen.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW))
    desk = make_desk(writer)
    acme = desk.topics["acme"]
    posts = [
        make_post(f"p{n}", f"acme \x1b[31mnumber {n}", topics={acme: one}, score=one, hits=1)
        for n, one in enumerate(SCORES)
    ]
    ids = desk.add(posts).new_ids
    desk.add([make_post("other", "rival")])
    writer.connection.close()
    return path, list(ids)


def labels(tmp_path: Path, said: dict[int, str]) -> Path:
    file = tmp_path / "labels.txt"
    file.write_text("# mine\n\n" + "".join(f"{one} {word}\n" for one, word in said.items()))
    return file


def test_a_sample_is_labelled_blind_and_measured(
    listen: Commands, stored: tuple[Path, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = stored
    asked = ("--topic", "ACME", "--db", path)
    drawn = listen("sentiment", "check", "--sample", "55", *asked)
    assert (drawn.code, len(drawn.records), "55 of all 60 at random (seed 1)" in drawn.err) == (0, 55, True)
    for record in drawn.records:
        assert record["label"] is None
        assert not {"sentiment", "tone", "unscored", "correction", "topics"} & record.keys(), (
            "nothing that was computed"
        )
    sample = [int(str(record["id"])) for record in drawn.records]
    assert listen("sentiment", "check", *asked).out == drawn.out, "the same one is gone on with"
    assert listen("sentiment", "check", "--seed", "2", *asked).out != drawn.out

    right = {one: "-" if ids.index(one) < 30 else "0" if ids.index(one) < 42 else "+" for one in sample}
    wrong = dict.fromkeys([one for one in sample if right[one] == "-"][:6], "pos")
    few = listen("sentiment", "check", "--labels", labels(tmp_path, dict(list(right.items())[:20])), *asked)
    assert (few.code, "too few: 30 more are needed" in few.out, "accuracy" in few.out) == (1, True, False)
    done = listen("sentiment", "check", "--json", "--labels", labels(tmp_path, right | wrong), *asked)
    (record,) = done.records
    assert (done.code, record["n"], record["few"], record["topic"]) == (0, 55, False, "acme")
    assert record["accuracy"]["value"] == pytest.approx(49 / 55, abs=1e-4)  # type: ignore[index]
    assert record["confusion"][2][0] == 6  # type: ignore[index]
    assert record["computed"] == {"neg": 0.5, "neu": 0.2, "pos": 0.3}
    assert record["estimated"]["neg"]["value"] < 0.5  # type: ignore[index]

    with monkeypatch.context() as slow:
        slow.setattr(Reader, "count", lambda *_, **__: Count(0, complete=False))
        (sampled,) = listen("sentiment", "check", "--figures", "--json", *asked).records
    assert sampled["computed"] == record["computed"], "what cannot be counted in time is sampled"

    with Triage(path, "ana", Turned(NOW)) as triage:
        triage.correct(list(wrong), "pos")
    (again,) = listen("sentiment", "check", "--figures", "--json", *asked).records
    assert again["accuracy"] == record["accuracy"], "what is corrected is no better computed"

    with Triage(path, "bob", Turned(NOW)) as triage:
        (kept,) = [one.id for one in samples.every(triage.connection) if one.seed == 1]
        samples.label(triage.connection, kept, dict.fromkeys(sample[:50], 1), "bob", Turned(NOW))
    text = listen("sentiment", "check", "--figures", *asked).out
    for told in (
        "accuracy",
        "wrong sign",
        "Cohen's kappa",
        "macro-F1",
        "estimated without the errors",
        " agree on ",
    ):
        assert told in text

    monkeypatch.setenv("LISTEN_CLOCK", str(PlayedClock(time.time(), NOW, 1.0)))
    page = listen("portrait", "acme", "--days", "3", "--db", path)
    assert "toward acme, estimated from 55 labels: negative" in page.out
    (told,) = listen("portrait", "acme", "--days", "3", "--json", "--db", path).records
    assert told["measured"]["n"] == 55  # type: ignore[index]


def test_by_tone_draws_as_many_of_each(listen: Commands, stored: tuple[Path, list[int]]) -> None:
    path, ids = stored
    drawn = listen("sentiment", "check", "acme", "--by-tone", "--sample", "20", "--db", path)
    places = [ids.index(int(str(record["id"]))) for record in drawn.records]
    assert [sum(low <= at < high for at in places) for low, high in ((0, 30), (30, 42), (42, 60))] == [5, 5, 5]
    assert "neg 5 of 30" in drawn.err


def test_wrong_labels_are_told(listen: Commands, stored: tuple[Path, list[int]], tmp_path: Path) -> None:
    path, ids = stored
    ran = listen("sentiment", "check", "acme", "--labels", labels(tmp_path, {ids[0]: "+"}), "--db", path)
    assert (ran.code, "no sample of this is kept" in ran.err) == (2, True)
    listen("sentiment", "check", "acme", "--sample", "5", "--db", path)
    for said, message in (({17: "good"}, "line 3: '17 good' is no label"), ({17: "+"}, "1 of 1 are in no sample")):
        ran = listen("sentiment", "check", "acme", "--labels", labels(tmp_path, said), "--db", path)
        assert (ran.out.startswith("accuracy"), message in ran.err) == (False, True)
    assert listen("sentiment", "check", "nowhere", "--db", path).code == 1
    assert "not both" in listen("sentiment", "check", "acme", "--topic", "acme", "--db", path).err
