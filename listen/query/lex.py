"""The text of a query -> a flat list of tokens, each with its columns. One pass, no recursion, limits checked here."""

from __future__ import annotations

import re
from typing import NamedTuple

from listen.query import peers
from listen.query.errors import QueryError, suggestion

LONGEST = 16_384
"""Bytes of a query in UTF-8."""

DEEPEST = 64
"""Levels of parentheses."""

FURTHEST = 100
"""Tokens that a distance can span."""

NO_REGEX = "regular expressions are not there yet"
INSTEAD_OF_REGEX = "use words, bat*, te?t or {Case}"

LONGEST_REGEX = 200
"""Characters within which a second / makes one of what stands between."""

PLACES = ("title", "text")
"""Fields whose value is an expression of words."""

FACETS = (
    "topic", "source", "author", "lang", "country", "kind", "status", "is", "has", "site", "url", "link", "tag",
    "assignee", "story", "id",
    "segment", "intent", "stage",
)  # fmt: skip
NUMBERS = ("sentiment", "followers", "likes", "replies", "reposts", "views", "rating")
TIMES = ("since", "until", "date", "seen")
WEEKLY = ("weekday", "hour")
NAMED = ("view", "desk")
LATER = ("reach",)
"""Fields of the language whose subject the store does not hold yet."""

FIELDS = (*PLACES, *FACETS, *NUMBERS, "toward", *TIMES, *WEEKLY, *NAMED, *LATER)
TERM = ("a word", '"a phrase"', "(", "NOT", *(f"{name}:" for name in FIELDS))
"""What can stand where a term is missing."""

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r'[^\s()"“”„«»{}]+')
_VALUE = re.compile(r'[^\s()"“”„«»]+')
_QUOTE = re.compile('[“”„«»"]')
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*):(?!:|//)")
_NEAR = re.compile(r"(O?)NEAR(?:/(.*))?", re.DOTALL)
_STEPS = re.compile(r"(\d{1,6})(f?)")
_WITHIN = re.compile(r"~(\d{1,6})")
_DASHES = "-–−"


class Value(NamedTuple):
    """One value of a field, as written."""

    text: str
    quoted: bool
    start: int
    end: int


class Token(NamedTuple):
    """`kind`: word, phrase, exact, place, field, near, or the sign or operator itself: ( ) - AND OR NOT; `end` is last.

    `number` is the distance of a phrase or of NEAR, -1 for none.
    """

    kind: str
    text: str
    start: int
    end: int
    number: int = -1
    ordered: bool = False
    values: tuple[Value, ...] = ()


def storable(text: str) -> str:
    """The same number of characters without those that no database takes: NUL and lone surrogates."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text.replace("\0", " "))


def lex(text: str) -> list[Token]:
    """The tokens of a query, the last one of kind `end`.

    Raises:
        QueryError: too long, too deep, a quote or bracket without its partner, an unknown field, a senseless distance.
    """
    if len(text) > LONGEST or len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise QueryError(
            f"the query is longer than {LONGEST:,} bytes", LONGEST, hint="split it into several topics or views"
        )
    return _Lexer(storable(text)).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[Token] = []
        self.opened: list[int] = []

    def run(self) -> list[Token]:
        text, size = self.text, len(self.text)
        while self._skip() < size:
            sign = text[self.at]
            if sign == "(":
                self._open()
            elif sign == ")":
                self._close()
            elif _QUOTE.match(sign):
                self.tokens.append(self._phrase())
            elif sign in "{}":
                self._exact()
            elif sign in _DASHES and self._excludes():
                self._add("-", self.at + 1)
            else:
                self._word()
        if self.opened:
            raise QueryError(
                "this ( is never closed", self.opened[-1], hint="write ) after its last term", expected=[")"]
            )
        self._add("end", size)
        return self.tokens

    def _skip(self) -> int:
        """Step over blanks and comments."""
        while True:
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
            if not self.text.startswith("<<<", self.at):
                return self.at
            end = self.text.find(">>>", self.at + 3)
            if end < 0:
                raise QueryError("this comment is never closed", self.at, 3, "write >>> after it", [">>>"])
            self.at = end + 3

    def _add(self, kind: str, end: int, number: int = -1, ordered: bool = False) -> None:
        self.tokens.append(Token(kind, self.text[self.at : end], self.at, end, number, ordered))
        self.at = end

    def _open(self) -> None:
        if len(self.opened) == DEEPEST:
            raise QueryError(f"more than {DEEPEST} levels of parentheses", self.at, hint="take some of them out")
        self.opened.append(self.at)
        self._add("(", self.at + 1)

    def _close(self) -> None:
        if not self.opened:
            raise QueryError("no ( belongs to this )", self.at, hint="leave it out")
        self.opened.pop()
        steps = _WITHIN.match(self.text, self.at + 1)
        if steps:
            self._add(")", steps.end(), _distance(steps[1], self.at + 2))
        else:
            self._add(")", self.at + 1)

    def _excludes(self) -> bool:
        """A dash right before a term excludes it; alone it is a word like any other."""
        following = self.text[self.at + 1 : self.at + 2]
        return bool(following) and not following.isspace() and following != ")"

    def _quoted(self) -> tuple[str, int]:
        """What stands between the quotes that open here, and the column after them. “ „ « close with one of theirs."""
        opening = self.text[self.at]
        close = self.text.find('"', self.at + 1) if opening == '"' else -1
        if opening != '"' and (found := _QUOTE.search(self.text, self.at + 1)):
            close = found.start()
        if close < 0:
            raise QueryError(
                "this quote is never closed", self.at, hint='write " at the end of the phrase', expected=['"']
            )
        return self.text[self.at + 1 : close], close + 1

    def _phrase(self) -> Token:
        start = self.at
        inside, self.at = self._quoted()
        number = -1
        if self.text.startswith("~", self.at):
            steps = _WITHIN.match(self.text, self.at)
            if not steps:
                raise QueryError("~ wants a number of words", self.at, hint='write "battery died"~5', expected=["5"])
            number = _distance(steps[1], self.at + 1)
            self.at = steps.end()
        return Token("phrase", inside, start, self.at, number)

    def _exact(self) -> None:
        close = self.text.find("}", self.at + 1)
        if self.text[self.at] == "}":
            raise QueryError("no { belongs to this }", self.at, hint="leave it out")
        if close < 0:
            raise QueryError("this { is never closed", self.at, hint="write } after the word", expected=["}"])
        self.tokens.append(Token("exact", self.text[self.at + 1 : close], self.at, close + 1))
        self.at = close + 1

    def _word(self) -> None:
        if (field := _FIELD.match(self.text, self.at)) and self._field(field[1].lower(), field.end()):
            return
        end = self._end_of(_WORD)
        word = self.text[self.at : end]
        if word.startswith("/"):
            self._refuse_regex()
        if word in ("AND", "OR", "NOT"):
            self._add(word, end)
        elif near := _NEAR.fullmatch(word):
            self._near(near, end)
        else:
            self._add("word", end)

    def _end_of(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        end = found.end() if found else self.at + 1
        comment = self.text.find("<<<", self.at, end)
        return end if comment < 0 else comment

    def _refuse_regex(self) -> None:
        """`/bat(tery)?/`: its parentheses are no groups of ours, and what is said of the rest would mislead."""
        end = self.text.find("/", self.at + 1)
        inside = self.text[self.at + 1 : end]
        if 0 < end < self.at + LONGEST_REGEX and "(" in inside and not _SPACE.search(inside):
            raise QueryError(NO_REGEX, self.at, end + 1 - self.at, INSTEAD_OF_REGEX)

    def _near(self, near: re.Match[str], end: int) -> None:
        operator = f"{near[1]}NEAR"
        steps = _STEPS.fullmatch(near[2] or "")
        if not steps:
            raise QueryError(
                f"{operator} wants a number of words after a /",
                self.at,
                end - self.at,
                f"write battery {operator}/5 died, and {{NEAR}} or near for the word itself",
                [f"{operator}/5"],
            )
        _distance(steps[1], self.at + len(operator) + 1)
        self._add("near", end, int(steps[1]), ordered=bool(near[1] or steps[2]))

    def _field(self, name: str, after: int) -> bool:
        """Read `name:` and its value; False when the word only happens to hold a colon (`Warning: …`)."""
        start, following = self.at, self.text[after : after + 1]
        bare = not following or following.isspace() or following == ")"
        if name not in FIELDS and (bare or name not in peers.ALL):
            if bare:
                return False
            raise _unknown(name, start, self.text[start : self._end_of(_WORD)])
        name = peers.FIELDS.get(name, name)
        if bare:
            raise QueryError(
                f"{name}: wants its value right after the colon", start, after - start, expected=_expected(name)
            )
        if name in PLACES:
            self._add("place", after)
            return True
        self.at = after
        values = self._list(name) if following == "(" else (self._value(),)
        if name not in FIELDS or any(peers.term(name, value.text) for value in values):
            self._peer(name, values, start)
        else:
            self.tokens.append(Token("field", name, start, self.at, values=values))
        return True

    def _peer(self, name: str, values: tuple[Value, ...], start: int) -> None:
        """The tokens of another tool's field, in the place of its own; what `is:` has of ours stays."""
        terms: list[list[Token]] = []
        for value in values:
            meant = peers.term(name, value.text)
            if meant is None and name not in FIELDS:
                known = ", ".join(peers.VALUES.get(name, {"<2h": ""}))
                raise QueryError(
                    f"{name}: has no value {value.text} here", value.start, value.end - value.start, f"it knows {known}"
                )
            found = lex(meant)[:-1] if meant else [Token("field", name, start, value.end, values=(value,))]
            terms.append([_moved(token, value) for token in found])
        tokens = terms[0]
        for other in terms[1:]:
            tokens = [*tokens, Token("OR", "OR", start, self.at), *other]
        if len(terms) > 1:
            tokens = [Token("(", "(", start, self.at), *tokens, Token(")", ")", start, self.at)]
        self.tokens += tokens

    def _value(self) -> Value:
        start = self.at
        end = self.text.find("]", start) + 1 if self.text.startswith("[", start) else 0
        if (between := peers.bounds(self.text[start:end])) is not None:
            self.at = end
            return Value(between, False, start, end)
        if _QUOTE.match(self.text, start):
            inside, self.at = self._quoted()
            return Value(inside, True, start, self.at)
        self.at = self._end_of(_VALUE)
        return Value(self.text[start : self.at], False, start, self.at)

    def _list(self, name: str) -> tuple[Value, ...]:
        """`(fr de "Le Monde")`; an OR or a comma between two values says nothing new."""
        start, values = self.at, []
        self.at += 1
        while self._skip() < len(self.text) and self.text[self.at] not in "()":
            value = self._value()
            if not value.quoted:
                value = value._replace(text=value.text.rstrip(","))
            if value.text not in ("", "OR") or value.quoted:
                values.append(value)
        if self.at == len(self.text):
            raise QueryError("this ( is never closed", start, hint="write ) after the last value", expected=[")"])
        if self.text[self.at] == "(":
            raise QueryError(f"a list of {name}: holds values, no groups", self.at, hint=f"write {name}:(one another)")
        self.at += 1
        if not values:
            raise QueryError(f"the list of {name}: is empty", start, self.at - start, expected=_expected(name))
        return tuple(values)


def _moved(token: Token, value: Value) -> Token:
    """A token that was read elsewhere, at the place of the value that it stands for."""
    values = tuple(each._replace(start=value.start, end=value.end) for each in token.values)
    return token._replace(start=value.start, end=value.end, values=values)


def _expected(name: str) -> list[str]:
    return ["a word", '"a phrase"', "("] if name in PLACES else [f"a value of {name}:", "("]


def _distance(digits: str, column: int) -> int:
    if int(digits) > FURTHEST:
        raise QueryError(f"a distance is at most {FURTHEST} words", column, len(digits), expected=[str(FURTHEST)])
    return int(digits)


def _unknown(name: str, column: int, word: str) -> QueryError:
    if name in peers.UNKNOWN:
        raise QueryError(
            f"there is no field {name}: here", column, len(name) + 1,
            f'listen query import says what of such a query can be asked here (to look for the words, write "{word}")',
            [f"{choice}:" for choice in FIELDS],
        )  # fmt: skip
    meant = suggestion(name, FIELDS)
    hint = f"did you mean {meant}: " if meant else "fields are " + ", ".join(FIELDS) + " "
    return QueryError(
        f"there is no field {name}:",
        column,
        len(name) + 1,
        f'{hint}(to look for the words themselves, write "{word}")',
        [f"{choice}:" for choice in FIELDS],
    )
