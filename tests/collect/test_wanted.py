"""What reaches the servers: whatever a topic matches is found by a question of every adapter that searches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sources
from listen.collect.wanted import Wanted
from listen.config import Topic
from listen.model import Mention
from listen.query import parse
from listen.query.match import Subject, compile
from sources.base import Channel, Request
from tests.query.test_topics import NOW, mentions, queries

KEYS: dict[str, dict[str, Any]] = {
    "x": {"token": "env:T", "budget": "1"},
    "youtube": {"key": "env:K"},
    "reddit": {"client_id": "env:I", "client_secret": "env:S"},
    "hackernews": {},
    "stackexchange": {},
    "newsapi": {"api_key": "env:K"},
}


def param(name: str) -> Callable[[Request], str]:
    return lambda request: dict(request.params)[name]


SAID: dict[str, Callable[[Request], str]] = {
    # As each server documents it, in our own language: words, "phrases", OR, a blank for AND; no case, no accents.
    "x": lambda request: param("query")(request).removesuffix(" -is:retweet"),
    "youtube": lambda request: param("q")(request).replace("|", " OR "),
    "reddit": param("q"),
    "hackernews": param("query"),
    "stackexchange": param("q"),
    "newsapi": param("q"),
}


def questions(name: str, wanted: Wanted) -> list[str]:
    adapter = sources.get(name)
    found: list[Channel] = adapter.channels(KEYS[name], wanted.of(adapter))
    return [SAID[name](adapter.request(one, {}, NOW)) for one in found]


@pytest.mark.parametrize("name", sorted(KEYS))
@given(texts=st.lists(queries, min_size=1, max_size=4), mention=mentions)
def test_every_match_is_covered_by_a_question(name: str, texts: list[str], mention: Mention) -> None:
    topics = [Topic(str(number), text, parse(text), "theme") for number, text in enumerate(texts)]
    wanted = Wanted.by(topics)
    covered = [topic for topic in topics if topic.name not in wanted.uncovered]
    subject = Subject.of(mention)
    if not any(compile(topic.node, NOW)(subject) for topic in covered):
        return
    assert any(compile(parse(said), NOW)(subject) for said in questions(name, wanted))


def test_few_topics_make_one_question_where_the_server_knows_or() -> None:
    texts = ["acme battery", "rival (charger OR cable)", '"spare part"', "lang:fr"]
    wanted = Wanted.by([Topic(text, text, parse(text), "theme") for text in texts])
    assert wanted.uncovered == ("lang:fr",)
    assert questions("x", wanted) == ['(acme battery OR rival (charger OR cable) OR "spare part")']
    assert questions("reddit", wanted) == ['acme battery OR rival (charger OR cable) OR "spare part"']
    assert questions("youtube", wanted) == ['battery OR rival OR "spare part"']
    assert questions("hackernews", wanted) == ['"battery"', '"rival"', '"spare part"']
