"""What goes into a fetch besides the request, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass

from listen.secrets import mask
from sources.base import Answer


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost, in bytes and in seconds of wall time."""

    wire: int = 10 << 20
    """Bytes of a body as sent."""
    decoded: int = 20 << 20
    """Bytes of a body once decompressed."""
    total: float = 60.0
    """The whole fetch: names, connections, redirects, head and body; waiting for one's turn does not count."""
    connect: float = 10.0
    """Name look-up and connection together; the same again for TLS."""
    read: float = 20.0
    """The longest silence in the middle of an answer."""
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with: kept and sent back verbatim, quotes and `W/` included."""

    etag: str | None
    last_modified: str | None
    url: str
    """Fingerprint (`urls.fingerprint`) of the address that gave them; no other address is ever sent them."""
    at: float
    """When that address last sent a complete body."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What the server said of our allowance; None is unknown."""

    left: int | None = None
    reset_at: float | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetch that succeeded."""

    answer: Answer | None
    """None when nothing changed."""
    validators: Validators | None
    """What to send next time; None also means: forget the old ones."""
    not_modified: bool = False
    permanent_url: str | None = None
    """Where the address has moved for good, when permanent redirects alone led there."""
    rate: Rate = Rate()
    fresh_for: float | None = None
    """Seconds for which the server says that asking again is pointless, at most a day; None when it does not say."""
    retry_at: float | None = None
    """A wish for the next request (Retry-After) that came with a good answer."""


class FetchError(Exception):
    """A fetch that failed, in words of our own: nothing of the server's, no secret.

    `reason` is short and stable: `url`, `request`, `contact`, `waiting`, `dns`, `private-address`, `connect`, `tls`,
    `timeout`, `protocol`, `incomplete`, `encoding`, `limit:wire-bytes`, `limit:decoded-bytes`, `limit:pieces`,
    `redirect-loop`, `redirect-limit`, `redirect-scheme`, `redirect-location`, `redirect-body`, or `http-404` and its
    kin. Of streams also `silence`, `closed`, `limit:frame-bytes`.
    `retry_at` is the Unix time before which asking again is refused or pointless.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        remedy: str = "",
        retry_at: float | None = None,
        status: int | None = None,
        rate: Rate | None = None,
    ) -> None:
        self.reason, self.message, self.remedy = reason, mask(message), mask(remedy)
        self.retry_at, self.status, self.rate = retry_at, status, rate
        super().__init__(self.message)
