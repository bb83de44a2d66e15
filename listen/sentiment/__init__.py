"""Sentiment: one engine a language, and an honest "not scored" where there is none.

An engine is a function from a text to its score and its hits. Adding a language is adding a line to `ENGINES`; which
words a score comes from (`EXPLAINERS`) is a further function beside the engine of a language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from listen.sentiment import english, french
from listen.sentiment.explained import Explanation, Moved, Scored, hundredths
from listen.sentiment.pack import Overrides

__all__ = [
    "ENGINES",
    "Explanation",
    "Moved",
    "Score",
    "Scored",
    "engines",
    "explain",
    "explain_older",
    "hundredths",
    "said",
    "score",
    "weighed",
]


class Engine(Protocol):
    """Takes a text of any length (it caps the input itself); returns (score in thousandths, words in the lexicon)."""

    def __call__(self, text: str, taught: Overrides = ()) -> tuple[int, int]: ...


class Explainer(Protocol):
    """Takes the same, and returns its words and the share of exclamation and question marks."""

    def __call__(self, text: str, taught: Overrides = ()) -> tuple[list[Scored], float]: ...


@dataclass(frozen=True, slots=True)
class Score:
    """What an engine says of a text, or why none could: exactly one of `score` and `unscored` is None."""

    score: int | None
    """Thousandths of the compound, -1000 to 1000. 0 says "neutral", never "unknown"."""
    hits: int | None
    """How many words of the text are in the lexicon: with none, a score of 0 says nothing."""
    unscored: str | None
    """`no text`, `language unknown` or `language fr`."""
    engine: str
    """Name and version of the engine, so that a later one can find what to score again; empty when not scored."""


ENGINES: Mapping[str, tuple[str, Engine]] = {"en": (english.NAME, english.score), "fr": (french.NAME, french.score)}
"""Language -> the name of its engine and the engine."""

EXPLAINERS: Mapping[str, Explainer] = {"en": english.words, "fr": french.words}
"""Language -> the words that its engine's score comes from, and the share of exclamation and question marks."""

_WEIGHED: Mapping[str, Callable[[str, Overrides], list[Scored]]] = {"en": english.weighed, "fr": french.weighed}


def engines() -> dict[str, str]:
    """Language -> the name and version of the engine that scores it."""
    return {lang: name for lang, (name, _) in ENGINES.items()}


def score(text: str, lang: str | None, taught: Overrides = ()) -> Score:
    """The sentiment of a text in a language (two or three letters, a region after `-` is ignored; None: unknown).

    A title and its text are scored as one text (`said`). `taught` are words that weigh something else than the
    engine's lexicon says. Takes at most 0.1 s and memory of the order of the text, whatever the text holds.
    """
    if not text.strip():
        return _unscored("no text")
    if lang is None:
        return _unscored("language unknown")
    base = lang.partition("-")[0].lower()
    if base not in ENGINES:
        return _unscored(f"language {base}")
    name, engine = ENGINES[base]
    value, hits = engine(text, taught)
    return Score(value, hits, None, name)


def explain(text: str, lang: str | None, taught: Overrides = ()) -> Explanation:
    """The score of a text as `score` says, and the words that it comes from; see `listen.sentiment.explained`."""
    told = score(text, lang, taught)
    if told.score is None or lang is None:
        return Explanation(None, told.unscored)
    words, emphasis = EXPLAINERS[lang.partition("-")[0].lower()](text, taught)
    return Explanation(told.score, None, tuple(words), emphasis)


def weighed(text: str, lang: str | None, taught: Overrides = ()) -> list[Scored]:
    """The words of `explain` with what they weigh, in a fraction of its time: maybe without shares and reasons."""
    base = (lang or "").partition("-")[0].lower()
    return _WEIGHED[base](text, taught) if base in _WEIGHED else []


def explain_older(text: str, lang: str | None) -> Explanation | None:
    """The same by the engine that a language had before; None where it had none."""
    if lang is None or lang.partition("-")[0].lower() != "en":
        return None
    words, emphasis = english.stock_words(text)
    return Explanation(round(1000 * english.stock(english.capped(text)).compound), None, tuple(words), emphasis)


def said(title: str, text: str) -> tuple[str, int]:
    """What of a mention is scored, its title and text as one, and where in it the text begins."""
    if text.startswith(title):
        return text, 0
    return f"{title}\n{text}", len(title) + 1


def _unscored(reason: str) -> Score:
    return Score(None, None, reason, "")
