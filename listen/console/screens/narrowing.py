"""`=` and `!`: a view is narrowed to what is like a mention, or rid of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from listen.console import questions
from listen.console.answers import Alike
from listen.console.messages import AlikeChosen
from listen.console.screens.marking import LONG
from listen.console.screens.seeking import Seeking
from listen.console.view import topic_named
from listen.query import QueryError

if TYPE_CHECKING:
    from listen.console.widgets.like_this import LikeThis

AROUND = 100
"""Rows whose words tell which of a mention's words are common."""


class Narrowing(Seeking):
    """The chooser of what is like a mention, for a screen with a stream."""

    chooser: LikeThis | None = None
    """While it is open."""

    async def action_alike(self, without: bool) -> None:
        """Open the chooser for the mention under the cursor; what it offers follows from the store."""
        one = self.target()
        if one is None:
            return
        from listen.console.widgets.like_this import LikeThis

        await self.leave_chooser()
        self.chooser = LikeThis(self.colours, one, without, back=self.focused)
        await self.mount(self.chooser)
        view, now = self.view, self.desk.clock.now()
        topics = self.taught() if without and self.desk.hands is not None else {}
        others = self.stream.feed.texts(AROUND)
        self.desk.aside.ask("alike", questions.alike(view.text, view.node, one, others, now, topics))

    def taught(self) -> dict[str, str]:
        """The topics that something could be taken out of, with their queries: the one that is shown, else all."""
        named = topic_named([topic.name for topic in self.glance.topics], self.view.topic)
        return {topic.name: topic.query for topic in self.glance.topics if named in (None, topic.name)}

    async def edit_topic(self, name: str, query: str = "") -> None:
        """Type another query for a topic."""
        raise NotImplementedError

    def alike(self, answer: Alike) -> None:
        """What the chooser offers, and how many mentions each has."""
        if self.chooser is not None:
            self.chooser.tell(answer)

    async def leave_chooser(self) -> bool:
        """Close the chooser; whether it was open."""
        if self.chooser is None:
            return False
        chooser, self.chooser = self.chooser, None
        self.desk.aside.cancel("alike")
        if self.focused is chooser:
            self.set_focus(chooser.back or self.stream)
        await chooser.remove()
        return True

    @on(AlikeChosen)
    async def _alike_chosen(self, event: AlikeChosen) -> None:
        await self.leave_chooser()
        from listen.console.alike import narrowed

        if event.choice is None:
            self.say("it is not there any more", "amber")
            return
        choice, without = event.choice, event.without
        if choice.topic:
            # Nothing has changed yet: the line shows what the topic would lose, enter applies it, esc leaves it.
            await self.edit_topic(choice.topic, choice.query)
            return
        try:
            text = narrowed(self.view.text, choice.term, without)
        except QueryError as error:
            self.say(f"the filter cannot take that as well: {error.message}", "amber", LONG)
            return
        self.open(text, at=self.here())
        self.remember(text)
        self.set_focus(self.stream)
        told = "nothing" if without else "only"
        self.say(
            f"{told} with {choice.what} {choice.value} · {self.key('list.drop-filter')} shows all again", seconds=LONG
        )

    def remember(self, text: str) -> None:
        """A query that was applied joins the history of filters."""
