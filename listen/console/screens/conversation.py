"""The conversation around a mention: who said what to whom, as it is stored, and more once it has been fetched."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from listen.console.answers import Post
from listen.console.clerk import Asked, Job
from listen.console.desk import Desk
from listen.console.facts import Line
from listen.console.format import moment, sure
from listen.console.screens.page import AskedPage
from listen.console.theme import BAR, GLYPHS, Palette
from listen.console.wrapping import wrap
from listen.store import requests
from listen.store.conversation import Conversation, Turn
from listen.store.requests import Request
from listen.text import block, cell_width, one_line

if TYPE_CHECKING:
    from listen.clock import Clock
    from listen.store.read import Reader
    from listen.store.triage import Triage

FETCH = "fetch thread"
LOOK = 0.3
"""Seconds between two looks whether it has been fetched."""

PATIENCE = 60.0
"""Seconds after which the person is told that it takes long."""

MOST_LINES, OWN_LINES = 5, 14
"""Lines of a post that are shown, and of the one that was asked about."""

READ = 4_000
"""Characters of a post that are laid out."""

ANSWERED = {"us": "green", "peers": "plain", "nobody": "amber"}
"""Who answered -> the colour in which that is said."""


class Read(NamedTuple):
    """What the store holds now."""

    lines: Sequence[Line]
    at: int
    """The line in which the mention stands that was asked about."""
    request: Request | None = None


def asked(mention_id: int, request: int | None, width: int, colours: Palette, clock: Clock) -> Job:
    """The conversation as lines of that width, and what has become of the request to fetch it."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Read:
        # First what became of the request: what it brought is there then.
        became = next((one for one in reader.requests([request] if request else []) if one.id == request), None)
        mention = reader.mention(mention_id)
        if mention is None:
            return Read([[], [Segment("  It is not stored any more.", colours.plain)]], 0, became)
        lines, at = laid_out(reader.conversation(mention), width, colours, clock.now())
        return Read(lines, at, became)

    return job


def laid_out(told: Conversation, width: int, colours: Palette, now: float) -> tuple[list[Line], int]:
    """(all of it as lines, where the mention stands that was asked about); everything said is foreign."""
    style = "green" if told.own else ANSWERED[told.answered]
    n = len(told.turns)
    elsewhere = told.spoken and told.answered != "us" and not told.own
    count = "nothing else stored" if n == 1 else f"{n:,} posts" + ("" if told.whole else ", the first of many")
    lines: list[Line] = [
        [],
        [
            Segment("  CONVERSATION", colours.lit_bold),
            Segment(f"   {told.words}", getattr(colours, style)),
            Segment(f" · {count}", colours.faint),
            Segment(" · we spoke elsewhere in it" if elsewhere else "", colours.faint),
        ],
    ]
    at = 0
    for turn in told.turns:
        lines.append([])
        if turn.mention.id == told.about:
            at = len(lines)
        lines += _turn(turn, turn.mention.id == told.about, width, colours, now)
    return lines, at


def _turn(turn: Turn, about: bool, width: int, colours: Palette, now: float) -> list[Line]:
    mention = turn.mention
    indent = 2 + 3 * min(turn.depth, max(0, (width - 44) // 3))
    margin = [Segment(BAR, colours.lit), Segment(" " * (indent - 1))] if about else [Segment(" " * indent)]
    who = sure((mention.author.name or mention.author.handle) if mention.author else "somebody")
    when = moment(mention.time, now)
    head = [
        *margin,
        Segment("╰ " if turn.depth else "", colours.faint),
        Segment(GLYPHS[mention.tone] + " ", colours.tone(mention.tone)),
        Segment(one_line(who, max(8, width - indent - 22)), colours.green if mention.own else colours.author),
        Segment(" us" if mention.own else "", colours.green),
        Segment(f"  {when}", colours.faint),
    ]
    if mention.status not in ("new", "skipped") and not mention.own:
        head.append(Segment(f"  {mention.status}", colours.faint))
    inner = [*margin, Segment("  " if turn.depth else "")]
    room = max(12, width - sum(cell_width(part.text) for part in inner) - 2)
    lines = [head]
    if mention.title:
        lines += _said(mention.title, inner, room, 2, colours, "bold")
    if mention.text:
        style = "plain" if about or mention.own else "faint"
        lines += _said(mention.text, inner, room, OWN_LINES if about else MOST_LINES, colours, style)
    elif not mention.title:
        lines.append([*inner, Segment("taken back by its author" if mention.state == "deleted" else "(no text)",
                                      colours.faint)])  # fmt: skip
    return lines


def _said(text: str, margin: Line, room: int, most: int, colours: Palette, style: str) -> list[Line]:
    """So many lines of it, the last with a sign where more follows."""
    shown = block(text[:READ])
    pieces: list[str] = []
    for start, end in wrap(shown, room):
        if len(pieces) == most:
            pieces[-1] = one_line(pieces[-1], room - 2) + " …"
            break
        if shown[start:end].strip() or pieces:
            pieces.append(shown[start:end])
    return [[*margin, Segment(piece, getattr(colours, style))] for piece in pieces]


class ConversationPanel(AskedPage):
    """It opens with what is stored, and asks the collector for the rest."""

    KEYS = (("j k", "move"), ("g G", "top, bottom"), ("R", "fetch again"), ("esc", "close"))

    def __init__(self, desk: Desk, colours: Palette, mention_id: int, trouble: str) -> None:
        """`trouble` is why nobody collects; empty when somebody does."""
        super().__init__(desk, colours, "conversation")
        self.mention_id, self.trouble = mention_id, trouble
        self.request: int | None = None
        self.waiting_since: float | None = None
        self.overdue = False
        self.stored: Read | None = None

    def on_mount(self) -> None:
        self.set_interval(LOOK, self._look_again)

    def refresh_view(self) -> None:
        """Have the collector ask where it took place."""
        if self.waiting_since is not None:
            return
        if self.desk.hands is None:
            self._say("read-only: only what is stored is shown")
        elif self.trouble:
            self._say(f"{self.trouble}; `listen thread {self.mention_id}` fetches it", True)
        else:
            self.waiting_since, self.overdue, self.request = time.monotonic(), False, None
            self._say("fetching the rest…", seconds=PATIENCE)
            self.desk.hands.do("fetch", (), self._ask, self.hear)

    def _ask(self, triage: Triage) -> None:
        body = {"mention": self.mention_id}
        self.hear(requests.ask(triage.connection, FETCH, body, triage.who, triage.clock))

    def lay_out(self) -> None:
        """Read it anew, as wide as the terminal is."""
        if self.size.width > 0:
            job = asked(self.mention_id, self.request, self.size.width, self.colours, self.desk.clock)
            self.clerk.ask("read", job)

    def _look_again(self) -> None:
        if self.waiting_since is None:
            return
        if self.request is not None:
            self.lay_out()
        if not self.overdue and time.monotonic() - self.waiting_since > PATIENCE:
            self.overdue = True
            self._say("it has not been answered yet; this goes on by itself", True)

    def lines(self, width: int) -> Sequence[Line] | None:
        return self.stored.lines if self.stored is not None else None

    def take(self, answer: object) -> None:
        match answer:
            case int() as number:
                self.request = number
            case Read() as read:
                self._show(read)

    def _show(self, read: Read) -> None:
        """Keep what is read where it is: lines that came in above move it down."""
        before, self.stored = self.stored, read
        self.text.lines = read.lines
        if before is not None:
            self.text.top += read.at - before.at if self.text.top else 0
        elif read.at > self.text.room // 2:
            self.text.top = read.at - 2
        self.show(read.lines)
        if read.request is not None and read.request.done_at is not None and self.waiting_since is not None:
            self.waiting_since = None
            self._tell(read.request)

    def _tell(self, request: Request) -> None:
        if request.error:
            self._say(f"not fetched: {request.error}", True)
        elif request.answer:
            new = request.answer.get("new", 0)
            self._say("nothing more was said" if not new else f"{new:,} more posts" if new > 1 else "one more post")

    def _say(self, words: str, wrong: bool = False, seconds: float = 12.0) -> None:
        self.footer.say(one_line(words, 300), "amber" if wrong else "plain", seconds)
