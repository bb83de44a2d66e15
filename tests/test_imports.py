"""Who may import whom, and what a command may not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("logging.config.dictConfig", lambda told: None)  # it would silence all other loggers
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


@pytest.mark.parametrize(
    ("statement", "banned"),
    [
        (
            "import listen.store.read, listen.store.triage",
            {"sqlite_utils", "msgspec", "textual", "httpx", "feedparser"},
        ),
        ("import listen.console.app", {"sqlite_utils", "msgspec", "httpx", "feedparser", "vaderSentiment", "sources"}),
        (
            "import listen.cli.read, listen.cli.records",
            {"textual", "sqlite_utils", "msgspec", "httpx", "feedparser", "rich"},
        ),
        (
            "import listen.query, listen.model, listen.text, listen.clock",
            {"sqlite3", "pysqlite3", "textual", "httpx", "selectolax"},
        ),
        ("import listen.config", {"textual", "sqlite3", "pysqlite3", "httpx", "sources", "msgspec"}),
        ("import sources", {"listen", "feedparser", "httpx"}),
        ("import listen.collect.collector", {"textual", "feedparser", "vaderSentiment"}),
    ],
)
def test_a_module_loads_nothing_that_it_must_not(statement: str, banned: set[str]) -> None:
    program = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not banned & set(done.stdout.split())
