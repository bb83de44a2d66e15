"""What full text can say of a query: normal tree -> FTS5 expression over title, text and facets of a partition.

Of sentiment it knows what was computed: what people corrected is found beside it, see `listen.store.plan`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from listen.model import KINDS, NEGATIVE, POSITIVE
from listen.query import tree
from listen.store import patterns
from listen.store.normal import Held, Leaf
from listen.store.search import band, intent_facet, kind_no, lang_facet, quoted
from listen.text import query_tokens

HEIGHT = 10
"""Levels of AND, OR and NOT that an expression may have; FTS5's parser overflows at about 30."""

MOST_BANDS = 10
"""Bands of sentiment, of 20, that narrow a search; of more, the score is only tested on the row."""

MOST_HELD = 200
"""Authors who narrow a search; of more, a mention's author is only tested on the row."""

STEM = 2
"""Letters that a prefix needs before it is worth asking full text for it."""

_FACETS = {"topic": "t", "source": "s", "author": "a"}
_WHERE = {"any": "{title text}", "title": "title", "text": "text"}
_BANDS = [(band(score), score, score + 99) for score in range(-999, -1, 100)]
_BANDS += [(band(score), score, score + 99) for score in range(0, 1000, 100)]
_BANDS[0] = (_BANDS[0][0], -1000, -900)
_BANDS[-1] = (_BANDS[-1][0], 900, 1000)
"""(facet, lowest, highest score that it holds)"""


@dataclass(frozen=True, slots=True)
class Said:
    """A condition as far as FTS5 can say it. Both texts empty: it can say nothing."""

    match: str = ""
    """Every mention that fulfils the condition is found by this."""
    minus: str = ""
    """No mention that fulfils the condition is found by this."""
    exact: bool = False
    """`match` and not `minus` is the whole condition."""
    costly: bool = False
    """Before the first hit all words that begin so are gathered: better tested on the few rows of a rare word."""
    height: int = 0


NOTHING = Said()


def facet(*names: str) -> str:
    """Any of these tokens among the facets."""
    return f"facets : ({' OR '.join(map(quoted, names))})"


EVERYTHING = facet(*(f"k_{number}" for number in range(len(KINDS))))
"""Every mention: each has exactly one kind."""


class Speaker:
    """Translates the parts of one normal tree, each once."""

    def __init__(self) -> None:
        self._said: dict[int, Said] = {}

    def say(self, node: Leaf) -> Said:
        """What FTS5 can say of a part; the caller keeps the tree alive."""
        found = self._said.get(id(node))
        if found is None:
            found = self._said[id(node)] = self._say(node)
        return found

    def _say(self, node: Leaf) -> Said:
        match node:
            case tree.And(items):
                said = together([self.say(item) for item in items])
                return said if said.height <= HEIGHT else NOTHING
            case tree.Or(items):
                return _any([self.say(item) for item in items])
            case tree.Not(item):
                said = self.say(item)
                return replace(said, match="", minus=said.match) if said.exact else NOTHING
        return _leaf(node)


def together(parts: Sequence[Said]) -> Said:
    """AND of what each part says."""
    wanted = [part for part in parts if part.match]
    unwanted = [part for part in parts if part.minus]
    if not (wanted or unwanted):
        return NOTHING
    return Said(
        " AND ".join(_nested(part.match) for part in wanted),
        _either([part.minus for part in unwanted]) if unwanted else "",
        all(part.exact for part in parts),
        any(part.costly for part in parts),
        1 + max(part.height for part in parts),
    )


def expression(said: Said) -> str:
    """One FTS5 expression for a condition that says something."""
    if not said.minus:
        return said.match
    return f"({said.match or EVERYTHING}) NOT ({said.minus})"


def _any(parts: Sequence[Said]) -> Said:
    """OR of what each part says; a part that says nothing leaves nothing to say."""
    height = 2 + max((part.height for part in parts), default=0)
    if height > HEIGHT or not all(part.match or part.minus for part in parts):
        return NOTHING
    exact, costly = all(part.exact for part in parts), any(part.costly for part in parts)
    return Said(_either([expression(part) for part in parts]), "", exact, costly, height)


def _either(expressions: Sequence[str]) -> str:
    if len(expressions) == 1:
        return _nested(expressions[0])
    return "(" + " OR ".join(map(_nested, expressions)) + ")"


def _nested(expression: str) -> str:
    return f"({expression})" if " " in expression else expression


def _leaf(node: Leaf) -> Said:
    match node:
        case tree.Words(words, prefix, where):
            return Said(_phrase(words, prefix, where), exact=True, costly=prefix)
        case tree.Near(parts, distance, _, where):
            # FTS5 bounds the way from the first part's end to the last one's start; ours is from each to the next.
            reach = distance * (len(parts) - 1) + sum(len(part) for part in parts)
            phrases = " ".join(quoted(" ".join(part)) for part in parts)
            return Said(f"{_WHERE[where]} : NEAR({phrases}, {reach})")
        case tree.Pattern(token, prefix, where):
            stem = token.partition("?")[0]
            return (
                Said(f"{_WHERE[where]} : {patterns.said(token, prefix)}", costly=True) if stem[STEM - 1 :] else NOTHING
            )
        case tree.Exact(text, where):
            found, prefix = query_tokens(text)
            return Said(_phrase(found, prefix, where), costly=prefix)
        case tree.Mark(token):
            return Said(facet(token), exact=True)
        case Held(what, ids):
            if what == "author" and len(ids) > MOST_HELD:
                return NOTHING
            return Said(facet(*(f"{_FACETS[what]}_{number}" for number in ids)), exact=True)
        case tree.Facet("kind", values):
            return Said(facet(*(f"k_{kind_no(value)}" for value in values)), exact=True)
        case tree.Facet("intent", values):
            return Said(facet(*map(intent_facet, values)), exact=True)
        case tree.Facet("lang", values):
            return Said(facet(*map(lang_facet, values)), exact=all(value.isalnum() for value in values))
        case tree.Tone(values):
            return _tone(values)
        case tree.Number("sentiment", low, high):
            bands = _bands(low, high)
            return Said(facet(*bands)) if 0 < len(bands) <= MOST_BANDS else NOTHING
    return NOTHING


def _phrase(words: Sequence[str], prefix: bool, where: str) -> str:
    return f"{_WHERE[where]} : {quoted(' '.join(words))}{' *' if prefix else ''}"


def _tone(values: Sequence[str]) -> Said:
    found: dict[str, None] = {}
    for value in values:
        match value:
            case "neg":
                found.update(dict.fromkeys(_bands(None, NEGATIVE)))
            case "pos":
                found.update(dict.fromkeys(_bands(POSITIVE, None)))
            case "neu" | "none":
                found.update(dict.fromkeys(_bands(NEGATIVE, POSITIVE)))
            case "unknown":
                found["c_x"] = None
    if len(found) > MOST_BANDS:
        return NOTHING
    return Said(facet(*found))


def _bands(low: float | None, high: float | None) -> list[str]:
    """Bands that hold a score between the two, in thousandths, both included."""
    return [
        name for name, lowest, highest in _BANDS if (high is None or lowest <= high) and (low is None or highest >= low)
    ]
