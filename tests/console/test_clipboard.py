"""Copying: the forms that terminals and multiplexers take, what is said of it, and what is copied."""

from __future__ import annotations

import base64
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from listen.console import clipboard, links, questions
from listen.console.clipboard import IN_TMUX, SENT, Route, route, send, sequence
from tests.console.conftest import DEADLINE, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import Town

LINK = "https://a.example/x"


@pytest.mark.parametrize(
    ("environment", "way"),
    [
        ({"TERM": "xterm-256color"}, "plain"),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-1/default,1,0"}, "tmux"),
        ({"TERM": "screen.xterm-256color", "STY": "1.pts"}, "screen"),
        ({"TERM": "tmux-256color", "SSH_CONNECTION": "1"}, "beyond tmux"),
        ({"TERM": "screen-256color", "SSH_CONNECTION": "1"}, "beyond screen"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "none"),
        ({"TERM": "linux"}, "none"),
        ({}, "none"),
    ],
)
def test_the_way_to_the_terminal(environment: dict[str, str], way: Route) -> None:
    assert route(environment) == way
    assert str(SENT[way])


def test_every_form_carries_the_text() -> None:
    text = "é" * 300
    bare = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    wrapped = "\x1bPtmux;" + bare.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    assert sequence(text, "plain") == bare
    assert sequence(text, "tmux") == sequence(text, "beyond tmux") == bare + wrapped
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence(text, "screen"), re.DOTALL)
    assert "".join(pieces) == bare
    assert max(map(len, pieces)) <= 76
    assert sequence(text, "beyond screen") == bare + sequence(text, "screen")
    assert sequence(text, "none") == ""


@pytest.mark.parametrize("text", [*TEXTS, "\ud83d lone", "x" * 100_000])
def test_no_foreign_controls_and_no_more_than_terminals_take(text: str) -> None:
    written: list[str] = []
    send(text, {"TERM": "xterm"}, written.append)
    found = re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07", written[0])
    assert found is not None
    copied = base64.b64decode(found[1]).decode()
    assert len(copied) <= clipboard.LONGEST
    assert not FORBIDDEN.search(copied.replace("\n", ""))


def fake_tmux(folder: Path, code: int) -> dict[str, str]:
    """A `tmux` that keeps what it is given and ends with that code."""
    script = folder / "tmux"
    script.write_text(f'#!/bin/sh\necho "$@" > {folder}/arguments\ncat > {folder}/given\nexit {code}\n')
    script.chmod(0o755)
    return {"TERM": "screen", "TMUX": "x", "PATH": f"{folder}:{os.environ['PATH']}"}


def test_tmux_is_asked_to_pass_it_on(tmp_path: Path) -> None:
    written: list[str] = []
    assert send(LINK, fake_tmux(tmp_path, 0), written.append) is IN_TMUX
    assert (tmp_path / "arguments").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "given").read_text() == LINK
    assert not written


def test_where_tmux_cannot_both_forms_are_sent_and_what_they_need_is_said(tmp_path: Path) -> None:
    written: list[str] = []
    sent = send(LINK, fake_tmux(tmp_path, 1), written.append)
    assert written == [sequence(LINK, "tmux")]
    assert "set-clipboard on" in str(sent)
    assert send(LINK, {"TERM": "screen", "TMUX": "x", "PATH": ""}, written.append) is sent


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not there")
def test_tmux_itself_takes_it(tmp_path: Path) -> None:
    program = (
        "import os; from listen.console.clipboard import send; print(send('héllo', os.environ, lambda _: None).where)"
    )
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    shell = f"cd {shlex.quote(os.getcwd())}; {shlex.join([sys.executable, '-c', program])} > {tmp_path}/said; cat"
    subprocess.run([*tmux, "new-session", "-d", "-x", "80", "-y", "24", shell], check=True)
    try:
        deadline = time.monotonic() + DEADLINE
        while not (tmp_path / "said").exists() or not (tmp_path / "said").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert (tmp_path / "said").read_text() == f"{IN_TMUX.where}\n"
        assert subprocess.run([*tmux, "show-buffer"], capture_output=True, check=True).stdout == "héllo".encode()
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


# --- in the console --------------------------------------------------------------------------------------------------


async def test_in_tmux_the_message_says_where_it_is(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in fake_tmux(tmp_path, 0).items():
        monkeypatch.setenv(name, value)
    town.say("mastodon", "ana", "hello", url=LINK)
    async with console(town.path, town.clock) as driven:
        await driven.press("y")
        await driven.until(lambda: "sent 19 characters to tmux (prefix ] pastes it)" in driven.footer())
        assert (tmp_path / "given").read_text() == LINK
        assert driven.app.clipboard == LINK


async def test_the_links_of_what_is_marked_one_a_line(town: Town) -> None:
    for number in range(3):
        town.say(
            "mastodon", "ana", f"no {number}", url=None if number == 1 else f"https://a.example/{number}", ago=number
        )
    async with console(town.path, town.clock) as driven:
        await driven.press("space", "space", "space", "y")
        assert driven.app.clipboard == "https://a.example/0\nhttps://a.example/2"
        assert "sent 2 links, 39 characters, to the terminal's clipboard (OSC 52)" in driven.footer()
        assert "1 more have none, or no room" in driven.footer()
        assert len(driven.screen.marks) == 3
        await driven.press("Y")
        await driven.until(lambda: "no 1" in driven.app.clipboard)
        assert driven.app.clipboard == "no 0\nhttps://a.example/0\n\nno 1\n\nno 2\nhttps://a.example/2"
        assert "sent 3 texts" in driven.footer()


async def test_marks_that_are_not_at_hand_are_asked_for_up_to_what_a_clipboard_takes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "HANDED", 100)
    town.talk(30)
    async with console(town.path, town.clock) as driven:
        await driven.press("asterisk")
        await driven.until(lambda: len(driven.screen.marks) == 330)
        driven.feed.forget_rows()
        await driven.press("y")
        await driven.until(lambda: "sent 100 links" in driven.footer() and "230 more" in driven.footer())
        assert driven.app.clipboard.count("\n") == 99


async def test_the_whole_text_is_copied_also_when_the_detail_shows_another(town: Town) -> None:
    town.say("mastodon", "ana", "first", ago=1)
    town.say("mastodon", "bob", "word " * 500 + "end", url=None, ago=2)
    town.say("mastodon", "eve", "x" * 20_000, url=None, ago=3)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "Y")
        await driven.until(lambda: driven.app.clipboard.endswith(" end"))
        assert "sent 2,503 characters" in driven.footer()
        await driven.press("j", "Y")
        await driven.until(lambda: driven.app.clipboard.startswith("xxx"))
        assert len(driven.app.clipboard) <= clipboard.LONGEST
        assert "sent the first 8,000 characters" in driven.footer()


async def test_opening_what_is_marked_opens_a_few_and_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(links, "opener", lambda _: ["browser"])
    monkeypatch.setattr(links, "open_link", lambda url, *_: opened.append(url) or True)
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press(*["space"] * 8, "o")
        assert len(opened) == 5
        assert "opening 5 links of 8: at most 5 at a time" in driven.footer()


async def test_a_browser_that_ends_with_a_fault_is_told_with_the_link(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho noise; echo noise >&2; exit 3\n")
    browser.chmod(0o755)
    monkeypatch.setattr(links, "opener", lambda _: [str(browser)])
    town.say("mastodon", "ana", "hello", url=LINK)
    async with console(town.path, town.clock) as driven:
        await driven.press("o")
        await driven.until(lambda: f"did not start (exit code 3); the link is {LINK}" in driven.footer())
        assert "noise" not in driven.text()


async def test_over_ssh_nothing_is_started_and_the_link_is_shown_and_copied(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/1")
    monkeypatch.setenv("DISPLAY", ":10")
    monkeypatch.setattr(links.subprocess, "Popen", lambda *_, **__: pytest.fail("a browser was started"))
    town.say("mastodon", "ana", "hello", url=LINK)
    async with console(town.path, town.clock, size=(80, 24)) as driven:
        await driven.press("o")
        assert driven.app.clipboard == LINK
        assert f"no browser here: {LINK} · sent to the terminal's clipboard" in driven.footer()
