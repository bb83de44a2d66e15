"""What a person does with a mention. The row answers at once; the store follows in a thread of its own."""

from __future__ import annotations

import time

from textual.screen import Screen

from listen.console import links
from listen.console.answers import Acted, Shown
from listen.console.desk import Desk
from listen.console.format import sure
from listen.console.widgets.detail import Detail
from listen.console.widgets.footer import SECONDS, Footer
from listen.console.widgets.stream_list import StreamList
from listen.store.records import Row
from listen.text import block, one_line, safe_url

COPIED = 8_000
"""Characters that are sent to a clipboard at most: terminals drop longer sequences."""

LONG = 12.0
"""Seconds that a message stays which has to be read."""


class Verbs(Screen[None]):
    """The verbs of mentions, for a screen with a stream."""

    def __init__(self, desk: Desk, stream: StreamList, detail: Detail, footer: Footer) -> None:
        super().__init__()
        self.desk, self.stream, self.detail, self.footer = desk, stream, detail, footer
        self.shown: Shown | None = None
        """What the detail pane shows."""
        self._last: tuple[str, str] | None = None
        self._acted: list[int] = []

    def say(self, message: str, style: str = "plain", seconds: float = SECONDS) -> None:
        """A message in the last line."""
        self.footer.say(message, style, seconds)

    def glance_soon(self) -> None:
        """The numbers around the list have changed."""

    def rows_again(self) -> None:
        """Rows in view have changed in the store."""

    def show_detail(self) -> None:
        """What the detail pane shows has changed."""

    # --- what is meant ---

    def _target(self) -> int | None:
        """The mention that a verb means, when it may be changed; says so when not."""
        if self.desk.hands is None:
            self.say("this console only reads: it was opened with --read-only", "amber")
            return None
        feed = self.stream.feed
        found = feed.target(time.monotonic())
        if found is None and feed.ids:
            feed.paused = True
            self.say("rows were coming in under the cursor just now: the list is held, press it again", "amber")
        elif found is None:
            self.say("there is no mention here")
        return found

    def _handle(self, verb: str, mention_id: int, **changes: object) -> None:
        """Show the change at once."""
        feed = self.stream.feed
        self._acted.append(mention_id)
        row = feed.row(mention_id)
        feed.handled(mention_id, **changes)
        place = feed.place(mention_id)
        if place is not None:
            self.stream.refresh_rows(place)
        self.say(f"{verb}: {_name(row)} · u takes it back")

    # --- status and star ---

    def action_status(self, status: str) -> None:
        """Done, answered, dismissed: the row stays, dimmed, and the cursor goes to the next one."""
        self._last = ("status", status)
        mention_id = self._target()
        if mention_id is None or self.desk.hands is None:
            return
        row = self.stream.feed.row(mention_id)
        if row is not None and row.status == status:
            self.say(f"{_name(row)} is {status} already")
            return
        self.desk.hands.do(status, (mention_id,), lambda triage: triage.set_status([mention_id], status))
        self._handle(status, mention_id, status=status)
        self.stream.go(lambda feed: feed.go_to(mention_id))
        self.stream.go(lambda feed: feed.move(1))

    def action_star(self) -> None:
        """A star, or no star any more."""
        self._last = ("star", "")
        mention_id = self._target()
        if mention_id is None or self.desk.hands is None:
            return
        row = self.stream.feed.row(mention_id)
        on = row is None or not row.starred
        self.desk.hands.do("star", (mention_id,), lambda triage: triage.star([mention_id], on))
        self._handle("starred" if on else "no longer starred", mention_id, starred=on)

    def action_again(self) -> None:
        """The last verb on this mention."""
        match self._last:
            case ("status", status):
                self.action_status(status)
            case ("star", _):
                self.action_star()
            case _:
                self.say("there is no verb to repeat yet")

    # --- back and forth ---

    def undo(self) -> None:
        """Take this person's last action back, whenever it was."""
        if self.desk.hands is not None:
            self.desk.hands.do("undo", (), lambda triage: triage.undo())
        else:
            self.say("this console only reads: it was opened with --read-only", "amber")

    def redo(self) -> None:
        """Do again what was taken back."""
        if self.desk.hands is not None:
            self.desk.hands.do("redo", (), lambda triage: triage.redo())
        else:
            self.say("this console only reads: it was opened with --read-only", "amber")

    def acted(self, acted: Acted) -> None:
        """The store has done it, or could not."""
        feed = self.stream.feed
        if acted.error is not None:
            for mention_id in acted.ids:
                feed.forget(mention_id)
            self.say(f"{acted.verb} failed: {acted.error}", "red", LONG)
            self.rows_again()
            return
        if acted.verb in ("undo", "redo"):
            self.say(acted.text or f"there is nothing to {acted.verb}")
            if acted.verb == "undo" and acted.text and self._acted:
                back = self._acted.pop()
                self.stream.go(lambda feed: feed.go_to(back))
            feed.forget_rows()
            self.rows_again()
        self.show_detail()
        self.glance_soon()

    # --- links and copies ---

    def _row(self) -> Row | None:
        current = self.stream.feed.current
        row = self.stream.feed.row(current) if current is not None else None
        if row is None:
            self.say("there is no mention here")
        return row

    def action_open_link(self) -> None:
        """Open its link in a browser on this screen; where there is none, hand the link over."""
        row = self._row()
        if row is None:
            return
        url = safe_url(row.url)
        if url is None:
            self.say("it has no link that may be opened: only http and https are", "amber")
            return
        shown = links.ascii_form(url)
        command = links.opener(links.environment())
        if command is None:
            self.app.copy_to_clipboard(url)
            self.say(f"no browser on this screen; sent to your terminal's clipboard: {shown}", seconds=LONG)
        elif links.open_link(url, command):
            self.say(f"opening {shown}")
        else:
            self.say(f"the browser did not start; the link is {shown}", "amber", LONG)

    def action_copy(self, what: str) -> None:
        """Send the link, or the text, to the terminal's clipboard. Whether it arrived nobody can know."""
        row = self._row()
        if row is None:
            return
        url = safe_url(row.url)
        if what == "link":
            if url is None:
                self.say("it has no link that may be copied; Y copies its text", "amber")
                return
            self.app.copy_to_clipboard(url)
            self.say(f"sent to your terminal's clipboard: {links.ascii_form(url)}", seconds=LONG)
            return
        whole = self.shown.mention if self.shown is not None and self.shown.id == row.id else None
        parts = (row.title, whole.text if whole else row.text)
        text = block("\n".join(part for part in parts if part)[:COPIED], COPIED)
        self.app.copy_to_clipboard(f"{text}\n{url}" if url else text)
        cut = f"the first {COPIED:,} characters " if whole and len(whole.text) > COPIED else ""
        self.say(f"{cut}sent to your terminal's clipboard: {one_line(text, 50)}", seconds=LONG)


def _name(row: Row | None) -> str:
    """Whom a message is about."""
    if row is None:
        return "the mention"
    return sure(row.author) if row.author else one_line(row.title or row.text, 40)
