"""What GitHub is asked for beside its searches: conversations, and what was heard as it is now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sources
from sources.base import Answer, Channel, Known, Refreshes, SourceError, Threads

NOW = 1_795_262_400.0
ISSUE = Known("I_1", "issue", "https://github.com/acme/app/issues/7")


def channel(adapter: Any, **settings: Any) -> Channel:
    (only,) = adapter.channels({"search": ["acme"], **settings}, [])
    return only  # type: ignore[no-any-return]


def answer(value: object) -> Answer:
    return Answer("u", 200, {}, json.dumps(value).encode())


def said(number: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "url": f"https://github.com/{number}", "createdAt": "2026-11-20T10:00:00Z",
            "lastEditedAt": None, "author": {"login": "ann", "url": "https://github.com/ann"}, **more}  # fmt: skip


def test_the_comments_of_an_issue_are_asked_for_page_by_page_without_a_token() -> None:
    adapter: Any = sources.get("github")
    assert isinstance(adapter, Threads)
    assert adapter.thread(channel(adapter), Known("I_2", "issue", "https://github.com/acme")) is None
    asked = adapter.thread(channel(adapter), ISSUE)
    assert asked is not None
    request = adapter.request(asked, {}, NOW)
    assert request.url == "https://api.github.com/repos/acme/app/issues/7/comments"
    assert (dict(request.params)["page"], "authorization" in request.headers) == ("1", False)
    comment = {"node_id": "IC_1", "body": "same here", "user": {"login": "bob", "html_url": "https://github.com/bob"},
               "created_at": "2026-11-20T10:00:00Z", "html_url": "https://github.com/acme/app/issues/7#issuecomment-1",
               "reactions": {"+1": 3}}  # fmt: skip
    page = adapter.parse(asked, {}, answer([comment, {"no": "id"}]), NOW)
    (post,) = page.posts
    assert (post.external_id, post.kind, post.text, post.likes) == ("IC_1", "comment", "same here", 3)
    assert (post.parent_id, post.thread_id, post.author.handle) == ("I_1", "I_1", "bob")
    assert (len(page.rejects), page.more) == (1, False)
    full = adapter.parse(asked, {}, answer([comment] * 100), NOW)
    assert (full.more, dict(adapter.request(asked, full.cursor, NOW).params)["page"]) == (True, "2")
    reply = Known("IC_1", "comment", "https://github.com/acme/app/pull/7#issuecomment-1", "I_1", "I_1")
    around = adapter.thread(channel(adapter), reply)
    assert around.settings["thread"] == "I_1", "a comment's conversation is its issue's"


def test_what_was_heard_is_looked_at_again_with_a_token_alone() -> None:
    adapter: Any = sources.get("github")
    assert isinstance(adapter, Refreshes)
    known = [ISSUE, Known("I_2"), Known("I_3"), Known("I_4")]
    assert adapter.again(channel(adapter), known) is None
    asked = adapter.again(channel(adapter, token="env:GH", host="https://git.example/api/v3"), known)
    request = adapter.request(asked, {}, NOW)
    assert (request.url, request.method) == ("https://git.example/api/graphql", "POST")
    assert json.loads(request.body)["variables"] == {"ids": ["I_1", "I_2", "I_3", "I_4"]}
    assert list(request.secrets.values()) == ["env:GH"]
    more = {"title": "it dies", "body": "after an hour", "reactions": {"totalCount": 5}, "comments": {"totalCount": 2},
            "labels": {"nodes": [{"name": "bug"}]}, "lastEditedAt": "2026-11-20T11:00:00Z"}  # fmt: skip
    told = {
        "data": {"nodes": [said("renamed", __typename="Issue", **more), None, None, {"__typename": "Other"}]},
        "errors": [{"type": "NOT_FOUND", "path": ["nodes", 1]}, {"type": "FORBIDDEN", "path": ["nodes", 2]}],
    }
    there, gone = adapter.parse(asked, {}, answer(told), NOW).posts
    assert (there.external_id, there.kind, there.likes, there.replies) == ("I_1", "issue", 5, 2)
    assert (there.title, there.text, there.state, there.tags) == ("it dies", "after an hour", "edited", ("bug",))
    assert (gone.external_id, gone.state) == ("I_2", "deleted"), "what the token may not see is not gone"
    with pytest.raises(SourceError, match="GitHub refuses: Bad credentials"):
        adapter.parse(asked, {}, answer({"message": "Bad credentials"}), NOW)


def test_a_discussion_is_told_with_its_replies() -> None:
    adapter: Any = sources.get("github-discussions")
    asked = adapter.thread(
        channel(adapter, token="env:GH"), Known("D_1", "post", "https://github.com/a/b/discussions/3")
    )
    assert json.loads(adapter.request(asked, {}, NOW).body)["variables"] == {"id": "D_1", "after": None}
    comment = said("DC_1", bodyText="works here", upvoteCount=2, replies={"nodes": [said("DC_2", bodyText="not here")]})
    info = {"hasNextPage": True, "endCursor": "Y"}
    told = {"data": {"node": {"comments": {"pageInfo": info, "nodes": [comment]}}}}
    page = adapter.parse(asked, {}, answer(told), NOW)
    assert [(one.external_id, one.text, one.parent_id, one.thread_id) for one in page.posts] == [
        ("DC_1", "works here", "D_1", "D_1"), ("DC_2", "not here", "DC_1", "D_1")
    ]  # fmt: skip
    assert (page.more, json.loads(adapter.request(asked, page.cursor, NOW).body)["variables"]["after"]) == (True, "Y")


def test_recorded_comments_are_read(shared: Path) -> None:
    adapter: Any = sources.get("github")
    asked = adapter.thread(channel(adapter), ISSUE)
    body = (shared / "fixtures/github/issue_comments.json").read_bytes()
    page = adapter.parse(asked, {}, Answer("u", 200, {}, body), NOW)
    assert len(page.posts) == len(json.loads(body))
    assert all(post.author and post.text and post.published_at for post in page.posts)
