"""A report of what is looked at: the very file of `listen report`, and never written over another one by chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from listen.cli import run as command
from listen.clock import VARIABLE
from listen.console import reporting
from listen.console.answers import Reported
from listen.console.reporting import Wanted, of_query
from listen.store.read import Reader
from tests.console.conftest import Driven, console
from tests.console.town import NOW, Town


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of this test's own, and nobody's configuration."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LISTEN_SYSTEM_CONFIG", str(tmp_path / "etc" / "config.toml"))
    monkeypatch.delenv("LISTEN_CONFIG", raising=False)
    monkeypatch.setenv(VARIABLE, f"0:{NOW}:0")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def written(town: Town, wanted: Wanted, path: Path, **more: bool) -> Reported:
    asked: Any = type("Asked", (), {"wanted": True})()
    with Reader(town.path) as reader:
        told = reporting.report(wanted, path, town.clock, **more)(reader, asked, print)
    assert isinstance(told, Reported)
    return told


@pytest.mark.parametrize(("wanted", "options", "ending"), [
    (Wanted("acme"), (), ".html"),
    (Wanted("acme", "30d"), ("--since", "30d"), ".md"),
    (Wanted("acme", "24h", only="lang:fr"), ("--since", "24h", "--query", "lang:fr"), ".md"),
    (Wanted("acme", "2026-11-17..2026-11-19", "2026-11-11..2026-11-13"),
     ("--since", "2026-11-17..2026-11-19", "--compare", "2026-11-11..2026-11-13"), ".html"),
])  # fmt: skip
def test_it_is_the_very_file_of_the_command(
    town: Town, folder: Path, wanted: Wanted, options: tuple[str, ...], ending: str
) -> None:
    town.talk(3)
    ours, theirs = folder / f"ours{ending}", folder / f"theirs{ending}"
    assert f"ours{ending} is written" in written(town, wanted, ours).text
    found = command(["report", "--topic", "acme", *options, "-o", str(theirs), "--db", str(town.path)])
    assert found == (1 if wanted.against else 0)
    assert ours.read_bytes() == theirs.read_bytes()
    assert "there is such a file by now" in written(town, wanted, ours).text
    assert "is written" in written(town, wanted, ours, over=True).text
    assert "there is no topic" in written(town, wanted._replace(topic="gone"), folder / f"gone{ending}").text


def test_what_is_looked_at_is_what_is_told_and_named() -> None:
    assert of_query("topic:acme", "acme") == Wanted("acme", "7d")
    assert of_query("topic:Acme since:24h", "acme") == Wanted("acme", "24h")
    assert of_query("topic:acme lang:fr", "acme", "30d") == Wanted("acme", "30d", only="lang:fr")
    for text in ("topic:acme OR a", "a topic:acme", "topic:acme AND a", "topic:acmes a", "topic:acme a OR b"):
        assert of_query(text, "acme").only == text
    assert of_query('topic:"two words" -toy since:30d', "two words") == Wanted("two words", "30d", only="-toy")
    hours = "2026-11-15T22:00:00Z", "2026-11-22T22:00:00Z"
    asked = of_query(f"topic:acme toward:acme:neg since:{hours[0]} until:{hours[1]}", "acme")
    assert asked == Wanted("acme", "..".join(hours), only="toward:acme:neg")
    assert reporting.file_name(asked, "today") == "acme-2026-11-15-2026-11-22.html"
    assert reporting.file_name(Wanted("../a \x1b&é"), "2026-11-22") == "a-é-7d-2026-11-22.html"
    assert reporting.file_name(Wanted("&"), "2026-11-22") == "report-7d-2026-11-22.html"


def test_where_no_report_can_be_written(folder: Path) -> None:
    (folder / "folder.md").mkdir()
    wrong = {"": "needs a file", "report": "its ending", "report.pdf": "its ending", "folder.md": "is a folder",
             "none/report.md": "no folder none", "~nobody-is-called-so/a.md": "called so"}  # fmt: skip
    for name, said in wrong.items():
        assert said in reporting.fault(name), name
    assert not reporting.fault("report.MD")
    path = folder / "report.html"
    assert reporting.how_to_open(path, {}) == "a browser opens it"
    assert "scp" in reporting.how_to_open(path, {"SSH_CONNECTION": "a", "DISPLAY": ":0"})
    assert reporting.how_to_open(path.with_suffix(".md"), {}) == "less report.md, or any editor"


async def ask(driven: Driven, name: str = "") -> None:
    await driven.press("colon")
    await driven.type("report" + (f" {name}" if name else ""))
    await driven.press("enter")


async def test_it_asks_for_the_file_and_writes_over_none_unasked(town: Town, folder: Path) -> None:
    town.talk(3)
    async with console(town.path, town.clock, size=(120, 30)) as driven:
        await ask(driven)
        assert "choose a topic first" in driven.footer()
        await driven.press("2")
        await driven.until(lambda: driven.screen.subject.topic, "a topic")
        await ask(driven)
        await driven.until(lambda: "report to acme-7d-2026-11-21.html" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: "acme-7d-2026-11-21.html is written" in driven.footer(), "it is told where it is")
        assert "33 mentions" in (folder / "acme-7d-2026-11-21.html").read_text()
        (folder / "kept.md").write_text("kept")
        await ask(driven, "kept.md")
        await driven.until(lambda: "enter twice writes over it" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: "enter once more writes over it" in driven.text())
        await driven.press("escape")
        assert (folder / "kept.md").read_text() == "kept"
        await ask(driven, "kept.pdf")
        await driven.until(lambda: "report to kept.pdf" in driven.text())
        await driven.press("enter")
        await driven.until(lambda: "its ending says how it is written" in driven.text())
        await driven.press("escape")
        await ask(driven, "kept.md")
        await driven.until(lambda: "report to kept.md" in driven.text())
        await driven.press("enter", "enter")
        await driven.until(lambda: "kept.md is written" in driven.footer())
        assert (folder / "kept.md").read_text().startswith("# ")
        driven.app.open_stream("topic:acme lang:fr since:24h")
        await ask(driven)
        await driven.until(lambda: "acme, 24h, lang:fr" in driven.text(), "what is looked at")
