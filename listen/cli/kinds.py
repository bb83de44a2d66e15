"""`sources kinds`: the adapters, their keys, and what each needs; those of other packages with how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import FOUND, Session, common, print_json, print_table, sentence_of
from listen.text import one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


@click.command()
@common
def kinds(session: Session) -> int:
    """List the adapters that `adapter = "..."` accepts: their keys, and what each needs.

    Those of other packages are not imported, and so tell nothing of themselves, before a source names them.
    """
    import sources as registry

    others, named = registry.others(), _named(session)
    records = [_record(name, others.get(name), name in named) for name in registry.names()]
    if session.as_json:
        for record in records:
            print_json(record)
        return FOUND
    rows = [
        (record["name"], ", ".join(record["options"]), one_line(record["summary"]), one_line(_needs(record)))
        for record in records
    ]
    print_table(("adapter", "keys", "what it listens to", "needs"), rows)
    return FOUND


def _needs(record: dict[str, Any]) -> str:
    """What it needs, for people: also what keeps it from working."""
    if record["package"] is None:
        return str(record["needs"])
    told = {"off": "a source that names it: it is off until then", "faulty": record["error"]}
    return f"{told.get(record['state'], record['needs'])} (package {record['package']})"


def _named(session: Session) -> set[str]:
    """The adapters that the configuration names; none when it cannot be read: `config check` says why."""
    try:
        return {source.adapter for source in session.config().sources.values()}
    except Exception as error:
        if sentence_of(error) is None:
            raise
        return set()


def _record(name: str, point: EntryPoint | None, named: bool) -> dict[str, Any]:
    """What is told of an adapter; `point` where another package brings it."""
    import sources as registry
    from sources import plugins
    from sources.base import SourceError

    told: dict[str, Any] = {"name": name, "summary": "", "needs": "", "every": None, "options": {}}
    where: dict[str, Any] = {"package": plugins.package(point) if point else None, "state": "on", "error": None}
    if point is not None and not named:
        return told | where | {"state": "off"}
    try:
        adapter = registry.get(name)
    except SourceError as error:
        return told | where | {"state": "faulty", "error": error.message}
    told |= {"summary": adapter.summary, "needs": str(getattr(adapter, "needs", "")), "every": adapter.every}
    told["options"] = {
        key: {"type": option.type, "required": option.required, "help": option.help}
        for key, option in adapter.options.items()
    }
    return told | where
