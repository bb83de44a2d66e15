"""What a match is counted under besides its source: language, country, who speaks, what its author wants.

The rollups of aspects are kept as the others are, by the one delta (`listen.store.numbers`). A store that is older than
they are is counted in idle steps, newest first: what lies below `since` is not counted yet. What most mentions have in
common is no row: unknown languages and countries, and who is no press, are what is left of all.
"""

from __future__ import annotations

from functools import lru_cache

from listen.model import KINDS, STAGES
from listen.store import mirror
from listen.store.layout import hour_of
from listen.store.sqlite import Connection

PRESS_KINDS = ("article", "episode")
"""Kinds that somebody edits and publishes; everything else is said by people."""

LANG, COUNTRY, SPEAKER, INTENT, STAGE = "lang", "country", "speaker", "intent", "stage"

PRESS = f"{SPEAKER}:press"

FROM = "aspects_from"
"""In `state`: from which id on all is counted; absent for all."""

_PRESS = frozenset(map(KINDS.index, PRESS_KINDS))

Aspects = tuple[str, ...]


@lru_cache(maxsize=8_192)
def of(lang: str | None, country: str | None, kind: int, intents: str | None) -> Aspects:
    """`lang:fr`, `country:be`, `speaker:press`, `intent:complaint`, `stage:support`: what holds of a mention."""
    found = [f"{LANG}:{lang}"] if lang else []
    found += [f"{COUNTRY}:{country}"] if country else []
    found += [PRESS] if kind in _PRESS else []
    shown = dict.fromkeys((intents or "").split())
    found += [f"{INTENT}:{intent}" for intent in shown]
    return (*found, *(f"{STAGE}:{stage}" for stage in _stage(shown)))


def _stage(intents: dict[str, None]) -> list[str]:
    """The first stage of which it shows an intent, as `stage:` of the query language has it."""
    return [stage for stage, its in STAGES.items() if not intents.keys().isdisjoint(its)][:1]


def first_hour(connection: Connection) -> int:
    """The first hour all of whose mentions are counted by their aspects, since 2000."""
    low = since(connection)
    return hour_of(low - 1) + 1 if low else 0


def since(connection: Connection) -> int:
    """The id from which on aspects are counted."""
    return int(mirror.state(connection, FROM) or 0)
