"""A store with a writer, for rules to watch."""

from __future__ import annotations

from tests.collect.conftest import server
from tests.store.conftest import clock, desk, store_path

__all__ = ["clock", "desk", "server", "store_path"]
