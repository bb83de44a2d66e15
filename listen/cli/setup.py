"""`init` and `config check`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import FOUND, USAGE, AdapterKeys, Fault, Group, Session, common, print_json, say, several

if TYPE_CHECKING:
    from listen.collect.channels import Opened
    from listen.config import Config, ConfigError
    from listen.config.edits import Edited
    from listen.config.starter import Start


@click.command()
@click.argument("brand", required=False)
@click.option("--query", "text", default="", metavar="QUERY", help="Listen for this instead of the name alone.")
@click.option("--lang", "languages", multiple=True, metavar="LANG", help="A language of the news, such as fr or pt-BR.")
@click.option("--force", is_flag=True, help="Replace the file that is there.")
@click.option("--team", "group", default="", metavar="GROUP", help="For all who are in this group of the machine.")
@common
def init(session: Session, brand: str | None, text: str, languages: Sequence[str], force: bool, group: str) -> int:
    """Write a commented configuration that listens for BRAND; with --team also a store that a group shares.

    Without BRAND, --team shares the store of the configuration that is there, or mends its permissions.
    """
    from listen import config
    from listen.config import starter

    if group:
        from listen.cli import team

        written = starter.written(_start(brand, text), _markets(languages)) if brand else None
        return team.set_up(session, group, written, force=force)
    if not brand:
        raise Fault('name what to listen for, such as `listen init acme` or `listen init "Acme Battery"`', USAGE)
    file = (session.config_file or config.user_folder() / "config.toml").expanduser()
    if os.path.lexists(file) and not force:
        raise Fault(f"{file} is there already; edit it, or write over it with --force", USAGE)
    written = starter.written(_start(brand, text), _markets(languages))
    loaded = config.would_be(written, file, store=session.db, adapter_keys=AdapterKeys())
    open_sources(loaded)
    write(file, written)
    if session.as_json:
        print_json(
            {
                "config": str(file),
                "store": str(loaded.store),
                "topics": list(loaded.topics),
                "sources": list(loaded.sources),
            }
        )
    else:
        say(f"wrote {file}\nnext: `listen` opens the console and listens; `listen config check` after an edit")
    return FOUND


def _start(brand: str, text: str) -> Start:
    """What to begin with; a fault of the name or of the query is shown with a caret below it."""
    from listen.config import starter
    from listen.query import QueryError

    try:
        return starter.start(brand, text)
    except QueryError as error:
        raise Fault(f"{error}\n{error.caret(text or brand)}", USAGE) from None


def _markets(languages: Sequence[str]) -> list[str]:
    from listen.config import starter

    try:
        return starter.markets(languages)
    except ValueError as error:
        raise Fault(f"--lang: {error}", USAGE) from None


def write(file: Path, text: str) -> None:
    """Write a configuration: never half a file, and no link that somebody put there is followed."""
    from listen.config.edits import replace

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace(file, text)


@click.group(cls=Group, name="config")
def config() -> None:
    """Check the configuration."""


@config.command()
@common
def check(session: Session) -> int:
    """Check every layer, the adapters' own keys included; every fault is named with its line."""
    from listen.cli.console import own_commands, own_keys, take_time_zone
    from listen.config import ConfigErrors
    from listen.config.edits import edited

    try:
        loaded = session.config(adapters=True)
        own_keys(loaded)
        own_commands(loaded)
        take_time_zone(loaded)
        open_sources(loaded)
    except ConfigErrors as errors:
        if not session.as_json:
            raise
        for error in errors.errors:
            print_json(_fault_record(error))
        return USAGE
    hidden = [one for one in edited(loaded.files) if one.under is not None]
    if session.as_json:
        masked = [{"file": str(one.file), "line": one.line, "key": f"{one.table}.{one.name}.query"} for one in hidden]
        files, topics, sources = map(str, loaded.files), list(loaded.topics), list(loaded.sources)
        print_json(
            {"files": list(files), "store": str(loaded.store), "topics": topics, "sources": sources, "masked": masked}
        )
        return FOUND
    for file in (*loaded.files, *([loaded.me.file] if loaded.me.file else [])):
        say(f"{file}: good")
    for one in hidden:
        say(_masked(one))
    if not loaded.written:
        say("no configuration of your own yet; `listen init BRAND` writes one")
    say(f"{several(len(loaded.topics), 'topic')}, {several(len(loaded.sources), 'source')}, store {loaded.store}")
    return FOUND


def _fault_record(error: ConfigError) -> dict[str, Any]:
    place = {"file": str(error.file), "line": error.line, "key": error.key}
    return {**place, "message": error.message, "hint": error.suggestion}


def _wants_contact(opened: Opened) -> bool:
    """Whether the source asks with a contact or not at all."""
    from listen.clock import from_environment
    from sources.base import Streams
    from sources.plugins import FOREIGN

    adapter, now = opened.adapter, from_environment().now()
    if adapter is None:
        return False
    for channel in opened.channels[:1]:
        try:
            if channel.stream and isinstance(adapter, Streams):
                socket = adapter.socket(channel, {}, now)
                return socket is not None and socket.request.contact
            return adapter.request(channel, {}, now).contact
        except FOREIGN:
            return False  # what it asks is told when it asks
    return False


def _masked(one: Edited) -> str:
    """Whoever edits the file must know which of its queries do not count."""
    verb = "remove" if one.table == "views" else "reset"
    what = "" if one.table == "alerts" else ".query"
    return (
        f"{one.file}:{one.line}: {one.table}.{one.name}{what} does not count, console.toml has another one; "
        f"`listen {one.table} {verb} {one.name}` makes the file decide again"
    )


def open_sources(loaded: Config) -> None:
    """Open the sources as the collector would, lists of feeds included. Raises ConfigErrors."""
    from listen.collect import channels
    from listen.collect.wanted import Wanted
    from listen.config import ConfigErrors, fault_in
    from listen.secrets import mask

    wanted = Wanted.by(loaded.topics.values())
    enabled = [source for source in loaded.sources.values() if source.enabled]
    opened = [channels.open_source(source, wanted, loaded.folder) for source in enabled]
    faults = [
        fault_in(loaded.files, ("sources", one.source.name), mask(one.error.message), mask(one.error.remedy))
        for one in opened
        if one.error is not None
    ]
    if not loaded.contact:
        words = "nobody can be written to: this place answers only who names a contact"
        hint = 'write contact = "you@example.org" below [collect]'
        faults += [
            fault_in(loaded.files, ("sources", one.source.name), words, hint) for one in opened if _wants_contact(one)
        ]
    if faults:
        raise ConfigErrors(faults)
