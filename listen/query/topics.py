"""What a topic may ask for, and what to ask a search engine for on its behalf."""

from __future__ import annotations

from collections.abc import Iterable

from listen.query import tree
from listen.query.errors import QueryError
from listen.text import tokens

OPTIONS = 8
"""Ways to cover one clause by search words that are weighed against those of the other clauses."""

_CONTENT_FLAGS = ("repost", "reply", "question", "edited", "deleted", "withheld")


def check_topic(node: tree.Node) -> None:
    """A topic decides once, when a mention comes in: it may ask for content and place, not for what changes later.

    Raises:
        QueryError: it asks for time, numbers that grow, sentiment, topics, or anything that people do with a mention.
    """
    for part in tree.walk(node):
        if name := _of_the_moment(part):
            start, end = part.span
            raise QueryError(
                f"a topic asks for content and place, not for {name}",
                start,
                end - start,
                "ask for it in a filter or a view",
            )


def _of_the_moment(node: tree.Node) -> str:
    match node:
        case tree.Tone() | tree.Number(name="sentiment"):
            return "sentiment:"
        case tree.Number(name) if name != "rating":
            return f"{name}:"
        case tree.Time(name):
            return "time" if name == "time" else "seen:"
        case tree.Facet("topic" | "status" as name):
            return f"{name}:"
        case tree.Facet("is", values) if flags := [value for value in values if value not in _CONTENT_FLAGS]:
            return f"is:{flags[0]}"
        case tree.View():
            return "view:"
        case tree.Later(name, value) if name != "country":
            return f"{name}:{value}" if name in ("is", "has") else f"{name}:"
    return ""


def search_terms(node: tree.Node) -> list[str]:
    """Few search terms such that every match of the query holds at least one of them; [] where there are none.

    A term is a word, a `#tag` or `@handle`, or several words that stand together in every match (near each other or as
    a phrase): whoever searches for it must ask for all of its words. Words are folded.
    """
    options = _covers(node)
    if not options:
        return []
    terms = min(options, key=_weight)
    single = {term for term in terms if " " not in term}
    return [term for term in terms if term in single or single.isdisjoint(term.split())]


Cover = tuple[str, ...]


def _covers(node: tree.Node) -> list[Cover]:
    """Some sets of terms each of which covers every match of the node; none when words cannot cover it."""
    match node:
        case tree.Words(words, prefix):
            if prefix and len(words[-1]) > 1:
                words = words[:-1]
            return [(_spoken(words),)] if words else []
        case tree.Near(parts):
            return [(" ".join(_spoken(part) for part in parts),)]
        case tree.Exact(text):
            return [(" ".join(text.split()).lower(),)]
        case tree.Mark(token):
            return [(token,)]
        case tree.And(items):
            found = sorted((cover for item in items for cover in _covers(item)), key=_weight)
            return list(dict.fromkeys(found))[:OPTIONS]
        case tree.Or(items):
            return _union([_covers(item) for item in items])
    return []


def _union(branches: list[list[Cover]]) -> list[Cover]:
    """One cover for all branches: those with the least choice first, each adding as few new terms as it can."""
    if not all(branches):
        return []
    terms: dict[str, None] = {}
    for options in sorted(branches, key=len):
        cheapest = min(options, key=lambda cover: _weight(tuple(term for term in cover if term not in terms)))
        terms.update(dict.fromkeys(cheapest))
    return [tuple(terms)]


def _weight(cover: Cover) -> tuple[int, int]:
    """Few terms, and long ones: they are rarer."""
    return len(cover), -min((len(term) for term in cover), default=0)


def _spoken(words: Iterable[str]) -> str:
    """Tokens as a person would write them: pairs of a script without spaces join again (東京 京都 -> 東京都)."""
    written: list[str] = []
    last = ""
    for word in words:
        if len(last) == 2 and word[:1] == last[1] and tokens(last + word[1:])[0][:2] == [last, word]:
            written[-1] += word[1:]
        else:
            written.append(word)
        last = word
    return " ".join(written)
