"""What the collector and its workshop's children say to each other.

Length-prefixed MessagePack over pipes; every message has a declared type that the receiver checks, so the worst that a
child taken over by foreign bytes can send is a wrong post, never code.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from listen.model import Prepared, Tracked
from sources.base import Answer, Channel, Cursor, Frame, Page, Post, Reject

if TYPE_CHECKING:
    from listen.config import Source

LENGTH = struct.Struct(">I")
"""Each message is preceded by its length in bytes."""

RESULT_LIMIT = 32 << 20
"""Bytes of the longest answer of a child: more than the decoded body of an answer (20 MiB) can honestly hold."""

SURROGATES = re.compile("[\ud800-\udfff]")
"""Half characters, which no encoding of a message can carry."""


class Place(Struct, frozen=True):
    """Where a post was heard, for topics that ask `source:`."""

    source: str
    adapter: str
    country: str = ""
    """What the source says of all that is heard in it."""
    kind: str = ""
    """What it says that its posts and articles are."""

    @classmethod
    def of(cls, source: Source) -> Place:
        """A configured source."""
        return cls(source.name, source.adapter, source.country, source.kind)


class Topics(Struct, frozen=True, tag="topics"):
    """The topics to match from now on, by id. Answered with `Ready`."""

    tracked: dict[int, Tracked]
    intents: dict[str, dict[str, Any]] = {}
    """What the configuration changes of the intents that texts are read for (`listen.intents.intents`)."""


class Parse(Struct, frozen=True, tag="parse"):
    """Read an answer. `seconds` is how much CPU it may cost."""

    adapter: str
    channel: Channel
    cursor: Cursor
    answer: Answer
    now: float
    seconds: int


class Read(Struct, frozen=True, tag="read"):
    """Read frames of a stream. `seconds` is how much CPU all of them may cost."""

    adapter: str
    channel: Channel
    cursor: Cursor
    frames: list[Frame]
    now: float
    seconds: int


class Prepare(Struct, frozen=True, tag="prepare"):
    """Clean, tokenise, match and score posts. `seconds` is how much CPU the whole batch may cost."""

    posts: list[Post]
    place: Place
    now: float
    seconds: int


class Said(Struct, array_like=True, frozen=True):
    """A stored mention that is scored again."""

    title: str
    text: str
    lang: str | None
    tagged: bool | None
    """Whether its last line are a platform's tags; None: nobody knows."""
    was: int | None
    """The score that it has."""


class Rescore(Struct, frozen=True, tag="rescore"):
    """Score stored mentions by the engines that run now. `seconds` is how much CPU all of them may cost."""

    mentions: list[Said]
    seconds: int


Job = Topics | Parse | Read | Prepare | Rescore


class Ready(Struct, frozen=True, tag="ready"):
    """The child has started, or has learned its topics."""


class Parsed(Struct, frozen=True, tag="parsed"):
    page: Page
    last: bool = False
    """The child leaves after this answer: it has worked or grown enough."""


OUR_FAULT = "prepare"
"""Reason of a reject whose post was no worse than others: preparing it raised something that nobody foresaw."""


class Item(Struct, array_like=True):
    """What became of one post: exactly one of the two is set."""

    prepared: Prepared | None
    reject: Reject | None


class Done(Struct, frozen=True, tag="done"):
    """One item for each post, in the same order."""

    items: list[Item]
    last: bool = False


class Tone(Struct, array_like=True, frozen=True):
    """The score of a mention, or why there is none; and what became of `Said.tagged`."""

    score: int | None
    hits: int | None
    unscored: str | None
    tagged: bool
    intents: str | None = None


class Rescored(Struct, frozen=True, tag="rescored"):
    """One tone for each mention, in the same order."""

    tones: list[Tone]
    last: bool = False


class Failed(Struct, frozen=True, tag="failed"):
    """The job as a whole was no use, for a reason that the child could still say itself."""

    reason: str
    message: str
    remedy: str = ""
    last: bool = False


Reply = Ready | Parsed | Done | Rescored | Failed

encoder = msgspec.msgpack.Encoder()
job_decoder = msgspec.msgpack.Decoder(Job)
post_decoder = msgspec.msgpack.Decoder(Post)
reply_decoder = msgspec.msgpack.Decoder(Reply)


def frame(message: Job | Reply) -> bytes:
    """The message as it travels. Raises what the encoder raises for values that MessagePack cannot say."""
    body = encoder.encode(message)
    return LENGTH.pack(len(body)) + body


def readable(words: object, limit: int = 500) -> str:
    """Any text as it may travel: valid Unicode, short. It is still foreign: whoever shows it cleans it."""
    return SURROGATES.sub("\ufffd", str(words)[:limit])


def sample_of(post: Post) -> str:
    """The beginning of a post that was refused, for people who look at the rejects."""
    return readable(" | ".join(str(part)[:200] for part in (post.external_id, post.url, post.title, post.text) if part))


def sample_of_frame(frame: Frame) -> str:
    """The same of a frame that could not be read."""
    return readable(frame.data[:500].decode("utf-8", "replace"))
