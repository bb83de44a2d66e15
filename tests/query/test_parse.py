"""The grammar: what each spelling becomes."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.query import QueryError, hints, parse
from listen.query.tree import (
    NOWHERE,
    All,
    And,
    Desk,
    Exact,
    Facet,
    Late,
    Mark,
    Moment,
    Near,
    Node,
    Not,
    Number,
    Or,
    Pattern,
    Time,
    Tone,
    Toward,
    View,
    Weekly,
    Words,
    walk,
)


def bare(node: Node) -> Node:
    """The tree without its columns."""
    match node:
        case And(items):
            return And(tuple(bare(item) for item in items))
        case Or(items):
            return Or(tuple(bare(item) for item in items))
        case Not(item):
            return Not(bare(item))
    return dataclasses.replace(node, span=NOWHERE)


def words(*tokens: str, **more: object) -> Words:
    return Words(tokens, **more)  # type: ignore[arg-type]


def second(*parts: int) -> Moment:
    return Moment(at=int(datetime(*parts, tzinfo=UTC).timestamp()))


A, B, C, D = (words(letter) for letter in "abcd")

TABLE: list[tuple[str, Node]] = [
    # words and logic
    ("battery died", And((words("battery"), words("died")))),
    ("battery AND died", And((words("battery"), words("died")))),
    ("battery OR charger", Or((words("battery"), words("charger")))),
    ("battery NOT toy", And((words("battery"), Not(words("toy"))))),
    ("battery AND NOT toy", And((words("battery"), Not(words("toy"))))),
    ("-toy", Not(words("toy"))),
    ("–toy", Not(words("toy"))),
    ("battery-life", words("battery", "life")),
    ("( battery )", words("battery")),
    ("Été BATTERY", And((words("ete"), words("battery")))),
    ("it's", words("it", "s")),
    ("a/b", words("a", "b")),
    ("/etc/", words("etc")),
    ("24/7", words("24", "7")),
    ("100%", words("100")),
    ("C++", words("c")),
    ("😀", words("😀")),
    ("東京都", words("東京", "京都")),
    ("東", words("東", prefix=True)),
    ("12:30", words("12", "30")),
    ("std::vector", words("std", "vector")),
    ("Warning: fire", And((words("warning"), words("fire")))),
    ("http://x.y/z?q=1", Facet("url", ("x.y/z?q=1",))),
    ("HTTPS://X.y/Ö", Facet("url", ("x.y/Ö",))),
    # precedence and flatness
    ("a OR b c", Or((A, And((B, C))))),
    ("a b OR c d", Or((And((A, B)), And((C, D))))),
    ("(a OR b) c", And((Or((A, B)), C))),
    ("NOT a b", And((Not(A), B))),
    ("NOT a OR b", Or((Not(A), B))),
    ("NOT (a OR b)", Not(Or((A, B)))),
    ("-(a b)", Not(And((A, B)))),
    ("NOT NOT a", A),
    ("NOT -NOT a", Not(A)),
    ("a (b (c d))", And((A, B, C, D))),
    ("a OR (b OR c) OR d", Or((A, B, C, D))),
    ("a NEAR/2 b OR c", Or((Near((("a",), ("b",)), 2), C))),
    ("NOT a NEAR/2 b", Not(Near((("a",), ("b",)), 2))),
    # phrases and distances
    ('"battery life"', words("battery", "life")),
    ("“battery life”", words("battery", "life")),
    ("«battery life»", words("battery", "life")),
    ("„battery life“", words("battery", "life")),
    ('"battery lif*"', words("battery", "lif", prefix=True)),
    ('"what now?"', words("what", "now")),
    ('"OR"', words("or")),
    ('"a OR (b"', words("a", "or", "b")),
    ('"東京都 大阪"', words("東京", "京都", "都", "大阪")),
    ('"battery died"~5', Near((("battery",), ("died",)), 5)),
    ('"salt & e-bike"~3', Near((("salt",), ("e", "bike")), 3)),
    ('"battery"~3', words("battery")),
    ("battery NEAR/5 died", Near((("battery",), ("died",)), 5)),
    ("battery ONEAR/5 died", Near((("battery",), ("died",)), 5, ordered=True)),
    ("battery NEAR/5f died", Near((("battery",), ("died",)), 5, ordered=True)),
    ("a NEAR/0 b NEAR/0 c", Near((("a",), ("b",), ("c",)), 0)),
    ('"new york" NEAR/9 "rain cloud"', Near((("new", "york"), ("rain", "cloud")), 9)),
    ("a NEAR/5 (b OR c)", Or((Near((("a",), ("b",)), 5), Near((("a",), ("c",)), 5)))),
    # shapes
    ("bat*", words("bat", prefix=True)),
    ("e-bik*", words("e", "bik", prefix=True)),
    ("東京*", words("東京", prefix=True)),
    ("te?t", Pattern("te?t")),
    ("ÉT?", Pattern("et?")),
    ("c?r*", Pattern("c?r", prefix=True)),
    ("{Orange}", Exact("Orange")),
    ("{ Acme   Corp }", Exact("Acme Corp")),
    ("{C++}", Exact("C++")),
    ("{e\u0301t\u00e9}", Exact("été")),
    # marks
    ("#Acme", Mark("#acme")),
    ("@claire", Mark("@claire")),
    ("#東京都", Mark("#東京都")),
    ("#acme!", Mark("#acme")),
    ("-#acme", Not(Mark("#acme"))),
    ('"#acme"', Mark("#acme")),
    ("@claire@mastodon.social", And((Mark("@claire"), words("claire", "mastodon", "social")))),
    ('"#acme rocks"', And((Mark("#acme"), words("acme", "rocks")))),
    # places
    ("title:battery", words("battery", where="title")),
    ("Title:battery", words("battery", where="title")),
    ('text:"battery life"', words("battery", "life", where="text")),
    ("title:bat*", words("bat", prefix=True, where="title")),
    ("title:te?t", Pattern("te?t", where="title")),
    ("title:{Orange} a", And((Exact("Orange", where="title"), A))),
    ("title:(a OR b)", Or((words("a", where="title"), words("b", where="title")))),
    ("title:(a NEAR/5 b)", Near((("a",), ("b",)), 5, where="title")),
    ("title:a NEAR/5 title:b", Near((("a",), ("b",)), 5, where="title")),
    # facets
    ("lang:fr", Facet("lang", ("fr",))),
    ("lang:(fr de)", Facet("lang", ("fr", "de"))),
    ("lang:(FR, de OR fr)", Facet("lang", ("fr", "de"))),
    ("-lang:fr", Not(Facet("lang", ("fr",)))),
    ("topic:Acme", Facet("topic", ("acme",))),
    ('topic:"Acme Été"', Facet("topic", ("acme ete",))),
    ("source:hn", Facet("source", ("hn",))),
    ("author:@Claire", Facet("author", ("@claire",))),
    ("author:claire@mastodon.social", Facet("author", ("claire@mastodon.social",))),
    ('author:"Le Monde"', Facet("author", ("le monde",))),
    ('author:("Le Monde" cla* @bob)', Facet("author", ("le monde", "cla*", "@bob"))),
    ("kind:Article", Facet("kind", ("article",))),
    ("status:(new done)", Facet("status", ("new", "done"))),
    ("is:starred", Facet("is", ("starred",))),
    ("has:link", Facet("has", ("link",))),
    ("site:https://www.LeMonde.fr/", Facet("site", ("lemonde.fr",))),
    ("url:HTTPS://lemonde.fr/Sport", Facet("url", ("lemonde.fr/sport",))),
    # numbers
    ("sentiment:neg", Tone(("neg",))),
    ("sentiment:(neg unknown)", Tone(("neg", "unknown"))),
    ("sentiment:<-0.3", Number("sentiment", None, -300, high_included=False)),
    ("sentiment:-1..-0.5", Number("sentiment", -1000, -500)),
    ("sentiment:>=.05", Number("sentiment", 50, None)),
    ("sentiment:(pos <-0.5)", Or((Tone(("pos",)), Number("sentiment", None, -500, high_included=False)))),
    ("followers:>1000", Number("followers", 1000, None, low_included=False)),
    ("followers:<=10k", Number("followers", None, 10_000)),
    ("views:1.5M..", Number("views", 1_500_000, None)),
    ("likes:..20", Number("likes", None, 20)),
    ("likes:10..20", Number("likes", 10, 20)),
    ("replies:0", Number("replies", 0, 0)),
    ("reposts:=3", Number("reposts", 3, 3)),
    ("rating:(1 2)", Or((Number("rating", 1, 1), Number("rating", 2, 2)))),
    # times
    ("since:2h", Time("time", Moment(ago=7200))),
    ("since:30m", Time("time", Moment(ago=1800))),
    ("since:7d", Time("time", Moment(ago=7 * 86_400))),
    ("until:4w", Time("time", None, Moment(ago=28 * 86_400))),
    ("since:2026-01-31", Time("time", second(2026, 1, 31))),
    ("until:2026-01-31", Time("time", None, second(2026, 2, 1))),
    ("until:2026-12", Time("time", None, second(2027, 1, 1))),
    ("until:2026-01-31T14:00", Time("time", None, second(2026, 1, 31, 14))),
    ("since:2026-01-31T14:00:30Z", Time("time", second(2026, 1, 31, 14, 0, 30))),
    ("since:2026-01-31T14:00+02:00", Time("time", second(2026, 1, 31, 12))),
    ("date:2026", Time("time", second(2026, 1, 1), second(2027, 1, 1))),
    ("date:2026-01", Time("time", second(2026, 1, 1), second(2026, 2, 1))),
    ("date:2024-02-29", Time("time", second(2024, 2, 29), second(2024, 3, 1))),
    ("date:2026-01-31T14:00", Time("time", second(2026, 1, 31, 14), second(2026, 1, 31, 14, 1))),
    ("date:2026-01-02..2026-01-04", Time("time", second(2026, 1, 2), second(2026, 1, 5))),
    ("date:2026-01..", Time("time", second(2026, 1, 1))),
    ("date:7d..2d", Time("time", Moment(ago=7 * 86_400), Moment(ago=2 * 86_400))),
    ("date:(2026-01 2026-03)", Or((
        Time("time", second(2026, 1, 1), second(2026, 2, 1)), Time("time", second(2026, 3, 1), second(2026, 4, 1)),
    ))),
    ("seen:2h", Time("seen", Moment(ago=7200))),
    ("weekday:Mon", Weekly("weekday", (0,))),
    ("weekday:(sunday sat)", Weekly("weekday", (5, 6))),
    ("weekday:fri..mon", Weekly("weekday", (0, 4, 5, 6))),
    ("hour:13", Weekly("hour", (13,))),
    ("hour:[9 TO 11]", Weekly("hour", (9, 10, 11))),
    ("hour:22..1", Weekly("hour", (0, 1, 22, 23))),
    ("hour:(>=22 <2 7..7)", Weekly("hour", (0, 1, 7, 22, 23))),
    ("hour:..1", Weekly("hour", (0, 1))),
    ("hour:9@Europe/Paris", Weekly("hour", (9,), "Europe/Paris")),
    ("hour:(9@+0530 9@UTC 10@+00:00)", Or((Weekly("hour", (9,), "+05:30"), Weekly("hour", (9, 10))))),
    ("id:(3332829999104 07)", Facet("id", ("3332829999104", "7"))),
    ("seen:2026-01-31", Time("seen", second(2026, 1, 31), second(2026, 2, 1))),
    # what the store does not hold yet
    ("toward:acme:<0", Toward("acme", Number("sentiment", None, 0.0, high_included=False))),
    ("toward:Acme:neg", Toward("acme", Tone(("neg",)))),
    ('toward:"my: brand:-1..-0.5"', Toward("my: brand", Number("sentiment", -1000.0, -500.0))),
    ("toward:(acme:neg rival:pos)", Or((Toward("acme", Tone(("neg",))), Toward("rival", Tone(("pos",)))))),
    ("intent:(Complaint delivery warranty)", Facet("intent", ("complaint", "delivery", "warranty"))),
    ("stage:leave", Facet("intent", ("churn", "dissuade"))),
    ("stage:(leave support)", Or((
        Facet("intent", ("churn", "dissuade")),
        And((Facet("intent", ("complaint", "delivery", "privacy")), Not(Facet("intent", ("churn", "dissuade"))))),
    ))),
    ("view:Crisis", View(("crisis",))),
    ("is:noise", Facet("is", ("noise",))),
    ("has:note", Facet("has", ("note",))),
    ("is:(starred corrected)", Facet("is", ("starred", "corrected"))),
    # comments and nothing
    ("", All()),
    (" \t\n", All()),
    ("<<< only a comment >>>", All()),
    ("a <<< not b >>> c", And((A, C))),
    ("a<<<x>>>b", And((A, B))),
    ("lang:(fr <<< and >>> de)", Facet("lang", ("fr", "de"))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), TABLE, ids=[text for text, _ in TABLE])
def test_a_spelling_becomes_its_tree(text: str, tree: Node) -> None:
    assert bare(parse(text)) == tree


def test_the_default_is_utc_and_days_follow_the_zone() -> None:
    assert bare(parse("date:2026-03-29", ZoneInfo("Europe/Paris"))) == Time(
        "time", second(2026, 3, 28, 23), second(2026, 3, 29, 22)
    ), "a day in which the clocks go forward has 23 hours"
    assert bare(parse("hour:9", ZoneInfo("Europe/Paris"))) == Weekly("hour", (9,), "Europe/Paris")
    east = timezone(timedelta(hours=2))
    assert bare(parse("hour:(9 9@UTC)", east)) == Or((Weekly("hour", (9,), "+02:00"), Weekly("hour", (9,))))
    assert bare(parse("since:2026-01-01T00:00Z", east)) == Time("time", second(2026, 1, 1))


def test_nodes_know_where_they_were_written() -> None:
    text = 'acme <<< x >>> (title:"b c" OR lang:(fr de)) -#tag'
    written = {text[slice(*node.span)] for node in walk(parse(text))}
    assert written == {text, "acme", 'title:"b c" OR lang:(fr de)', 'title:"b c"', "lang:(fr de)", "-#tag", "#tag"}


# --- trees of any shape, written down in any of their spellings ------------------------------------------------------

LEAVES: list[tuple[str, Node]] = [
    ("acme", words("acme")),
    ('"battery life"', words("battery", "life")),
    ("bat*", words("bat", prefix=True)),
    ('"a b"~3', Near((("a",), ("b",)), 3)),
    ("title:x", words("x", where="title")),
    ("#tag", Mark("#tag")),
    ("{Orange}", Exact("Orange")),
    ("lang:(fr de)", Facet("lang", ("fr", "de"))),
    ("likes:>3", Number("likes", 3, None, low_included=False)),
    ("desk:Legal", Desk(("legal",))),
    ("is:(late own)", Or((Late(), Facet("is", ("own",))))),
    ("intent:(praise idea)", Facet("intent", ("praise", "idea"))),
]


def grouped(kind: type[And] | type[Or], children: list[tuple[str, Node]], draw: st.DrawFn) -> tuple[str, Node]:
    joints = [" OR "] if kind is Or else [" ", " AND ", " <<< c >>> "]
    text, items = "", []
    for spelling, node in children:
        text += (draw(st.sampled_from(joints)) if items else "") + spelling
        items.append(node)
    flat = tuple(part for item in items for part in (item.items if isinstance(item, kind) else (item,)))
    return f"({text})", kind(flat)


@st.composite
def queries(draw: st.DrawFn, depth: int = 4) -> tuple[str, Node]:
    """A query and the tree that it must give."""
    shape = draw(st.sampled_from(["leaf", "not", "and", "or", "group"] if depth else ["leaf"]))
    if shape == "leaf":
        return draw(st.sampled_from(LEAVES))
    if shape in ("not", "group"):
        text, node = draw(queries(depth - 1))
        if shape == "group":
            return f"( {text} )", node
        return f"{draw(st.sampled_from(['NOT ', '-']))}{text}", node.item if isinstance(node, Not) else Not(node)
    children = [draw(queries(depth - 1)) for _ in range(draw(st.integers(2, 3)))]
    return grouped(And if shape == "and" else Or, children, draw)


@given(queries())
def test_any_tree_is_read_back_from_its_spelling(pair: tuple[str, Node]) -> None:
    text, tree = pair
    assert bare(parse(text)) == tree


SOUP = [
    "a", "bat*", "te?t", "*", "?", "-", "(", ")", '"', "“", "{", "}", "~5", "AND", "OR", "NOT", "NEAR/3", "ONEAR/2",
    "NEAR", "title:", "lang:", "lang:fr", "since:2h", "date:2026-01", "sentiment:", "<-0.3", "..", "#tag", "@me",
    "#", "<<<", ">>>",
    "desk:x", "foo:", "http://x", ":", "東", "😀", "\0", "\ud800", " ", "\n", "is:noise", "'", "|", "\x1b", "é", "ﷺ",
]  # fmt: skip


def read(text: str) -> tuple[Node | None, QueryError | None]:
    try:
        return parse(text), None
    except QueryError as error:
        return None, error


def no_controls(text: str) -> bool:
    return all(unicodedata.category(sign) != "Cc" for sign in text)


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SOUP), max_size=20).map("".join)))
def test_whatever_is_typed_is_read_or_refused_at_a_column(text: str) -> None:
    node, error = read(text)
    if node is not None:
        for part in walk(node):
            assert 0 <= part.span[0] <= part.span[1] <= len(text)
            json.dumps(dataclasses.asdict(part), ensure_ascii=False).encode()  # nothing that SQLite would not take
        assert all(no_controls(hint.message) for hint in hints(text))
    if error is not None:
        assert 0 <= error.column <= len(text)
        shown, carets = error.caret(text).split("\n")
        assert no_controls(str(error) + shown)
        assert set(carets) <= {" ", "^"}


def test_the_hostile_queries_are_words_or_refused_in_one_line(shared: Path) -> None:
    answers = {}
    for text in json.loads((shared / "fixtures/hostile/inputs/queries.json").read_text()):
        node, error = read(text)
        answers[text[:30]] = bare(node) if node else None
        assert node or "\n" not in str(error)
    assert answers["C++"] == words("c")
    assert answers["-x"] == Not(words("x"))
    assert answers["100%"] == words("100")
    assert answers["#tag"] == Mark("#tag")
    assert answers["it's"] == words("it", "s")
    assert [answers[text] for text in ('"', "a AND", "nocol:x", "_", "'; DROP TABLE mentions;--")] == [None] * 5
