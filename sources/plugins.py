"""Adapters that other packages bring through the entry points `listen.sources`.

They are code with our rights. None is imported before a source of the configuration names it, and one that does not
work is an error of that source and of nobody else.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from importlib.metadata import EntryPoint
from typing import Any

from sources.base import Adapter, Option, SourceError

GROUP = "listen.sources"
FOREIGN = (Exception, SystemExit)
"""What foreign code may raise: `sys.exit()` in it must not end the program."""


def found(own: Container[str] = ()) -> dict[str, EntryPoint]:
    """Name -> entry point of every adapter of another package; a name of our `own` cannot be taken."""
    from importlib.metadata import entry_points

    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value), reverse=True)
    return {point.name: point for point in points if point.name not in own}


def package(point: EntryPoint) -> str:
    """`listen-pigeon 1.0`, the package that brings it; where it lies when that is not told."""
    told = getattr(point, "dist", None)
    return f"{told.name} {told.version}" if told is not None else point.value


def load(point: EntryPoint) -> Adapter:
    """The adapter. Raises SourceError `adapter`, whatever its package does."""
    try:
        adapter = point.load()()
        fault = _fault(adapter, point.name)
    except FOREIGN as error:
        fault = told(error)
    if fault:
        words = f"the adapter {point.name} of {package(point)} does not work: {fault}"
        raise SourceError("adapter", words, "update that package, or remove it")
    return adapter  # type: ignore[no-any-return]


def told(error: BaseException) -> str:
    """An error of foreign code on one line."""
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _fault(adapter: Any, name: str) -> str:
    """What an adapter lacks that everything else relies on; "" when it is sound."""
    missing = [part for part in ("channels", "request", "parse") if not callable(getattr(adapter, part, None))]
    if missing:
        return f"it has no {missing[0]}()"
    if getattr(adapter, "name", None) != name:
        return f'its name is {getattr(adapter, "name", None)!r}, expected "{name}" as in the entry point'
    every = getattr(adapter, "every", None)
    if isinstance(every, bool) or not isinstance(every, int | float) or not every > 0:
        return "its every is no number of seconds"
    if not isinstance(getattr(adapter, "summary", None), str):
        return "its summary is no text"
    options = getattr(adapter, "options", None)
    if not isinstance(options, Mapping) or not all(isinstance(option, Option) for option in options.values()):
        return "its options are no mapping of names to Option"
    return ""
