"""What the author of a text wants: patterns in data files that people read and extend, one file a language.

Pure: where intents are kept is the store's business. How a text is read by them stands in `listen.intents.reader`.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("packs")

ANY = ""
"""In the place of a language: patterns that are looked for in texts of every language."""

TRUSTED = 0.7
"""The share of right ones from which on an intent of a pack ships on."""

READING = 1
"""Version of how patterns are read (`listen.intents.reader`): another one means other intents for the same text."""


@dataclass(frozen=True, slots=True)
class Intent:
    """How one intent is told in one language."""

    name: str
    lang: str
    """A language of two or three letters, or ANY."""
    means: str
    """What it says of the author, in a few words."""
    sure: tuple[str, ...] = ()
    """Queries: one of their branches is enough."""
    likely: tuple[str, ...] = ()
    """Queries: two of them are enough, or one and two hints."""
    hints: tuple[str, ...] = ()
    """Queries: four of them are enough."""
    unless: tuple[str, ...] = ()
    """Queries: where one of them holds, the intent is not shown."""
    without: tuple[str, ...] = ()
    """Intents that are not shown beside: where the text shows one of them, this one is not."""
    learned: Mapping[str, Any] | None = None
    """A flag that people trained (`listen.intents.learned`), as its file tells it: it is enough."""
    precision: float | None = None
    """The share of right ones among texts that were read by a person; None when nobody has."""
    judged: int = 0
    """How many were read for that."""
    on: bool = True


Intents = Sequence[Intent]


@cache
def built_in() -> Intents:
    """The intents of the data files, language by language."""
    found: list[Intent] = []
    for file in sorted(FOLDER.glob("*.toml")):
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        found += [_read(name, file.stem, keys) for name, keys in told.items()]
    return tuple(found)


def _read(name: str, lang: str, keys: Mapping[str, Any]) -> Intent:
    lists: dict[str, Any] = {key: tuple(keys.get(key, ())) for key in ("sure", "likely", "hints", "unless", "without")}
    return Intent(
        name, lang, keys["means"], **lists,
        precision=keys.get("precision"), judged=keys.get("judged", 0), on=keys.get("on", True),
    )  # fmt: skip


def known(tables: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """All names that a query may ask for: those of the packs, on or off, and the configuration's own."""
    return list(dict.fromkeys((*(one.name for one in built_in()), *tables)))


def intents(tables: Mapping[str, Mapping[str, Any]]) -> Intents:
    """The built-in intents as the configuration's `[intents.NAME]` tables change them.

    What a table says is added to the intent of its name, in its `lang` or in all languages; `on` holds for all.
    """
    found = list(built_in())
    for name, keys in tables.items():
        on = keys.get("on")
        if on is not None:
            found = [replace(one, on=on) if one.name == name else one for one in found]
        if any(keys.get(key) for key in ("query", "likely", "learned")):
            means = keys.get("means") or next((one.means for one in found if one.name == name), name)
            own = Intent(
                name, keys.get("lang") or ANY, means, _some(keys, "query"), _some(keys, "likely"),
                unless=_some(keys, "unless"), learned=keys.get("learned"), on=on is not False,
            )  # fmt: skip
            found.append(own)
        elif keys.get("unless"):
            more, lang = _some(keys, "unless"), keys.get("lang")
            found = [
                replace(one, unless=(*one.unless, *more)) if one.name == name and lang in (None, one.lang) else one
                for one in found
            ]
    return tuple(found)


def _some(keys: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return (keys[key],) if keys.get(key) else ()


_READ = ("name", "lang", "sure", "likely", "hints", "unless", "without", "learned")


def version(found: Intents) -> str:
    """A name for these intents: another one means that what is stored has to be read anew."""
    told = [[getattr(one, part) for part in _READ] for one in found if one.on]
    return hashlib.blake2b(json.dumps([READING, told], ensure_ascii=False).encode(), digest_size=8).hexdigest()
