"""`brief`: what has happened since you looked last, in some twenty lines."""

from __future__ import annotations

import click

from listen.cli.common import FOUND, NOTHING, Session, common, earliest, print_json, say
from listen.clock import from_environment


@click.command()
@click.option("--since", default="", metavar="TIME", help="Since then instead: 24h, 7d, 2026-01-31.")
@click.option("--who", default="", metavar="NAME", help="For this person instead of you.")
@common
def brief(session: Session, since: str, who: str) -> int:
    """Tell what has happened since you looked last: how loud, stories, new words, what is late, what has died."""
    from listen.insight import brief as making
    from listen.insight.brief_told import head, parts, record

    now = from_environment().now()
    start = earliest(since, now) if since else None
    with session.reader() as reader:
        found = making.brief(reader, who or session.config().me.name, now=now, since=start)
    if session.as_json:
        print_json(dict(record(found)))
        return FOUND if found.mentions else NOTHING
    told = list(parts(found))
    print(head(found))
    for part in told:
        print()
        print(part.title)
        for line, _ in part.lines:
            print(f"  {line}")
    if not told:
        say("nothing of your topics was heard, nothing is late and no source has died")
    return FOUND if found.mentions else NOTHING
