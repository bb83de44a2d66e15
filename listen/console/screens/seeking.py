"""Going to the next mention of some kind: the next that nobody dealt with, the next with certain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on

from listen.console import counting, pages
from listen.console.answers import Counted, Sought
from listen.console.format import day
from listen.console.messages import CursorMoved, FindApplied, FindLeft, FindStepped, FindTyped
from listen.console.screens.ranging import Ranging
from listen.model import id_time
from listen.query import QueryError, tree

if TYPE_CHECKING:
    from listen.console.widgets.caption import Caption
    from listen.console.widgets.find_line import FindLine


class Words(NamedTuple):
    """What was looked for last."""

    text: str
    node: tree.Node


class Search(NamedTuple):
    """A search that goes on."""

    number: int
    what: str
    """In words: `new one`, `match`."""
    down: bool


class Seeking(Ranging):
    """The keys that look for something in the list."""

    caption: Caption
    find: FindLine | None = None
    """The line in which words are typed, while it is open."""
    words: Words | None = None
    """What is marked in the rows."""
    words_count: tuple[int, bool] | None = None
    """How many mentions of the view have them, and whether that is all."""
    _search = Search(0, "", True)
    _seeking = False
    _told = ""
    """What the line says."""
    _origin: int | None = None
    """Where the cursor stood when the line was opened."""

    # --- the next one ---

    def action_untriaged(self, by: int) -> None:
        """The next mention that nobody has dealt with (1), or the one before (-1)."""
        from listen.console.searches import NEW

        feed = self.stream.feed
        handled = {one for one in feed if (row := feed.row(one)) is not None and row.status != "new"}
        self._seek("new one", NEW, by > 0, passed=handled)

    def action_match(self, by: int) -> None:
        """The next mention with the words that were looked for (1), or the one before (-1)."""
        if self.words is None:
            self.say(f"nothing was looked for yet; {self.key('list.find')} finds words in this list")
        else:
            self._seek("match", self.words.node, by > 0)

    def _seek(
        self, what: str, wanted: tree.Node, down: bool, *, start: int | None = None, passed: set[int] | None = None
    ) -> None:
        """Ask for the next mention below the cursor, or above; `start` is one that counts itself."""
        from listen.console import searches

        feed, view, now = self.stream.feed, self.view, self.desk.clock.now()
        current = feed.current if start is None else start
        if current is None:
            self.say("there is nothing in this list")
            return
        self._search = Search(self._search.number + 1, what, down)
        number, skipped = self._search.number, (passed or set()) | feed.folds.hidden(passed or ())
        if view.ranked:
            at = feed.place(current) or 0
            own = int(start is None)
            among = feed.ids[at + own :] if down else feed.ids[: at + 1 - own][::-1]
            self.desk.pages.ask("seek", searches.seek_among(number, wanted, among, now, skipped))
            return
        older = down == (view.order == "newest")
        beyond = current if start is None else current + 1 if older else current - 1
        node = searches.within(view.node, wanted)
        self.desk.pages.ask("seek", searches.seek(number, node, beyond, older, now, skipped))

    def key_pressed(self) -> None:
        super().key_pressed()
        if self._seeking:
            self._seeking = False
            self.desk.pages.cancel("seek")

    def counted(self, answer: Counted) -> None:
        """How many mentions have the words that are looked for."""
        if answer.view == -self._search.number:
            self.words_count = answer.n, answer.complete
            if self.find is not None:
                self.find.tell(self._told, self.words_count)

    def sought(self, answer: Sought) -> None:
        """How far the search is; where one of before has come to is of no use."""
        if answer.number != self._search.number:
            return
        self._seeking = answer.searching
        where = "below" if self._search.down else "above"
        back = day(id_time(answer.back_to), self.desk.clock.now())
        if answer.id is not None:
            self._go_to(answer.id)
            self._tell_found("")
        elif answer.searching:
            self._tell_found(f"looking {where} for the next {self._search.what}: {back} …", seconds=60.0)
        elif answer.complete:
            self._tell_found(f"no {self._search.what} {where}")
        else:
            self._tell_found(f"no {self._search.what} {where} as far as {back}; the search was stopped")

    def _tell_found(self, message: str, seconds: float = 5.0) -> None:
        if self.find is not None:
            self._told = message
            self.find.tell(message, self.words_count)
        elif message or self.footer.message.startswith("looking "):
            self.say(message, seconds=seconds)

    def _go_to(self, mention_id: int) -> None:
        """The cursor goes to a mention of the view, which may have to be asked for."""
        feed = self.stream.feed
        if feed.place(mention_id) is None and feed.place(feed.folds.lead(mention_id)) is not None:
            self.stream.go(lambda feed: feed.go_to(mention_id))
            self.stream.refresh()
        elif feed.place(mention_id) is not None:
            self.stream.go(lambda feed: feed.go_to(mention_id))
        else:
            self.desk.pages.ask("page", pages.first(self.view, self.desk.clock.now(), mention_id))

    # --- words ---

    async def action_find(self) -> None:
        """Type words; the cursor goes to the first mention with them as they are typed."""
        if self.find is not None:
            self.set_focus(self.find.input)
            return
        from listen.console.widgets.find_line import FindLine

        self._origin, self._told = self.stream.feed.current, ""
        self.find = FindLine(self.colours)
        self.stream.finding = True
        self.caption.display = False
        await self.query_one("#stream").mount(self.find, before=self.stream)

    @on(FindTyped)
    def _find_typed(self, event: FindTyped) -> None:
        from listen.console import searches

        text = event.text.strip()
        self.words_count = None
        try:
            self._highlight(Words(text, searches.words(text)) if text else None)
        except QueryError as error:
            self._highlight(None)
            self._tell_found(error.message)
            return
        if self.words is None:
            self._back_to_origin()
            self._tell_found("")
            return
        self._seek("match", self.words.node, True, start=self._origin)
        node = searches.within(self.view.node, self.words.node)
        self.desk.details.ask("found", counting.count(-self._search.number, node, self.desk.clock.now(), listed=True))

    @on(FindStepped)
    def _find_stepped(self, event: FindStepped) -> None:
        if self.words is not None:
            self._origin = self.stream.feed.current
            self.action_match(event.by)

    @on(FindApplied)
    async def _find_applied(self) -> None:
        words = self.words
        await self._close_find()
        if words is not None and self.words_count != (0, True):
            down, up, out = map(self.key, ("list.next-match", "list.previous-match", "app.out"))
            self.say(f"{down} next · {up} the one before · {out} ends it")

    @on(FindLeft)
    async def leave_find(self) -> bool:
        """Close the line and go back to where it was opened; whether it was open."""
        if self.find is None:
            return False
        self._highlight(None)
        self._back_to_origin()
        await self._close_find()
        return True

    def drop_words(self) -> bool:
        """No words are looked for any more; whether there were any."""
        found = self.words is not None
        self._highlight(None)
        self.update()
        return found

    def _back_to_origin(self) -> None:
        if self._origin is not None and self._origin != self.stream.feed.current:
            self._go_to(self._origin)

    def _highlight(self, words: Words | None) -> None:
        if words != self.words:
            self.words = words
            self.stream.highlight(words.node if words else None)
            self.post_message(CursorMoved())  # the detail pane follows when typing rests

    def looked_for(self) -> tree.Node:
        """The words that were looked for stand out, too."""
        return self.view.node if self.words is None else tree.Or((self.view.node, self.words.node))

    async def _close_find(self) -> None:
        line, self.find, self.stream.finding = self.find, None, False
        self.caption.display = True
        self.set_focus(self.stream)
        if line is not None:
            await line.remove()
        self.update()
