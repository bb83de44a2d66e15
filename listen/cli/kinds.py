"""`sources kinds`: the adapters, their keys, and what each needs; those of other packages with how they are."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import FOUND, USAGE, Fault, Session, common, print_json, sentence_of
from listen.text import one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


PAGE = 80
INDENT = 20


@click.command()
@click.argument("name", required=False)
@common
def kinds(session: Session, name: str | None) -> int:
    """List the adapters that `adapter = "..."` accepts: their keys, and what each needs; of NAME what its keys mean.

    Those of other packages are not imported, and so tell nothing of themselves, before a source names them.
    """
    import sources as registry

    names = list(registry.names())
    if name is not None and name not in names:
        from listen.config import closest

        raise Fault(
            f'there is no adapter "{name}"; {closest(name, names) or "`listen sources kinds` lists them"}', USAGE
        )
    others, named = registry.others(), _named(session)
    records = [_record(one, others.get(one), one in named) for one in names if name in (None, one)]
    for record in records:
        if session.as_json:
            print_json(record)
        else:
            print("\n".join(_told(record, whole=name is not None)))
    return FOUND


def _told(record: dict[str, Any], *, whole: bool) -> Iterator[str]:
    """An adapter in a few lines; `whole`: with what each key means."""
    yield from _wrapped(record["name"], record["summary"])
    yield from _wrapped("", f"needs {_needs(record)}")
    keys = record["options"]
    if keys and not whole:
        yield from _wrapped("", f"keys {', '.join(keys)}")
    for key, option in keys.items() if whole else ():
        yield from _wrapped(key, f"{option['help']}{' (required)' if option['required'] else ''}", "  ")


def _wrapped(label: str, words: str, margin: str = "") -> list[str]:
    """Words beside a label, no wider than a page."""
    beside = f"{margin + one_line(label, INDENT - len(margin) - 1):<{INDENT}}"
    return wrap(one_line(words), PAGE, initial_indent=beside, subsequent_indent=" " * INDENT) or [beside.rstrip()]


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
