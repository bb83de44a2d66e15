"""English by vaderSentiment 3.3.2 (Hutto and Gilbert 2014), on the beginning of a text.

On what it is given, the scores are the package's own, to the last digit. The caps keep a flood from counting: the
compound is a sum, so 20,000 emoji, or a page of text, say nothing that the first ones do not.
"""

from __future__ import annotations

from functools import cache

from listen.sentiment import vader
from listen.sentiment.explained import Scored

NAME = vader.NAME

MOST_CHARACTERS = 2_000
MOST_EMOJI = 50


def score(text: str) -> tuple[int, int]:
    """The compound in thousandths and the number of words and emoticons that are in the lexicon."""
    said = polarity(text)
    return round(1000 * said.compound), said.hits


def polarity(text: str) -> vader.Polarity:
    """The four figures of what `score` scores."""
    return stock(capped(text))


def stock(text: str) -> vader.Polarity:
    """The package's own four figures of a whole text, however long."""
    return _engine().polarity(text)


def words(text: str) -> tuple[list[Scored], float]:
    """The words that `score` comes from, and the share of exclamation and question marks, both in thousandths."""
    from listen.sentiment.why import scored_words

    return scored_words(_engine(), capped(text))


def capped(text: str) -> str:
    """What of a text is scored: its first characters, and a space for each emoji beyond the first ones."""
    text = text[:MOST_CHARACTERS]
    if text.isascii():
        return text
    emoji = _engine().emoji
    if sum(text.count(sign) for sign in set(text) if sign in emoji) <= MOST_EMOJI:
        return text
    signs = list(text)
    for place in [place for place, sign in enumerate(signs) if sign in emoji][MOST_EMOJI:]:
        signs[place] = " "
    return "".join(signs)


@cache
def _engine() -> vader.Vader:
    """Loaded at the first English text: 30 ms and 14 MB."""
    return vader.Vader()
