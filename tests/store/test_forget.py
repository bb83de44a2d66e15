"""Forgetting a person: nothing of them is left in any byte of the store's files, and they do not come back."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from listen.model import Author
from listen.store import forget, forgotten, gaps, receipts, requests, schema, sqlite, upkeep
from listen.store.forget import Account
from listen.store.receipts import Receipt
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Desk, Turned, check_everything, fast, make_desk, make_post

CLAIRE = Author("zqclaire@zqhost.example", "Zqname Zqfamily", "https://zqhost.example/@zqclaire", 12, "did:zqlasting")
HER_WORDS = (b"zqclaire", b"zqhost", b"zqname", b"zqfamily", b"zqlasting", b"zqrare", b"zqedited", b"zqsecret")


def said(number: int, words: str, author: Author = CLAIRE, **more: object) -> object:
    name = f"https://{author.handle.rpartition('@')[2]}/users/{author.handle.partition('@')[0]}/{number}"
    return make_post(name, words, author=author, **{"published_at": NOW - 60 * number, **more})


def forget_them(writer: Writer, *written: str, mask: bool = False) -> Receipt:
    people = [one for name in written for one in forget.found(writer.connection, name)]
    *_, receipt = forget.erase(writer, people, "ana", mask=mask)
    assert receipt is not None
    return receipt


def wash(writer: Writer) -> None:
    deadline = time.monotonic() + 30
    while receipts.owed(writer.connection) and time.monotonic() < deadline:
        writer.wash()
        writer.washing.wait()
    assert not receipts.owed(writer.connection)


def left(path: Path) -> dict[tuple[str, bytes], int]:
    """(file, what of hers is in it) -> how often, in whatever case."""
    found = {}
    for file in path.parent.iterdir():
        content = file.read_bytes().lower()
        found.update({(file.name, word): content.count(word) for word in HER_WORDS if word in content})
    return found


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """A thousand posts of many, told out of order so that pages split; every twentieth is Claire's."""
    chance = random.Random(7)
    posts = []
    for number in range(1_000):
        words = " ".join(chance.choices([f"word{one}" for one in range(500)], k=chance.choice([5, 30, 80, 400])))
        if number % 20:
            posts.append(said(number, words, Author(f"user{number % 90}@host.example"), topics={1: 0}))
        else:
            posts.append(said(number, f"{words[:60]} zqrare{number} {words}", topics={1: -500, 2: 0}))
    chance.shuffle(posts)
    for start in range(0, len(posts), 250):
        desk.add(posts[start : start + 250])
    desk.add([said(number, f"zqedited{number} now", edited_at=NOW, topics={1: 0}) for number in range(0, 1_000, 100)])
    return desk


def test_no_byte_of_a_forgotten_person_is_left(crowd: Desk, store_path: Path, clock: Turned) -> None:
    writer = crowd.writer
    hers = crowd.rows("SELECT m.id FROM mentions m JOIN authors a ON a.id = m.author_id WHERE handle LIKE 'zq%'")
    with Triage(store_path, "ana", clock) as ana:
        ana.set_status([one for (one,) in hers], "done")
        ana.edit([hers[0][0]], note="she is zqsecret")
        ana.undo()
        ana.mark("zqclaire@zqhost.example on television", NOW)
        number = requests.ask(ana.connection, "preview", {"query": "author:zqclaire@zqhost.example"}, "ana", clock)
        requests.finish(ana.connection, number, clock, error="nothing")
    writer.add_rejects(1, [("odd", "cannot be read", "<a>zqclaire@zqhost.example</a>")])
    writer.doubt_names("net", ["did:zqlasting"], NOW)
    answer = said(
        5_000, "I agree", Author("bob"), parent_id=said(0, "").external_id, thread_id=said(20, "").external_id
    )
    crowd.add([answer, said(5_001, "", Author("bob"), kind="repost", parent_id=said(40, "").external_id)])
    while writer.idle():
        pass
    sqlite_file = (store_path.name, b"zqrare")
    assert left(store_path)[sqlite_file] or left(store_path)[f"{store_path.name}-wal", b"zqrare"]

    receipt = forget_them(writer, "zqclaire@zqhost.example")

    assert receipt.counts["mentions"] == 51, "hers, and one that was passed on"
    assert receipt.counts["names"] == 1
    assert receipt.counts["journal"] == 3, "what ana did, and that a copy was done with it"
    assert receipt.counts["rejects"] == receipt.counts["requests"] == 1
    assert "zq" not in str(receipt).lower()
    wash(writer)
    assert left(store_path) == {}
    assert receipts.receipt(crowd.connection, receipt.id).clean_at == NOW
    assert crowd.rows("PRAGMA integrity_check") == [("ok",)]
    check_everything(crowd.connection)
    parent, thread = crowd.rows("SELECT parent_id, thread_id FROM mentions WHERE parent_id IS NOT NULL")[0]
    assert parent.startswith(forgotten.VEIL)
    assert thread.startswith(forgotten.VEIL)
    assert parent != thread


def test_a_reader_that_holds_the_log_is_waited_for(crowd: Desk, store_path: Path) -> None:
    reader = sqlite.connect_reader(store_path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM mentions").fetchone()
    receipt = forget_them(crowd.writer, "zqclaire")
    crowd.writer.wash()
    assert "somebody still reads" in crowd.writer.washing.waits
    assert receipts.receipt(crowd.connection, receipt.id).clean_at is None
    reader.close()
    wash(crowd.writer)
    assert left(store_path) == {}


def plant(path: Path, word: bytes) -> int:
    """Put a word into the gaps of pages, where SQLite leaves such ones now and then; into how many."""
    found = 0
    with path.open("r+b", buffering=0) as file:
        for number in range(1, path.stat().st_size // 4096):
            start, end = gaps.gap(os.pread(file.fileno(), 4096, 4096 * number), 0)
            if end - start > 60:
                os.pwrite(file.fileno(), word, 4096 * number + start + 10)
                found += 1
    return found


def test_who_had_read_a_page_before_brings_nothing_back(
    crowd: Desk, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console keeps pages as they were, gaps and all, and writes whole pages."""
    person = fast(sqlite.connect_people(store_path))
    person.execute("PRAGMA cache_size=-64000")
    person.execute("PRAGMA busy_timeout=0")

    def touch() -> None:
        person.execute("UPDATE mentions SET likes = ifnull(likes, 0) + 1")

    refused: list[str] = []

    def busy(path: str, pages: Iterable[int] | None = None) -> object:
        if pages is not None:
            with pytest.raises(sqlite.sqlite3.OperationalError) as error:
                touch()
            refused.append(str(error.value))
        return wash_them(path, pages)

    wash_them = receipts._washing
    monkeypatch.setattr(receipts, "_washing", busy)
    forget_them(crowd.writer, "zqclaire@zqhost.example")
    assert upkeep.moved(crowd.connection, "TRUNCATE")
    assert plant(store_path, b"zqrare")
    person.execute("SELECT sum(length(text)) FROM mentions").fetchone()
    crowd.writer.wash()
    touch()
    crowd.writer.checkpoint()
    crowd.writer.washing.wait()
    wash(crowd.writer)
    touch()
    person.close()
    assert upkeep.moved(crowd.connection, "TRUNCATE")
    assert left(store_path) == {}
    assert refused == ["database is locked"]


def test_whoever_is_forgotten_does_not_come_back(desk: Desk, store_path: Path) -> None:
    plain = Author("zqclaire@zqhost.example")
    desk.add([said(1, "hello"), said(2, "hello", Author("bob"))])
    forget_them(desk.writer, "net:zqclaire")
    for author in (CLAIRE, plain, Author("new@name.example", uid="did:zqlasting")):
        told = desk.add([said(3, "again", author)])
        assert (told.forgotten, told.new_ids) == (1, [])
    namesake = desk.add([said(4, "I took her name", Author(plain.handle, uid="did:other"))])
    assert len(namesake.new_ids) == 1, "a lasting name of its own is another account"
    told = desk.add([make_post(said(1, "").external_id, "her own post, by its id", author=None)])
    assert told.forgotten == 1
    answers = [said(6, "yes", Author("bob"), parent_id=said(3, "").external_id)]
    desk.add(answers)
    assert desk.one("SELECT parent_id FROM mentions WHERE text = 'yes'").startswith(forgotten.VEIL)
    assert desk.add(answers).again == 1
    assert desk.writer.state("kept_out") == "4"
    later = Writer(fast(sqlite.connect_writer(store_path)), desk.writer.clock)
    later.claim()
    assert later.add(1, [said(7, "after a restart", plain)], seen_at=NOW).forgotten == 1
    later.connection.close()


def test_handles_in_what_others_say_are_counted_or_masked(desk: Desk, store_path: Path) -> None:
    for number, words in enumerate(
        ("ask @Zqclaire", "see @zqclaire@zqhost.example, please", "@zqclairette is another", "mail x@zqclaire")
    ):
        desk.add([said(100 + number, words, Author("bob"))])
    desk.add([said(1, "hello")])
    assert forget_them(desk.writer, "zqclaire").counts["quoted"] == 2
    desk.add([said(2, "I am back", Author("zqclaire@zqhost.example", uid="did:second"))])
    receipt = forget_them(desk.writer, "zqclaire", mask=True)
    assert (receipt.counts["masked"], receipt.counts["quoted"]) == (2, 0)
    desk.add([said(100, "ask @Zqclaire", Author("bob")), said(9, "@zqclaire is gone", Author("bob"))])
    texts = {row[0] for row in desk.rows("SELECT text FROM mentions")}
    assert texts == {"ask @…", "see @…, please", "@zqclairette is another", "mail x@zqclaire", "@… is gone"}
    check_everything(desk.connection)


def test_who_is_meant(desk: Desk) -> None:
    desk.add([said(1, "a"), said(2, "b", Author("zqclaire@other.example")), said(3, "c", Author("zq"), network="else")])
    desk.add([said(4, "d", Author("zqdan")), said(5, "e", Author("zqdan@other.example"), network="else")])
    for written, wanted in (
        ("@zqclaire", {"zqclaire@zqhost.example", "zqclaire@other.example"}),
        ("@ZQCLAIRE@zqhost.example", {CLAIRE.handle}),
        ("did:zqlasting", {CLAIRE.handle}),
        ("https://zqhost.example/@zqclaire", {CLAIRE.handle}),
        ("else:zq", {"zq"}),
        ("zqdan", {"zqdan", "zqdan@other.example"}),
        ("net:zqdan", {"zqdan"}),
        ("net:zq", set()),
        ("nobody", set()),
    ):
        assert {one.handle for one in forget.found(desk.connection, written)} == wanted, written


def test_words_leave_the_index_although_it_was_being_merged(store_path: Path, clock: Turned) -> None:
    writer = Writer(fast(sqlite.connect_writer(store_path)), clock, partition_size=300)
    desk = make_desk(writer)
    for start in range(0, 600, 50):
        desk.add([said(one, f"zqrare{one} word{one}", CLAIRE if one % 7 == 0 else Author("bob"))
                  for one in range(start, start + 50)])  # fmt: skip
    with writer.transaction():
        for part in writer.partitions.parts:
            writer.partitions.merge(part)
    people = forget.found(writer.connection, "zqclaire")
    for step in forget.erase(writer, people, "ana"):
        if step is None and writer.connection.in_transaction is False:
            desk.add([said(9_000 + int(time.monotonic_ns() % 1_000_000), "meanwhile", Author("bob"))])
    wash(writer)
    content = store_path.read_bytes()
    assert b"zqclaire" not in content
    assert b"zqrare7 " not in content
    check_everything(writer.connection)
    writer.connection.close()


def test_every_table_about_a_mention_is_erased_with_it(desk: Desk) -> None:
    tables = {
        table
        for table, column in desk.rows(
            "SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table'"
        )
        if column == "mention_id"
    }
    desk.add([said(1, "hello", topics={1: 0})])
    (mention,) = desk.rows("SELECT id FROM mentions")[0]
    for table in sorted(tables - {"arrivals", "sightings", "matches", "inbox", "amended"}):
        columns = desk.rows(f"SELECT name, type, \"notnull\" OR pk FROM pragma_table_info('{table}')")
        wanted = [
            (name, 0 if "INT" in kind else "x") for name, kind, needed in columns if needed and name != "mention_id"
        ]
        names = ", ".join(["mention_id", *(name for name, _ in wanted)])
        values = [mention, *(1 if name == "topic_id" else value for name, value in wanted)]
        desk.connection.execute(f"INSERT INTO {table}({names}) VALUES ({','.join('?' * len(values))})", values)
    assert desk.rows("SELECT mention_id FROM amended") == [(mention,)], "by itself, with what was left out"
    desk.writer.delete([mention])
    # By keys of threads and words others find their way; a thread that it does not stand in, and words that it does not
    # say, were made up here.
    there = {table for table in tables if desk.rows(f"SELECT 1 FROM {table} WHERE mention_id = ?", mention)}
    assert there <= {"arrivals", "threads", "ours", "echoes"}


def test_a_list_beside_the_store_is_of_this_store_alone(desk: Desk, store_path: Path, tmp_path: Path) -> None:
    desk.add([said(1, "hello")])
    forget_them(desk.writer, "zqclaire")
    told = forgotten.read_list(store_path)
    assert told is not None
    assert b"zq" not in forgotten.list_path(store_path).read_bytes()
    other = tmp_path / "other.db"
    schema.prepare(other)
    writer = Writer(sqlite.connect_writer(other), desk.writer.clock)
    second = make_desk(writer)
    with writer.transaction():
        assert forgotten.merge_list(writer.connection, told)
    writer.kept_out.load(writer.connection)
    assert second.add([said(2, "hello")]).forgotten == 1
    with writer.transaction():
        assert not forgotten.merge_list(writer.connection, {**told, "salt": "00"})
    writer.connection.close()


def test_who_has_a_short_name_and_nothing_stored_is_forgotten_too(desk: Desk) -> None:
    (one,) = desk.add([make_post("x", "battery", author=Author("zq"))]).new_ids
    desk.writer.delete([one])
    assert forget_them(desk.writer, "zq").counts["names"] == 1
    assert forget.found(desk.connection, "zq") == []


def test_accounts_are_spelled_with_their_network() -> None:
    assert Account(1, "mastodon", "claire@host.example").spelled == "mastodon:claire@host.example"
