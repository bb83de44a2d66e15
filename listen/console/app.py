"""The console itself: which screen there is, and the keys that mean the same everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from listen.console import keys, theme
from listen.console.desk import Desk
from listen.console.keys import Scope
from listen.console.places import PLACES, place
from listen.console.screens.place import Place
from listen.console.screens.stream import StreamScreen
from listen.console.shell import Shell
from listen.console.view import View

if TYPE_CHECKING:
    from textual.worker import Worker

    from listen.console.first.beginning import Beginning
    from listen.console.history import History
    from listen.console.own_commands import OwnCommand
    from listen.console.screens.leaving import Collects
    from listen.store.alerts import Alert
    from listen.store.presence import Visit

ALARM = 20.0
"""Seconds for which the last line tells of a page."""

COLLECTOR = 5.0
"""Seconds between two looks at whether anybody collects."""


class ListenApp(Shell, inherit_bindings=False):
    """One person's console on one store; without a desk the screen that says how to begin."""

    TITLE = "listen"
    CSS_PATH = "console.tcss"
    BINDING_GROUP_TITLE = "Everywhere"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("global"),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(
        self,
        desk: Desk | None,
        *,
        view: View | None = None,
        own_keys: Mapping[str, tuple[str, ...]] | None = None,
        own_commands: Sequence[OwnCommand] = (),
        companion: Collects | None = None,
        look: str = theme.DARK.name,
        history_file: Callable[[], Path] | None = None,
        beginning: Beginning | None = None,
        environment: Mapping[str, str] = os.environ,
        greets: bool = False,
        rings: bool = True,
    ) -> None:
        super().__init__()
        self.desk, self.first_view = desk, view or View()
        self.table = keys.with_own(own_keys or {})
        self.own_commands = own_commands
        if own_commands:
            from listen.console.own_commands import rows

            self.table += rows(own_commands)
        self._own_keys = own_keys or {}
        self.companion = companion
        self._history_file = history_file
        self._history: History | None = None
        self._beginning = beginning
        self.colours = theme.palette(look, no_color=self.no_color, color_system=self.console.color_system)
        self._greets, self._rings = greets, rings
        self.visited: float | None = None
        """When the person was here before this console was opened."""
        self._jump = 2 if environment.get("SSH_CONNECTION") else 1
        self._dress()

    def _dress(self) -> None:
        """Textual's own widgets and the style sheet take the palette's colours, too."""
        colours = self.colours if self.colours.colour else theme.DARK
        self.register_theme(theme.textual_theme(colours))
        self.theme = colours.name

    def get_default_screen(self) -> Screen[Any]:
        if self.desk is None:
            from listen.console.screens.welcome import Welcome

            assert self._beginning is not None
            return Welcome(self.colours, self._beginning)
        return self._stream_of(self.desk)

    def _stream_of(self, desk: Desk) -> StreamScreen:
        screen = StreamScreen(desk, self.colours, self.table, self.first_view, jump=self._jump)
        screen.fit(*self.size)
        return screen

    def on_mount(self) -> None:
        if self._own_keys:
            self.set_keymap({name: ",".join(own) for name, own in self._own_keys.items()})
        if self.companion is not None:
            self.set_interval(COLLECTOR, self._look_for_a_collector)

    def begin(self, store: Path, companion: Collects | None = None, view: View | None = None) -> None:
        """Leave the first screens for the stream of a store."""
        assert self._beginning is not None
        self.first_view = view or self.first_view
        self.desk = Desk(store, who=self._beginning.who, clock=self._beginning.clock, collects=companion is not None)
        self.desk.begin(self.first_view)
        self.companion = companion
        if companion is not None:
            self.set_interval(COLLECTOR, self._look_for_a_collector)
        self.call_later(self._go_to_stream, self.desk)

    async def _go_to_stream(self, desk: Desk) -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        screen = self._stream_of(desk)
        self.add_mode("stream", lambda: screen)  # Textual keeps its first screen for good, so this is another stack
        await self.switch_mode("stream")

    @work(thread=True, exclusive=True, exit_on_error=False, group="collector")
    def _look_for_a_collector(self) -> None:
        if self.companion is not None:
            self.companion.ensure()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        error = event.worker.error
        if error is not None and event.worker.group == "collector":
            self.say(f"the collector has ended: {error}", "red", 12.0)
            if self.stream is not None:
                self.stream.heartbeat.ended(getattr(error, "why", str(error)))
                self.stream.update()
            if callable(update := getattr(self.place, "update", None)):
                update()

    def key_pressed(self) -> None:
        if isinstance(self.screen, Place):
            self.screen.key_pressed()

    @property
    def stream(self) -> StreamScreen | None:
        """The stream, which lies below all others; None where nothing is listened for yet."""
        return first if self.screen_stack and isinstance(first := self.screen_stack[0], StreamScreen) else None

    @property
    def place(self) -> Place | None:
        """The screen that is in front, help and palette aside."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Place)), None)

    # --- filters that were typed before ---

    def earlier_filters(self) -> Sequence[str]:
        """What this person typed before, oldest first; those of earlier starts come in a moment later."""
        if self._history is None:
            from listen.console.history import History

            self._history = History(self._history_file)
            self._with_history(self._history.load)
        return self._history.entries

    def remember_filter(self, text: str) -> None:
        """Keep a filter that was applied."""
        self.earlier_filters()
        if self._history is not None:
            self._history.add(text)
            self._with_history(partial(self._history.keep, text))

    @work(thread=True, exit_on_error=False, group="history")
    def _with_history(self, deal: Callable[[], str]) -> None:
        if fault := deal():
            self.call_from_thread(self.say, fault, "amber", 12.0)

    # --- keys that mean the same everywhere ---

    def alarm(self, pages: Sequence[Alert]) -> None:
        """Pages begin to fire: say so on any screen, and ring."""
        from listen.console.bell import fires, ring
        from listen.console.links import environment

        told = fires(pages)
        if self.place is not None:
            self.place.say(f"● {told} · {self.key('app.alerts')} shows it", "red", ALARM)
        if self._rings and self._driver is not None:
            getattr(self._driver, "send", self._driver.write)(ring(told, environment()))

    def key(self, name: str) -> str:
        """This person's key for a verb, as messages name it."""
        return keys.key_of(self.table, name)

    def action_later(self, name: str) -> None:
        """A verb that is not there yet says so."""
        (key,) = (key for key in self.table if key.id == name)
        self.say(f"{keys.shown(key.keys[0])}  {key.help}: comes later, nothing was changed")

    def action_place(self, name: str) -> None:
        """Another screen; the stream lies below them all, and each one stays as it was left."""
        stream = self.stream
        if stream is None:
            self.say("there is nothing to go to before anything is listened for")
            return
        if name in PLACES and not self.is_screen_installed(name):
            self.install_screen(place(name, stream, self.colours, self.table), name)
        if self.place is not (self.get_screen(name) if name in PLACES else stream):
            while len(self.screen_stack) > 1:
                self.pop_screen()
            if name in PLACES:
                self.push_screen(name)
        elif self.screen is self.place:
            self.say(f"this is the {name}" if name in ("stream", "overview") else f"these are the {name}")

    def open_stream(self, query: str) -> None:
        """The stream with another query. Raises `QueryError`."""
        self.action_place("stream")
        if self.stream is not None:
            self.stream.open(query)

    def open_people(self, topic: str, window: str) -> None:
        """Who talks about a topic, within a window where the people have such a one."""
        self.action_place("people")
        if callable(show := getattr(self.place, "show_topic", None)):
            show(topic, window)

    def edit_topic(self, name: str, query: str) -> None:
        """Offer another query for a topic; what it would gain and lose is shown before it is saved."""

        async def edit() -> None:
            self.action_place("stream")
            if self.stream is not None:
                await self.stream.edit_topic(name, query)

        self.call_later(edit)

    def action_not_here(self, name: str) -> None:
        """A verb of other screens says where it works, unless something that went wrong is still being told."""
        (key,) = (key for key in self.table if key.id == name)
        ways = [f"{self.key(one)} {'to' if at else 'goes to'} {keys.BY_ID[one].help}"
                for at, one in enumerate(keys.places(key))]  # fmt: skip
        if not self.warns:
            self.say(f"{keys.shown(key.keys[0])}  {key.label}: not on this screen; {', '.join(ways)}")

    def greet(self, visit: Visit) -> None:
        """On the first open of a day the brief is told, unless the person has begun to work."""
        self.visited = float(visit.at)
        if self.desk is None or not self._greets:
            return
        here, now = (date.fromtimestamp(at) for at in (visit.at, self.desk.clock.now()))
        if here < now:
            from listen.console.panels import tell_brief

            self.run_worker(tell_brief(self, only_at_rest=True), exit_on_error=False)

    def action_keys(self) -> None:
        """The keys of what has the focus, or no longer."""
        from listen.console.screens.help import Help

        if isinstance(self.screen, Help):
            self.pop_screen()
            return
        scopes: tuple[Scope, ...] = self.place.SCOPES if self.place is not None else ("lists",)
        scopes = getattr(self.focused, "SCOPES", getattr(self.screen, "SCOPES", scopes))
        title = getattr(self.focused, "BINDING_GROUP_TITLE", None) or ""
        absent = keys.absent(getattr(self.focused, "BINDINGS", ()))
        self.push_screen(Help(self.table, scopes, self.colours, title, absent))

    async def action_palette(self) -> None:
        """Every verb, topic, view and source by its name."""
        from listen.console.screens.palette import open_palette

        await open_palette(self)  # what was typed behind the colon is for its line

    async def action_saved(self) -> None:
        """Saved filters, and those that were typed before."""
        from listen.console.screens.palette import open_saved

        await open_saved(self)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers besides verbs and names."""
        from listen.console.panels import offered

        yield from offered(self)
        if self.companion is not None and self.companion.personal:
            for keep, word in ((True, "keep listening"), (False, "stop listening")):
                told = "the collector goes on, or ends, with the console"
                yield SystemCommand(f"when I leave: {word}", told, partial(self.action_keep_listening, keep))
        for name in theme.THEMES:
            yield SystemCommand(f"theme {name}", "these colours for now", partial(self.action_look, name))

    def action_look(self, name: str) -> None:
        """Other colours, until the console is left: `me.toml` is the person's own file."""
        self.colours = theme.palette(name, no_color=self.no_color, color_system=self.console.color_system)
        for node in list(self._registry):
            if hasattr(node, "recolour"):
                node.recolour(self.colours)
        self._dress()
        self.say(f'{name} until you leave; theme = "{name}" below [me] in me.toml keeps it', seconds=12.0)

    async def action_out(self) -> None:
        """One step out; never out of listen."""
        await self._out(f"nothing to leave here; {self.key('app.quit')} leaves listen")

    async def action_back(self) -> None:
        """Back; the stream is where everything begins."""
        await self._out(f"this is the first screen; {self.key('app.quit')} leaves listen")

    async def _out(self, otherwise: str) -> None:
        if isinstance(self.screen, Place) and await self.screen.out():
            return
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.say(otherwise)

    def action_leave(self) -> None:
        """Leave listen; the first time, a collector of one's own is not left without a word. Twice leaves anyway."""
        from listen.console.screens.leaving import Leaving

        if self.companion is not None and self.companion.asks() and not isinstance(self.screen, Leaving):
            self.push_screen(Leaving(self.table, self.colours), self._answered)
        else:
            self.exit(0)

    def _answered(self, keep: bool | None) -> None:
        if keep is not None:
            self.action_keep_listening(keep)
            self.exit(0)

    def action_keep_listening(self, keep: bool) -> None:
        """Whether the collector goes on when the console is closed."""
        if self.companion is None or not self.companion.personal:
            self.say("another one than this console decides when this collector ends")
            return
        try:
            self.companion.keep(keep)
        except OSError as error:
            self.say(f"this cannot be remembered: {error}", "amber", 12.0)
            return
        self.say("the collector goes on when you leave" if keep else "the collector ends when you leave")

    def action_help_quit(self) -> None:
        """ctrl+c: what leaves."""
        self.say(f"{self.key('app.quit')} leaves listen")

    def action_refresh_view(self) -> None:
        """Ask anew, and paint anew."""
        self.forget_painted()
        self.screen.refresh()
        if callable(again := getattr(self.screen, "refresh_view", None)):
            again()

    def action_window(self, by: int) -> None:
        """A longer or a shorter time window."""
        if self.place is not None:
            self.place.window(by)
        else:
            self.say("there is no time window here")

    def action_zoom(self) -> None:
        """The pane alone, or all of them again."""
        if isinstance(self.screen, Place):
            self.screen.zoom()

    def action_undo(self) -> None:
        """Take the last action back."""
        if isinstance(self.screen, Place):
            self.screen.undo()
        else:
            self.say("what was done is taken back, and done again, in the stream")

    def action_redo(self) -> None:
        """Do again what was taken back."""
        if isinstance(self.screen, Place):
            self.screen.redo()
        else:
            self.say("what was done is taken back, and done again, in the stream")
