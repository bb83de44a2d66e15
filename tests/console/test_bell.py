"""A page that begins to fire rings, on any screen; one that fired before, and one that somebody took, does not."""

from __future__ import annotations

import pytest

from listen.console.bell import ring
from listen.store import alerts
from listen.store.alerts import FIRING, Alert
from listen.store.triage import Triage
from tests.console.conftest import console
from tests.console.town import NOW, Town


def fire(town: Town, rule: str, severity: str = "page") -> int:
    one = Alert(
        0, rule, "topic:acme", {}, severity, FIRING, NOW, NOW, NOW, evidence={"text": "41 in the hour\x1b]0;x\x07"}
    )
    with town.writer.transaction():
        return alerts.begin(town.writer.connection, one)


async def test_a_new_page_rings_and_the_header_counts_what_fires(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TMUX", raising=False)
    old = fire(town, "old")
    town.talk()
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        written: list[str] = []
        driver = driven.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        monkeypatch.setattr(driver, "send", written.append, raising=False)
        await driven.until(lambda: "● 1 firing" in driven.drawn()[0] or "●1" in driven.drawn()[0])
        assert not any("\x07" in one for one in written)
        fire(town, "quiet", "notice")
        await driven.until(lambda: "2 firing" in driven.drawn()[0] or "●2" in driven.drawn()[0])
        assert not any("\x07" in one for one in written)
        await driven.press("4")
        fire(town, "bad-buzz")
        await driven.until(lambda: any("\x1b]9;bad-buzz (topic:acme) fires: 41 in the hour" in one for one in written))
        (rung,) = [one for one in written if "\x1b]9;" in one]
        assert rung.count("\x07") == 2, "the bell, and the end of the notification: foreign ones are marks"
        assert "● bad-buzz" in driven.footer()
        with Triage(town.path, "bob", town.clock) as bob:
            bob.acknowledge([old])
        await driven.press("1")
        await driven.until(lambda: "2 firing" in driven.drawn()[0] or "●2" in driven.drawn()[0])
        assert len([one for one in written if "\x1b]9;" in one]) == 1


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm"}, "\x07\x1b]9;fire\x07"),
        ({"TERM": "tmux-256color", "TMUX": "x"}, "\x07\x1bPtmux;\x1b\x1b]9;fire\x07\x1b\\"),
        ({"TERM": "linux"}, "\x07"),
        ({"TERM": "screen", "STY": "x"}, "\x07"),
    ],
)
def test_the_way_through_multiplexers(environment: dict[str, str], expected: str) -> None:
    assert ring("fire", environment) == expected
