"""The adapters `github` and `github-discussions`: searches by their mappings, and what only code can ask for.

Conversations: the comments of an issue are asked for over REST, which takes no token; those of a discussion, with their
replies, over GraphQL. What was heard is looked at again over GraphQL, a hundred at a time, by who has a token: without
one, GitHub answers sixty questions an hour, and whoever asks more hears nothing for the rest of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sources import dates
from sources.asking import mark
from sources.base import Answer, Author, Channel, Cursor, Known, Page, Post, Reject, Request, SourceError
from sources.json_api import MappedAdapter
from sources.jsontext import count, decode, name, text

PER_PAGE = 100
REMEDY = "Check the token: it needs no right at all, but it ends some day."
_PLACE = re.compile(r"https?://[^/?#]+/([\w.-]{1,100})/([\w.-]{1,100})/(?:issues|pull)/(\d{1,9})(?:[/?#].*)?")
_SAID = "id url createdAt lastEditedAt author { login url }"
_THUMBS = "reactions(content: THUMBS_UP) { totalCount }"
_ISSUE = f"{_SAID} title body {_THUMBS} comments {{ totalCount }} labels(first: 100) {{ nodes {{ name }} }}"
AGAIN = f"""
query($ids: [ID!]!) {{ nodes(ids: $ids) {{
  __typename
  ... on Issue {{ {_ISSUE} }}
  ... on PullRequest {{ {_ISSUE} }}
  ... on IssueComment {{ {_SAID} body {_THUMBS} }}
  ... on Discussion {{
    {_SAID} title bodyText upvoteCount comments {{ totalCount }} category {{ name }}
    labels(first: 10) {{ nodes {{ name }} }} }}
  ... on DiscussionComment {{ {_SAID} bodyText upvoteCount }}
}} }}"""
TALK = f"""
query($id: ID!, $after: String) {{ node(id: $id) {{ ... on Discussion {{ comments(first: 50, after: $after) {{
  pageInfo {{ hasNextPage endCursor }}
  nodes {{ {_SAID} bodyText upvoteCount replies(first: 50) {{
    totalCount nodes {{ {_SAID} bodyText upvoteCount }} }} }}
}} }} }} }}"""


class GitHubAdapter(MappedAdapter):
    """Issues and pull requests."""

    at_once = PER_PAGE

    def __init__(self, mapping: str = "github") -> None:
        super().__init__(mapping)

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The comments of an issue, by where people see it."""
        found = _PLACE.fullmatch(post.url or "")
        if found is None:
            return None
        owner, repository, number = found.groups()
        path = f"/repos/{owner}/{repository}/issues/{number}"
        return _once(channel, f"{owner}/{repository}#{number}", thread=post.thread_id or post.external_id, path=path)

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """These as they are now, where there is a token."""
        if not channel.settings["secrets"].get("token"):
            return None
        return _once(channel, "once more", ids=[post.external_id for post in posts][:PER_PAGE])

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        settings = channel.settings
        if "ids" in settings:
            return _graphql(channel, AGAIN, {"ids": settings["ids"]})
        if "path" in settings:
            asked = (("per_page", str(PER_PAGE)), ("page", str(cursor.get("page") or 1)))
            accept = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
            address = f"{settings['values']['host']}{settings['path']}/comments"
            return Request(address, asked, accept | _token(channel), secrets=_secrets(channel))
        if "thread" in settings:
            return _graphql(channel, TALK, {"id": settings["thread"], "after": cursor.get("after")})
        return super().request(channel, cursor, now)

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        settings = channel.settings
        if not settings.keys() & {"ids", "thread"}:
            return super().parse(channel, cursor, answer, now)
        rejects: list[Reject] = []
        value = decode(answer.body, rejects)
        if "path" in settings:
            return _comments(settings["thread"], cursor, value, rejects, now)
        told = value.get("data") if isinstance(value, dict) else None
        if not isinstance(told, dict):
            raise SourceError("refused", f"GitHub refuses: {_words(value)}", REMEDY)
        if "ids" in settings:
            return Page(_again(settings["ids"], told, value.get("errors"), now), rejects=rejects)
        return _talk(settings["thread"], told, rejects, now)


class DiscussionsAdapter(GitHubAdapter):
    """Discussions, which have no REST."""

    def __init__(self) -> None:
        super().__init__("github-discussions")

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """The comments of a discussion and the replies to them."""
        asked = post.thread_id or post.external_id
        return _once(channel, f"around {asked}", thread=asked)


# --- questions --------------------------------------------------------------------------------------------------------


def _once(channel: Channel, label: str, **settings: Any) -> Channel:
    kept = {key: channel.settings[key] for key in ("values", "secrets")}
    return Channel(f"once:{label}"[:200], label, {**kept, **settings})


def _token(channel: Channel) -> dict[str, str]:
    return {"authorization": f"Bearer {mark('token')}"} if channel.settings["secrets"].get("token") else {}


def _secrets(channel: Channel) -> dict[str, str]:
    return {mark(key): reference for key, reference in channel.settings["secrets"].items()}


def _graphql(channel: Channel, query: str, variables: Mapping[str, Any]) -> Request:
    """A question to the same server; one of a company's own has its REST below `/v3`."""
    host = str(channel.settings["values"]["host"]).removesuffix("/v3")
    body = json.dumps({"query": query, "variables": dict(variables)}).encode()
    headers = {"content-type": "application/json", "accept": "application/json", **_token(channel)}
    return Request(f"{host}/graphql", headers=headers, method="POST", body=body, secrets=_secrets(channel))


# --- answers ----------------------------------------------------------------------------------------------------------


def _comments(thread: str, cursor: Cursor, value: Any, rejects: list[Reject], now: float) -> Page:
    """A page of an issue's comments, the oldest first."""
    if not isinstance(value, list):
        raise SourceError("shape", "the answer holds no list of comments", "Check host.")
    posts = []
    for item in value:
        number = name(item.get("node_id") or item.get("id")) if isinstance(item, dict) else None
        if number is None:
            rejects.append(Reject("shape: a comment without id", repr(item)[:200]))
            continue
        likes = count(_table(item.get("reactions")).get("+1"))
        post = _post(
            number, item.get("body"), item, ("html_url", "created_at"), _author(item.get("user"), "html_url"), now
        )
        post.kind, post.likes, post.parent_id, post.thread_id = "comment", likes, thread, thread
        posts.append(post)
    page = int(cursor.get("page") or 1)
    return Page(posts, {"page": page + 1}, len(value) >= PER_PAGE, rejects)


def _again(ids: Sequence[str], told: Mapping[str, Any], errors: Any, now: float) -> list[Post]:
    """The posts in the order in which they were asked for; those that the answer says are nowhere are gone."""
    nodes = told.get("nodes")
    if not isinstance(nodes, list):
        raise SourceError("shape", "the answer holds no list of posts", REMEDY)
    missing = {
        tuple(path) for error in _list(errors) if isinstance(error, dict) and error.get("type") == "NOT_FOUND"
        and isinstance(path := error.get("path"), list)
    }  # fmt: skip
    posts = []
    for place, (number, node) in enumerate(zip(ids, nodes, strict=False)):
        if isinstance(node, dict) and node.get("createdAt"):
            posts.append(_node(number, node, now))
        elif ("nodes", place) in missing:
            posts.append(Post(network="github", external_id=number, state="deleted"))
    return posts


def _node(number: str, node: Mapping[str, Any], now: float) -> Post:
    """A node of GraphQL by the name under which it is stored."""
    body = node.get("body") if "body" in node else node.get("bodyText")
    post = _post(number, body, node, ("url", "createdAt"), _author(node.get("author"), "url"), now)
    what = text(node.get("__typename")) or ""
    post.kind = "comment" if what.endswith("Comment") else "issue" if what in ("Issue", "PullRequest") else "post"
    post.title = text(node.get("title"))
    post.edited_at = dates.plausible(dates.parse(node.get("lastEditedAt")), now)
    post.state = "edited" if post.edited_at else "active"
    upvotes = node.get("upvoteCount")
    post.likes = count(_table(node.get("reactions")).get("totalCount") if upvotes is None else upvotes)
    post.replies = count(_table(node.get("comments")).get("totalCount"))
    labels = [_table(one).get("name") for one in _list(_table(node.get("labels")).get("nodes"))]
    post.tags = tuple(tag for one in (_table(node.get("category")).get("name"), *labels) if (tag := text(one)))
    return post


def _talk(thread: str, told: Mapping[str, Any], rejects: list[Reject], now: float) -> Page:
    """A page of a discussion's comments, each with the first replies to it."""
    if not isinstance(told.get("node"), dict):
        raise SourceError("shape", "GitHub knows no such discussion any more")
    comments = _table(_table(told["node"]).get("comments"))
    posts = []
    for comment in map(_table, _list(comments.get("nodes"))):
        said = [(comment, thread)]
        replies = _table(comment.get("replies"))
        said += [(_table(one), str(comment.get("id"))) for one in _list(replies.get("nodes"))]
        for node, parent in said:
            number = name(node.get("id"))
            if number is not None:
                post = _node(number, node, now)
                post.kind, post.parent_id, post.thread_id = "comment", parent, thread
                posts.append(post)
    after = text(_table(comments.get("pageInfo")).get("endCursor"))
    more = _table(comments.get("pageInfo")).get("hasNextPage") is True and after is not None
    return Page(posts, {"after": after}, more, rejects)


def _post(
    number: str, body: Any, node: Mapping[str, Any], keys: tuple[str, str], author: Author | None, now: float
) -> Post:
    url, created = keys
    return Post(
        network="github",
        external_id=number,
        url=text(node.get(url)),
        text=text(body) or "",
        author=author,
        published_at=dates.plausible(dates.parse(node.get(created)), now),
    )


def _author(value: Any, url: str) -> Author | None:
    handle = text(_table(value).get("login"))
    return Author(handle, url=text(_table(value).get(url))) if handle else None


def _words(value: Any) -> str:
    told = _list(value.get("errors")) if isinstance(value, dict) else []
    said = text(_table(told[0]).get("message")) if told else text(_table(value).get("message"))
    return " ".join((said or "it does not say why").split())[:200]


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
