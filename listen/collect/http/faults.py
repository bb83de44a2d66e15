"""What went wrong, in our own words: a server's reason phrase, its error page and library texts are foreign."""

from __future__ import annotations

from collections.abc import Sequence

import httpcore

from listen.collect.http.records import FetchError, Limits

AGAIN = "listen tries again by itself"

_STATUSES = {
    304: ("says that nothing changed although we did not ask that", "listen asks again in full by itself"),
    400: ("does not understand what we ask", "check the source's settings"),
    401: ("does not accept our credentials", "check the token or password of this source"),
    402: ("wants to be paid", "check the account behind this source"),
    403: ("refuses to answer us", "check the token of this source, and whether its owner allows readers like us"),
    404: ("has nothing at this address", "check the address; it may come back"),
    406: ("cannot answer in a form we read", "check the address"),
    408: ("waited too long for our request", AGAIN),
    410: ("says that this is gone for good", "remove the source, or look for its new address"),
    429: ("finds that we ask too often", "nothing to do: listen waits as long as it was told to"),
    451: ("may not answer for legal reasons", "remove the source, or look for another address"),
    503: ("is not available at the moment", AGAIN),
}
_NO_ANSWER = "answered with something that is no answer to our question"


def explain(status: int, host: str) -> tuple[str, str]:
    """A sentence about the host, and what to do, for a status that is no success."""
    said, remedy = _STATUSES.get(status, ("", ""))
    if not said and status >= 500:
        said, remedy = "has a fault of its own", AGAIN
    elif not said and status >= 400:
        said, remedy = "refuses this request", "check the source's settings"
    elif status == 206:
        said, remedy = "sent only a part", AGAIN
    return f"{host} {said or _NO_ANSWER} (HTTP {status})", remedy or "check the address"


def too_big(limit: str, does: str, host: str, size: int) -> FetchError:
    """The error for a body that passes the limit of that name."""
    return FetchError(
        f"limit:{limit}-bytes",
        f"{host} {does} more than {size:,} bytes",
        f"if that is right for this source, raise {limit} in [limits]",
    )


def no_answer(fault: Exception, host: str, limits: Limits) -> FetchError:
    """The error for an exchange that ended before the head of an answer."""
    if isinstance(fault, httpcore.TimeoutException):
        return silent(host, limits)
    if isinstance(fault, httpcore.LocalProtocolError):
        return FetchError(
            "request",
            "a header of this request holds signs that may not be sent",
            "check the source's tokens and settings",
        )
    if isinstance(fault, httpcore.ProtocolError):
        return FetchError("protocol", f"{host} does not answer in HTTP", "check the address and its port")
    return FetchError("connect", f"{host} closed the connection without an answer", AGAIN)


def too_long(host: str, limits: Limits) -> FetchError:
    """The error for a fetch that is still going on at its deadline."""
    return FetchError(
        "timeout",
        f"{host} did not finish its answer within {limits.total:g} s",
        "listen tries again by itself; [limits] total is the time it may take",
    )


def silent(host: str, limits: Limits) -> FetchError:
    """The error for a silence in the middle of an answer."""
    return FetchError("timeout", f"{host} fell silent for {limits.read:g} s", AGAIN)


def after_redirects(fault: FetchError, chain: Sequence[str]) -> FetchError:
    """The same error, with the way that led there where it does not tell it; `chain`: addresses without secrets."""
    if len(chain) < 2 or "→" in fault.message:
        return fault
    message = f"{fault.message}, after the redirects {' → '.join(chain)}"
    return FetchError(fault.reason, message, fault.remedy, fault.retry_at, fault.status, fault.rate)


def broken_off(host: str) -> FetchError:
    """The error for a body that is shorter than announced, or whose packing ends early."""
    return FetchError("incomplete", f"the answer of {host} broke off", AGAIN)


def unreadable(host: str) -> FetchError:
    """The error for a Content-Encoding that we did not offer, a stack of them, or a damaged one."""
    return FetchError(
        "encoding", f"the answer of {host} is packed in a way that cannot be read", "tell the host's owner"
    )
