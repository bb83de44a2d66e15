"""`thread`: the conversation around a mention, fetched where it took place and printed as it is stored then."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, NOTHING, Fault, Session, common, print_json, say, several
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.store.conversation import Conversation, Turn


@click.command()
@click.argument("mention_id", type=int, metavar="ID")
@click.option("--stored", is_flag=True, help="Ask nobody: print what is stored already.")
@common
def thread(session: Session, mention_id: int, stored: bool) -> int:
    """Fetch the conversation around the mention ID, and print it from its first post on."""
    if not stored:
        session.must_write()
    with session.reader() as reader:
        if reader.mention(mention_id) is None:
            say(f"there is no mention {mention_id}; `listen search` prints the ids")
            return NOTHING
    if not stored:
        _fetch(session, mention_id)
    with session.reader() as reader:
        mention = reader.mention(mention_id)
        if mention is None:
            return NOTHING
        talk = reader.conversation(mention)
    if session.as_json:
        _print_json(talk)
        return FOUND
    for turn in talk.turns:
        print(_line(turn, talk.about))
    more = "" if talk.whole else f"; only {len(talk.turns):,} of them are shown"
    say(f"{several(len(talk.turns), 'post')}; {talk.words}{more}")
    return FOUND


def _fetch(session: Session, mention_id: int) -> None:
    """By the collector that runs, or here under its lock; when that cannot be, what is stored is printed."""
    from listen.cli.definitions import asked
    from listen.collect import conversation
    from listen.collect.lock import CollectorLock, Held
    from listen.collect.topics import Refused

    config = session.config(adapters=True)
    if not config.written:  # to listen by it would switch off all that the store knows
        say("not fetched: no configuration says how to ask; `--config FILE` names the store's own; what is stored:")
        return
    try:
        try:
            lock = CollectorLock(config.store)
        except Held:
            answer = asked(config, conversation.THREAD, {"mention": mention_id})
        else:
            with lock:
                answer = asyncio.run(conversation.alone(config, from_environment(), mention_id))
    except (Refused, Fault) as error:
        say(f"not fetched: {one_line(str(error), 300)}; what is stored:")
    else:
        say(f"{one_line(answer['source'])}: {answer['new']:,} posts are new, {answer['again']:,} were known")


def _print_json(talk: Conversation) -> None:
    from listen.cli.records import as_json

    for turn in talk.turns:
        about = turn.mention.id == talk.about
        print_json(as_json(turn.mention) | {"depth": turn.depth} | ({"answered_by": talk.answered} if about else {}))


def _line(turn: Turn, about: int) -> str:
    """`> 12 ▼  2026-01-01 10:00  Claire (us): what she says`, indented by how deep it is."""
    from listen.cli.records import GLYPHS, local_time

    mention = turn.mention
    who = one_line((mention.author.name or mention.author.handle) if mention.author else "nobody", 24)
    said = " — ".join(part for part in (mention.title, mention.text) if part) or f"({mention.state})"
    mark = ">" if mention.id == about else " "
    own = " (us)" if mention.own else ""
    head = f"{mark} {'  ' * min(turn.depth, 12)}{GLYPHS[mention.tone]} {local_time(mention.time)}  {who}{own}: "
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return head + one_line(said, None if width is None else max(20, width - len(head)))
