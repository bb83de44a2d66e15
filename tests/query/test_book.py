import pytest

from listen import query
from listen.query import QueryError
from listen.query.book import MOST, Book, listed, resolved
from listen.query.tree import And, Facet, Node, Not, Or, Words

BOOK = Book(
    {
        "crisis": query.parse("battery (died OR burned)"),
        "a1": query.parse("z"),
        "ours": query.parse("view:crisis author:@staff"),
        "a": query.parse("x view:b"),
        "b": query.parse("view:a OR y"),
    },
    {"staff": listed(("ana", "@Marc@mastodon.social")), "press": listed(("lemonde.fr", "bbc.co.uk"))},
)


def put(text: str, book: Book = BOOK) -> Node:
    return resolved(query.parse(text), book, strict=True)


def words(node: Node) -> str:
    match node:
        case And(items):
            return f"({' AND '.join(map(words, items))})"
        case Or(items):
            return f"({' OR '.join(map(words, items))})"
        case Not(item):
            return f"NOT {words(item)}"
        case Words(tokens):
            return " ".join(tokens)
        case Facet(name, values):
            return f"{name}:{'|'.join(values)}"
    return repr(node)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("view:crisis", "(battery AND (died OR burned))"),
        ("toy -view:Crisis", "(toy AND NOT (battery AND (died OR burned)))"),
        ("view:ours", "((battery AND (died OR burned)) AND author:ana|marc@mastodon.social)"),
        ("view:(crisis a1)", "((battery AND (died OR burned)) OR z)"),
        ("author:@staff", "author:ana|marc@mastodon.social"),
        ("author:(@staff claire)", "author:ana|marc@mastodon.social|claire"),
        ("author:@claire", "author:@claire"),
        ("site:@press", "site:lemonde.fr|bbc.co.uk"),
    ],
)  # fmt: skip
def test_names_are_put_in_their_places(written: str, meant: str) -> None:
    assert words(put(written)) == meant


def test_a_view_that_holds_itself_is_refused_with_the_way_round() -> None:
    with pytest.raises(QueryError, match="view:a → view:b → view:a"):
        put("view:a")


@pytest.mark.parametrize(("written", "hint"), [("view:crises", "view:crisis"), ("source:@pres", "source:@press")])
def test_an_unknown_name_gets_a_suggestion(written: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        put(written)
    assert hint in caught.value.hint
    assert resolved(query.parse(written), BOOK) == query.parse(written)


def test_views_that_grow_without_end_are_refused() -> None:
    views = {"v0": query.parse("a OR b")}
    views |= {f"v{n}": query.parse(f"view:v{n - 1} OR view:v{n - 1}") for n in range(1, 40)}
    with pytest.raises(QueryError, match=f"{MOST:,} parts"):
        put("view:v39", Book(views))
