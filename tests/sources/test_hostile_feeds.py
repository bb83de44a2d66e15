"""Feeds made to do harm, as far as bytes alone decide; what costs time and memory is stopped where it is parsed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.base import Answer, SourceError
from sources.hackernews import HOST, HackerNewsAdapter
from tests.sources.reading import NOW, read, title


def hostile(shared: Path, name: str) -> bytes:
    return (shared / "fixtures" / "hostile" / "inputs" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("billion_laughs.xml", "doctype"),
        ("xxe_file.xml", "doctype"),
        ("entity_backslash.xml", "doctype"),
        ("unicode_escape.xml", "encoding"),
    ],
)
def test_refused_with_a_reason(shared: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(hostile(shared, f"feeds/{name}"))
    assert caught.value.reason == reason
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["xxe_file.xml", "entity_backslash.xml"])
def test_even_when_allowed_nothing_is_fetched_and_nothing_raises(shared: Path, name: str) -> None:
    try:
        page = read(hostile(shared, f"feeds/{name}"), allow_doctype=True)
    except SourceError as error:
        assert error.reason == "parse"  # noqa: PT017 - either outcome is right
        return
    assert "root:" not in str(page.posts)


def test_an_external_dtd_is_ignored(shared: Path) -> None:
    assert [(title(post), post.url) for post in read(hostile(shared, "feeds/ext_dtd.xml")).posts] == [
        ("t", "http://x.test/1")
    ]


def test_the_neighbour_of_a_lone_surrogate_is_kept(shared: Path) -> None:
    posts = read(hostile(shared, "feeds/surrogate_charref.xml")).posts
    assert [title(post) for post in posts] == ["a\ufffdb", "good"]


def test_control_characters_come_through_to_be_marked(shared: Path) -> None:
    assert title(read(hostile(shared, "feeds/charref_esc.xml")).posts[0]) == "a\x1b]2;PWNED\x07b \x1b[2J"


def test_dates_without_sense_leave_the_items(shared: Path) -> None:
    posts = read(hostile(shared, "feeds/dates.xml")).posts
    assert [post.published_at for post in posts] == [None] * 7
    assert [post.url for post in posts] == [f"http://x.test/{number}" for number in range(7)]


def test_broken_and_lying_encodings_keep_their_items(shared: Path) -> None:
    assert len(read(hostile(shared, "feeds/invalid_utf8.xml")).posts) == 1
    assert [title(post) for post in read(hostile(shared, "feeds/lying_charset.xml")).posts] == ["héllo"]


def test_doubtful_identities_are_stable_over_three_fetches(shared: Path) -> None:
    raw = hostile(shared, "feeds/dup_missing_ids.xml")
    page = read(raw)
    found = []
    for _ in range(3):
        page = read(raw, cursor=page.cursor)
        found.append([(post.external_id, title(post)) for post in page.posts])
        assert [reject.reason for reject in page.rejects] == [
            "no-identity: 1 item has neither id, link, title nor text"
        ]
    assert found[0] == found[1] == found[2]
    assert len({post for post, _ in found[0]}) == 6
    assert [name for _, name in found[0]][:5] == ["first", "second", "no link", "no guid", "neither"]


def test_numbers_and_texts_of_json_streams_in_a_search(shared: Path) -> None:
    """Each hostile line as a hit between two good ones: the good ones always arrive."""
    lines = [line for line in hostile(shared, "json_values.ndjson").splitlines() if line.strip()]
    assert lines
    for line in lines:
        raw = b'{"hits": [{"objectID": "1"}, ' + line + b', {"objectID": "2"}]}'
        try:
            page = HackerNewsAdapter().parse(
                HackerNewsAdapter().channels({}, [])[0], {}, Answer(HOST, 200, {}, raw), NOW
            )
        except SourceError as error:
            assert error.reason in ("parse", "limit:depth")  # noqa: PT017 - no JSON as a whole
            continue
        ids = [post.external_id for post in page.posts]
        assert ids[0] == "1"
        assert ids[-1] == "2"
        json.dumps([post.text for post in page.posts]).encode("utf-8")
