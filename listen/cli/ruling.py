"""`alerts add`, `edit`, `on`, `off`, `reset`, `remove`: the rules, a KEY=VALUE for each thing that one says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import USAGE, Fault, Session, writing
from listen.cli.definitions import change
from listen.text import one_line

if TYPE_CHECKING:
    from listen.config import Config

name_argument = click.argument("name")
words_argument = click.argument("words", nargs=-1, required=True, metavar="KEY=VALUE...")


@click.command()
@name_argument
@words_argument
@writing
def add(session: Session, name: str, words: Sequence[str]) -> int:
    """Begin the rule NAME: `listen alerts add recall when=match "query=acme recall" severity=page`.

    The keys are those of [alerts.NAME] in the configuration; a list has commas. `listen alerts test` replays it first.
    """
    return change(session, "edit", {"rule": name, "entry": entry_of(session.config(), name, words), "new": True})


@click.command()
@name_argument
@words_argument
@writing
def edit(session: Session, name: str, words: Sequence[str]) -> int:
    """Change what the rule NAME says: `listen alerts edit recall window=6h`; KEY= takes back what was said."""
    return change(session, "edit", {"rule": name, "entry": entry_of(session.config(), name, words)})


@click.command()
@name_argument
@writing
def on(session: Session, name: str) -> int:
    """Watch by the rule NAME from now on."""
    return change(session, "edit", {"rule": name, "on": True})


@click.command()
@name_argument
@writing
def off(session: Session, name: str) -> int:
    """Keep the rule NAME, and do not watch by it."""
    return change(session, "edit", {"rule": name, "on": False})


@click.command()
@name_argument
@writing
def reset(session: Session, name: str) -> int:
    """Give up what was changed of the rule NAME here: the configuration's file decides again."""
    return change(session, "edit", {"rule": name, "reset": True})


@click.command()
@name_argument
@writing
def remove(session: Session, name: str) -> int:
    """End the rule NAME, if it was begun here; one of the configuration's file is switched off."""
    return change(session, "edit", {"rule": name, "remove": True})


def entry_of(config: Config, name: str, words: Sequence[str]) -> dict[str, Any]:
    """A rule as the configuration has it, with what these words say instead. Raises Fault."""
    from listen.config import closest, rules

    there = config.tables.get("alerts", {}).get(name)
    said = rules.texts(there) if there is not None else {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or key not in rules.KEYS:
            hint = closest(key, list(rules.KEYS)) or f"the keys are {', '.join(rules.KEYS)}"
            raise Fault(f"{one_line(word, 60)}: expected KEY=VALUE; {hint}", USAGE)
        said[key] = text
    entry, wrong = rules.entry(said)
    if wrong:
        raise Fault("; ".join(f"{key}: {told}" for key, told in wrong.items()), USAGE)
    return entry
