"""`backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from listen.cli.common import FOUND, Session, common, print_json, say


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@common
def backup(session: Session, target: Path, force: bool) -> int:
    """Copy the store to FILE, verified, also while a collector writes to it."""
    from listen.store import backup as store_backup

    done = store_backup.backup(session.store(), target, force=force)
    _tell(session, "saved", target, done.mentions)
    return FOUND


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Replace the store that is there.")
@common
def restore(session: Session, source: Path, force: bool) -> int:
    """Put the backup in FILE where the store is."""
    from listen.collect.lock import CollectorLock
    from listen.store import backup as store_backup

    path = session.store()
    path.parent.mkdir(parents=True, exist_ok=True)
    with CollectorLock(path):
        done = store_backup.restore(source, path, force=force)
    _tell(session, "restored", path, done.mentions)
    return FOUND


def _tell(session: Session, verb: str, path: Path, mentions: int) -> None:
    if session.as_json:
        print_json({"file": str(path), "mentions": mentions})
    else:
        say(f"{verb} {mentions} mentions: {path}")
