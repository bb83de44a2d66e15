"""Tables for other programs: CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

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
