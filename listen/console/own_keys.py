"""A person's own keys: `[keys]` of `me.toml`, checked whole before they are used. Light, as `keys` is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from listen.console.keys import BY_ID, SIGNS, TABLE, TOGETHER, Key, shown

NAMED = {
    "tab", "space", "enter", "escape", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown", "up",
    "down", "left", "right", *(f"f{number}" for number in range(1, 25)),
}  # fmt: skip
"""Keys without a sign of their own, as Textual names them."""

SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace", "ctrl+[": "escape"}
"""What a terminal sends for these keys."""

_NAMES = {sign: name for name, sign in SIGNS.items()}
_RENAMED = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
"""Unicode's names of signs that Textual calls otherwise."""


class Fault(NamedTuple):
    """One thing that cannot be."""

    id: str
    """The key of `[keys]` at fault."""
    message: str
    hint: str = ""


class KeysError(Exception):
    """`[keys]` asks for something impossible."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(f"{one.id}: {one.message} ({one.hint})" for one in self.faults))


def keymap(overrides: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """A person's own keys: binding id -> keys as Textual names them.

    Raises:
        KeysError: an unknown id, something that is no key, or a key that would stand twice.
    """
    faults: list[Fault] = []
    chosen: dict[str, tuple[str, ...]] = {}
    for name, spelled in overrides.items():
        key = BY_ID.get(name)
        if key is None:
            faults.append(Fault(name, "there is no such verb", _meant(name)))
            continue
        parts = [part.strip() for part in spelled.split(",") if part.strip()] or [spelled.strip()]
        names = [(part, named(part)) for part in parts]
        faults += [Fault(name, *fault) for part, one in names if (fault := _fault(key, part, one))]
        chosen[name] = tuple(dict.fromkeys(one for _, one in names if one is not None))
    faults += _clashes(chosen)
    if faults:
        raise KeysError(faults)
    return chosen


def named(part: str) -> str | None:
    """A key as people write it (`?`, `pgdn`, `ctrl+x`, `é`) -> as Textual names it; None for what is no key."""
    if len(part) == 1 and part.isalnum():
        return part
    if part in _NAMES or part in SIGNS:
        return _NAMES.get(part, part)
    *modifiers, sign = part.split("+") if len(part) > 1 else [part]
    if not set(modifiers) <= {"ctrl", "shift", "alt"}:
        return None
    if sign in NAMED or sign in _NAMES:
        sign = _NAMES.get(sign, sign)
    elif modifiers:
        if not re.fullmatch(r"[a-z]|[\[\]\\^_@]", sign) or "shift" in modifiers:
            return None
    elif len(sign) != 1 or not sign.isprintable():
        return None
    elif not sign.isalnum():
        spelled = unicodedata.name(sign, "").lower().replace("-", "_").replace(" ", "_")
        sign = _RENAMED.get(spelled, spelled)
    return "+".join([*sorted(modifiers), sign]) if sign else None


def _fault(key: Key, part: str, name: str | None) -> tuple[str, str] | None:
    """What is wrong with one key of a verb: (message, hint)."""
    if re.fullmatch(r"shift\+[a-z]", part):
        return f'"{part}" is no key', f'write "{part[-1].upper()}"'
    if part in SAME:
        return f'terminals send {SAME[part]} for "{part}"', "take another key"
    if name is None:
        return f'"{part}" is no key', 'write a sign, or a name such as "ctrl+x", "pgdn" or "f5"'
    if key.scope == "inputs" and "+" not in name and name not in NAMED:
        return f'"{part}" is text while you type', 'take a key without a sign, such as "tab" or "ctrl+x"'
    return None


def _meant(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(BY_ID), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else "`?` in the console shows their names"


def _clashes(chosen: Mapping[str, tuple[str, ...]]) -> list[Fault]:
    """Keys that would stand for two verbs at the same time, told at the first of the two that was written."""
    faults: dict[Fault, None] = {}
    for scopes in TOGETHER:
        taken: dict[str, str] = {}
        for key in (key for key in TABLE if key.scope in scopes):
            for name in chosen.get(key.id, key.keys):
                other = taken.setdefault(name, key.id)
                if other != key.id:
                    at, its = (other, key.id) if other in chosen else (key.id, other)
                    told = f'"{shown(name)}" is the key of {its}, too'
                    faults[Fault(at, told, "give one of them another key")] = None
    return list(faults)
