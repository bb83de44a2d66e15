"""Addresses: what they resolve to, whether people can open them, and the one spelling that identity is built on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote_plus, urljoin, urlsplit

_INSIDE = str.maketrans("", "", "\t\r\n")
_PORTS = {"http": 80, "https": 443}

_TRACKING = re.compile(
    r"(?:utm_\w+|at_(?:medium|campaign|custom\w*)|mc_[ce]id|ns_\w+|pk_\w+|mtm_\w+|wt\.\w+|_hs\w+|hsa_\w+"
    r"|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|twclid|igshid|ttclid|xtor|\.tsrc|traffic_source|ocid|smid|cmpid|cmp"
    r"|ref_src|ref_url|spm|phpsessid|jsessionid|aspsessionid\w*)",
    re.IGNORECASE,
)
_FROM_FEED = re.compile(r"rss|feed|atom|1\.0mainstream|rss-.*|rss_.*", re.IGNORECASE)
_TRACKING_FRAGMENT = re.compile(r"(?:xtor=|utm_|ref=|rss|echobox=|:~:|at_medium=|intcid=).*", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_SECRET = re.compile(
    r"(?:.*(?:token|secret|passw|pwd|api_?key|auth|credential|signature|private).*|.*[_-]key|key|sig|pass|pw|k|hash|jwt)",
    re.IGNORECASE,
)
_DIGEST = re.compile(r"(?=.*\d)[0-9a-f]{32,}", re.IGNORECASE)
"""A value that looks like this is a key whatever its parameter is called: Reddit's private feeds say `feed=`."""


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.translate(_INSIDE).strip())
        _ = parts.port  # raises ValueError when it is no number or out of range
    except ValueError:
        return None
    return parts


def web(url: str | None) -> str | None:
    """The address as a browser takes it, or None when it is not http(s) with a host."""
    parts = _split(url) if url else None
    if parts is None or parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.geturl().replace(" ", "%20")


def resolve(link: str | None, bases: Iterable[str | None]) -> str | None:
    """The absolute web address of `link`, against the first of `bases` that is one itself; None: there is none."""
    if not link or not (link := link.translate(_INSIDE).strip()):
        return None
    parts = _split(link)
    if parts is None:
        return None
    if parts.scheme and not (parts.scheme in _PORTS and not parts.netloc):
        return web(link)
    for base in bases:
        if whole := web(base):
            try:
                return web(urljoin(whole, link))
            except ValueError:
                return None
    return None


def _query(query: str) -> str:
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if (
            pair
            and not _TRACKING.fullmatch(name)
            and not (value and _FROM_FEED.fullmatch(value))
            and name.lower() != "rss"
        ):
            kept.append(pair)
    return "&".join(kept)


def canonical(url: str) -> str:
    """One spelling for addresses of the same page, to compare and to hash, never to open.

    Without scheme, default port, tracking and session parameters and closing slash; host in lower case. A fragment
    stays (`#comment-12` tells one comment from the next) unless it is a tracking mark such as `#xtor=RSS-1`.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname:
        return url.strip()
    port = f":{parts.port}" if parts.port and parts.port != _PORTS[parts.scheme] else ""
    path = _SESSION.sub("", parts.path).rstrip("/")
    query = _query(parts.query)
    fragment = "" if _TRACKING_FRAGMENT.fullmatch(parts.fragment) else parts.fragment
    return parts.hostname + port + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def unwrapped(url: str) -> str:
    """The address that a link of Google Alerts or Google News leads to, itself where it leads nowhere else."""
    parts = _split(url)
    if (
        parts is None
        or parts.path != "/url"
        or not re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,6}", parts.hostname or "")
    ):
        return url
    asked = dict(pair.partition("=")[::2] for pair in parts.query.split("&"))
    return web(unquote_plus(asked.get("url") or asked.get("q") or "")) or url


def host(url: str | None) -> str:
    """The host of an address in lower case, without `www.`; "" when there is none."""
    parts = _split(url) if url else None
    name = (parts.hostname or "") if parts else ""
    return name.removeprefix("www.")


def shown(url: str) -> str:
    """The address with passwords and the values of secret-looking parameters replaced by a short digest: safe to show.

    The digest keeps addresses apart that differ in the secret alone.
    """
    parts = _split(url)
    if parts is None:
        return url
    place = parts.netloc.rpartition("@")[2]
    user = f"{_digest(parts.netloc)}@" if "@" in parts.netloc else ""
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    told = (f"{name}{equals}{f'~{_digest(value)}' if _hides(name, value) else value}" for name, equals, value in pairs)
    return parts._replace(netloc=user + place, query="&".join(told)).geturl()


def hidden(url: str) -> list[str]:
    """What `shown` replaces, as it is written and as it is meant: the credentials, and values of parameters."""
    parts = _split(url)
    if parts is None:
        return []
    both = parts.netloc.rpartition("@")[0]
    user, _, password = both.partition(":")
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    found = [both, password or user, *(value for name, _, value in pairs if _hides(name, value))]
    return [value for value in dict.fromkeys(found + [unquote_plus(value) for value in found]) if value]


def _hides(name: str, value: str) -> bool:
    return bool(value) and bool(_SECRET.fullmatch(name) or _DIGEST.fullmatch(value))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
