"""The adapters by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sources

ROOT = Path(__file__).resolve().parents[2]


def test_every_adapter_is_found_under_its_own_name() -> None:
    assert set(sources.BUILT_IN) <= set(sources.names())
    for name in sources.names():
        adapter = sources.get(name)
        assert adapter.name == name
        assert adapter.summary
        assert adapter.needs
        assert adapter.every > 0
        assert all(option.help for option in adapter.options.values())


def test_there_is_no_other() -> None:
    with pytest.raises(KeyError):
        sources.get("carrier-pigeon")


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = ("feedparser", "selectolax", "listen", "httpx")
    program = f"import sys, sources.feed, sources.hackernews; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
