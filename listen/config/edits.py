"""`console.toml`: what people changed from the console or a command, beside the store's file and later than it.

The collector alone writes it, whole and at once, and what a person wrote into it stays as it was.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

NAME = "console.toml"

HEAD = (
    "# Written by listen when somebody changes the configuration from it. What stands here counts over config.toml.\n\n"
)


def console_file(file: Path) -> Path:
    """Where the changes to a store's file stand."""
    return file.with_name(NAME)


def written(text: str, path: tuple[str, str, str], value: str | None) -> str:
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
    if value is not None:
        entry[key] = tomlkit.string(value, literal="'" not in value and value.isprintable())
    else:
        entry.pop(key, None)
        if not entry:
            del tables[name]
        if not tables:
            del document[table]
    return tomlkit.dumps(document)


def replace(file: Path, text: str | None) -> None:
    """Put this text in the place of a file, all of it or nothing; None removes it. Raises OSError."""
    if text is None:
        file.unlink(missing_ok=True)
        return
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    number, half = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
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
