"""While a page fires, what brought the mentions of its topic is asked more often, within everybody's limits."""

from __future__ import annotations

import json
from collections.abc import Mapping

from listen.clock import Clock
from listen.collect.rounds import Rounds
from listen.collect.writing import Scribe
from listen.store.write import Writer
from listen.text import fold

HURRIED = "hurried"
"""A fact in the store: channel -> the rule for whose sake it is asked more often."""

LOOKED = 500
"""Mentions of a topic, the newest, whose channels are meant."""

_CHANNELS = """
SELECT DISTINCT m.channel_id FROM (SELECT mention_id FROM matches WHERE topic_id = ? ORDER BY mention_id DESC LIMIT ?)
AS x JOIN mentions AS m ON m.id = x.mention_id"""


class Hurry:
    """Sets channels on a quicker pace, and back."""

    def __init__(self, scribe: Scribe, rounds: Rounds, clock: Clock) -> None:
        self._scribe, self._rounds, self._clock = scribe, rounds, clock
        self._urgent: Mapping[str, str] = {}
        self._told: dict[int, str] = {}

    async def look(self, urgent: Mapping[str, str]) -> bool:
        """`urgent`: folded topic -> the rule whose page fires; whether a channel is due sooner. Raises StoreError."""
        if urgent == self._urgent and self._agree():
            return False
        self._urgent = dict(urgent)
        self._told = await self._scribe.do(lambda writer: _channels(writer, urgent)) if urgent else {}
        sooner = self._set()
        await self._scribe.do(self._tell)
        return sooner

    def _agree(self) -> bool:
        """Channels that the configuration brought since do as they are told, too."""
        return all(watch.urgent == (number in self._told) for number, watch in self._rounds.watches.items())

    def _set(self) -> bool:
        now, sooner = self._clock.now(), False
        for number, watch in self._rounds.watches.items():
            began = number in self._told and not watch.urgent
            watch.urgent = number in self._told
            if began and watch.row.errors == 0:
                soon = (watch.row.checked_at or now) + watch.pace(watch.row.every)
                sooner = sooner or soon < watch.due
                watch.due = min(watch.due, max(soon, now))
        return sooner

    def _tell(self, writer: Writer) -> None:
        told = json.dumps({str(number): rule for number, rule in sorted(self._told.items())}, ensure_ascii=False)
        if (writer.state(HURRIED) or "{}") != told:
            writer.set_state(HURRIED, told)


def _channels(writer: Writer, urgent: Mapping[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for number, name in writer.connection.execute("SELECT id, name FROM topics WHERE active").fetchall():
        if fold(name) in urgent:
            for (channel,) in writer.connection.execute(_CHANNELS, (number, LOOKED)).fetchall():
                found[channel] = urgent[fold(name)]
    return found
