"""What a person says of mentions one by one, as a command reads it: lines `ID WORD`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from listen.cli.common import USAGE, Fault

T = TypeVar("T")

LARGEST, DIGITS = (1 << 63) - 1, 19
"""The largest id that a store can hold, and its digits."""


def read_verdicts(lines: Iterable[str], words: Mapping[str, T], told: str) -> dict[int, T]:
    """Mention id -> what its word means; empty lines and those that begin with `#` say nothing.

    Raises:
        Fault: a line says something else; the sentence names it, and ends with what is `told`.
    """
    found: dict[int, T] = {}
    for number, line in enumerate(lines, 1):
        said = line.split()
        if not said or said[0].startswith("#"):
            continue
        if len(said) != 2 or not said[0].isascii() or not said[0].isdigit() or said[1].lower() not in words:
            raise Fault(f"line {number}: {line.strip()[:60]!r} is {told}", USAGE)
        found[min(int(said[0][:DIGITS]), LARGEST)] = words[said[1].lower()]
    return found
