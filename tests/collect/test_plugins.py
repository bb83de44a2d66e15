"""Adapters of other packages: the README's example, and every way in which one may be faulty."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import sources
from listen.collect import channels
from listen.collect.wanted import Wanted
from tests.cli.conftest import Commands, home, listen
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.server import Reply, Server, served

__all__ = ["home", "listen"]

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
EXAMPLE = README.partition("**An adapter of your own.**")[2].split("```")
ENTRIES = [{"no": 7, "who": "ann", "said": "my acme battery died", "at": 1_794_000_000}]

FAULTY = """
import sys

from sources.base import Channel, Option, Page, Request


class Sound:
    summary, needs, every, options = "s", "nothing", 60.0, {"host": Option("text", "h")}

    def __init__(self):
        self.name = type(self).__name__.lower()

    def channels(self, settings, terms):
        return [Channel("all", "all", {"host": settings["host"]})]

    def request(self, channel, cursor, now):
        return Request(channel.settings["host"] + "/entries.json")

    def parse(self, channel, cursor, answer, now):
        return Page([])


class Leaver(Sound):
    def channels(self, settings, terms):
        sys.exit(3)


class Talker(Sound):
    def request(self, channel, cursor, now):
        return "https://example.com"


class Quitter(Sound):
    def request(self, channel, cursor, now):
        sys.exit(3)


class Dropper(Sound):
    def parse(self, channel, cursor, answer, now):
        sys.exit(3)


class Liar(Sound):
    def parse(self, channel, cursor, answer, now):
        return {"posts": 3}


class Misnamed(Sound):
    def __init__(self):
        self.name = "feed"


class Spender(Sound):
    def budgets(self, channel):
        return 1 / 0

    def visit_costs(self, channel):
        return ()

    def within(self, channel, request, left):
        return request


class Doorman(Sound):
    def door(self, channel):
        return "here"


class Poor:
    name = "poor"
"""
WORKS_NOT = ("gone", "dead", "poor", "misnamed")
"""Those that cannot even be loaded."""


def install(folder: Path, package: str, version: str, points: dict[str, str], **modules: str) -> None:
    """A package as pip would leave it."""
    info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    listed = "".join(f"{name} = {value}\n" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[listen.sources]\n{listed}")
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for packages with the README's example and with faulty ones."""
    folder = tmp_path / "packages"
    folder.mkdir()
    project = tomllib.loads(EXAMPLE[3].removeprefix("toml"))["project"]
    points = project["entry-points"]["listen.sources"]
    install(folder, project["name"], project["version"], points, listen_guestbook=EXAMPLE[1].removeprefix("python"))
    classes = ("Leaver", "Talker", "Quitter", "Dropper", "Liar", "Misnamed", "Poor", "Spender", "Doorman")
    faulty = {name.lower(): f"faulty_adapters:{name}" for name in classes}
    faulty |= {"gone": "nowhere_at_all:Adapter", "dead": "dead_on_import:Adapter", "feed": "faulty_adapters:Sound"}
    dead = f"import sys; open({str(tmp_path / 'imported')!r}, 'w').close(); sys.exit('no licence')"
    install(folder, "listen-faulty", "0.1", faulty, faulty_adapters=FAULTY, dead_on_import=dead)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    yield folder
    for name in ("listen_guestbook", "faulty_adapters", "dead_on_import"):
        sys.modules.pop(name, None)


def test_the_example_has_forty_lines() -> None:
    lines = [line for part in (EXAMPLE[1], EXAMPLE[3]) for line in part.splitlines()[1:] if line.strip()]
    assert len(lines) <= 40


def test_nothing_is_imported_before_a_source_names_it(installed: Path, listen: Commands, tmp_path: Path) -> None:
    told = {str(record["name"]): record for record in listen("sources", "kinds", "--json").records}
    assert (told["dead"]["state"], told["dead"]["package"]) == ("off", "listen-faulty 0.1")
    assert (told["feed"]["state"], told["feed"]["package"]) == ("on", None), "what is built in cannot be replaced"
    assert not (tmp_path / "imported").exists()
    assert "listen_guestbook" not in sys.modules


def test_the_example_is_listed_checked_and_tried_once_it_is_named(
    installed: Path, listen: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    with served() as server:
        server.on("/entries.json", Reply(body=json.dumps(ENTRIES).encode()))
        settings = f'host = "{server.url("/")}"\nallow_private = ["127.0.0.1"]'
        file.write_text(f'[sources.shop]\nadapter = "guestbook"\n{settings}\n[sources.dead]\nadapter = "dead"\n')
        ran = listen("config", "check", "--config", file)
        assert (ran.code, "toml:5: sources.dead" in ran.err, "no licence" in ran.err) == (2, True, True)
        told = {
            str(record["name"]): record for record in listen("sources", "kinds", "--json", "--config", file).records
        }
        assert (told["guestbook"]["state"], told["guestbook"]["summary"]) == ("on", "the guestbook of our shop")
        assert told["dead"]["state"] == "faulty"
        assert "SystemExit: no licence" in str(told["dead"]["error"])
        assert "no licence" in listen("sources", "kinds", "--config", file).out
        checked = listen("sources", "check", "shop", "--json", "--config", file)
        assert (checked.code, [post["text"] for post in checked.records]) == (0, ["my acme battery died"])
        ran = listen("sources", "check", "dead", "--config", file)
        assert (ran.code, "no licence" in ran.err) == (3, True)
        assert "no licence" in listen("doctor", "--config", file).out
    file.write_text('[sources.shop]\nadapter = "guestbook"\nhots = "x"\n')
    ran = listen("config", "check", "--config", file)
    assert (ran.code, "unknown key" in ran.err, '"host" is missing' in ran.err) == (2, True, True)


async def test_a_faulty_one_is_told_and_spares_the_others(installed: Path, tmp_path: Path, server: Server) -> None:
    server.on("/entries.json", Reply(body=json.dumps(ENTRIES).encode()))
    names = (*WORKS_NOT, "leaver", "talker", "quitter", "dropper", "liar", "spender", "doorman", "guestbook")
    store = tmp_path / "listen.db"
    asked = [source(name, adapter=name, settings={"host": server.url("")}) for name in names]
    async with collecting(config(store, *asked)) as run:
        await run.until(lambda: {event.source for event in run.events if event.kind in ("error", "page")} == set(names))
    told = {name: (reason, error) for name, reason, error in rows(
        store, "SELECT s.name, c.error_reason, c.error FROM channels AS c JOIN sources AS s ON s.id = c.source_id"
    )}  # fmt: skip
    assert told.pop("guestbook") == (None, None)
    assert {name: reason for name, (reason, _) in told.items() if reason != "adapter"} == {
        "dropper": "parse-crash", "liar": "parse-crash",
    }  # fmt: skip
    for name in ("gone", "dead", "poor", "misnamed", "leaver", "talker", "quitter", "spender", "doorman"):
        assert name in str(told[name][1])
    assert "gives str, not a Request" in str(told["talker"][1])
    assert rows(store, "SELECT external_id, text FROM mentions") == [("7", "my acme battery died")]


def test_a_source_of_a_package_that_was_removed_says_so(tmp_path: Path) -> None:
    opened = channels.open_source(source("shop", adapter="guestbook"), Wanted(()), tmp_path)
    assert "guestbook" not in sources.names()
    assert opened.error is not None
    assert "guestbook" in opened.error.message
