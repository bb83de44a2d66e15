"""What a predicate asks of a mention's attributes; their meanings stand in `listen.query.match`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from listen.model import tone
from listen.query import tree, weekly
from listen.query.terms import ascii_lower
from listen.text import fold

if TYPE_CHECKING:
    from listen.model import Author
    from listen.query.match import Subject

    Predicate = Callable[[Subject], bool]

QUESTION_MARKS = "?？؟՞፧"
"""What ends a question in the scripts of the world; a text without any of them is none."""

_QUESTION = re.compile(r"""\?(?=[\s"'»”’)\]?!…]|$)|[？؟՞፧]""")
_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(?:www\.)?([^/?#:@]+)")


def is_question(title: str | None, text: str) -> bool:
    """Whether a sentence of title or text ends in a question mark. The `?` inside a link is none."""
    return _QUESTION.search(text) is not None or bool(title and _QUESTION.search(title))


def host_of(url: str | None) -> str:
    """The host of a link, in small letters, without www. and port; "" when it has none."""
    found = _HOST.match(ascii_lower(url or ""))
    return found[1] if found else ""


_IS: dict[str, Predicate] = {
    "starred": lambda subject: subject.starred,
    "own": lambda subject: subject.own,
    "noise": lambda subject: subject.noise,
    "corrected": lambda subject: subject.corrected,
    "answered": lambda subject: subject.status == "answered" or subject.replied,
    "replied": lambda subject: subject.replied,  # of the store's own making
    "repost": lambda subject: subject.record.kind == "repost",
    "reply": lambda subject: subject.record.kind in ("reply", "comment"),
    "question": lambda subject: is_question(subject.record.title, subject.record.text),
    "edited": lambda subject: subject.record.state == "edited" or subject.record.edited_at is not None,
    "deleted": lambda subject: subject.record.state == "deleted",
    "withheld": lambda subject: subject.record.state == "withheld",
}
_HAS: dict[str, Predicate] = {
    "link": lambda subject: bool(subject.record.url),
    "author": lambda subject: subject.record.author is not None,
    "title": lambda subject: bool(subject.record.title),
    "note": lambda subject: subject.noted,
    "tag": lambda subject: bool(subject.tags),
    "topic": lambda subject: any(True for _ in subject.topics),
}


def facet(name: tree.FacetName, values: tuple[str, ...]) -> Predicate:
    wanted = frozenset(values)
    match name:
        case "topic":
            return lambda subject: any(fold(topic) in wanted for topic in subject.topics)
        case "source":
            return lambda subject: any(
                fold(each) in wanted for names in (subject.sources, subject.adapters) for each in names
            )
        case "author":
            return _author(values)
        case "lang":
            return lambda subject: subject.record.lang in wanted
        case "country":
            return lambda subject: subject.record.country in wanted
        case "kind":
            return lambda subject: subject.record.kind in wanted
        case "status":
            return lambda subject: subject.status in wanted
        case "is":
            return _any_of([_IS[value] for value in values])
        case "has":
            return _any_of([_HAS[value] for value in values])
        case "site":
            return lambda subject: _any_end(f".{host_of(subject.record.url)}", wanted)
        case "url":
            return _url(values)
        case "link":
            return _link(values)
        case "tag":
            return lambda subject: any(fold(tag) in wanted for tag in subject.tags)
        case "story":
            return lambda subject: str(subject.story) in wanted
        case "id":
            return lambda subject: str(subject.id) in wanted
        case "assignee":
            return lambda subject: subject.assignee in wanted
        case "intent":
            return lambda subject: not wanted.isdisjoint(subject.intents)
        case "segment":
            return lambda subject: any(fold(segment) in wanted for segment in subject.segments)


def _any_end(host: str, wanted: Container[str]) -> bool:
    """Whether what stands behind one of its dots is wanted: one look a dot, however many are wanted."""
    at = host.find(".")
    while at >= 0:
        if host[at + 1 :] in wanted:
            return True
        at = host.find(".", at + 1)
    return False


def _any_head(handle: str, wanted: Container[str]) -> bool:
    """The same for what stands before one of its @."""
    at = handle.find("@")
    while at >= 0:
        if handle[:at] in wanted:
            return True
        at = handle.find("@", at + 1)
    return False


def _url(parts: tuple[str, ...]) -> Predicate:
    def url(subject: Subject) -> bool:
        written = ascii_lower(subject.record.url or "")
        return any(part in written for part in parts)

    return url


def link_beginnings(part: str) -> tuple[str, str]:
    """What a text holds that has a link that begins so."""
    return f"://{part}", f"://www.{part}"


def _link(parts: tuple[str, ...]) -> Predicate:
    def link(subject: Subject) -> bool:
        written = [ascii_lower(said) for said in (subject.record.text, subject.record.title or "")]
        return any(begun in said for part in parts for begun in link_beginnings(part) for said in written)

    return link


def _any_of(predicates: list[Predicate]) -> Predicate:
    return (
        predicates[0] if len(predicates) == 1 else lambda subject: any(predicate(subject) for predicate in predicates)
    )


def called(value: str) -> str:
    """A value of `author:` without the sign before a handle; a sign that stands alone is the name itself."""
    name = value.removeprefix("@")
    return name if name.rstrip("*") else value


def _author(values: tuple[str, ...]) -> Predicate:
    values = tuple(map(called, values))
    whole = frozenset(value for value in values if not value.endswith("*"))
    begins = tuple(value[:-1] for value in values if value.endswith("*"))

    def author(subject: Subject) -> bool:
        who: Author | None = subject.record.author
        if who is None:
            return False
        handle = fold(who.handle)
        if handle in whole or _any_head(handle, whole) or handle.startswith(begins):
            return True
        name = fold(who.name) if who.name is not None else None
        return name is not None and (name in whole or name.startswith(begins))

    return author


def number(node: tree.Number) -> Predicate:
    within, value_of = _within(node), _VALUES[node.name]
    return lambda subject: within(value_of(subject))


def _within(node: tree.Number) -> Callable[[int | None], bool]:
    low, high = node.low, node.high
    above = operator.ge if node.low_included else operator.gt
    below = operator.le if node.high_included else operator.lt

    def within(value: int | None) -> bool:
        return value is not None and (low is None or above(value, low)) and (high is None or below(value, high))

    return within


def toward(node: tree.Toward) -> Predicate:
    topic, item = node.topic, node.item
    if isinstance(item, tree.Number):
        within = _within(item)
        return lambda subject: any(
            fold(name) == topic and within(score) for name, (score, _) in subject.toward.items()
        )  # fmt: skip
    tones = item.values
    return lambda subject: any(
        fold(name) == topic and tone(score, hits) in tones for name, (score, hits) in subject.toward.items()
    )


_VALUES: dict[str, Callable[[Subject], int | None]] = {
    "sentiment": lambda subject: subject.record.score,
    "followers": lambda subject: subject.record.author.followers if subject.record.author else None,
    "likes": lambda subject: subject.record.likes,
    "replies": lambda subject: subject.record.replies,
    "reposts": lambda subject: subject.record.reposts,
    "views": lambda subject: subject.record.views,
    "rating": lambda subject: subject.record.rating,
}


def time(node: tree.Time, now: float) -> Predicate:
    low = node.low.resolve(now) if node.low else None
    high = node.high.resolve(now) if node.high else None
    value_of: Callable[[Subject], int | None] = operator.attrgetter("seen_at" if node.name == "seen" else "time")

    def during(subject: Subject) -> bool:
        value = value_of(subject)
        return value is not None and (low is None or value >= low) and (high is None or value < high)

    return during


def falls(node: tree.Weekly) -> Predicate:
    """Its own time is in one of these hours, or on one of these days."""
    shifts, wanted = weekly.shifts(node.zone), frozenset(node.values)

    def fell(subject: Subject) -> bool:
        if subject.time is None:
            return False
        day, hour = divmod(weekly.hour_of_week(subject.time, shifts.at(subject.time)), 24)
        return (hour if node.name == "hour" else day) in wanted

    return fell
