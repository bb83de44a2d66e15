"""The text of a query -> its tree, by recursive descent.

Written by hand because a generated parser (lark) cost 50 ms of import and 30 ms of table building at each start, and
because errors and completion need to know what could have stood at each column.

    query  = [ either ]
    either = both { "OR" both }
    both   = not { [ "AND" ] not }
    not    = { "NOT" | "-" } near
    near   = term { "NEAR/n" term }
    term   = "(" either ")" | "(" both ")~n" | word | phrase | "{exact}" | "title:" term | name ":" value
           | name ":(" values ")"
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo

from listen.query import fields, terms, tree
from listen.query.errors import LONGEST_PART, Hint, QueryError
from listen.query.lex import TERM, Token, lex
from listen.text import one_line

_STARTS = frozenset({"word", "phrase", "exact", "place", "field", "(", "-", "NOT"})
_OPERATORS = frozenset({"AND", "OR", "NOT", "-", "near"})
_LOWER = {
    "or": "it is looked for as a word: write OR to find either side",
    "and": "it is looked for as a word: write AND, or nothing, to ask for both sides",
    "not": "it is looked for as a word: write NOT or - to exclude what follows",
}


def parse(text: str, tz: tzinfo = UTC) -> tree.Node:
    """The tree of a query. Dates are days of `tz`; an empty query matches everything.

    Operators that repeat are flat (`a b c` is one And of three), a double negation is none, a group leaves no node.

    Raises:
        QueryError: it cannot be read, is longer than 16 KB or deeper than 64 levels.
    """
    return _Parser(lex(text), tz).query()


def hints(text: str, tz: tzinfo = UTC) -> list[Hint]:
    """What a readable query does that may not be meant, in the order of its columns: lower-case operators, fields that
    are not there yet, signs that are not looked for. Empty when the query cannot be read."""
    try:
        return remarked(text, tz)[1]
    except QueryError:
        return []


def remarked(text: str, tz: tzinfo = UTC) -> tuple[tree.Node, list[Hint]]:
    """The tree of a query with its `hints`. Raises `QueryError` as `parse` does."""
    parser = _Parser(lex(text), tz)
    node = parser.query()
    said = [hint._replace(message=one_line(hint.message, LONGEST_PART)) for hint in parser.hints]
    return node, sorted(said, key=lambda hint: hint.column)


class _Parser:
    def __init__(self, tokens: list[Token], zone: tzinfo) -> None:
        self.tokens, self.zone, self.at = tokens, zone, 0
        self.hints: list[Hint] = []
        self.where: tree.Where = "any"
        self.choices = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def query(self) -> tree.Node:
        if self.token.kind == "end":
            return tree.All()
        node = self.either()
        if self.token.kind != "end":
            raise self.missing()
        self._look_for_small_operators()
        return node

    def either(self) -> tree.Node:
        items = [self.both()]
        while self.token.kind == "OR":
            self.take()
            items.append(self.both())
        return _joined(tree.Or, items)

    def both(self) -> tree.Node:
        items = [self.negated()]
        while True:
            if self.token.kind == "AND":
                self.take()
            elif self.token.kind not in _STARTS:
                return _joined(tree.And, items)
            items.append(self.negated())

    def negated(self) -> tree.Node:
        start, negations = self.token.start, 0
        while self.token.kind in ("NOT", "-"):
            self.take()
            negations += 1
        node = self.near()
        if negations % 2 == 0:
            return node
        return node.item if isinstance(node, tree.Not) else tree.Not(node, (start, node.span[1]))

    def near(self) -> tree.Node:
        operands = [self.term()]
        operator: Token | None = None
        while self.token.kind == "near":
            following = self.take()
            if operator and (operator.number, operator.ordered) != (following.number, following.ordered):
                column, length = following.start, following.end - following.start
                raise QueryError(
                    "two different distances in one chain",
                    column,
                    length,
                    f"write {operator.text}, or join two pairs by AND",
                )
            operator = following
            operands.append(self.term())
        return self.within(operands, operator) if operator else operands[0]

    def within(self, operands: list[tree.Node], operator: Token) -> tree.Node:
        """Operands that stand near each other."""
        node = terms.near(operands, operator)
        self.choices += len(node.items) if isinstance(node, tree.Or) else 0
        if self.choices > terms.MOST_CHOICES:
            column, length = operator.start, operator.end - operator.start
            raise QueryError(
                f"more than {terms.MOST_CHOICES} combinations within distances",
                column,
                length,
                "take some words out of the groups",
            )
        return node

    def term(self) -> tree.Node:
        token = self.token
        if token.kind not in _STARTS or token.kind in _OPERATORS:
            raise self.missing()
        self.take()
        match token.kind:
            case "word":
                return terms.word(token, self.where, self.hints)
            case "phrase":
                return terms.phrase(token, self.where)
            case "exact":
                return terms.exact(token, self.where)
            case "(":
                return self.group(token)
            case "place":
                return self.place(token)
        if self.where != "any":
            raise _inside(token, self.where)
        return fields.field(token, self.zone, self.hints)

    def group(self, opening: Token) -> tree.Node:
        if self.token.kind == ")":
            raise QueryError(
                "there is nothing between these parentheses",
                opening.start,
                self.token.end - opening.start,
                expected=TERM,
            )
        node = self.either()
        if self.token.kind != ")":
            raise self.missing()
        closing = self.take()
        if closing.number < 0:
            return node
        if not isinstance(node, tree.And):
            raise QueryError(
                "a distance after a group wants two sides in it",
                closing.start,
                closing.end - closing.start,
                "write ((a OR b) AND (c OR d))~5",
            )
        return self.within(list(node.items), closing._replace(text=closing.text[1:]))

    def place(self, token: Token) -> tree.Node:
        if self.where != "any":
            raise _inside(token, self.where)
        if self.token.kind not in ("word", "phrase", "exact", "("):
            wanted = ["a word", '"a phrase"', "("]
            raise QueryError(
                f"{token.text} wants a word, a phrase or a group", token.start, token.end - token.start, expected=wanted
            )
        self.where = "title" if token.text.lower() == "title:" else "text"
        try:
            return replace(self.term(), span=(token.start, self.tokens[self.at - 1].end))
        finally:
            self.where = "any"

    def missing(self) -> QueryError:
        """The error where a term should stand at the token at hand."""
        token, before = self.token, self.tokens[self.at - 1] if self.at else None
        if before and before.kind in _OPERATORS and (token.kind in ("end", ")") or before.kind == "-"):
            hint = f'write "{before.text}" to look for the word itself' if before.text.isalpha() else ""
            return QueryError(
                f"{before.text} wants a term after it", before.start, before.end - before.start, hint, TERM
            )
        message = f"a term is missing before {token.text}"
        if before and before.kind in _OPERATORS:
            message = f"a term is missing between {before.text} and {token.text}"
        hint = f'write "{token.text}" to look for the word itself' if token.text.isalpha() else ""
        return QueryError(message, token.start, token.end - token.start, hint, TERM)

    def _look_for_small_operators(self) -> None:
        """`or`, `and` between two terms and `not` before one are words, which is seldom what was meant."""
        for at, token in enumerate(self.tokens[:-1]):
            word = token.text.lower()
            if token.kind != "word" or self.tokens[at + 1].kind not in _STARTS:
                continue
            after_term = at > 0 and self.tokens[at - 1].kind not in _OPERATORS | {"(", "place"}
            if word in _LOWER and (after_term or word == "not"):
                self.hints.append(Hint(f"{token.text}: {_LOWER[word]}", token.start, token.end - token.start))
            elif word.startswith(("near/", "onear/")) and after_term:
                message = f"{token.text}: it is looked for as a word: write {token.text.upper()} for a distance"
                self.hints.append(Hint(message, token.start, token.end - token.start))


def _joined(kind: type[tree.And] | type[tree.Or], items: list[tree.Node]) -> tree.Node:
    if len(items) == 1:
        return items[0]
    flat: list[tree.Node] = []
    for item in items:
        if isinstance(item, kind):
            flat += item.items
        else:
            flat.append(item)
    return kind(tuple(flat), (items[0].span[0], items[-1].span[1]))


def _inside(token: Token, where: str) -> QueryError:
    name = token.text.rstrip(":")
    return QueryError(
        f"{name}: cannot stand inside {where}:( )",
        token.start,
        token.end - token.start,
        "write it outside of the parentheses",
        ["a word", '"a phrase"', "("],
    )
