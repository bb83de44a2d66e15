"""Why a mention is here and where its score comes from, as places in its title and text. Pure, for any thread.

The queries are asked again about the first READ characters: enough to show, and a bound on what a hostile text costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from listen import query
from listen.console.scored import READ
from listen.console.view import toward_of
from listen.model import Mention, Tracked
from listen.query import QueryError, tree
from listen.query.match import Subject
from listen.query.spans import Clause, Span, Why
from listen.sentiment import Explanation, Moved, Scored, hundredths
from listen.sentiment.stored import Heard, Word, explained, heard_toward
from listen.text import fold

if TYPE_CHECKING:
    from listen.insight.taught import Taught

MOST_TOPICS = 20
MOST_MARKS = 300
"""Places that are marked in a text."""

SPELLINGS = 5
"""What is told of the words by which a topic matched."""

STRONGEST = 8
"""Words that are told one by one of those that a score comes from."""

Kind = Literal["match", "pos", "neg", "wants"]


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
    beside: bool = False
    """It stands in another clause than the topic, and counts half."""


class Aimed(NamedTuple):
    """Where a score toward a topic comes from; all hundredths add up to it as it is shown."""

    score: int
    """Thousandths, as computed."""
    weights: tuple[Weight, ...]
    """The strongest words, in the order of the text."""
    others: tuple[int, int]
    compared: int
    """What a comparison gives, or leaving takes."""
    elsewhere: tuple[str, ...]
    """Words that do not count, since they are said of another one."""


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
    toward: Mapping[str, Aimed] = {}
    """Topic -> why it has its score, for those that are named in what was scored; the topic in view first."""
    in_view: str | None = None
    """That topic."""
    taught: Sequence[Taught] = ()
    """The same toward topics about which something was taught that concerns this text."""
    intents: Mapping[str, Sequence[str]] = {}
    """What its author wants -> the words that show it, as written in the mention."""


def reasons(
    mention: Mention,
    queries: Mapping[str, str],
    view: tree.Node,
    now: float,
    wanted: Callable[[], bool],
    roles: Mapping[str, str] | None = None,
) -> Reasons | None:
    """Why the mention matches its topics (name -> query, and -> role) and the view, and why it has its scores.

    Where one topic is in view, the words that are marked are those that count toward it.

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
    matched = _tracked(queries, roles or {})
    scored = explained(mention, matched) if wanted() else None
    if scored is None:
        return Reasons(_few(titles), _few(texts), topics) if wanted() else None
    explanation, spoken, begin = scored
    toward = _toward(mention, matched, toward_of(view)) if wanted() else {}
    in_view = next((name for name in toward if fold(name) == toward_of(view)), None)
    shown = None if in_view is None else toward[in_view]
    for word in shown.words if shown is not None else explanation.words:
        kind: Kind = "pos" if word.share > 0 else "neg"
        if not word.share:
            continue
        if word.start >= begin:
            texts.append(Mark(word.start - begin, word.end - begin, kind))
        elif word.end < begin:
            titles.append(Mark(word.start, word.end, kind))
    aimed = {name: _aimed(heard, spoken) for name, heard in toward.items()}
    return Reasons(_few(titles), _few(texts), topics, *_weights(explanation, spoken), aimed, in_view)


def with_lessons(why: Reasons, lessons: Sequence[Taught]) -> Reasons:
    """With what was taught about topics, in the place of what the lexicon alone says toward them."""
    names = {one.topic for one in lessons}
    left = {name: aimed for name, aimed in why.toward.items() if name not in names}
    return why._replace(taught=lessons, toward=left)


def with_intents(why: Reasons, mention: Mention, own: Mapping[str, Mapping[str, Any]]) -> Reasons:
    """With the words that show what its author wants; `own` are the configuration's own intents.

    Stored intents that the patterns of now show no more have no words.
    """
    from listen.intents.reader import reader, stored

    shown = {one.name: one for one in reader(json.dumps(own)).shown(stored(mention)) if one.name in mention.intents}
    titles = [Mark(start, end, "wants") for one in shown.values() for start, end in one.title]
    texts = [Mark(start, end, "wants") for one in shown.values() for start, end in one.text]
    intents = {name: _written(mention, one.title, one.text) for name, one in shown.items()}
    return why._replace(title=_few([*why.title, *titles]), text=_few([*why.text, *texts]), intents=intents)


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
        written = _written(mention, clause.title, clause.text)
        for word in written or [asked[slice(*clause.node.span)]]:
            found.setdefault(fold(word), word)
        if len(found) >= SPELLINGS:
            break
    return list(found.values())[:SPELLINGS]


def _written(mention: Mention, title: Iterable[Span], text: Iterable[Span]) -> list[str]:
    """What stands there."""
    found = [(mention.title or "")[start:end] for start, end in title]
    return found + [mention.text[start:end] for start, end in text]


# --- sentiment -------------------------------------------------------------------------------------------------------


def _weights(explanation: Explanation, spoken: str) -> tuple[tuple[Weight, ...], tuple[int, int], int]:
    """The strongest words, the rest together, and the emphasis, in hundredths that add up."""
    strongest, parts, others, emphasis = _parts(explanation.words, explanation.emphasis, explanation.score or 0)
    weights = [
        Weight(spoken[word.start : word.end], part, word.moved) for word, part in zip(strongest, parts, strict=True)
    ]
    return tuple(weights), others, emphasis


S = TypeVar("S", Scored, Word)


def _parts(words: Sequence[S], beside: float, score: int) -> tuple[list[S], list[int], tuple[int, int], int]:
    """(the strongest words, their hundredths, (how many others, theirs), those of what stands beside the words).

    `beside` is in thousandths, as `score`, to which all of it adds up as it is shown.
    """
    strongest = sorted(sorted(words, key=lambda word: -abs(word.share))[:STRONGEST], key=lambda word: word.start)
    rest = sum(word.share for word in words) - sum(word.share for word in strongest)
    others = len(words) - len(strongest)
    shares = [word.share for word in strongest] + [rest] * (others > 0) + [beside] * (beside != 0)
    parts = hundredths(shares, round(float(f"{score / 1000:.2f}") * 100))
    told = parts.pop() if beside else 0
    left = parts.pop() if others else 0
    return strongest, parts, (others, left), told


def _tracked(queries: Mapping[str, str], roles: Mapping[str, str]) -> dict[str, Tracked]:
    told = list(queries.items())[:MOST_TOPICS]
    return {name: Tracked(text, name, roles.get(name, "theme")) for name, text in told}


def _toward(mention: Mention, topics: Mapping[str, Tracked], in_view: str | None) -> dict[str, Heard]:
    """Topic -> where the score toward it comes from, the one in view first; without those that have the whole text's.

    What another version of the engine said, or what was taught, is not explained by this one.
    """
    told = heard_toward(mention, topics)
    stored = mention.correction is None
    found = {
        name: heard
        for name, heard in told.items()
        if heard is not None and (not stored or heard.score == mention.topics.get(name))
    }
    return dict(sorted(found.items(), key=lambda item: fold(item[0]) != in_view))


def _aimed(heard: Heard, spoken: str) -> Aimed:
    counted = [word for word in heard.words if word.share]
    strongest, parts, others, compared = _parts(counted, heard.compared, heard.score)
    weights = [
        Weight(spoken[word.start : word.end], part, word.moved, word.place == "beside")
        for word, part in zip(strongest, parts, strict=True)
    ]
    elsewhere = [spoken[word.start : word.end] for word in heard.words if word.place == "rival"]
    return Aimed(heard.score, tuple(weights), others, compared, tuple(dict.fromkeys(elsewhere))[:SPELLINGS])
