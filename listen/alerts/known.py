"""The alerts that are open, and those that are over and not told of yet: as the store has them, kept at hand.

What is done with them here is done in the store, too, inside the engine's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from listen.alerts import cycle, mutes
from listen.alerts.cycle import Notice
from listen.alerts.rules import Rule
from listen.store import alerts
from listen.store.alerts import RESOLVED, Alert
from listen.store.sqlite import Connection

Key = tuple[str, str]
"""(rule, instance)"""


class Known:
    """What one collector knows of alerts."""

    def __init__(self) -> None:
        self.open: dict[Key, Alert] = {}
        self.over: list[Alert] = []
        """Resolved, and not told of yet."""
        self.cool: dict[Key, float] = {}
        """Until when there cannot be a new one."""
        self._last: dict[str, int] = {}
        """Rule -> when something of it was told last."""

    def load(self, connection: Connection, rules: Mapping[str, Rule], now: float) -> None:
        """Take up what the store knows."""
        known = alerts.untold(connection)
        self.open = {(one.rule, one.instance): one for one in known if one.open}
        self.over = [one for one in known if not one.open]
        self._last = alerts.told_last(connection)
        longest = max((rule.cooldown for rule in rules.values()), default=0.0)
        ended = alerts.cooling(connection, now - longest)
        self.cool = {key: at + rules[key[0]].cooldown for key, at in ended.items() if key[0] in rules}

    def heed_people(self, connection: Connection) -> None:
        """Take over what people have acknowledged."""
        if not self.open and not self.over:
            return
        stored = {one.id: one for one in alerts.untold(connection)}
        self.open = {key: _as_people_say(one, stored.get(one.id)) for key, one in self.open.items()}
        self.over = [_as_people_say(one, stored.get(one.id)) for one in self.over]

    def keep(
        self,
        connection: Connection,
        before: Alert | None,
        after: Alert | None,
        what: str,
        rules: Mapping[str, Rule],
        now: float,
    ) -> None:
        """Inside the transaction: what has become of an alert, None where there was none, or is none any more."""
        some = after or before
        assert some is not None
        key = (some.rule, some.instance)
        if after is None:
            self.open.pop(key, None)
            alerts.drop(connection, some.id)
            return
        if before is None:
            after = replace(after, id=alerts.begin(connection, after))
        else:
            alerts.save(connection, after)
        if what:
            alerts.note(connection, after.id, now, what, None, str(after.evidence.get("text", "")))
        if what == RESOLVED:
            self.open.pop(key, None)
            self.over.append(after)
            rule = rules.get(after.rule)
            self.cool[key] = now + (rule.cooldown if rule is not None else 0.0)
        else:
            self.open[key] = after

    # --- telling -----------------------------------------------------------------------------------------------------

    def to_tell(self, muted: mutes.Mutes, rules: Mapping[str, Rule], now: float) -> bool:
        """Whether there is anything to tell, or to be muted."""
        return any(self._told(muted, rules, now))

    def tell(self, connection: Connection, muted: mutes.Mutes, rules: Mapping[str, Rule], now: float) -> list[Notice]:
        """Inside the transaction: mark what is told; the notices."""
        changed, notices = self._told(muted, rules, now)
        for one in changed:
            alerts.save(connection, one)
            if one.open:
                self.open[one.rule, one.instance] = one
        ended = {one.id: one for one in changed}
        self.over = [one for each in self.over if not (one := ended.get(each.id, each)).over]
        for notice in notices:
            self._last[notice.rule] = int(now)
            for one in notice.alerts:
                alerts.note(connection, one.id, now, "told", None, notice.kind)
        return notices

    def _groups(self, muted: mutes.Mutes) -> dict[str, list[Alert]]:
        groups: dict[str, list[Alert]] = {}
        firing = [one for one in self.open.values() if one.fired_at is not None]
        for one in (*firing, *self.over):
            groups.setdefault(one.rule, []).append(replace(one, muted=muted.why(one, firing)))
        return groups

    def _told(self, muted: mutes.Mutes, rules: Mapping[str, Rule], now: float) -> tuple[list[Alert], list[Notice]]:
        """(the alerts that change by what is told or muted, the notices)."""
        changed: list[Alert] = []
        notices: list[Notice] = []
        known = {one.id: one.muted for one in (*self.open.values(), *self.over)}
        for name, group in self._groups(muted).items():
            rule = rules.get(name) or Rule(name, "match")
            its, more = cycle.tell(rule, group, self._last.get(name), now)
            numbers = {one.id for one in its}
            changed += its
            changed += [one for one in group if one.id not in numbers and one.muted != known[one.id]]
            notices += more
        return changed, notices


def _as_people_say(one: Alert, stored: Alert | None) -> Alert:
    if stored is None or stored.acked_at == one.acked_at:
        return one
    return replace(one, acked_at=stored.acked_at, acked_by=stored.acked_by, note=stored.note, verdict=stored.verdict)
