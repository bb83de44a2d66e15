"""`t` and `e`: tags, a note, and who takes care of mentions, typed in a line and set in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from listen.absence import away, told
from listen.console.format import sure
from listen.console.screens.acting import MARKED, marking
from listen.console.screens.marking import LONG, count
from listen.console.screens.rules import Rules
from listen.console.screens.verbs import RENAMED, Begun
from listen.model import Mention
from listen.store.records import Row
from listen.store.triage import Done, Triage
from listen.text import one_line
from listen.text.tag import TAG_HINT

if TYPE_CHECKING:
    from listen.console.working import Edit


class Working(Rules):
    """The verbs of mentions that take words, for a screen with a stream."""

    async def action_tag(self) -> None:
        """Type tags; those behind a dash are taken away."""
        ids = self.targets() if self._may_write() else ()
        if not ids:
            return
        rows = self._at_hand(ids)
        has = list(dict.fromkeys(tag for row in rows for tag in row.tags))
        those = f" · has {' '.join(has)}" if has else ""
        told = f"{self._of_whom(ids)}{those} · several with blanks, -tag removes"
        await self._type("tag", "", told, has, _tag_fault, lambda text: self._tag(ids, text))

    async def action_edit(self) -> None:
        """Type a note, and before it, behind an @, who takes care."""
        ids = self.targets() if self._may_write() else ()
        if not ids:
            return
        from listen.console import working

        one = self._whole(ids)
        if len(ids) == 1 and one is None:
            self.say("it is being read; press it again")
            return
        note, person = (one.note.text if one.note else "", one.assignee) if one is not None else ("", None)
        whole = one is not None
        rest = (
            "@name in front gives it to somebody"
            if whole
            else "@name in front gives them to somebody, what you leave out stays"
        )

        def apply(text: str) -> None:
            self._edit(ids, working.edited(text, note, person, all_of_it=whole))

        told = f"{self._of_whom(ids)} · {rest}"
        await self._type("assignee", working.shown(note, person), told, (), _no_fault, apply)

    def _whole(self, ids: Sequence[int]) -> Mention | None:
        """The mention that is meant alone, with its note."""
        shown = self.shown.mention if self.shown is not None else None
        return shown if len(ids) == 1 and shown is not None and shown.id == ids[0] else None

    def _at_hand(self, ids: Sequence[int]) -> list[Row]:
        return [row for row in map(self.stream.feed.row, ids) if row is not None]

    def _of_whom(self, ids: Sequence[int]) -> str:
        row = self.stream.feed.row(ids[0])
        if len(ids) > 1 or row is None:
            return count(len(ids))
        return sure(row.author or "-")

    async def _type(
        self,
        kind: str,
        text: str,
        purpose: str,
        has: Sequence[str],
        check: Callable[[str], str],
        apply: Callable[[str], None],
    ) -> None:
        from listen.console.widgets.working_line import WorkLine

        await self.close_lines()
        self._named = lambda given, _queue: apply(given)
        self.naming = WorkLine(self.colours, kind, text, purpose, has, check)
        await self.open_naming(self.naming)

    def rename_tag(self, text: str) -> None:
        """`vip customer`: another name for a tag; when there is one of that name, the two become one."""
        if not self._may_write() or self.desk.hands is None:
            return
        names = text.split()
        if len(names) != 2:
            self.say("write tag rename, the tag and its new name: `tag rename vip customer`", "amber", LONG)
            return

        def rename(triage: Triage) -> Done:
            try:
                return triage.rename_tag(*names)
            except ValueError as error:
                return Done(str(error), 0)

        self._begun.append(Begun())
        self.desk.hands.do(RENAMED, (), rename)

    def mark_time(self, text: str) -> None:
        """`TV ad`: what happens now, beside the numbers of the topic that is shown, or of all."""
        if not self._may_write() or self.desk.hands is None:
            return
        self._begun.append(Begun())
        self.desk.hands.do(MARKED, (), marking(text, self.topic, self.desk.clock.now()))

    # --- what becomes of it ------------------------------------------------------------------------------------------

    def _tag(self, ids: Sequence[int], text: str) -> None:
        from listen.store import tags
        from listen.text import fold

        self._last = lambda: self._tag_again(text)
        asked = tags.asked(text)
        on = {fold(name): name for name in (field.removeprefix(tags.TAG) for field, value in asked if value)}
        gone = {fold(field.removeprefix(tags.TAG)) for field, value in asked if not value}

        def tagged(row: Row) -> Row:
            kept = {fold(tag): tag for tag in row.tags if fold(tag) not in gone}
            return row._replace(tags=tuple(name for _, name in sorted({**on, **kept}.items())))

        rows = self._at_hand(ids)
        verb = ", ".join(tags.words(field, value) for field, value in asked)
        self._carry_out(verb, ids, lambda triage: triage.tag(ids, text))
        self._show_changed(map(tagged, rows))

    def _tag_again(self, text: str) -> None:
        if ids := self.targets() if self._may_write() else ():
            self._tag(ids, text)

    def _edit(self, ids: Sequence[int], edit: Edit) -> None:
        if edit.note is None and edit.person is None:
            self.say("nothing was changed")
            return
        self._last = lambda: self._edit_again(edit)
        rows = self._at_hand(ids)
        self._carry_out(edit.told(), ids, lambda triage: triage.edit(ids, note=edit.note, person=edit.person))
        self._tell_absence(edit.person)
        changes: dict[str, Any] = {}
        if edit.note is not None:
            changes["noted"] = bool(edit.note)
        if edit.person is not None:
            changes["assignee"] = edit.person or None
        self._show_changed(row._replace(**changes) for row in rows)

    def _tell_absence(self, person: str | None) -> None:
        """Whoever gives something to somebody who is away should know."""
        day = date.fromtimestamp(self.desk.clock.now())
        found = away(self.glance.absences, person, day) if person else None
        if found is not None:
            self.say(f"given to {sure(person or '')}, {one_line(told(found))} · {self._back}", "amber", LONG)

    def _edit_again(self, edit: Edit) -> None:
        if ids := self.targets() if self._may_write() else ():
            self._edit(ids, edit)

    def _show_changed(self, rows: Iterable[Row]) -> None:
        """Show rows as they will be, at once."""
        self.stream.feed.keep(list(rows))
        self.stream.refresh()


def _tag_fault(text: str) -> str:
    """Why these are no tags; empty when they are."""
    from listen.store import tags

    try:
        return "" if tags.asked(text) else TAG_HINT
    except ValueError as error:
        return str(error)


def _no_fault(_text: str) -> str:
    return ""
