"""The configuration files -> one typed Config. Every error names file, line, key, what was expected and what was meant.

Layers, later ones win: the packaged default; the store's file (the first that exists of `--config`, `$LISTEN_CONFIG`,
the person's configuration folder, `/etc/listen/config.toml`; never the working directory); `console.toml` beside it,
which the collector alone writes; and the person's own `me.toml`.
"""

from __future__ import annotations

import datetime
import difflib
import getpass
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listen import query, secrets
from listen.config_keys import EXPECTED, PERSONAL, TABLES, Key, Kind, Table
from listen.config_lines import line_of, lines_of
from listen.query import tree

PACKAGED = Path(__file__).with_name("config.toml")
VARIABLE = "LISTEN_CONFIG"
SYSTEM_FILE = Path("/etc/listen/config.toml")
_NAME = re.compile(r"[^\W_][\w .&+-]{0,63}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)")
_BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_REFERENCE = re.compile(r"(env|file|keyring):.+")


class ConfigError(Exception):
    """One fault of one file. `line` counts from 1 and is None when the fault is an absence."""

    def __init__(self, file: Path | None, line: int | None, key: str, message: str, suggestion: str = "") -> None:
        self.file, self.line, self.key, self.message, self.suggestion = file, line, key, message, suggestion
        place = ":".join(str(part) for part in (file, line) if part is not None)
        sentence = ": ".join(part for part in (place, key, message) if part)
        super().__init__(f"{sentence} ({suggestion})" if suggestion else sentence)


class ConfigErrors(Exception):
    """All faults of the files together, so that one run shows them all."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    query: str
    node: tree.Node
    role: str


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    adapter: str
    settings: Mapping[str, Any]
    """The adapter's own keys, as written; durations are seconds."""
    every: float | None
    """Seconds between two checks, None to leave it to the adapter."""
    keep: str
    stream: bool
    allow_private: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds; see `[limits]`."""

    wire: int
    decoded: int
    total: float
    connect: float
    redirects: int
    cpu: float
    memory: int
    wall: float


@dataclass(frozen=True, slots=True)
class Me:
    name: str
    theme: str
    timezone: str | None
    mouse: bool
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Config:
    """What runs. `written` is True when a store's file was found: without one nothing is fetched."""

    files: tuple[Path, ...]
    written: bool
    store: Path
    contact: str | None
    concurrency: int
    gap: float
    workers: int
    limits: Limits
    topics: Mapping[str, Topic]
    sources: Mapping[str, Source]
    accounts: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Mapping[str, Any]]
    """Views, desks, alerts, notify and objectives, checked and with their defaults."""
    me: Me

    @property
    def folder(self) -> Path:
        """Where relative paths in the store's file start."""
        return self.files[0].parent if self.files else Path.cwd()


AdapterKeys = Mapping[str, Mapping[str, tuple[Kind, bool]]]
"""Adapter name -> its own keys with their kind and whether they are required."""


def user_folder() -> Path:
    """The person's configuration folder."""
    from platformdirs import user_config_path

    return user_config_path("listen")


def default_store() -> Path:
    """The store of somebody who named none."""
    from platformdirs import user_data_path

    return user_data_path("listen") / "listen.db"


def find_file(explicit: Path | None = None) -> Path | None:
    """`--config`, `$LISTEN_CONFIG`, the person's folder, /etc. Raises ConfigErrors when a named one is missing."""
    named = explicit or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        if not (file := named.expanduser()).is_file():
            origin = "--config" if explicit else f"${VARIABLE}"
            what = "is no file" if os.path.lexists(file) else "there is no such file"
            raise ConfigErrors([ConfigError(named, None, "", f"{what}, though {origin} names it")])
        return file.absolute()
    return next((file for file in (user_folder() / "config.toml", SYSTEM_FILE) if file.is_file()), None)


def locate_store(explicit: Path | None = None) -> Path:
    """The store's path alone, so that a fault elsewhere in the file keeps nobody from reading. Raises ConfigErrors."""
    file = find_file(explicit)
    written = _Layer.read(file, TABLES).data.get("store") if file else None
    return _store_path(written.get("path") if isinstance(written, dict) else None, file)


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
    layers = [_Layer.read(PACKAGED, TABLES)]
    if file is not None:
        layers.append(_Layer.read(file, TABLES))
        if (edits := file.with_name("console.toml")).is_file():
            layers.append(_Layer.read(edits, TABLES))
    mine = _Layer.read(me_file, PERSONAL) if me_file.is_file() else None
    checker = _Checker(layers, mine, adapter_keys)
    config = checker.config(file, store)
    if checker.errors:
        raise ConfigErrors(checker.errors)
    return config


def fault_in(files: Sequence[Path], path: tuple[str, ...], message: str, suggestion: str = "") -> ConfigError:
    """A fault that shows only when the configuration is used, with the place in the files where its table stands."""
    for file in reversed(files):
        layer = _Layer.read(file, TABLES)
        if path in layer.lines:
            return layer.error(path, message, suggestion)
    return ConfigError(None, None, ".".join(path), message, suggestion)


def seconds(value: str) -> float | None:
    """`"2m"` -> 120.0; None when it is no duration."""
    hit = _DURATION.fullmatch(value.strip())
    return float(hit[1]) * _SECONDS[hit[2]] if hit else None


def size(value: str) -> int | None:
    """`"20MB"` -> 20971520; None when it is no size."""
    hit = _SIZE.fullmatch(value.strip().upper())
    return int(float(hit[1]) * _BYTES[hit[2]]) if hit else None


def closest(word: str, words: Sequence[str]) -> str:
    """`did you mean "every"?`, or nothing when no word is near."""
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else ""


@dataclass(slots=True)
class _Layer:
    """One file as parsed, with the line of each key."""

    file: Path
    tables: Mapping[str, Table]
    data: dict[str, Any]
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path, tables: Mapping[str, Table]) -> _Layer:
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = file.read_bytes()[: error.start].count(b"\n") + 1
            raise ConfigErrors([ConfigError(file, line, "", "not UTF-8 text", "save the file as UTF-8")]) from None
        except OSError as error:
            raise ConfigErrors([ConfigError(file, None, "", f"cannot be read: {error.strerror}")]) from None
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


class _Checker:
    """Goes through the layers, collects faults, and builds the Config."""

    def __init__(self, layers: Sequence[_Layer], mine: _Layer | None, adapter_keys: AdapterKeys | None) -> None:
        self.layers, self.mine, self.adapter_keys = layers, mine, adapter_keys
        self.errors: list[ConfigError] = []

    def config(self, file: Path | None, store: Path | None) -> Config:
        for layer in [*self.layers, *([self.mine] if self.mine else [])]:
            self._check_tables(layer)
        values = {name: self._merged(name, table) for name, table in TABLES.items()}
        limits, collect = values["limits"], values["collect"]
        return Config(
            files=tuple(layer.file for layer in self.layers[1:]),
            written=file is not None,
            store=store or _store_path(values["store"].get("path"), file),
            contact=collect["contact"],
            concurrency=max(1, collect["concurrency"]),
            gap=collect["gap"],
            workers=max(1, collect["workers"]),
            limits=Limits(**limits),
            topics=self._topics(values["topics"]),
            sources=self._sources(values["sources"]),
            accounts={name: tuple(voices) for name, voices in values["accounts"].items() if isinstance(voices, list)},
            tables={
                name: self._queried(name, values[name]) for name in ("views", "desks", "alerts", "notify", "objectives")
            },
            me=self._me(),
        )

    def _check_tables(self, layer: _Layer) -> None:
        for name, content in layer.data.items():
            table = layer.tables.get(name)
            if table is None:
                hint = closest(name, list(layer.tables)) or f"the tables are {', '.join(layer.tables)}"
                self.errors.append(
                    layer.error((name,), "unknown table" if isinstance(content, dict) else "unknown key", hint)
                )
            elif not isinstance(content, dict):
                self.errors.append(layer.error((name,), f"expected a table, [{name}]"))
            elif table.named:
                for entry, keys in content.items():
                    self._check_entry(layer, (name, entry), table, keys)
            else:
                self._check_keys(layer, (name,), table, content)

    def _check_entry(self, layer: _Layer, path: tuple[str, ...], table: Table, keys: object) -> None:
        if not isinstance(keys, dict):
            hint = closest(path[-1], list(table.keys))
            self.errors.append(layer.error(path, f"expected a table, [{path[0]}.NAME]", hint))
            return
        if not _NAME.fullmatch(path[-1]):
            self.errors.append(
                layer.error(
                    path, "a name is 1 to 64 letters, digits, spaces and . & + - _, and starts with a letter or digit"
                )
            )
        self._check_keys(layer, path, table, keys)

    def _check_keys(self, layer: _Layer, path: tuple[str, ...], table: Table, keys: dict[str, Any]) -> None:
        known, open_keys = dict(table.keys), table.open
        if path[0] == "sources":
            open_keys = not self._add_adapter_keys(layer, path, keys, known)
        for name, value in keys.items():
            key = known.get(name)
            if key is not None:
                self._check_value(layer, (*path, name), key, value)
            elif not open_keys:
                hint = closest(name, list(known)) or f"the keys here are {', '.join(known)}"
                self.errors.append(layer.error((*path, name), "unknown key", hint))
        if path[0] in ("accounts", "keys"):
            kind: Kind = "texts" if path[0] == "accounts" else "text"
            for name, value in keys.items():
                self._check_value(layer, (*path, name), Key(kind, ""), value)

    def _add_adapter_keys(
        self, layer: _Layer, path: tuple[str, ...], keys: dict[str, Any], known: dict[str, Key]
    ) -> bool:
        """Adds the adapter's own keys to `known`; False when they cannot be told."""
        written = (_peek(other, path, "adapter") for other in reversed(self.layers))
        adapter = keys.get("adapter") or next(filter(None, written), None)
        if self.adapter_keys is None or not isinstance(adapter, str):
            return False
        own = self.adapter_keys.get(adapter)
        if own is None:
            hint = closest(adapter, list(self.adapter_keys)) or "`listen sources kinds` lists them"
            self.errors.append(layer.error((*path, "adapter"), f'there is no adapter "{adapter}"', hint))
            return False
        known |= {name: Key(kind, "", required=required) for name, (kind, required) in own.items()}
        return True

    def _check_value(self, layer: _Layer, path: tuple[str, ...], key: Key, value: object) -> None:
        fault = _fault(key, value)
        if fault is None and key.kind == "reference" and self.adapter_keys is not None:
            fault = _unresolved(str(value), layer.file.parent)
        if fault:
            self.errors.append(layer.error(path, *fault))

    def _merged(self, name: str, table: Table) -> dict[str, Any]:
        """The table over all layers with defaults filled in. Faulty values are left out: they have been reported."""
        merged: dict[str, Any] = {}
        for layer in self.layers:
            content = layer.data.get(name)
            if isinstance(content, dict):
                for key, value in content.items():
                    if table.named and isinstance(value, dict):
                        merged[key] = {**merged.get(key, {}), **value}
                    elif not table.named:
                        merged[key] = value
        if not table.named:
            return _typed(table.keys, merged, keep_rest=table.open)
        for entry, keys in merged.items():
            for missing in (key for key, spec in table.keys.items() if spec.required and key not in keys):
                self.errors.append(
                    self._owner((name, entry)).error(
                        (name, entry), f'the key "{missing}" is missing', table.keys[missing].help
                    )
                )
        return {entry: _typed(table.keys, keys, keep_rest=table.open) for entry, keys in merged.items()}

    def _owner(self, path: tuple[str, ...]) -> _Layer:
        """The last layer that writes something at or below the path."""
        return next((layer for layer in reversed(self.layers) if path in layer.lines), self.layers[-1])

    def _queried(self, name: str, entries: dict[str, Any]) -> dict[str, Any]:
        for entry, keys in entries.items():
            if keys.get("query"):
                self._parse((name, entry, "query"), keys["query"])
        return entries

    def _parse(self, path: tuple[str, ...], text: object, *, topic: bool = False) -> tree.Node:
        if not isinstance(text, str):
            return tree.All()
        try:
            node = query.parse(text)
            if topic:
                query.check_topic(node)
            return node
        except query.QueryError as error:
            message = f"column {error.column + 1} of the query: {error.message}"
            self.errors.append(self._owner(path).error(path, message, error.hint))
            return tree.All()

    def _topics(self, entries: dict[str, Any]) -> dict[str, Topic]:
        return {
            name: Topic(
                name,
                str(keys.get("query", "")),
                self._parse(("topics", name, "query"), keys.get("query"), topic=True),
                keys["role"],
            )
            for name, keys in entries.items()
        }

    def _sources(self, entries: dict[str, Any]) -> dict[str, Source]:
        own = TABLES["sources"].keys
        sources = {}
        for name, keys in entries.items():
            settings = {key: value for key, value in keys.items() if key not in own}
            settings = self._adapter_settings(name, keys.get("adapter"), settings)
            sources[name] = Source(
                name,
                str(keys.get("adapter", "")),
                settings,
                keys["every"],
                keys["keep"],
                keys["stream"],
                tuple(keys["allow_private"]),
                keys["enabled"],
            )
        return sources

    def _adapter_settings(self, name: str, adapter: object, settings: dict[str, Any]) -> dict[str, Any]:
        own = self.adapter_keys.get(adapter) if self.adapter_keys and isinstance(adapter, str) else None
        for missing in (key for key, (_, required) in (own or {}).items() if required and key not in settings):
            self.errors.append(
                self._owner(("sources", name)).error(("sources", name), f'the key "{missing}" is missing')
            )
        durations = {key for key, (kind, _) in (own or {}).items() if kind == "duration"}
        return {
            key: seconds(value) if key in durations and isinstance(value, str) else value
            for key, value in settings.items()
        }

    def _me(self) -> Me:
        data = self.mine.data if self.mine else {}
        me = _typed(PERSONAL["me"].keys, data.get("me") if isinstance(data.get("me"), dict) else {})
        keys = data.get("keys") if isinstance(data.get("keys"), dict) else {}
        return Me(
            me["name"] or _login(),
            me["theme"],
            me["timezone"],
            me["mouse"],
            {str(k): str(v) for k, v in (keys or {}).items()},
        )


def _store_path(written: object, file: Path | None) -> Path:
    if not isinstance(written, str) or file is None:
        return default_store()
    return (file.parent / Path(written).expanduser()).absolute()


def _peek(layer: _Layer, path: tuple[str, ...], key: str) -> object:
    value: object = layer.data
    for part in (*path, key):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _typed(keys: Mapping[str, Key], values: Mapping[str, Any] | None, *, keep_rest: bool = False) -> dict[str, Any]:
    """Values with defaults, durations as seconds and sizes as bytes."""
    values = values or {}
    typed: dict[str, Any] = dict(values) if keep_rest else {}
    for name, key in keys.items():
        value = values.get(name, key.default)
        if value is not None and _fault(key, value) and name in values:
            value = key.default
        if isinstance(value, str) and key.kind == "duration":
            value = seconds(value)
        elif isinstance(value, str) and key.kind == "size":
            value = size(value)
        typed[name] = value
    return typed


def _fault(key: Key, value: object) -> tuple[str, str] | None:
    """What is wrong with a value, as (message, suggestion)."""
    if key.kind == "choice":
        if isinstance(value, str) and value in key.choices:
            return None
        return f"expected one of {', '.join(key.choices)}", closest(str(value), key.choices)
    if _fits(key.kind, value):
        return None
    said = "a secret may not stand here in plain text; " if key.kind == "reference" and isinstance(value, str) else ""
    return f"{said}expected {EXPECTED[key.kind]}", ""


def _unresolved(reference: str, folder: Path) -> tuple[str, str] | None:
    """Why a secret is not to be had, for whoever is about to use it; a keyring is asked only when it is needed."""
    if reference.startswith("keyring:"):
        return None
    try:
        secrets.resolve(reference, base=folder)
    except secrets.SecretError as error:
        return error.message, error.remedy
    return None


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
            return isinstance(value, datetime.date)
        case "reference":
            return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None
        case _:
            return True


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"
