"""Whether the configuration's files have changed, by their times and sizes."""

from __future__ import annotations

import contextlib
from pathlib import Path

from listen.config import Config

Stamps = dict[Path, tuple[int, int]]


class Files:
    """The files of a configuration as they were when it was read."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._known = self._stamps()

    def changed(self) -> bool:
        """Whether one has changed, come or gone since the last time that this was asked."""
        before, self._known = self._known, self._stamps()
        return self._known != before

    def _stamps(self) -> Stamps:
        files = set(self.config.files)
        if self.config.files:
            files.add(self.config.folder / "console.toml")  # it may appear at any time
        stamps: Stamps = {}
        for file in files | self._lists() | self._models():
            with contextlib.suppress(OSError):
                status = file.stat()
                stamps[file] = (status.st_mtime_ns, status.st_size)
        return stamps

    def _models(self) -> set[Path]:
        """Files of what topics were taught."""
        taught = self.config.tables.get("teaching", {}).values()
        return {self.config.folder / keys["model"] for keys in taught if keys["model"]}

    def _lists(self) -> set[Path]:
        """Files that sources name as lists of feeds."""
        return {
            self.config.folder / Path(url.strip()[5:]).expanduser()
            for source in self.config.sources.values()
            for url in source.settings.get("urls") or ()
            if isinstance(url, str) and url.strip().startswith("opml:")
        }
