"""Why an alert is not told at the moment: a silence, or a rule that says more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from listen.alerts import cycle
from listen.alerts.rules import Rule
from listen.query import QueryError, parse
from listen.store import alerts
from listen.store.alerts import Alert, Silence
from listen.store.read import Reader
from listen.store.sqlite import Connection


class Mutes:
    """What is muted at one moment. A silence by a query wants a reader; without one it mutes nothing."""

    def __init__(self, connection: Connection, reader: Reader | None, rules: Mapping[str, Rule], now: float) -> None:
        self._silences = alerts.silences(connection, now)
        self._reader, self._rules, self._now = reader, rules, now
        self._known: dict[tuple[int, tuple[int, ...]], bool] = {}

    def why(self, one: Alert, firing: Sequence[Alert]) -> str:
        """`silence 3`, `inhibited by bad-buzz`, or nothing."""
        for silence in self._silences:
            if self._mutes(silence, one):
                return f"silence {silence.id}"
        other = cycle.inhibited(one, [each for each in firing if each.id != one.id], self._rules)
        return f"inhibited by {other}" if other else ""

    def _mutes(self, silence: Silence, one: Alert) -> bool:
        if silence.rule not in ("", one.rule) or silence.instance not in ("", one.instance):
            return False
        return not silence.query or self._found(silence, one)

    def _found(self, silence: Silence, one: Alert) -> bool:
        """Whether the query finds every mention that explains the alert."""
        ids = tuple(one.evidence.get("mentions", ()))
        key = (silence.id, ids)
        if key not in self._known:
            try:
                found = self._reader.among(parse(silence.query), ids, now=self._now) if self._reader and ids else set()
            except QueryError:
                found = set()
            self._known[key] = bool(ids) and found == set(ids)
        return self._known[key]
