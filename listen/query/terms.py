"""Words, phrases, marks and distances of a query -> nodes of the tree. Whatever they look for is tokenised here."""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from math import prod

from listen import text
from listen.query import tree
from listen.query.errors import Hint, QueryError
from listen.query.lex import INSTEAD_OF_REGEX, NO_REGEX, Token

MOST_PARTS = 8
"""Words or phrases that one distance can tie together: the predicate's work doubles with each."""

MOST_CHOICES = 256
"""Combinations that groups as in `(a OR b) NEAR/5 (c OR d)` may stand for, all of a query together."""

LONGEST_EXACT = 200
"""Characters of `{Orange}`."""

HOLE = "\ua7f7"
"""A letter that no folding changes and nobody writes: it stands for `?` while a pattern is tokenised."""

_URL = re.compile(r"https?://", re.IGNORECASE)
_REGEX_SIGNS = frozenset(".*+?[]|^$\\")
_FUZZY = re.compile(r"\w~\d*")
_SYMBOLS = re.compile(r"[+#$%&=^~|\\<>§€£¥°]")
_MEANT = {
    "|": "write OR",
    "||": "write OR",
    "&": "write AND",
    "&&": "write AND",
    "+": "write AND",
    "!": "write NOT",
    "-": "write it right before a word to exclude that, as in -toy",
}


def word(token: Token, where: tree.Where, hints: list[Hint]) -> tree.Node:
    """A bare word: plain, `bat*`, `te?t`, `#tag`, `@handle`, or a link.

    Raises:
        QueryError: nothing in it to look for, or a `*`, `?`, `~` or `/…/` in a place that cannot be answered.
    """
    written, span = token.text, (token.start, token.end)
    if written.isalnum():
        return _plain(token, written, where)
    if link := _URL.match(written):
        if link.end() == len(written):
            raise _nothing(token)
        return _link(written, span, where, hints)
    if _is_regex(written):
        raise QueryError(NO_REGEX, *_place(token), INSTEAD_OF_REGEX)
    if fuzzy := _FUZZY.search(written):
        column = token.start + fuzzy.start() + 1
        raise QueryError("a fuzzy ~ is not there yet", column, token.end - column, 'use bat*, te?t, or "a phrase"~5')
    body = written.rstrip("*")
    _check_wildcards(token, body)
    if "?" in body:
        return _pattern(token, body, where, hints)
    if text.tokens(body)[1]:
        return _marked(token, body, where)
    node = _plain(token, body, where)
    _remark(token, node.tokens, hints)
    return node


def _plain(token: Token, body: str, where: tree.Where) -> tree.Words:
    """Letters and digits, with a `*` behind them or not."""
    tokens, prefix = text.query_tokens(body)
    if not tokens:
        raise _nothing(token)
    star = body != token.text
    if star and not prefix:
        _check_prefix(token, tokens[-1])
    return tree.Words(tuple(tokens), prefix or star, where, (token.start, token.end))


def phrase(token: Token, where: tree.Where) -> tree.Node:
    """`"battery life"`, `"battery lif*"`, `"battery died"~5`.

    Raises:
        QueryError: nothing in it to look for, or a `*` before its end.
    """
    span = (token.start, token.end)
    body = token.text.rstrip().rstrip("*")
    star = body != token.text.rstrip()
    if "*" in body:
        column = token.start + 1 + body.index("*")
        raise QueryError("in a phrase only the last word can go on with *", column, hint='write "battery lif*"')
    if star and (token.number >= 0 or body[-1:].isspace()):
        raise QueryError("a * is not there yet in this place", token.end - 1, hint="write the whole word")
    if token.number >= 0:
        return _within(token, body, where)
    marks = text.tokens(body)[1]
    tokens, prefix = text.query_tokens(body)
    if not tokens:
        raise _nothing(token)
    if star and not prefix:
        _check_prefix(token, tokens[-1])
    words = tree.Words(tuple(tokens), prefix or star, where, span)
    if not marks:
        return words
    if star or where != "any":
        raise _unplaced(token)
    return _with_marks(words, marks, span)


def exact(token: Token, where: tree.Where) -> tree.Node:
    """`{Orange}`: NFC, as stored texts are, and with single blanks.

    Raises:
        QueryError: nothing in it to look for.
    """
    written = " ".join(unicodedata.normalize("NFC", token.text).split())
    if not text.query_tokens(written)[0]:
        raise _nothing(token)
    if len(written) > LONGEST_EXACT:
        raise QueryError(f"an exact spelling has at most {LONGEST_EXACT} characters", *_place(token), "shorten it")
    return tree.Exact(written, where, (token.start, token.end))


def near(operands: list[tree.Node], operator: Token) -> tree.Node:
    """`battery NEAR/5 died`, with words, phrases and `(a OR b)` as operands.

    Raises:
        QueryError: another kind of operand, or too many of them.
    """
    span = (operands[0].span[0], operands[-1].span[1])
    choices = [_choices(operand, operator) for operand in operands]
    if len({words.where for options in choices for words in options}) > 1:
        raise QueryError(
            f"{operator.text} joins words of one place", *_place(operator), "write title:(battery NEAR/5 died)"
        )
    where = choices[0][0].where
    _check_parts(len(choices), operator)
    count = prod(len(options) for options in choices)
    if count > MOST_CHOICES:
        message = f"{count:,} combinations within one distance, {MOST_CHOICES} at most"
        raise QueryError(message, *_place(operator), "take some words out of the groups")
    nodes = tuple(
        tree.Near(tuple(words.tokens for words in chosen), operator.number, operator.ordered, where, span)
        for chosen in product(*choices)
    )
    return nodes[0] if len(nodes) == 1 else tree.Or(nodes, span)


def _is_regex(written: str) -> bool:
    """`/bat(tery)?/`, but neither `/etc/` nor `24/7`."""
    parts = written.split("/")
    return len(parts) == 3 and not parts[0] and not _REGEX_SIGNS.isdisjoint(parts[1]) and (parts[2] + "a").isalpha()


def _place(token: Token) -> tuple[int, int]:
    return token.start, token.end - token.start


def _nothing(token: Token) -> QueryError:
    if not token.text.strip():
        return QueryError("there is nothing to look for here", *_place(token), "write a word, or leave it out")
    hint = _MEANT.get(token.text, "only words, numbers and emoji are looked for: leave it out")
    return QueryError(f"there is nothing to look for in `{token.text}`", *_place(token), hint)


def _link(written: str, span: tree.Span, where: tree.Where, hints: list[Hint]) -> tree.Node:
    """A link finds the mentions that it leads to: links inside texts are no words, they are not tokenised."""
    if where != "any":
        raise QueryError(
            f"a link cannot be looked for in {where}:", span[0], span[1] - span[0], "write url:example.com/page"
        )
    hints.append(
        Hint(
            "a link finds the mentions whose own link it is; link: finds those whose text holds it",
            span[0],
            span[1] - span[0],
        )
    )
    return tree.Facet("url", (ascii_lower(_URL.sub("", written, count=1)),), span)


def ascii_lower(value: str) -> str:
    """A to Z in small letters and nothing else changed: what SQLite's lower() does."""
    return value.lower() if value.isascii() else re.sub("[A-Z]+", lambda found: found[0].lower(), value)


def _check_wildcards(token: Token, body: str) -> None:
    for sign in "*?":
        if token.text.startswith(sign):
            hint = "words are found by how they begin: write the beginning, as in bat* or b?t"
            raise QueryError(f"a word cannot begin with {sign}", token.start, 1, hint)
    if "*" in body:
        column = token.start + body.index("*")
        raise QueryError("a * inside a word is not there yet", column, 1, "write it at the end, or ? for one letter")


def _check_prefix(token: Token, last: str) -> None:
    if len(last) < 2:
        raise QueryError("a * wants two letters before it", *_place(token), "write more of the word")


def _pattern(token: Token, body: str, where: tree.Where, hints: list[Hint]) -> tree.Node:
    tokens, _ = text.query_tokens(body.replace("?", HOLE))
    if body[0] in "#@":
        raise QueryError("a ? in a hashtag or handle is not there yet", *_place(token), "write the whole of it")
    if len(tokens) != 1 or tokens[0].startswith(HOLE):
        raise QueryError("? stands for one letter inside one word", *_place(token), "write te?t, or leave the ? out")
    pattern, prefix = tokens[0].replace(HOLE, "?"), body != token.text
    if body.endswith("?"):
        plain = body.rstrip("?")
        hints.append(Hint(f"? stands for one letter: write {plain} to look for {plain} alone", *_place(token)))
    return tree.Pattern(pattern, prefix, where, (token.start, token.end))


def _marked(token: Token, body: str, where: tree.Where) -> tree.Node:
    if body != token.text:
        raise QueryError("a hashtag or handle with * is not there yet", *_place(token), "write the whole of it")
    if where != "any":
        raise _unplaced(token)
    words, marks = text.tokens(body)
    span = (token.start, token.end)
    if len(marks) == 1 and words == text.tokens(marks[0])[0]:
        return tree.Mark(marks[0], span)
    tokens, prefix = text.query_tokens(body)
    return _with_marks(tree.Words(tuple(tokens), prefix, "any", span), marks, span)


def _with_marks(words: tree.Words, marks: list[str], span: tree.Span) -> tree.Node:
    """`@claire@mastodon.social` and `"#acme rocks"`: the words side by side, and the tag or handle among them."""
    if len(marks) == 1 and list(words.tokens) == text.tokens(marks[0])[0]:
        return tree.Mark(marks[0], span)
    return tree.And((*(tree.Mark(mark, span) for mark in marks), words), span)


def _unplaced(token: Token) -> QueryError:
    return QueryError(
        "a hashtag or handle has no place", *_place(token), "write it without title: or text: and without *"
    )


def _within(token: Token, body: str, where: tree.Where) -> tree.Node:
    """`"battery died"~5`: each piece between blanks is a part; pieces of signs alone say nothing."""
    pieces = [text.query_tokens(piece) for piece in body.split()]
    parts = tuple(tuple(tokens) for tokens, _ in pieces if tokens)
    if not parts:
        raise _nothing(token)
    if any(prefix for _, prefix in pieces) and len(parts) > 1:
        raise QueryError("a single sign within a distance is not there yet", *_place(token), "write two signs or more")
    if len(parts) == 1:
        return tree.Words(parts[0], pieces[0][1], where, (token.start, token.end))
    _check_parts(len(parts), token)
    return tree.Near(parts, token.number, False, where, (token.start, token.end))


def _check_parts(count: int, token: Token) -> None:
    if count > MOST_PARTS:
        raise QueryError(f"{count} words within one distance, {MOST_PARTS} at most", *_place(token), "leave some out")


def _choices(operand: tree.Node, operator: Token) -> list[tree.Words]:
    match operand:
        case tree.Words(prefix=False):
            return [operand]
        case tree.Or(items) if all(isinstance(item, tree.Words) and not item.prefix for item in items):
            return [item for item in items if isinstance(item, tree.Words)]
        case tree.Words():
            message = f"a * or a single sign beside {operator.text} is not there yet"
        case tree.Mark():
            message = f"a hashtag or handle beside {operator.text} is not there yet"
        case _:
            message = f"beside {operator.text} stand words, phrases or (a OR b)"
    start, end = operand.span
    raise QueryError(message, start, end - start, "write battery NEAR/5 (died OR dead)", ["a word", '"a phrase"', "("])


def _remark(token: Token, tokens: tuple[str, ...], hints: list[Hint]) -> None:
    """Say what is not looked for when signs were dropped that may have been meant."""
    written = token.text.rstrip("*")
    looked_for = " ".join(tokens)
    if written.startswith("!"):
        hints.append(Hint(f"this looks for {looked_for}; to exclude it write -{looked_for}", *_place(token)))
    elif _SYMBOLS.search(written):
        hints.append(Hint(f"this looks for {looked_for}; write {{{written}}} for this very spelling", *_place(token)))
