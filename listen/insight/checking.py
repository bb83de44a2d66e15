"""What a judged sample says of a query: how precise it is, and which words would make it more so at which price."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from listen.insight import context
from listen.insight.context import Judged
from listen.insight.precision import Precision, precision
from listen.model import Mention
from listen.query import brands, tree
from listen.store.read import Count, Reader

LONGEST = 2_000
"""Characters of a mention that are looked at."""

COUNTING = 1.0
"""Seconds for counting what a word would remove of all that is stored."""


class Proposal(NamedTuple):
    """A word to exclude, and all that would go with it."""

    word: str
    refused: int
    """Of the mentions that were refused; a mention that an earlier proposal removes is not counted again."""
    kept: int
    """Of the mentions that were kept: the price. Counted likewise."""
    stored: Count
    """Of all that the query finds."""


class Verdict(NamedTuple):
    """What the judgements of a sample say of its query."""

    precision: Precision
    proposals: tuple[Proposal, ...]
    """Words to exclude, the best first."""
    better: str
    """The query with all of them excluded; as it was when there are none."""


def said(mention: Mention) -> str:
    """Title and text as one."""
    title, text = mention.title or "", mention.text[:LONGEST]
    return text if not title or text.startswith(title) else f"{title}. {text}"[:LONGEST]


def verdict(
    reader: Reader,
    node: tree.Node,
    text: str,
    own: str,
    judged: Mapping[int, bool],
    *,
    now: float,
    wanted: Callable[[], bool] = lambda: True,
) -> Verdict:
    """What judgements (mention id -> kept) of a query's mentions say of it.

    `node` finds them, `text` is what exclusions are added to, and the words of the query `own` (a topic's, say) are not
    proposed. Raises QueryError when `text` or `own` is no query.
    """
    mentions = reader.mentions(sorted(judged))
    hits = [Judged(said(mention), judged[mention.id]) for mention in mentions]
    found = []
    for removal in context.removals(brands.own_words(own), hits):
        if not wanted():
            break
        within = tree.And((node, tree.Words((removal.word,))))
        count = reader.count(within, cap=None, budget=COUNTING, now=now)
        found.append(Proposal(*removal, count))
    kept = sum(bool(hit.kept) for hit in hits)
    return Verdict(precision(kept, len(hits)), tuple(found), brands.without(text, [one.word for one in found]))


def told(proposal: Proposal, precision: Precision) -> str:
    """`takes away 5 of 9 refused, 1 of 41 kept · 312 of all stored`."""
    refused = precision.judged - precision.kept
    stored = f"{proposal.stored.n:,}{'' if proposal.stored.complete else '+'}"
    return (
        f"takes away {proposal.refused} of {refused} refused, {proposal.kept} of {precision.kept} kept · "
        f"{stored} of all stored"
    )
