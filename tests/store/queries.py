"""Queries of every kind that hypothesis makes over the worlds beside: as trees and as people write them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, permutations, product
from typing import cast

from hypothesis import strategies as st

from listen import query, text
from listen.model import INTENTS, KINDS, STATUSES, first_id
from listen.query import tree
from listen.query.fields import HAS, IS
from listen.query.weekly import SIZES, Name
from listen.service import Desk
from tests.store.worlds import (
    AUTHORS,
    DESKS,
    LANGS,
    LISTS,
    NOW,
    OFTEN,
    PEOPLE,
    SOURCES,
    TAGS,
    TOPICS,
    VIEWS,
    WORDS,
    Named,
)

TOKENS = sorted({token for word in WORDS for token in text.tokens(word)[0]})
FLAGS = [flag for flag in IS if flag != "late"]
"""Late is a node of its own."""

MARKS = sorted({mark for word in WORDS for mark in text.tokens(word)[1]})
SPELLED = [word for word in WORDS if text.query_tokens(word)[0]]

where = st.sampled_from(["any", "any", "title", "text"])
token = st.sampled_from([*TOKENS, "nowhere"])
often = st.sampled_from([text.fold(word) for word in OFTEN])
run = st.lists(token | often, min_size=1, max_size=3).map(tuple)
short = st.lists(often, min_size=1, max_size=2).map(tuple)


@st.composite
def _words(draw: st.DrawFn) -> tree.Node:
    prefix = draw(st.booleans())
    tokens = list(draw(run))
    if prefix:
        tokens[-1] = tokens[-1][: draw(st.integers(1, 4))]
    return tree.Words(tuple(tokens), prefix, draw(where))


@st.composite
def _patterns(draw: st.DrawFn) -> tree.Node:
    word = draw(token)
    at = draw(st.integers(1, max(1, len(word) - 1)))
    pattern = word[:at] + "?" + word[at + 1 :]
    if draw(st.booleans()) and pattern[3:]:
        pattern = pattern[:-1] + draw(st.sampled_from("?x"))
    return tree.Pattern(pattern, draw(st.booleans()), draw(where))


@st.composite
def _numbers(draw: st.DrawFn) -> tree.Node:
    name = draw(
        st.sampled_from(["sentiment", "sentiment", "followers", "likes", "replies", "reposts", "views", "rating"])
    )
    if name == "sentiment":
        bound = st.sampled_from([None, -1000.0, -950.5, -900.0, -300.0, -50.0, 0.0, 49.0, 100.0, 999.0, 1000.0])
    else:
        bound = st.sampled_from([None, 0.0, 1.0, 1.5, 7.0, 10.0, 1_000.0, 1e12])
    return tree.Number(name, draw(bound), draw(bound), draw(st.booleans()), draw(st.booleans()))  # type: ignore[arg-type]


moments = st.one_of(
    st.none(),
    st.sampled_from([0.0, 60.0, 7200.0, 86_400.0 * 40, 9e9]).map(lambda ago: tree.Moment(ago=ago)),
    st.sampled_from([0, 946_684_799, 946_684_800, NOW - 7200, NOW - 60, NOW, NOW + 1, NOW + 999]).map(
        lambda at: tree.Moment(at=at)
    ),
)


ZONES = ("", "", "Europe/Paris", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "-11:30", "+14:00")
IDS = [str(first_id(when) + at) for when in (0, NOW - 7200, NOW - 60, NOW - 1, NOW) for at in (0, 1)]


@st.composite
def _weekly(draw: st.DrawFn) -> tree.Node:
    name: Name = draw(st.sampled_from(["weekday", "hour"]))
    values = draw(st.lists(st.integers(0, SIZES[name] - 1), min_size=1, max_size=SIZES[name], unique=True))
    return tree.Weekly(name, tuple(sorted(values)), draw(st.sampled_from(ZONES)))


def _facet(name: str, values: list[str], most: int = 3) -> st.SearchStrategy[tree.Node]:
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True).map(tuple)
    return chosen.map(lambda some: tree.Facet(name, some))  # type: ignore[arg-type]


_sentiments = _numbers().filter(lambda node: isinstance(node, tree.Number) and node.name == "sentiment")
_tones = st.lists(st.sampled_from(["neg", "neu", "pos", "none", "unknown"]), min_size=1, max_size=5, unique=True).map(
    lambda tones: tree.Tone(tuple(tones))
)  # type: ignore[arg-type]
_NAMES = [
    text.fold(name) for who in AUTHORS if who for name in (who.handle, who.name, who.handle.split("@")[0]) if name
]

leaves: st.SearchStrategy[tree.Node] = st.one_of(
    _words(),
    _words(),
    _words(),
    st.just(tree.All()),
    st.builds(
        tree.Near, st.lists(run | short, min_size=2, max_size=3).map(tuple), st.integers(0, 5), st.booleans(), where
    ),
    _patterns(),
    st.builds(tree.Exact, st.sampled_from(SPELLED), where),
    st.sampled_from([*MARKS, "#nowhere"]).map(tree.Mark),
    _facet("topic", [*map(text.fold, TOPICS), "nowhere"]),
    _facet("source", [text.fold(name) for pair in SOURCES for name in pair]),
    _facet("author", [*_NAMES, "c*", "b*", "a*", "東*", "nobody"]),
    _facet("lang", [lang for lang in LANGS if lang and len(lang) == 2] + ["xx"]),
    _facet("country", ["fr", "gb", "de"]),
    _facet("kind", list(KINDS)),
    _facet("status", list(STATUSES)),
    _facet("is", FLAGS),
    _facet("has", list(HAS)),
    _facet("tag", [*map(text.fold, TAGS), "nowhere"]),
    _facet("assignee", [*PEOPLE, "nobody"]),
    _facet("story", ["1", "2", "999999999999999"]),
    _facet("segment", ["vip", "ete", "nowhere"]),
    _facet("site", ["lemonde.fr", "fr", "x.example", "nowhere"]),
    _facet("url", ["lemonde", "/sport", "é", "x"]),
    _numbers(),
    _tones,
    st.builds(tree.Toward, st.sampled_from([*map(text.fold, TOPICS), "nowhere"]), _sentiments | _tones),
    st.builds(tree.Time, st.sampled_from(["time", "seen"]), moments, moments),
    _weekly(),
    _facet("id", IDS),
    st.just(tree.Later("reach", ">9")),
    _facet("intent", [*INTENTS, "nowhere"]),
    st.lists(st.sampled_from([*map(text.fold, DESKS), "nothing"]), min_size=1, max_size=2).map(
        lambda names: tree.Desk(tuple(names))
    ),
    st.lists(st.sampled_from(list(map(text.fold, DESKS))), max_size=1).map(lambda names: tree.Late(tuple(names))),
    st.lists(st.sampled_from([*map(text.fold, VIEWS), "nothing"]), min_size=1, max_size=2).map(
        lambda names: tree.View(tuple(names))
    ),
    st.builds(
        lambda name, values: tree.Facet(name, tuple(values)),  # type: ignore[arg-type]
        st.sampled_from(["author", "source", "site", "topic"]),
        st.lists(
            st.sampled_from([*(f"@{text.fold(name)}" for name in LISTS), "@nothing", "claire", "press"]),
            min_size=1, max_size=2, unique=True,
        ),
    ),
)  # fmt: skip


def _grown(below: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    some = st.lists(below, min_size=2, max_size=4).map(tuple)
    return st.one_of(some.map(tree.And), some.map(tree.Or), below.map(tree.Not))


trees = st.recursive(leaves, _grown, max_leaves=8)


FIELDS = """
topic:acme|topic:"Zoé"|topic:(acme rival)|source:HN|source:été|source:feed|author:claire|author:@claire@mastodon.social
author:"Claire Dupont"|author:c*|lang:fr|lang:(fr de)|kind:reply|status:new|status:(done dismissed)|is:starred|is:reply
is:question|has:link|site:lemonde.fr|url:sport|link:lemonde.fr|sentiment:neg|sentiment:<-0.3|sentiment:-1..-0.5|sentiment:unknown|likes:>1
followers:>=10|rating:1..4|since:2h|until:2025-12-31|date:2025-12|seen:1d|view:nothing
weekday:wed|-weekday:mon..fri|hour:(9..17 23)|hour:22..1@Europe/Paris|-hour:>=12@+05:45|weekday:thu hour:<2|id:(1 4096)
desk:legal|desk:(legal 東京) is:late|-is:late|has:topic|reach:>9|intent:praise|-intent:(idea job)|stage:(stay use)
toward:acme:<0|toward:rival:none|toward:Zoé:neg|toward:東京:>=0|toward:(acme:pos rival:none)
-toward:zoe:neg|toward:nowhere:neg
country:fr|country:(uk de)|tag:vip|tag:(ÉTÉ #東京)|assignee:@ana|assignee:(ana bo)|has:(note tag)|-tag:vip
segment:VIP|segment:(été vip)|-segment:vip
author:@staff|author:(@staff bobby)|source:@Été|topic:(@staff @Été)|site:@staff|source:@nothing
"""

_word = st.sampled_from(WORDS)
_common = st.sampled_from([*OFTEN, '"a battery"', '"battery died"'])
_groups = st.lists(_common, min_size=1, max_size=3).map(lambda some: f"({' OR '.join(some)})")
_terms = st.one_of(
    _word,
    _word,
    _word.map(lambda word: f"{word[:3]}*"),
    _word.map(lambda word: f"{{{word}}}"),
    _word.map(lambda word: f"{word[:1]}?{word[2:]}"),
    st.tuples(st.sampled_from(["title:", "text:", ""]), _word, _word).map(lambda it: f'{it[0]}"{it[1]} {it[2]}"'),
    st.tuples(_word, st.sampled_from(["NEAR", "ONEAR"]), st.integers(0, 4), _word).map(
        lambda it: f"{it[0]} {it[1]}/{it[2]} {it[3]}"
    ),
    st.tuples(st.sampled_from(["", "title:", "text:"]), _groups, _groups, st.integers(0, 4)).map(
        lambda it: f"{it[0]}({it[1]} {it[2]})~{it[3]}"
    ),
    st.tuples(_groups, st.sampled_from(["NEAR", "ONEAR"]), st.integers(0, 4), _groups).map(
        lambda it: f"{it[0]} {it[1]}/{it[2]} {it[3]}"
    ),
    st.sampled_from(FIELDS.strip().replace("\n", "|").split("|")),
    st.sampled_from(FIELDS.strip().replace("\n", "|").split("|")),
)


@st.composite
def texts(draw: st.DrawFn, views: tuple[str, ...] = VIEWS) -> str:
    """What a person might type, right or wrong."""
    terms = st.one_of(_terms, _terms, st.sampled_from(views).map("view:{}".format)) if views else _terms
    parts = draw(st.lists(terms, min_size=1, max_size=5))
    said = parts[0]
    for part in parts[1:]:
        said += draw(st.sampled_from([" ", " ", " OR ", " AND ", " NOT ", " -"])) + draw(
            st.sampled_from([part, part, f"({part})"])
        )
    return said


@st.composite
def given_names(draw: st.DrawFn) -> Named:
    """Saved queries, each of which may hold those before it, and lists of names."""
    views = {name: draw(texts(VIEWS[:at])) for at, name in enumerate(VIEWS) if draw(st.integers(0, 4))}
    values = [who.handle for who in AUTHORS if who] + [name for pair in SOURCES for name in pair] + TOPICS
    values += ["@Claire", "lemonde.fr", "x.example", "nobody", "b*"]
    lists = st.lists(st.sampled_from(values), max_size=4)
    plain = texts(()).filter(lambda text: "desk:" not in text and "late" not in text)  # else it would hold itself
    # All was seen now, so that only what was promised before it came in is late.
    desks = [
        Desk(name, draw(plain), draw(st.sampled_from([None, -1.0, -1.0, 0.0, 7200.0])), open=draw(st.booleans()))
        for name in DESKS
        if draw(st.integers(0, 4))
    ]
    return Named(views, {name: draw(lists) for name in LISTS if draw(st.integers(0, 4))}, desks)


def read(written: str) -> tree.Node | None:
    """The tree of a text, None when it is no query."""
    try:
        return query.parse(written)
    except query.QueryError:
        return None


def every_leaf() -> list[tree.Node]:
    """Each field with each value and each bound, each word and spelling: what chance would rarely try."""
    frequent = [text.fold(word) for word in OFTEN]
    found: list[tree.Node] = [tree.Words((one,)) for one in TOKENS]
    found += [tree.Words((one[:2],), True) for one in TOKENS]
    found += [tree.Pattern(one[:1] + "?" + one[2:]) for one in TOKENS if one[1:]]
    found += map(tree.Exact, SPELLED)
    for place, one in product(("title", "text"), frequent):
        where = cast(tree.Where, place)
        found += [tree.Words((one,), False, where), tree.Words((one[:1],), True, where), tree.Exact(one, where)]
        found += [tree.Words((one, two), False, where) for two in frequent]
    found += [tree.Words(pair, last) for pair in product(frequent, frequent) for last in (True, False)]
    for distance, ordered in product((0, 2), (True, False)):
        found += [tree.Near(((one,), (two,)), distance, ordered) for one, two in product(frequent, frequent)]
        found += [
            tree.Near(((one,), (two,), (three,)), distance, ordered) for one, two, three in permutations(frequent, 3)
        ]
        found += [tree.Near(((one, two), (three,)), distance, ordered) for one, two, three in permutations(frequent, 3)]
    found += map(tree.Mark, MARKS)
    facets: list[tuple[tree.FacetName, Iterable[str]]] = [
        ("topic", map(text.fold, TOPICS)), ("source", [text.fold(name) for pair in SOURCES for name in pair]),
        ("author", [*_NAMES, "c*", "b*", "東*"]), ("lang", ["en", "fr", "ja", "zh"]), ("kind", KINDS),
        ("tag", map(text.fold, TAGS)), ("assignee", PEOPLE), ("story", ["1", "2"]), ("segment", ["vip"]),
        ("intent", ["praise", "idea", "warranty-2", "nowhere"]),
        ("status", STATUSES), ("is", FLAGS), ("has", HAS), ("site", ["lemonde.fr", "fr", "x.example"]),
        ("url", ["sport", "é"]),
    ]  # fmt: skip
    found += [tree.Facet(name, (value,)) for name, values in facets for value in values]
    tones: tuple[tree.ToneName, ...] = ("neg", "neu", "pos", "none", "unknown")
    found += [tree.Tone(some) for size in range(1, 6) for some in combinations(tones, size)]
    for bound, included in product((-1000.0, -900.0, -50.0, 0.0, 50.0, 100.0, 999.0), (True, False)):
        found += [
            tree.Number("sentiment", bound, None, included),
            tree.Number("sentiment", None, bound, True, included),
        ]
    for name, included in product(("followers", "likes", "replies", "reposts", "views", "rating"), (True, False)):
        number = cast(tree.NumberName, name)
        found += [
            tree.Number(number, 1.0, None, included),
            tree.Number(number, None, 10.0, True, included),
            tree.Number(number),
        ]
    for when in (946_684_799, 946_684_800, NOW - 7200, NOW - 60, NOW, NOW + 1):
        found += [tree.Time("time", tree.Moment(at=when)), tree.Time("time", None, tree.Moment(at=when))]
    sizes: tuple[Name, ...] = ("weekday", "hour")
    found += [tree.Weekly(name, (at,), zone) for zone in set(ZONES) for name in sizes for at in range(SIZES[name])]
    found += [tree.Facet("id", (one,)) for one in IDS]
    found += [tree.Time("seen", tree.Moment(at=NOW)), tree.Time("seen", None, tree.Moment(at=NOW)), tree.Time("time")]
    return found


def working_lists() -> list[tree.Node]:
    """What people work through: a status, a topic or two, and something more."""
    battery, likes = tree.Words(("battery",)), tree.Number("likes", 1.0)
    first = [tree.Facet("status", (status,)) for status in STATUSES] + [tree.Facet("is", ("starred",))]
    topics = [tree.All(), tree.Facet("topic", ("acme",)), tree.Facet("topic", ("acme", "rival"))]
    more = [
        tree.All(),
        battery,
        tree.And((battery, tree.Words(("a",), True))),
        tree.Not(battery),
        likes,
        tree.Not(likes),
        tree.Or((battery, likes)),
        first[0],
        first[-1],
    ]
    return [tree.And(parts) for parts in product(first, topics, more)]
