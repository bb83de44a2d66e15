"""What could stand at the caret of a query that is being typed: fields, operators and values.

`place` says where the caret is, so that the caller can look up what the store knows; `complete` turns that into
candidates. Whatever the text, nothing is raised; whoever takes a candidate has a query that reads as well as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from listen import model
from listen.query import lex
from listen.query.book import LISTED
from listen.query.described import FIELDS, FLAGS, HOURS, NUMBERS, TIMES, TONES, WEEKDAYS
from listen.query.errors import QueryError
from listen.query.fields import HAS, IS
from listen.query.parse import parse
from listen.text import fold, one_line

MOST = 60
"""Candidates at most: more are not looked through, they are typed."""

OPERATORS = (
    ("AND", "both sides; a blank says the same"),
    ("OR", "either side"),
    ("NOT", "without what follows; - says the same"),
    ("NEAR/5", "at most five words apart"),
)

_BY_WORD = 2
"""Letters of a bare word from which on names that begin so are offered, too."""

_COMING = "comes later"


class Name(NamedTuple):
    """Something that the store knows, and a word on it (its role, how often it was heard)."""

    text: str
    word: str = ""


Known = Mapping[str, Sequence[Name]]
"""Field, or `#` or `@`, -> the names that are known for it. `day` holds dates, `list` named lists without their @."""


class Candidate(NamedTuple):
    """What can take the place of what was typed, and what it means in a few words."""

    text: str
    word: str
    goes_on: bool = False
    """Something has to follow: the value of a field, what an operator binds."""


class Place(NamedTuple):
    """Where the caret is."""

    kind: str
    """`term`, the name of a field whose value is typed, `#` or `@`; empty where nothing can be completed."""
    start: int = 0
    """Columns from `start` to `end` give way to a candidate."""
    end: int = 0
    typed: str = ""
    """What stands there without its quote."""
    quoted: bool = False
    listed: bool = False
    """Inside `name:( )`."""
    follows: str = ""
    """`word` or `term` when an operator may stand here, `not` behind a NOT or -, `near` behind a distance."""
    within: str = ""
    """`title` or `text` inside of these fields, where only words may stand."""
    note: str = ""


class Completion(NamedTuple):
    """Candidates for the columns from `start` to `end`, the likeliest first; a remark where there are none."""

    start: int
    end: int
    candidates: tuple[Candidate, ...] = ()
    note: str = ""

    def common(self) -> str:
        """What all candidates begin with."""
        texts = [candidate.text for candidate in self.candidates]
        if not texts:
            return ""
        first, last = min(texts), max(texts)
        same = next((at for at, sign in enumerate(first) if last[at : at + 1] != sign), len(first))
        return first[:same]


def complete(text: str, column: int, known: Known) -> Completion:
    """What could be meant at that column of a text; of one that is too long to be read, nothing."""
    if len(text) > lex.LONGEST:
        return Completion(column, column, (), "")
    at = place(text, column)
    if not at.kind:
        return Completion(at.start, at.end, (), at.note)
    found: dict[str, Candidate] = {}
    for candidate in _terms(at, known) if at.kind == "term" else _values(at, known):
        found.setdefault(candidate.text, candidate)
        if len(found) == MOST:
            break
    done = len(found) == 1 and text[at.start : at.end] in found
    note = "" if found or at.kind == "term" else described(at.kind)
    return Completion(at.start, at.end, () if done else tuple(found.values()), note)


def described(field: str) -> str:
    """What a field asks for, and that it comes later when it does."""
    word = FIELDS.get(field, "")
    return f"{word}; {_COMING}" if field in lex.LATER else word


# --- where the caret is ----------------------------------------------------------------------------------------------


def place(text: str, column: int) -> Place:
    """Where a column of a text is; a caret inside a word completes nothing."""
    column = max(0, min(column, len(text)))
    return _Walk(text, column).run()


class _Walk:
    """Reads a text from its beginning up to the caret, forgiving what is not finished."""

    def __init__(self, text: str, column: int) -> None:
        self.text, self.head, self.at = text, text[:column], 0
        self.follows = self.within = ""
        self.opened: list[str] = []

    def run(self) -> Place:
        size = len(self.head)
        while True:
            self._skip()
            if self.at >= size:
                return self._empty() if self.at == size else _nothing(size, "a comment: >>> ends it")
            sign = self.head[self.at]
            if sign == "(":
                self.opened.append(self.within)
                self._pass(1, "")
            elif sign == ")":
                del self.opened[-1:]
                self._pass(1, "term")
            elif sign in lex._DASHES:
                self._pass(1, "term" if self.head[self.at + 1 : self.at + 2].isspace() else "not")
            elif lex._QUOTE.match(sign):
                found = self._phrase()
                if found is not None:
                    return found
            elif sign in "{}":
                close = self.head.find("}", self.at + 1)
                if sign == "{" and close < 0:
                    return _nothing(size, "this very spelling: } ends it")
                self._pass(max(1, close - self.at + 1) if sign == "{" else 1, "term")
            elif (found := self._word()) is not None:
                return found

    def _skip(self) -> None:
        """Step over blanks and comments; beyond the end when a comment is open."""
        while True:
            if space := lex._SPACE.match(self.head, self.at):
                self.at = space.end()
            if not self.head.startswith("<<<", self.at):
                return
            end = self.head.find(">>>", self.at + 3)
            self.at = len(self.head) + 1 if end < 0 else end + 3

    def _pass(self, by: int, follows: str) -> None:
        """Step over a token; `title:` holds for one term or for a group."""
        self.at += by
        self.follows = follows
        self.within = self.opened[-1] if self.opened else ""

    def _empty(self) -> Place:
        """Nothing is typed yet: something may begin here behind a blank or an opening sign."""
        size = len(self.head)
        apart = not self.head or self.head[-1].isspace() or self.head[-1] in "(>" or self.follows == "not"
        if not apart or not _ends(self.text, size):
            return _nothing(size)
        return Place("term", size, size, follows=self.follows, within=self.within)

    def _phrase(self) -> Place | None:
        """Step over a phrase, or say that the caret is in it."""
        close = _closing(self.head, self.at)
        if close < 0:
            return _nothing(len(self.head), 'a phrase: these words side by side; " ends it')
        self._pass(close + 1 - self.at, "term")
        if number := lex._WITHIN.match(self.head, self.at):
            self.at = number.end()
        return None

    def _word(self) -> Place | None:
        size, start = len(self.head), self.at
        field = lex._FIELD.match(self.head, start)
        name = field[1].lower() if field else ""
        if field and name in lex.PLACES:
            self.at, self.within = field.end(), name
            self.follows = ""
            return _nothing(size, FIELDS[name]) if self.at == size else None
        if field and name in lex.FIELDS:
            self.at = field.end()
            return self._field(name)
        found = lex._WORD.match(self.head, start)
        end = found.end() if found else start + 1
        word = self.head[start:end]
        if end == size:
            if not _ends(self.text, size):
                return _nothing(size)
            if word[0] in "#@" and not self.within:
                return Place(word[0], start, size, word[1:])
            return Place("term", start, size, word, follows=self.follows, within=self.within)
        self._pass(end - start, self._after(word))
        return None

    def _after(self, word: str) -> str:
        """What the next one follows; a distance ties two words, and only two when it is completed."""
        if lex._NEAR.fullmatch(word):
            return "near"
        if word in ("AND", "OR", "NOT"):
            return "not" if word == "NOT" else ""
        tied = self.follows == "near" or self.within
        return "word" if word.isalnum() and not tied else "term"

    def _field(self, name: str) -> Place | None:
        """Step over a field's value, or say that the caret is in it."""
        if self.within:
            note = f"{name}: cannot stand inside {self.within}:( )"
            return _nothing(len(self.head), note) if self._value(name, False) is not None else None
        if self.head[self.at : self.at + 1] != "(":
            return self._value(name, False)
        self.at += 1
        while True:
            self._skip()
            if self.at >= len(self.head):
                return Place(name, len(self.head), len(self.head), listed=True)
            if self.head[self.at] in "()":
                self._pass(1, "term")
                return None
            if (found := self._value(name, True)) is not None:
                return found

    def _value(self, name: str, listed: bool) -> Place | None:
        start, size = self.at, len(self.head)
        if start < size and lex._QUOTE.match(self.head[start]):
            close = _closing(self.head, start)
            if close >= 0:
                self._pass(close + 1 - start, "term")
                return None
            end = size + 1 if self.text[size : size + 1] == '"' else size
            return Place(name, start, end, self.head[start + 1 :], True, listed)
        found = lex._VALUE.match(self.head, start)
        end = found.end() if found else start
        if end == size:
            if not _ends(self.text, size):
                return _nothing(size)
            return Place(name, start, size, self.head[start:], False, listed)
        self._pass(max(1, end - start), "term")
        return None


def _nothing(column: int, note: str = "") -> Place:
    return Place("", column, column, note=note)


def _ends(text: str, column: int) -> bool:
    """Whether no word goes on here."""
    return column >= len(text) or text[column].isspace() or text[column] in "()"


def _closing(text: str, at: int) -> int:
    """Column of the quote that closes the one at `at`, -1 for none; as the lexer reads them."""
    close = text.find('"', at + 1) if text[at] == '"' else -1
    if text[at] != '"' and (found := lex._QUOTE.search(text, at + 1)):
        close = found.start()
    return close


# --- what could stand there ------------------------------------------------------------------------------------------


def _terms(at: Place, known: Known) -> Iterator[Candidate]:
    """Where a term may begin: operators, fields, then what a bare word may be the beginning of."""
    typed = at.typed.lower()
    if not at.typed.isascii():
        typed = fold(at.typed)
    yield from _operators(at, typed)
    if at.within:
        return
    for name in FIELDS:
        if name.startswith(typed.rstrip(":")):
            yield Candidate(f"{name}:", described(name), True)
    if len(typed) < _BY_WORD:
        return
    for name in ("topic", "source", "sentiment", "status", "is", "kind", "lang"):
        for candidate in _values(at._replace(kind=name, typed=at.typed), known):
            plain = candidate.text.strip('"')
            if not candidate.goes_on and fold(plain).startswith(fold(at.typed)):
                yield candidate._replace(text=f"{name}:{candidate.text}")


def _operators(at: Place, typed: str) -> Iterator[Candidate]:
    bound = at.follows in ("word", "term")
    for text, word in OPERATORS:
        if not text.lower().startswith(typed) or (text in ("AND", "OR") and not bound):
            continue
        if text == "NEAR/5" and (at.follows != "word" or at.within or not typed):
            continue
        if text in ("AND", "NOT") and not typed:
            continue
        if at.within and not bound and text == "NOT":
            continue
        yield Candidate(text + " ", word, True)


def _values(at: Place, known: Known) -> Iterator[Candidate]:
    """Values of a field that begin with what was typed, then those one of whose words does."""
    if at.typed.strip():
        yield from _lists(at, known)
    typed = fold(at.typed.strip().removeprefix("@")) if at.kind in ("author", "@") else fold(at.typed.strip())
    named = list(_names(at, known))
    begin = [name for name in named if fold(name.text).startswith(typed)]
    inside = [name for name in named if typed and f" {typed}" in f" {fold(name.text)}" and name not in begin]
    for name in [*begin, *inside]:
        written = _written(at, name.text)
        if written:
            yield Candidate(written, name.word)
    if not at.typed.strip():
        yield from _lists(at, known)


def _lists(at: Place, known: Known) -> Iterator[Candidate]:
    """Named lists, in fields that can hold one, where a value begins with @ or has not begun."""
    typed = at.typed.strip()
    if at.kind in LISTED and (not typed or typed.startswith("@")):
        for name in known.get("list", ()):
            value = f"@{name.text}"
            if fold(value).startswith(fold(typed)) and (written := _written(at, value)):
                yield Candidate(written, name.word)


def _names(at: Place, known: Known) -> Iterator[Name]:
    kind = at.kind
    if kind in ("is", "has"):
        for flag in IS if kind == "is" else HAS:
            yield Name(flag, FLAGS.get(f"{kind}:{flag}", ""))
    elif kind in ("status", "kind"):
        for value in model.STATUSES if kind == "status" else model.KINDS:
            yield Name(value, FLAGS.get(f"{kind}:{value}", ""))
    elif kind == "toward":
        yield from _toward(at.typed, known)
    elif kind in ("intent", "stage"):
        for value in model.INTENTS if kind == "intent" else model.STAGES:
            yield Name(value, FLAGS[f"{kind}:{value}"])
    elif kind == "sentiment":
        yield from (Name(value, word) for value, word in TONES)
    elif kind in lex.NUMBERS:
        yield from (Name(value, word) for value, word in NUMBERS)
    elif kind in lex.TIMES:
        yield from _times(at.typed, kind, known)
    elif kind in lex.WEEKLY:
        yield from (Name(value, word) for value, word in (WEEKDAYS if kind == "weekday" else HOURS))
    yield from known.get(kind, ())


def _toward(typed: str, known: Known) -> Iterator[Name]:
    """A topic with its tones, once it stands there; topics with the two that are asked for most before that."""
    topic, colon, _ = typed.rpartition(":")
    if colon:
        yield from (Name(f"{topic}:{value}", word) for value, word in TONES)
    else:
        for name in known.get("topic", ()):
            yield Name(f"{name.text}:neg", f"what is said against it; {name.word}")
            yield Name(f"{name.text}:pos", "what is said for it")


def _times(typed: str, kind: str, known: Known) -> Iterator[Name]:
    """So long ago; a number that was begun gets its units."""
    if typed.isascii() and typed.isdigit() and len(typed) <= 3:
        for unit, word in (("m", "minutes"), ("h", "hours"), ("d", "days"), ("w", "weeks")):
            yield Name(typed + unit, f"{int(typed)} {word} ago")
    else:
        yield from (Name(value, word) for value, word in TIMES)
    yield from known.get("day", ())


def _written(at: Place, value: str) -> str:
    """A value as it is typed, quoted where it has to be; empty when it cannot be typed so that it is read back."""
    if at.kind in ("#", "@"):
        text = at.kind + value
        return text if lex._WORD.fullmatch(text) and _reads(text, value) else ""
    plain = lex._VALUE.fullmatch(value) and "<<<" not in value and not value.startswith(("(", ":", "//", ","))
    plain = plain and not (value.endswith(",") or value == "OR") and not at.quoted
    if not plain and '"' in value:
        return ""
    text = value if plain else f'"{value}"'
    return text if _reads(f"{at.kind}:{text}", value) else ""


def _reads(query: str, value: str) -> bool:
    """Whether what would be typed can be read, and shown as it is."""
    if one_line(value) != value or not value:
        return False
    try:
        parse(query)
    except QueryError:
        return False
    return True
