"""Countries as two small letters of ISO 3166, and the domains that belong to them. Imports nothing of listen."""

from __future__ import annotations

import re

GENERIC = frozenset({
    "ac", "ag", "ai", "bz", "cc", "cd", "cf", "co", "cx", "dj", "eu", "fm", "ga", "gd", "gg", "gq", "gs", "im",
    "io", "je", "la", "ly", "me", "ml", "ms", "nu", "pw", "sc", "sh", "so", "st", "su", "tk", "tl", "tm", "to",
    "tv", "vc", "vg", "ws",
})  # fmt: skip
"""Domains of two letters that anybody takes for what they sound like, and the one of a union: they tell no country."""

_ALIASES = {"uk": "gb"}
"""What people and domains write -> what ISO 3166 says."""

_CODE = re.compile("[a-z]{2}")


def code(given: str) -> str | None:
    """A country as it is stored; None for what is no code of two letters."""
    small = given.strip().lower()
    return _ALIASES.get(small, small) if _CODE.fullmatch(small) else None


def of_host(host: str) -> str | None:
    """The country that the host's domain belongs to: `fr` for lemonde.fr, `gb` for bbc.co.uk, None for acme.com."""
    _, dot, last = host.rpartition(".")
    return code(last) if dot and last not in GENERIC else None
