"""Changing a desk while the program runs: which waiting mentions it takes and lets go of, said before it does.

What a desk has is asked of its query whenever somebody looks, so that a change holds at once for all that is stored;
what desks gave to people and tagged is brought in line here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from listen.clock import Clock
from listen.collect.channels import desks_of, saved_views
from listen.config import Config
from listen.insight.desks import waiting
from listen.query import QueryError, parse, tree
from listen.query.book import Book, resolved
from listen.service import Desk, told
from listen.store import duties
from listen.store.names import book
from listen.store.read import Reader
from listen.store.write import Writer


@dataclass(frozen=True, slots=True)
class Shift:
    """What a change makes of one desk's waiting mentions."""

    before: Desk | None
    after: Desk | None
    taken: tuple[int, ...]
    gone: tuple[int, ...]
    has: tuple[int, ...]
    """All that wait there afterwards."""
    exact: bool

    @property
    def name(self) -> str:
        """Of the desk."""
        found = self.after or self.before
        assert found is not None
        return found.name


def sentence(shift: Shift) -> str:
    """`after-sales would take 37 waiting mentions, let go of 4`; empty where it is neither."""
    if not shift.taken and not shift.gone:
        return ""
    least = "" if shift.exact else "at least "
    one = "" if len(shift.taken) == 1 else "s"
    return f"{shift.name} would take {least}{len(shift.taken):,} waiting mention{one}, let go of {len(shift.gone):,}"


def held(shift: Shift) -> str:
    """What a change makes of a desk, told with it: `takes 37 waiting mentions, lets go of 4; 52 wait there`."""
    least = "" if shift.exact else "at least "
    if not shift.taken and not shift.gone:
        return f"{least}{len(shift.has):,} wait there" if shift.has else ""
    moved = f"takes {least}{len(shift.taken):,} waiting mention{'' if len(shift.taken) == 1 else 's'}"
    return f"{moved}, lets go of {len(shift.gone):,}; {len(shift.has):,} wait there"


def shifts(store: Path, config: Config, clock: Clock) -> list[Shift]:
    """What a configuration changes at the open desks of the store, before it does."""
    coming = _book(config)
    after = {one.name: one for one in desks_of(config) if one.open}
    with Reader(store) as reader:
        before = {one.name: one for one in reader.desks() if one.open}
        known, now = reader.book(), clock.now()
        return [
            found
            for name in dict.fromkeys((*before, *after))
            if (found := _shift(reader, before.get(name), after.get(name), known, coming, now)) is not None
        ]


def settle(writer: Writer, found: Sequence[Shift]) -> None:
    """Take back what desks did to what they let go of, and do it to what they have now."""
    at = int(writer.clock.now())
    with writer.transaction():
        for shift in found:
            if shift.before is not None and shift.before.acts:
                again = shift.after is None or _acts_otherwise(shift.before, shift.after)
                duties.let_go(writer.connection, shift.before, (*shift.gone, *(shift.has if again else ())), at)
            if shift.after is not None and shift.after.acts:
                duties.act(writer.connection, shift.after, shift.has, at)


def would(store: Path, config: Config, name: str, query: str | None, clock: Clock) -> Shift:
    """What another query would make of a desk, were it open, or of one to come; None closes it.

    Raises QueryError, StoreError.
    """
    desk = next((one for one in desks_of(config) if one.name == name), Desk(name, "", open=False))
    node = resolved(parse(query), _book(config), strict=True) if query is not None else tree.Or(())
    with Reader(store) as reader:
        old = waiting(reader, reader.meant(parse(desk.query)) if desk.open else tree.Or(()), clock.now())
        new = waiting(reader, node, clock.now())
    return _compared(desk, desk, old, new)


def _acts_otherwise(before: Desk, after: Desk) -> bool:
    return (before.assign, before.tags) != (after.assign, after.tags)


def _shift(
    reader: Reader, before: Desk | None, after: Desk | None, known: Book, coming: Book, now: float
) -> Shift | None:
    """None where nothing changes."""
    old, new = _query(before, known), _query(after, coming)
    if old == new and (before is None or after is None or not _acts_otherwise(before, after)):
        return None
    return _compared(before, after, waiting(reader, old, now), waiting(reader, new, now))


def _compared(
    before: Desk | None, after: Desk | None, old: tuple[list[int], bool], new: tuple[list[int], bool]
) -> Shift:
    had, has = set(old[0]), set(new[0])
    taken, gone = sorted(has - had), sorted(had - has)
    return Shift(before, after, tuple(taken), tuple(gone), tuple(new[0]), old[1] and new[1])


def _query(desk: Desk | None, known: Book) -> tree.Node:
    if desk is None:
        return tree.Or(())
    try:
        return resolved(parse(desk.query), known)
    except QueryError:
        return tree.Or(())


def _book(config: Config) -> Book:
    views = [{"name": name, "query": query} for name, query, _ in saved_views(config)]
    lists = {name: list(values) for name, values in config.lists.items()}
    return book(json.dumps(views), json.dumps(lists), told(desks_of(config)))
