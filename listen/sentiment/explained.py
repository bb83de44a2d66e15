"""What an explained score consists of.

VADER's score is `1000 * s / sqrt(s*s + 15)`, where `s` is the sum of what its words weigh and of what `!` and `?` add.
One and the same divisor belongs to every part of the sum, so each part's share is `1000 * v / sqrt(s*s + 15)`, and the
shares add up to the score exactly. (They are no more than that: the same word has a smaller share in a longer text.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

How = Literal["flipped", "boosted", "damped"]


class Moved(NamedTuple):
    """Why a word does not weigh what the lexicon says: without `by` it would weigh otherwise."""

    how: How
    by: str
    """Words beside it, `but`, or `capitals`."""


class Scored(NamedTuple):
    """A word or emoji that a score comes from."""

    start: int
    end: int
    """Its characters in the text that was scored."""
    weight: float
    """In the lexicon, -4 to 4; of an emoji the sum of the words that it is read as."""
    valence: float
    """After the rules."""
    share: float
    """Thousandths of the score."""
    moved: tuple[Moved, ...] = ()


class Explanation(NamedTuple):
    """A score, and where it comes from. Without a score there is a reason."""

    score: int | None
    """In thousandths, as `listen.sentiment.score` says."""
    unscored: str | None = None
    words: tuple[Scored, ...] = ()
    """In the order of the text; words that came to weigh nothing are left out."""
    emphasis: float = 0.0
    """The share of exclamation and question marks."""


def hundredths(shares: Sequence[float], total: int) -> list[int]:
    """Shares (in thousandths) as whole hundredths that add up to `total` as it is shown, in hundredths.

    Largest remainder (Hamilton's method): each is rounded down, and those that lost most get the rest, so that none is
    off by a hundredth when the shares do add up to the total.
    """
    exact = [share / 10 for share in shares]
    rounded = [math.floor(share) for share in exact]
    left = total - sum(rounded)
    by_loss = sorted(range(len(shares)), key=lambda place: rounded[place] - exact[place])
    for place in by_loss[: max(0, left)]:
        rounded[place] += 1
    return rounded
