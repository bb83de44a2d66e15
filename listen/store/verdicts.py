"""The writer's judgement of what arrives: the patterns that a mention shows, and floods of one author."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from listen.model import Prepared
from listen.noise import FLOOD, Judge
from listen.noise.flood import Floods
from listen.query import QueryError
from listen.query.match import Subject
from listen.store import changes, noise, records
from listen.store.mentions import New
from listen.store.sqlite import Connection

if TYPE_CHECKING:
    from listen.store.write import Writer

STEP = 200
"""Mentions that are judged anew in one step: some 30 ms."""

Found = dict[int, list[str]]
"""Mention -> names of the patterns that it shows."""


class Verdicts:
    """The patterns that count now, and what was heard lately."""

    def __init__(self) -> None:
        self._judge: Judge | None = None
        self._flood = False
        self._floods, self._stored = Floods(), Floods()
        self._warm = False

    def load(self, connection: Connection) -> None:
        """Read the patterns that count."""
        found = noise.patterns(connection)
        self._flood = FLOOD in found
        try:
            self._judge = Judge({name: query for name, (query, _) in found.items()})
        except QueryError:  # another version of this program wrote them; whoever collects writes its own
            self._judge = None
        self._stored.forget()

    def forget(self) -> None:
        """What was heard may never have been stored."""
        self._floods.forget()
        self._warm = False

    def of_new(self, connection: Connection, new: Sequence[New], places: Mapping[int, tuple[str, str]]) -> Found:
        """The verdicts on what arrives, and on what makes a flood with it; those that are no noise are left out.

        `places` are (source, adapter) by channel.
        """
        found: Found = {}
        for one in new:
            source, adapter = places[one.channel_id]
            if reasons := self.of_post(one.post, source, adapter):
                found[one.id] = reasons
        if self._flood:
            self._warm_up(connection, new)
            for one in new:
                if one.own:
                    continue
                flood = self._floods.heard(one.id, one.author_id, one.post.kind, one.post.title, one.post.text)
                _add_flood(connection, found, flood)
        return found

    def of_post(self, post: Prepared, source: str, adapter: str) -> list[str]:
        """The patterns that a post shows."""
        if self._judge is None:
            return []
        if _replies(post.kind, post.title):
            post = replace(post, title=None, title_words="")
        return self._judge.reasons(Subject.fresh(post, (source,), (adapter,)))

    def of_stored(self, connection: Connection, ids: Sequence[int]) -> Found:
        """The verdicts on these mentions, which are asked for from the newest back, and on what makes a flood."""
        found: Found = {}
        for one in records.mentions(connection, ids):
            found.setdefault(one.id, [])
            if self._judge is not None:
                told = replace(one, title=None) if _replies(one.kind, one.title) else one
                found[one.id] = self._judge.reasons(Subject.of(told)) + [FLOOD] * (FLOOD in found[one.id])
            if self._flood and one.author is not None and not one.own:
                author = hash((one.network, one.author.handle))
                _add_flood(connection, found, self._stored.heard(one.id, author, one.kind, one.title, one.text))
        return found

    def _warm_up(self, connection: Connection, new: Sequence[New]) -> None:
        if self._warm or not new:
            return
        self._warm = True
        own = {one.id for one in new}
        for known in noise.recent(connection, new[-1].seen_at):
            if known[0] not in own:
                self._floods.heard(*known)


def _replies(kind: str, title: str | None) -> bool:
    """Whether its title is that of what it answers, whose noise is not its own."""
    return bool(title) and (kind in ("comment", "reply") or (title or "")[:4].lower() in ("re: ", "aw: ", "tr: "))


def _add_flood(connection: Connection, found: Found, flood: Iterable[int]) -> None:
    for one in flood:
        if one not in found:
            found[one] = noise.names(connection, one)
        if FLOOD not in found[one]:
            found[one].append(FLOOD)


def step(writer: Writer) -> bool:
    """Judge some more of what is stored, in a transaction of its own; False when all of it is."""
    upto = noise.left(writer.connection)
    if not upto:
        return False
    with writer.transaction():
        connection = writer.connection
        ids = [
            row[0]
            for row in connection.execute("SELECT id FROM mentions WHERE id < ? ORDER BY id DESC LIMIT ?", (upto, STEP))
        ]
        if ids:
            verdicts = writer.verdicts.of_stored(connection, ids)
            changes.note(connection, noise.judge(connection, verdicts))
        noise.judged_to(connection, ids[-1] if len(ids) == STEP else 0)
    return True
