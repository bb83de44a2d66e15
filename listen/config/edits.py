"""`console.toml`: what people changed from the console or a command, beside the store's file and later than it.

The collector alone writes it, whole and at once, and what a person wrote into it stays as it was.
"""

from __future__ import annotations

import os
import stat
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from listen.config.files import Layer
from listen.config.keys import TABLES
from listen.config.lines import line_of
from listen.config.records import ConfigErrors

NAME = "console.toml"

HEAD = (
    "# Written by listen when somebody changes the configuration from it. What stands here counts over config.toml.\n\n"
)


def console_file(file: Path) -> Path:
    """Where the changes to a store's file stand."""
    return file.with_name(NAME)


Value = str | bool | float | list[str] | Mapping[str, float]

Entry = Mapping[str, Value]
"""What one table of a named kind holds: `{"query": …, "queue": true}`."""

Puts = Mapping[str, Mapping[str, Entry | None]]
"""Kind of table (`topics`, `views`, `desks` …) -> name -> what shall stand in `console.toml`, None for nothing."""


def written(text: str, path: tuple[str, str, str], value: Value | None) -> str:
    """The text of a `console.toml` ("" for a new one) with [table.name] key = value in it, None without that key.

    The rest stays as it is. Raises ValueError for what is no TOML, or has something else in that place.
    """
    import tomlkit
    from tomlkit.items import Table

    document = tomlkit.parse(text or HEAD)
    table, name, key = path
    tables = document.setdefault(table, tomlkit.table(is_super_table=True))
    entry = tables.setdefault(name, tomlkit.table())
    if not isinstance(entry, Table):
        raise ValueError(f"[{table}.{name}] is no table")
    if isinstance(value, str):
        entry[key] = tomlkit.string(value, literal="'" not in value and value.isprintable())
    elif isinstance(value, Mapping):
        entry.pop(key, None)
        entry[key] = _table(value)
    elif value is not None:
        entry[key] = value
    else:
        entry.pop(key, None)
    if not entry:
        del tables[name]
        if not tables:
            del document[table]
    return tomlkit.dumps(document)


def _table(values: Mapping[str, float]) -> Any:
    """A key a line, in the order of the alphabet: a file that is kept in git shows what has changed."""
    import tomlkit

    table = tomlkit.table()
    for name in sorted(values):
        table[name] = values[name]
    return table


def put(text: str, puts: Puts) -> str:
    """The text of a `console.toml` with these tables in it, and without those that are None. Raises ValueError."""
    for table, names in puts.items():
        for name, entry in names.items():
            there = _standing(tomllib.loads(text)).get(table, {}).get(name, {})
            for key in {**there, **(entry or {})}:
                text = written(text, (table, name, key), (entry or {}).get(key))
    return text


def standing(file: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What a `console.toml` says: kind of table -> name -> entry. Raises OSError, ValueError."""
    return _standing(tomllib.loads(file.read_text("utf-8"))) if file.exists() else {}


def _standing(data: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        table: {name: entry for name, entry in names.items() if isinstance(entry, dict)}
        for table, names in data.items()
        if isinstance(names, dict)
    }


class Edited(NamedTuple):
    """A query, or a rule, of `console.toml`, and what the store's file says in its place."""

    table: str
    """`topics`, `views`, `desks` or `alerts`."""
    name: str
    query: str
    """Of a rule all that it says."""
    file: Path
    """The store's file."""
    line: int | None = None
    """Where it has a query for the same name, None when it knows no such name."""
    under: str | None = None
    """That query, which counts no more."""


def edited(files: Sequence[Path]) -> list[Edited]:
    """The queries that `console.toml` decides about; `files` are those of a `Config`. What cannot be read has none."""
    if not files:
        return []
    try:
        above, under = standing(console_file(files[0])), Layer.read(files[0], TABLES)
    except (OSError, ValueError, ConfigErrors):
        return []
    known = _standing(under.data)
    return [
        Edited(
            table, name, _said(table, entry), files[0],
            line_of(under.lines, (table, name, "query")) if name in known.get(table, {}) else None,
            _said(table, known[table][name]) if name in known.get(table, {}) else None,
        )
        for table in ("topics", "views", "desks", "alerts")
        for name, entry in above.get(table, {}).items()
        if ("when" if table == "alerts" else "query") in entry
    ]  # fmt: skip


def _said(table: str, entry: Mapping[str, Any]) -> str:
    """What is compared, and shown where it counts no more."""
    if table != "alerts":
        return str(entry.get("query", ""))
    return ", ".join(f"{key} = {value}" for key, value in sorted(entry.items()))


def replace(file: Path, text: str | None) -> None:
    """Put this text in the place of a file, all of it or nothing; None removes it. Raises OSError."""
    if text is None:
        file.unlink(missing_ok=True)
        return
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else _new_mode(file.parent)
    try:
        number, half = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error  # nobody knows the half one
    try:
        with os.fdopen(number, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(half, mode)
        os.replace(half, file)
    except BaseException:
        Path(half).unlink(missing_ok=True)
        raise


def _new_mode(folder: Path) -> int:
    """0600; 0660 in a folder that gives its group to its files (a team's)."""
    return 0o660 if folder.stat().st_mode & stat.S_ISGID else 0o600
