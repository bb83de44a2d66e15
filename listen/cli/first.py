"""The first run: what the console is given to begin from nothing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from listen.cli.common import Session
from listen.cli.companion import Companion, is_personal
from listen.cli.console import prepare
from listen.clock import from_environment
from listen.config import Config

if TYPE_CHECKING:
    from listen.console.first.beginning import Begun


class FirstRun:
    """Makes the commands that the console runs, and starts the collector when there is something to collect."""

    def __init__(self, session: Session, loaded: Config) -> None:
        from listen import config
        from listen.console.first.beginning import Beginning

        self._session = session
        self.companion: Companion | None = None
        self.beginning = Beginning(
            who=loaded.me.name,
            clock=from_environment(),
            trying=lambda text: self._command("try", "--json", "--", text),
            writing=lambda brand, text: self._command("init", f"--query={text}", "--", brand),
            begin=self._begin,
            file=(session.config_file or config.user_folder() / "config.toml").expanduser(),
            missing=session.db,
        )

    def _command(self, name: str, *arguments: str) -> list[str]:
        named = ["--config", str(self._session.config_file)] if self._session.config_file and name != "try" else []
        store = ["--db", str(self._session.db)] if self._session.db else []
        return [sys.executable, "-m", "listen", name, *named, *store, *arguments]

    def _begin(self) -> Begun:
        from listen import config
        from listen.console.first.beginning import Begun

        file = config.find_file(self._session.config_file)
        loaded = config.load(self._session.config_file, store=self._session.db)
        prepare(loaded.store)
        self.companion = Companion(loaded.store, file, personal=is_personal(loaded.store, file))
        self.companion.ensure()
        return Begun(loaded.store, self.companion, next(iter(loaded.topics), None))


def play_demo() -> None:
    """The demonstration in place of this process: the terminal is as it was before the console."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "listen", "demo"])  # noqa: S606 - arguments of our own
