"""Where a brand is talked about, by country, and which networks that matter there nobody listens to."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from listen import countries
from listen.query.attributes import host_of
from listen.store.relevant import Said

FILE = Path(__file__).with_name("networks.toml")

EVERYWHERE = "*"

SHARE, FEW = 0.05, 3
"""Of the mentions whose country is known, the share and the number from which on one is a country of the brand."""


class Countries(NamedTuple):
    """The countries of a brand, most talk first, and how they are known."""

    codes: Sequence[str]
    source: str
    """`option`, `topic`, `published` (where mentions were published), `languages` (a guess) or `unknown`."""
    known: int = 0
    """Mentions that it was read from."""


class Network(NamedTuple):
    """A place where people meet, as the data file tells."""

    name: str
    countries: tuple[str, ...]
    heard_by: tuple[str, ...] = ()
    how: str = ""
    over: bool = False


@cache
def _told() -> tuple[tuple[Network, ...], dict[str, str]]:
    told: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    lists = ("countries", "heard_by")
    found = (Network(**one | {key: tuple(one.get(key, ())) for key in lists}) for one in told["networks"].values())
    return tuple(found), told["languages"]


def networks() -> tuple[Network, ...]:
    """All that the data file knows."""
    return _told()[0]


def countries_of(
    said: Iterable[Said], named: Sequence[str], of_topic: Sequence[str], spoken: Iterable[str]
) -> Countries:
    """The countries that count, by the best of what is known.

    That is: `named` for this once, those of the topic, those where mentions were published, and last those where the
    languages are at home in which it is `spoken` of.
    """
    for codes, source in ((named, "option"), (of_topic, "topic")):
        if codes:
            return Countries(tuple(dict.fromkeys(codes)), source)
    counted = Counter(filter(None, map(_country, said)))
    known = counted.total()
    enough = [code for code, n in counted.most_common() if n >= FEW and n >= SHARE * known]
    if enough:
        return Countries(enough, "published", known)
    at_home = [_told()[1][language] for language in spoken if language in _told()[1]]
    return Countries(at_home, "languages" if at_home else "unknown")


def _country(one: Said) -> str | None:
    """Where it was published; a site's own domain tells that of articles from before countries were kept."""
    return one.country or (countries.of_host(host_of(one.url)) if one.network == "feed" else None)


def matter(where: Collection[str]) -> list[Network]:
    """The networks that matter in these countries, those of a few countries first."""
    found = [one for one in networks() if not {EVERYWHERE, *where}.isdisjoint(one.countries)]
    return sorted(found, key=lambda one: EVERYWHERE in one.countries)
