"""How mentions and their numbers are told, the same everywhere: as JSON, in stories, and as a line of blocks."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from listen.model import Mention


def timestamp(unix: float | None) -> str | None:
    """Unix seconds -> `2026-11-21T14:31:00Z`."""
    if unix is None:
        return None
    day, second = divmod(int(unix // 1), 86_400)
    return f"{_date(day)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


@lru_cache(maxsize=400)
def _date(day: int) -> str:
    """The day so many days after 1970-01-01: exports tell millions of times of a few days."""
    return (datetime.date(1970, 1, 1) + datetime.timedelta(day)).isoformat()


def as_json(mention: Mention) -> dict[str, Any]:
    """The record that `--json` prints: times in ISO 8601, scores from -1 to 1, null for unknown."""
    author = mention.author
    return {
        "id": mention.id,
        "time": timestamp(mention.time),
        "published_at": timestamp(mention.published_at),
        "seen_at": timestamp(mention.seen_at),
        "edited_at": timestamp(mention.edited_at),
        "network": mention.network,
        "external_id": mention.external_id,
        "kind": mention.kind,
        "state": mention.state,
        "url": mention.url,
        "author": author.handle if author else None,
        "author_name": author.name if author else None,
        "followers": author.followers if author else None,
        "title": mention.title,
        "text": mention.text,
        "truncated": mention.truncated,
        "lang": mention.lang,
        "country": mention.country,
        "sentiment": None if mention.score is None else mention.score / 1000,
        "tone": mention.tone,
        "correction": corrected(mention),
        "unscored": mention.unscored,
        "intents": list(mention.intents),
        "sources": list(mention.sources),
        "topics": list(mention.topics),
        "likes": mention.likes,
        "replies": mention.replies,
        "reposts": mention.reposts,
        "views": mention.views,
        "rating": mention.rating,
        "parent_id": mention.parent_id,
        "thread_id": mention.thread_id,
        "status": mention.status,
        "starred": mention.starred,
        "assignee": mention.assignee,
        "tags": list(mention.tags),
        "segments": list(mention.segments),
        "note": mention.note.text if mention.note else None,
        "own": mention.own,
        "answered": mention.replied or mention.status == "answered",
        "noise": mention.noise,
        "story": mention.story,
        "copies": mention.copies,
    }


def in_stories(mentions: int, stories: int | None) -> str:
    """`1,204 · 311 stories`: the one form of a number of mentions, wherever it is told.

    What nobody tells again is a story, too: where each mention is one, and where it is not known (None), the number
    of mentions stands alone.
    """
    if stories is None or stories >= mentions:
        return f"{mentions:,}"
    return f"{mentions:,} · {_counted(stories)}"


def of_stories(mentions: int, stories: int | None) -> str:
    """` in 311 stories`, the same in a sentence, behind the word "mentions"; "" where it would tell nothing."""
    return "" if stories is None or stories >= mentions else f" in {_counted(stories)}"


def _counted(stories: int) -> str:
    return f"{stories:,} {'story' if stories == 1 else 'stories'}"


def corrected(mention: Mention) -> dict[str, Any] | None:
    """Who said that the sentiment is another one than was computed, and what that was."""
    said = mention.correction
    if said is None:
        return None
    was = None if said.was is None else said.was / 1000
    return {"by": said.by, "at": timestamp(said.at), "was": was, "topic": said.topic}


BLOCKS = " ▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[int]) -> str:
    """A line of blocks; what is not nothing shows."""
    top = max(values, default=0)
    if not top:
        return "▁" * len(values)
    return "".join(BLOCKS[max(1, round(8 * value / top))] if value else "▁" for value in values)
