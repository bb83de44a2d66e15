"""Where the score of a stored mention comes from, and what it is by the engines that run now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from listen import aims
from listen.model import Mention, Tracked
from listen.sentiment import Explanation, Moved, Score, explain, explain_older, said, score
from listen.sentiment.toward import Place
from listen.text import before_tags


def explained(mention: Mention) -> tuple[Explanation, str, int] | None:
    """The explanation of the computed score, the text that was scored, and where in it the mention's text begins.

    None when there is no score, or when no engine that is known here would give it. A
    platform's tags are added to a text after it has been scored, as a last line.
    """
    computed = mention.score if mention.correction is None else mention.correction.was
    if computed is None:
        return None
    without_tags, _, last = mention.text.rpartition("\n\n")
    for text in (mention.text, without_tags) if last.startswith("#") else (mention.text,):
        spoken, begin = said(mention.title or "", text)
        for explanation in (explain(spoken, mention.lang), explain_older(spoken, mention.lang)):
            if explanation is not None and explanation.score == computed:
                return explanation, spoken, begin
    return None


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
    told = explained(mention)
    if told is None:
        return {}
    explanation, spoken, _ = told
    asked = {name: aims.aim(one.name, one.query, one.role) for name, one in topics.items()}
    found: dict[str, Heard | None] = {}
    for name, toward in aims.explained(spoken, explanation.words, mention.lang, asked).items():
        found[name] = None if toward is None else _heard(explanation, toward)
    return found


def _heard(explanation: Explanation, told: aims.Heard) -> Heard:
    words = zip(explanation.words, told.shares, told.places, strict=True)
    found = tuple(Word(word.start, word.end, share, place, word.moved) for word, share, place in words)
    return Heard(told.score, found, told.compared)


def scored_again(title: str, text: str, lang: str | None, tagged: bool | None, was: int | None) -> tuple[Score, bool]:
    """The score that a stored mention would get if it came in now, and whether its text ends in a platform's tags.

    `tagged` says whether it does, None where nobody has kept that: then the score that it had tells, `was`.
    """
    bare = before_tags(text)
    if bare is None:
        return score(said(title, text)[0], lang), False
    if tagged is None:
        tagged = was is None or not _explains(title, text, lang, was) or _explains(title, bare, lang, was)
    return score(said(title, bare if tagged else text)[0], lang), tagged


def _explains(title: str, text: str, lang: str | None, was: int) -> bool:
    """Whether an engine that is known here gives a text this score."""
    spoken, _ = said(title, text)
    older = explain_older(spoken, lang)
    return score(spoken, lang).score == was or (older is not None and older.score == was)
