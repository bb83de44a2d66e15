"""What the store says of channels: how each fares, what it brought, what was set aside, what people asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from listen.model import first_id
from listen.store import channels, fares
from listen.store.channels import Channel, LastHeard, Source
from listen.store.fares import Fare
from listen.store.question import Questions

if TYPE_CHECKING:
    from listen.store.requests import Request


class Reject(NamedTuple):
    """Something that could not be taken in. Foreign text, as it came."""

    id: int
    at: int
    source: str | None
    channel: str | None
    reason: str
    message: str
    sample: str
    seen: int


class Health(Questions):
    """The part of a reader that knows how sources and channels fare."""

    def sources(self) -> list[Source]:
        """All sources that ever were, by name."""
        return self._ask(channels.sources)

    def channels(self) -> list[Channel]:
        """All channels that ever were, by source and in the order in which they were made."""
        return self._ask(channels.channels)

    def last_heard(self) -> LastHeard:
        """When anything answered last."""
        return self._ask(channels.last_heard)

    def coverage(self, since: float, until: float) -> dict[int, float]:
        """Channel id -> share of a time in which it was really heard; see `listen.store.channels`."""
        return self._ask(channels.coverage, since, until)

    def heard_since(self, since: float) -> dict[int, int]:
        """Channel id -> mentions heard there whose own time is `since` (Unix seconds) or later."""
        with self._question() as connection:
            return dict(connection.execute(_HEARD, (first_id(since),)).fetchall())

    def stories_since(self, since: float) -> dict[int, list[int]]:
        """Channel id -> the stories of those of its mentions that belong to one; a story as often as it was heard."""
        found: dict[int, list[int]] = {}
        with self._question() as connection:
            for channel, story in connection.execute(_TOLD, (first_id(since),)):
                found.setdefault(channel, []).append(story)
        return found

    def rejects(self, limit: int = 50, channel: int | None = None) -> list[Reject]:
        """What could not be taken in, newest first; of one channel when given."""
        where, values = ("", (limit,)) if channel is None else ("WHERE r.channel_id = ?2", (limit, channel))
        with self._question() as connection:
            return [Reject(*row) for row in connection.execute(_REJECTS.format(where=where), values)]

    def fares(self, limit: int = 50, after: int = 0) -> list[Fare]:
        """When channels fell quiet, died or came back, newest first; of those whose number is above `after`."""
        return self._ask(fares.fares, limit, after)

    def requests(self, numbers: Iterable[int]) -> list[Request]:
        """What became of these requests, and all others that are open, oldest first."""
        from listen.store import requests

        with self._question() as connection:
            found = {one.id: one for one in requests.open_requests(connection)}
            for number in numbers:
                one = requests.request(connection, number)
                if one is not None:
                    found[number] = one
        return [found[number] for number in sorted(found)]


def repeated(stories: Sequence[int]) -> int:
    """How many of these mentions, each told by its story, repeat another of them."""
    return len(stories) - len(set(stories))


_TOLD = """
SELECT g.channel_id, r.story_id FROM retold AS r CROSS JOIN sightings AS g ON g.mention_id = r.mention_id
WHERE r.topic_id = 0 AND r.mention_id >= ?"""

_HEARD = "SELECT channel_id, count(*) FROM sightings WHERE mention_id >= ? GROUP BY channel_id"

_REJECTS = """
SELECT r.id, r.at, s.name, c.label, r.reason, r.message, r.sample, r.seen FROM rejects AS r
LEFT JOIN channels AS c ON c.id = r.channel_id LEFT JOIN sources AS s ON s.id = c.source_id {where}
ORDER BY r.at DESC, r.id DESC LIMIT ?1"""
