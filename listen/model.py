"""The records that the parts hand to each other. Plain data: no I/O, no library.

Times are Unix seconds (UTC). Scores are thousandths of VADER's compound, -1000 to 1000. `None` means unknown, which is
never the same as 0 or "".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

EPOCH = 946_684_800
"""2000-01-01 00:00 UTC in Unix seconds: the second that mention ids count from."""

SEQUENCE_BITS = 12
"""Low bits of a mention's id: its place within its second."""

NEGATIVE, POSITIVE = -50, 50
"""A score at or below NEGATIVE is negative, at or above POSITIVE positive (the +-0.05 of Hutto and Gilbert 2014)."""

KINDS = (
    "post",
    "comment",
    "reply",
    "repost",
    "quote",
    "article",
    "review",
    "issue",
    "video",
    "episode",
    "edit",
    "mail",
    "webhook",
)
"""What sort of publication a mention is; stored as its place in this tuple, so only ever append."""

STATES = ("active", "edited", "deleted", "withheld")
"""What the platform did with the post since; stored as its place in this tuple."""

STATUSES = ("new", "done", "answered", "dismissed", "skipped")
"""What we did with the mention; stored as its place in this tuple."""

INTENTS = (
    "complaint",
    "question",
    "praise",
    "recommend",
    "dissuade",
    "purchase",
    "churn",
    "crisis",
    "delivery",
    "price",
    "idea",
    "job",
    "privacy",
)
"""What the author of a mention wants, as far as comes with us (`listen.intents`); a configuration may name more."""

STAGES = {
    "leave": ("churn", "dissuade"),
    "support": ("complaint", "delivery", "privacy"),
    "buy": ("purchase", "price"),
    "stay": ("praise", "recommend"),
    "use": ("idea",),
    "discover": ("question",),
}
"""Stage of a customer's way -> the intents that tell it; a mention is in the first of which it shows one."""

ROLES = ("brand", "competitor", "theme")
"""What a topic is to us."""


def first_id(unix: float) -> int:
    """The smallest id that a mention of that second can have."""
    return max(0, int(unix) - EPOCH) << SEQUENCE_BITS


def id_time(mention_id: int) -> int:
    """The mention's own time in Unix seconds, which its id carries."""
    return (mention_id >> SEQUENCE_BITS) + EPOCH


def tone(score: int | None, hits: int | None) -> str:
    """`neg`, `neu`, `pos`; `none` when no word of the text is in the lexicon; `unknown` when it was not scored."""
    if score is None:
        return "unknown"
    if score <= NEGATIVE:
        return "neg"
    if score >= POSITIVE:
        return "pos"
    return "neu" if hits else "none"


ME = "me"
"""`assignee:me`, and `@me` where a mention is given to somebody: whoever asks."""


RIVALS = ("brand", "competitor")
"""Roles of topics whose names a text can set against each other."""


class Tracked(NamedTuple):
    """A topic as the workshop knows it."""

    query: str
    name: str = ""
    role: str = "theme"
    taught: str = ""
    """What was taught about the sentiment toward it, as `listen.sentiment.teaching` reads it."""


@dataclass(slots=True)
class Author:
    """Who said it, as far as the platform told."""

    handle: str
    """Unique within its network, with its host where the network is federated: `claire@mastodon.social`."""
    name: str | None = None
    url: str | None = None
    followers: int | None = None
    uid: str | None = None
    """The network's lasting name of the account, where handles can change."""


@dataclass(slots=True)
class Prepared:
    """A post as it leaves the workshop: cleaned, tokenised, matched and scored, ready to be written."""

    network: str
    external_id: str
    kind: str
    url: str | None
    title: str | None
    text: str
    title_words: str
    """Tokens of the title in order, joined by spaces."""
    words: str
    """Tokens of the text in order, joined by spaces."""
    marks: list[str]
    """`#tag` and `@handle` tokens of title and text, in order, each once."""
    author: Author | None = None
    lang: str | None = None
    published_at: int | None = None
    edited_at: int | None = None
    state: str = "active"
    rating: int | None = None
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    parent_id: str | None = None
    """`external_id` of what it answers or shares."""
    thread_id: str | None = None
    """`external_id` of the first post of its conversation."""
    score: int | None = None
    hits: int | None = None
    """How many of its words are in the lexicon; None when it was not scored."""
    unscored: str | None = None
    """Why there is no score, in a word or two: `language it`, `language unknown`, `no text`."""
    intents: str | None = None
    """Names of what its author wants, with blanks between; None for nothing that is known."""
    truncated: bool = False
    tagged: bool = False
    """Whether the last line of the text are tags that the platform told beside it."""
    country: str | None = None
    """Where it was published, two small letters of ISO 3166."""
    alias: str | None = None
    """What a server calls it when it tells of its deletion; see `sources.base.Post`."""
    topics: dict[int, int | None] = field(default_factory=dict)
    """Topic id -> score toward that topic."""
    hits_toward: dict[int, int | None] = field(default_factory=dict)
    """Topic id -> words that say something toward it, where they are not as many as `hits`."""
    keys: list[int] | None = None
    """By which copies of it are found (`listen.likeness.keys`); None when nobody has worked them out yet."""


class Note(NamedTuple):
    """What somebody of ours said of a mention."""

    text: str
    by: str
    at: int
    """Unix seconds."""


class Correction(NamedTuple):
    """What somebody of ours says that a mention's sentiment is; it counts over what was computed."""

    by: str
    at: int
    """Unix seconds."""
    was: int | None
    """The score that was computed."""
    hits: int | None
    """The `hits` that were computed."""
    topic: str | None = None
    """The folded name of the topic that they looked at, when it was just one."""


@dataclass(slots=True)
class Mention:
    """A stored mention with all that a query can ask about it. The predicate reads this record and nothing else."""

    id: int
    network: str
    external_id: str
    kind: str
    text: str
    title: str | None = None
    url: str | None = None
    author: Author | None = None
    lang: str | None = None
    published_at: int | None = None
    seen_at: int = 0
    edited_at: int | None = None
    state: str = "active"
    rating: int | None = None
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    parent_id: str | None = None
    thread_id: str | None = None
    score: int | None = None
    """What counts: what people say, else what was computed."""
    hits: int | None = None
    unscored: str | None = None
    intents: tuple[str, ...] = ()
    """What its author wants (`listen.intents`)."""
    truncated: bool = False
    country: str | None = None
    """Where it was published, two small letters of ISO 3166."""
    sources: tuple[str, ...] = ()
    """Names of the sources that heard it, first one first."""
    adapters: tuple[str, ...] = ()
    """Names of those sources' adapters."""
    topics: dict[str, int | None] = field(default_factory=dict)
    """Topic name -> score toward it: what people say of the mention, else what was computed."""
    hits_toward: dict[str, int | None] = field(default_factory=dict)
    """Topic name -> words that say something toward it, where they are not as many as `hits`."""
    status: str = "new"
    starred: bool = False
    assignee: str | None = None
    own: bool = False
    """Said by one of our accounts."""
    noise: bool = False
    """Taken for noise, by its patterns or by people."""
    replied: bool = False
    """Its conversation holds a reply of ours."""
    tags: tuple[str, ...] = ()
    """What people call it, in the order of the alphabet."""
    note: Note | None = None
    segments: tuple[str, ...] = ()
    """The segments of the customer who said it, in the order of the alphabet."""
    correction: Correction | None = None
    story: int | None = None
    """The story that it belongs to, None when nobody else tells it."""
    copies: int = 1
    """Mentions of its story, itself among them."""

    @property
    def time(self) -> int:
        """The mention's own time in Unix seconds: the earlier of published and first seen."""
        return id_time(self.id)

    @property
    def tone(self) -> str:
        return tone(self.score, self.hits)

    @property
    def toward(self) -> dict[str, tuple[int | None, int | None]]:
        """Topic name -> (score, hits) toward it."""
        return {name: (score, self.hits_toward.get(name, self.hits)) for name, score in self.topics.items()}
