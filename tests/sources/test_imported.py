"""Files of mentions: what is read from JSON lines and CSV, and what is said of bad lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

import sources
from sources.base import Answer, Channel, Page, SourceError

NOW = 1_767_225_600.0


def read(body: bytes, line: int = 1, **settings: Any) -> Page:
    adapter = sources.get("import")
    return adapter.parse(Channel("k", "l", settings), {"line": line}, Answer("", 200, {}, body), NOW)


def record(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_all_fields_of_a_record() -> None:
    page = read(
        record(
            external_id=7, title="A recall", text="the battery died", author="claire", author_name="Claire",
            followers=9, url="https://x.example/7", published_at="2025-12-31T14:00:00+01:00", lang="en", kind="review",
            rating=2,
            likes="1,200", replies=3.0, network="forum", tags=["acme", "recall"], parent_id="6",
        )
    )  # fmt: skip
    (post,) = page.posts
    assert (post.network, post.external_id, post.kind, post.title) == ("forum", "7", "review", "A recall")
    assert post.author is not None
    assert (post.author.handle, post.author.name, post.author.followers) == ("claire", "Claire", 9)
    assert (post.published_at, post.likes, post.replies, post.rating) == (1_767_186_000, 1_200, 3, 2)
    assert (post.tags, post.parent_id, post.lang) == (("acme", "recall"), "6", "en")
    assert page.cursor == {"lines": "1"}


@pytest.mark.parametrize(
    "told", [1_767_186_000, "1767186000", 1_767_186_000_000, "2025-12-31 13:00:00", "31 Dec 2025 13:00:00 GMT"]
)
def test_dates_as_people_write_them(told: object) -> None:
    assert read(record(text="x", date=told)).posts[0].published_at == 1_767_186_000


def test_columns_by_the_names_of_other_programs_and_records_over_several_lines() -> None:
    settings = {"format": "csv", "header": ["Post ID", "Body", "Created At", "Username", "Reach"], "delimiter": ";"}
    page = read(b'1;"two\nlines; ""quoted""";2025-12-31;ana;5\r\n\r\n2;short;;bo;\r\n', 2, network="forum", **settings)
    assert [post.text for post in page.posts] == ['two\nlines; "quoted"', "short"]
    assert [(post.network, post.external_id, post.author and post.author.handle) for post in page.posts] == [
        ("forum", "1", "ana"), ("forum", "2", "bo"),
    ]  # fmt: skip
    assert page.cursor == {"lines": "2 5"}


def test_bad_lines_are_told_by_their_numbers_and_spare_their_neighbours() -> None:
    body = b"\n".join(
        [
            b'{"text": "one"}',
            b"nonsense",
            b"[1]",
            b'{"text": "\xff"}',
            b'{"likes": 3}',
            b'{"text": "x", "date": "soon"}',
        ]
    )
    page = read(body, 41)
    assert [post.text for post in page.posts] == ["one"]
    assert [reject.reason.partition(" (")[0] for reject in page.rejects] == [
        "line 42: it is no JSON", "line 43: it is no JSON object", "line 44: it is not UTF-8",
        "line 45: it has no text, no title and no url",
        'line 46: published_at is no date: "soon"; write 2026-01-31T14:00:00Z',
    ]  # fmt: skip
    wide = read(b"1,a,b\n2,a\n3,\xff\n", 2, format="csv", header=["id", "text"])
    assert [reject.reason for reject in wide.rejects] == [
        "line 2: it has 3 columns, and the first line names 2", "line 4: it is not UTF-8",
    ]  # fmt: skip


def test_a_record_without_an_id_is_the_same_one_the_next_time() -> None:
    one, again, other = (read(record(text=text, author="a")).posts[0].external_id for text in ("x", "x", "y"))
    assert one == again != other


def test_it_is_no_source_to_listen_to() -> None:
    assert "import" not in sources.names()
    with pytest.raises(SourceError, match="by a command"):
        sources.get("import").channels({}, [])


def test_a_csv_of_ours_is_taken_in_as_it_was_stored() -> None:
    ours = ["external_id", "text", "tone", "correction", "unscored", "copies"]
    body = b"'-VUG,'=1+1 \\u001b[31m \\u005cu001b '',neg,,,1\r\n"
    page = read(body, 2, format="csv", header=ours)
    assert [(one.external_id, one.text) for one in page.posts] == [("-VUG", "=1+1 \x1b[31m \\u001b ''")]
    other = read(body, 2, format="csv", header=["external_id", "text", "a", "b", "c", "d"])
    assert [one.external_id for one in other.posts] == ["'-VUG"]
