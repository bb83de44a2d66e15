"""A query of words -> branches that are found fast: each is filed under words of which every hit holds one.

The queries of intents are long ORs of phrases and distances between groups. The trees of `listen.query` spell every
combination of such a group out; here a branch becomes one regular expression over the tokens, made when it is first
asked. What else a query can say is left to its predicate. Both find the same (a test says so).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from listen import query
from listen.query.lex import Token, lex
from listen.query.match import Subject, compile
from listen.text import query_tokens

Predicate = Callable[[Subject], bool]

COMMON = frozenset(
    """
    a about after again all am an and any anyone are as at be been being but by can cant could day did do does doing
    dont ever every for from get getting go going good got great guys had has have he help her his how i if im in is
    isnt it just know like ll look love m make me more my need never new no not nothing now of off on one or our out
    over people please re really s see she should so some still sure t than thank thanks that the their them then
    there they think this time to today too up us ve very want was way we well were what when where which who why
    will with wont work would you your want love need last back much ai alors apres au aucun aucune aussi aux avec
    avez avoir bien bon c ca ce cela ces cette chez comme comment d dans de deja depuis des deux dit dites donc du
    elle en encore est et etait etre eu faire fait faut il ils j jamais je jour la le les leur lui ma mais me meme
    merci mes moi mois mon n ne nos notre nous on ont ou par pas personne peu peut plus pour pourquoi qu quand que
    quel quelle qui quoi rien s sa sans se ses si son sont sur ta te temps tes toi tous tout toute toujours tres
    trop tu un une va vais vos votre vous y
    """.split()  # noqa: SIM905
)
"""Words that hardly tell one text from another, folded."""

_GAP = "(?: [^ \n]+){0,%d} "
_ON = "[^ \n]*"


@dataclass(frozen=True, slots=True)
class Words:
    """Sequences of tokens: a regular expression over tokens between blanks, and words of which each hit holds one."""

    source: str
    keys: frozenset[str]
    """A beginning ends in `*`."""

    @property
    def commonness(self) -> float:
        """A guess at how often one of its keys occurs."""
        return sum(_commonness(key) for key in self.keys)


@dataclass(frozen=True, slots=True)
class Sign:
    """What is no word: the tone, a question mark."""

    holds: Predicate
    telling: frozenset[str] = frozenset()
    """Words that stand for it where it holds."""


@dataclass(frozen=True, slots=True)
class Not:
    item: Part


@dataclass(frozen=True, slots=True)
class All:
    items: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Any:
    items: tuple[Part, ...]


Part = Words | Sign | Not | All | Any


def parts(text: str) -> Part:
    """The parts of a query that has been checked (`listen.query.parse`)."""
    return _Parser(text).either()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at = text, lex(text), 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at].kind

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def either(self) -> Part:
        items = [self.both()]
        while self.kind == "OR":
            self.take()
            items.append(self.both())
        return _any(items)

    def both(self) -> Part:
        items: list[Part] = []
        while self.kind not in ("end", "OR", ")"):
            negated = False
            while self.kind in ("NOT", "-", "AND"):
                negated ^= self.take().kind != "AND"
            item = self.near()
            items.append(Not(item) if negated else item)
        return items[0] if len(items) == 1 else All(tuple(items))

    def near(self) -> Part:
        first = self.at
        items = [self.term()]
        operator: Token | None = None
        while self.kind == "near":
            operator = self.take()
            items.append(self.term())
        if operator is None:
            return items[0]
        words = [one for item in items if isinstance(one := together(item), Words)]
        if len(words) == len(items) == 2 or (len(words) == len(items) and operator.ordered):
            return _close(words, operator)
        return self.asked(first)

    def term(self) -> Part:
        first = self.at
        token = self.take()
        if token.kind == "(":
            inside = self.either()
            return inside if self.take().number < 0 else self.asked(first)
        if token.kind == "word" and token.text[0] not in "#@" and "?" not in token.text and "://" not in token.text:
            return _words(token.text)
        if token.kind == "phrase" and token.number < 0 and not token.text.rstrip().endswith("*"):
            return _words(token.text)
        if token.kind == "place":
            self.term()
        return self.asked(first)

    def asked(self, first: int) -> Sign:
        """What stands from that token on, as its predicate says."""
        written = self.text[self.tokens[first].start : self.tokens[self.at - 1].end]
        return Sign(compile(query.parse(written), 0.0))


def _words(written: str) -> Words:
    tokens, prefix = query_tokens(written.rstrip("*"))
    begun = prefix or written.endswith("*")
    keys = [*tokens[:-1], f"{tokens[-1]}*" if begun else tokens[-1]]
    source = " ".join(map(re.escape, tokens)) + "[^ \n]*" * begun
    return Words(source, frozenset((min(keys, key=_commonness),)))


def _close(items: Sequence[Words], operator: Token) -> Words:
    gap = _GAP % operator.number
    source = gap.join(f"(?:{one.source})" for one in items)
    if not operator.ordered:
        source += f"|{gap.join(f'(?:{one.source})' for one in reversed(items))}"
    return Words(f"(?:{source})", min(items, key=lambda one: one.commonness).keys)


def _any(items: Sequence[Part]) -> Part:
    if len(items) == 1:
        return items[0]
    flat = [one for item in items for one in (item.items if isinstance(item, Any) else (item,))]
    return Any(tuple(flat))


def together(part: Part) -> Part:
    """One expression for an OR that is all words."""
    if not isinstance(part, Any) or not all(isinstance(one, Words) for one in part.items):
        return part
    words = [one for one in part.items if isinstance(one, Words)]
    return Words(f"(?:{'|'.join(one.source for one in words)})", frozenset().union(*(one.keys for one in words)))


def _commonness(key: str) -> float:
    """Short words and function words are common, beginnings more so than words."""
    bare = key.rstrip("*")
    rarity = len(bare) if bare not in COMMON else 1 + len(bare) / 10
    return (4 if key.endswith("*") else 1) / rarity**2


@dataclass(frozen=True)
class Branch:
    """One branch of an OR, as one of its words can bring it up."""

    part: Part
    keys: frozenset[str]
    """Words, or beginnings with a `*`: every hit holds one of them. Empty: it has to be asked of every text."""
    whole: bool = False
    """A key is all there is to it."""

    @cached_property
    def holds(self) -> Predicate:
        """Whether it holds for a text; made when a text first has one of its keys."""
        return _predicate(self.part)


def branches(text: str) -> Iterator[Branch]:
    """The branches of a query that has been checked."""
    part = parts(text)
    for one in part.items if isinstance(part, Any) else (part,):
        for each in _spread(one):
            yield Branch(each, _keys(each), isinstance(each, Words) and each.source.isalnum())


def _spread(part: Part) -> Iterator[Part]:
    """A conjunction with a group, once for each of the group's parts: so each is asked only where its words are."""
    if not isinstance(part, All) or not any(isinstance(item, Any) for item in part.items):
        yield part
        return
    group = max((item for item in part.items if isinstance(item, Any)), key=lambda item: len(item.items))
    rest = tuple(together(item) for item in part.items if item is not group)
    for item in group.items:
        yield All((item, *rest))


def _keys(part: Part) -> frozenset[str]:
    match part:
        case Words():
            return part.keys
        case All(items):
            known = [keys for item in items if (keys := _keys(item))]
            return min(known, key=lambda keys: sum(map(_commonness, keys)), default=frozenset())
        case Any(items):
            several = [_keys(item) for item in items]
            return frozenset().union(*several) if all(several) else frozenset()
    return frozenset()


def _predicate(part: Part) -> Predicate:
    match part:
        case Words(source) if "(" not in source and "\\" not in source:
            needle = f" {source.removesuffix(_ON)}" + " " * (not source.endswith(_ON))
            return lambda subject: needle in subject.line
        case Words(source):
            search = re.compile(f"(?<= )(?:{source})(?= )").search
            return lambda subject: search(subject.line) is not None
        case Sign(holds, _):
            return holds
        case Not(item):
            unwanted = _predicate(item)
            return lambda subject: not unwanted(subject)
        case All(items):
            wanted = [_predicate(item) for item in items]
            return lambda subject: all(holds(subject) for holds in wanted)
        case Any(items):
            some = [_predicate(item) for item in items]
            return lambda subject: any(holds(subject) for holds in some)


def found(part: Part, line: str) -> Iterator[tuple[int, int]]:
    """Where in a line of tokens the words of a part stand, but for those behind a NOT."""
    match part:
        case Words(source):
            yield from (one.span() for one in re.finditer(f"(?<= )(?:{source})(?= )", line))
        case Sign(_, telling):
            words = (one.span() for one in re.finditer("[^ \n]+", line))
            yield from ((start, end) for start, end in words if line[start:end] in telling)
        case All(items) | Any(items):
            for item in items:
                yield from found(item, line)
