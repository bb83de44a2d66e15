"""The console in a pseudo-terminal: the bytes that really leave it, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.console.hostile import TEXTS
from tests.console.pty import Terminal, console_command, kinds
from tests.console.town import Town

ALLOWED = re.compile(r"CSI (m|H|\?h|\?l|\?\$p|>u|<u)|OSC (8|22)")
"""What a console needs: colours, cursor, modes, the keyboard, links and the pointer's shape."""

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
            terminal.quiet(0.12)
        terminal.send("Q")
        assert terminal.wait() == 0
        found = kinds(terminal.output)
        assert not [kind for kind in found if not ALLOWED.fullmatch(kind)], found
        assert b"Traceback" not in terminal.output
        for link in re.findall(rb"\x1b\]8;([^\x1b]*)", terminal.output):
            assert re.fullmatch(rb"(id=[\w.-]+)?;(https?://[!-~]*)?", link), link


def test_only_a_copy_writes_to_the_clipboard(talking: Town) -> None:
    with opened(talking) as terminal:
        terminal.until(b"claire")
        terminal.quiet()
        assert b"]52;" not in terminal.output
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


def test_a_plain_sentence_instead_of_a_traceback_with_values(talking: Town, tmp_path: Path) -> None:
    command = console_command(str(talking.path))
    command[2] = (
        "import listen.console.screens.stream as s\n"
        "def broken(self):\n    secret = 'canary-4711'\n    raise ValueError(secret)\n"
        "s.StreamScreen.action_drop_filter = broken\n" + command[2].replace("; ", "\n")
    )
    with Terminal(command) as terminal:
        terminal.until(b"sentiment")
        terminal.send("\x7f")
        assert terminal.wait() == 3
        end = terminal.output[terminal.output.rindex(b"\x1b[?1049l") :]
        assert b"listen: unexpected ValueError" in end
        assert b"canary-4711" not in terminal.output
