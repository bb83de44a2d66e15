"""The configuration files -> one typed Config. Every error names file, line, key, what was expected and what was meant.

Layers, later ones win: the packaged default; the store's file (the first that exists of `--config`, `$LISTEN_CONFIG`,
the person's configuration folder, `/etc/listen/config.toml`; never the working directory); `console.toml` beside it,
which the collector alone writes; and the person's own `me.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from listen.config.check import AdapterKeys, Checker, only_reads, person
from listen.config.files import (
    PACKAGED,
    VARIABLE,
    Layer,
    default_store,
    find_file,
    locate_store,
    system_file,
    user_folder,
)
from listen.config.keys import PERSONAL, TABLES
from listen.config.records import Config, ConfigError, ConfigErrors, Limits, Me, Source, Topic
from listen.config.values import closest, seconds, size

__all__ = [
    "PACKAGED", "VARIABLE", "AdapterKeys", "Config", "ConfigError", "ConfigErrors", "Limits", "Me",
    "Source", "Topic", "closest", "declared", "default_store", "fault_in", "find_file", "load", "locate_store",
    "only_reads", "person", "seconds", "size", "system_file", "user_folder", "would_be",
]  # fmt: skip


def load(
    explicit: Path | None = None,
    *,
    store: Path | None = None,
    adapter_keys: AdapterKeys | None = None,
    personal: Path | None = None,
) -> Config:
    """All layers, checked whole. Raises ConfigErrors with every fault.

    `store` overrides `[store] path`. With `adapter_keys` the adapters' own keys are checked, too, and secrets must be
    there: who passes them means to use them.
    """
    file = find_file(explicit)
    me_file = personal or user_folder() / "me.toml"
    layers = [Layer.read(PACKAGED, TABLES)]
    if file is not None:
        layers.append(Layer.read(file, TABLES))
        if (edits := file.with_name("console.toml")).is_file():
            layers.append(Layer.read(edits, TABLES))
    mine = Layer.read(me_file, PERSONAL) if me_file.is_file() else None
    checker = Checker(layers, mine, adapter_keys)
    config = checker.config(file, store)
    if checker.errors:
        raise ConfigErrors(checker.errors)
    return config


def would_be(text: str, file: Path, *, store: Path | None = None, adapter_keys: AdapterKeys | None = None) -> Config:
    """The configuration that `file` would make if this text stood in it, checked whole. Raises ConfigErrors."""
    checker = Checker([Layer.read(PACKAGED, TABLES), Layer.of(file, text, TABLES)], None, adapter_keys)
    config = checker.config(file, store)
    if checker.errors:
        raise ConfigErrors(checker.errors)
    return config


def declared(files: Sequence[Path], table: str) -> dict[str, str]:
    """Name of each entry of a table -> `FILE:LINE` where it begins, of the last file that says anything of it.

    Empty for files that cannot be read any more.
    """
    found: dict[str, str] = {}
    try:
        layers = [Layer.read(file, {**TABLES, **PERSONAL}) for file in files]
    except ConfigErrors:
        return found
    for layer in layers:
        for path, line in layer.lines.items():
            if path[0] == table and len(path) == 2:
                found[path[1]] = f"{layer.file}:{line}"
    return found


def fault_in(files: Sequence[Path], path: tuple[str, ...], message: str, suggestion: str = "") -> ConfigError:
    """A fault that shows only when the configuration is used, with the place in the files where its table stands."""
    for file in reversed(files):
        layer = Layer.read(file, {**TABLES, **PERSONAL})
        if path in layer.lines:
            return layer.error(path, message, suggestion)
    return ConfigError(None, None, ".".join(path), message, suggestion)
