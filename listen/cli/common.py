"""What every command shares: the options `--json`, `--db`, `--config`, the exit codes, and errors in a sentence."""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from listen import places

if TYPE_CHECKING:
    from listen.config import Config
    from listen.store.read import Reader

FOUND, NOTHING, USAGE, FAILED, HELD = 0, 1, 2, 3, 4
"""Exit codes of every command: yes or found, no or nothing, wrong usage or configuration, failed, held by another."""

QUERY_SETTINGS = {
    "ignore_unknown_options": True,
    "allow_interspersed_args": True,
    "help_option_names": ["--help"],
}
"""For commands that take a query: `-toy` is a word of it, not an option, and so is `-health`."""


REMEDIES = {
    errno.EACCES: "check its owner and permissions, and those of its folder",
    errno.EPERM: "check its owner and permissions, and those of its folder",
    errno.EROFS: "its disk can only be read; give another place",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EISDIR: "give a file in it",
    errno.ELOOP: "give the file itself",
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
}
"""What to do about an error of the system."""


class Fault(Exception):
    """Ends the command with one sentence and an exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class ReaderLeft(Exception):
    """Whoever read our output has gone (`| head`): there is nobody to be told."""


@dataclass(slots=True)
class Session:
    """The options that stand before or after the command."""

    db: Path | None = None
    config_file: Path | None = None
    as_json: bool = False
    read_only: bool = False

    def must_write(self) -> None:
        """To be called before anything is changed. Raises Fault for who may only read, with why."""
        from listen import config

        if self.read_only:
            raise Fault("--read-only looks and changes nothing; leave it out", USAGE)
        if (file := config.only_reads()) is not None:
            raise Fault(f"{file} says read_only = true, so nothing is changed; take it out to work here", USAGE)
        if (why := places.unwritable(self.store())) is not None:
            raise Fault("; ".join(why))

    def config(self, *, adapters: bool = False) -> Config:
        """The whole configuration, checked; with `adapters` their own keys, too."""
        from listen import config

        return config.load(self.config_file, store=self.db, adapter_keys=AdapterKeys() if adapters else None)

    def store(self) -> Path:
        """The store's path, without checking what the configuration says about anything else."""
        from listen import config

        return self.db.absolute() if self.db else config.locate_store(self.config_file)

    def who(self) -> str:
        """The person's name, without checking what the configuration says about anything else."""
        from listen import config

        return config.person()

    def reader(self) -> Reader:
        """The store, open for reading."""
        from listen.store.read import Reader

        path = self.store()
        if (why := places.closed(path)) is not None:
            raise Fault("; ".join(why))
        if not os.path.lexists(path):
            raise Fault(
                f"there is no store at {path} yet; `listen` or `listen collect` makes it (`listen init BRAND` writes a "
                "configuration first), `listen demo` plays one"
            )
        return Reader(path, self.who())


class AdapterKeys(Mapping[str, "Mapping[str, tuple[Any, bool]]"]):
    """The keys that adapters add to `[sources.NAME]`, as `listen.config` wants them; each is loaded when needed."""

    KINDS: ClassVar = {
        "text": "text", "number": "count", "flag": "flag", "texts": "texts", "duration": "duration",
        "secret": "reference",
    }  # fmt: skip

    def __getitem__(self, name: str) -> dict[str, tuple[Any, bool]]:
        import sources
        from sources.base import SourceError

        try:
            adapter = sources.get(name)
        except SourceError:  # of another package and faulty: the source will say so, and spares the others
            return {"*": ("any", False)}
        keys: dict[str, tuple[Any, bool]] = {
            key: (self.KINDS[option.type], option.required) for key, option in adapter.options.items()
        }
        return {**keys, "*": ("any", False)} if getattr(adapter, "open", False) else keys

    def __iter__(self) -> Iterator[str]:
        import sources

        return iter(sources.names())

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Group(click.Group):
    """A command with others below it, whose help tells of each its first sentence, all of it."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            if (command := self.get_command(ctx, name)) is not None and not command.hidden:
                first = (command.help or "").strip().partition("\n\n")[0]
                rows.append((name, " ".join(first.split()).rstrip(".")))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json`, `--db`, `--config`, which mean the same before and after a command; passes a Session first."""

    @click.option("--db", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="The store to use.")
    @click.option(
        "--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="The configuration to use."
    )
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
    @functools.wraps(command)
    def with_session(*args: Any, db: Path | None, config_file: Path | None, as_json: bool, **kwargs: Any) -> Any:
        context = click.get_current_context()
        session: Session = context.ensure_object(Session)
        session.db = db or session.db
        session.config_file = config_file or session.config_file
        session.as_json = as_json or session.as_json
        try:
            return command(session, *args, **kwargs)
        except BrokenPipeError:
            raise ReaderLeft from None  # click would make this an error of ours

    return with_session


def writing(command: Callable[..., Any]) -> Callable[..., Any]:
    """`common` for a command that changes the store or what is listened for: refused to who may only read."""

    @functools.wraps(command)
    def guarded(session: Session, *args: Any, **kwargs: Any) -> Any:
        session.must_write()
        return command(session, *args, **kwargs)

    guarded.writes = True  # type: ignore[attr-defined]
    return common(guarded)


def sentence_of(error: Exception) -> tuple[str, int] | None:
    """The sentence and exit code of an error that the parts raise on purpose; None for any other."""
    from listen.config import ConfigError, ConfigErrors
    from listen.query import QueryError

    if isinstance(error, (ConfigError, ConfigErrors)):
        return str(error), USAGE
    if isinstance(error, QueryError):
        return str(error), USAGE
    if type(error).__name__ == "BadTarget":
        return str(error), USAGE
    if type(error).__name__ in ("StoreError", "StoreFull", "BackupError", "AuditError"):
        return str(error), FAILED
    if type(error).__name__ == "Held":
        return str(error), HELD
    if type(error).__module__.startswith(("sqlite3", "pysqlite3")):
        from listen.store.sqlite import explained

        return f"the store: {explained(error)}", FAILED
    if isinstance(error, OSError) and error.strerror:
        what = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "the output"
        remedy = REMEDIES.get(error.errno or 0, "")
        return f"{what}: {error.strerror}{f'; {remedy}' if remedy else ''}", FAILED
    return None


def several(n: int, what: str) -> str:
    """`1 post`, `1,204 posts`."""
    return f"{n:,} {what}{'s' * (n != 1)}"


def earliest(written: str, now: float) -> float:
    """The Unix seconds that `--since` means. Raises Fault."""
    from listen.insight.brief import since_of
    from listen.query import QueryError
    from listen.text import one_line

    try:
        return since_of(written, now)
    except QueryError as error:
        raise Fault(f"--since: {one_line(written, 40)} is no time; {error.hint}", USAGE) from None


def json_line(record: object) -> str:
    """One record on one line, parseable by the strictest reader: no NaN, nothing but ASCII."""
    return json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(", ", ": ")) + "\n"


def print_json(record: object) -> None:
    """The same on standard output."""
    print(json_line(record), end="")


def say(message: str) -> None:
    """Talk goes to stderr; stdout is data. Foreign signs become marks; who cannot be told is not told."""
    from listen.text import block

    with contextlib.suppress(OSError, ValueError):
        print(block(message), file=sys.stderr, flush=True)


def advice(message: str, remedy: str | None) -> str:
    """What is wrong and what to do about it, on one line."""
    from listen.store import condition
    from listen.text import one_line

    return one_line(condition.advice(message, remedy))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their widest cell, the last one not padded. Cells must have passed `listen.text.one_line`."""
    from listen.text import cell_width

    table = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(cell_width(row[column]) for row in table) for column in range(len(headings))]
    for row in table:
        cells = [cell + " " * (width - cell_width(cell)) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
