"""The console in a pseudo-terminal: the bytes that really leave it, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.console.hostile import TEXTS
from tests.console.pty import Terminal, console_command, kinds
from tests.console.town import Town

ALLOWED = re.compile(r"CSI (m|H|r|L|M|S|T|\?h|\?l|\?\$p|>u|<u)|OSC (8|22)")
"""What a console needs: colours, cursor, moved lines, modes, the keyboard, links and the pointer's shape."""

LEAVES = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l", b"\x1b[?2004l", b"\x1b[?25h", b"\x1b[<u")
"""The alternate screen, the mouse, pasting, the cursor and the keyboard are given back."""


@pytest.fixture
def talking(town: Town) -> Town:
    town.talk(3)
    return town


def opened(town: Town, *arguments: str, **options: object) -> Terminal:
    return Terminal(console_command(str(town.path), *arguments), **options)  # type: ignore[arg-type]


def test_nothing_hostile_reaches_the_terminal(town: Town) -> None:
    for text in TEXTS:
        safe = text.encode("utf-8", "replace").decode() or "x"
        town.say("mastodon", safe, safe, title=safe, name=safe, url=safe)
    town.writer.sync_topics(
        [(text.replace("\x00", "").encode("utf-8", "replace").decode() or "x", "x", "brand") for text in TEXTS[:8]]
    )
    with opened(town, size=(200, 50)) as terminal:
        terminal.until(b"xxxxx")
        for keys in ["j", "a", "s", "enter", "G", "q", "K", "J", "pgdn", "f", "x", "(", "esc", "?", "q", ":", "esc"] + [
            "j"
        ] * 30:
            terminal.send(keys)
            terminal.quiet(0.1 if keys == "esc" else 0.05, 2.0)
        assert terminal.leave() == 0
        found = kinds(terminal.output)
        assert not [kind for kind in found if not ALLOWED.fullmatch(kind)], found
        assert b"Traceback" not in terminal.output
        for link in re.findall(rb"\x1b\]8;([^\x1b]*)", terminal.output):
            assert re.fullmatch(rb"(id=[\w.-]+)?;(https?://[!-~]*)?", link), link


def test_only_a_copy_writes_to_the_clipboard(talking: Town) -> None:
    with opened(talking) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        assert b"\x1b]52;" not in terminal.output
        terminal.send("y")
        terminal.until(b"\x1b]52;c;aHR0cHM6Ly9tYXN0b2Rvbi5leGFtcGxlLzE=\x07")
        terminal.send("Q")
        assert terminal.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(talking: Town, number: int) -> None:
    with opened(talking) as terminal:
        terminal.until(b"claire")
        terminal.kill(number)
        assert terminal.wait() == 0
        for sequence in LEAVES:
            assert terminal.output.rindex(sequence) > terminal.output.rindex(b"claire"), sequence


def test_it_ends_when_its_terminal_is_gone(talking: Town) -> None:
    with opened(talking) as terminal:
        terminal.until(b"claire")
        os.close(terminal.fd)
        terminal.fd = -1
        terminal.wait()


def test_a_signal_ends_it_although_its_terminal_takes_nothing(talking: Town) -> None:
    """Everything that writes is blocked: the screen cannot be left in order, but the process ends."""
    with opened(talking, size=(240, 70)) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        for _ in range(120):
            terminal.send("G", "g", "z", "z")
        terminal.kill(signal.SIGTERM)
        deadline = time.monotonic() + 15
        while True:
            pid, _ = os.waitpid(terminal.pid, os.WNOHANG)
            if pid:
                terminal.code = 0
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_no_color_means_none(talking: Town) -> None:
    with opened(talking, environment={"NO_COLOR": "1"}) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        codes = {code for match in re.findall(rb"\x1b\[([\d;]*)m", terminal.output) for code in match.split(b";")}
        assert codes <= {b"", b"0", b"1", b"2", b"3", b"4", b"7"}
        assert "▌".encode() in terminal.output


def test_sixteen_colours_are_enough(talking: Town) -> None:
    with opened(talking, environment={"TERM": "xterm", "COLORTERM": ""}) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        assert not re.search(rb"\x1b\[[\d;]*[34]8;[\d;]*m", terminal.output)
        assert re.search(rb"\x1b\[[\d;]*31", terminal.output) or re.search(rb"\x1b\[[\d;]*91", terminal.output)


def test_256_colours_without_colorterm(talking: Town) -> None:
    with opened(talking, environment={"COLORTERM": ""}) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        assert b"38;2;" not in terminal.output
        assert b"38;5;" in terminal.output


def test_what_does_not_change_is_not_sent_again(talking: Town) -> None:
    with opened(talking) as terminal:
        terminal.until(b"sentiment")
        terminal.quiet(1.0)
        before = len(terminal.output)
        terminal.quiet(2.0)
        assert len(terminal.output) == before, "an idle console is silent"
        terminal.send("j")
        terminal.until(lambda data: b"\x1b[4;" in data)
        moved = len(terminal.output) - before
        assert moved < 700


def test_resizing_paints_everything_anew(talking: Town) -> None:
    with opened(talking) as terminal:
        terminal.until(b"sentiment")
        terminal.quiet()
        terminal.resize(90, 30)
        terminal.kill(signal.SIGWINCH)
        data = terminal.until(b"commands")
        assert b"claire" in data


@pytest.mark.parametrize("place", ["s.StreamScreen.action_drop_filter", "w.Header.pieces", "t.XTermParser.feed"])
def test_a_crash_leaves_the_terminal_one_sentence_and_a_file_without_values(
    talking: Town, tmp_path: Path, place: str
) -> None:
    """In an action, while painting, in the thread that reads keys; a token is in a local variable."""
    command = console_command(str(talking.path))
    command[2] = (
        "import os, listen.console.screens.stream as s, listen.console.widgets.header as w\n"
        "import textual._xterm_parser as t\n"
        "def broken(self, *_):\n    token = os.environ['TOKEN']\n    raise ValueError(len(token))\n"
        f"{place} = broken\n" + command[2].replace("; ", "\n")
    )
    folder = tmp_path / "state"
    with Terminal(command, environment={"TOKEN": "canary-4711", "XDG_STATE_HOME": str(folder)}) as terminal:
        terminal.until(b"\x1b[?1049h")
        if not place.startswith("w."):
            terminal.until(b"sentiment")
            terminal.send("\x7f")
        assert terminal.wait() == 3
        end = terminal.output[terminal.output.rindex(b"\x1b[?1049l") :]
        (file,) = (folder / "listen" / "crashes").iterdir()
        assert b"listen: unexpected ValueError" in end
        told = f"please report it with {file}".replace(" ", "").encode()
        assert told in b"".join(end.split()), "a long path is folded"
        assert b"canary-4711" not in terminal.output
        for sequence in LEAVES:
            assert sequence in terminal.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    told = file.read_text()
    assert "canary-4711" not in told
    assert "ValueError: 11" in told
    assert "broken" in told


def test_crash_files_are_few_and_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from listen import secrets
    from listen.console import crash

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(secrets, "_known", {"canary-4711"})
    (tmp_path / "listen" / "crashes").mkdir(parents=True)
    for number in range(20):
        (tmp_path / "listen" / "crashes" / f"2020-01-01-0000{number:02}-1.txt").write_text("old")
    path = crash.keep(ValueError("\x1b]52;c;eA==\x07 canary-4711"))
    assert path is not None
    told = path.read_text()
    assert "\x1b" not in told
    assert "canary-4711" not in told
    assert len(list(path.parent.iterdir())) == crash.KEPT
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    assert crash.keep(ValueError("x")) is None


def listen_process(town: Town, *arguments: str, **options: object) -> Terminal:
    """The program itself, on a store that nobody collects into."""
    folders = {f"XDG_{name}_HOME": str(town.path.parent / name) for name in ("CONFIG", "DATA", "STATE")}
    command = [sys.executable, "-m", "listen", *arguments]
    environment = {**folders, **options.pop("environment", {})}  # type: ignore[dict-item]
    return Terminal(command, environment=environment, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_is_told(town: Town, kind: str) -> None:
    with listen_process(town, "--db", str(town.path), environment={"TERM": kind}) as terminal:
        assert terminal.wait() == 2
        assert f"TERM={kind}".encode() in terminal.output
        assert b"\x1b" not in terminal.output


def test_a_terminal_without_utf_8_is_told(town: Town) -> None:
    other = {"PYTHONIOENCODING": "latin-1"}
    with listen_process(town, "--db", str(town.path), environment=other) as terminal:
        assert terminal.wait() == 2
        assert b"signs of UTF-8, and the locale says" in terminal.output
        assert b"\x1b" not in terminal.output


@pytest.mark.parametrize("stream", ["</dev/null", "|cat", "2>/dev/null"])
@pytest.mark.parametrize("command", ["", "demo"])
def test_a_console_without_a_terminal_says_so(town: Town, stream: str, command: str) -> None:
    """Each of the three streams: a screen in a pipe is garbage, and keys from a file are nobody's."""
    line = f'"$0" -m listen {command} --db "$1" {stream}; echo "code ${{PIPESTATUS[0]}}"'
    with Terminal(["bash", "-c", line, sys.executable, str(town.path)]) as terminal:
        assert terminal.wait() == 0
        assert b"code 2" in terminal.output
        assert b"\x1b[?1049h" not in terminal.output
        if stream != "2>/dev/null":
            assert b"the console needs a terminal, and its" in terminal.output


@pytest.mark.parametrize(
    "kind", ["vt100", "vt220", "linux", "screen", "screen-256color", "tmux-256color", "xterm", "xterm-kitty"]
)
def test_every_kind_of_terminal_gets_colours_that_it_has(talking: Town, kind: str) -> None:
    with opened(talking, environment={"TERM": kind, "COLORTERM": ""}) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        codes = re.findall(rb"\x1b\[([\d;]*)m", terminal.output)
        deep = [code for code in codes if b"38;5;" in code or b"48;5;" in code]
        assert not [code for code in codes if b"38;2;" in code]
        assert bool(deep) == ("256color" in kind or kind == "xterm-kitty")
        if kind.startswith("vt"):
            assert not [code for code in codes if re.search(rb"(^|;)([349]\d|10\d)", code)]
        if kind in ("linux", "screen", "xterm"):
            assert not [code for code in codes if re.search(rb"(^|;)(34|94)(;|$)", code)], "no blue on black"
        terminal.send("Q")
        assert terminal.wait() == 0


def test_sequences_that_nobody_asked_for_are_no_verbs(talking: Town) -> None:
    with opened(talking) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        terminal.send("\x1b]11;rgb:dddd/aaaa/ssss\x07", "\x1b[?62;22;99d", "\x1bP>|addas(370)\x1b\\", "\x1b[9999999u")
        terminal.send("\x1b[48;9999;9999;1;1t", "\x1b[I", "\x1b[O", "\x1b[I", "\x00", "\x1b[1;1R")
        terminal.quiet()
        assert b"dismissed" not in terminal.output
        terminal.send("j", "s")
        terminal.until(b"starred")
        terminal.send("Q")
        assert terminal.wait() == 0
    assert [row[0] for row in talking.writer.connection.execute("SELECT action FROM journal")] == ["starred"]


@pytest.mark.parametrize("into", ["the list", "the filter line"])
def test_a_megabyte_that_is_pasted_is_bounded_and_no_verb(talking: Town, into: str) -> None:
    with opened(talking) as terminal:
        terminal.until(b"claire")
        if into == "the filter line":
            terminal.send("f")
            terminal.until(b"filter")
        terminal.quiet()
        before = len(terminal.output)
        terminal.paste(b"\x1b[200~" + b"add\nsQ\x1b]52;c;eA==\x07" * 52_000 + b"\x1b[201~")
        terminal.quiet(1.0)
        if into == "the filter line":
            terminal.send("esc")
            terminal.quiet()
        assert len(terminal.output) - before < 200_000
        assert b"\x1b]52;" not in terminal.output
        terminal.send("j", "s")
        terminal.until(b"starred")
        terminal.send("Q")
        assert terminal.wait() == 0
    assert [row[0] for row in talking.writer.connection.execute("SELECT action FROM journal")] == ["starred"]


def test_without_the_mouse_no_mouse_is_asked_for(talking: Town) -> None:
    for mouse in (True, False):
        command = console_command(str(talking.path))
        command[2] = command[2].replace("import run", "import Habits, run")
        command[2] = command[2].replace("who='ana'", f"who='ana', habits=Habits(mouse={mouse})")
        with Terminal(command) as terminal:
            terminal.until(b"claire")
            terminal.quiet()
            assert (b"\x1b[?1000h" in terminal.output) == mouse
            terminal.send("Q")
            assert terminal.wait() == 0


def test_no_title_is_set(talking: Town) -> None:
    """The terminal's title belongs to its person: what is not taken need not be given back."""
    with opened(talking) as terminal:
        terminal.until(b"claire")
        terminal.send("j", "enter", "Q")
        assert terminal.wait() == 0
        assert not re.search(rb"\x1b\][0-2];|\x1b\[2[23];?\d?t", terminal.output)
