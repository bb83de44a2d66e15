"""Values that break naive readers, in the JSON of a search and of a feed: one bad item costs itself and nobody else."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.torture.rig import Desk, Hosts, feed

DEEP = "[" * 20_000 + "]" * 20_000
KEYS = ", ".join(f'"k{number}": {number}' for number in range(1_200))

VALUES = {
    "surrogate": '"TEXT": "cut emoji \\ud83d"',
    "nan-inf": '"TEXT": "not a number", "points": NaN, "num_comments": 1e999, "score": -Infinity',
    "nul-hides": '"TEXT": "foo\\u0000 secretword"',
    "deep": f'"TEXT": {DEEP}',
    "keys": f'"TEXT": "many keys", {KEYS}',
    "wrong-types": '"TEXT": {"a": 1}, "title": 7, "author": [], "points": "many", "created_at_i": "soon"',
    "huge": f'"TEXT": "huge numbers", "points": {"9" * 6_000}, "created_at_i": 99999999999999999999',
}
"""Name -> the fields of an item of that name."""

BARE = ("null", "7", '"text"', "[]")
"""What stands where an item was expected."""


def items(name: str, text: str, more: str = "") -> str:
    found = [f'{{{more}"{name}": "before", "{text}": "good before bad"}}']
    found += [f'{{{more}"{name}": "{key}", {fields.replace("TEXT", text)}}}' for key, fields in VALUES.items()]
    found += [f'{{{more}"{name}": 9223372036854775808, "{text}": "int2e63"}}', *BARE]
    found += [f'{{{more}"{name}": "after", "{text}": "good after bad"}}']
    return ", ".join(found)


def searched() -> bytes:
    tags = f'"_tags": ["comment"], "created_at_i": {int(time.time()) - 600}, '
    return f'{{"hits": [{items("objectID", "comment_text", tags)}], "hitsPerPage": 500, "nbHits": 9}}'.encode()


def fed() -> bytes:
    return f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{items("id", "content_text")}]}}'.encode()


@pytest.fixture(scope="module")
def heard(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("values"))
    host = hosts.new(feed=fed())
    host.on("/api/v1/search_by_date", *[_page(searched())] * 2)
    desk.configure(
        '[topics.secret]\nquery = "secretword"',
        f'[sources.hn]\nadapter = "hackernews"\nsearch = ["x"]\nhost = "{host.url("")}"\nallow_private = ["127.0.0.1"]',
        feed("json", host.url("/feed")),
        '[collect]\ngap = "0.01s"',
    )
    with desk.collecting() as collector:
        collector.told("page", "hn")
        collector.told("page", "json")
        assert collector.end() == 0
    return desk


def _page(body: bytes) -> Any:
    from tests.collect.server import Reply

    return Reply(body=body, headers={"Content-Type": "application/json"})


@pytest.fixture(params=["hn", "json"])
def found(heard: Desk, request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """The stored records of a source by the beginning of their text, read back by a strict parser."""
    records = heard.ask("search", f"source:{request.param}", "--all", "--json").records
    return {record["text"]: record for record in records}


def test_every_good_item_is_stored(found: dict[str, dict[str, Any]]) -> None:
    texts = set(found)
    assert {"good before bad", "good after bad", "cut emoji \ufffd", "int2e63", "many keys", "huge numbers"} <= texts
    assert "not a number" in texts
    assert "foo secretword" in texts


def test_what_is_no_number_is_unknown(found: dict[str, dict[str, Any]]) -> None:
    for text in ("not a number", "huge numbers"):
        assert (found[text]["likes"], found[text]["replies"]) == (None, None)


def test_a_number_of_any_size_is_a_name(heard: Desk) -> None:
    (record,) = heard.ask("search", "source:hn", "int2e63", "--json").records
    assert record["external_id"] == "9223372036854775808"


def test_words_behind_a_nul_are_found_and_matched(heard: Desk) -> None:
    assert heard.ask("count", "secretword").out == heard.ask("count", "topic:secret").out == b"2\n"


def test_what_was_no_item_is_set_aside_with_its_beginning(heard: Desk) -> None:
    rejects = heard.ask("rejects", "--json").records
    for source in ("hn", "json"):
        told = {one["reason"]: one for one in rejects if one["source"] == source}
        assert told["shape"]["seen"] == len(BARE)
        assert told["limit:depth"]["sample"].startswith("[[[[")
    assert heard.ask("doctor", "--deep").out.decode().count("✗ content") == 0


def test_foreign_keys_become_no_columns(heard: Desk) -> None:
    record = heard.ask("search", "many keys", "--limit", "1", "--json").records[0]
    assert not any(key.startswith("k1") for key in record)
    assert b"k1199" not in heard.store.read_bytes()
