"""Single values: durations, sizes, and whether a value fits its key."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from listen.config.keys import EXPECTED, Key, Kind

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)")
_BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_REFERENCE = re.compile(r"(env|file|keyring):.+")


def seconds(value: str) -> float | None:
    """`"2m"` -> 120.0; None when it is no duration."""
    hit = _DURATION.fullmatch(value.strip())
    return float(hit[1]) * _SECONDS[hit[2]] if hit else None


def written_span(span: float) -> str:
    """Seconds as a configuration has them: `2h`."""
    sizes = (("d", 86_400), ("h", 3_600), ("m", 60))
    return next((f"{int(span // size)}{unit}" for unit, size in sizes if not span % size), f"{span:g}s")


def size(value: str) -> int | None:
    """`"20MB"` -> 20971520; None when it is no size."""
    hit = _SIZE.fullmatch(value.strip().upper())
    return int(float(hit[1]) * _BYTES[hit[2]]) if hit else None


def closest(word: str, words: Sequence[str]) -> str:
    """`did you mean "every"?`, or nothing when no word is near."""
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else ""


def typed(keys: Mapping[str, Key], values: Mapping[str, Any] | None, *, keep_rest: bool = False) -> dict[str, Any]:
    """Values with defaults, durations as seconds and sizes as bytes."""
    values = values or {}
    typed: dict[str, Any] = dict(values) if keep_rest else {}
    for name, key in keys.items():
        value = values.get(name, key.default)
        if value is not None and fault(key, value) and name in values:
            value = key.default
        if isinstance(value, str) and key.kind == "duration":
            value = seconds(value)
        elif isinstance(value, str) and key.kind == "size":
            value = size(value)
        typed[name] = value
    return typed


def fault(key: Key, value: object) -> tuple[str, str] | None:
    """What is wrong with a value, as (message, suggestion)."""
    if key.kind == "choice":
        if isinstance(value, str) and value in key.choices:
            return None
        return f"expected one of {', '.join(key.choices)}", closest(str(value), key.choices)
    if _fits(key.kind, value):
        return None
    said = "a secret may not stand here in plain text; " if key.kind == "reference" and isinstance(value, str) else ""
    return f"{said}expected {EXPECTED[key.kind]}", ""


def unresolved(reference: str, folder: Path) -> tuple[str, str] | None:
    """Why a secret is not to be had, for whoever is about to use it; a keyring is asked only when it is needed."""
    if reference.startswith("keyring:"):
        return None
    from listen import secrets  # only where there are some

    try:
        secrets.resolve(reference, base=folder)
    except secrets.SecretError as error:
        return error.message, error.remedy
    return None


def _is_day(value: object) -> bool:
    """A day as TOML writes it, or the same in quotes."""
    if not isinstance(value, str):
        return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    try:
        return bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


def _within(value: object, most: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -most <= value <= most


def _fits(kind: Kind, value: object) -> bool:
    match kind:
        case "text" | "query":
            return isinstance(value, str) and "\0" not in value
        case "texts":
            return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
        case "flag":
            return isinstance(value, bool)
        case "count":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case "share":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
        case "duration":
            return isinstance(value, str) and bool(seconds(value))
        case "size":
            return isinstance(value, str) and bool(size(value))
        case "date":
            return _is_day(value)
        case "weights":
            return isinstance(value, dict) and all(word.strip() and _within(one, 4) for word, one in value.items())
        case "level":
            return _within(value, 1)
        case "reference":
            return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None
        case _:
            return True
