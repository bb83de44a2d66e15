"""`backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from listen.cli.common import FOUND, Session, common, print_json, say, writing
from listen.clock import from_environment


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@common
def backup(session: Session, target: Path, force: bool) -> int:
    """Copy the store to FILE, verified, also while a collector writes to it."""
    from listen.store import backup as store_backup

    mentions = store_backup.backup(session.store(), target, force=force)
    store_backup.remember(session.store(), target, int(from_environment().now()))
    _tell(session, "saved", target, mentions)
    return FOUND


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Replace the store that is there.")
@writing
def restore(session: Session, source: Path, force: bool) -> int:
    """Put the backup in FILE where the store is."""
    from listen.collect.erasing import forget_again
    from listen.collect.lock import CollectorLock
    from listen.store import backup as store_backup

    path = session.store()
    path.parent.mkdir(parents=True, exist_ok=True)
    with CollectorLock(path):
        mentions = store_backup.restore(source, path, force=force)
        again = forget_again(path, from_environment(), "restore")
    gone = again["mentions"] if again else 0
    _tell(session, "restored", path, mentions - gone)
    if again:
        told = f"{again['names']:,} people who were forgotten since, with {gone:,} mentions"
        say(f"erased again: {told} ({again['receipt']})")
    return FOUND


def _tell(session: Session, verb: str, path: Path, mentions: int) -> None:
    if session.as_json:
        print_json({"file": str(path), "mentions": mentions})
    else:
        say(f"{verb} {mentions} mentions: {path}")
