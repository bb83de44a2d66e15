"""`listen intents`: what is read of the wants of authors, how surely, and how much of it is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listen import intents as wants
from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, Group, Session, common, print_json, print_table, say
from listen.cli.read import meant, parse_words
from listen.clock import from_environment
from listen.files import whole_file
from listen.text import one_line

if TYPE_CHECKING:
    from listen.store.read import Reader

MOST = 20_000
"""Mentions of a query that are learned from, the newest."""


@click.group(cls=Group, invoke_without_command=True)
@common
def intents(session: Session) -> int:
    """Print each intent with its languages, how sure it is, and whether it is on.

    How sure: the share of right ones among hits that a person has read, and how many that were (`.92 of 40`).
    """
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    found = wants.intents(session.config().tables.get("intents", {}))
    if session.as_json:
        for one in found:
            print_json(
                {
                    "intent": one.name,
                    "lang": one.lang or None,
                    "means": one.means,
                    "on": one.on,
                    "precision": one.precision,
                    "judged": one.judged,
                    "own": one not in wants.built_in(),
                }
            )
        return FOUND
    print_table(("intent", "language", "on", "right", "what it says"), _rows(found))
    return FOUND


@intents.command(context_settings=QUERY_SETTINGS)
@click.argument("name")
@click.argument("yes")
@click.argument("no")
@click.option("--write", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@common
def train(session: Session, name: str, yes: str, no: str, file: Path | None) -> int:
    """Learn the intent NAME from the mentions that the query YES finds, and those of NO, which do not show it.

    Tags are the labels: `listen intents train warranty tag:warranty tag:no-warranty --write models/warranty.toml`.
    Prints how well it does on what it has not seen; the file is for `model` of [intents.NAME].
    """
    from listen.intents import learned

    with session.reader() as reader:
        shown = set(_found(reader, yes))
        labels = {**dict.fromkeys(_found(reader, no), False), **dict.fromkeys(shown, True)}
        told = [learned.Label(f"{one.network} {one.external_id}", f"{one.title or ''}\n{one.text}", labels[one.id])
                for one in reader.mentions(sorted(labels))]  # fmt: skip
    try:
        lesson = learned.learn(told)
    except learned.FlagError as error:
        say(f"{one_line(name)}: {error}")
        return NOTHING
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as out:
            out.write(learned.written(lesson, one_line(name), time.strftime("%Y-%m-%d")))
    if session.as_json:
        print_json({**lesson._asdict(), "flag": None, "intent": name, "file": None if file is None else str(file)})
    else:
        right = f"{lesson.precision:.2f} of {lesson.found} that it finds are right, it finds {lesson.recall:.2f} of all"
        print(f"{one_line(name)}: of {lesson.labels} labels, left out one part after another, {right}")
        if file is not None:
            say(f'it counts once [intents.{name}] holds model = "{file}", as seen from the configuration')
    return FOUND


def _found(reader: Reader, written: str) -> list[int]:
    node = parse_words([written])
    return list(reader.page(meant(reader, node, [written]), limit=MOST, budget=None, now=from_environment().now()).ids)


def _rows(found: Sequence[wants.Intent]) -> Iterator[tuple[str, ...]]:
    for one in sorted(found, key=lambda one: wants.known({one.name: {}}).index(one.name)):
        yield one.name, one.lang or "all", "on" if one.on else "off", sure(one), one.means


def sure(one: wants.Intent) -> str:
    """The share of right ones among those that were read."""
    return "not read" if one.precision is None else f"{one.precision:.2f} of {one.judged}".removeprefix("0")
