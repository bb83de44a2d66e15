"""`listen sources discover`: what it prints, and a trial that it begins in console.toml."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from tests.cli.conftest import Commands

CONFIG = '[topics.acme]\nquery = "acme"\n[sources.press]\nadapter = "feed"\nurls = ["https://p.example/rss"]\n'


def test_places_are_listed_and_tried(listen: Commands, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    lines = [{"id": n, "text": "acme, says r/batteries", "author": f"u{n}"} for n in range(3)]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    common = ("--db", str(tmp_path / "l.db"), "--config", str(tmp_path / "config.toml"))
    assert listen("import", tmp_path / "m.jsonl", *common).code == 0
    (told,) = listen("sources", "discover", "--json", *common).records
    assert (told["kind"], told["name"], told["mentions"], told["source"]) == (
        "subreddit",
        "r/batteries",
        3,
        "r-batteries",
    )
    shown = listen("sources", "discover", *common)
    assert 'urls = ["reddit:r/batteries"]' in shown.out
    assert tomllib.loads("\n".join(told["config"]))["sources"]["r-batteries"]["adapter"] == "feed"  # type: ignore[arg-type]
    assert listen("sources", "discover", "--try", "nonsense", *common).code == 1
    tried = listen("sources", "discover", "--try", "r/batteries", *common)
    assert (tried.code, "on trial until" in tried.err) == (0, True), tried.err
    entry = tomllib.loads((tmp_path / "console.toml").read_text())["sources"]["r-batteries"]
    assert (entry["adapter"], entry["urls"]) == ("feed", ["reddit:r/batteries"])
    assert entry["trial"]
    again = listen("sources", "discover", "--try", "r/batteries", *common)
    assert again.code != 0
    assert listen("config", "check", "--config", str(tmp_path / "config.toml")).code == 0
