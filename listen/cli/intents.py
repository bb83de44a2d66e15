"""`listen intents`: what is read of the wants of authors, how surely, and how much of it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from listen import intents as wants
from listen.cli.common import FOUND, Session, common, print_json, print_table


@click.command()
@common
def intents(session: Session) -> int:
    """Print each intent with its languages, how sure it is, and whether it is on.

    How sure: the share of right ones among hits that a person has read, and how many that were (`.92 of 40`).
    """
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


def _rows(found: Sequence[wants.Intent]) -> Iterator[tuple[str, ...]]:
    for one in sorted(found, key=lambda one: wants.known({one.name: {}}).index(one.name)):
        yield one.name, one.lang or "all", "on" if one.on else "off", sure(one), one.means


def sure(one: wants.Intent) -> str:
    """The share of right ones among those that were read."""
    return "not read" if one.precision is None else f"{one.precision:.2f} of {one.judged}".removeprefix("0")
