"""Looking for the next mention of some kind in a view, from where the cursor stands: questions for a `Clerk`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from listen import query
from listen.console.answers import Post, Sought
from listen.console.clerk import Asked, Job
from listen.console.pages import SLICE
from listen.query import QueryError, tree
from listen.store.read import BUDGET, Reader

NEW: tree.Node = tree.Facet("status", ("new",))
"""What nobody has dealt with."""

CHUNK = 200
"""Mentions of a ranked view that are compared at a time."""


def words(text: str) -> tree.Node:
    """What is looked for: a query whose last word may still go on, as it is being typed. Raises `QueryError`."""
    node = query.parse(text)
    if not text[-1:].isalnum():
        return node
    try:
        return query.parse(f"{text}*")
    except QueryError:
        return node


def within(view: tree.Node, wanted: tree.Node) -> tree.Node:
    """What of a view is wanted."""
    return wanted if isinstance(view, tree.All) else tree.And((view, wanted))


def seek(number: int, node: tree.Node, beyond: int, older: bool, now: float, passed: Collection[int] = ()) -> Job:
    """The next mention of a query that is older (or newer) than `beyond`, without those that are `passed` over.

    What is not found at once is looked for in the background while it is wanted.
    """

    def job(reader: Reader, asked: Asked, post: Post) -> Sought:
        at, budget, limit = beyond, BUDGET, len(passed) + 1
        while True:
            if older:
                page = reader.page(node, before=at, limit=limit, budget=budget, now=now)
            else:
                page = reader.page(node, after=at, limit=limit, budget=budget, now=now)
            found = next((one for one in (page.ids if older else page.ids[::-1]) if one not in passed), None)
            at, budget = page.back_to, SLICE
            if found is not None or page.complete or not asked.wanted:
                return Sought(number, found, at, found is not None or page.complete)
            post(Sought(number, None, at, False, searching=True))

    return job


def seek_among(number: int, wanted: tree.Node, ids: Sequence[int], now: float, passed: Collection[int] = ()) -> Job:
    """The first of these ids whose mention is wanted."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Sought:
        from listen.query.match import Subject, compile

        holds = compile(wanted, now)
        for start in range(0, len(ids), CHUNK):
            for mention in reader.mentions([one for one in ids[start : start + CHUNK] if one not in passed]):
                if holds(Subject.of(mention)):
                    return Sought(number, mention.id, 0, True)
            if not asked.wanted:
                return Sought(number, None, 0, False)
        return Sought(number, None, 0, True)

    return job
