"""`export`: all mentions of a query for other programs, one after the other, whatever their number."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Session, common, json_line, say
from listen.cli.read import found, meant, parse_words, query_argument, tell_noise
from listen.cli.tables import by_ending, cell, write_csv
from listen.clock import from_environment
from listen.files import whole_file
from listen.model import Mention
from listen.query import folding
from listen.told import as_json

if TYPE_CHECKING:
    import pyarrow

FORMATS = ("csv", "jsonl", "parquet")
ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".json": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}

GROUP = 10_000
"""Mentions of a row group of Parquet: what is held in memory at once."""

COLUMNS = tuple(as_json(Mention(0, "", "", "", "")))
"""The columns of every format: the fields of `listen search --json`."""

TIMES = {"time", "published_at", "seen_at", "edited_at"}
NUMBERS = {"id", "followers", "likes", "replies", "reposts", "views", "rating", "story", "copies"}
FLAGS = {"truncated", "starred", "own", "answered", "noise"}
LISTS = {"intents", "sources", "topics", "tags", "segments"}
FOREIGN = tuple(
    name
    for name in COLUMNS
    if name not in TIMES | NUMBERS | FLAGS | LISTS | {"sentiment", "tone", "kind", "state", "status", "correction"}
)
"""Texts that others wrote, or people here."""


@click.command(context_settings=QUERY_SETTINGS)
@query_argument
@click.option("--format", "form", type=click.Choice(FORMATS), help="Else by the name of the file, else CSV.")
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@click.option("--raw", is_flag=True, help="CSV with every text as it is stored, also what a spreadsheet would run.")
@click.option("--force", is_flag=True, help="Over a file that is there.")
@common
def export(session: Session, words: Sequence[str], form: str | None, file: Path | None, raw: bool, force: bool) -> int:
    """Write all mentions that match QUERY, newest first, as CSV, JSON lines or Parquet."""
    write = _writer(_format(session, form, file), file, raw)
    if file is not None and not force and os.path.lexists(file) and (file.is_symlink() or file.is_file()):
        raise Fault(f"{file} is there already; --force writes over it", USAGE)
    node = parse_words(words)
    with session.reader() as reader, reader.frugal():
        now = from_environment().now()
        node = meant(reader, node, words)
        mentions = found(reader, folding.folded(node), sys.maxsize, now)
        with _output(file, binary=write is write_parquet) as out:
            n = write(out, map(as_json, mentions))
        tell_noise(reader, node, now)
    if file is not None or not n:
        say(f"{file}: {n:,} mention{'s' * (n != 1)}" if n else "nothing found")
    return FOUND if n else NOTHING


def _format(session: Session, form: str | None, file: Path | None) -> str:
    if session.as_json and form not in (None, "jsonl"):
        raise Fault(f"--json is --format jsonl, and --format {form} is something else; give one of them", USAGE)
    if form or session.as_json:
        return form or "jsonl"
    return by_ending(file, ENDINGS, "csv")


def _writer(form: str, file: Path | None, raw: bool) -> Callable[[IO[Any], Iterator[dict[str, Any]]], int]:
    if raw and form != "csv":
        raise Fault(f"--raw is of CSV: {form} holds every text as it is stored anyway", USAGE)
    if form == "csv":
        return write_raw if raw else write_records
    if form == "jsonl":
        return write_lines
    if file is None:
        raise Fault("Parquet is written into a file; add -o FILE.parquet", USAGE)
    try:
        import pyarrow.parquet  # noqa: F401 - said before anything is read
    except ImportError:
        how = "`pip install pyarrow` where listen is, or `pip install '.[parquet]'` in its folder"
        raise Fault(f"Parquet needs pyarrow, which is not installed; {how}", USAGE) from None
    return write_parquet


def _output(file: Path | None, *, binary: bool) -> contextlib.AbstractContextManager[IO[Any]]:
    return contextlib.nullcontext(sys.stdout) if file is None else whole_file(file, binary=binary)


def write_records(out: IO[str], records: Iterable[Mapping[str, Any]]) -> int:
    """As CSV: lists with `; ` between, yes and no as 1 and 0, and no text that a spreadsheet would run."""
    return write_csv(out, COLUMNS, (_cells(one, cell) for one in records), raw=True)


def write_raw(out: IO[str], records: Iterable[Mapping[str, Any]]) -> int:
    """The same with every text as it is stored."""
    return write_csv(out, COLUMNS, (_cells(one, str) for one in records), raw=True)


def _cells(record: Mapping[str, Any], text: Callable[[str], object]) -> Iterable[object]:
    """The cells of a mention; numbers, times and our own words need no look."""
    row = dict(record)
    for name in FOREIGN:
        if value := row[name]:
            row[name] = text(value)
    for name in LISTS:
        row[name] = text("; ".join(row[name]))
    for name in FLAGS:
        row[name] = int(row[name])
    if row["correction"] is not None:
        row["correction"] = text(json.dumps(row["correction"]))
    return row.values()


def write_lines(out: IO[str], records: Iterable[Mapping[str, Any]]) -> int:
    """As JSON lines: the very lines of `listen search --json`."""
    n = 0
    for n, one in enumerate(records, 1):  # noqa: B007 - the last number is kept
        out.write(json_line(one))
    return n


def write_parquet(out: IO[bytes], records: Iterable[Mapping[str, Any]]) -> int:
    """As Parquet, with times, lists and numbers of their own types; a correction is JSON."""
    import pyarrow
    from pyarrow import parquet

    schema, rest, n = _schema(), iter(records), 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := [_typed(one) for one in islice(rest, GROUP)]:
            writer.write_table(pyarrow.Table.from_pylist(group, schema))
            n += len(group)
    return n


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    types = {
        **dict.fromkeys(TIMES, pa.timestamp("ms", "UTC")),
        **dict.fromkeys(NUMBERS, pa.int64()),
        **dict.fromkeys(FLAGS, pa.bool_()),
        **dict.fromkeys(LISTS, pa.list_(pa.string())),
        "sentiment": pa.float64(),
    }
    return pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])


def _typed(record: Mapping[str, Any]) -> dict[str, Any]:
    typed = dict(record)
    for name in TIMES:
        typed[name] = None if record[name] is None else datetime.datetime.fromisoformat(record[name])
    typed["correction"] = None if record["correction"] is None else json.dumps(record["correction"])
    return typed
