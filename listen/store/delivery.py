"""What channels bring, and how much of it is stored in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from listen.model import Prepared
from listen.store import rejects
from listen.store.mirror import ChannelUpdate


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one channel brought at one time."""

    channel_id: int
    posts: Sequence[Prepared]
    seen_at: int
    update: ChannelUpdate | None = None
    rejects: Sequence[rejects.Reject] = ()
    matched: bool = False
    """Keep what matches a topic alone; what is known already is brought up to date all the same."""
    quiet: bool = False
    """A back-fill or an import: no alert counts what it brings."""
    stand: Mapping[str, str] = field(default_factory=dict)
    """Facts to remember together with it (`mirror.set_state`): where a back-fill or an import stands."""
    asked: bool = False
    """Somebody asked for these posts: the channel did not bring them by itself."""


def portions(deliveries: Sequence[Delivery], most: int) -> Iterator[dict[int, Delivery]]:
    """The deliveries by their place, in parts with so many posts each; what a channel says of itself is in its last."""
    part: dict[int, Delivery] = {}
    room = most
    for at, one in enumerate(deliveries):
        start = 0
        while len(one.posts) - start > room:
            part[at] = replace(one, posts=one.posts[start : start + room], update=None, rejects=(), stand={})
            yield part
            start, part, room = start + room, {}, most
        part[at] = replace(one, posts=one.posts[start:]) if start else one
        room -= len(one.posts) - start
    yield part
