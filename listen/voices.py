"""Our own voices: which posts `[accounts]` says are ours. Pure; asked of every post that comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from listen.text import fold

HELP = (
    'write "@acme@mastodon.social" or "@acme" for a handle, "hackernews:acme" for one of that network alone, '
    '"acme.example" for a site, or the address of a profile'
)

PUBLISHED = frozenset({"article", "episode"})
"""Kinds that lie at their author's own address: elsewhere an address says what is talked about, not who talks."""

_NETWORK = re.compile(r"(?!https?:)([a-z0-9][a-z0-9_-]*):@?(\S.*)")
_SITE = re.compile(r"(?:[\w-]+\.)+[\w-]*[^\W\d_][\w-]*")
_ADDRESS = re.compile(r"https?://(?:[^/?#@]*@)?(?:www\.)?([^/?#:@]+)([^?#]*)", re.IGNORECASE)


def fault(voice: str) -> str | None:
    """What is wrong with an entry of `[accounts]`; None when it names somebody."""
    given = voice.strip()
    if given.startswith("@"):
        named = len(given) > 1 and not re.search(r"\s", given)
    elif _ADDRESS.match(given):
        named = True
    else:
        named = bool(_NETWORK.fullmatch(given) or _SITE.fullmatch(given))
    return None if named else f'"{voice}" names neither an account nor a site: {HELP}'


class Voices:
    """Who we are. Entries that name nobody (see `fault`) are passed over."""

    def __init__(self, accounts: Mapping[str, Sequence[str]]) -> None:
        self.accounts = {name: tuple(voices) for name, voices in accounts.items()}
        self._handles: dict[tuple[str, str], str] = {}
        """(network, "" for any; folded handle) -> account"""
        self._sites: dict[str, str] = {}
        self._pages: dict[str, str] = {}
        for name, voices in self.accounts.items():
            for voice in voices:
                self._learn(name, voice.strip())

    def __bool__(self) -> bool:
        return bool(self._handles or self._sites or self._pages)

    def _learn(self, name: str, voice: str) -> None:
        if fault(voice):
            return
        if voice.startswith("@"):
            self._handles.setdefault(("", fold(voice[1:])), name)
        elif _ADDRESS.match(voice):
            self._pages.setdefault(_page(voice), name)
        elif found := _NETWORK.fullmatch(voice):
            self._handles.setdefault((found[1], fold(found[2])), name)
        else:
            self._sites.setdefault(voice.lower().removeprefix("www."), name)

    def account(
        self,
        network: str,
        kind: str,
        url: str | None,
        handle: str | None,
        profile: str | None = None,
        uid: str | None = None,
    ) -> str | None:
        """The account that a post is from, None when it is not ours.

        A handle has to be the whole one: `@acme` is not acme@elsewhere.example. A site is ours with all that lies below
        it: handles that are it or belong to it, and what is published there.
        """
        for name in (uid, handle):
            folded = fold(name) if name else ""
            found = self._handles.get((network, folded)) or self._handles.get(("", folded))
            if folded and (found := found or self._of_site(folded.rpartition("@")[2])):
                return found
        if profile and self._pages and (found := self._pages.get(_page(profile))):
            return found
        return self._of_site(_host(url)) if url and kind in PUBLISHED else None

    def _of_site(self, host: str) -> str | None:
        while self._sites and "." in host:
            if found := self._sites.get(host):
                return found
            host = host.partition(".")[2]
        return None


def _host(url: str) -> str:
    found = _ADDRESS.match(url)
    return found[1].lower() if found else ""


def _page(url: str) -> str:
    """A profile's address without what does not matter."""
    found = _ADDRESS.match(url)
    return f"{found[1].lower()}{found[2].rstrip('/')}" if found else url
