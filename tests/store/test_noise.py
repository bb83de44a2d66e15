"""Noise in the store: left out of queues and numbers, taken back by people, judged anew when the patterns change."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen import query
from listen.model import Author
from listen.noise import FLOOD, Pattern
from listen.store import noise, sqlite, verdicts
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, Turned, check_everything, make_post

COUPON = Pattern('"promo code"', "offers a coupon")
FLOODS = Pattern("", "says the same again and again")
SPAM, FINE = "use promo code ACME10", "the battery died"


@pytest.fixture
def judged(desk: Desk) -> Desk:
    desk.writer.sync_noise({"coupon": COUPON, FLOOD: FLOODS})
    return desk


def found(path: Path, asked: str) -> list[int]:
    with Reader(path) as reader:
        return reader.page(query.parse(asked), now=NOW, budget=None).ids


def finish(desk: Desk) -> None:
    while noise.left(desk.connection):
        desk.writer.idle()


def test_noise_counts_nowhere_and_waits_for_nobody(judged: Desk, store_path: Path) -> None:
    spam, fine = judged.add([make_post("s", SPAM, topics={1: 50}), make_post("f", FINE, topics={1: -50})]).new_ids
    assert (found(store_path, "is:noise"), found(store_path, "-is:noise")) == ([spam], [fine])
    assert (found(store_path, "status:new"), found(store_path, "status:skipped")) == ([fine], [spam])
    with Reader(store_path) as reader:
        (acme,) = (topic for topic in reader.topics(now=NOW) if topic.name == "acme")
        assert (acme.mentions, acme.new) == (1, 1)
        assert reader.verdict(spam) == (True, (("coupon", COUPON.reason),), None, None)
        assert reader.verdict(fine) == (False, (), None, None)
        assert [row.noise for row in reader.rows([spam, fine])] == [True, False]
    check_everything(judged.connection)


def test_a_persons_word_counts_stays_and_is_undone(judged: Desk, store_path: Path, clock: Turned) -> None:
    spam, fine = judged.add([make_post("s", SPAM, topics={1: 50}), make_post("f", FINE)]).new_ids
    with Triage(store_path, "ana", clock) as ana:
        assert ana.call_noise([spam], False).text == "1 no noise"
        assert ana.call_noise([fine], True).text == "1 noise"
        assert found(store_path, "is:noise") == [fine]
        judged.writer.sync_noise({"coupon": Pattern("promo", "offers a coupon"), "died": Pattern("died", "sad")})
        finish(judged)
        assert found(store_path, "is:noise") == [fine]
        with Reader(store_path) as reader:
            assert reader.verdict(spam) == (False, (("coupon", COUPON.reason),), False, "ana")
            assert reader.verdict(fine) == (True, (("died", "sad"),), True, "ana")
        judged.add([make_post("s", f"{SPAM} now", edited_at=NOW)])
        assert found(store_path, "is:noise") == [fine]
        ana.undo()
        ana.undo()
    assert set(found(store_path, "is:noise")) == {spam, fine}
    check_everything(judged.connection)


def test_what_is_stored_is_judged_anew_step_by_step(
    desk: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "STEP", 2)
    ids = desk.add([make_post(str(n), SPAM if n % 2 else FINE, author=Author(str(n))) for n in range(7)]).new_ids
    desk.writer.sync_noise({"coupon": COUPON})
    assert found(store_path, "is:noise") == []
    verdicts.step(desk.writer)
    assert found(store_path, "is:noise") == ids[5:6], "newest first, two at a time"
    verdicts.step(desk.writer)
    assert noise.left(desk.connection) == ids[3]
    finish(desk)
    assert found(store_path, "is:noise") == ids[1::2][::-1]
    desk.writer.sync_noise({"coupon": COUPON})
    assert not noise.left(desk.connection), "the same patterns leave it as it is"
    desk.writer.sync_noise({})
    finish(desk)
    assert found(store_path, "is:noise") == []
    assert desk.rows("SELECT * FROM noise") == desk.rows("SELECT * FROM aside") == []
    check_everything(desk.connection)


def test_a_flood_is_seen_as_it_comes_and_in_what_is_stored(judged: Desk, store_path: Path) -> None:
    said = "Acme is the best shop in town, believe me {}"
    posts = [make_post(str(n), said.format(n), published_at=NOW - 60 + n, topics={1: 0}) for n in range(6)]
    ids = [one for post in posts for one in judged.add([post]).new_ids]
    assert found(store_path, "is:noise") == ids[:0:-1]
    with Reader(store_path) as reader:
        assert reader.verdict(ids[3]).reasons == ((FLOOD, FLOODS.reason),)
    judged.writer.sync_noise({"coupon": COUPON})
    finish(judged)
    assert found(store_path, "is:noise") == []
    judged.writer.sync_noise({"coupon": COUPON, FLOOD: FLOODS})
    finish(judged)
    assert found(store_path, "is:noise") == ids[:0:-1]
    check_everything(judged.connection)


def test_a_flood_that_spans_a_restart_is_seen(judged: Desk, store_path: Path, clock: Turned) -> None:
    from listen.store.write import Writer

    said = "Acme is the best shop in town, believe me {}"
    judged.add([make_post(str(n), said.format(n), published_at=NOW - 60 + n) for n in range(4)])
    judged.connection.close()
    writer = Writer(sqlite.connect_writer(store_path), clock)
    writer.claim()
    writer.add(judged.channels["a1"].id, [make_post("4", said.format(4), published_at=NOW - 9)], seen_at=NOW)
    assert len(found(store_path, "is:noise")) == 4
    writer.connection.close()


def test_an_edit_is_judged_and_what_is_taken_away_is_no_noise(judged: Desk, store_path: Path) -> None:
    (one,) = judged.add([make_post("x", FINE, topics={1: 0})]).new_ids
    judged.add([make_post("x", SPAM, edited_at=NOW, topics={1: 0})])
    assert found(store_path, "is:noise") == [one]
    judged.add([make_post("x", FINE, edited_at=NOW + 1, topics={1: 0})])
    assert found(store_path, "is:noise") == []
    judged.add([make_post("x", SPAM, edited_at=NOW + 2)])
    judged.add([make_post("x", "", state="deleted")])
    assert found(store_path, "is:noise") == []
    judged.writer.delete([one])
    assert judged.rows("SELECT * FROM noise") == []
    check_everything(judged.connection)


def test_a_reply_is_not_blamed_for_the_title_that_it_stands_under(judged: Desk, store_path: Path) -> None:
    posts = [
        make_post("1", "it never worked", title=f"Re: {SPAM}"), make_post("2", "no", title=SPAM, kind="comment"),
        make_post("3", "yes", title=SPAM), make_post("4", SPAM, title="Re: x"),
    ]  # fmt: skip
    ids = judged.add(posts).new_ids
    assert found(store_path, "is:noise") == [ids[3], ids[2]]
    judged.writer.sync_noise({"coupon": COUPON, "other": Pattern("other", "other")})
    finish(judged)
    assert found(store_path, "is:noise") == [ids[3], ids[2]]


def test_what_we_say_ourselves_is_no_noise(judged: Desk, store_path: Path) -> None:
    (one,) = judged.add([make_post("1", SPAM, author=Author("us"), topics={1: 0})]).new_ids
    assert found(store_path, "is:noise") == [one]
    judged.writer.sync_accounts({"we": ["@us"]})
    while judged.writer.idle():
        pass
    assert (found(store_path, "is:noise"), found(store_path, "is:own")) == ([], [one])
    (two,) = judged.add([make_post("2", SPAM, author=Author("us"))]).new_ids
    assert found(store_path, "is:noise") == []
    judged.writer.sync_accounts({})
    while judged.writer.idle():
        pass
    assert set(found(store_path, "is:noise")) == {one, two}
    check_everything(judged.connection)
