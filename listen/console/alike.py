"""What is like a mention, as terms of the query language: `=` narrows a view to it, `!` takes it out.

Pure. What a stranger wrote becomes part of a query here, so each term is tried on the mention that it was made from,
and one that would not hold for it is not offered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from listen import query
from listen.model import Mention, tone
from listen.query import QueryError, tree
from listen.query.attributes import host_of
from listen.query.match import Subject, compile
from listen.text import fold, one_line, tokens

TAGS = 3
WORDS = 3
SHORTEST = 4
"""Letters of a word that may be distinctive; in scripts without spaces two are enough."""

_PLAIN = re.compile(r"[\w.@-]+", re.ASCII)
_FULL_WIDTH = str.maketrans({'"': "\uff02"})
"""A quote inside quotes: folding, which all comparing does, makes the common one of it again."""

TONES = {"neg": "negative", "neu": "neutral", "pos": "positive", "none": "no word known", "unknown": "not scored"}


class Choice(NamedTuple):
    """Something that mentions can have in common."""

    letter: str
    """The key that chooses it, empty when only its number does."""
    what: str
    value: str
    """As it is shown, made safe."""
    term: str
    topic: str = ""
    """The topic that it would be taken out of, of the last one of `!`."""
    query: str = ""
    """The query that the topic would have."""


def exclusions(offered: Iterable[Choice]) -> list[Choice]:
    """Those that may be taken out of a topic: it asks for content and place, and a whole language or source is much."""
    return [one for one in offered if one.what in ("author", "site", "tag", "word")]


def out_of(topic: str, asked: str, choice: Choice, kept: int) -> Choice | None:
    """Taking what is like a mention out of a topic with this query; None when the query would become too long."""
    try:
        made = narrowed(asked, choice.term, without=True)
        query.check_topic(query.parse(made))
    except QueryError:
        return None
    lost = f"{kept:,} that you kept would go, too" if kept else "nothing that you kept would go"
    value = f"{one_line(topic, 24)} without {choice.what} {choice.value}: {lost}"
    return Choice("x", "out of", one_line(value, 120), choice.term, topic, made)


def choices(mention: Mention, now: float, others: Iterable[str] = (), toward: str | None = None) -> list[Choice]:
    """What other mentions may have in common with this one; `others` are texts from around it, to tell which of its
    words are common there. The tone is that toward the topic `toward` (folded) where it is shown so."""
    found: list[Choice] = []
    for letter, what, value, terms in _offers(mention, others, toward):
        term = next((term for term in terms if holds(term, mention, now)), None)
        if term is not None and all(term != one.term for one in found):
            taken = any(letter == one.letter for one in found)
            shown = f"{term.partition(':')[2]}, all that begin so" if term.endswith('*"') else value
            found.append(Choice("" if taken else letter, what, one_line(shown, 60), term))
    return found


def _offers(
    mention: Mention, others: Iterable[str], toward: str | None
) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    """(letter, what it is, as shown, terms that say it, the best one first)."""
    if mention.author is not None:
        who = mention.author
        names = [who.handle] + ([who.name] if who.name else [])
        yield "a", "author", who.name or who.handle, [term for name in names for term in _spelled("author", name)]
    site = host_of(mention.url)
    if site:
        yield "s", "site", site, _spelled("site", site)
    for source in mention.sources[:1]:
        yield "o", "source", source, _spelled("source", source)
    marks = tokens(mention.title or "")[1] + tokens(mention.text)[1]
    for tag in [mark for mark in dict.fromkeys(marks) if mark.startswith("#")][:TAGS]:
        yield "t", "tag", tag, [tag]
    if mention.lang:
        yield "l", "language", mention.lang, [f"lang:{mention.lang}"]
    yield "f", "sentiment", *_tone(mention, toward)
    for word in distinctive(mention, others):
        yield "w", "word", word, [word, f'"{word}"']


def _tone(mention: Mention, toward: str | None) -> tuple[str, list[str]]:
    """The tone as it is shown, and the term for it."""
    for name, (score, hits) in mention.toward.items():
        if fold(name) == toward:
            sign = tone(score, hits)
            named = f"{name}:{sign}" if _PLAIN.fullmatch(name) else f'"{name}:{sign}"'
            return f"{TONES[sign]} toward {name}", [f"toward:{named}"]
    return TONES[mention.tone], [f"sentiment:{mention.tone}"]


def _spelled(field: str, value: str) -> Iterator[str]:
    """Ways to write a value: plain, quoted, as it is compared, and its beginning where no quote can hold all of it."""
    if _PLAIN.fullmatch(value):
        yield f"{field}:{value}"
    for form in (value, fold(value)):
        yield f'{field}:"{form.translate(_FULL_WIDTH)}"'
    if field == "author":
        folded = fold(value)
        yield f'{field}:"@{folded.translate(_FULL_WIDTH)}"'
        begin = re.split('[*"]', folded)[0]
        same = takewhile(lambda pair: pair[0] == pair[1], zip(begin, one_line(begin), strict=False))
        yield f'{field}:"{"".join(sign for sign, _ in same)}*"'


def holds(term: str, mention: Mention, now: float) -> bool:
    """Whether a term can be shown and edited as it is, can be read, and finds the mention."""
    if one_line(term) != term:
        return False
    try:
        node = query.parse(term)
    except QueryError:
        return False
    return not isinstance(node, tree.All) and compile(node, now)(Subject.of(mention))


def distinctive(mention: Mention, others: Iterable[str]) -> list[str]:
    """The words of a mention that are rarest around it, the longest of equals first. No list of words is needed, so it
    serves all languages: what is common in one is common around."""
    words = dict.fromkeys(word for part in (mention.title or "", mention.text) for word in tokens(part)[0])
    long = [word for word in words if len(word) >= (SHORTEST if word.isascii() else 2) and not word.isdigit()]
    around = Counter(word for text in others for word in set(tokens(text)[0]))
    return sorted(long, key=lambda word: (around[word], -len(word)))[:WORDS]


def narrowed(text: str, term: str, without: bool = False) -> str:
    """A query with a term more: what it found and the term holds for, or (`without`) does not.

    Raises:
        QueryError: it would become too long.
    """
    sign = "-" if without else ""
    if not text:
        made = f"{sign}{term}"
    elif isinstance(query.parse(text), tree.Or):
        made = f"({text}) {sign}{term}"
    else:
        made = f"{text} {sign}{term}"
    query.parse(made)
    return made
