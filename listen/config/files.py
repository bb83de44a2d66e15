"""Where the configuration's files lie, and one of them as parsed."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listen import places
from listen.config.keys import TABLES, Table
from listen.config.lines import line_of, lines_of
from listen.config.records import ConfigError, ConfigErrors

PACKAGED = Path(__file__).parents[1] / "config.toml"
VARIABLE = "LISTEN_CONFIG"
SYSTEM_VARIABLE = "LISTEN_SYSTEM_CONFIG"
"""Where a packager, or a test, has the file of the machine elsewhere than in /etc."""


def user_folder() -> Path:
    """The person's configuration folder."""
    from platformdirs import user_config_path

    return user_config_path("listen")


def system_file() -> Path:
    """The configuration of the machine, which a team shares."""
    return Path(os.environ.get(SYSTEM_VARIABLE) or "/etc/listen/config.toml")


def default_store() -> Path:
    """The store of somebody who named none."""
    from platformdirs import user_data_path

    return user_data_path("listen") / "listen.db"


def find_file(explicit: Path | None = None) -> Path | None:
    """`--config`, `$LISTEN_CONFIG`, the person's folder, /etc (or `$LISTEN_SYSTEM_CONFIG`).

    Raises ConfigErrors when a named one is missing, or when this user may not look whether it is there.
    """
    named = explicit or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        if not _is_file(file := named.expanduser()):
            origin = "--config" if explicit else f"${VARIABLE}"
            what = "is no file" if os.path.lexists(file) else "there is no such file"
            raise ConfigErrors([ConfigError(named, None, "", f"{what}, though {origin} names it")])
        return file.absolute()
    return next((file for file in (user_folder() / "config.toml", system_file()) if _is_file(file)), None)


def _is_file(file: Path) -> bool:
    """Whether there is one. Raises ConfigErrors when this user may not know."""
    if (why := places.closed(file)) is not None:
        raise ConfigErrors([ConfigError(file, None, "", *why)])
    return file.is_file()


def locate_store(explicit: Path | None = None) -> Path:
    """The store's path alone, so that a fault elsewhere in the file keeps nobody from reading. Raises ConfigErrors."""
    file = find_file(explicit)
    written = Layer.read(file, TABLES).data.get("store") if file else None
    return store_path(written.get("path") if isinstance(written, dict) else None, file)


@dataclass(slots=True)
class Layer:
    """One file as parsed, with the line of each key."""

    file: Path
    tables: Mapping[str, Table]
    data: dict[str, Any]
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path, tables: Mapping[str, Table]) -> Layer:
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = file.read_bytes()[: error.start].count(b"\n") + 1
            raise ConfigErrors([ConfigError(file, line, "", "not UTF-8 text", "save the file as UTF-8")]) from None
        except PermissionError:
            raise ConfigErrors([ConfigError(file, None, "", *places.unreadable(file))]) from None
        except OSError as error:
            raise ConfigErrors([ConfigError(file, None, "", f"cannot be read: {error.strerror}")]) from None
        return cls.of(file, text, tables)

    @classmethod
    def of(cls, file: Path, text: str, tables: Mapping[str, Table]) -> Layer:
        """What stands in `file`, or would. Raises ConfigErrors."""
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigErrors([_syntax_error(file, text, str(error))]) from None
        return cls(file, tables, data, lines_of(text))

    def error(self, path: tuple[str, ...], message: str, suggestion: str = "") -> ConfigError:
        return ConfigError(self.file, line_of(self.lines, path), ".".join(path), message, suggestion)


def _syntax_error(file: Path, text: str, message: str) -> ConfigError:
    """tomllib's words with its line as ours; it reports a repeated key at the end of the value."""
    line = int(hit[1]) if (hit := re.search(r"at line (\d+)", message)) else text.count("\n") + 1
    reason = re.sub(r"\s*\(at [^)]*\)", "", message)
    if "overwrite a value" in reason or "declare" in reason:
        written = text.splitlines()[line - 1].partition("=")[0].strip() if line else ""
        return ConfigError(file, line, written, "this name is written twice", "keep one of the two")
    return ConfigError(file, line, "", f"not valid TOML: {reason[:1].lower()}{reason[1:]}")


def store_path(written: object, file: Path | None) -> Path:
    if not isinstance(written, str) or file is None:
        return default_store()
    return (file.parent / Path(written).expanduser()).absolute()
