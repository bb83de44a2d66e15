"""The contract of an adapter: it says what to ask and how to read the answer, and does no I/O of its own.

The collector drives: it opens the channels of each source, sends each `Request` through its one polite client, hands
the `Answer` to `parse` in a child process that may be killed, and stores the `Page` together with the next cursor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from msgspec import Struct

Cursor = dict[str, str | int | float | bool | None]
"""Where a channel stands, in the adapter's own words; kept as JSON and committed together with the page's posts."""

Settings = Mapping[str, Any]
"""The `[sources.NAME]` table of the configuration, already checked against the adapter's options."""


class Option(Struct, frozen=True):
    """A key that `[sources.NAME]` may carry for this adapter."""

    type: Literal["text", "number", "flag", "texts", "duration", "secret"]
    """A `secret` is written as a reference: `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`."""
    help: str
    required: bool = False


class Channel(Struct, frozen=True):
    """One thing to listen to: a feed's address, a query, a tag on a host. Health and cursor belong to it."""

    key: str
    """Unique and stable within its source; safe to show (no secret in it)."""
    label: str
    """What people see in lists."""
    settings: dict[str, Any] = {}
    """What `request` and `parse` need, besides the cursor."""
    every: float | None = None
    """Seconds between two checks where the adapter knows better than the default; the configuration wins."""
    stream: bool = False
    """It is listened to over a socket: its adapter is one of `Streams`."""
    polled: bool = True
    """`request` works for it. A stream for which it does is asked once after each connection for what was said
    meanwhile (unless its socket tells that itself), and now and then where the stream is refused."""


class Cost(Struct, frozen=True):
    """What one question takes from a budget."""

    budget: str
    """The name of one of the channel's budgets."""
    most: float = 1.0
    by_answer: bool = False
    """It is `most` at most, and `Page.spent` says how much it was; a refusal costs nothing."""
    unit_price: float = 0.0
    """What one post costs, where that is so."""


class Budget(Struct, frozen=True):
    """What may be used up in a day: then nothing more is asked until the next one begins."""

    name: str
    limit: float
    unit: str
    """What is counted, as a plural: `searches`; `USD` is money."""
    key: str = ""
    """The configuration's key that sets the limit, for people who want another one."""
    holder: str = ""
    """Who has it, such as a reference to a key: all sources that name the same one share it. "": the source alone."""
    zone: str = "UTC"
    """At whose midnight the day begins."""


class Request(Struct, frozen=True):
    """What to ask over HTTP. It holds no secret: the client's caller puts those in, just before it is sent."""

    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = {}
    method: Literal["GET", "POST"] = "GET"
    body: bytes | None = None
    secrets: dict[str, str] = {}
    """Mark -> reference: each mark in address, parameters, headers and body stands for that secret. A header whose
    whole value is a reference needs none. Only what is named here is ever put in, whatever foreign text says."""
    reads: tuple[int, ...] = ()
    """Statuses of refusals that `parse` wants to read, since the body says which of several things is meant."""
    costs: tuple[Cost, ...] = ()
    """What it takes from the channel's budgets."""
    session: Session | None = None
    """Where the place wants a token that it gives out itself; ACCESS stands for it wherever a mark may stand."""
    contact: bool = False
    """The place wants to know whom it can write to: without a contact in the configuration it is not asked."""


ACCESS = "\x1faccess\x1f"
"""Stands for a session's token; words of people never hold such a sign."""
RENEWAL = "\x1frenewal\x1f"
"""Stands, in what renews a session, for what the place gave us to renew it with."""


class Session(Struct, frozen=True):
    """How a token is had that a place gives out while we run: kept in memory alone, and renewed before it ends."""

    begin: Request
    """Asks for a token in exchange for lasting secrets: a name and a password, a client's id and key."""
    access: str = "access_token"
    """Where the answer's JSON holds the token."""
    renew: Request | None = None
    """Asks for the next token instead of `begin`, with RENEWAL in it."""
    renewal: str = "refresh_token"
    """Where the answer holds what RENEWAL stands for."""
    lasts: str = "expires_in"
    """Where it holds the seconds for which the token is good; one that is a JSON Web Token says so itself."""
    remedy: str = ""
    """What to do when the place lets us not in."""


class Answer(Struct, frozen=True):
    """What came back: a complete body of status 2xx, or of one of `Request.reads`, already decoded from its transfer
    and content encodings."""

    url: str
    """The address that answered, after redirects."""
    status: int
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes


class Socket(Struct, frozen=True):
    """Where a stream is listened to. The supervisor connects, waits, and connects again."""

    kind: Literal["websocket", "sse"]
    request: Request
    """Address (`wss://...`, `https://...`), parameters, headers and secrets of the first question; always a GET."""
    silence: float = 60.0
    """Seconds without a single byte (keep-alives count as some) after which the connection is dead."""
    since: float | None = None
    """The moment from which on the server tells what was said, where it goes back: to the cursor, or as far as it
    remembers. None: it tells what is said from now on."""


class Frame(Struct, frozen=True):
    """One message of a websocket, or one event of an SSE stream; empty ones and keep-alives never get here."""

    data: bytes
    event: str = ""
    """The event's name; "" for messages of a websocket and for events that have none."""
    id: str = ""
    """The last event id as SSE has it: that of this event, or of the last one before it that had one."""


class Ending(Struct, frozen=True):
    """What a frame said that ends the connection. It is made again with the new cursor, later and later."""

    reason: str
    """A short stable word."""
    message: str
    """For people: what is wrong."""
    remedy: str = ""
    refused: bool = False
    """Our credentials or our question were refused: after a few of these nothing is asked until people change it."""


class Author(Struct, frozen=True, omit_defaults=True):
    handle: str
    name: str | None = None
    url: str | None = None
    followers: int | None = None
    uid: str | None = None
    """The network's lasting name of the account, where handles can change; it is the handle as long as that is not
    known."""


class Post(Struct, omit_defaults=True, kw_only=True):
    """One thing somebody published, as the platform told it: nothing cleaned, nothing guessed.

    Times are Unix seconds. None is unknown, which is never 0.
    """

    network: str
    """Name space of `external_id`: `hackernews`, `feed`, `mastodon` ..."""
    external_id: str
    """The platform's globally stable id."""
    kind: str = "post"
    url: str | None = None
    title: str | None = None
    text: str = ""
    markup: Literal["plain", "html"] = "plain"
    """How to read `title` and `text`."""
    author: Author | None = None
    lang: str | None = None
    """The platform's hint, often wrong."""
    published_at: int | None = None
    edited_at: int | None = None
    state: Literal["active", "edited", "deleted", "withheld"] = "active"
    rating: int | None = None
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    parent_id: str | None = None
    thread_id: str | None = None
    country: str | None = None
    """Where it was published, two letters of ISO 3166, where the platform tells."""
    tags: tuple[str, ...] = ()
    """Categories that the platform keeps beside the text, without `#`."""
    truncated: bool = False
    """The end of the text has been left out already."""
    alias: str | None = None
    """What the place calls it when it tells of its deletion, where that is another name, with the server's name where
    each has names of its own. A deletion that knows no other name carries it as `external_id`, too."""


class Reject(Struct, frozen=True):
    """One item that could not be read, with the reason and the beginning of what it was."""

    reason: str
    """A short stable word, then plain words: `no-identity: neither id, link, title nor text`."""
    sample: str = ""


class Account(Struct, frozen=True):
    """What a page tells of an account beside its posts. Nothing is stored of accounts that said nothing we keep."""

    network: str
    author: Author
    """With its `uid`."""
    gone: Literal["", "deleted", "withheld"] = ""
    """The platform took the account away, and with it all that it said."""
    unsure: bool = False
    """It may be called otherwise now, and the page does not say how: see `Names`."""


class Page(Struct):
    """What an answer held."""

    posts: list[Post]
    cursor: Cursor = {}
    more: bool = False
    """Ask again at once with the new cursor: the answer was one page of several."""
    rejects: list[Reject] = []
    every: float | None = None
    """The publisher's own wish for the least number of seconds between two checks (ttl, sy:updatePeriod ...)."""
    skip: tuple[int, ...] = ()
    """Hours of the week, 0 to 167 from Monday's first (UTC), in which the publisher wishes not to be asked."""
    title: str | None = None
    """What the channel calls itself."""
    pause: float | None = None
    """Seconds for which the whole host is to be left alone, where the answer says so in its body."""
    left: int | None = None
    """Questions left of our allowance, where the answer says so in its body."""
    a_day: float | None = None
    """For `Estimates`: how many posts a day there are to find."""
    spent: dict[str, float] = {}
    """Budget -> what the answer cost, for costs that are known by the answer alone."""
    accounts: list[Account] = []
    """Accounts that are called otherwise now, or are no more."""
    at: float | None = None
    """For streams: the moment of the newest frame, as the server's clock has it. Now less this is the lag."""
    gap: tuple[float, float] | None = None
    """For streams: from when to when the server can no longer tell what was said."""
    ending: Ending | None = None
    """For streams: this connection is of no further use. Frames after the one that said so are not read."""


class Door(Struct, frozen=True):
    """Where others bring what they have to say."""

    address: str
    """`host:port` of this machine to wait at."""
    secret: str
    """Reference to what they must know."""
    signed: bool
    """They sign each body with it; else they send it along."""


class SourceError(Exception):
    """The answer cannot be used. `reason` is a short stable word, the text is for people, `remedy` says what to do."""

    def __init__(self, reason: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.remedy = remedy


class Adapter(Protocol):
    """One kind of place. Adapters are stateless: all state is in the channel and the cursor."""

    name: str
    """As written in `adapter = "..."`."""
    summary: str
    """One line for `listen sources kinds`."""
    needs: str
    """What somebody must have before it can listen: `nothing`, `a free key of ...`."""
    every: float
    """Seconds between two checks of a channel, unless the configuration says otherwise."""
    options: Mapping[str, Option]

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """The channels of a source. `terms`: the fewest words, `#tags`, `@handles` and phrases (words with blanks in
        between, side by side) that cover the topics, for adapters that search. Whatever is found is matched again.

        Raises SourceError when the settings cannot work, in words that name the key.
        """
        ...

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request: ...

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """Raises SourceError when the answer is of no use; a bad item is a `Reject` and spares its neighbours."""
        ...


@runtime_checkable
class Explains(Protocol):
    """An adapter that knows what its place means by an HTTP refusal may say it in words of its own."""

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """What is wrong and what to do; None where the client's own words serve as well."""
        ...


@runtime_checkable
class Backfills(Protocol):
    """An adapter whose place can be asked for what was said before it was listened to."""

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """The cursor from which on `request` and `parse` read back to `since` (Unix seconds), page by page.

        None for a channel that tells only what it has now.
        """
        ...


@runtime_checkable
class Streams(Protocol):
    """An adapter some of whose channels are listened to over a socket (`Channel.stream`).

    Such an adapter finds `stream = true` among the settings that `channels` is given, where the source says so.
    """

    def socket(self, channel: Channel, cursor: Cursor, now: float) -> Socket | None:
        """Where to listen, going on from the cursor. Asked anew for each connection.

        None: that is not known before `request` has been asked and has moved the cursor. Raises SourceError.
        """
        ...

    def read(self, channel: Channel, cursor: Cursor, frames: Sequence[Frame], now: float) -> Page:
        """What some frames held, at least one, in the order in which they came.

        Deletions are posts of state "deleted", edits such of state "edited". The page's cursor is kept together with
        its posts, and the next frames are read with it. A bad frame is a `Reject`.
        """
        ...


@runtime_checkable
class Expresses(Protocol):
    """An adapter whose place understands `acme (battery OR "spare part")`: its terms are such expressions.

    None of them has an OR outside brackets, so that they may be joined by OR (`sources.packing`).
    """

    longest_search: int
    """Characters of the longest question that the place takes."""


@runtime_checkable
class Spends(Protocol):
    """An adapter whose questions use up something that is counted by the day: a quota, or money."""

    def budgets(self, channel: Channel) -> tuple[Budget, ...]: ...

    def visit_costs(self, channel: Channel) -> tuple[Cost, ...]:
        """What one visit takes as a rule: the pace follows from it, and `listen sources plan` shows it."""
        ...

    def within(self, channel: Channel, request: Request, left: Mapping[str, float]) -> Request:
        """The question itself, or a smaller one that costs no more than what is `left` of each budget, if there is."""
        ...


@runtime_checkable
class Estimates(Protocol):
    """An adapter whose place says how much a question would find, for less than finding it costs."""

    def estimate(self, channel: Channel) -> Channel:
        """A channel that is asked once from an empty cursor by `request` and `parse`, whose page says `a_day`."""
        ...


@runtime_checkable
class Names(Protocol):
    """An adapter whose posts may come with nothing but the lasting name (`Author.uid`) of who wrote them."""

    network: str
    """The name space of its posts."""
    most_names: int
    """Accounts in one question."""

    def who(self, channel: Channel, uids: Sequence[str]) -> tuple[Channel, Request]:
        """The question who these accounts are, put on behalf of a channel of its own; and the channel under which
        `parse` reads the answer, whose page holds `accounts`."""
        ...


@runtime_checkable
class Receives(Protocol):
    """An adapter that asks nobody: others bring JSON to a door of ours, and `parse` reads it like an answer."""

    def door(self, channel: Channel) -> Door: ...


class Known(Struct, frozen=True):
    """A post that is stored and asked about again."""

    external_id: str
    kind: str = "post"
    url: str | None = None
    parent_id: str | None = None
    thread_id: str | None = None


@runtime_checkable
class Threads(Protocol):
    """An adapter whose place tells the conversation around a post."""

    def thread(self, channel: Channel, post: Known) -> Channel | None:
        """A channel that tells the conversation, asked once from an empty cursor by `request` and `parse`.

        `channel` is one that heard the post, or another one of the same place. None: it cannot be asked for. Posts come
        with `parent_id` and `thread_id`; the post itself, too, where its own were not known before.
        """
        ...


@runtime_checkable
class Refreshes(Protocol):
    """An adapter whose place tells posts again by their ids, for edits, deletions and counts."""

    at_once: int
    """Posts that one question may name."""

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """A channel that tells these posts again, asked once from an empty cursor by `request` and `parse`.

        None: not one of them can be asked for there. What was asked for and has been taken away comes as a post of
        state "deleted". Where one post is asked for at a time, an answer of 404 or 410 says the same.
        """
        ...


@runtime_checkable
class Perishes(Protocol):
    """An adapter whose place lets nobody keep what it told for long unless it has told it again: see `Refreshes`."""

    keep_days: int
    """Days after which the text of what was not told again is let go."""
