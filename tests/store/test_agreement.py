"""The two compilers agree: what SQL finds in a store is what the predicate says of its mentions, in order of ids.

Views and named lists are told apart from the program's own way of putting them into a query: each is asked by itself.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, closing
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from listen.model import Mention
from listen.query import tree
from listen.query.folding import COUNTS
from listen.query.match import Predicate, Subject, compile
from listen.service import Desk
from listen.store import sqlite
from listen.store.read import Reader
from listen.store.search import FOREVER
from listen.text import fold
from tests.store import queries
from tests.store.posts import check_index
from tests.store.worlds import NOW, Named, Story, World, build, stories

worlds = st.integers(0, 40).flatmap(lambda size: st.lists(stories(), min_size=size, max_size=size))
asked = st.lists(st.one_of(queries.trees, queries.texts().map(queries.read)), min_size=20, max_size=40)
STEPS = (1, 3, 7)


@st.composite
def _limits(draw: st.DrawFn) -> dict[str, int]:
    """The planner's limits, so low that small worlds see every way of answering; none of them changes an answer."""
    few = draw(st.sampled_from([1, 3, 300]))
    return {
        "plan.FEW": few,
        "walk.FEW": few,
        "walk.DOWNWARDS": draw(st.sampled_from([1, 2])),
        "plan.BRANCHES": draw(st.sampled_from([1, 3, 32])),
        "fts.HEIGHT": draw(st.sampled_from([1, 3, 10])),
        "fts.MOST_BANDS": draw(st.sampled_from([0, 10, 20])),
        "sql.HEIGHT": draw(st.sampled_from([0, 1, 8])),
        "sql.WIDTH": draw(st.sampled_from([2, 50])),
        "names.MOST_AUTHORS": draw(st.sampled_from([1, 2, 5_000])),
        "customers.MOST_CUSTOMERS": draw(st.sampled_from([0, 1, 2_000])),
        "names.MOST_BEGUN": draw(st.sampled_from([1, 200])),
        "fts.MOST_HELD": draw(st.sampled_from([1, 200])),
        "patterns.LEAPS": draw(st.sampled_from([1, 3, 600])),
        "patterns.MOST": draw(st.sampled_from([0, 1, 200])),
    }


def _wanted(subjects: dict[int, Subject], node: tree.Node, named: Named) -> list[int]:
    views = {fold(name): queries.read(written) for name, written in named.views.items()}
    lists = {fold(name): values for name, values in named.lists.items()}

    def holds(node: tree.Node | None, subject: Subject) -> bool:
        match node:
            case None:
                return False
            case tree.And(items):
                return all(holds(item, subject) for item in items)
            case tree.Or(items):
                return any(holds(item, subject) for item in items)
            case tree.Not(item):
                return not holds(item, subject)
            case tree.View(names):
                return any(holds(views.get(name), subject) for name in names)
            case tree.Desk(names):
                return any(at_desk(one, subject) for one in named.desks if fold(one.name) in names)
            case tree.Late(names):
                waits = subject.status == "new" and not subject.replied
                return waits and any(
                    at_desk(one, subject) and subject.seen_at is not None and subject.seen_at + one.within < NOW
                    for one in named.desks
                    if one.open and one.within is not None and (not names or fold(one.name) in names)
                )
            case tree.Facet(name, values):
                listed = [one for value in values for one in lists.get(value[1:], ()) if value.startswith("@")]
                others = [value for value in values if not (value.startswith("@") and value[1:] in lists)]
                meant = [*(fold(value).removeprefix("@") for value in listed), *others]
                return any(_asked(tree.Facet(name, (value,)))(subject) for value in meant)
        return _asked(node)(subject)

    def at_desk(desk: Desk, subject: Subject) -> bool:
        return bool(list(subject.topics)) and holds(queries.read(desk.query), subject)

    return [number for number, subject in subjects.items() if holds(node, subject)]


@lru_cache(maxsize=10_000)
def _asked(node: tree.Node) -> Predicate:
    return compile(node, NOW)


def _downwards(reader: Reader, node: tree.Node, step: int) -> list[int]:
    found: list[int] = []
    before = None
    while True:
        page = reader.page(node, before=before, limit=step, budget=None, now=NOW)
        assert page.complete
        found += page.ids
        if len(page.ids) < step:
            return found
        before = page.back_to


def _upwards(reader: Reader, node: tree.Node, step: int) -> list[int]:
    found: list[int] = []
    after = -1
    while True:
        page = reader.page(node, after=after, limit=step, budget=None, now=NOW)
        assert page.complete
        found = page.ids + found
        if len(page.ids) < step:
            return found
        after = page.back_to


def _check_swept(reader: Reader, node: tree.Node, step: int) -> None:
    """A sweep finds the newest of those that count, and says how far back it looked."""
    counted = reader.page(tree.And((node, *COUNTS)), limit=1000, budget=None, now=NOW).ids
    whole, some = (reader.sweep(node, 0, FOREVER, most, lambda share: None, now=NOW) for most in (1000, step))
    assert (whole.ids().tolist()[::-1], whole.back_to) == (counted, 0)
    assert some.ids().tolist()[::-1] == counted[:step]
    assert [one for one in counted if one >= some.back_to] == counted[:step]


def _subjects(world: World) -> dict[int, Subject]:
    return {mention.id: Subject.of(mention) for mention in world.mentions}


def _check(reader: Reader, subjects: dict[int, Subject], node: tree.Node, named: Named, step: int) -> None:
    wanted = _wanted(subjects, node, named)
    assert reader.page(node, limit=1000, budget=None, now=NOW).ids == wanted
    _check_swept(reader, node, step)
    assert _downwards(reader, node, step) == wanted
    assert _upwards(reader, node, step) == wanted
    assert reader.count(node, cap=None, budget=None, now=NOW) == (len(wanted), True)


# Making a store smaller again and again would take minutes; the query that failed stands in the notes.
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(
    told=worlds, nodes=asked, limits=_limits(), step=st.sampled_from(STEPS), size=st.sampled_from([3, 8, 1000]),
    named=queries.given_names(),
)  # fmt: skip
def test_sql_and_predicate_agree(
    told: list[Story], nodes: list[tree.Node | None], limits: dict[str, int], step: int, size: int, named: Named
) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as patched:
        world = build(Path(folder), told, partition_size=size, named=named)
        for name, limit in limits.items():
            patched.enter_context(patch(f"listen.store.{name}", limit))
        subjects = _subjects(world)
        with Reader(world.path) as reader:
            for node in filter(None, nodes):
                note(str(node))
                _check(reader, subjects, node, named, step)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(told=st.lists(stories(), min_size=50, max_size=50), limits=_limits())
def test_they_agree_on_each_leaf_and_on_what_people_work_through(told: list[Story], limits: dict[str, int]) -> None:
    battery = tree.Words(("battery",))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as patched:
        world = build(Path(folder), told)
        for name, limit in limits.items():
            patched.enter_context(patch(f"listen.store.{name}", limit))
        subjects = _subjects(world)
        with Reader(world.path) as reader:
            leaves = queries.every_leaf()
            wholes = [node for leaf in leaves for node in (leaf, tree.Not(leaf), tree.And((battery, leaf)))]
            for node in wholes + queries.working_lists():
                note(str(node))
                assert reader.page(node, limit=1000, budget=None, now=NOW).ids == _wanted(subjects, node, Named())


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=worlds)
def test_what_was_written_is_read_and_nothing_else_is_in_the_index(told: list[Story]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = build(Path(folder), told)
        with Reader(world.path) as reader:
            read = reader.mentions([mention.id for mention in world.mentions])
            assert read == world.mentions
            assert [_light(row) for row in reader.rows([one.id for one in read])] == list(map(_of, world.mentions))
        with closing(sqlite.connect_people(world.path)) as connection:
            check_index(connection)


def _light(row: object) -> tuple[object, ...]:
    names = (
        "id",
        "kind",
        "source",
        "author",
        "title",
        "text",
        "lang",
        "score",
        "tone",
        "state",
        "status",
        "starred",
        "time",
    )
    return tuple(getattr(row, name) for name in names)


def _of(one: Mention) -> tuple[object, ...]:
    author = one.author and (one.author.handle if one.author.name is None else one.author.name)
    return (
        one.id, one.kind, one.sources[0], author, one.title, one.text[:500], one.lang, one.score, one.tone, one.state,
        one.status, one.starred, one.time,
    )  # fmt: skip
