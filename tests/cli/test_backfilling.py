"""`listen collect --backfill`: what is wrong with the command line is said before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Commands

CONFIG = '[topics.acme]\nquery = "acme"\n[sources.press]\nadapter = "feed"\nurls = ["https://p.example/rss"]\n'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--backfill", "30d"], "wants a source"),
        (["press"], "goes with --backfill"),
        (["--backfill", "soon", "press"], "is no span of time"),
        (["--backfill", "30d", "pres"], 'did you mean "press"?'),
    ],
)
def test_wrong_usage_is_explained(listen: Commands, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    done = listen("collect", *arguments, "--db", tmp_path / "l.db", "--config", tmp_path / "config.toml")
    assert (done.code, said in done.err) == (2, True), done.err
