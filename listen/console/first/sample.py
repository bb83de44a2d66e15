"""The hits of a query that is being tried, what the person said of them, and what follows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from listen.insight import context
from listen.insight.context import Judged, Removal
from listen.insight.precision import Precision, precision
from listen.query.brands import without

LONGEST = 2_000
"""Characters of a hit's text that are looked at."""

NETWORK = frozenset({"dns", "connect", "timeout", "tls"})
"""Reasons that may be this machine's network's as well as a source's."""

Key = tuple[str, str]
"""Network and id there: the same post in every trial."""

Span = tuple[int, int]


class Hit(NamedTuple):
    """One post that the query finds, as `listen try --json` tells it."""

    key: Key
    source: str
    time: float | None
    author: str
    title: str
    text: str
    url: str
    matched: tuple[str, ...]
    title_spans: tuple[Span, ...]
    text_spans: tuple[Span, ...]

    @property
    def said(self) -> str:
        """All of it, for looking at its words."""
        return self.text if not self.title or self.text.startswith(self.title) else f"{self.title}. {self.text}"


@dataclass(slots=True)
class Answer:
    """How one source did; several channels of it are one."""

    hits: int = 0
    error: str = ""
    remedy: str = ""
    reason: str = ""


class Advice(NamedTuple):
    """A query that may do better, and why it is proposed."""

    query: str
    why: str
    removals: tuple[Removal, ...]


@dataclass
class Sample:
    """One trial after another for one brand; what was said of a hit holds in the next trial, too."""

    brand: str
    query: str
    sources: dict[str, Answer | None] = field(default_factory=dict)
    """Who was asked; None has not answered yet."""
    hits: list[Hit] = field(default_factory=list)
    said: dict[Key, bool] = field(default_factory=dict)
    trail: list[tuple[Key, bool | None]] = field(default_factory=list)
    """What was said before of each hit that was judged, in order: what `u` goes back along."""
    ended: bool = False
    failure: str = ""
    """Why the trial as a whole came to nothing."""

    def again(self, text: str) -> None:
        """Begin a trial of another query."""
        self.query, self.sources, self.hits, self.ended, self.failure = text, {}, [], False, ""

    # --- what comes in ---

    def take(self, record: Mapping[str, Any]) -> None:
        """One record of `listen try --json`."""
        if "asking" in record:
            self.sources = dict.fromkeys(str(name) for name in record["asking"])
        elif "posts" in record:
            answer = self.sources.get(str(record["source"])) or Answer()
            answer.hits += int(record.get("hits") or 0)
            if record.get("error"):
                answer.error, answer.remedy = str(record["error"]), str(record.get("remedy") or "")
                answer.reason = str(record.get("reason") or "")
            self.sources[str(record["source"])] = answer
        elif "external_id" in record:
            hit = _hit(record)
            if all(hit.key != other.key for other in self.hits):
                self.hits.append(hit)

    def finish(self, code: int | None, said: str) -> None:
        """The trial has ended; with a fault when it could not even ask."""
        self.ended = True
        if code == 2 or (code and not self.sources):
            self.failure = said.splitlines()[0].removeprefix("listen: ") if said else "the trial ended early"

    @property
    def unreachable(self) -> bool:
        """Nobody could be asked, so that it may be the network of this machine."""
        answers = list(self.sources.values())
        return bool(answers) and all(answer is not None and answer.reason in NETWORK for answer in answers)

    # --- what the person says ---

    def judge(self, key: Key, kept: bool) -> None:
        """It is about the brand, or not."""
        self.trail.append((key, self.said.get(key)))
        self.said[key] = kept

    def take_back(self) -> Key | None:
        """Undo the last judgement; which hit it was of, None when there is none."""
        if not self.trail:
            return None
        key, before = self.trail.pop()
        if before is None:
            self.said.pop(key, None)
        else:
            self.said[key] = before
        return key

    @property
    def open(self) -> int:
        """Hits of which nothing was said yet."""
        return sum(hit.key not in self.said for hit in self.hits)

    @property
    def precision(self) -> Precision:
        """Of the hits of this query that were judged, the share that was kept."""
        judged = [self.said[hit.key] for hit in self.hits if hit.key in self.said]
        return precision(sum(judged), len(judged))

    def advice(self) -> Advice | None:
        """A better query, when the hits and what was said of them suggest one."""
        hits = [Judged(hit.said[:LONGEST], self.said.get(hit.key)) for hit in self.hits]
        texts = [hit.text for hit in hits]
        if "{" not in self.query and context.is_common(self.brand, texts):
            made = context.propose(self.brand, hits)
            if made is not None and made.query != self.query:
                return Advice(made.query, _common(self.brand, texts), made.removals)
        removals = tuple(context.removals(self.brand, hits))
        if not removals:
            return None
        return Advice(without(self.query, [one.word for one in removals]), "", removals)


def _hit(record: Mapping[str, Any]) -> Hit:
    spans = record.get("spans") or {}
    return Hit(
        (str(record.get("network")), str(record["external_id"])),
        str(record.get("source")),
        _unix(record.get("time")),
        str(record.get("author") or ""),
        str(record.get("title") or ""),
        str(record.get("text") or ""),
        str(record.get("url") or ""),
        tuple(str(clause) for clause in record.get("matched") or ()),
        _spans(spans.get("title") or ()),
        _spans(spans.get("text") or ()),
    )


def _spans(pairs: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    return tuple((int(start), int(end)) for start, end in pairs)


def _unix(timestamp: object) -> float | None:
    return datetime.fromisoformat(timestamp).timestamp() if isinstance(timestamp, str) else None


def _common(brand: str, texts: Sequence[str]) -> str:
    """Why the name is taken for a common word."""
    lower, total = context.uses(brand, texts)
    if not lower:
        return "a common word, too"
    return f"a common word, too: {lower} of {total} times it stands in lower case within a sentence"
