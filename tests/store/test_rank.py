"""What comes first by score or endorsement is what sorting all mentions says, however often the look is interrupted."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from listen.model import Mention
from listen.query import match, tree
from listen.store.rank import By, Ranked
from listen.store.read import Reader
from tests.store import queries
from tests.store.worlds import NOW, Story, build, stories

worlds = st.integers(0, 40).flatmap(lambda size: st.lists(stories(), min_size=size, max_size=size))
asked = st.lists(st.one_of(queries.trees, queries.texts().map(queries.read)), min_size=3, max_size=8)


def worst(mention: Mention) -> tuple[bool, int, int]:
    return mention.score is None, mention.score or 0, -mention.id


def endorsed(mention: Mention) -> tuple[bool, int, int]:
    counts = [count for count in (mention.likes, mention.reposts, mention.replies) if count is not None]
    return not counts, -sum(counts), -mention.id


class Restless(Reader):
    """A reader whose questions end again and again, each after a little more than the one before."""

    patience, steps = 1, 0

    def _must_end(self) -> bool:
        self.steps += 1
        if self._asked_at is not None and self.steps >= self.patience:
            self.steps, self.patience = 0, self.patience + 1
            self.stop()
        return super()._must_end()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(told=worlds, nodes=asked, limit=st.sampled_from([1, 5, 100]), batch=st.sampled_from([1, 3, 1000]))
def test_beside_slow_obvious_sorting(told: list[Story], nodes: list[tree.Node | None], limit: int, batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as patched:
        world = build(Path(folder), told)
        patched.enter_context(patch("listen.store.read.BATCH", batch))
        patched.enter_context(patch("listen.store.sqlite.STEPS", 7))
        with Reader(world.path) as reader, Restless(world.path) as restless:
            for node in filter(None, [tree.All(), *nodes]):
                note(str(node))
                holds = match.compile(node, NOW)
                kept = [mention for mention in world.mentions if holds(match.Subject.of(mention))]
                _compare(reader, node, "worst", limit, sorted(kept, key=worst))
                _compare(reader, node, "endorsed", limit, sorted(kept, key=endorsed))
                _compare(restless, node, "worst", limit, sorted(kept, key=worst))


def _compare(reader: Reader, node: tree.Node, by: By, limit: int, wanted: list[Mention]) -> None:
    """What was found is right for as far back as was looked, and in the end for all."""
    best: list[Ranked] = []
    before = None
    while True:
        found = reader.ranked(node, by, best=best, before=before, limit=limit, budget=None, now=NOW)
        seen = [mention.id for mention in wanted if mention.id >= found.back_to]
        assert found.ids == seen[:limit]
        if found.complete:
            return
        best, before = found.best, found.back_to
