"""Links: which ones may be kept and opened, and when two of them are the same page."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit

from listen.text.storage import URL_LIMIT

_ENDS = "".join(map(chr, range(0x21)))
_FOLDED_AWAY = re.compile("[\t\n\r]")  # line breaks inside a link: browsers leave them out
_DOUBTFUL = re.compile('[\x00-\x20"<>\\\\^`{|}\x7f]|[^\x00-\x7f]')
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_BAD_HOST = re.compile('["#%/<>?@\\\\^`{|}]')
_DEFAULT_PORTS = (80, 443)

_TRACKING = re.compile(
    r"utm_\w+|at_(?:medium|campaign|custom\w*)|mc_[ce]id|_hs\w+|hsa_\w+|ns_\w+|pk_\w+|mtm_\w+|wt\.\w+|xtor|\.tsrc|fbclid"
    r"|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid?|mkt_tok|cmpid|cmp|ref_src|ref_url|ocid|smid"
    r"|spm|traffic_source",
    re.IGNORECASE,
)
_TRACKING_FRAGMENT = re.compile("(?:xtor=|utm_|at_medium=|:~:).*", re.IGNORECASE)


def safe_url(url: str | None) -> str | None:
    """The link when it may be kept, shown and opened, else None.

    http and https only, with a host, without a user name (`https://bank.example@evil.example/`), at most `URL_LIMIT`
    characters. Blanks, controls, direction marks and quotes in path and query come out percent-encoded; scheme and host
    in lower case. International host names stay as written; who opens a link shows them in their ASCII form.
    """
    parts = _parts(url)
    if parts is None:
        return None
    safe = f"{parts.scheme}://{parts.netloc.lower()}{_escaped(parts.path)}"
    if parts.query:
        safe += "?" + _escaped(parts.query)
    if parts.fragment:
        safe += "#" + _escaped(parts.fragment)
    return safe if len(safe) <= URL_LIMIT else None


def canonical_url(url: str) -> str:
    """The link as an identity: the spellings of one page give one text. Not for opening.

    https for http, host in lower case without a default port, no trailing slash, parameters sorted by name and without
    those that only tell where the reader came from (`utm_*`, `fbclid`, `xtor`, `.tsrc` ...). A fragment stays, since
    `#comment-12` tells one comment from the next, unless it is such a mark too (`#xtor=RSS-1`). What is no web link
    comes back stripped.
    """
    parts = _parts(url)
    if parts is None:
        return url.strip()
    host = parts.netloc.lower()
    if parts.port in _DEFAULT_PORTS:
        host = host.rpartition(":")[0]
    pairs = [pair for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(pair.partition("=")[0])]
    canonical = f"https://{host.rstrip(':')}{_escaped(parts.path).rstrip('/')}"
    if pairs:
        canonical += "?" + _escaped("&".join(sorted(pairs, key=lambda pair: pair.partition("=")[0])))
    if parts.fragment and not _TRACKING_FRAGMENT.fullmatch(parts.fragment):
        canonical += "#" + _escaped(parts.fragment)
    return canonical


def _parts(url: str | None) -> SplitResult | None:
    """The parts of a web link that hides nothing, else None."""
    if not url or len(url) > 4 * URL_LIMIT:
        return None
    try:
        parts = urlsplit(_FOLDED_AWAY.sub("", url.strip().strip(_ENDS)))
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if _BAD_HOST.search(parts.netloc) or _escaped(parts.netloc) != parts.netloc:
        return None
    return parts


def _escaped(part: str) -> str:
    """Percent-encoded where a sign is no part of a link or cannot be seen; letters of all scripts stay."""
    return _DOUBTFUL.sub(_escape, part)


def _escape(sign: re.Match[str]) -> str:
    letter = sign[0]
    if letter > "\x7f" and letter.isprintable() and not _INVISIBLE.match(letter):
        return letter
    return quote(letter, safe="", errors="replace")
