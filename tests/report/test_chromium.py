"""The page in a real browser: it says nothing, asks for nothing, is light and dark, and prints."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from listen.report import commentary
from listen.report.page import Page
from listen.report.writing import write
from tests.report.chromium import Tab, browser, program
from tests.report.conftest import HOSTILE, WINDOW

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    if program() is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    folder = tmp_path_factory.mktemp("chromium")
    with browser(folder) as found:
        yield found
    shutil.rmtree(folder / "profile", ignore_errors=True)


GROUND = "getComputedStyle(document.documentElement).backgroundColor"

CUT = """[...document.querySelectorAll('td, th, dd, p, h1, h2, li')]
  .filter(one => one.scrollWidth > one.clientWidth + 2 && getComputedStyle(one).display !== 'inline')
  .map(one => one.textContent.slice(0, 40))"""


NAMES = ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3, "شركة أكمي رائعة جدا " * 5, "👩\u200d🚀" * 90)


def with_long_names(page: Page) -> Page:
    """The page with names of a hundred signs and more, of another direction, of emoji."""
    assert page.people is not None
    sources, quote, alarm = page.breakdowns["sources"], page.stories[0], page.alarms[0]
    return page._replace(
        figures=page.figures._replace(topic=NAMES[0]),
        breakdowns={**page.breakdowns, "sources": sources._replace(
            lines=[sources.lines[0]._replace(label=one) for one in NAMES])},
        stories=[quote._replace(who=one, title=one, text=one, network=one) for one in NAMES],
        people=page.people._replace(loudest=[page.people.loudest[0]._replace(who=one) for one in NAMES]),
        alarms=[alarm._replace(rule=one, instance=one, why=one) for one in NAMES],
        objectives=[one._replace(name=NAMES[0], owner=NAMES[1]) for one in page.objectives],
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_it_loads_nothing_says_nothing_and_is_light_and_dark(
    ask: Callable[..., Page], tab: Tab, tmp_path: Path, lang: str
) -> None:
    page = ask(lang, other=WINDOW.before(), commentary=commentary.parse(f"# Day 5\n\n{HOSTILE}"))
    page = with_long_names(page) if lang == "fr" else page
    file = tmp_path / "report.html"
    file.write_text(write(page, "html"), encoding="utf-8")
    tab.open(file)
    assert [one["request"]["url"] for one in tab.named("Network.requestWillBeSent")] == [file.as_uri()]
    said = [*tab.named("Log.entryAdded"), *tab.named("Runtime.consoleAPICalled"), *tab.named("Runtime.exceptionThrown")]
    assert said == []
    assert tab.value("document.scripts.length") == 0
    tab.picture(1100)
    assert tab.value("document.querySelector('svg.volume').getBoundingClientRect().height") > 100
    grounds = []
    for scheme in ("light", "dark"):
        tab.scheme(scheme)
        assert len(tab.picture()) > 20_000
        grounds.append(tab.value(GROUND))
    light, dark = (sum(map(int, re.findall(r"\d+", one)[:3])) for one in grounds)
    assert light > 600 > 200 > dark
    for width in (1100, 380):
        tab.picture(width)
        assert tab.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
        assert tab.value(CUT) == [], width


def test_it_prints_on_paper(ask: Callable[..., Page], tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(write(ask(), "html"), encoding="utf-8")
    tab.open(file)
    tab.scheme("dark")
    pdf = tab.printed()
    boxes = re.findall(rb"/MediaBox\s*\[([^]]*)\]", pdf)
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) in range(1, 8)
    assert {tuple(round(float(n)) for n in box.split()) for box in boxes} == {(0, 0, 595, 842)}
    tab.ask("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert tab.value(GROUND) == "rgb(255, 255, 255)"
    tab.ask("Emulation.setEmulatedMedia", media="")
