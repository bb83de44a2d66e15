"""What all of the console's screens have in common: each keeps its state while another one is in front."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar, cast

from textual.screen import Screen

from listen.console.desk import Desk
from listen.console.keys import Scope
from listen.console.messages import Told
from listen.console.widgets.footer import SECONDS, Footer

if TYPE_CHECKING:
    from listen.console.app import ListenApp
    from listen.console.reporting import Wanted


class Place(Screen[None]):
    """A screen that a key of its own leads to."""

    SCOPES: ClassVar[tuple[Scope, ...]] = ("lists",)
    """Whose keys are alive here, besides those that mean the same everywhere."""

    def __init__(self, desk: Desk, footer: Footer) -> None:
        super().__init__()
        self.desk, self.footer = desk, footer

    @property
    def covered(self) -> bool:
        """Another screen is in front, so that nobody would see what is painted."""
        places = [screen for screen in self.app.screen_stack if isinstance(screen, Place)]
        return places[-1:] != [self]

    def say(self, message: str, style: str = "plain", seconds: float = SECONDS) -> None:
        """A message in the last line."""
        self.footer.say(message, style, seconds)

    @property
    def to_report(self) -> Wanted | None:
        """What a report is about that is asked for here: what the stream shows, where a screen has no topic itself."""
        stream = self.listen.stream
        return stream.to_report if stream is not None and stream is not self else None

    @property
    def listen(self) -> ListenApp:
        """The console that this is a screen of."""
        return cast("ListenApp", self.app)

    def key(self, name: str) -> str:
        """This person's key for a verb, as messages name it."""
        return self.listen.key(name)

    def hear(self, answer: object) -> None:
        """Take an answer of one of the store's threads, from any thread."""
        with contextlib.suppress(RuntimeError):  # the screen is gone
            self.post_message(Told(answer))

    def key_pressed(self) -> None:
        """Some key was pressed."""

    def refresh_view(self) -> None:
        """Ask anew."""
        raise NotImplementedError

    def window(self, by: int) -> None:
        """A longer (1) or a shorter (-1) time window: that of the stream, where a screen has none of its own."""
        if (stream := self.listen.stream) is not None:
            stream.window(by)

    def zoom(self) -> None:
        """The pane that has the focus alone, or all of them again."""
        raise NotImplementedError

    async def out(self) -> bool:
        """One step out; False when there is nothing to leave."""
        raise NotImplementedError

    def undo(self) -> None:
        """Take this person's last action back, whenever it was."""
        raise NotImplementedError

    def redo(self) -> None:
        """Do again what was taken back."""
        raise NotImplementedError
