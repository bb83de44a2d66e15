"""`sql`: read-only SQL over the store and its views."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import click

from listen.cli.common import FAILED, FOUND, NOTHING, USAGE, Fault, Session, common, print_json, print_table, say

WIDTH = 60
"""Columns of a cell on a terminal."""

SHOWN = 1_000
"""Rows of a table on a terminal: its columns are as wide as their widest cell."""


@click.command()
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[SELECT]")
@click.option("--csv", "as_csv", is_flag=True, help="CSV, as where the output is no terminal.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True, metavar="SECONDS",
              help="How long the store may look for the answer.")  # fmt: skip
@common
def sql(session: Session, words: Sequence[str], as_csv: bool, timeout: float) -> int:
    """Answer one SELECT; without it, list the views and their columns. Nothing can be changed."""
    from listen.store.guarded import Guarded, SqlError, SqlSlow

    if session.as_json and as_csv:
        raise Fault("--json and --csv exclude each other; give one of them", USAGE)
    statement = " ".join(words)
    if not statement.strip():
        return _list(session)
    with session.reader():
        pass  # says what is wrong with the store, where something is
    with Guarded(session.store(), timeout) as store:
        try:
            answer = store.ask(statement)
            return _tell(session, answer.columns, answer.rows, as_csv)
        except SqlSlow as error:
            raise Fault(str(error), FAILED) from None
        except SqlError as error:
            caret = error.caret(statement)
            raise Fault(f"{error}\n{caret}" if caret else str(error), USAGE) from None


def _list(session: Session) -> int:
    from listen.store.views import VIEWS

    rows = [(view, column, meaning) for view, columns in VIEWS.items() for column, meaning in columns.items()]
    if session.as_json:
        for view, column, meaning in rows:
            print_json({"view": view, "column": column, "meaning": meaning})
    else:
        print_table(("view", "column", "meaning"), rows)
    return FOUND


def _tell(session: Session, columns: list[str], rows: Iterator[tuple[Any, ...]], as_csv: bool) -> int:
    if session.as_json:
        names, n = _distinct(columns), 0
        for n, row in enumerate(rows, 1):  # noqa: B007 - the last number is kept
            print_json(dict(zip(names, map(_value, row), strict=True)))
    elif as_csv or not sys.stdout.isatty():
        from listen.cli.tables import write_csv

        n = write_csv(sys.stdout, columns, (list(map(_value, row)) for row in rows))
    else:
        n = _table(columns, rows)
    if not n:
        say("no rows")
    return FOUND if n else NOTHING


def _table(columns: list[str], rows: Iterator[tuple[Any, ...]]) -> int:
    from listen.text import one_line

    shown = [[one_line(_text(value), WIDTH) for value in row] for row in islice(rows, SHOWN)]
    print_table([one_line(name, WIDTH) for name in columns], shown)
    if next(rows, None) is not None:
        say(f"only the first {SHOWN:,} rows are shown; --csv and --json give all")
    return len(shown)


def _text(value: object) -> str:
    return "" if value is None else str(_value(value))


def _value(value: object) -> object:
    """As CSV and JSON can say it: bytes as hexadecimal digits, what is no number as nothing."""
    if isinstance(value, bytes):
        return value.hex()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of which none is lost in an object: `n`, `n_2`."""
    found: dict[str, None] = {}
    for name in names:
        free, number = name, 2
        while free in found:
            free, number = f"{name}_{number}", number + 1
        found[free] = None
    return list(found)
