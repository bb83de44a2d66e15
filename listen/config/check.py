"""Goes through the files layer by layer, collects every fault, and builds the Config."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from listen import countries, query, voices
from listen.config import alerts, desks, notify, objectives, teaching
from listen.config.files import Layer, store_path, user_folder
from listen.config.keys import PERSONAL, TABLES, Key, Kind, Table
from listen.config.records import Config, ConfigError, ConfigErrors, Limits, Me, Source, Topic
from listen.config.values import closest, seconds, typed, unresolved
from listen.config.values import fault as fault_of
from listen.model import INTENTS
from listen.query import tree
from listen.query.book import Book, OfDesk, listed, resolved
from listen.query.errors import suggestion
from listen.query.fields import MISTYPED
from listen.text import fold

NAME = re.compile(r"[^\W_][\w .&+-]{0,63}")
"""What a person may call a topic, a source, a view."""

MISSING: Mapping[str, str] = {"reference": '"env:NAME"', "texts": '["..."]', "count": "1", "duration": '"15m"'}
"""How a value of a kind is written, for whoever left out a key of an adapter."""

AdapterKeys = Mapping[str, Mapping[str, tuple[Kind, bool]]]
"""Adapter name -> its own keys with their kind and whether they are required; `*`: it knows more, and checks them."""


class Checker:
    """Goes through the layers, collects faults, and builds the Config."""

    def __init__(self, layers: Sequence[Layer], mine: Layer | None, adapter_keys: AdapterKeys | None) -> None:
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
            store=store or store_path(values["store"].get("path"), file),
            contact=collect["contact"],
            heartbeat=collect["heartbeat"],
            concurrency=max(1, collect["concurrency"]),
            gap=collect["gap"],
            workers=max(1, collect["workers"]),
            limits=Limits(**limits),
            topics=self._topics(values["topics"]),
            sources=self._sources(values["sources"]),
            accounts={name: tuple(told) for name, told in values["accounts"].items() if isinstance(told, list)},
            lists={name: tuple(listed) for name, listed in values["lists"].items() if isinstance(listed, list)},
            tables=self._tables(values),
            me=self._me(),
        )

    def _check_tables(self, layer: Layer) -> None:
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

    def _check_entry(self, layer: Layer, path: tuple[str, ...], table: Table, keys: object) -> None:
        if not isinstance(keys, dict):
            hint = closest(path[-1], list(table.keys))
            self.errors.append(layer.error(path, f"expected a table, [{path[0]}.NAME]", hint))
            return
        if not NAME.fullmatch(path[-1]):
            self.errors.append(
                layer.error(
                    path, "a name is 1 to 64 letters, digits, spaces and . & + - _, and starts with a letter or digit"
                )
            )
        self._check_keys(layer, path, table, keys)

    def _check_keys(self, layer: Layer, path: tuple[str, ...], table: Table, keys: dict[str, Any]) -> None:
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
        if path[0] in ("accounts", "lists", "keys"):
            kind: Kind = "text" if path[0] == "keys" else "texts"
            for name, value in keys.items():
                self._check_value(layer, (*path, name), Key(kind, ""), value)
            if path[0] == "accounts":
                self._check_voices(layer, keys)

    def _check_voices(self, layer: Layer, keys: dict[str, Any]) -> None:
        for name, told in keys.items():
            for voice in told if isinstance(told, list) else ():
                if isinstance(voice, str) and (wrong := voices.fault(voice)):
                    self.errors.append(layer.error(("accounts", name), wrong))

    def _add_adapter_keys(
        self, layer: Layer, path: tuple[str, ...], keys: dict[str, Any], known: dict[str, Key]
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
        known |= {name: Key(kind, "", required=required) for name, (kind, required) in own.items() if name != "*"}
        return "*" not in own

    def _check_value(self, layer: Layer, path: tuple[str, ...], key: Key, value: object) -> None:
        fault = fault_of(key, value)
        # A source that misses its secret says so itself, and spares its neighbours.
        if fault is None and key.kind == "reference" and self.adapter_keys is not None and path[0] != "sources":
            fault = unresolved(str(value), layer.file.parent)
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
                        whole = name == "alerts" and "when" in value  # a rule that was edited is all that it says
                        merged[key] = _over(table, {} if whole else merged.get(key, {}), value)
                    elif not table.named:
                        merged[key] = value
        if not table.named:
            return typed(table.keys, merged, keep_rest=table.open)
        for entry, keys in merged.items():
            for missing in (key for key, spec in table.keys.items() if spec.required and key not in keys):
                self.errors.append(
                    self._owner((name, entry)).error(
                        (name, entry), f'the key "{missing}" is missing', table.keys[missing].help
                    )
                )
        return {entry: typed(table.keys, keys, keep_rest=table.open) for entry, keys in merged.items()}

    def _owner(self, path: tuple[str, ...]) -> Layer:
        """The last layer that writes something at or below the path."""
        return next((layer for layer in reversed(self.layers) if path in layer.lines), self.layers[-1])

    def _tables(self, values: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        """Tables whose queries may name views and lists."""
        tables = {
            name: self._queried(name, values[name])
            for name in ("views", "desks", "retention", "alerts", "notify", "objectives", "commands")
        }
        self._check_covers(values["people"])
        views = {fold(name): query_or_all(keys.get("query")) for name, keys in tables["views"].items()}
        lists = {fold(name): listed(tuple(each)) for name, each in values["lists"].items() if isinstance(each, list)}
        book = Book(views, lists, self._desks(tables["desks"]))
        for name, entries in tables.items():
            for entry, keys in entries.items():
                for key in ("query", "of") if name == "alerts" else ("query",):
                    try:
                        resolved(query_or_all(keys.get(key)), book, strict=True)
                    except query.QueryError as error:
                        self._report((name, entry, key), error)
        self._check_alerts(tables, values["sources"])
        self._check_objectives(tables["objectives"], {**tables, "topics": values["topics"]})
        for entry, keys in tables["alerts"].items():
            tables["alerts"][entry] = alerts.completed(keys)
        tables["people"], tables["stories"] = values["people"], values["stories"]
        tables["noise"] = self._noise(values["noise"])
        tables["intents"] = self._intents(values["intents"])
        tables["teaching"] = self._teaching(values["teaching"], values["topics"])
        for entry, keys in values["topics"].items():
            self._refuse_lists(("topics", entry, "query"), query_or_all(keys.get("query")), lists)
        return tables

    def _check_covers(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Who covers must be somebody else, and not somebody for whom, in the end, the other one covers."""
        from listen import absence

        for entry, keys in entries.items():
            path = ("people", entry, "cover")
            if keys.get("cover") and not keys.get("away"):
                hint = 'away = "2027-01-04" is their last day away'
                self.errors.append(self._owner(path).error(path, f"{entry} is not away, so nobody has to cover", hint))
            if keys.get("cover") and fold(keys["cover"]) == fold(entry):
                hint = "name somebody else, or leave it out"
                self.errors.append(self._owner(path).error(path, f"{entry} cannot cover for themselves", hint))
        found = absence.people(entries)
        looped = absence.cycle({name: one for name, one in found.items() if one.cover != name})
        if looped is not None:
            path = ("people", next(entry for entry in entries if fold(entry) == looped), "cover")
            fault = "in the end they would cover for themselves"
            self.errors.append(self._owner(path).error(path, fault, "let somebody cover who is there"))

    def _desks(self, entries: dict[str, dict[str, Any]]) -> dict[str, OfDesk]:
        """The desks for a `Book`; whether each is open is decided here."""
        for entry, keys in entries.items():
            if keys["open"] is None:
                keys["open"] = any(entry in layer.data.get("desks", {}) for layer in self.layers[1:])
            for key, message, hint in desks.faults(keys):
                self.errors.append(self._owner(("desks", entry, key)).error(("desks", entry, key), message, hint))
                keys[key] = TABLES["desks"].keys[key].default
        return desks.for_book(entries)

    def _refuse_lists(self, path: tuple[str, ...], node: tree.Node, lists: Mapping[str, object]) -> None:
        """A list may change at any time; what a topic has matched would stay."""
        for part in tree.walk(node):
            for value in part.values if isinstance(part, tree.Facet) else ():
                if value.startswith("@") and value[1:] in lists:
                    place = part.span[0], part.span[1] - part.span[0]
                    hint = "write its names in the topic, or ask for the list in a filter or a view"
                    self._report(path, query.QueryError(f"a topic cannot hold the list {value}", *place, hint))

    def _teaching(self, entries: dict[str, Any], topics: Mapping[str, Any]) -> dict[str, Any]:
        """Of the topics that there are. What `console.toml` holds for one that was removed waits for its return."""
        for entry, keys in entries.items():
            owner = self._owner(("teaching", entry))
            if entry not in topics and owner.file.name != "console.toml":
                hint = closest(entry, list(topics)) or f"the topics are {', '.join(topics)}"
                self.errors.append(owner.error(("teaching", entry), f'there is no topic "{entry}"', hint))
            for key, message in teaching.faults(keys, owner.file.parent, read=self.adapter_keys is not None):
                path = ("teaching", entry, key)
                self.errors.append(self._owner(path).error(path, message))
        return {entry: keys for entry, keys in entries.items() if entry in topics}

    def _noise(self, entries: dict[str, Any]) -> dict[str, Any]:
        if not entries:
            return entries
        from listen import noise  # only where somebody changes it

        known = noise.built_in()
        for entry, keys in entries.items():
            if keys.get("query"):
                self._parse(("noise", entry, "query"), keys["query"], topic=True)
            elif entry not in known:
                hint = closest(entry, list(known)) or "write the query of a pattern of your own"
                fault = f'"{entry}" is no pattern that comes with listen, so it wants a query'
                self.errors.append(self._owner(("noise", entry)).error(("noise", entry), fault, hint))
        return entries

    def _intents(self, entries: dict[str, Any]) -> dict[str, Any]:
        """The tables as written, without what is absent: the workshop is handed them."""
        for entry, keys in entries.items():
            path = ("intents", entry)
            for key in ("query", "likely", "unless"):
                if keys.get(key):
                    self._pattern((*path, key), keys[key])
            if keys.get("model"):
                keys["learned"] = self._flag((*path, "model"), keys["model"])
            if entry in INTENTS:
                continue
            if meant := suggestion(entry, INTENTS, MISTYPED):
                fault = f'"{entry}" looks like {meant}, so nobody could ask for it'
                self.errors.append(self._owner(path).error(path, fault, f"write [intents.{meant}], or another name"))
            elif not re.fullmatch("[a-z][a-z0-9-]*", entry):
                fault = f'"{entry}" cannot be asked for by intent:'
                self.errors.append(self._owner(path).error(path, fault, "use small letters, digits and dashes"))
            elif not keys.get("query") and not keys.get("model"):
                fault = f'"{entry}" is no intent that comes with listen, so it wants a query'
                self.errors.append(self._owner(path).error(path, fault, "write the query of patterns of your own"))
        return {name: {key: keys[key] for key in keys if keys[key] is not None} for name, keys in entries.items()}

    def _flag(self, path: tuple[str, ...], written: str) -> dict[str, Any] | None:
        """The flag of a file beside that of the configuration."""
        from listen.intents import learned

        owner, inside = self._owner(path), PurePosixPath(written)
        if inside.is_absolute() or ".." in inside.parts:
            fault = "expected a file in a folder beside this one"
            self.errors.append(owner.error(path, fault, 'such as "models/warranty.toml"'))
            return None
        try:
            return learned.read(owner.file.parent / inside)
        except learned.FlagError as error:
            self.errors.append(owner.error(path, str(error), "`listen intents train` writes one"))
            return None

    def _pattern(self, path: tuple[str, ...], text: str) -> None:
        """Patterns of intents are read once, as topics are, and know what was computed of the tone."""
        for part in tree.walk(self._parse(path, text)):
            of_tone = isinstance(part, tree.Tone) or (isinstance(part, tree.Number) and part.name == "sentiment")
            if not isinstance(part, tree.And | tree.Or | tree.Not) and not of_tone:
                try:
                    query.check_topic(part)
                except query.QueryError as error:
                    self._report(path, error)

    def _queried(self, name: str, entries: dict[str, Any]) -> dict[str, Any]:
        for entry, keys in entries.items():
            for key in ("query", "of"):
                if keys.get(key):
                    self._parse((name, entry, key), keys[key])
        return entries

    def _check_alerts(self, tables: Mapping[str, dict[str, Any]], sources: Mapping[str, Any]) -> None:
        for entry, keys in tables["alerts"].items():
            for key, message, hint in alerts.faults(entry, keys, {**tables, "sources": sources}):
                path = ("alerts", entry, key) if key else ("alerts", entry)
                self.errors.append(self._owner(path).error(path, message, hint))
        for entry, keys in tables["notify"].items():
            folder = self._owner(("notify", entry)).file.parent
            written = {key for layer in self.layers for key in layer.data.get("notify", {}).get(entry, {})}
            for key, message, hint in notify.faults(keys, written, folder, self.adapter_keys is not None):
                path = ("notify", entry, key) if key else ("notify", entry)
                self.errors.append(self._owner(path).error(path, message, hint))

    def _check_objectives(self, entries: Mapping[str, Any], tables: Mapping[str, Any]) -> None:
        for entry, keys in entries.items():
            for key, message, hint in objectives.faults(keys, tables):
                path = ("objectives", entry, key) if key else ("objectives", entry)
                self.errors.append(self._owner(path).error(path, message, hint))

    def _parse(self, path: tuple[str, ...], text: object, *, topic: bool = False) -> tree.Node:
        if not isinstance(text, str):
            return tree.All()
        try:
            node = query.parse(text)
            if topic:
                query.check_topic(node)
            return node
        except query.QueryError as error:
            self._report(path, error)
            return tree.All()

    def _report(self, path: tuple[str, ...], error: query.QueryError) -> None:
        message = f"column {error.column + 1} of the query: {error.message}"
        self.errors.append(self._owner(path).error(path, message, error.hint))

    def _topics(self, entries: dict[str, Any]) -> dict[str, Topic]:
        return {
            name: Topic(
                name,
                str(keys.get("query", "")),
                self._parse(("topics", name, "query"), keys.get("query"), topic=True),
                keys["role"],
                tuple(self._country(("topics", name, "countries"), one) for one in keys["countries"]),
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
                None if keys["trial"] is None else str(keys["trial"]),
                self._country(("sources", name, "country"), keys["country"] or ""),
                keys["kind"] or "",
            )
        return sources

    def _country(self, path: tuple[str, ...], given: str) -> str:
        code = countries.code(given)
        if given and code is None:
            hint = 'write two letters, such as "fr"'
            self.errors.append(self._owner(path).error(path, f'"{given[:40]}" is no country', hint))
        return code or ""

    def _adapter_settings(self, name: str, adapter: object, settings: dict[str, Any]) -> dict[str, Any]:
        own = self.adapter_keys.get(adapter) if self.adapter_keys and isinstance(adapter, str) else None
        for missing in (key for key, (_, required) in (own or {}).items() if required and key not in settings):
            example = MISSING.get((own or {})[missing][0], '"..."')
            hint = f"add {missing} = {example}; `listen sources kinds {adapter}` explains it"
            self.errors.append(
                self._owner(("sources", name)).error(("sources", name), f'the key "{missing}" is missing', hint)
            )
        durations = {key for key, (kind, _) in (own or {}).items() if kind == "duration"}
        return {
            key: seconds(value) if key in durations and isinstance(value, str) else value
            for key, value in settings.items()
        }

    def _me(self) -> Me:
        data = self.mine.data if self.mine else {}
        me = typed(PERSONAL["me"].keys, data.get("me") if isinstance(data.get("me"), dict) else {})
        keys = data.get("keys") if isinstance(data.get("keys"), dict) else {}
        return Me(
            me["name"] or _login(),
            me["theme"],
            me["timezone"],
            me["mouse"],
            me["read_only"],
            {str(k): str(v) for k, v in (keys or {}).items()},
            self.mine.file if self.mine else None,
            me["bell"],
        )


def _over(table: Table, below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """What a later layer says counts, of words with what they weigh word by word."""
    found = {**below, **above}
    for name, key in table.keys.items():
        if key.kind == "weights" and isinstance(below.get(name), dict) and isinstance(above.get(name), dict):
            found[name] = {**below[name], **above[name]}
    return found


def _peek(layer: Layer, path: tuple[str, ...], key: str) -> object:
    value: object = layer.data
    for part in (*path, key):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def person() -> str:
    """The person's name by their `me.toml`, else their login; a fault in the file is told where all of it is read."""
    name = _personal("name")
    return name if isinstance(name, str) and name else _login()


def only_reads() -> Path | None:
    """The person's `me.toml` when it says that they change nothing."""
    return user_folder() / "me.toml" if _personal("read_only") is True else None


def _personal(key: str) -> object:
    try:
        told = Layer.read(user_folder() / "me.toml", PERSONAL).data.get("me")
    except (ConfigErrors, OSError):
        return None
    return told.get(key) if isinstance(told, dict) else None


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"


def query_or_all(text: object) -> tree.Node:
    """A query that may have been reported as faulty already."""
    try:
        return query.parse(str(text or ""))
    except query.QueryError:
        return tree.All()
