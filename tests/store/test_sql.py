"""How queries become plans: what drives them, what is tested on rows, and that no text of others is part of any SQL."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen import query
from listen.model import Mention
from listen.query import match, tree
from listen.store import fts
from listen.store.normal import ALL, NEVER, Held, normal
from listen.store.plan import Branch, Plan, Walk, plan
from listen.store.read import Reader
from listen.store.sql import falls
from tests.store import queries
from tests.store.posts import NOW, Desk, make_post


def ids(what: str, names: object) -> set[int]:
    """A store in which every name has one id."""
    return {7}


def planned(written: str) -> Plan:
    return plan(query.parse(written), ids, NOW)


def only(written: str) -> Branch:
    (branch,) = planned(written).branches
    return branch


def statements(made: Plan) -> Iterator[str]:
    for branch in made.branches:
        for walk in (branch.walk, *branch.shortcuts):
            yield walk.select(1, 0, 9, True)[0]
            yield walk.few(1, 0, 9)[0]


# --- the normal shape ------------------------------------------------------------------------------------------------


def test_not_stands_before_leaves_only_and_equal_leaves_once() -> None:
    node = normal(query.parse("-(battery OR -died) battery -battery2 -battery2"), ids)
    assert node == NEVER
    node = normal(query.parse("-(battery OR -died) -toy -toy"), ids)
    battery, died, toy = (tree.Words((word,)) for word in ("battery", "died", "toy"))
    assert node == tree.And((tree.Not(battery), died, tree.Not(toy)))


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("a1 -a1", NEVER),
        ("a1 OR -a1", ALL),
        ("reach:>9", NEVER),
        ("-reach:>9", ALL),
        ("a1 reach:>9", NEVER),
        ("a1 OR reach:>9", tree.Words(("a1",))),
        ("", ALL),
    ],
)
def test_constants_are_worked_out(written: str, shape: tree.Node) -> None:
    assert normal(query.parse(written), ids) == shape


def test_what_the_index_would_cut_in_two_is_nobodys_word() -> None:
    for token in ("a-b", "a b", 'a"b', "a\0b", "A", ""):
        assert normal(tree.Words((token,)), ids) == NEVER
    assert normal(tree.Mark("#a-b"), ids) == NEVER
    assert normal(tree.Mark("#a_b"), ids) == tree.Mark("#a_b")


def test_unknown_names_find_nothing_and_too_many_authors_are_asked_by_name() -> None:
    assert normal(query.parse("topic:nobody"), lambda what, names: set()) == NEVER
    author = tree.Facet("author", ("joe",))
    assert normal(author, lambda what, names: None) == author
    assert normal(author, ids) == Held("author", (7,), author)


# --- what drives -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "table"),
    [
        ("", "mentions AS m"),
        ("likes:>3", "mentions AS m"),
        ("topic:acme", "matches AS d"),
        ("topic:acme likes:>3", "matches AS d"),
        ("topic:acme source:a", "search_{no} AS d"),
        ("battery likes:>3", "search_{no} AS d"),
        ("-battery", "search_{no} AS d"),
        ("status:new topic:acme", "inbox AS d"),
        ("status:new topic:acme likes:>3", "inbox AS d"),
        ("status:done likes:>3", "triage AS d INDEXED BY triage_status"),
        ("is:starred", "triage AS d INDEXED BY triage_starred"),
        ("status:new", "mentions AS m"),
        ("status:skipped", "mentions AS m"),
    ],
)
def test_the_table_that_is_walked(written: str, table: str) -> None:
    assert only(written).walk.table == table


def test_full_text_takes_all_that_it_can_say_in_one_expression() -> None:
    walk = only("battery (died OR #fail) -toy lang:fr author:joe source:a").walk
    assert walk.values == (
        '(({title text} : "battery") AND (facets : ("l_fr")) AND (facets : ("a_7")) AND (facets : ("s_7")) AND '
        '((({title text} : "died") OR (facets : ("#fail"))))) NOT (({title text} : "toy"))',
    )
    assert walk.test is None


def test_a_costly_prefix_is_tested_where_the_rest_is_rare() -> None:
    branch = only("ba* zebra")
    assert '"ba" *' in str(branch.walk.values[0])
    (shortcut,) = branch.shortcuts
    assert shortcut.values == ('({title text} : "zebra")',)
    assert shortcut.test is not None


def test_little_that_is_new_is_looked_through_at_once() -> None:
    branch = only("status:new battery")
    assert [walk.table for walk in branch.shortcuts] == ["inbox AS d"]
    assert not branch.shortcuts[0].ordered


def test_times_bound_the_ids() -> None:
    branch = only("battery since:2h until:1h")
    assert (branch.low, branch.high) == ((NOW - 7200 - 946_684_800) << 12, (NOW - 3600 - 946_684_800) << 12)
    assert branch.walk.test is None
    assert planned("since:1h until:2h").branches == ()


def test_or_runs_as_one_stream_for_each_branch_up_to_a_limit() -> None:
    assert len(planned("battery OR likes:>3 OR is:starred").branches) == 3
    assert len(planned("battery OR died OR topic:acme").branches) == 1
    wide = " OR ".join(f"(battery{n} likes:>{n})" for n in range(40))
    assert len(planned(wide).branches) == 1
    product = " ".join(f"(battery{n} OR likes:>{n})" for n in range(10))
    assert len(planned(product).branches) <= 32


def test_each_topic_has_an_inbox_of_its_own() -> None:
    made = plan(query.parse("status:new topic:(acme rival) battery"), lambda what, names: {1, 2}, NOW)
    assert [[walk.values for walk in branch.shortcuts if walk.where] for branch in made.branches] == [[(1,)], [(2,)]]


def test_what_is_most_of_all_bands_is_not_asked_of_full_text() -> None:
    assert only("sentiment:>-0.95").walk.table == "mentions AS m"
    said = fts.Speaker().say(normal(query.parse("sentiment:<=-0.9"), ids))
    assert said.match == 'facets : ("c_n9")'


# --- nothing foreign in SQL ------------------------------------------------------------------------------------------


@given(node=queries.trees)
def test_sql_holds_none_of_the_querys_own_text(node: tree.Node) -> None:
    """Words of a query stand between no quotes of ours: the SQL of any two queries differs in shape only."""
    for sql in statements(plan(node, ids, NOW)):
        letters = set(sql)
        assert all(sign.isascii() for sign in letters)
        assert not letters & set('"\\;')
        for word in ("battery", "orange", "lemonde", "claire", "acme", "press", "nowhere"):
            assert word not in sql


WORDS = st.text(min_size=1, max_size=6).filter(lambda word: "*" not in word)
"""A star is in no token, and the language refuses one alone."""


@given(words=st.lists(WORDS, min_size=1, max_size=3), prefix=st.booleans())
def test_any_token_is_a_query_that_sqlite_accepts(words: list[str], prefix: bool) -> None:
    nodes: list[tree.Node] = [
        tree.Words(tuple(words), prefix), tree.Near((tuple(words), tuple(words)), 2), tree.Pattern(f"{words[0]}?"),
        tree.Mark(f"#{words[0]}"), tree.Facet("url", (words[0],)), tree.Facet("lang", (words[0],)),
        tree.Facet("author", (words[0], f"{words[0]}*")), tree.Facet("topic", tuple(words)),
    ]  # fmt: skip
    with Reader(_plain()) as reader:
        for node in (*nodes, tree.Not(tree.Or(tuple(nodes)))):
            reader.page(node, budget=None, now=NOW)


_made: list[Path] = []


def _plain() -> Path:
    """A store with one mention, made once."""
    if not _made:
        from tests.store.worlds import Story, build

        post = make_post("0", "the battery died")
        told = [Story(post, [0], ["acme"], "new", False, None, "kept")]
        _made.append(build(Path(tempfile.mkdtemp(prefix="listen-plain-")), told).path)
    return _made[0]


# --- against SQLite --------------------------------------------------------------------------------------------------


def _explained(desk: Desk, walk: Walk, newest_first: bool) -> str:
    sql, values = walk.select(1, 0, 1 << 60, newest_first)
    return " | ".join(row[3] for row in desk.rows(f"EXPLAIN QUERY PLAN {sql}", *values))


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(
    "written",
    [
        "",
        "likes:>3",
        "topic:acme rating:2",
        "battery likes:>3",
        "status:new topic:acme",
        "status:done",
        "is:starred -likes:>3",
    ],
)
def test_nothing_is_sorted_nor_scanned_by_another_order(world: Desk, written: str, newest_first: bool) -> None:
    for branch in planned(written).branches:
        told = _explained(world, branch.walk, newest_first)
        assert "TEMP B-TREE" not in told
        assert told.startswith(("SCAN d VIRTUAL TABLE", "SEARCH")), told


DEEP = """
import sys
from listen.query import tree
from listen.store.read import Reader
from listen.store import sqlite

def nested(depth, leaves):
    node = leaves[0]
    for level in range(depth):
        below = tree.Not(node) if level % 3 == 0 else node
        node = (tree.And if level % 2 else tree.Or)((leaves[level % len(leaves)], below))
    return node

likes, battery = tree.Number("likes", 1.0), tree.Words(("battery",))
wide = [tree.Words((f"w{n}",)) for n in range(2000)]
rows = [tree.Number("likes", float(n)) for n in range(2000)]
asked = [
    nested(64, [battery, likes]), nested(64, [likes, tree.Facet("topic", ("acme",))]),
    nested(64, [battery, tree.Words(("died",))]), tree.Or(tuple(wide)), tree.And(tuple(wide)), tree.Or(tuple(rows)),
    tree.And(tuple(rows)), tree.Or((tree.And(tuple(wide)), *rows)),
    tree.Facet("url", tuple(f"u{n}" for n in range(3000))), tree.Facet("author", tuple(f"u{n}*" for n in range(3000))),
    tree.Facet("site", tuple(f"u{n}" for n in range(3000))),
    tree.Exact(" ".join("w" * 2000)),
]
with Reader(sys.argv[1]) as reader:
    for node in asked:
        for one in (node, tree.Not(node)):
            assert reader.page(one, budget=None, now=0).complete
print(sqlite.sqlite3.__name__)
"""


@pytest.mark.parametrize("library", ["stdlib", ""])
def test_deep_and_wide_queries_fit_into_both_libraries_of_sqlite(library: str) -> None:
    environment = {**os.environ, "LISTEN_SQLITE": library}
    child = subprocess.run(
        [sys.executable, "-c", DEEP, str(_plain())], capture_output=True, text=True, env=environment, check=False
    )
    assert child.returncode == 0, child.stderr
    assert library != "stdlib" or child.stdout.strip() == "sqlite3"


# --- hours of the week -----------------------------------------------------------------------------------------------


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(queries.ZONES), st.integers(0, 60 * 366 * 86_400), st.data())
def test_hours_and_days_are_the_same_to_sql_as_to_the_predicate(zone: str, second: int, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["weekday", "hour"]))
    values = data.draw(st.lists(st.integers(0, 6 if name == "weekday" else 23), min_size=1, unique=True))
    node = tree.Weekly(name, tuple(sorted(values)), zone)  # type: ignore[arg-type]
    at = second << 12 | 4095
    low, high = at - data.draw(st.integers(0, at)), at + data.draw(st.integers(1, 1 << 62))
    known = f"{falls(node, 'id')}, {falls(node, 'id', low, high)}"
    told = sqlite3.connect(":memory:").execute(f"SELECT {known} FROM (SELECT ? AS id)", (at,)).fetchone()
    assert told == (match.compile(node, 0.0)(match.Subject.of(Mention(at, "n", "1", "post", ""))),) * 2


def test_other_hours_are_passed_over_by_the_ids_alone() -> None:
    for written in ("topic:acme weekday:mon hour:13", "hour:13", "topic:acme -hour:9..17 since:7d"):
        sql, _ = only(written).walk.select(1, 0, 9, True)
        assert "mentions" not in sql, "no row of a mention is read for its hour"
    assert only("-weekday:mon..thu").walk == only("weekday:fri..sun").walk
    assert planned("-hour:0..23").branches == ()
    both = planned("id:(5 9) hour:13").branches
    assert [(one.low, one.high) for one in both] == [(5, 6), (9, 10)]
