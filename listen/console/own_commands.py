"""Commands of people's own, each with a key: `[commands]` of the configuration, checked whole, and run by itself.

What is said of mentions goes to a command's standard input, as a line of JSON each, and never into its arguments.
Light, as `keys` is: what runs them imports what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from listen.console.keys import Key, shown
from listen.console.own_keys import Fault, KeysError, named

if TYPE_CHECKING:
    from listen.model import Mention

WITHIN = 30.0
"""Seconds that a command may take, when nothing else is said."""

MOST_OUTPUT = 64_000
"""Bytes of its output that are shown; one that says more is stopped."""

SCOPES = ("global", "lists", "mentions")
"""Whose keys are taken where a command can be run."""

FOOTER = 8
"""Where commands stand in the footer."""


class OwnCommand(NamedTuple):
    """A command that somebody added."""

    name: str
    run: tuple[str, ...]
    """The program and its arguments, as they are written."""
    key: str
    """As Textual names it; empty for one that the palette alone runs."""
    help: str
    within: float


class Outcome(NamedTuple):
    """What a command said."""

    name: str
    output: str
    """Foreign text."""
    fault: str = ""
    """What went wrong; empty when nothing did."""


def commands(written: Mapping[str, Mapping[str, Any]], table: Sequence[Key]) -> list[OwnCommand]:
    """The commands of the configuration, beside the keys of this table.

    Raises:
        KeysError: one has no program, something that is no key, or a key that is taken; its ids are `NAME.key`.
    """
    taken = {name: key.id for key in table if key.scope in SCOPES for name in key.keys}
    faults: list[Fault] = []
    found: list[OwnCommand] = []
    for name, told in written.items():
        spelled, run = str(told.get("key") or ""), tuple(told.get("run") or ())
        key = named(spelled) if spelled else ""
        if not run or not run[0].strip():
            faults.append(Fault(f"{name}.run", "it names no program", 'write run = ["my-program"]'))
        if key is None:
            faults.append(Fault(f"{name}.key", f'"{spelled}" is no key', 'write a sign, or a name such as "ctrl+x"'))
        elif key in taken:
            told_ = f'"{shown(key)}" is the key of {taken[key]}, too'
            faults.append(Fault(f"{name}.key", told_, "give it another key"))
        elif key:
            taken[key] = f"commands.{name}"
        within = told.get("within")
        help = str(told.get("help") or f"run {name}")
        found.append(OwnCommand(name, run, key or "", help, WITHIN if within is None else float(within)))
    if faults:
        raise KeysError(faults)
    return found


def rows(own: Iterable[OwnCommand]) -> list[Key]:
    """Their rows of the table of keys."""
    return [
        Key(f"commands.{one.name}", (one.key,) if one.key else (), one.name, one.help,
            f"screen.own_command({number})", FOOTER if one.key else 0, "mentions")
        for number, one in enumerate(own)
    ]  # fmt: skip


def carried_out(command: OwnCommand, mentions: Iterable[Mention]) -> Outcome:
    """Run it to its end, or its deadline, with the mentions on its standard input. For a thread of its own."""
    import json
    import subprocess
    import tempfile

    from listen.told import as_json

    with tempfile.TemporaryFile() as given:
        for mention in mentions:
            given.write(json.dumps(as_json(mention), ensure_ascii=True).encode() + b"\n")
        given.seek(0)
        try:
            process = subprocess.Popen(
                command.run, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            return Outcome(command.name, "", f"{command.run[0]} cannot be run: {why}")
        output, fault = _heard(process, command.within)
    return Outcome(command.name, output.decode("utf-8", "replace"), fault)


def _heard(process: Any, within: float) -> tuple[bytes, str]:
    """(what it said, why it was stopped or failed); its whole group ends with it."""
    import contextlib
    import os
    import select
    import signal
    import time

    end, heard, fault = time.monotonic() + within, b"", ""
    descriptor = process.stdout.fileno()
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            fault = f"stopped after {within:g} s"
            break
        part = os.read(descriptor, 65_536)
        heard += part
        if len(heard) > MOST_OUTPUT:
            heard, fault = heard[:MOST_OUTPUT], f"stopped: it said more than {MOST_OUTPUT:,} bytes"
            break
        if not part:
            break
    if fault:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    try:
        code = process.wait(max(0.0, end - time.monotonic()) + 1.0)
    except Exception:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        fault = fault or f"stopped after {within:g} s"
    return heard, fault or (f"ended with code {code}" if code else "")
