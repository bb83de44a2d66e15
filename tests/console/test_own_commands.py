"""Commands of people's own: which may be, and what becomes of what they say."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from listen.cli import run
from listen.console.keys import TABLE
from listen.console.own_commands import MOST_OUTPUT, OwnCommand, carried_out, commands
from listen.console.own_keys import KeysError
from listen.model import Mention
from tests.console.conftest import console
from tests.console.town import Town

ECHO = """
import sys, json
for line in sys.stdin:
    print(json.loads(line)["author"], len(sys.argv))
print("\\x1b[31mred")
"""


def made(code: str, within: float = 20.0) -> OwnCommand:
    return OwnCommand("own", (sys.executable, "-c", code), "X", "", within)


def test_keys_that_are_taken_or_none_are_refused() -> None:
    written: dict[str, dict[str, Any]] = {
        "a": {"run": ["x"], "key": "X"}, "b": {"run": ["x"], "key": "X"}, "c": {"run": ["x"], "key": "d"},
        "d": {"run": [], "key": ""}, "e": {"run": ["x"], "key": "nothing"},
    }  # fmt: skip
    with pytest.raises(KeysError) as caught:
        commands(written, TABLE)
    assert [(one.id, one.message) for one in caught.value.faults] == [
        ("b.key", '"X" is the key of commands.a, too'), ("c.key", '"d" is the key of mention.dismiss, too'),
        ("d.run", "it names no program"), ("e.key", '"nothing" is no key'),
    ]  # fmt: skip
    (one,) = commands({"a": {"run": ["x", "y"], "within": 5.0}}, TABLE)
    assert one == OwnCommand("a", ("x", "y"), "", "run a", 5.0)


def test_a_conflict_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[commands.ticket]\nrun = ["true"]\nkey = "a"\n')
    assert run(["config", "check", "--config", str(file)]) == 2
    assert f'{file}:3: commands.ticket.key: "a" is the key of mention.done' in capsys.readouterr().err


def test_what_it_says_is_capped_and_it_is_stopped_in_time() -> None:
    said = carried_out(made("print('x' * 200_000)"), [])
    assert (len(said.output), said.fault) == (MOST_OUTPUT, f"stopped: it said more than {MOST_OUTPUT:,} bytes")
    said = carried_out(made("import time; print('begun', flush=True); time.sleep(60)", 0.5), [])
    assert (said.output, said.fault) == ("begun\n", "stopped after 0.5 s")
    assert carried_out(made("raise SystemExit(3)"), []).fault == "ended with code 3"
    none = carried_out(OwnCommand("own", ("/no/such/program",), "", "", 1.0), [])
    assert none.fault == "/no/such/program cannot be run: No such file or directory"
    mention = Mention(7, "net", "x; rm -rf /", "post", "$(reboot) \n two")
    heard = json.loads(carried_out(made("import sys; print(sys.stdin.read())"), [mention]).output)
    assert (heard["id"], heard["text"]) == (7, mention.text)


async def test_a_key_runs_it_on_what_is_marked_and_shows_what_it_says(town: Town) -> None:
    town.talk()
    own = [made(ECHO)._replace(name="ticket", key="T", help="open a ticket")]  # a key that means something elsewhere
    async with console(town.path, town.clock, own_commands=own) as driven:
        assert "T ticket" in driven.footer()
        await driven.press("space", "space", "T")
        await driven.until(lambda: "ticket: claire 1" in driven.footer())
        text = driven.text()
        assert "devon.example 1" in text
        assert "red" in text
        assert "\x1b" not in text
        await driven.press("colon")
        await driven.type("ticket")
        await driven.until(lambda: "open a ticket" in driven.text())
