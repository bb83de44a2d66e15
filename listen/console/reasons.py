"""Why a mention is here and where its score comes from, as places in its title and text. Pure, for any thread.

The queries are asked again about the first READ characters: enough to show, and a bound on what a hostile text costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal, NamedTuple

from listen import query
from listen.console.facts import READ
from listen.model import Mention
from listen.query import QueryError, tree
from listen.query.match import Subject
from listen.query.spans import Clause, Why
from listen.sentiment import Explanation, Moved, hundredths
from listen.sentiment.stored import explained
from listen.text import fold

MOST_TOPICS = 20
MOST_MARKS = 300
"""Places that are marked in a text."""

SPELLINGS = 5
"""What is told of the words by which a topic matched."""

STRONGEST = 8
"""Words that are told one by one of those that a score comes from."""

Kind = Literal["match", "pos", "neg"]


class Mark(NamedTuple):
    """Characters that stand out."""

    start: int
    end: int
    kind: Kind


class Weight(NamedTuple):
    """A word that a score comes from."""

    written: str
    hundredths: int
    moved: tuple[Moved, ...]


class Reasons(NamedTuple):
    title: tuple[Mark, ...] = ()
    text: tuple[Mark, ...] = ()
    topics: Mapping[str, Sequence[str]] = {}
    """Topic -> what it matched by: words as written in the mention, facets as written in the topic."""
    weights: tuple[Weight, ...] = ()
    """The strongest words, in the order of the text."""
    others: tuple[int, int] = (0, 0)
    """How many more words there are, and their hundredths together."""
    emphasis: int = 0
    """Hundredths of the exclamation and question marks. All hundredths add up to the score as it is shown."""


def reasons(
    mention: Mention, queries: Mapping[str, str], view: tree.Node, now: float, wanted: Callable[[], bool]
) -> Reasons | None:
    """Why the mention matches its topics (name -> query) and the view, and why it has its score.

    None as soon as `wanted()` says that nobody waits for it any more.
    """
    why = Why(Subject.of(replace(mention, text=mention.text[:READ])), now)
    clauses = list(why.clauses(view) or ())
    topics: dict[str, Sequence[str]] = {}
    for name, asked in list(queries.items())[:MOST_TOPICS]:
        if not wanted():
            return None
        held = why.clauses(_parsed(asked)) or []
        topics[name] = _spellings(mention, asked, held)
        clauses += held
    titles = [Mark(start, end, "match") for clause in clauses for start, end in clause.title]
    texts = [Mark(start, end, "match") for clause in clauses for start, end in clause.text]
    scored = explained(mention) if wanted() else None
    if scored is None:
        return Reasons(_few(titles), _few(texts), topics) if wanted() else None
    explanation, spoken, begin = scored
    for word in explanation.words:
        kind: Kind = "pos" if word.share > 0 else "neg"
        if word.start >= begin:
            texts.append(Mark(word.start - begin, word.end - begin, kind))
        elif word.end < begin:
            titles.append(Mark(word.start, word.end, kind))
    return Reasons(_few(titles), _few(texts), topics, *_weights(explanation, spoken))


@lru_cache(maxsize=64)
def _parsed(asked: str) -> tree.Node:
    """A topic's query; one that is no query (any more) matches nothing."""
    try:
        return query.parse(asked)
    except QueryError:
        return tree.Not(tree.All())


def _few(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    return tuple(sorted(set(marks))[:MOST_MARKS])


def _spellings(mention: Mention, asked: str, clauses: Iterable[Clause]) -> Sequence[str]:
    """Each word once, however it is written."""
    found: dict[str, str] = {}
    for clause in clauses:
        written = [(mention.title or "")[start:end] for start, end in clause.title]
        written += [mention.text[start:end] for start, end in clause.text]
        for word in written or [asked[slice(*clause.node.span)]]:
            found.setdefault(fold(word), word)
        if len(found) >= SPELLINGS:
            break
    return list(found.values())[:SPELLINGS]


# --- sentiment -------------------------------------------------------------------------------------------------------


def _weights(explanation: Explanation, spoken: str) -> tuple[tuple[Weight, ...], tuple[int, int], int]:
    """The strongest words, the rest together, and the emphasis, in hundredths that add up."""
    words = explanation.words
    strongest = sorted(sorted(words, key=lambda word: -abs(word.share))[:STRONGEST], key=lambda word: word.start)
    rest = sum(word.share for word in words) - sum(word.share for word in strongest)
    shown = round(float(f"{(explanation.score or 0) / 1000:.2f}") * 100)
    others = len(words) - len(strongest)
    shares = [word.share for word in strongest]
    shares += [rest] * (others > 0) + [explanation.emphasis] * (explanation.emphasis != 0)
    parts = hundredths(shares, shown)
    emphasis = parts.pop() if explanation.emphasis else 0
    left = parts.pop() if others else 0
    weights = [
        Weight(spoken[word.start : word.end], part, word.moved) for word, part in zip(strongest, parts, strict=True)
    ]
    return tuple(weights), (others, left), emphasis
