"""What to ask a search engine for on behalf of topics, so that every mention that they match is found.

Servers differ in what they can be asked. To most a topic is said as a few terms of which every match holds at least
one (`search_terms`); to those that understand AND, OR and brackets as `searches`, which find less that is not wanted.
What a server cannot say (exclusions, prefixes, languages, sites) is left out: all is matched again where it arrives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from listen.query import tree
from listen.text import tokens

OPTIONS = 8
"""Ways to cover one clause by search words that are weighed against those of the other clauses."""

STARTS = 8
"""Covers that an OR's choice is begun with."""

MOST_ALIKE = 200
"""Parts of an AND or OR up to which each is compared with all others, to leave out what another one says too."""

Cover = tuple[str, ...]


def search_terms(*nodes: tree.Node) -> list[str]:
    """Few search terms such that every match of these queries holds at least one; [] where words cannot cover one.

    A term is a word, a `#tag` or `@handle`, or a phrase: several words that stand side by side in every match.
    Words are folded.
    """
    options = _covers(nodes[0]) if len(nodes) == 1 else _union([_covers(node) for node in nodes])
    if not options:
        return []
    terms = min(options, key=_weight)
    single = {term for term in terms if " " not in term}
    return [term for term in terms if term in single or single.isdisjoint(term.split())]


def searches(*nodes: tree.Node, longest: int) -> list[str]:
    """The same for servers that know AND (a blank), OR, "phrases" and brackets: few expressions of `longest` signs.

    Every match of the queries is a match of at least one expression. None of them has an OR outside its brackets, so
    they can be joined by OR as they are. [] where words cannot cover one of the queries.
    """
    relaxed = [_relaxed(node) for node in nodes]
    branches = [branch for one in relaxed if one is not None for branch in _branches(one)]
    if not all(relaxed):
        return []
    found: dict[str, None] = {}
    for branch in _without_repeats(branches):
        written = _written(branch)
        found.update(dict.fromkeys([written] if len(written) <= longest else map(_quoted, _plain_cover(branch))))
    return list(found)


def _covers(node: tree.Node) -> list[Cover]:
    """Some sets of terms each of which covers every match of the node; none when words cannot cover it."""
    match node:
        case tree.Words(words, prefix):
            words = _whole_words(words, prefix)
            return [(_spoken(words),)] if words else []
        case tree.Near(parts):
            return sorted(((_spoken(part),) for part in parts), key=_weight)
        case tree.Exact(text):
            return [(" ".join(text.split()).lower(),)]
        case tree.Mark(token):
            return [(token,)]
        case tree.And(items):
            found = sorted((cover for item in items for cover in _covers(item)), key=_weight)
            return list(dict.fromkeys(found))[:OPTIONS]
        case tree.Or(items):
            return _union([_covers(item) for item in items])
    return []


def _whole_words(words: tuple[str, ...], prefix: bool) -> tuple[str, ...]:
    """The words without the beginning of one; a single sign of a script without spaces is looked for as it is."""
    return words[:-1] if prefix and len(words[-1]) > 1 else words


def _union(branches: list[list[Cover]]) -> list[Cover]:
    """One cover for all branches, of few terms: the best of those begun with what serves many branches."""
    if not branches or not all(branches):
        return []
    often = Counter(cover for options in branches for cover in dict.fromkeys(options))
    begin: list[Cover] = [cover for cover, times in often.most_common(STARTS) if times > 1]
    tried = [_greedy(branches, start) for start in [(), *begin]]
    best: Cover = min(tried, key=_weight)
    chosen = frozenset(best)
    written = dict.fromkeys(term for options in branches for cover in options for term in cover if term in chosen)
    return [tuple(written)]


def _greedy(branches: list[list[Cover]], start: Cover) -> Cover:
    """The branches with the least choice first, each adding as few new terms as it can."""
    terms = dict.fromkeys(start)
    for options in sorted(branches, key=len):
        cheapest = min(options, key=lambda cover: _weight(tuple(term for term in cover if term not in terms)))
        terms.update(dict.fromkeys(cheapest))
    return tuple(terms)


def _weight(cover: Cover) -> tuple[int, int]:
    """Few terms, and long ones: they are rarer."""
    return len(cover), -min((len(term) for term in cover), default=0)


def _spoken(words: Iterable[str]) -> str:
    """Tokens as a person would write them: pairs of a script without spaces join again (東京 京都 -> 東京都)."""
    written: list[str] = []
    last = ""
    for word in words:
        if len(last) == 2 and word[:1] == last[1] and tokens(last + word[1:])[0][:2] == [last, word]:
            written[-1] += word[1:]
        else:
            written.append(word)
        last = word
    return " ".join(written)


# --- for servers that know AND and OR --------------------------------------------------------------------------------


def _relaxed(node: tree.Node) -> tree.Node | None:
    """The least that words can say of the query such that it finds no less: words, marks, AND and OR; None: nothing."""
    match node:
        case tree.Words(words, prefix):
            words = _whole_words(words, prefix)
            return tree.Words(words) if words else None
        case tree.Exact(text):
            return tree.Words(tuple(text.lower().split()))
        case tree.Near(parts):
            return _joined(tree.And, [tree.Words(part) for part in parts])
        case tree.Mark(token):
            return tree.Mark(token)
        case tree.And(items):
            kept = [part for item in items if (part := _relaxed(item)) is not None]
            return _joined(tree.And, _narrowest(kept)) if kept else None
        case tree.Or(items):
            found = [_relaxed(item) for item in items]
            kept = [part for part in found if part is not None]
            return _joined(tree.Or, _without_repeats(kept)) if len(kept) == len(found) else None
    return None


def _joined(kind: type[tree.And] | type[tree.Or], items: list[tree.Node]) -> tree.Node:
    flat = [part for item in items for part in (item.items if isinstance(item, kind) else (item,))]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _branches(node: tree.Node) -> tuple[tree.Node, ...]:
    return node.items if isinstance(node, tree.Or) else (node,)


def _without_repeats(branches: list[tree.Node]) -> list[tree.Node]:
    """The branches of an OR that find something which no other one finds."""
    if len(branches) > MOST_ALIKE:
        return branches
    kept: list[tree.Node] = []
    for branch in branches:
        if not any(_finds_within(branch, other) for other in kept):
            kept = [other for other in kept if not _finds_within(other, branch)] + [branch]
    return kept


def _narrowest(parts: list[tree.Node]) -> list[tree.Node]:
    """The parts of an AND that are not said by another one already."""
    if len(parts) > MOST_ALIKE:
        return parts
    kept: list[tree.Node] = []
    for part in parts:
        if not any(_finds_within(other, part) for other in kept):
            kept = [other for other in kept if not _finds_within(part, other)] + [part]
    return kept


def _finds_within(one: tree.Node, other: tree.Node) -> bool:
    """Whether each match of the one is certainly a match of the other."""
    if isinstance(other, tree.And):
        return all(_finds_within(one, item) for item in other.items)
    if isinstance(one, tree.Or):
        return all(_finds_within(item, other) for item in one.items)
    if isinstance(other, tree.Or) and any(_finds_within(one, item) for item in other.items):
        return True
    if isinstance(one, tree.And):
        return any(_finds_within(item, other) for item in one.items)
    if isinstance(one, tree.Words) and isinstance(other, tree.Words):
        long, short = one.tokens, other.tokens
        return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))
    return one == other


def _written(node: tree.Node) -> str:
    match node:
        case tree.And(items):
            return " ".join(_written(item) for item in items)
        case tree.Or(items):
            return f"({' OR '.join(_written(item) for item in items)})"
        case tree.Mark(token):
            return token
        case tree.Words(words):
            return _quoted(_spoken(words))
    raise AssertionError(node)


def _quoted(term: str) -> str:
    """Letters and digits as they are, and all else in quotes, where no sign has a meaning."""
    plain = term.removeprefix("#").removeprefix("@").replace("_", "")
    return term if plain.isalnum() else f'"{term.replace(chr(34), " ").strip()}"'


def _plain_cover(branch: tree.Node) -> Cover:
    """Terms for a branch that is longer than the server takes."""
    return tuple(search_terms(branch))
