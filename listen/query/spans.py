"""Why a mention matches a query: the parts of it that hold, and the characters of title and text that made them hold.

The predicate (`listen.query.match`) decides; here is only found where. Of an OR the branches that hold are told; what
stands behind a NOT has no place. Facets and numbers hold without a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from listen.query import tree
from listen.query.match import Subject, around_the_rarest, chained, compile, spelling
from listen.text import Placed, fold, placed_tokens, query_tokens

MOST_WINDOWS = 20
"""Places at which a distance is shown to hold: each is searched for."""

Span = tuple[int, int]
"""First character and the one after the last, as stored."""

Found = Iterable[Span]

_UNPLAIN = re.compile(r"[^\n\t -~]|[A-Za-z0-9]{65}")
"""Signs that are hidden, and words that are too long for one token."""


class Clause(NamedTuple):
    """A part of a query that holds."""

    node: tree.Node
    """A leaf: words, a tag, a facet …; its `span` tells where in the query it stands."""
    title: tuple[Span, ...] = ()
    text: tuple[Span, ...] = ()


class Field:
    """The tokens of a title or of a text with their places."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def plain(self) -> str | None:
        """The text in small letters where folding does no more to it, and its tokens are its letters and digits."""
        if self.text.isascii() and "://" not in self.text and not _UNPLAIN.search(self.text):
            return self.text.lower()
        return None

    @cached_property
    def _placed(self) -> tuple[list[Placed], list[Placed]]:
        return placed_tokens(self.text)

    @property
    def words(self) -> list[Placed]:
        return self._placed[0]

    @property
    def marks(self) -> list[Placed]:
        return self._placed[1]

    @cached_property
    def by_token(self) -> dict[str, list[int]]:
        """Token -> its places among the words, ascending."""
        found: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            found.setdefault(word.token, []).append(place)
        return found

    def span(self, first: int, last: int) -> Span:
        """From one word to another."""
        return self.words[first].start, self.words[last].end


class Why:
    """Answers for one mention, whose tokens are placed once for all queries."""

    def __init__(self, subject: Subject, now: float) -> None:
        self._subject, self._now = subject, now
        self._title, self._text = Field(subject.record.title or ""), Field(subject.record.text)
        self._known: dict[tree.Node, tuple[tuple[Span, ...], tuple[Span, ...]]] = {}

    def clauses(self, node: tree.Node) -> list[Clause] | None:
        """The parts that hold, in the query's order; None when the mention does not match.

        A query that matches without a part that could be shown (the empty one, `-toy`) gives an empty list.
        """
        return self._holding(node, True)

    def _holding(self, node: tree.Node, wanted: bool) -> list[Clause] | None:
        """The parts that make a node true (`wanted`), or false."""
        match node:
            case tree.Not(item):
                return self._holding(item, not wanted)
            case tree.And(items) | tree.Or(items):
                branches = [self._holding(item, wanted) for item in items]
                held = [branch for branch in branches if branch is not None]
                all_of_them = isinstance(node, tree.And) == wanted
                if not held or (all_of_them and len(held) < len(branches)):
                    return None
                return [clause for branch in held for clause in branch]
        if compile(node, self._now)(self._subject) != wanted:
            return None
        return [self._clause(node)] if wanted and not isinstance(node, tree.All) else []

    def _clause(self, node: tree.Node) -> Clause:
        places = _PLACES.get(type(node))
        if places is None:
            return Clause(node)
        leaf = _placeless(node)
        if leaf not in self._known:
            where = getattr(node, "where", "any")
            title = merged(places(node, self._title)) if where != "text" else ()
            text = merged(places(node, self._text)) if where != "title" else ()
            self._known[leaf] = title, text
        return Clause(node, *self._known[leaf])


class Sought:
    """The words of a query, to be found in many texts: whether it matches or not, and none of what is behind a NOT."""

    def __init__(self, node: tree.Node) -> None:
        self._leaves: list[tuple[str, tree.Node]] = [
            (_first_letters(leaf), leaf) for leaf in dict.fromkeys(leaves(node))
        ]

    def spans(self, field: Field) -> tuple[Span, ...]:
        """Where they stand, in order."""
        plain = field.plain
        if plain is None:
            return merged(span for _, leaf in self._leaves for span in _PLACES[type(leaf)](leaf, field))
        found: list[Span] = []
        for letters, leaf in self._leaves:
            if letters not in plain:
                continue
            if isinstance(leaf, tree.Words) and not leaf.prefix:
                found += _spelled(leaf.tokens, plain)
            else:
                found += _PLACES[type(leaf)](leaf, field)
        return merged(found)


def places(node: tree.Node, text: str) -> tuple[Span, ...]:
    """The same of one query in one text."""
    return Sought(node).spans(Field(text))


def _first_letters(leaf: Any) -> str:
    """Letters, as tokens have them, without which the leaf stands nowhere in a text that is `Field.plain`."""
    match leaf:
        case tree.Words(tokens):
            return tokens[0]
        case tree.Near(parts):
            return parts[0][0]
        case tree.Mark(token):
            return token
        case tree.Pattern(token):
            return token.partition("?")[0]
        case tree.Exact(text):
            return query_tokens(text)[0][0]
    return ""


def _spelled(tokens: tuple[str, ...], plain: str) -> list[Span]:
    """Where tokens stand side by side in a plain text; what lies between them are no letters and digits."""
    return [found.span() for found in _side_by_side(tokens).finditer(plain)]


@lru_cache(maxsize=4_096)
def _side_by_side(tokens: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?<![a-z0-9]){'[^a-z0-9]+'.join(map(re.escape, tokens))}(?![a-z0-9])")


def leaves(node: tree.Node) -> Iterator[tree.Node]:
    """What of a query may stand somewhere in a text, without its place in the query."""
    match node:
        case tree.And(items) | tree.Or(items):
            for item in items:
                yield from leaves(item)
        case _ if type(node) in _PLACES:
            yield _placeless(node)


def _placeless(node: Any) -> tree.Node:
    found: tree.Node = replace(node, span=tree.NOWHERE)
    return found


def merged(spans: Found) -> tuple[Span, ...]:
    """In order, those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return tuple(found)


# --- where each kind of clause stands ---------------------------------------------------------------------------------


def _words(node: tree.Words, field: Field) -> Iterator[Span]:
    if not node.prefix:
        size = len(node.tokens)
        return (field.span(first, first + size - 1) for first in _phrase(field, node.tokens))
    return _prefixed(field, node.tokens)


def _phrase(field: Field, tokens: Sequence[str]) -> list[int]:
    """Where these tokens stand side by side."""
    words = field.words
    return [
        first
        for first in field.by_token.get(tokens[0], ())
        if first + len(tokens) <= len(words)
        and all(words[first + offset].token == token for offset, token in enumerate(tokens))
    ]


def _prefixed(field: Field, tokens: Sequence[str]) -> Iterator[Span]:
    *whole, begun = tokens
    lasts = (
        [first + len(whole) for first in _phrase(field, whole)]
        if whole
        else [place for token, places in field.by_token.items() if token.startswith(begun) for place in places]
    )
    for last in lasts:
        if last < len(field.words) and field.words[last].token.startswith(begun):
            yield field.words[last - len(whole)].start, _end_of_begun(field, field.words[last], begun)


def _end_of_begun(field: Field, word: Placed, begun: str) -> int:
    """The whole word; of a pair in a script without spaces only the sign that was asked for."""
    if len(begun) == 1 and len(word.token) == 2:
        for end in range(word.start + 1, word.end):
            if query_tokens(field.text[word.start : end]) == ([begun], True) and fold(field.text[end]):
                return end
    return word.end


def _near(node: tree.Near, field: Field) -> Iterator[Span]:
    """All occurrences of the parts within the narrowest windows in which the distance holds, from left to right."""
    sizes = [len(part) for part in node.parts]
    starts = [_phrase(field, part) for part in node.parts]
    if not all(starts):
        return
    starts = around_the_rarest(starts, sizes, node.distance)

    def holds(first: int, end: int) -> bool:
        within = _within(starts, sizes, first, end)
        return all(within) and chained(node, within, sizes)

    first, last = 0, len(field.words)
    for _ in range(MOST_WINDOWS):
        if not holds(first, last):
            return
        first, end = _window(holds, first, last)
        for begins, size in zip(_within(starts, sizes, first, end), sizes, strict=True):
            yield from (field.span(at, at + size - 1) for at in begins)
        first += 1


def _window(holds: Callable[[int, int], bool], first: int, last: int) -> Span:
    """The window within first..last that ends first, without what it does not need at its start."""
    end = _least(first, last, lambda end: holds(first, end))
    return _least(first, end, lambda begin: not holds(begin, end)) - 1, end


def _within(starts: Sequence[Sequence[int]], sizes: Sequence[int], first: int, end: int) -> list[list[int]]:
    return [
        [at for at in begins if at >= first and at + size <= end]
        for begins, size in zip(starts, sizes, strict=True)
    ]  # fmt: skip


def _least(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number in low..high for which it holds, when it holds for all greater ones; `high` when for none."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _pattern(node: tree.Pattern, field: Field) -> Iterator[Span]:
    pattern = re.compile(re.escape(node.token).replace(r"\?", "."), re.DOTALL)
    fits = pattern.match if node.prefix else pattern.fullmatch
    for token, places in field.by_token.items():
        if fits(token):
            yield from (field.span(place, place) for place in places)


def _exact(node: tree.Exact, field: Field) -> Iterator[Span]:
    """Where it is spelled so among the words; in a link only when it stands nowhere else."""
    tokens, prefix = query_tokens(node.text)
    words = merged(_words(tree.Words(tuple(tokens), prefix), field))
    if not words:
        return iter(())
    spelled = [found.span() for found in spelling(node.text).finditer(field.text)]
    among = [(start, end) for start, end in spelled if any(start < last and first < end for first, last in words)]
    return iter(among or spelled)


def _mark(node: tree.Mark, field: Field) -> Iterator[Span]:
    return ((start, end) for token, start, end in field.marks if token == node.token)


_PLACES: dict[type, Callable[..., Iterator[Span]]] = {
    tree.Words: _words,
    tree.Near: _near,
    tree.Pattern: _pattern,
    tree.Exact: _exact,
    tree.Mark: _mark,
}
