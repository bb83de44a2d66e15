"""Saved queries and lists of the mirror, in the queries that a reader answers."""

from pathlib import Path
from unittest.mock import patch

import pytest

from listen import query
from listen.query import QueryError
from listen.query.match import Subject, compile
from listen.store.read import Reader
from tests.store.posts import NOW, Desk


def ids(reader: Reader, text: str) -> list[int]:
    return reader.page(query.parse(text), limit=100, budget=None, now=NOW + 1).ids


def test_a_view_finds_what_its_query_finds_and_so_does_the_predicate(world: Desk, store_path: Path) -> None:
    world.writer.sync_views([("Dead", "battery died", True), ("inner", "view:dead -lang:fr", False)])
    world.writer.sync_lists({"team": ["nobody", "ana"], "none": []})
    with Reader(store_path) as reader:
        wanted = ids(reader, "battery died")
        assert wanted
        assert ids(reader, "view:dead") == wanted == ids(reader, "view:inner")
        assert ids(reader, "-view:dead") == ids(reader, "-(battery died)")
        assert ids(reader, "author:@team") == ids(reader, "author:(nobody ana)")
        assert ids(reader, "site:@none OR author:@none OR source:@none OR topic:@none") == []
        holds = compile(reader.resolved(query.parse("view:inner")), NOW)
        every = reader.mentions(ids(reader, ""))
        assert [mention.id for mention in every if holds(Subject.of(mention))] == wanted


def test_what_nobody_has_named_is_unknown_and_told_when_asked(world: Desk, store_path: Path) -> None:
    world.writer.sync_views([("loop", "view:loop", False), ("broken", "(", False)])
    with Reader(store_path) as reader:
        assert ids(reader, "view:nothing") == ids(reader, "view:loop") == ids(reader, "view:broken") == []
        assert len(ids(reader, "-view:nothing")) == 40
        for text in ("view:nothing", "view:loop", "view:broken", "source:@nothing"):
            with pytest.raises(QueryError):
                reader.resolved(query.parse(text), strict=True)


def test_a_list_may_have_more_names_than_sql_has_values(world: Desk, store_path: Path) -> None:
    world.writer.sync_lists({"many": ["joe", "a.example", *(f"name{n}" for n in range(10_000))]})
    with Reader(store_path) as reader:
        wanted = ids(reader, "author:joe")
        assert wanted
        for most in (0, 5_000):
            with patch("listen.store.names.MOST_AUTHORS", most):
                assert ids(reader, "author:@many") == wanted
        assert ids(reader, "site:@many") == ids(reader, "site:a.example")
