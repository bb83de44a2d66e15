"""The recorded answers of Hacker News."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.base import Answer, Author, Page, SourceError
from sources.hackernews import HOST, HackerNewsAdapter
from tests.sources.reading import NOW, at, body, title

ADAPTER = HackerNewsAdapter()
CHANNEL = ADAPTER.channels({}, ["ai"])[0]


def read(shared: Path, name: str) -> Page:
    raw = (shared / "fixtures" / "hackernews" / name).read_bytes()
    return ADAPTER.parse(CHANNEL, {}, Answer(HOST, 200, {}, raw), NOW)


def test_a_recorded_search(shared: Path) -> None:
    page = read(shared, "algolia_search_by_date.json")
    assert page.rejects == []
    story, comment = page.posts[:2]
    assert (story.external_id, story.kind, story.thread_id) == ("49914236", "post", "49914236")
    assert title(story) == "Gemini 4 Argon (High): Intelligence, Performance and Price Analysis"
    assert story.url == "https://artificialanalysis.ai/models/gemini-4-argon"
    assert body(story) == "See also: Gemini 4 Argon - https://news.ycombinator.com/item?id=49913571"
    assert (story.likes, story.replies, story.published_at) == (92, 48, at("2026-09-30T20:50:28"))
    assert story.author == Author("theanonymousone", url="https://news.ycombinator.com/user?id=theanonymousone")
    assert (comment.external_id, comment.kind, comment.title) == ("23966666", "comment", None)
    assert comment.url == "https://news.ycombinator.com/item?id=23966666"
    assert (comment.parent_id, comment.thread_id, comment.likes) == ("23966205", "23964539", None)
    assert "I'm planning on it taking up to a year" in body(comment)


@pytest.mark.parametrize(
    "name", ["firebase_story_8863.json", "firebase_comment_2921983.json", "firebase_deleted_null_dead.json"]
)
def test_answers_of_the_other_interface_are_none_of_the_search(shared: Path, name: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(shared, name)
    assert caught.value.reason == "shape"
