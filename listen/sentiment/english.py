"""English by vaderSentiment 3.3.2 (Hutto and Gilbert 2014), unchanged but for the cap on its input.

The package needs time that grows with the square of the words and of the emoji (20,000 emoji take minutes), so it is
given the beginning of a text only. On what it is given, the scores are the package's own, to the last digit.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

NAME = "vader-3.3.2"

MOST_CHARACTERS = 2_000
MOST_EMOJI = 50


def score(text: str) -> tuple[int, int]:
    """The compound in thousandths and the number of words and emoticons that are in the lexicon."""
    analyzer = _analyzer()
    analyzer.hits = 0
    compound = analyzer.polarity_scores(_capped(text, analyzer.emojis))["compound"]
    return round(1000 * compound), analyzer.hits


def capped(text: str) -> str:
    """What of a text is scored: its first characters, and a space for each emoji beyond the first ones."""
    return _capped(text, _analyzer().emojis)


def _capped(text: str, emojis: dict[str, str]) -> str:
    text = text[:MOST_CHARACTERS]
    if text.isascii():
        return text
    seen = 0
    kept = list(text)
    for place, sign in enumerate(text):
        if sign in emojis:
            seen += 1
            if seen > MOST_EMOJI:
                kept[place] = " "
    return "".join(kept) if seen > MOST_EMOJI else text


@cache
def _analyzer() -> Any:
    """The package's analyzer, which also counts its hits. Loaded at the first English text: 30 ms and 14 MB."""
    vader = importlib.import_module("vaderSentiment.vaderSentiment")

    class Counting(vader.SentimentIntensityAnalyzer):  # type: ignore[misc, name-defined]
        hits = 0

        def sentiment_valence(
            self, valence: float, sentitext: Any, item: str, i: int, sentiments: list[float]
        ) -> list[float]:
            self.hits += item.lower() in self.lexicon
            return super().sentiment_valence(valence, sentitext, item, i, sentiments)  # type: ignore[no-any-return]

    return Counting()
