"""Handing links and texts over: to a browser, to the clipboard of the person's terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment

from listen.console import clipboard, links, questions
from listen.console.answers import Handed, Shown
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import sure
from listen.console.screens.marking import LONG, Marking, count
from listen.console.view import View
from listen.console.widgets.detail import Detail
from listen.console.widgets.footer import Footer
from listen.console.widgets.stream_list import StreamList
from listen.console.wrapping import wrap
from listen.model import Mention
from listen.store.records import Row
from listen.text import block, one_line, safe_url

if TYPE_CHECKING:
    from listen.console.own_commands import Outcome

MOST_LINES = 2_000
"""Lines of a command's output that are shown."""

OPENED = 5
"""Links that are opened at a time."""


class Handing(Marking):
    """`o`, `y` and `Y`."""

    def __init__(self, desk: Desk, view: View, stream: StreamList, detail: Detail, footer: Footer) -> None:
        super().__init__(desk, view, stream, detail, footer)
        self.shown: Shown | None = None
        """What the detail pane shows."""
        self._at_work = ""
        """The command of people's own that runs."""

    def action_open_link(self) -> None:
        """Open its link in a browser on this screen; where there is none, hand the link over."""
        self._hand("open", OPENED)

    def action_copy(self, what: str) -> None:
        """Send the link, or the text, to the terminal's clipboard."""
        self._hand(what, None)

    def _hand(self, what: str, most: int | None) -> None:
        """Hand over at once what is at hand; the rest is asked for."""
        ids = self.targets(copies=False)
        if not ids:
            return
        wanted = ids[:most]
        rows = [row for row in map(self.stream.feed.row, wanted) if row is not None]
        whole = self.shown.mention if self.shown is not None else None
        if what == "text" and len(wanted) == 1 and whole is not None and whole.id == wanted[0]:
            self._deliver(what, [whole], 1)
        elif what != "text" and len(rows) == len(wanted):
            self._deliver(what, rows, len(ids))
        else:
            self.desk.aside.ask("hand", questions.handed(what, wanted, len(ids)))

    # --- commands of people's own ------------------------------------------------------------------------------------

    def action_own_command(self, number: int) -> None:
        """Run it with the mentions that are meant on its standard input."""
        ids = self.targets()
        if not ids:
            return
        command = self.listen.own_commands[number]
        if self._at_work:
            self.say(f"{sure(self._at_work)} is still running", "amber")
            return
        self._at_work = command.name
        self.say(f"{sure(command.name)}: running for {count(len(ids[: questions.HANDED]))} …", seconds=command.within)
        self.desk.aside.ask("hand", questions.handed(f"command {number}", ids, len(ids)))

    def _run_own(self, number: int, answer: Handed) -> None:
        from threading import Thread

        from listen.console.own_commands import carried_out

        app, mentions = self.listen, list(answer.mentions)
        command = app.own_commands[number]

        def run() -> None:
            outcome = carried_out(command, mentions)
            with contextlib.suppress(RuntimeError):  # the console has been left
                app.call_from_thread(self._own_ended, outcome, answer.asked - len(mentions))

        Thread(target=run, name="listen-command", daemon=True).start()

    def _own_ended(self, outcome: Outcome, left: int) -> None:
        """What it said stands in the detail pane until the cursor moves, and its first line below."""
        self._at_work = ""
        more = f" · {left:,} more were not given to it" if left > 0 else ""
        first = next((line for line in outcome.output.splitlines() if line.strip()), "no output")
        told = f"{sure(outcome.name)}: {outcome.fault or one_line(first, 200)}{more}"
        self.say(told, "red" if outcome.fault else "plain", LONG)
        width, colours = self.detail.content_size.width, self.listen.colours
        if self.detail.display and width > 0:
            head: Line = [Segment(f"{sure(outcome.name)}", colours.lit_bold)]
            fault: list[Line] = [[Segment(one_line(outcome.fault, width), colours.red)]] if outcome.fault else []
            shown = [
                [Segment(line[start:end], colours.plain)]
                for line in map(one_line, outcome.output.splitlines()[:MOST_LINES])
                for start, end in (wrap(line, width) or [(0, 0)])
            ]
            self.detail.show(None, [head, *fault, [], *shown])

    def handed(self, answer: Handed) -> None:
        """What was asked for is there."""
        if answer.what.startswith("command "):
            self._run_own(int(answer.what.split()[1]), answer)
            return
        self._deliver(answer.what, answer.mentions, answer.asked)

    def _deliver(self, what: str, found: Sequence[Row | Mention], asked: int) -> None:
        """Open or copy these, the first of so many that were meant."""
        if what == "text":
            if found:
                self._copy([_text(one) for one in found], what, asked)
            else:
                self.say("it is not there any more", "amber")
            return
        urls = [url for one in found if (url := safe_url(one.url)) is not None]
        if not urls:
            verb = "opened" if what == "open" else "copied"
            whose = "it has" if asked == 1 else f"none of the {asked:,} has"
            hint = "" if what == "open" else f"; {self.key('mention.copy-text')} copies its text"
            self.say(f"{whose} no link that may be {verb}: only http and https are{hint}", "amber")
        elif what == "link":
            self._copy(urls, what, asked)
        else:
            self._open(urls, asked)

    # --- opening -----------------------------------------------------------------------------------------------------

    def _open(self, urls: Sequence[str], asked: int) -> None:
        command = links.opener(links.environment())
        if command is None:
            self._copy(urls, "link", asked, f"no browser here: {links.ascii_form(urls[0])} · ")
            return
        for url in urls:
            if not links.open_link(url, command, self._browser_ended):
                self.say(f"the browser did not start; the link is {links.ascii_form(url)}", "amber", LONG)
                return
        told = links.ascii_form(urls[0]) if len(urls) == 1 else count(len(urls), "link")
        few = f" of {asked:,}: at most {OPENED} at a time" if asked > OPENED else ""
        self.say(f"opening {told}{few}")

    def _browser_ended(self, url: str, code: int) -> None:
        """From any thread: the command that opens links has ended with a fault."""
        told = f"the browser did not start (exit code {code}); the link is {links.ascii_form(url)}"
        self.app.call_from_thread(self.say, told, "amber", LONG)

    # --- copying -----------------------------------------------------------------------------------------------------

    def _copy(self, parts: Sequence[str], what: str, asked: int, before: str = "") -> None:
        """Send as many of these links or texts as there is room for, one below the other."""
        text, took = _together(parts, "\n" if what == "link" else "\n\n")
        size = f"{len(text):,} characters" if len(text) < clipboard.LONGEST else f"the first {len(text):,} characters"
        if asked > 1:
            sent = f"{before}sent {count(took, what)}, {size},"
        else:
            sent = f"{before}sent" if before else f"sent {size}"  # beside the whole link there is no room for its size
        left = f" · {asked - took:,} more have none, or no room" if asked > took else ""
        shown = "" if before or asked > 1 else f": {one_line(text, 200)}"

        def told(sent_to: clipboard.Sent) -> None:
            self.say(f"{sent} {sent_to}{left}{shown}", seconds=LONG)

        clipboard.hand_over(self.app, text, told)


def _text(one: Row | Mention) -> str:
    """Title, text and link."""
    return "\n".join(part for part in (one.title, block(one.text, clipboard.LONGEST), safe_url(one.url)) if part)


def _together(parts: Sequence[str], gap: str) -> tuple[str, int]:
    """(as many parts as a clipboard takes, the first one cut if need be; how many)."""
    text, took = clipboard.clean(parts[0]), 1
    for part in parts[1:]:
        longer = text + gap + clipboard.clean(part)
        if len(longer) > clipboard.LONGEST:
            break
        text, took = longer, took + 1
    return text, took
