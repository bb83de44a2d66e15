"""Where the score of a mention toward a topic comes from, word by word, when something was taught about that."""

from __future__ import annotations

from typing import NamedTuple

from listen.aims import aim, judged_toward
from listen.model import Mention
from listen.sentiment import hundredths
from listen.sentiment.teaching import Teaching
from listen.store.read import Reader
from listen.text import fold

STRONGEST = 8
"""Words that are told one by one."""


class Taught(NamedTuple):
    """A computed score toward a topic; `words` and `rest` add up to it, as it is shown."""

    topic: str
    score: int
    """Thousandths."""
    hits: int
    """Words that say something; with none, a score of 0 says nothing."""
    words: tuple[tuple[str, int], ...]
    """The strongest, as written, in the order of the text, with their hundredths of the score."""
    rest: int
    """Hundredths that no word of these gives."""
    by: str
    """`thresholds` or the name of a model, to which the rest is due for the most part; else empty."""
    taught: tuple[str, ...]
    """Of the words that were taught those that are in the text: `merci = 0`."""


def taught(reader: Reader, mention: Mention) -> list[Taught]:
    """Toward those of its topics about which something was taught that concerns its text."""
    lessons = reader.taught()
    if not lessons.keys() & mention.topics.keys():
        return []
    live = [one for one in reader.live_topics() if one.name in mention.topics]
    aims = {one.number: aim(one.name, one.query, one.role, lessons.get(one.name, "")) for one in live}
    found = []
    for one in live:
        for spoken in reader.spoken(one, [mention.id]):
            if not aims[one.number].taught.concerns(spoken.text):
                continue
            heard = judged_toward(spoken.text, spoken.lang, aims, one.number, where=True)
            if heard is None:
                continue
            parts = [part for part in heard.parts if part.share]
            strongest = sorted(
                sorted(parts, key=lambda part: -abs(part.share))[:STRONGEST], key=lambda part: part.start
            )
            left = heard.score - sum(part.share for part in strongest)
            told = hundredths([*(part.share for part in strongest), left], _shown(heard.score))
            words = [spoken.text[part.start : part.end] for part in strongest]
            words_taught = tuple(_said(aims[one.number].taught, spoken.text))
            pairs = tuple(zip(words, told, strict=False))
            found.append(Taught(one.name, heard.score, heard.hits, pairs, told[-1], heard.by, words_taught))
    return found


def _shown(score: int) -> int:
    """Hundredths, rounded as `+0.36` is."""
    return round(float(f"{score / 1000:.2f}") * 100)


def _said(lesson: Teaching, text: str) -> list[str]:
    folded = fold(text)
    return [f"{word} = {value:g}" for word, value in sorted(lesson.words.items()) if fold(word) in folded]
