"""French, by rules over a lexicon; `packs/fr.toml` says what weighs what."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from listen.sentiment import parts, rules
from listen.sentiment.explained import Scored
from listen.sentiment.pack import Overrides, Pack, load, overridden
from listen.sentiment.vader import Polarity

NAME = "fr-3"


def score(text: str, taught: Overrides = ()) -> tuple[int, int]:
    """The score in thousandths and the number of words and emoji that are in the lexicon."""
    found = parts.parts(text)
    if len(found) == 1:
        return rules.score(found[0].text, _taught(taught))
    said = polarity(text, taught)
    return round(1000 * said.compound), said.hits


def polarity(text: str, taught: Overrides = ()) -> Polarity:
    """The four figures that VADER gives, of which `score` is the compound."""
    pack = _taught(taught)
    return parts.polarity(text, lambda part: rules.polarity(part, pack))


def words(text: str, taught: Overrides = ()) -> tuple[list[Scored], float]:
    """The words that `score` comes from, and the share of exclamation and question marks, both in thousandths.

    `taught` are words that weigh something else, lower-case, each with its valence.
    """
    pack = _taught(taught)
    return parts.words(text, lambda part: rules.words(part, pack))


def weighed(text: str, taught: Overrides = ()) -> list[Scored]:
    """The same words."""
    return words(text, taught)[0]


@cache
def _pack() -> Pack:
    """Read at the first French text."""
    return load(Path(__file__).parent / "packs" / "fr.toml")


@lru_cache(maxsize=33)
def _taught(words: Overrides) -> Pack:
    return overridden(_pack(), dict(words)) if words else _pack()
