"""Words that belong together: the phrase that a word mostly stands in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence

from listen.text import placed_tokens
from listen.text.terms import stop_words

READ = 60
"""Mentions that are read of a word: the newest."""

SHARE = 0.6
"""The share of what says a word from which on the phrase stands for it."""

LEAST = 3
"""Texts that must hold a phrase."""

LONGEST = 3
"""Tokens of a phrase."""

_PLAIN = re.compile(r"[^\W_]+(?:[ .'’-]?[^\W_]+)*")


def around(word: str, texts: Sequence[str], but: Container[str] = ()) -> str | None:
    """The phrase of two or three words that most of these texts hold around a word, as they write it, or None.

    Stop words and those of `but` are no part of one; a number is, behind a word: `firmware 4.2`.
    """
    read = [(text, placed_tokens(text)[0]) for text in texts]
    phrase: tuple[str, ...] = (word,)
    spelled: Counter[str] = Counter()
    while len(phrase) < LONGEST:
        held: Counter[tuple[str, ...]] = Counter()
        spellings: dict[tuple[str, ...], Counter[str]] = {}
        for text, placed in read:
            for longer, spelling in _longer(phrase, text, placed, but).items():
                held[longer] += 1
                spellings.setdefault(longer, Counter())[spelling] += 1
        best = max(held, key=lambda one: (held[one], one), default=None)
        if best is None or held[best] < max(LEAST, SHARE * len(texts)):
            break
        phrase, spelled = best, spellings[best]
    return max(spelled, key=lambda one: (spelled[one], one)) if spelled else None


def _longer(
    phrase: tuple[str, ...], text: str, placed: Sequence[tuple[str, int, int]], but: Container[str]
) -> dict[tuple[str, ...], str]:
    """The phrases of one word more that a text holds around this one -> how it spells them."""
    found: dict[tuple[str, ...], str] = {}
    size = len(phrase)
    words = [one[0] for one in placed]
    for at in range(len(words) - size + 1):
        if tuple(words[at : at + size]) != phrase:
            continue
        for first, other in ((at - 1, at - 1), (at, at + size)):
            if not 0 <= other < len(words) or not _joins(words[other], behind=other > at, but=but):
                continue
            spelling = text[placed[first][1] : placed[first + size][2]].lower()
            if _PLAIN.fullmatch(spelling):
                found.setdefault(tuple(words[first : first + size + 1]), spelling)
    return found


def _joins(word: str, *, behind: bool, but: Container[str]) -> bool:
    if word in stop_words() or word in but:
        return False
    return (word.isdigit() and behind) or (word.isalpha() and len(word) > (2 if word.isascii() else 1))
