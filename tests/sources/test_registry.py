"""The adapters by name."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
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


def test_other_packages_may_bring_adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("pigeon", "sources.feed:FeedAdapter", sources.GROUP),
        EntryPoint("feed", "nowhere:Nothing", sources.GROUP),
    ]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points if group == sources.GROUP else [])
    assert "pigeon" in sources.names()
    assert sources.get("pigeon").name == "feed"
    assert sources.get("feed").name == "feed", "what is built in cannot be replaced"


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = ("feedparser", "selectolax", "listen", "httpx")
    program = f"import sys, sources.feed, sources.hackernews; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
