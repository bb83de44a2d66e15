"""Which rows of the list stand for a whole story. Plain Python, no screen and no store.

A folded story is one row, its first one in the order of the list; unfolded, the others stand below that one, whatever
their own places are.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from listen.console.view import Order


class Folds:
    """Stories of the mentions at hand: who stands for each, and which are unfolded."""

    def __init__(self) -> None:
        self.on = True
        """Copies are folded into one row."""
        self._stories: dict[int, tuple[int, ...]] = {}
        """Story -> its mentions in the view, the newest first."""
        self._of: dict[int, int] = {}
        self._leads: dict[int, int] = {}
        self._open: set[int] = set()
        self._partial: set[int] = set()
        """Stories that may have more mentions in the view than are known."""
        self._answered: set[int] = set()
        """Those of them that the store was asked for again."""

    def clear(self) -> None:
        """Another answer."""
        self._stories.clear()
        self._of.clear()
        self._leads.clear()
        self._open.clear()
        self._partial.clear()
        self._answered.clear()

    def learn(self, stories: Mapping[int, Sequence[int]]) -> None:
        """What the store says of stories; ids that were known stay."""
        partial = getattr(stories, "partial", frozenset[int]())
        self._partial = (self._partial - stories.keys()) | (partial & stories.keys())
        for story, ids in stories.items():
            known = self._stories.get(story, ())
            found = tuple(sorted({*known, *ids}, reverse=True)) if known else tuple(ids)
            for gone in {self._of.get(one, story) for one in found} - {story}:  # two stories have become one
                self._stories.pop(gone, None)
                self._leads.pop(gone, None)
                self._open.discard(gone)
            self._stories[story] = found
            self._of.update(dict.fromkeys(found, story))

    def joined(self, stories: Iterable[int], known: Container[int]) -> list[int]:
        """Rows at hand for which another one stands from now on: a copy of theirs came in, or made two stories one."""
        found: list[int] = []
        for story in stories if self.on else ():
            rows = [one for one in self._stories.get(story, ()) if one in known]
            if rows and story not in self._open:
                lead = self._leads.get(story)
                lead = self._leads[story] = lead if lead in rows else rows[0]
                found += [one for one in rows if one != lead]
        return found

    def wanting(self) -> list[int]:
        """One mention each of stories that are not wholly known, and were not asked for again yet."""
        return [self._stories[story][0] for story in self._partial - self._answered if self._stories.get(story)]

    def complete(self, stories: Mapping[int, Sequence[int]]) -> bool:
        """What the store says when it has taken its time; whether rows change by that."""
        before = {story: (self._stories.get(story), story in self._partial) for story in stories}
        self.learn(stories)
        self._answered |= stories.keys()
        return any((self._stories.get(story), story in self._partial) != was for story, was in before.items())

    def partly(self, one: int) -> bool:
        """Whether a row may stand for more mentions than are known."""
        return self._of.get(one) in self._partial

    # --- what is shown -----------------------------------------------------------------------------------------------

    def shown(self, ids: Iterable[int], order: Order) -> list[int]:
        """Those of the ids in the order of the list that have a row of their own."""
        found = []
        for one in ids:
            story = self._of.get(one)
            if story is None or not self.on:
                found.append(one)
                continue
            lead = self._leads.get(story)
            if lead is None:
                lead = self._leads[story] = self._first(story, one, order)
            if one == lead:
                found.append(one)
        return found

    def _first(self, story: int, met: int, order: Order) -> int:
        """Who stands for a story that is met for the first time."""
        ids = self._stories[story]
        if order in ("newest", "oldest"):
            return ids[0] if order == "newest" else ids[-1]
        return met

    def lead(self, one: int) -> int:
        """The row that stands for a mention: itself, or the first one of its story."""
        story = self._of.get(one)
        return one if story is None or not self.on else self._leads.get(story, one)

    def head(self, one: int) -> int:
        """Below which row it stands: itself, or the first one of its unfolded story."""
        return self.lead(one) if self._of.get(one) in self._open else one

    def below(self, one: int) -> bool:
        """Whether it stands below another one of its unfolded story."""
        return self.head(one) != one

    def leading(self) -> Iterable[int]:
        """Who stands for a story."""
        return self._leads.values()

    def copies(self, one: int) -> int:
        """How many mentions of the view a row stands for or above: 1 for one that nobody else tells."""
        story = self._of.get(one)
        return len(self._stories[story]) if story is not None and self._leads.get(story) == one and self.on else 1

    def all_of(self, one: int) -> tuple[int, ...]:
        """All mentions that a row means: those of its folded story, itself in front; else itself alone."""
        story = self._of.get(one)
        if story is None or not self.on or story in self._open or self._leads.get(story) != one:
            return (one,)
        return (one, *(other for other in self._stories[story] if other != one))

    def hidden(self, but: Container[int] = ()) -> set[int]:
        """Mentions for which another row stands, except where that is one of `but`."""
        if not self.on:
            return set()
        leads = ((story, lead) for story, lead in self._leads.items() if story not in self._open and lead not in but)
        return {one for story, lead in leads for one in self._stories[story] if one != lead}

    # --- changes -----------------------------------------------------------------------------------------------------

    def unfold(self, one: int) -> tuple[int, ...]:
        """The others of the folded story that a row stands for, which it does no longer; () when it stands for none."""
        others = self.all_of(one)[1:]
        if others:
            self._open.add(self._of[one])
        return others

    def fold(self, one: int) -> tuple[int, ...]:
        """The others of the unfolded story that a mention belongs to, which go; () when it belongs to none."""
        story = self._of.get(one)
        if story is None or story not in self._open:
            return ()
        self._open.discard(story)
        return self.all_of(self._leads[story])[1:]

    def arrived(self, one: int, known: Iterable[int]) -> int | None:
        """A mention came in: the row that stood for its folded story so far, when that is among those at hand."""
        story = self._of.get(one)
        lead = self._leads.get(story) if story is not None and self.on else None
        return lead if lead is not None and lead != one and lead in known else None

    def lead_by(self, one: int) -> None:
        """It stands for its story from now on."""
        self._leads[self._of[one]] = one

    def drop(self, one: int) -> int | None:
        """A mention is gone: who stands for its folded story instead, when it did."""
        story = self._of.pop(one, None)
        if story is None:
            return None
        left = self._stories[story] = tuple(other for other in self._stories[story] if other != one)
        if self._leads.get(story) != one:
            return None
        del self._leads[story]
        if not left:
            return None
        self._leads[story] = left[0]
        return left[0] if self.on and story not in self._open else None
