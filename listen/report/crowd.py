"""Who speaks, for a report: which parts people take, and who says most."""

from __future__ import annotations

from collections.abc import Sequence

from listen.insight.people import Crowd, Talker, first, look
from listen.query import tree
from listen.report.names import Names
from listen.report.page import People, Speaker
from listen.store.read import Reader

LOUDEST = 8


def crowd(reader: Reader, node: tree.Node, topic: str, *, now: float) -> tuple[Crowd, Sequence[Talker]]:
    """Everybody who speaks in the mentions of a query, and those who say most; to the end, however long it takes."""
    found = look(reader, Crowd(), node, topic, budget=None, now=now)
    return found, first(reader, found, "mentions", limit=LOUDEST)


def people(found: Crowd, loudest: Sequence[Talker], names: Names) -> People | None:
    """The same as a report tells it; None where nobody is known by name."""
    shares = found.shares()
    if not shares.people:
        return None
    return People(shares, [_speaker(one, names) for one in loudest], found.n, found.complete)


def called(one: Talker) -> list[str | None]:
    """By what names a person is known: those of the first account come first."""
    return [name for account in one.who.accounts for name in (account.name, account.handle)]


def _speaker(one: Talker, names: Names) -> Speaker:
    voice = one.voice
    net = (voice.pos - voice.neg) / voice.scored if voice.scored else None
    return Speaker(names.author(*called(one)), voice.n, net, one.who.followers, voice.role, voice.stance)
