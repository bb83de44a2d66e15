"""What a status means, in our own words: a server's reason phrase and error page are foreign text."""

from __future__ import annotations

_STATUSES = {
    304: ("says that nothing changed although we did not ask that", "listen asks again in full by itself"),
    400: ("does not understand what we ask", "check the source's settings"),
    401: ("does not accept our credentials", "check the token or password of this source"),
    402: ("wants to be paid", "check the account behind this source"),
    403: ("refuses to answer us", "check the token of this source, and whether its owner allows readers like us"),
    404: ("has nothing at this address", "check the address; it may come back"),
    406: ("cannot answer in a form we read", "check the address"),
    408: ("waited too long for our request", "listen tries again by itself"),
    410: ("says that this is gone for good", "remove the source, or look for its new address"),
    429: ("finds that we ask too often", "nothing to do: listen waits as long as it was told to"),
    451: ("may not answer for legal reasons", "remove the source, or look for another address"),
    503: ("is not available at the moment", "listen tries again by itself"),
}
_SENT = "answered with something that is no answer to our question"


def explain(status: int, host: str) -> tuple[str, str]:
    """A sentence about the host, and what to do, for a status that is no success."""
    said, remedy = _STATUSES.get(status, ("", ""))
    if not said and status >= 500:
        said, remedy = "has a fault of its own", "listen tries again by itself"
    elif not said and status >= 400:
        said, remedy = "refuses this request", "check the source's settings"
    elif status == 206:
        said, remedy = "sent only a part", "listen tries again by itself"
    return f"{host} {said or _SENT} (HTTP {status})", remedy or "check the address"
