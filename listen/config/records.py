"""What the configuration says, as typed records, and how its faults are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listen.query import tree


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
    countries: tuple[str, ...] = ()
    """Where it matters, two small letters each."""


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
    trial: str | None = None
    """The last day of its trial, as written."""
    country: str = ""
    """Where all of it is published, two small letters; empty where that differs."""
    kind: str = ""
    """What its posts and articles really are; empty for what the adapter says."""


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
    read_only: bool
    keys: Mapping[str, str]
    """As written: the console knows which there are, and checks them."""
    file: Path | None = None
    """The person's own file, when there is one."""
    bell: bool = True
    """Whether the terminal rings when a page begins to fire."""


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
    lists: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Mapping[str, Any]]
    """Views, desks, alerts, notify and objectives, checked and with their defaults."""
    me: Me
    heartbeat: str | None = None
    """An address, or a reference to one, that is asked while all goes well."""

    @property
    def folder(self) -> Path:
        """Where relative paths in the store's file start."""
        return self.files[0].parent if self.files else Path.cwd()
