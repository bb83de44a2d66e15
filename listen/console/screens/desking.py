"""Desks that are opened, closed and changed in the console: their query, promise, person and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from listen.console.format import sure
from listen.console.saved import of_desks
from listen.console.screens.editing import NAMED, Editing
from listen.text import one_line

if TYPE_CHECKING:
    from listen.service import Desk


class Desking(Editing):
    """The verbs of desks, for a screen with a stream and a side pane. With no name they mean the desk that is shown."""

    async def edit_desk(self, name: str) -> None:
        """Another query; what it would take and let go of stands below while it is typed."""
        from listen.console.definitions import Subject

        if desk := self._desk_meant(name):
            await self._type_query(Subject("desk", desk.name, desk.query), self.kept_query("desk", desk.name))

    async def new_desk(self, name: str) -> None:
        """Begin a desk: its name, then its query."""
        await self._begin("desk", name, [desk.name for desk in self.glance.desks])

    def open_desk(self, name: str) -> None:
        """From now on somebody answers there, and its promise runs."""
        if desk := self._desk_meant(name):
            self._set(desk, {"open": True})

    def close_desk(self, name: str) -> None:
        """Nobody answers there any more."""
        if desk := self._desk_meant(name):
            self._set(desk, {"open": False})

    def reset_desk(self, name: str) -> None:
        """Give up what was changed here."""
        if desk := self._desk_meant(name):
            self.wish(f"resetting the desk {desk.name}", "", "edit", {"desk": desk.name, "reset": True})

    def remove_desk(self, name: str) -> None:
        """End a desk that was begun here."""
        if desk := self._desk_meant(name):
            self.wish(f"removing the desk {desk.name}", "", "edit", {"desk": desk.name, "remove": True})

    async def promise_of_desk(self, name: str) -> None:
        """How soon it answers."""
        from listen.config.values import written_span
        from listen.console.definitions import promise_fault

        if desk := self._desk_meant(name):
            now = "" if desk.within is None else written_span(desk.within)
            told = "from arrival to an answer, such as 90m, 2h or 3d"
            await self._ask_of(desk, "answers within", now, told, "answer_within", promise_fault)

    async def person_of_desk(self, name: str) -> None:
        """Who is given what waits there, and what arrives."""
        if desk := self._desk_meant(name):
            told = "is given what waits there and what arrives; nothing is nobody"
            await self._ask_of(desk, "gives to", desk.assign or "", told, "assign", lambda _text: "", empties=True)

    async def tags_of_desk(self, name: str) -> None:
        """What it tags."""
        from listen.console.definitions import tags_fault

        if desk := self._desk_meant(name):
            told = "tags of what waits there and what arrives, with blanks between; nothing is none"
            text = " ".join(desk.tags)
            await self._ask_of(desk, "tags", text, told, "tags", tags_fault, str.split, empties=True)

    async def _ask_of(
        self,
        desk: Desk,
        verb: str,
        text: str,
        told: str,
        key: str,
        check: Callable[[str], str],
        read: Callable[[str], Any] = str,
        *,
        empties: bool = False,
    ) -> None:
        def apply(typed: str, _queue: bool) -> None:
            if typed == text:
                self.say(f"{sure(desk.name)} has that already")
            else:
                self._set(desk, {key: read(typed)}, {key: was})

        prompt = f"{one_line(desk.name, NAMED)} {verb}"
        waiting, was = self._waiting_at(desk), _of(desk, key)
        kept = self.kept.pop(("desk", desk.name), {}).get("set", {}).get(key, text)
        offered = " ".join(kept) if isinstance(kept, list) else str(kept)
        await self._ask_line(prompt, offered, f"{waiting}{told}", apply, check, empties=empties)

    def _waiting_at(self, desk: Desk) -> str:
        """How much a change is about, as far as it has been counted."""
        if not desk.open:
            return "closed · "
        tally = next((self.around.tallies.get(one) for one in of_desks([desk])), None)
        return "" if tally is None else f"{tally.n:,}{'' if tally.exact else '+'} wait there · "

    def _set(self, desk: Desk, sets: dict[str, Any], read: dict[str, Any] | None = None) -> None:
        body = {"desk": desk.name, "set": sets, **({} if read is None else {"read": read})}
        self.wish(f"changing the desk {desk.name}", "", "edit", body)

    def _desk_meant(self, name: str) -> Desk | None:
        name = name or self.shown_view() or ""
        found = next((desk for desk in self.glance.desks if desk.name == name), None)
        if found is None:
            self.say("no desk is shown; type its name behind the command")
        return found


def _of(desk: Desk, key: str) -> Any:
    """What a desk has, as the configuration has it."""
    return {"answer_within": desk.within, "assign": desk.assign, "tags": list(desk.tags)}[key]
