"""The writer: identity, ids, sightings, edits, deletions, transactions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen.model import EPOCH, Author, first_id, id_time
from listen.store import ids, posts, schema, sqlite, write
from listen.store.sqlite import StoreError
from listen.store.triage import Triage
from listen.store.write import ChannelUpdate, Delivery, LostLock, Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, fast, make_desk, make_post

# --- ids and identity ------------------------------------------------------------------------------------------------


def test_an_id_is_the_earlier_of_published_and_seen(desk: Desk) -> None:
    added = desk.add(
        [make_post("early", published_at=NOW - 50), make_post("ahead", published_at=NOW + 999), make_post("undated")]
    )
    assert [id_time(one) for one in added.new_ids] == [NOW - 50, NOW, NOW]
    assert added.new_ids[0] == first_id(NOW - 50)


def test_a_time_before_2000_is_the_first_id_of_all(desk: Desk) -> None:
    assert desk.add([make_post("old", published_at=-5), make_post("older", published_at=EPOCH - 1)]).new_ids == [0, 1]


def test_a_full_second_spills_into_the_next_and_into_later_batches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.add([make_post(f"a{n}", published_at=NOW - 9) for n in range(4095)])
    second = desk.add([make_post(f"b{n}", published_at=NOW - 9) for n in range(3)])
    desk.writer._ids.forget()
    third = desk.add([make_post(f"c{n}", published_at=NOW - 9) for n in range(2)])
    low = first_id(NOW - 9)
    assert first.new_ids + second.new_ids + third.new_ids == list(range(low, low + 4100))
    desk.writer._ids.forget()
    assert desk.add([make_post("d", published_at=NOW - 8)]).new_ids == [low + 4100]


def test_a_second_that_is_no_longer_remembered_goes_on_where_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids, "REMEMBERED", 0)
    stored = [desk.add([make_post(f"{n}", published_at=NOW - 9)]).new_ids for n in range(3)]
    assert stored == [[first_id(NOW - 9) + n] for n in range(3)]


def test_adding_the_same_batch_again_changes_nothing(world: Desk) -> None:
    posts = [make_post("x1", "the battery", topics={1: 5}), make_post("x2", "again")]
    first = world.add(posts)
    rows = {table: world.rows(f"SELECT * FROM {table}") for table in KEPT_TABLES}
    second = world.add(posts)
    assert (len(first.new_ids), first.again, first.changed) == (2, 0, 0)
    assert (second.new_ids, second.again, second.changed) == ([], 2, 0)
    assert rows == {table: world.rows(f"SELECT * FROM {table}") for table in KEPT_TABLES}
    check_everything(world.connection)


KEPT_TABLES = (
    *("mentions", "sightings", "authors", "matches", "inbox", "hourly", "hourly_topic", "daily", "daily_topic"),
    *("arrivals", "partitions", "channels", "networks"),
)


def test_duplicates_within_a_batch_are_one_mention_and_the_last_version_counts(desk: Desk) -> None:
    added = desk.add([make_post("x", "first"), make_post("y", "other"), make_post("x", "second")])
    assert (len(added.new_ids), added.again) == (2, 1)
    assert desk.rows("SELECT external_id, text FROM mentions ORDER BY id") == [("x", "second"), ("y", "other")]
    added = desk.add([make_post("z", "newer", edited_at=9), make_post("z", "older", edited_at=5)])
    assert desk.one("SELECT text FROM mentions WHERE external_id = 'z'") == "newer"
    check_everything(desk.connection)


def test_the_same_id_on_two_networks_is_two_mentions(desk: Desk) -> None:
    assert len(desk.add([make_post("1", network="one"), make_post("1", network="two")]).new_ids) == 2


def test_identities_that_share_a_hash_stay_apart(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ids, posts, write):
        monkeypatch.setattr(module, "key_of", lambda network, external_id: (1 << 63) - 2)
    first = desk.add([make_post(name, name) for name in ("a", "b", "c")])
    again = desk.add([make_post(name, name) for name in ("d", "c", "b", "a")])
    assert (len(first.new_ids), len(again.new_ids), again.again) == (3, 1, 3)
    assert [key for (key,) in desk.rows("SELECT key FROM mentions ORDER BY id")] == [
        (1 << 63) - 2, (1 << 63) - 1, -(1 << 63), 1 - (1 << 63)
    ]  # fmt: skip
    # One that goes leaves no hole behind which the others would be lost.
    assert desk.writer.delete([first.new_ids[1]]) == 1
    for name in ("a", "c", "d"):
        assert ids.identified(desk.connection, "net", name) is not None
    assert ids.identified(desk.connection, "net", "b") is None
    assert desk.add([make_post(name, name) for name in ("a", "c", "d")]).again == 3
    check_everything(desk.connection)


@given(homes=st.lists(st.integers(0, 3), min_size=2, max_size=8), gone=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_deletion_leaves_all_others_findable(homes: list[int], gone: st.DataObject, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("probe") / "listen.db"
    schema.prepare(path)
    with pytest.MonkeyPatch.context() as patch:
        for module in (ids, posts, write):
            patch.setattr(module, "key_of", lambda network, external_id: homes[int(external_id)])
        desk = make_desk(Writer(fast(sqlite.connect_writer(path)), Turned(NOW)))
        stored = desk.add([make_post(str(number)) for number in range(len(homes))]).new_ids
        out = gone.draw(st.sets(st.integers(0, len(homes) - 1)))
        desk.writer.delete([stored[number] for number in out])
        for number, mention in enumerate(stored):
            wanted = None if number in out else mention
            assert ids.identified(desk.connection, "net", str(number)) == wanted
        desk.connection.close()


# --- sightings -------------------------------------------------------------------------------------------------------


def test_another_channel_is_a_sighting_and_another_source_a_facet(desk: Desk) -> None:
    post = make_post("x", "battery", topics={1: -100})
    (mention,) = desk.add([post]).new_ids
    assert desk.add([post], "a2").again == 1
    assert desk.found('"s_2"') == []
    assert desk.add([post], "b1") == desk.add([post], "b1")
    assert desk.found('"s_1" AND "s_2" AND "battery"') == [mention]
    assert desk.rows("SELECT channel_id FROM sightings") == [(1,), (2,), (3,)]
    assert desk.rows("SELECT source_id FROM matches") == [(1,)]
    assert desk.rows("SELECT key, mentions FROM channels ORDER BY id") == [("a1", 1), ("a2", 0), ("b1", 0), ("b2", 0)]
    check_everything(desk.connection)


def test_two_channels_in_one_transaction_may_hear_the_same(desk: Desk) -> None:
    x, y, z = make_post("x", "battery", topics={1: 1}), make_post("y", "phone"), make_post("z", "late")
    one, two = desk.writer.add_all(
        [
            Delivery(desk.channels["a1"].id, [x, y, x], NOW),
            Delivery(desk.channels["b1"].id, [z, replace(y, text="edited", words="edited", edited_at=NOW), x], NOW + 1),
        ]
    )
    assert (len(one.new_ids), one.again, one.changed) == (2, 1, 0)
    assert (len(two.new_ids), two.again, two.changed) == (1, 2, 1)
    assert desk.found('"s_1" AND "s_2"') == one.new_ids
    assert desk.found('"edited"') == [one.new_ids[1]]
    check_everything(desk.connection)


# --- edits -----------------------------------------------------------------------------------------------------------


def test_an_edit_keeps_id_and_triage_and_moves_everything_else(store_path: Path, desk: Desk, clock: Turned) -> None:
    (mention, other) = desk.add(
        [make_post("x", "battery died", topics={1: -600, 2: None}, score=-600, hits=2), make_post("y", "battery")]
    ).new_ids
    with Triage(store_path, "ana", clock) as ana:
        ana.set_status([mention], "done")
    edited = make_post("x", "all fine now", topics={2: 500, 3: 500}, score=500, hits=1, lang="fr", edited_at=NOW + 5)
    assert desk.add([edited], seen_at=NOW + 9).changed == 1
    assert desk.rows("SELECT id, text, lang, score, state, edited_at FROM mentions WHERE external_id='x'") == [
        (mention, "all fine now", "fr", 500, 1, NOW + 5)
    ]
    assert desk.rows("SELECT topic_id, score, hits, lang, state FROM matches") == [
        (2, 500, 1, "fr", 1),
        (3, 500, 1, "fr", 1),
    ]
    assert desk.found('"died"') == []
    assert desk.found('"fine" AND "t_3" AND "l_fr" AND "c_p5"') == [mention]
    assert desk.rows("SELECT * FROM inbox") == [(0, other)]
    assert desk.rows("SELECT mention_id FROM arrivals") == [(mention,), (other,)]
    check_everything(desk.connection)


@pytest.mark.parametrize(
    ("edited_at", "channel", "stored"),
    [
        (None, "a1", "new text"),  # the first channel says so
        (None, "b1", "battery"),  # another server's rendering
        (NOW - 5, "a1", "battery"),  # an older version
        (NOW - 5, "b1", "battery"),
        (NOW + 5, "b1", "new text"),  # dated later: true whoever says it
    ],
)
def test_which_version_is_believed(desk: Desk, edited_at: int | None, channel: str, stored: str) -> None:
    first = make_post("x", "battery", edited_at=None if edited_at is None else NOW)
    desk.add([first])
    desk.add([make_post("x", "new text", edited_at=edited_at)], channel)
    assert desk.one("SELECT text FROM mentions") == stored
    check_everything(desk.connection)


def test_counts_are_refreshed_without_touching_the_index(desk: Desk) -> None:
    post = make_post("x", "battery", likes=3, views=10)
    desk.add([post])
    desk.add([make_post("other")])
    pages = desk.rows("SELECT id, block FROM search_1_data")
    assert desk.add([replace(post, likes=5, replies=0, views=None)]).changed == 0
    assert desk.rows("SELECT likes, replies, reposts, views FROM mentions WHERE external_id='x'") == [(5, 0, None, 10)]
    desk.add([replace(post, likes=2, replies=1)], "a2")  # another server lags behind
    assert desk.rows("SELECT likes, replies, reposts, views FROM mentions WHERE external_id='x'") == [(5, 1, None, 10)]
    desk.add([replace(post, likes=2)])
    assert desk.one("SELECT likes FROM mentions WHERE external_id='x'") == 2
    assert pages == desk.rows("SELECT id, block FROM search_1_data")


def test_a_new_date_moves_no_id(desk: Desk) -> None:
    (mention,) = desk.add([make_post("x", "battery", published_at=NOW - 100)]).new_ids
    desk.add([make_post("x", "battery", published_at=NOW - 50)])
    assert desk.rows("SELECT id, published_at FROM mentions") == [(mention, NOW - 50)]


def test_a_post_that_was_taken_away_loses_its_words_for_good(store_path: Path, desk: Desk, clock: Turned) -> None:
    post = make_post("x", "battery", title="Battery", topics={1: -600}, score=-600, hits=1)
    (mention,) = desk.add([post]).new_ids
    with Triage(store_path, "ana", clock) as ana:
        ana.star([mention])
        assert desk.add([make_post("x", state="deleted"), make_post("never heard of", state="deleted")]).changed == 1
        assert desk.rows("SELECT id, title, text, lang, score, unscored, state FROM mentions") == [
            (mention, None, "", None, None, "deleted", 2)
        ]
        assert desk.found('"battery"') == []
        assert (
            desk.rows("SELECT * FROM matches")
            == desk.rows("SELECT * FROM inbox")
            == desk.rows("SELECT * FROM daily")
            == []
        )
        assert desk.rows("SELECT starred FROM triage") == [(1,)]
        # Another server has not heard of it yet; and taking a star back does not make it wait.
        assert desk.add([replace(post, edited_at=NOW + 9)], "b1").changed == 0
        ana.set_status([mention], "done")
        ana.undo()
    assert desk.rows("SELECT * FROM inbox") == []
    assert desk.one("SELECT text FROM mentions") == ""
    check_everything(desk.connection)


def test_created_and_deleted_in_one_batch_is_nothing(desk: Desk) -> None:
    added = desk.add([make_post("x", "battery"), make_post("x", state="deleted")])
    assert (added.new_ids, desk.rows("SELECT * FROM mentions")) == ([], [])


def test_edit_and_delete_by_id(store_path: Path, world: Desk, clock: Turned) -> None:
    mention = world.one("SELECT id FROM mentions WHERE external_id = 'p4'")
    assert world.writer.edit(mention, make_post("p4", "quite another", topics={3: 10}))
    assert world.found('"quite" AND "t_3"') == [mention]
    check_everything(world.connection)
    with Triage(store_path, "ana", clock) as ana:
        ana.set_status([mention], "done")
    assert world.writer.delete([mention, mention, 12345]) == 1
    assert not world.writer.edit(mention, make_post("p4", "more"))
    for table, column in (
        ("mentions", "id"),
        ("matches", "mention_id"),
        ("sightings", "mention_id"),
        ("triage", "mention_id"),
    ):
        assert world.rows(f"SELECT * FROM {table} WHERE {column} = ?", mention) == []
    check_everything(world.connection)


def test_deleted_words_leave_the_file(store_path: Path, desk: Desk) -> None:
    (mention, _) = desk.add([make_post("x", "zanzibarzanzibar", author=None), make_post("y", "stays")]).new_ids
    desk.writer.delete([mention])
    while desk.writer.idle():
        pass
    desk.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"zanzibar" not in store_path.read_bytes()
    assert b"stays" in store_path.read_bytes()


# --- people, platforms -----------------------------------------------------------------------------------------------


def test_authors_are_one_row_a_handle_and_learn(desk: Desk) -> None:
    desk.add([make_post("1", author=Author("Zoé@example.social", "Zoé", None, 10)), make_post("2", author=None)])
    desk.add([make_post("3", author=Author("zoé@example.social", None, "https://example.social/@zoe", None))])
    desk.add([make_post("4", author=Author("ZOÉ@example.social", "Zoé D.", None, 12)), make_post("5", network="other")])
    assert desk.rows("SELECT handle, name, url, followers, handle_key, name_key FROM authors") == [
        ("Zoé@example.social", "Zoé D.", "https://example.social/@zoe", 12, "zoe@example.social", "zoe d."),
        ("joe", None, None, None, "joe", None),
    ]
    assert desk.rows("SELECT author_id FROM mentions ORDER BY id") == [(1,), (None,), (1,), (1,), (2,)]
    desk.writer._authors.forget()
    desk.add([make_post("6", author=Author("zoe@example.social"))])
    assert desk.one("SELECT count(*) FROM authors") == 2


def test_two_spellings_of_a_handle_in_one_batch(desk: Desk) -> None:
    desk.add(
        [make_post("1", author=Author("Joe", None, None, 1)), make_post("2", author=Author("JOE", "Joe", None, 2))]
    )
    assert desk.rows("SELECT handle, name, followers FROM authors") == [("Joe", "Joe", 2)]


# --- channels, state, rejects ----------------------------------------------------------------------------------------


def test_cursor_and_posts_commit_together_or_not_at_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    update = ChannelUpdate(cursor={"since": 5}, etag="W/1", errors=0, error=None, next_at=NOW + 60)
    before = {table: desk.rows(f"SELECT * FROM {table}") for table in KEPT_TABLES}
    monkeypatch.setattr(posts.rejects, "add", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        desk.add([make_post("x", "battery", topics={1: 1})], update=update)
    assert before == {table: desk.rows(f"SELECT * FROM {table}") for table in KEPT_TABLES}
    monkeypatch.undo()
    (mention,) = desk.add([make_post("x", "battery", topics={1: 1})], update=update).new_ids
    assert mention == first_id(NOW)
    assert desk.rows("SELECT cursor, etag, next_at, mentions, new_at FROM channels WHERE id=1") == [
        ('{"since":5}', "W/1", NOW + 60, 1, NOW)
    ]
    check_everything(desk.connection)


def test_a_channel_update_keeps_what_it_does_not_name_and_empties_what_it_says(desk: Desk) -> None:
    one = desk.channels["a1"].id
    desk.writer.update_channel(one, ChannelUpdate(etag="x", last_modified="y", error="bad", errors=2, rate_left=5))
    desk.writer.update_channel(one, ChannelUpdate(error=None, errors=0))
    row = desk.writer.sync_channels(1, [("a1", "renamed")])["a1"]
    assert (row.etag, row.last_modified, row.error, row.errors, row.rate_left, row.label) == (
        "x",
        "y",
        None,
        0,
        5,
        "renamed",
    )
    assert row.cursor == {}


def test_what_is_no_longer_configured_stays_and_may_return(desk: Desk) -> None:
    desk.add([make_post("x")], update=ChannelUpdate(cursor={"at": 7}))
    assert set(desk.writer.sync_sources([("b", "mastodon", {"hosts": ["h"]})])) == {"b"}
    assert set(desk.writer.sync_channels(1, [("a2", "second")])) == {"a2"}
    assert desk.rows("SELECT name, active, settings FROM sources") == [("a", 0, "{}"), ("b", 1, '{"hosts": ["h"]}')]
    back = desk.writer.sync_channels(1, [("a1", "first")])["a1"]
    assert (back.id, back.cursor) == (desk.channels["a1"].id, {"at": 7})


def test_topics_keep_their_id_through_absence_and_an_edit_makes_another_beside(desk: Desk, clock: Turned) -> None:
    clock.at += 100
    again = desk.writer.sync_topics([("power", "battery OR charger", "brand")])
    assert again == {"power": desk.topics["power"]}
    assert desk.rows("SELECT name, query, role, active, since FROM topics") == [
        ("acme", "acme", "brand", 0, NOW), ("rival", "rival", "competitor", 0, NOW),
        ("power", "battery", "brand", 1, NOW), ("power", "battery OR charger", "brand", 0, NOW + 100),
    ]  # fmt: skip
    assert desk.writer.sync_topics([("acme", "acme", "theme")]) == {"acme": desk.topics["acme"]}
    assert desk.one("SELECT since FROM topics WHERE name = 'acme'") == NOW


def test_hosts_that_asked_for_patience(desk: Desk) -> None:
    desk.writer.set_host("h:443", NOW + 60, 2, "429")
    desk.writer.set_host("g:80", NOW + 5, 1, None)
    assert desk.writer.hosts() == {"h:443": (NOW + 60, 2, "429"), "g:80": (NOW + 5, 1, None)}
    desk.writer.set_host("h:443", 0, 0, None)
    assert set(desk.writer.hosts()) == {"g:80"}


def test_rejects_are_counted_and_capped(desk: Desk, clock: Turned) -> None:
    bad = ("bad date", "entry 3 has no date", "<entry>")
    desk.add([make_post("x")], rejects=[bad, bad, ("other", "m" * 999, "s" * 9999)])
    desk.writer.add_rejects(desk.channels["a1"].id, [(*bad[:2], "<newer>")])
    desk.writer.add_rejects(None, [bad])
    assert desk.rows("SELECT channel_id, reason, sample, seen FROM rejects WHERE reason = 'bad date'") == [
        (1, "bad date", "<newer>", 3), (None, "bad date", "<entry>", 1)
    ]  # fmt: skip
    assert desk.rows("SELECT length(message), length(sample) FROM rejects WHERE reason = 'other'") == [(500, 2000)]
    clock.at += 5
    desk.writer.add_rejects(1, [("storm", f"number {number}", "") for number in range(1500)])
    assert desk.one("SELECT count(*) FROM rejects") == 1000
    assert desk.rows("SELECT * FROM rejects WHERE reason <> 'storm'") == []
    assert desk.one("SELECT max(message) FROM rejects WHERE message LIKE 'number 1499'") == "number 1499"


@pytest.mark.parametrize(
    "bad",
    [
        {"likes": 1 << 63},
        {"url": "https://example.com/\ud83d"},
        {"author": Author("joe\udc00")},
        {"published_at": 1 << 70},
        {"topics": {1: 1 << 64}},
    ],
)
def test_a_post_that_cannot_be_stored_does_not_take_the_others_with_it(desk: Desk, bad: dict) -> None:
    added = desk.add([make_post("good"), make_post("bad", **bad), make_post("better")], update=ChannelUpdate(etag="e"))
    assert len(added.new_ids) == 2
    assert desk.rows("SELECT reason, sample FROM rejects") == [("not storable", "'bad'")]
    assert desk.one("SELECT etag FROM channels WHERE id = 1") == "e"
    check_everything(desk.connection)


def test_an_unknown_channel_is_said(desk: Desk) -> None:
    with pytest.raises(StoreError, match="no channel 99"):
        desk.writer.add(99, [], seen_at=NOW)


def test_coverage_is_by_hour_and_never_more_than_one(desk: Desk) -> None:
    hour = (NOW - EPOCH) // 3600
    desk.add([], update=ChannelUpdate(heard=(NOW - 60, NOW + 7_260)))
    desk.add([], update=ChannelUpdate(heard=(NOW, NOW + 1_000)))
    desk.add([], "a2", update=ChannelUpdate(heard=(NOW + 5, NOW + 5)))
    assert desk.rows("SELECT * FROM coverage") == [
        (hour - 1, 1, 60), (hour, 1, 3600), (hour + 1, 1, 3600), (hour + 2, 1, 60)
    ]  # fmt: skip


# --- one writer ------------------------------------------------------------------------------------------------------


def test_a_writer_that_was_replaced_writes_nothing_more(store_path: Path, desk: Desk, clock: Turned) -> None:
    other = Writer(sqlite.connect_writer(store_path), clock)
    assert other.claim() == desk.writer.epoch + 1
    for act in (
        lambda: desk.add([make_post("x")]),
        lambda: desk.writer.set_state("a", "b"),
        lambda: desk.writer.beat(),
        lambda: desk.writer.idle(),
        lambda: desk.writer.delete([1]),
    ):
        with pytest.raises(LostLock):
            act()
    assert desk.one("SELECT count(*) FROM mentions") == 0
    other.connection.close()


def test_an_unclaimed_writer_writes_nothing(store_path: Path, clock: Turned) -> None:
    writer = Writer(sqlite.connect_writer(store_path), clock)
    with pytest.raises(LostLock, match="claim"):
        writer.sync_sources([])
    writer.connection.close()


def test_who_collects_is_told(desk: Desk, clock: Turned) -> None:
    told = json.loads(desk.writer.state("collector") or "")
    assert told.keys() == {"pid", "host", "since", "heartbeat", "epoch", "who"}
    clock.at += 30
    desk.writer.beat()
    told = json.loads(desk.writer.state("collector") or "")
    assert (told["since"], told["heartbeat"]) == (NOW, NOW + 30)
    desk.writer.release()
    assert desk.writer.state("collector") is None


def test_arrivals_are_pruned_but_never_numbered_twice(desk: Desk) -> None:
    ids = desk.add([make_post(str(number)) for number in range(50)]).new_ids
    desk.writer.prune_arrivals(10)
    assert desk.rows("SELECT seq, mention_id FROM arrivals") == [(number + 1, ids[number]) for number in range(40, 50)]
    desk.writer.prune_arrivals(0)
    desk.writer.delete(ids)
    (new,) = desk.add([make_post("new")]).new_ids
    assert desk.rows("SELECT seq, mention_id FROM arrivals ORDER BY seq DESC LIMIT 1") == [(51, new)]


def test_the_log_is_moved_into_the_file_when_it_has_grown(
    desk: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not desk.writer.checkpoint()
    monkeypatch.setattr(write.upkeep.Log.checkpoint, "__defaults__", (1,))
    desk.add([make_post("x", "battery")])
    size = store_path.stat().st_size
    assert desk.writer.checkpoint()
    assert store_path.stat().st_size > size


def test_a_deletion_that_knows_a_servers_own_name_alone_finds_the_mention(desk: Desk) -> None:
    desk.add([replace(make_post("https://b.example/1", "battery"), alias="https://a.example 77")])
    gone = replace(make_post("https://a.example 77", ""), alias="https://a.example 77", state="deleted")
    unknown = replace(gone, external_id="https://a.example 78", alias="https://a.example 78")
    desk.add([unknown, replace(gone, network="other")])
    assert desk.rows("SELECT external_id, state FROM mentions") == [("https://b.example/1", 0)]
    desk.add([gone])
    assert desk.rows("SELECT external_id, state, text FROM mentions") == [("https://b.example/1", 2, "")]
    desk.writer.delete([row[0] for row in desk.rows("SELECT id FROM mentions")])
    assert desk.rows("SELECT count(*) FROM aliases") == [(0,)]
    check_everything(desk.connection)
