"""How the console ends, rests and bends: signals on every screen, suspension, and windows of all sizes."""

from __future__ import annotations

import re
import shlex
import shutil
import signal

import pytest

from tests.console.pty import Terminal, console_command
from tests.console.test_terminal import LEAVES, opened
from tests.console.town import Town

OPEN = {
    "help": (["?"], b"mention.done"),
    "palette": ([":"], b"enter runs"),
    "filter": (["f", "a"], b"filter"),
    "zoom": (["enter", "z"], b""),
    "sources": (["5"], b""),
}
"""What else may be on the screen: keys, and what shows that it is."""


@pytest.fixture
def talking(town: Town) -> Town:
    town.talk(3)
    return town


@pytest.mark.parametrize("end", ["SIGTERM", "hang up", "Q"])
@pytest.mark.parametrize("shown", OPEN)
def test_it_ends_in_order_whatever_is_open(talking: Town, shown: str, end: str) -> None:
    keys, sign = OPEN[shown]
    with opened(talking) as terminal:
        terminal.until(b"sentiment")
        terminal.send(keys[0])
        if sign:
            terminal.until(sign)
        for key in keys[1:]:
            terminal.send(key)
            terminal.quiet(0.3)
        if end == "hang up":
            terminal.hang_up()
            terminal.wait()
            return
        if end == "Q":
            terminal.leave(*(["esc", "Q"] if shown in ("palette", "filter") else ["Q"]))
        else:
            terminal.kill(getattr(signal, end))
        assert terminal.wait() == 0
        for sequence in LEAVES:
            assert terminal.output.rindex(sequence) > terminal.output.rindex(b"claire"), sequence


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash whose jobs could be stopped")
def test_it_goes_to_the_shell_and_comes_back_painted(talking: Town) -> None:
    command = shlex.join(console_command(str(talking.path)))
    with Terminal(["bash", "--norc", "--noprofile", "-i"], environment={"PS1": "READY "}) as shell:
        shell.until(b"READY ")
        shell.send(f"{command}\r")
        shell.until(b"sentiment")
        shell.quiet()
        for _ in range(2):
            before = len(shell.output)
            shell.send("\x1a")
            shell.until(b"Stopped")
            gone = shell.output[before:]
            for sequence in LEAVES:
                assert sequence in gone, sequence
            shell.send("echo $((40+2))\r")
            shell.until(b"42")
            shell.send("fg\r")
            back = shell.until(lambda data: b"claire" in data and b"sentiment" in data)
            assert b"\x1b[?1049h" in back
            assert b"TOPICS" in back
        shell.quiet()
        shell.send("j", "s")
        shell.until(b"starred")
        shell.send("Q")
        shell.until(b"READY ")
        shell.send("echo code $?\r")
        shell.until(b"code 0")
        shell.send("exit\r")
        shell.wait()


def test_a_storm_of_sizes_leaves_it_in_shape(talking: Town) -> None:
    with opened(talking, environment={"COLUMNS": "80", "LINES": "24"}) as terminal:  # as some shells export them
        terminal.until(b"sentiment")
        for size in [(80, 24), (240, 70), (20, 5), (1, 1), (3, 2), (500, 200), (60, 4), (79, 15), (100, 16)] * 3:
            terminal.resize(*size)
            terminal.kill(signal.SIGWINCH)
            terminal.read(0.05)
        for size in ((240, 70), (80, 24), (120, 40)):
            terminal.quiet()
            before = len(terminal.output)
            terminal.resize(*size)
            terminal.kill(signal.SIGWINCH)
            terminal.until(b"claire")
            terminal.quiet()
            rows = [int(row) for row in re.findall(rb"\x1b\[(\d+);\d+H", terminal.output[before:])]
            assert max(rows) == size[1]
        terminal.send("j", "s")
        terminal.until(b"starred")
        terminal.send("Q")
        assert terminal.wait() == 0
        assert b"Traceback" not in terminal.output


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (1, 1)])
def test_a_tiny_window_works_as_far_as_it_goes(talking: Town, size: tuple[int, int]) -> None:
    with opened(talking, size=size) as terminal:
        terminal.until(b"\x1b[?1049h")
        terminal.quiet(1.0)
        terminal.send("j", "G", "g", "enter", "esc", "f", "x", "esc", "?", "esc", ":", "esc", "z", "z")
        terminal.quiet()
        assert terminal.leave() == 0
        assert b"Traceback" not in terminal.output
        if size != (1, 1):
            assert b"listen" in terminal.output
