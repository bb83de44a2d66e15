"""Tables for other programs: CSV that no spreadsheet takes for formulas, and files that are whole or not there."""

from __future__ import annotations

import contextlib
import csv
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from listen.cli.common import USAGE, Fault

_FORMULA = re.compile("'*\\s*[=+\\-@＝＋－＠]|'*[\t\r\n]")
"""The beginning of a text that is a formula to a spreadsheet (OWASP, "CSV Injection"), in the wide signs of East Asia
too; or that is one behind the signs that say that it is none."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
    r"|\\(?=u[0-9a-f]{4})"
)
"""Signs that command a terminal, turn the reading direction or are none; tabs and line feeds are not among them. And
the beginning of what would be read as one of them, escaped."""


def cell(value: object) -> object:
    """A value as a cell of CSV: "" for None; a text that a spreadsheet would take for a formula begins with `'`.

    Signs that nobody can see stand there escaped, as in JSON: `\\u001b`. The way back: where a `'` stands before what
    would be a formula (or before more of them), it goes; then the escapes.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = value
    if not value.isprintable() or "\\u" in value:  # what is printable holds none of them
        text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    return f"'{text}" if _FORMULA.match(value) else text


def write_csv(file: IO[str], headings: Sequence[str], rows: Iterable[Iterable[object]], *, raw: bool = False) -> int:
    """Write a table as CSV (RFC 4180), row by row; how many rows there were. `raw`: what is in the rows are cells."""
    writer = csv.writer(file)
    writer.writerow([cell(heading) for heading in headings])
    n = 0
    for n, row in enumerate(rows, 1):  # noqa: B007 - the last number is kept
        writer.writerow(row if raw else [cell(value) for value in row])
    return n


def by_ending(file: Path | None, endings: Mapping[str, str], otherwise: str) -> str:
    """The format that a file's name says; `otherwise` for standard output, and for a name without an ending.

    Raises Fault for an ending that says another format: what stands in a file is to be what it is called.
    """
    ending = file.suffix.lower() if file else ""
    if ending and ending not in endings:
        known = ", ".join(endings)
        raise Fault(f"{file}: {ending} is no format that can be written; name it {known}, or say --format", USAGE)
    return endings.get(ending, otherwise)


@contextlib.contextmanager
def whole_file(path: Path, *, binary: bool = False) -> Iterator[IO[Any]]:
    """A new file that takes the place of `path` when the block is through; else what was there stays as it was.

    Yours alone, or with the permissions of the older one. A symbolic link is replaced, not followed: who could write
    into a folder would choose the file that is overwritten. What is no plain file (a pipe, /dev/stdout) is written to
    as it is.
    """
    mode, how = ("wb", {}) if binary else ("w", {"encoding": "utf-8", "newline": ""})
    if path.exists() and not path.is_file():
        with open(path, mode, **how) as file:  # type: ignore[call-overload]
            yield file
        return
    half = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        with open(half, mode, opener=_new, **how) as file:  # type: ignore[call-overload]
            if path.exists() and not path.is_symlink():
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or error.filename not in (None, str(half)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error  # nobody knows the half one
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def _new(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL | os.O_NOFOLLOW, 0o600)
