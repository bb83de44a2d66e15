"""Nothing foreign bites: hostile texts in every place that shows one, judged by the bytes that reach the terminal."""

from __future__ import annotations

import html
import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from listen.store.mirror import ChannelUpdate
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.pty import CONTROL, Terminal, console_command, kinds
from tests.console.town import NOW, Town, make_town

BENIGN = ("an everyday text", "another one")

PLACES = ["1", "2", "3", "4", "5"]
"""Keys of the screens; those that come later say so."""

OURS = re.compile(r"CSI (m|H|r|L|M|S|T|\?h|\?l|\?\$p|>u|<u)|OSC (8|22)")
"""Colours, cursor, moved lines, modes, the keyboard, links and the pointer's shape."""


def storable(text: str) -> str:
    """As the workshop would hand it to the store."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode() or "x"


def fill(town: Town, texts: Sequence[str]) -> None:
    """A store in which everything that somebody else may write is one of these texts."""
    texts = [storable(text) for text in texts]
    for text in texts:
        town.say("mastodon", text[:200], text, title=text, name=text, url=f"https://x.example/{text}")
    short = [text[:60] for text in texts[:12]]
    names = list(dict.fromkeys(text.strip() or "x" for text in short))
    town.writer.sync_topics([("acme", "acme", "brand"), *((name, "x", "brand") for name in names)])
    town.writer.sync_views([(name, "acme", at % 2 == 0) for at, name in enumerate(names)])
    ids = town.writer.sync_sources([(name, "feed", {}) for name in names])
    for name, source_id in ids.items():
        for row in town.writer.sync_channels(source_id, [("main", name)]).values():
            told = ChannelUpdate(
                checked_at=NOW, errors=2, error_reason="http", error=f"{name}: 500 {name}", error_remedy=name,
                error_at=NOW, next_at=NOW + 60,
            )  # fmt: skip
            town.writer.add(row.id, [], seen_at=NOW, update=told)
    who = {"pid": 1, "host": names[0], "since": NOW - 900, "heartbeat": NOW - 2, "epoch": 1, "problem": names[1]}
    town.writer.set_state("collector", json.dumps(who))


def walk(terminal: Terminal, rows: int, typed: Sequence[str]) -> None:
    """Everything that shows something: each mention, each pane, each screen, messages, help, filter line, palette."""

    def press(*keys: str, rest: float = 0.05) -> None:
        for key in keys:
            terminal.send(key)
            terminal.quiet(0.1 if key == "esc" else rest, 3.0)  # esc and a key at once are alt and that key

    for _ in range(rows):
        press("a", "us", "j", rest=0.03)
    press("g")
    press("enter", "\x04", "\x15", "esc", "\t", "j", "j", "enter", "J", "K", "?", "esc")
    for at in range(3, 40):
        press(f"\x1b[<0;60;{at}M\x1b[<0;60;{at}m\x1b[<0;8;{at}M\x1b[<0;8;{at}m", rest=0.02)
    for text in typed:
        press("f", f"\x1b[200~{text}\x1b[201~", "x\t", "enter", "esc")
    press("\x7f", "\x7f", "/", "a", "enter", "n", "esc", "=", "esc", "!", "esc", "O", "<", ">", "V", "j", "*", "esc")
    for key in PLACES:
        press(key, "j", "j", "enter", "a", "T", "esc")
    press("1", ":", "a", "c", "esc", "z", "z", "y", "o")


def shown(town: Town, texts: Sequence[str], size: tuple[int, int] = (200, 50)) -> bytes:
    """All bytes of a console on a store that is full of these texts; it must live until it is left."""
    fill(town, texts)
    command = console_command(str(town.path))
    command[2] = command[2].replace("who='ana'", f"who={storable(texts[0])!r}")
    folder = str(town.path.parent / "state")
    with Terminal(command, size=size, environment={"XDG_STATE_HOME": folder, "DISPLAY": ""}) as terminal:
        terminal.until(b"mentions")
        walk(terminal, len(texts) + 1, texts[:6])
        assert terminal.leave() == 0, terminal.output[-3000:]
        return terminal.output


def bites(told: bytes) -> list[str]:
    """What in these bytes a terminal, or a reader's eye, would obey."""
    found = [kind for kind in kinds(told) if not OURS.fullmatch(kind) and kind != "OSC 52"]
    copies = re.findall(rb"\x1b\]52;[^\x07\x1b]*", told)
    found += [f"copy {copy!r}" for copy in copies if not re.fullmatch(rb"\x1b\]52;c;[A-Za-z0-9+/]*={0,2}", copy)]
    for link in re.findall(rb"\x1b\]8;([^\x1b]*)", told):
        if not re.fullmatch(rb"(id=[\w.-]+)?;(https?://[!-~]*)?", link):
            found.append(f"link {link!r}")
    text = CONTROL.sub(b"", told).decode("utf-8", "replace").replace("\r", "").replace("\n", "")
    return found + [f"sign {sign!r}" for sign in set(FORBIDDEN.findall(text))]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The kinds of controls that everyday texts lead to."""
    made = make_town(tmp_path_factory.mktemp("other") / "listen.db")
    told = shown(made, BENIGN)
    made.writer.connection.close()
    return frozenset(kinds(told)) | {"OSC 52", "CSI L", "CSI M", "CSI r", "CSI S", "CSI T"}  # a copy, lines that move


def judged(town: Town, usual: frozenset[str], texts: Sequence[str]) -> bytes:
    """The console sends nothing that it does not send for everyday texts, and shows what was written."""
    told = shown(town, texts)
    assert bites(told) == []
    assert b"Traceback" not in told
    assert set(kinds(told)) <= usual
    return told


def test_own_texts_are_shown_and_not_obeyed(town: Town, usual: frozenset[str]) -> None:
    told = judged(town, usual, [text for text in TEXTS if len(text) < 500])
    for literal in (b"[@click=app.quit]free money[/]", b"a [/foo] b", b"[x={'command': \"gh\"}]"):
        assert literal in told


def test_the_torture_s_texts_are_shown_and_not_obeyed(town: Town, usual: frozenset[str], shared: Path) -> None:
    inputs = shared / "fixtures" / "hostile" / "inputs"
    lines = [*(inputs / "terminal.ndjson").open(), *(inputs / "markup.ndjson").open()]
    records = [json.loads(line) for line in lines if line.strip()]
    texts = [next(one[key] for key in ("title", "author", "text") if len(one[key]) > 1) for one in records]
    feed = (inputs / "feeds" / "charref_esc.xml").read_text(encoding="utf-8")
    texts += [html.unescape(title).replace("&#27;", "\x1b") for title in re.findall("<title>(a.*?)</title>", feed)]
    told = judged(town, usual, texts)
    assert "␛]52;c;SEVMTE8=".encode() in told
    assert b"[@click=app.quit]free money[/]" in told


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux_neither_buffers_nor_titles_nor_panes_change(town: Town, tmp_path: Path) -> None:
    texts = [text for text in TEXTS if len(text) < 500]
    fill(town, texts)
    settings = ["set-clipboard on", "allow-passthrough on", "allow-rename on", "escape-time 20"]
    (tmp_path / "tmux.conf").write_text("".join(f"set -g {one}\n" for one in settings))
    with Tmux(tmp_path, shlex.join(console_command(str(town.path)))) as tmux:
        tmux.until("mentions")
        before = tmux.ask("display", "-p", "#{pane_title} #{window_panes} #{pane_current_command}")
        for _ in range(len(texts)):
            tmux.ask("send-keys", "j")
            tmux.ask("send-keys", "s")
        for key, sign in (("?", "mention.done"), (":", "enter runs"), ("f", "enter apply")):
            tmux.ask("send-keys", key)
            tmux.until(sign)
            tmux.ask("send-keys", "Escape")
            tmux.until(sign, gone=True)
        tmux.until("␛]52;c;SEVMTE8=")
        assert tmux.ask("display", "-p", "#{pane_title} #{window_panes} #{pane_current_command}") == before
        assert tmux.ask("list-buffers") == ""
        drawn = tmux.ask("capture-pane", "-p").splitlines()
        assert drawn[0].startswith(" listen ")
        assert not [line for line in drawn if line.startswith("PWN")]
        tmux.ask("send-keys", "Q")
        tmux.until("code 0")
        assert tmux.ask("display", "-p", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}") == "001"


class Tmux:
    """A tmux of its own, with one window in which one command runs."""

    def __init__(self, folder: Path, command: str) -> None:
        self.base = ["tmux", "-S", str(folder / "socket"), "-f", str(folder / "tmux.conf")]
        self.command = f"{command}; echo code $?; exec cat"
        self.environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder)}

    def __enter__(self) -> Tmux:
        self.ask("new-session", "-d", "-x", "180", "-y", "45", "-e", f"PYTHONPATH={':'.join(sys.path)}", self.command)
        return self

    def __exit__(self, *_: object) -> None:
        self.ask("kill-server")

    def ask(self, *words: str) -> str:
        """What a command of tmux answers."""
        done = subprocess.run(
            [*self.base, *words], capture_output=True, text=True, check=False, env=self.environment, timeout=20
        )
        return done.stdout.rstrip("\n")

    def until(self, text: str, *, gone: bool = False, seconds: float = 30.0) -> None:
        """Wait until this is on the screen, or no longer."""
        end = time.monotonic() + seconds
        while (text in (drawn := self.ask("capture-pane", "-p"))) == gone:
            assert time.monotonic() < end, drawn
            time.sleep(0.05)
