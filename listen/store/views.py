"""The views for other programs: Datasette, DuckDB, pandas and `listen sql` read the store by them.

Their columns are a promise: what they are called and mean stays, whatever becomes of the tables below. Numbers agree
with the console: what people corrected, dismissed or called noise counts at once.
"""

from __future__ import annotations

from collections.abc import Mapping

VIEWS: Mapping[str, Mapping[str, str]] = {
    "v_mentions": {
        "id": "its number, which carries its time: newest first is `ORDER BY id DESC`",
        "time": "its own time, the earlier of published and first seen (UTC, ISO 8601)",
        "time_unix": "the same in Unix seconds",
        "published_at": "when it says that it was published",
        "published_unix": "the same in Unix seconds",
        "seen_at": "when it was first seen",
        "seen_unix": "the same in Unix seconds",
        "edited_at": "when it was edited last",
        "edited_unix": "the same in Unix seconds",
        "network": "where it was published, such as `mastodon`",
        "external_id": "what the network calls it",
        "kind": "`post`, `comment`, `reply`, `article`, `review` …",
        "state": "what the network did with it since: `active`, `edited`, `deleted`, `withheld`",
        "source": "the source that heard it first",
        "sources": "all that heard it, a JSON list",
        "url": "its link",
        "author": "handle of who said it",
        "author_name": "the name beside the handle",
        "followers": "how many follow them",
        "title": "its title",
        "text": "what it says",
        "truncated": "1: the text was longer than what is kept",
        "lang": "language",
        "country": "where it was published (ISO 3166)",
        "sentiment": "-1 to 1: what people say, else what was computed; NULL for not scored",
        "tone": "`neg`, `neu`, `pos`, `none` (no word that says anything), `unknown` (not scored)",
        "computed_sentiment": "what was computed, also where people say something else",
        "corrected": "1: people said what its sentiment is",
        "intents": "what its author wants, with blanks between",
        "topics": "the topics that it matches, a JSON list",
        "rating": "stars of a review, 1 to 5",
        "likes": "NULL for unknown, as in the next three",
        "replies": "",
        "reposts": "",
        "views": "",
        "parent_id": "`external_id` of what it answers or shares",
        "thread_id": "`external_id` of the first post of its conversation",
        "story": "the story that it belongs to, NULL when nobody else tells it",
        "copies": "mentions of its story, itself among them",
        "status": "`new`, `done`, `answered`, `dismissed`, `skipped`",
        "starred": "1: somebody starred it",
        "assignee": "who takes care of it",
        "tags": "what people call it, with blanks between",
        "note": "what people noted",
        "own": "1: said by one of our accounts",
        "noise": "1: taken for noise",
        "dismissed": "1: somebody dismissed it",
        "counts": "1: it counts in numbers: neither own nor noise nor dismissed, and not taken away",
    },
    "v_matches": {
        "mention_id": "`id` of v_mentions",
        "time": "the mention's own time",
        "time_unix": "the same in Unix seconds",
        "topic": "name of the topic",
        "role": "`brand`, `competitor`, `theme`",
        "source": "the source that it counts for",
        "lang": "language",
        "sentiment": "toward the topic, -1 to 1: what people say, else what was computed; NULL for not scored",
        "tone": "as in v_mentions, toward the topic",
        "computed_sentiment": "what was computed, also where people say something else",
        "corrected": "1: people said what the mention's sentiment is",
        "own": "1: said by one of our accounts",
        "noise": "1: taken for noise",
        "dismissed": "1: somebody dismissed it",
        "counts": "1: it counts in numbers",
    },
    "v_hourly": {
        "hour": "when the hour begins",
        "hour_unix": "the same in Unix seconds",
        "topic": "name of the topic",
        "role": "`brand`, `competitor`, `theme`",
        "mentions": "mentions of that hour that count",
        "negative": "of these, how many are negative toward the topic",
        "neutral": "neither",
        "positive": "",
        "unscored": "not scored",
        "sentiment": "mean of what was scored, -1 to 1; NULL when nothing was",
        "left_out": "mentions that do not count: own, noise and dismissed",
    },
}
"""View -> column -> what it is; "" where its name says that."""


def markdown() -> str:
    """The same as tables for the README."""
    parts = []
    for view, columns in VIEWS.items():
        rows = "\n".join(f"| `{name}` | {meaning} |".replace("|  |", "| |") for name, meaning in columns.items())
        parts.append(f"| `{view}` | |\n|---|---|\n{rows}\n")
    return "\n".join(parts)
