"""A brand's name, as somebody types it, -> a query that finds it; and a query -> what to type into a search engine."""

from __future__ import annotations

import re
from collections.abc import Sequence

from listen.query import tree
from listen.query.errors import QueryError
from listen.query.parse import parse
from listen.query.topics import check_topic
from listen.text import clean, one_line, tokens

LONGEST_NAME = 100
"""Characters of a brand's name; longer queries go into the configuration's file."""

SEARCH = 150
"""Characters of what a search engine is asked: longer questions are cut or refused by them."""

_SIGNS = re.compile(r'["“”„«»{}<>]+')
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_MARK = re.compile(r"[#@][^\W_]{2,60}")
_PLAIN = re.compile(r"[^\W_]+")
_OPERATORS = re.compile(r"AND|OR|NOT|O?NEAR")
_TELLING_END = re.compile(r"\w[+#]+\Z")
"""Names whose last sign is part of them: C++, C#."""


def brand_query(name: str, *, exact: bool = False, context: Sequence[str] = (), unwanted: Sequence[str] = ()) -> str:
    """The query for a brand: `acme`, `"acme battery" OR #acmebattery`, `{Orange} (fibre OR mobile) NOT juice`.

    `exact` asks for the very spelling, for a name that is a common word. Whatever the name holds, the query parses.

    Raises:
        QueryError: the name holds no word to look for, or has more than LONGEST_NAME characters.
    """
    name = plain_name(name)
    spelled = f"{{{name}}}" if exact or _TELLING_END.search(name) else name if _MARK.fullmatch(name) else _term(name)
    query = spelled
    tag = tag_of(name)
    if not spelled.startswith("{") and " " in name and tag:
        query = f"{spelled} OR #{tag}"
    if context:
        query = f"({query})" if " OR " in query else query
        query += f" ({' OR '.join(map(_term, context))})"
    elif unwanted and " OR " in query:
        query = f"({query})"
    if unwanted:
        words = " OR ".join(map(_term, unwanted))
        query += f" NOT ({words})" if len(unwanted) > 1 else f" NOT {words}"
    check_topic(parse(query))
    return query


def plain_name(name: str) -> str:
    """The name on one line without quotes and brackets, which the language keeps for itself. Raises QueryError."""
    plain = one_line(_SIGNS.sub(" ", _CONTROLS.sub(" ", clean(name, 4 * LONGEST_NAME, lines=False)[0])))
    if not tokens(plain)[0]:
        raise QueryError("there is no word in this that could be looked for", 0, len(name), "name it in letters")
    if len(plain) > LONGEST_NAME:
        raise QueryError(
            f"a brand has at most {LONGEST_NAME} characters", LONGEST_NAME, len(plain) - LONGEST_NAME,
            "name its shortest unmistakable part",
        )  # fmt: skip
    return plain


def tag_of(name: str) -> str:
    """The hashtag that people make of a name, without its sign: `acmebattery`; "" when it makes none."""
    tag = "".join(re.findall(r"\w+", name)).lower()
    marks = tokens(f"#{tag}")[1]
    return tag if len(tag) > 1 and len(marks) == 1 and not tag.isdecimal() and not _TELLING_END.search(name) else ""


def _term(word: str) -> str:
    """A word or words as a query writes them; what could be read as an operator or a field is quoted."""
    plain = _PLAIN.fullmatch(word) and not _OPERATORS.fullmatch(word)
    return word if plain else f'"{_SIGNS.sub(" ", word)}"'


def without(query: str, words: Sequence[str]) -> str:
    """The query with these words excluded, too. Raises QueryError."""
    if not words:
        return query
    terms = " OR ".join(map(_term, words))
    excluded = f"NOT ({terms})" if len(words) > 1 else f"NOT {terms}"
    whole = f"({query})" if isinstance(parse(query), tree.Or) else query
    return f"{whole} {excluded}".strip()


def own_words(query: str) -> str:
    """The words that the query looks for, in a row. Raises QueryError."""
    found: list[str] = []
    for node in _wanted(parse(query)):
        match node:
            case tree.Words(tokens):
                found += tokens
            case tree.Near(parts):
                found += [token for part in parts for token in part]
            case tree.Exact(text):
                found.append(text)
            case tree.Mark(token):
                found.append(token[1:])
    return " ".join(found)


def search_text(query: str) -> str:
    """What a search engine is asked so that it may answer what the query finds: words, "phrases", OR and brackets.

    It finds more than the query: exclusions, fields and spelling are left out, and matched again here. "" when the
    query has no words, or too many.

    Raises:
        QueryError: the query cannot be read.
    """
    found = _asked(parse(query), query)
    return found if len(found) <= SEARCH else ""


def first_tag(query: str) -> str:
    """The first `#tag` that the query looks for, without its sign; "" when there is none. Raises QueryError."""
    marks = (node.token for node in _wanted(parse(query)) if isinstance(node, tree.Mark))
    return next((token[1:] for token in marks if token.startswith("#")), "")


def first_name(query: str) -> str:
    """What the query looks for first, as a brand's name; "" when it looks for no words. Raises QueryError."""
    for node in _wanted(parse(query)):
        match node:
            case tree.Exact(text):
                return text
            case tree.Words(span=(start, end)):
                return " ".join(_SIGNS.sub(" ", query[start:end]).split())
            case tree.Mark(token):
                return token[1:]
    return ""


def _wanted(node: tree.Node) -> list[tree.Node]:
    """The leaves that are looked for, not those that are excluded."""
    match node:
        case tree.And(items) | tree.Or(items):
            return [leaf for item in items for leaf in _wanted(item)]
        case tree.Not():
            return []
    return [node]


def _asked(node: tree.Node, query: str) -> str:
    match node:
        case tree.Words(prefix=False, where="any", span=(start, end)):
            return query[start:end]
        case tree.Exact(text, where="any"):
            return f'"{text}"' if " " in text else text
        case tree.Near(parts):
            return " ".join(" ".join(part) for part in parts)
        case tree.And(items):
            return " ".join(
                f"({part})" if isinstance(item, tree.Or) and " OR " in part else part
                for item in items
                if (part := _asked(item, query))
            )
        case tree.Or(items):
            others = [item for item in items if not isinstance(item, tree.Mark)]
            asked = ((item, _asked(item, query)) for item in others)
            choices = [f"({part})" if part and isinstance(item, tree.And) else part for item, part in asked]
            return " OR ".join(dict.fromkeys(choices)) if all(choices) else ""
    return ""
