"""What a topic is talked about more than in the window before: rising words, tags, emoji, links, and new words.

The hourly table of terms (`listen.store.terms`) proposes, by the z of the log-odds with an informative Dirichlet prior
(`listen.insight.telling.log_odds`: Monroe, Colaresi and Quinn 2008); the search index then says of each that is
proposed how many stories it stands in, by the very query behind the term. So each number is what its stream shows: of
a story one mention, and nothing that is own, noise or dismissed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from listen.insight import phrases
from listen.insight.figures import span_of, topic_query
from listen.insight.telling import LEAST, SURE, asked_for, log_odds
from listen.insight.window import HOUR, Window
from listen.model import EPOCH
from listen.query import parse, tree
from listen.query.topics import node_of
from listen.store import terms
from listen.store.read import Page, Reader
from listen.store.terms import Said, Span
from listen.text import tokens
from listen.text.terms import Kind, kind_of

BUDGET = 0.7
"""Seconds in which terms are looked up; what is left then has the numbers of the table."""

LIVE = 6
"""Hours that have changed since they were counted, and are counted now: the newest."""

PROPOSED: Mapping[Kind, int] = {"word": 24, "tag": 10, "emoji": 8, "link": 8}
"""Terms of each kind that are looked up."""

NEW = 12
"""Terms that the table does not know from before, and that are looked up beside those."""

SHOWN = 8
"""Terms of each kind that are told."""

EXACT = 1_000
"""Stories up to which they are counted by the index; of more the table is sure enough."""

PEOPLE = 2
"""Authors that a term must have."""


class Term(NamedTuple):
    """Something that is said more than before."""

    text: str
    """A word, a phrase of two or three, a `#tag`, an emoji, or a link as `site/path`."""
    n: int
    """Stories of the window that say it."""
    before: int
    """Stories of the window before."""
    ratio: float | None
    """The share of stories that say it against the share before, where none did against one; None for what is new."""
    z: float
    """Of its log-odds, in standard deviations."""
    new: bool
    """Nothing that is stored of the topic said it before the window, and enough was said then to tell."""
    tone: float | None
    """Mean sentiment toward the topic of what says it, -1 to 1; None where none was scored, or nobody looked."""
    query: str
    """The stream behind it."""


class Rising(NamedTuple):
    """What rises in a window of a topic, each kind by z, and what is new by how many say it."""

    words: Sequence[Term]
    tags: Sequence[Term]
    emoji: Sequence[Term]
    links: Sequence[Term]
    new: Sequence[Term]
    since: int
    """From when the terms are known, in Unix seconds."""
    mentions: int
    mentions_before: int


def rising(reader: Reader, topic: str, window: Window, *, now: float, budget: float = BUDGET) -> Rising | None:
    """What rises in a topic; None for an unknown one, or when `reader.stop()` came before the answer."""
    end = time.monotonic() + budget
    asked = None
    with reader.interruptible() as (connection, pause):
        row = connection.execute("SELECT id, name, query FROM topics WHERE name = ? AND active", (topic,)).fetchone()
        if row is None:
            return None
        known = terms.known_from(connection, now)
        this, last = span_of(window), span_of(window.before())
        said = terms.told(connection, row[0], *this, at_once=LIVE, known=known)
        pause()
        spans = said, terms.told(connection, row[0], *last, at_once=LIVE, known=known)
        counts = [terms.mentions_of(connection, row[0], *one) for one in (this, last)]
        stories = [terms.stories_of(connection, row[0], max(one.first, known), one.last) for one in (this, last)]
        asked = _Asked(reader, row, window, known, spans, (stories[0], stories[1]), now)
    if asked is None:
        return None
    found = asked.looked_up(end)
    words, tags, emoji, links = (asked.shown(found, kind) for kind in PROPOSED)
    return Rising(words, tags, emoji, links, asked.new(found), EPOCH + known * HOUR, counts[0], counts[1])


class _Asked:
    """One question: a topic, a window, and what the table says of it."""

    def __init__(
        self,
        reader: Reader,
        topic: tuple[int, str, str],
        window: Window,
        known: int,
        spans: tuple[Span, Span],
        stories: tuple[int, int],
        now: float,
    ) -> None:
        self._reader, self._window, self._now = reader, window, now
        self._topic, name, query = topic
        self._name = topic_query(name)
        self._own = asked_for([node_of(query)]) | {*tokens(name)[0]}
        self._own |= {f"#{word}" for word in self._own}
        before = window.before()
        self._before = before._replace(since=max(before.since, EPOCH + known * HOUR))
        self.this, self.last = this, last = spans
        self._times = stories[0] / stories[1] if stories[1] else math.inf
        """How many stories there are for each one of the window before."""
        self._total, self._total_before = sum(this.terms.values()), sum(last.terms.values())

    # --- what the table proposes -------------------------------------------------------------------------------------

    def _proposed(self) -> list[str]:
        """Those that rise most, and those that were never said as far as the table knows."""
        if self._times == math.inf or not self.last.stories:
            return []
        ranked: dict[Kind, list[tuple[float, str]]] = {kind: [] for kind in PROPOSED}
        unknown: list[tuple[int, str]] = []
        times = self.this.stories / self.last.stories
        for term, n in self.this.terms.items():
            if n < LEAST:
                continue
            before = self.last.terms.get(term, 0)
            if n - before * times < math.sqrt(n) or term in self._own:  # within chance: no z of 2
                continue
            ranked[kind_of(term)].append((-self._z(n, before), term))
            if not before:
                unknown.append((-n, term))
        rising = [term for kind, most in PROPOSED.items() for _, term in sorted(ranked[kind])[:most]]
        return list(dict.fromkeys([*rising, *(term for _, term in sorted(unknown)[:NEW])]))

    def _z(self, n: int, before: int) -> float:
        return log_odds(n, self._total, before, self._total_before)

    # --- what the index says -----------------------------------------------------------------------------------------

    def looked_up(self, end: float) -> dict[str, Term]:
        """What is proposed, as the index counts it, with phrases in the place of words that stand in them."""
        found: dict[str, Term] = {}
        for term in self._proposed():
            told = self._told(term, written(term), self.this.terms[term], self.last.terms[term], end)
            if told is not None:
                found[term] = told
        self._join(found, end)
        return found

    def _told(self, text: str, query: str, n: int, before: int, end: float) -> Term | None:
        """A term with exact numbers, or those given where they are too many or time is up; None when it is no news."""
        exact = self._counted(query, self._window, n, end)
        if exact is None:
            return self._term(text, query, n, before, False, None) if n else None
        if exact.people < PEOPLE or exact.stories < LEAST:
            return None
        earlier = self._counted(query, self._before, before, end)
        before = before if earlier is None else earlier.stories
        n = n if exact.stories >= EXACT else exact.stories
        new = earlier is not None and not before and n >= LEAST * self._times and self._is_new(query)
        return self._term(text, query, n, before, new, None if exact.score is None else exact.score / 1000)

    def _term(self, text: str, query: str, n: int, before: int, new: bool, tone: float | None) -> Term:
        ratio = n / max(1, before) / self._times
        whole = f"{self._name} {query} {self._window.query()}"
        return Term(text, n, before, None if new else ratio, self._z(n, before), new, tone, whole)

    def _counted(self, query: str, window: Window, n: int, end: float) -> Said | None:
        """What says it in a window; None where the table has to do: the index knows no links."""
        if n >= EXACT or query.startswith("link:") or time.monotonic() > end:
            return None
        page = self._page(query, window, EXACT)
        if not page.complete:
            return None
        with self._reader.snapshot() as connection:
            return terms.said(connection, self._topic, page.ids)

    def _page(self, query: str, window: Window, most: int) -> Page:
        """The newest mentions of a window that say it; not complete when `reader.stop()` was called."""
        asked = parse(f"{self._name} {query} {window.query()}")
        return self._reader.page(asked, limit=most, budget=None, now=self._now)

    def _is_new(self, query: str) -> bool:
        first = parse(f"{self._name} {query} until:{self._window.query().partition(' ')[0].removeprefix('since:')}")
        page = self._reader.page(first, limit=1, budget=None, now=self._now)
        return page.complete and not page.ids

    # --- phrases -----------------------------------------------------------------------------------------------------

    def _join(self, found: dict[str, Term], end: float) -> None:
        """Put `burning smell` in the place of `burning` and of `smell` where most of what says them says both."""
        words = sorted((one for one in found.values() if kind_of(one.text) == "word"), key=lambda one: -one.z)
        for word in words[:SHOWN]:
            if word.text not in found or time.monotonic() > end:
                continue
            ids = self._page(word.text, self._window, phrases.READ).ids
            with self._reader.snapshot() as connection:
                phrase = phrases.around(word.text, terms.texts(connection, ids), self._own)
            told = phrase and self._told(phrase, f'"{phrase}"', 0, 0, end)
            if phrase and told and told.n >= phrases.SHARE * word.n:
                inside = {one for one in tokens(phrase)[0] if one in found and told.n >= phrases.SHARE * found[one].n}
                for one in inside:
                    del found[one]
                found[phrase] = told

    # --- what is told ------------------------------------------------------------------------------------------------

    def shown(self, found: dict[str, Term], kind: Kind) -> list[Term]:
        """The terms of a kind that rise beyond chance."""
        rising = [one for key, one in found.items() if kind_of(key) == kind and one.z >= SURE]
        return sorted(_without_tagged(rising, found), key=lambda one: (-one.z, one.text))[:SHOWN]

    def new(self, found: dict[str, Term]) -> list[Term]:
        """Words and tags that were never said before."""
        never = [one for key, one in found.items() if one.new and kind_of(key) in ("word", "tag")]
        return sorted(_without_tagged(never, found), key=lambda one: (-one.n, one.text))[:SHOWN]


def written(term: str) -> str:
    """A term as the query language finds it."""
    if kind_of(term) == "link":
        return f'link:"{term}"'
    node = parse(term)
    plain = isinstance(node, tree.Mark) or (isinstance(node, tree.Words) and node.tokens == (term,))
    return term if plain else f'"{term}"'


def _without_tagged(some: Iterable[Term], found: dict[str, Term]) -> list[Term]:
    """Without words that are said as a tag more often than not."""
    return [one for one in some if (tag := found.get(f"#{one.text}")) is None or 2 * tag.n < one.n]
