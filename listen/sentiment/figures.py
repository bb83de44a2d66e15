"""A text's four figures as VADER gives them, by the engine of its language or by the stock package's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from listen import language
from listen.sentiment import english, french, score, vader

STOCK = "vader"
"""The engine that is vaderSentiment itself, whatever the language and the length of the text."""

_POLARITIES: Mapping[str, Callable[[str], vader.Polarity]] = {"en": english.polarity, "fr": french.polarity}


@dataclass(frozen=True, slots=True)
class Figures:
    """The compound, -1 to 1, and the shares of positive, neutral and negative words; None where it is not scored."""

    compound: float | None
    pos: float | None
    neu: float | None
    neg: float | None
    lang: str | None
    engine: str
    hits: int | None
    unscored: str | None = None


def figures(text: str, lang: str | None = None, engine: str = "") -> Figures:
    """The figures of a text in a language (None: detected); `engine` is `STOCK`, or empty for that of the language."""
    if engine == STOCK:
        return _scored(english.stock(text), lang, vader.NAME)
    if lang is None:
        lang, _ = language.detect(text, None)
    said = score(text, lang)
    if said.score is None or lang is None:
        return Figures(None, None, None, None, lang, "", None, said.unscored)
    return _scored(_POLARITIES[lang.partition("-")[0].lower()](text), lang, said.engine)


def _scored(said: vader.Polarity, lang: str | None, engine: str) -> Figures:
    return Figures(said.compound, said.pos, said.neu, said.neg, lang, engine, said.hits)
