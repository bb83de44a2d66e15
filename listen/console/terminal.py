"""The way to the terminal: Textual's driver, with fewer bytes, and an orderly end when terminal or process go.

Textual itself dies on SIGTERM and SIGHUP without leaving the alternate screen, and spins when its terminal is gone.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from listen.console.incoming import Incoming
from listen.console.paint import Canvas

# Textual keeps its parser private; the version is pinned, and a test goes through every key.
from textual._xterm_parser import XTermParser  # isort: skip

PATIENCE = 3.0
"""Seconds that the console has for an orderly end before it ends anyway."""

GOODBYE = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)
"""Gives the terminal back: paste, wrap, resize and mouse reports, keyboard, screen, cursor, focus, colours."""


class Output:
    """The terminal's file; when the terminal is gone, writing does nothing and says so once."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file, self._lost, self._gone = file, lost, False

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return True

    def _try(self, act: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            act()
        except (OSError, ValueError):
            self._gone = True
            self._lost()


class Driver(LinuxDriver):
    """Writes little, notices a lost terminal, and leaves on SIGTERM and SIGHUP."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file = Output(self._file or sys.stderr, self._leave)  # type: ignore[assignment]
        self.canvas = Canvas(no_color=app.no_color)
        self._ended = threading.Event()
        self._leaving = False

    def write(self, data: str) -> None:
        thin = self.canvas.thinned(data)
        if thin:
            super().write(thin)

    def send(self, data: str) -> None:
        """Write something that draws nothing, as it is."""
        super().write(data)

    def start_application_mode(self) -> None:
        self.canvas.forget()
        self._ended.clear()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        super().stop_application_mode()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    def close(self) -> None:
        super().close()
        self._ended.set()

    def _on_signal(self, number: int, _frame: object) -> None:
        self._leave()

    def _leave(self) -> None:
        """Ask the app to end, and see to it that it does: a stalled terminal blocks everything that writes."""
        if self._leaving:
            return
        self._leaving = True
        threading.Thread(target=self._insist, name="listen-leave", daemon=True).start()
        loop = self._app._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._app.exit, 0)

    def _insist(self) -> None:
        if not self._ended.wait(PATIENCE):
            self._give_back()
            os._exit(0)

    def _give_back(self) -> None:
        try:
            descriptor = self.fileno
            os.set_blocking(descriptor, False)
            termios.tcflush(descriptor, termios.TCOFLUSH)
            if self.attrs_before is not None:
                termios.tcsetattr(descriptor, termios.TCSANOW, self.attrs_before)
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, GOODBYE.encode())
        except (OSError, termios.error, ValueError):
            return

    def _run_input_thread(self) -> None:
        """A fault in this thread ends the console as any other does, instead of making it deaf."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Textual's loop, which leaves when the terminal has no more to say."""
        selector = selectors.SelectSelector()
        selector.register(self.fileno, selectors.EVENT_READ)
        parser, incoming = XTermParser(self._debug), Incoming()
        decode = getincrementaldecoder("utf-8")("replace").decode
        try:
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        data = b""
                    if not data:
                        self._leave()
                        return
                    text = incoming.feed(decode(data), time.monotonic())
                else:
                    text = incoming.tick(time.monotonic())
                if text:
                    for event in parser.feed(text):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        finally:
            selector.close()
