"""Where the score of a stored mention comes from, and what it is by the engines that run now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from listen import aims
from listen.model import Mention, Tracked
from listen.namesakes import blanked
from listen.sentiment import Explanation, Moved, Score, Scored, explain, explain_older, said, score
from listen.sentiment.toward import Place
from listen.text import before_tags

NOBODY: Mapping[str, Tracked] = MappingProxyType({})


def explained(mention: Mention, topics: Mapping[str, Tracked] = NOBODY) -> tuple[Explanation, str, int] | None:
    """The explanation of the computed score, the text that was scored, and where in it the mention's text begins.

    `topics` are those that it matches, by name: what brands are called is not scored. None when there is no score, or
    when no engine that is known here would give it. A platform's tags are added to a text after it has been scored, as
    a last line.
    """
    computed = mention.score if mention.correction is None else mention.correction.was
    if computed is None:
        return None
    without_tags, _, last = mention.text.rpartition("\n\n")
    for text in (mention.text, without_tags) if last.startswith("#") else (mention.text,):
        spoken, begin = said(mention.title or "", text)
        for explanation in _candidates(spoken, blanked(spoken, [*topics.values()]), mention.lang):
            if explanation is not None and explanation.score == computed:
                return explanation, spoken, begin
    return None


def _candidates(spoken: str, heard: str, lang: str | None) -> Iterator[Explanation | None]:
    """How a text may have been scored: as it is now, `heard` without its brands' names, or as it was before."""
    yield explain(heard, lang)
    if heard != spoken:
        yield explain(spoken, lang)
    yield explain_older(spoken, lang)


class Word(NamedTuple):
    """A word that a score toward a topic comes from, or does not."""

    start: int
    end: int
    share: float
    """Thousandths of the score."""
    place: Place
    """Where it stands: `rival` and `name` do not count at all."""
    moved: tuple[Moved, ...]


class Heard(NamedTuple):
    """A score toward a topic and where it comes from: the shares of the words and `compared` add up to it."""

    score: int
    words: tuple[Word, ...]
    """In the order of the text, also those that count for nothing."""
    compared: float
    """Thousandths that a comparison gives, or that leaving takes."""


def heard_toward(mention: Mention, topics: Mapping[str, Tracked]) -> dict[str, Heard | None]:
    """Topic -> what the computed score of a mention toward it comes from; `topics` are all that it matches, by name.

    None where it is not named in what was scored, so that the whole text counts. Nothing at all where the whole
    text's score cannot be explained (`explained`).
    """
    told = explained(mention, topics)
    if told is None:
        return {}
    spoken = told[1]
    words = explain(spoken, mention.lang).words or told[0].words
    asked = {name: aims.aim(one.name, one.query, one.role) for name, one in topics.items()}
    found: dict[str, Heard | None] = {}
    for name, toward in aims.explained(spoken, words, mention.lang, asked).items():
        found[name] = None if toward is None else _heard(words, toward)
    return found


def _heard(words: Sequence[Scored], told: aims.Heard) -> Heard:
    placed = zip(words, told.shares, told.places, strict=True)
    found = tuple(Word(word.start, word.end, share, place, word.moved) for word, share, place in placed)
    return Heard(told.score, found, told.compared)


def scored_again(
    title: str,
    text: str,
    lang: str | None,
    tagged: bool | None,
    was: int | None,
    blank: Callable[[str], str] = str,
) -> tuple[Score, bool]:
    """The score that a stored mention would get if it came in now, and whether its text ends in a platform's tags.

    `tagged` says whether it does, None where nobody has kept that: then the score that it had tells, `was`. What is
    scored goes through `blank`, which takes the names of brands out of it.
    """
    bare = before_tags(text)
    if bare is None:
        return score(blank(said(title, text)[0]), lang), False
    if tagged is None:
        tagged = was is None or not _explains(title, text, lang, was) or _explains(title, bare, lang, was)
    return score(blank(said(title, bare if tagged else text)[0]), lang), tagged


def _explains(title: str, text: str, lang: str | None, was: int) -> bool:
    """Whether an engine that is known here gives a text this score."""
    spoken, _ = said(title, text)
    older = explain_older(spoken, lang)
    return score(spoken, lang).score == was or (older is not None and older.score == was)
