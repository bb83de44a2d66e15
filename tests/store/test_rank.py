"""What comes first by score or endorsement is what sorting all mentions says, however often the look is interrupted."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from listen.model import Mention
from listen.query import match, parse, tree
from listen.store.rank import By, Ranked
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.store import queries
from tests.store.posts import Desk, Turned, make_post
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
        patched.enter_context(patch("listen.store.finding.BATCH", batch))
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


def test_toward_a_topic_the_worst_is_what_is_worst_for_it(desk: Desk, store_path: Path, clock: Turned) -> None:
    told = [
        ("left acme for rival", 600, 2, {1: -459, 2: 459}, {}),
        ("acme and rival", 300, 2, {1: 0, 2: 300}, {1: 0}),
        ("rival is awful", -700, 1, {2: -700}, {}),
    ]
    posts = [
        make_post(f"p{n}", text, score=score, hits=hits, topics=topics, hits_toward=toward, published_at=NOW - n)
        for n, (text, score, hits, topics, toward) in enumerate(told)
    ]
    one, two, three = sorted(desk.add(posts).new_ids, reverse=True)
    with Reader(store_path) as reader:
        ranked = [reader.ranked(parse(""), "worst", now=NOW, toward=topic).ids for topic in (None, "acme", "rival")]
        assert ranked == [[three, two, one], [three, one, two], [three, two, one]]
        rows = {topic: reader.rows([one, two, three], topic) for topic in (None, "acme", "nobody")}
    assert [row.score for row in rows["acme"]] == [-459, 0, -700], "the last one is not about it"
    assert [row.tone for row in rows["acme"]] == ["neg", "none", "neg"]
    assert [row.score for row in rows[None]] == [row.score for row in rows["nobody"]] == [600, 300, -700]
    with Triage(store_path, "ana", clock) as ana:
        ana.correct([one], "pos")
    with Reader(store_path) as reader:
        assert [row.score for row in reader.rows([one], "acme")] == [525]
        assert reader.page(parse("toward:acme:neg"), now=NOW).ids == []
        assert reader.page(parse("toward:acme:pos"), now=NOW).ids == [one]
        assert reader.page(parse("toward:acme:none"), now=NOW).ids == [two]
