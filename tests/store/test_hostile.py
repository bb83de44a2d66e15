"""No query costs much to plan and to ask, be it written, saved or full of lists: measured as calls, not as time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from listen import query
from listen.query import QueryError
from listen.store.read import Reader
from tests.query.test_hostile import HOSTILE, counted
from tests.store.posts import NOW, Desk


def test_nothing_that_is_typed_or_saved_costs_much(world: Desk, store_path: Path) -> None:
    texts = {name.replace(" ", "-"): text for name, text in HOSTILE.items() if len(text) < 20_000}
    texts["saved"] = " OR ".join(["view:inner"] * 3)
    world.writer.sync_views([(name, text, False) for name, text in texts.items()] + [("inner", "-view:names", False)])
    world.writer.sync_lists({"many": [f"name{n}" for n in range(5_000)]})
    world.writer.sync_sources([(f"s{n}", "feed", {}) for n in range(100)])
    with Reader(store_path) as reader:
        reader.book()  # read once, however often it is asked
        for name, text in texts.items():
            with suppress(QueryError):
                _planned(reader, text, 300_000)
            _planned(reader, f"view:{name} -view:{name} OR view:{name}", 600_000)
        for text in ("view:saved", "author:@many OR site:@many", "-author:@many source:@many topic:@many"):
            node = query.parse(text)
            counted(lambda node=node: reader.page(node, limit=1, budget=None, now=NOW))  # type: ignore[misc]


def _planned(reader: Reader, text: str, most: int) -> None:
    node = query.parse(text)
    counted(lambda: reader.explain(node, now=NOW), most)
