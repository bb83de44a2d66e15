"""The command line: the one place that puts the parts together. Each command imports what it needs when it runs."""

from __future__ import annotations

import keyword
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from listen.cli import streams
from listen.cli.common import FAILED, USAGE, Fault, ReaderLeft, Session, common, say

COMMANDS = {
    "alerts": ("alerts", "what fires and why; taking note of it, silencing it, how often rules were worth it"),
    "backup": ("keep", "copy the store to one verified file, also while it is being written"),
    "collect": ("collect", "listen: fetch, read, match, score and store"),
    "config": ("setup", "check the configuration"),
    "brief": ("brief", "what has happened since you looked last"),
    "count": ("read", "how many mentions match a query"),
    "demo": ("demo", "the whole product with no network and no account"),
    "desks": ("desks", "who has to answer what: what waits, what is late, how promises were kept"),
    "doctor": ("doctor", "what is wrong here, and what to do about it"),
    "export": ("exporting", "all mentions of a query as CSV, JSON lines or Parquet"),
    "feed": ("feeding", "a view, a topic or a query as an Atom feed"),
    "forget": ("forgetting", "erase a person from the store for good, with a receipt"),
    "import": ("importing", "mentions from a file, through the same pipeline as what is heard"),
    "init": ("setup", "write a commented configuration for a brand"),
    "intents": ("intents", "what the authors of mentions want: by which patterns, how often, how surely"),
    "log": ("triaging", "what people did, and whether it was taken back"),
    "mark": ("marking", "something that happened, beside the numbers: before and after"),
    "objectives": ("objectives", "what was promised, how far it is, what it costs and what it is worth"),
    "people": ("people", "who talks, who of them is one person, and who is a customer"),
    "portrait": ("portraying", "one page on a brand: where, how much, who, tone, languages, what is not heard"),
    "prune": ("pruning", "carry out the rules of retention now; --dry-run only counts"),
    "pseudonymise": ("pruning", "make authors nobody, and keep what was said"),
    "query": ("queries", "explain, check and translate queries"),
    "rejects": ("health", "what could not be read, and why"),
    "report": ("reporting", "what a window of time says of a topic, as Markdown or as one HTML page"),
    "restore": ("keep", "put a backup back"),
    "search": ("read", "mentions that match a query, newest first"),
    "sentiment": ("scoring", "score lines of text; compare scores with labels"),
    "show": ("read", "one mention with all that is known of it"),
    "sources": ("health", "where is listened, and how well it goes"),
    "sql": ("sql", "read-only SQL over the store and its views"),
    "status": ("status", "what fires, what waits, and whether somebody listens; --short for tmux"),
    "tags": ("tagging", "what mentions are called, with counts; renaming and merging tags"),
    "tail": ("read", "mentions as they arrive"),
    "thread": ("thread", "the conversation around a mention, and who has answered"),
    "topics": ("topics", "what is listened for, with counts; and changing it"),
    "triage": ("triaging", "what the console's keys do to mentions, for scripts"),
    "try": ("trying", "what a query would find out there, before it is a topic"),
    "undo": ("triaging", "take your last actions back"),
    "views": ("views", "saved queries with their counts; saving, renaming and removing them"),
    "why": ("why", "which topics a mention matches, by what in it, and what was scored"),
}
"""Command -> its module in this package, and its line in the help."""


class _Commands(click.Group):
    """Loads a command's module when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(f"listen.cli.{COMMANDS[name][0]}"), f"{name}_" if keyword.iskeyword(name) else name
        )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            from listen.config import closest

            hint = closest(args[0], list(COMMANDS)) or "`listen --help` lists the commands"
            raise Fault(f'there is no command "{args[0]}"; {hint}', USAGE)
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from listen import __version__

        click.echo(f"listen {__version__}")
        ctx.exit()


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["--help", "-h"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
@click.option("--read-only", is_flag=True, help="Look, and change nothing.")
@click.option("--query", default="", metavar="QUERY", help="Open with this filter.")
@common
def listen(session: Session, read_only: bool, query: str) -> None:
    """A social-listening console for the terminal. Without a command it opens the console."""
    session.read_only = read_only
    if click.get_current_context().invoked_subcommand is None:
        from listen.cli.console import need_terminal, open_console

        need_terminal()
        click.get_current_context().exit(open_console(session, read_only=read_only, query=query))


def run(arguments: Sequence[str]) -> int:
    """Run one command line. Exit codes: 0 yes or found, 1 no or nothing found, 2 usage, 3 failed, 4 held by another."""
    os.umask(0o077)
    streams.settle()
    try:
        return _run(arguments)
    finally:
        streams.finish()


def _run(arguments: Sequence[str]) -> int:
    try:
        code = listen.main(args=list(arguments), prog_name="listen", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        return _say(_plain(error), USAGE)
    except Fault as fault:
        return _say(str(fault), fault.code)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except (ReaderLeft, BrokenPipeError, SystemExit):
        return 0  # click leaves by SystemExit when the reader of its help has gone, and for no other reason
    except Exception as error:
        return _fail(error)


def _plain(error: click.ClickException) -> str:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "listen"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return f"`{command}` takes another word; `{command} --help` lists them"
    said = re.sub(r"is not a valid (integer|float)( range)?", _number, error.format_message().rstrip("."))
    return f"{said}; see `{command} --help`"


def _number(found: re.Match[str]) -> str:
    return "is no whole number" if found[1] == "integer" else "is no number"


def _say(message: str, code: int) -> int:
    say(f"listen: {message}")
    return code


def _fail(error: Exception) -> int:
    """A fault with a sentence of its own is shown as that; anything else as what it is, for a bug report."""
    from listen.cli.common import sentence_of

    known = sentence_of(error)
    if known is not None:
        return _say(known[0], known[1])
    if os.environ.get("LISTEN_DEBUG"):
        import traceback

        traceback.print_exc()
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else "somewhere"
    return _say(f"unexpected {type(error).__name__} at {place}; LISTEN_DEBUG=1 shows more; please report it", FAILED)
