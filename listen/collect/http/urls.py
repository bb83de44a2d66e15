"""Addresses: read, compared, shown without their secrets, followed one redirect at a time."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import httpx

from listen.collect.http.records import FetchError
from listen.secrets import SHOWN, mask

PORTS = {"http": 80, "https": 443}
SHOWN_LENGTH = 200

Origin = tuple[str, str, int]


def parse(text: str, params: tuple[tuple[str, str], ...] = ()) -> httpx.URL:
    """The address with the parameters added to its query, without its fragment. Raises FetchError `url`."""
    url = _read(text)
    if url is None:
        raise FetchError("url", "the address cannot be understood", "write it as https://host/path")
    if url.scheme not in PORTS:
        raise FetchError("url", "the address is neither http nor https", "write it as https://host/path")
    try:
        added = urlencode(params).encode("ascii")
        return url.copy_with(query=b"&".join(part for part in (url.query, added) if part) or None, fragment=None)
    except (httpx.InvalidURL, ValueError):
        raise FetchError("url", "the query of the address cannot be written", "check the source's settings") from None


def _read(text: str) -> httpx.URL | None:
    """The address, or None when it has no host, no usable port, or cannot be read at all."""
    try:
        url = httpx.URL(text.strip())
        readable = bool(url.host) and (url.port is None or 0 < url.port < 65_536)
    except (httpx.InvalidURL, ValueError, TypeError):
        return None
    return url if readable or url.scheme not in PORTS else None


def origin(url: httpx.URL) -> Origin:
    """Scheme, host and port: what decides who may see a secret."""
    return url.scheme, host(url), url.port or PORTS[url.scheme]


def host(url: httpx.URL) -> str:
    """The host in ASCII, lower case, without the dot that would make a second name of it."""
    return url.raw_host.decode("ascii").lower().rstrip(".")


def place(url: httpx.URL) -> str:
    """`host:port`, by which politeness is counted."""
    _, name, port = origin(url)
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def redact(url: httpx.URL) -> str:
    """The address for people: credentials, the values of the query and known secrets hidden, long ones cut."""
    scheme, name, port = url.scheme, host(url), url.port
    shown = f"{scheme}://{SHOWN + '@' if url.userinfo else ''}{f'[{name}]' if ':' in name else name}"
    shown += f":{port}" if port and port != PORTS.get(scheme) else ""
    shown += mask(url.raw_path.decode("ascii").partition("?")[0])
    if url.query:
        names = (part.partition("=") for part in url.query.decode("ascii").split("&"))
        shown += "?" + "&".join(f"{name}={SHOWN}" if sign else SHOWN for name, sign, _ in names)
    return shown if len(shown) <= SHOWN_LENGTH else shown[: SHOWN_LENGTH - 1] + "…"


def fingerprint(url: httpx.URL) -> str:
    """A name for exactly this address that may be stored: what `redact` hides is told apart by a digest alone."""
    digest = hashlib.sha256(str(url).encode()).hexdigest()[:32]
    return f"{redact(url)} {digest}"


def follow(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads. Raises FetchError; a foreign scheme and the way from https to http are refused."""
    here = redact(url)
    if not location.strip():
        raise _lost(here)
    try:
        target = url.join(location.strip()).copy_with(fragment=None, userinfo=b"")
    except (httpx.InvalidURL, ValueError, TypeError):
        raise _lost(here) from None
    if target.scheme not in PORTS:
        raise FetchError(
            "redirect-scheme",
            f"{here} redirects to {target.scheme[:20]}:, which is neither http nor https",
            _CHECK,
        )
    if _read(str(target)) is None:
        raise _lost(here)
    if url.scheme == "https" and target.scheme == "http":
        raise FetchError(
            "redirect-scheme", f"{here} redirects from https to unprotected http: {redact(target)}", _CHECK
        )
    return target


def _lost(here: str) -> FetchError:
    return FetchError("redirect-location", f"{here} redirects without saying where in a way that can be read", _CHECK)


_CHECK = "open the address in a browser and use the one where it ends"
