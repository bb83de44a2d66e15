"""A query of another listening tool -> the same in our language, with a note on everything that had to change.

Understood are the operator references of Brandwatch and Talkwalker, and Awario's `near/4:a,b`. What has no counterpart
is left out where leaving it out finds more rather than less: under AND and NOT. An OR loses that side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from listen.query import lex, peers
from listen.query.errors import QueryError
from listen.query.parse import parse

NEAR = 15
"""Words that NEAR without a number reaches in Talkwalker."""

SENTENCE = 20
"""Words that SENTENCE reaches here: the middle of what a sentence holds."""

MOST_NOTES = 200

_TOKEN = re.compile(
    r'\s+|<<<.*?>>>|\+{1,2}"[^"]*"|[“”„«»"][^“”„«»"]*[“”„«»"](?:~\d*)?|\{[^}]*\}|\(|\)(?:~\d+)?'
    r'|[A-Za-z_][\w.-]*:(?:"[^"]*"|\[[^\]]*\]|\([^()]*\)|[^\s()"]*)|-(?=[("\w#@{])|[^\s()"]+',
    re.DOTALL,
)
_FIELD = re.compile(r"([A-Za-z_][\w.-]*):(.+)", re.DOTALL)
_INNER_STAR = re.compile(r"(\w+)\*\w[\w*]*")
_FUZZY = re.compile(r"([\w']+)~[0-2]?")
_DISTANCE = re.compile(r"(O?NEAR|O?SENTENCE)(?:/(\d+)(f?))?")
_AWARIO = re.compile(r"(o?near)/(\d+)", re.IGNORECASE)

SOURCES = {"socialmedia_twitter": "x", "socialmedia_youtube": "youtube", "socialmedia_reddit": "reddit"}
"""Talkwalker's kinds of sources that are one network -> the adapter that listens there."""

KINDS = {"onlinenews": "article", "blog": "article", "pressrelease": "article"}


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be taken over as it was written."""

    written: str
    why: str


@dataclass(slots=True)
class Translation:
    """The query in our language, and what is different about it."""

    text: str = ""
    notes: list[Note] = field(default_factory=list)
    left_out: int = 0
    """Parts that have no counterpart; the other notes tell of parts that mean nearly the same."""


def translate(theirs: str) -> Translation:
    """Our query for theirs.

    Raises:
        QueryError: brackets, quotes or operators of theirs do not fit together, or nothing of it can be said here.
    """
    if len(theirs.encode("utf-8", "surrogatepass")) > lex.LONGEST:
        raise QueryError(f"the query is longer than {lex.LONGEST:,} bytes", lex.LONGEST)
    told = Translation()
    told.text = _Reader(lex.storable(theirs), told).query()
    if not told.text:
        raise QueryError("nothing of this query can be said here", 0, len(theirs) or 1)
    parse(told.text)
    return told


class _Reader:
    """Reads their query by recursive descent and writes ours; a part that is left out is ""."""

    def __init__(self, text: str, told: Translation) -> None:
        self.told, self.text = told, text
        self.tokens = [found for found in _TOKEN.finditer(text) if found[0].strip() and not found[0].startswith("<<<")]
        self.at = self.deep = 0
        self.known: dict[str, str] = {}
        """Terms of ours that were tried -> why they cannot be read, "" when they can."""

    @property
    def head(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][0]

    def query(self) -> str:
        found = self.either()
        if self.head:
            raise QueryError(f"no ( belongs to this {self.head}", self.tokens[self.at].start())
        return found[1:-1] if found.startswith("(") and _wraps(found) else found

    def either(self) -> str:
        items = [self.both()]
        while self.head == "OR":
            self.take()
            items.append(self.both())
        kept = [item for item in items if item]
        return f"({' OR '.join(kept)})" if len(kept) > 1 else "".join(kept)

    def both(self) -> str:
        items = [self.negated()]
        while self.head and self.head != "OR" and not self.head.startswith(")"):
            if self.head == "AND":
                self.take()
            items.append(self.negated())
        return " ".join(item for item in items if item)

    def negated(self) -> str:
        turned = False
        while self.head in ("NOT", "-"):
            self.take()
            turned = not turned
        item = self.near()
        return f"NOT {_one(item)}" if item and turned else item

    def near(self) -> str:
        left = self.term()
        while distance := _DISTANCE.fullmatch(self.head):
            self.take()
            right = self.term()
            left = f"{left} {self.distance(distance)} {right}" if left and right else left or right
        return left

    def distance(self, found: re.Match[str]) -> str:
        name, steps, forward = found.groups()
        ordered = "O" if name.startswith("O") or forward else ""
        if name.endswith("SENTENCE"):
            self.note(found[0], f"within {SENTENCE} words instead of within a sentence")
            return f"{ordered}NEAR/{SENTENCE}"
        return f"{ordered}NEAR/{min(int(steps), lex.FURTHEST) if steps else NEAR}"

    def term(self) -> str:
        if not self.head or self.head in ("AND", "OR") or self.head.startswith(")"):
            column = self.tokens[self.at].start() if self.at < len(self.tokens) else len(self.text)
            raise QueryError(f"a term is missing before {self.head or 'the end'}", column)
        start, term = self.tokens[self.at].start(), self.take()
        return self.group(start) if term == "(" else self.leaf(term)

    def leaf(self, token: str) -> str:
        """A word, a phrase, a field."""
        if token[0] in '"“„«' and token.endswith("~"):
            return self.variants(token)
        if token.startswith("+"):
            return self.raw(token)
        if token.endswith(":") and self.head == "(":
            return self.place(token[:-1].lower())
        if found := _FIELD.fullmatch(token):
            return self.field(token, found[1].lower(), found[2])
        return self.word(token)

    def group(self, start: int) -> str:
        """What stands behind a ( that has been taken."""
        self.deep += 1
        if self.deep > lex.DEEPEST:
            raise QueryError(f"more than {lex.DEEPEST} levels of parentheses", start)
        inside = self.either()
        if not self.head.startswith(")"):
            raise QueryError("this ( is never closed", start)
        closing = self.take()
        self.deep -= 1
        if not inside:
            return ""
        return _one(inside) + closing[1:] if len(closing) == 1 else f"({inside}){closing[1:]}"

    def place(self, name: str) -> str:
        """`title:(a OR (b AND c))`"""
        start = self.tokens[self.at].start()
        self.take()
        inside = self.group(start)
        bracketed = inside if _wraps(inside) else f"({inside})"
        return self.checked(f"{peers.FIELDS.get(name, name)}:{bracketed}", f"{name}:") if inside else ""

    # --- leaves ---

    def word(self, token: str) -> str:
        if near := _AWARIO.fullmatch(token.partition(":")[0]):
            parts = [part for part in token.partition(":")[2].split(",") if part]
            return f"({f' {near[1].upper()}/{near[2]} '.join(parts)})" if len(parts) > 1 else "".join(parts)
        if fuzzy := _FUZZY.fullmatch(token):
            return self.note(token, "spelled as it stands: similar spellings are not looked for", fuzzy[1])
        if star := _INNER_STAR.fullmatch(token):
            return self.note(token, "a * stands at the end only, so more is found", f"{star[1]}*")
        if token.startswith("*"):
            return self.leave(token, "a word cannot begin with *: no index finds it")
        return self.checked(token)

    def variants(self, token: str) -> str:
        """`"car sharing"~`: with a blank, a hyphen, or written together."""
        words = re.sub('[“”„«»"~]', "", token).split()
        return f'("{" ".join(words)}" OR {"".join(words)})'

    def raw(self, token: str) -> str:
        inside = token.strip("+").strip('"')
        if token.startswith("++"):
            return f"{{{inside}}}"
        return self.note(token, "accents and signs make no difference here", f'"{inside}"')

    def field(self, token: str, name: str, value: str) -> str:
        if _AWARIO.fullmatch(name):
            return self.word(token)
        if name == "raw":
            return self.raw(f'++"{value.strip(chr(34))}"')
        if name == "topleveldomain":
            return f"site:{value.strip('.')}"
        if name == "sourcetype":
            return self.source_type(token, value)
        if name in ("authorshort", "author_id"):
            return self.checked(f"author:{value}", token)
        if name not in lex.FIELDS and name not in peers.ALL:
            return self.leave(token, f"there is no {name}: here")
        ours = peers.term(name, value) or f"{peers.FIELDS.get(name, name)}:{peers.bounds(value) or value}"
        return self.checked(ours, token)

    def source_type(self, token: str, value: str) -> str:
        plain = value.strip('"').lower()
        if plain in SOURCES:
            return f"source:{SOURCES[plain]}"
        if plain in KINDS:
            return self.note(token, "what is told as an article here", f"kind:{KINDS[plain]}")
        return self.leave(token, "there is no such kind of source here")

    def checked(self, ours: str, token: str = "") -> str:
        """A term that our parser understands; what it says of it otherwise is the reason for leaving it out."""
        if ours not in self.known:
            self.known[ours] = ""
            try:
                parse(ours)
            except QueryError as error:
                self.known[ours] = f"{error.message}; {error.hint}" if error.hint else error.message
        return self.leave(token or ours, self.known[ours]) if self.known[ours] else ours

    # --- notes ---

    def note(self, written: str, why: str, ours: str = "") -> str:
        if len(self.told.notes) < MOST_NOTES:
            self.told.notes.append(Note(written, why))
        return ours

    def leave(self, written: str, why: str) -> str:
        self.told.left_out += 1
        return self.note(written, f"left out: {why}")


def _one(item: str) -> str:
    """The item as one term."""
    return f"({item})" if " " in item and not _wraps(item) and not _is_quoted(item) else item


def _is_quoted(item: str) -> bool:
    return bool(re.fullmatch(r'(?:\w+:)?"[^"]*"(?:~\d+)?|\{[^}]*\}|\w+:\[[^\]]*\]', item))


def _wraps(item: str) -> bool:
    """Whether one pair of parentheses is around all of it."""
    if not (item.startswith("(") and item.endswith(")")):
        return False
    deep = 0
    for at, sign in enumerate(_blanked(item)):
        deep += (sign == "(") - (sign == ")")
        if deep == 0:
            return at == len(item) - 1
    return False


def _blanked(item: str) -> str:
    """The item with nothing in its quotes and braces that could be taken for a parenthesis."""
    return re.sub(r'"[^"]*"|\{[^}]*\}', lambda found: "x" * len(found[0]), item)
