"""English: vaderSentiment 3.3.2 (Hutto and Gilbert 2014) with a pack of corrections on top, on the beginning of a text.

`stock` gives the package's own figures, to the last digit. The pack changes what the package reads, not how it
calculates: typographic signs, names and links, and the words and emoji of `packs/en.toml`. The caps keep a flood from
counting: the compound is a sum, so 20,000 emoji, or a page of text, say nothing that the first ones do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from listen.sentiment import parts, vader
from listen.sentiment.explained import Scored
from listen.sentiment.pack import Overrides, Pack, load, squeezed

NAME = f"{vader.NAME}+en-3"

PACK = Path(__file__).parent / "packs" / "en.toml"

MOST_CHARACTERS = 2_000
MOST_EMOJI = 50

_LINK_OR_NAME = re.compile(r"https?://\S+|www\.\S+|(?<!\w)@\w+")
_LINE = "\ue000"
"""Stands for the end of a line: a sign of nobody, and no blank."""
_ENDS = frozenset(f".!?;{_LINE}")
_CLOSING = "\"')]"
_BETWEEN = vader.PAD * (vader.NOTHING,)
_SIGNS: Mapping[str, Mapping[str, str]] = {
    "typography": {**dict.fromkeys("’‘ʼ´", "'"), **dict.fromkeys("“”«»„", '"'), "…": " "},
    "emoji-variants": dict.fromkeys(("\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))), ""),
    "sentences": {"\n": f" {_LINE} "},
}
"""What each rule of the pack reads single characters as: typographic signs as VADER knows them; what varies an emoji
(its form, a tone of skin) is left out; a line ends a sentence."""


_WHO_LIKES = frozenset(("i", "we", "you", "u", "they", "people", "who", "really"))
"""Words right before a `like` that is a verb; a negation is another: `don't like`."""


def score(text: str, taught: Overrides = ()) -> tuple[int, int]:
    """The compound in thousandths and the number of words, emoticons and emoji that are in the lexicon."""
    said = polarity(text, taught)
    return round(1000 * said.compound), said.hits


def polarity(text: str, taught: Overrides = ()) -> vader.Polarity:
    """The four figures of what `score` scores."""
    packed = _packed(taught)
    return parts.polarity(capped(text), lambda part: packed.polarity(packed.plain(part)))


def stock(text: str) -> vader.Polarity:
    """The package's own four figures of a whole text, however long."""
    return _stock().polarity(text)


def words(text: str, taught: Overrides = ()) -> tuple[list[Scored], float]:
    """The words that `score` comes from, and the share of exclamation and question marks, both in thousandths.

    `taught` are words that weigh something else, lower-case, each with its valence.
    """
    from listen.sentiment.why import scored_words

    def explained(part: str) -> tuple[list[Scored], float]:
        read, origins = _placed(part)
        found, emphasis = scored_words(_packed(taught), read)
        return _in_text(found, origins), emphasis

    return parts.words(capped(text), explained)


def weighed(text: str, taught: Overrides = ()) -> list[Scored]:
    """The same words with what they weigh alone, neither share nor reason: a tenth of the work."""
    from listen.sentiment.why import weighed_words

    def explained(part: str) -> tuple[list[Scored], float]:
        if part.isascii() and "\n" not in part:
            return weighed_words(_packed(taught), _blanked(part)), 0.0
        read, origins = _placed(part)
        return _in_text(weighed_words(_packed(taught), read), origins), 0.0

    return parts.words(capped(text), explained)[0]


def stock_words(text: str) -> tuple[list[Scored], float]:
    """The same of the package's own score of a text as `capped`."""
    from listen.sentiment.why import scored_words

    return scored_words(_stock(), capped(text))


def capped(text: str) -> str:
    """What of a text is scored: its first characters, and a space for each emoji beyond the first ones."""
    text = text[:MOST_CHARACTERS]
    if text.isascii():
        return text
    emoji = _stock().signs
    if sum(map(text.count, emoji.intersection(text))) <= MOST_EMOJI:
        return text
    signs = list(text)
    for place in [place for place, sign in enumerate(signs) if sign in emoji][MOST_EMOJI:]:
        signs[place] = " "
    return "".join(signs)


def _blanked(text: str) -> str:
    """Plain text as the engine reads it, with as many blanks in the place of links and names: nothing moves."""
    packed = _packed(())
    if packed.plain(text) is text:
        return text
    return _LINK_OR_NAME.sub(lambda found: " " * len(found[0]), text)


def _placed(text: str) -> tuple[str, list[range]]:
    """The same, and for each of its characters the places that it comes from."""
    parts = list(_read(text))
    return "".join(said for said, _ in parts), [span for said, span in parts for _ in said]


def _in_text(words: Iterable[Scored], origins: Sequence[range]) -> list[Scored]:
    return [one._replace(start=origins[one.start].start, end=origins[one.end - 1].stop) for one in words]


def _read(text: str) -> Iterator[tuple[str, range]]:
    """The same in parts, each with the places of the characters that it comes from."""
    return _packed(()).read(text)


class Packed(vader.Vader):
    """The package's tables with a pack's words, emoji and negations, and what the pack's rules change."""

    def __init__(self, pack: Pack) -> None:
        super().__init__()
        self.lexicon = {
            word: valence for word, valence in self.lexicon.items() if word not in pack.silent
        } | {**pack.words, **pack.emoji}  # fmt: skip
        self.emoji = {sign: said for sign, said in self.emoji.items() if sign not in pack.emoji}
        self.negations |= pack.negations
        self.rules = pack.rules
        signs = {sign: f" {sign} " for sign in pack.emoji}
        for rule in pack.rules:
            signs |= _SIGNS.get(rule, {})
        self.read_as = {ord(sign): said for sign, said in signs.items()}
        self._bind()

    def _bind(self) -> None:
        super()._bind()
        self.listed |= _WHO_LIKES

    def plain(self, text: str) -> str:
        """The text as the engine reads it."""
        if ("@" in text or "http" in text or "www." in text) and "names-and-links" in self.rules:
            text = _LINK_OR_NAME.sub(" ", text)
        return text if text.isascii() and "\n" not in text else text.translate(self.read_as)

    def read(self, text: str) -> Iterator[tuple[str, range]]:
        """The same in parts, each with the places of the characters that it comes from."""
        at = 0
        for found in [*(_LINK_OR_NAME.finditer(text) if "names-and-links" in self.rules else ()), None]:
            start, end = found.span() if found else (len(text), len(text))
            for place in range(at, start):
                yield self.read_as.get(ord(text[place]), text[place]), range(place, place + 1)
            if found:
                yield " ", range(start, end)
            at = end

    def taught(self, words: Overrides) -> Packed:
        """The same tables with other weights for some words, 0 for none: a millisecond."""
        other = copy(self)
        other.lexicon = {**self.lexicon, **dict(words)}
        for word, valence in words:
            if not valence:
                del other.lexicon[word]
        other.emoji = {sign: said for sign, said in self.emoji.items() if sign not in other.lexicon}
        other._words = vader.Remembered(other.word)
        other._bind()
        return other

    def lined_up(self, words: Sequence[vader.Word]) -> list[vader.Word]:
        """No rule reaches beyond a sentence: there is nothing before it and behind it. `looks like` likes nothing."""
        padded, likes = [*_BETWEEN], "likes" in self.rules
        for word in words:
            if likes and word.lower == "like" and not (padded[-1].negates or padded[-1].lower in _WHO_LIKES):
                word = replace(vader.ORDINARY, ends=word.ends)
            padded.append(word)
            if word.ends:
                padded += _BETWEEN
        return [*padded, *_BETWEEN]

    def word(self, token: str) -> vader.Word:
        word = super().word(token)
        if (word is vader.ORDINARY or word is vader.SHOUTED) and "long-letters" in self.rules:
            word = self._squeezed(token, word)
        ends = "sentences" in self.rules and token.rstrip(_CLOSING)[-1:] in _ENDS
        return replace(word, ends=True) if ends else word

    def _squeezed(self, token: str, word: vader.Word) -> vader.Word:
        """`soooo` is `so`; but `nooo` is a cry, and turns nothing round."""
        lower = vader.without_punctuation(token).lower()
        for most in (2, 1):
            spelled = squeezed(lower, most)
            other = super().word(spelled) if spelled not in (lower, "no") else word
            if other is not vader.ORDINARY and other is not vader.SHOUTED:
                return replace(other, capital=word.capital, steady=other.idle and not word.capital)
        return word


@lru_cache(maxsize=33)
def _packed(taught: Overrides = ()) -> Packed:
    """Loaded at the first English text: 40 ms and 15 MB."""
    return _packed(()).taught(taught) if taught else Packed(_pack())


@cache
def _stock() -> vader.Vader:
    return vader.Vader()


@cache
def _pack() -> Pack:
    return load(PACK)
