"""JSON from strangers: no NaN, no endless nesting, and one cut emoji does not cost the rest of the answer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sources.base import Reject, SourceError

DEPTH = 64
"""Levels that are kept of a value whose nesting goes beyond what can be read."""

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Brackets, and strings as a whole (to the end where one is never closed): brackets inside them count for nothing."""

_DIGITS = 40
"""Longest integer read as a number; what is longer is kept as text."""


def decode(body: bytes, rejects: list[Reject]) -> Any:
    """The value in UTF-8 JSON; NaN, infinities and numbers out of range are None, lone surrogates U+FFFD.

    Of what is nested about 1,000 levels deep, all below DEPTH is left out and told in `rejects`.
    Raises SourceError `parse` when it is no JSON, `limit:depth` when such nesting never ends.
    """
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        return _shallow(body.decode("utf-8", "replace"), rejects)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        text = body.decode("utf-8", "replace")
    try:
        return _leniently(text)
    except RecursionError:
        return _shallow(text, rejects)


def _shallow(text: str, rejects: list[Reject]) -> Any:
    """The value with null in place of whatever lies too deep: one bad item must not cost its neighbours."""
    kept: list[str] = []
    depth = begun = written = 0
    for sign in _STRUCTURE.finditer(text):
        if sign[0] in "[{":
            depth += 1
            begun = sign.start() if depth == DEPTH + 1 else begun
        elif sign[0] in "]}":
            depth -= 1
            if depth == DEPTH:
                kept += text[written:begun], "null"
                rejects.append(Reject(f"limit:depth: nested more than {DEPTH} levels deep", text[begun : begun + 200]))
                written = sign.end()
    if depth:
        raise SourceError(
            "limit:depth", "the JSON is nested too deeply to be read", "No API answers like that; check the address."
        )
    return _leniently("".join([*kept, text[written:]]))


def _leniently(text: str) -> Any:
    """For what the fast decoder refuses as a whole: cut emoji, NaN, control characters, broken UTF-8, huge integers."""
    try:
        value = json.loads(text, strict=False, parse_constant=lambda _: None, parse_float=_float, parse_int=_int)
        return _scrub(value)
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}: {error.msg.lower().removesuffix(' at').removesuffix(' starting')}"
        raise SourceError("parse", f"the answer is not valid JSON ({reason})", "It is asked again later.") from None


def _float(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


def _scrub(value: Any) -> Any:
    """The same value without lone surrogates, which neither UTF-8 nor SQLite can hold."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_scrub(one) for one in value]
    if isinstance(value, dict):
        return {_scrub(key): _scrub(one) for key, one in value.items()}
    return value


def text(value: Any) -> str | None:
    """A string that holds something, else None: a field of the wrong type counts as missing."""
    return value if isinstance(value, str) and value.strip() else None


def name(value: Any) -> str | None:
    """An identifier as text: strings as they are, numbers written out (`7`, not `7.0`); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if value.is_integer() else value
    return str(value).strip() or None


def count(value: Any) -> int | None:
    """A count as SQLite can hold it, from a number or its digits; None for anything else, and below zero."""
    if isinstance(value, str):
        value = value.strip()
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        return None
    return value


def numbers(found: Mapping[str, Any], read: Callable[[Any], int | None]) -> dict[str, Any]:
    """The numbers of a post by their names, as `read` understands what was found there; None for what is unknown."""
    return {field: read(found[field]) for field in ("rating", "likes", "replies", "reposts", "views")}
