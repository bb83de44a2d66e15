"""Sentiment by rules over a language pack: VADER's arithmetic, with what other languages need beside it.

A word weighs what the lexicon says, moved by the words around it in its sentence: boosters, capitals, negation before
it and behind it, contrast. The sum `s` of all, and of `!` and `?`, gives the score `s / sqrt(s*s + 15)`. Source: Hutto
and Gilbert 2014 for the weights; the rules for French were chosen on the training parts of UMSAB and XABSA.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from listen.sentiment.explained import How, Moved, Scored
from listen.sentiment.pack import Pack, split_elision
from listen.sentiment.vader import Polarity, emphasis, summed

NEGATED = -0.74
CAPITALS = 0.733
BOOST = 0.293
FADING = (1.0, 0.95, 0.9)
"""What a booster does one, two and three words before the word."""
TURNED_MILD = -0.6
BEFORE_CONTRAST, AFTER_CONTRAST = 0.5, 1.5
ALPHA = 15
MOST_CHARACTERS = 2_000
MOST_ALIKE = 3
"""How often one emoji counts: a row of twenty says no more than a row of three."""

_PART = re.compile(
    r"""
    (?P<link>https?://\S+|www\.\S+|\bhttps?\b)
  | (?P<name>(?<!\w)@[\w.]+)
  | (?P<face>(?<!\w)(?:[:;=8xX]['-]?[()\[\]dDpP/\\|3]+|<3+|</3|\^_*\^)(?!\w))
  | (?P<tag>\#\w+)
  | (?P<word>\w+(?:['-]\w+)*'?)
  | (?P<end>[.!?…;\n]+)
  | (?P<sign>[^\s\w])
    """,
    re.VERBOSE,
)
_IN_TAG = re.compile(r"[^\W\d_a-zà-öø-ÿ]?[a-zà-öø-ÿ]+|[^\W\d_a-zà-öø-ÿ]+(?![a-zà-öø-ÿ])")
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")


@dataclass(slots=True)
class Token:
    """A word, an emoticon or an emoji."""

    start: int
    end: int
    lower: str
    capital: bool
    weight: float = 0.0
    """By the lexicon, or of the idiom that begins here; 0 is none."""
    valence: float = 0.0
    """After the rules."""
    spent: bool = False
    """Whether it is part of an idiom, and so says nothing else."""
    moved: list[Moved] = field(default_factory=list)

    def move(self, valence: float, by: str) -> None:
        """Let it weigh otherwise, on behalf of something."""
        if valence != self.valence:
            how: How = "flipped" if valence * self.valence < 0 else _grown(self.valence, valence)
            self.moved.append(Moved(how, by))
            self.valence = valence


def _grown(before: float, after: float) -> How:
    return "boosted" if abs(after) > abs(before) else "damped"


def score(text: str, pack: Pack) -> tuple[int, int]:
    """(thousandths, words and emoji that are in the lexicon)."""
    _, hits, total, added = _weighed(text, pack)
    total += added
    return round(1_000 * total / math.sqrt(total * total + ALPHA)), len(hits)


def polarity(text: str, pack: Pack) -> Polarity:
    """The four figures that VADER gives, of which `score` is the compound."""
    sentences, hits, _, added = _weighed(text, pack)
    if not sentences:
        return Polarity(0.0, 0.0, 0.0, 0.0, 0)
    return summed([token.valence for token in hits], sum(map(len, sentences)), abs(added))


def words(text: str, pack: Pack) -> tuple[list[Scored], float]:
    """The words that `score` comes from, and the share of exclamation and question marks, both in thousandths."""
    _, hits, total, added = _weighed(text, pack)
    divisor = math.sqrt((total + added) ** 2 + ALPHA) / 1_000
    found = [
        Scored(one.start, one.end, one.weight, one.valence, one.valence / divisor, tuple(one.moved)) for one in hits
    ]
    return found, added / divisor


def _weighed(text: str, pack: Pack) -> tuple[list[list[Token]], list[Token], float, float]:
    """(the sentences, what weighs something in them, its sum, what `!` and `?` add)."""
    text = text[:MOST_CHARACTERS]
    sentences = [sentence for sentence in _sentences(text, pack) if sentence]
    _count_alike(sentences)
    capitals = [token.capital for sentence in sentences for token in sentence]
    tell = 0 < sum(capitals) < len(capitals)
    for sentence in sentences:
        _weigh(sentence, pack, tell)
    hits = [token for sentence in sentences for token in sentence if token.valence]
    total = math.fsum(token.valence for token in hits)
    return sentences, hits, total, math.copysign(emphasis(text), total) if total else 0.0


# --- reading ---------------------------------------------------------------------------------------------------------


def _sentences(text: str, pack: Pack) -> Iterator[list[Token]]:
    """The text's tokens, sentence by sentence: no rule reaches beyond one. Links and names of users say nothing."""
    text = text.translate(_APOSTROPHES)
    sentence: list[Token] = []
    for found in _PART.finditer(text):
        kind, start, said = found.lastgroup, found.start(), found.group()
        if kind == "end":
            yield sentence
            sentence = []
        elif kind == "word":
            for part in split_elision(said, pack.elisions):
                sentence.append(_token(part, start, pack))
                start += len(part)
        elif kind == "tag":
            for name in _IN_TAG.finditer(said):
                sentence.append(_token(name.group(), start + name.start(), pack))
        elif kind == "face":
            sentence.append(Token(start, found.end(), said, False, pack.words.get(said.lower(), 0.0)))
        elif kind == "sign" and said in pack.emoji:
            sentence.append(Token(start, found.end(), said, False, pack.emoji[said]))
    yield sentence


def _token(said: str, start: int, pack: Pack) -> Token:
    lower = said.lower()
    return Token(start, start + len(said), lower, len(said) > 1 and said.isupper(), pack.valence(lower) or 0.0)


def _count_alike(sentences: list[list[Token]]) -> None:
    """Take the weight of an emoji from where it has been said often enough."""
    seen: dict[str, int] = {}
    for sentence in sentences:
        for token in sentence:
            if token.weight and not token.lower[0].isalnum():
                seen[token.lower] = seen.get(token.lower, 0) + 1
                if seen[token.lower] > MOST_ALIKE:
                    token.weight = 0.0


# --- the rules -------------------------------------------------------------------------------------------------------


def _weigh(sentence: list[Token], pack: Pack, capitals_tell: bool) -> None:
    """Give every token of a sentence its valence."""
    _find_idioms(sentence, pack)
    for place, token in enumerate(sentence):
        if not token.weight or (not token.spent and _only_moves(sentence, place, pack)):
            continue
        token.valence = token.weight
        if token.lower[0].isalnum():
            if token.capital and capitals_tell:
                token.move(token.valence + math.copysign(CAPITALS, token.valence), "capitals")
            _moved_by_words(sentence, place, pack)
    _weigh_contrast(sentence, pack)


def _find_idioms(sentence: list[Token], pack: Pack) -> None:
    """The longest idioms, from left to right: their first word weighs for all, the others weigh nothing."""
    place = 0
    while place < len(sentence):
        for phrase, weight in pack.idioms.get(sentence[place].lower, ()):
            some = sentence[place : place + len(phrase)]
            if tuple(token.lower for token in some) == phrase:
                for token in some:
                    token.spent, token.weight = True, 0.0
                some[0].weight, some[0].end = weight, some[-1].end
                place += len(phrase) - 1
                break
        place += 1


def _only_moves(sentence: list[Token], place: int, pack: Pack) -> bool:
    """Whether the word does not weigh itself: a negation, or a booster of the word behind it."""
    word = sentence[place].lower
    if word in pack.negations or word in pack.negations_after:
        return True
    return word in pack.boosters and place + 1 < len(sentence) and bool(sentence[place + 1].weight)


def _moved_by_words(sentence: list[Token], place: int, pack: Pack) -> None:
    token, negated = sentence[place], False
    for distance in (1, 2, 3):
        if distance > place:
            break
        other = sentence[place - distance]
        word = other.lower
        if word in pack.boosters and not other.spent:
            boost = pack.boosters[word] * FADING[distance - 1]
            token.move(token.valence + math.copysign(1, token.valence) * boost, word)
        if word in pack.negations and not other.spent and not negated:
            if word in pack.only_with_particle and not _particle_before(sentence, place - distance, pack):
                if distance == 1:
                    token.move(token.valence + math.copysign(BOOST, token.valence), word)
            elif distance <= 2 or word not in pack.near_negations:
                token.move(token.valence * NEGATED, word)
                negated = True
        elif distance == 1 and word in pack.weak and token.valence > 0 and not negated:
            token.move(token.valence * TURNED_MILD, word)
            negated = True
        if word in pack.contrasts:
            break
    if not negated:
        _negated_behind(sentence, place, pack)


def _particle_before(sentence: list[Token], place: int, pack: Pack) -> bool:
    return any(other.lower in pack.particles for other in sentence[max(0, place - 3) : place])


def _negated_behind(sentence: list[Token], place: int, pack: Pack) -> None:
    """`je n'aime pas`, and without its particle, as people write: `j'aime pas`."""
    particle = _particle_before(sentence, place, pack)
    for distance, other in enumerate(sentence[place + 1 : place + 3], 1):
        word = other.lower
        if word in pack.negations_after and not other.spent:
            if particle or (distance == 1 and word not in pack.only_with_particle):
                sentence[place].move(sentence[place].valence * NEGATED, word)
            return


def _weigh_contrast(sentence: list[Token], pack: Pack) -> None:
    """What stands before the last `mais` of its sentence counts half, what stands after it half as much again."""
    turns = [place for place, token in enumerate(sentence) if token.lower in pack.contrasts and not token.spent]
    if not turns:
        return
    for place, token in enumerate(sentence):
        if token.valence and place != turns[-1]:
            share = BEFORE_CONTRAST if place < turns[-1] else AFTER_CONTRAST
            token.move(token.valence * share, sentence[turns[-1]].lower)
