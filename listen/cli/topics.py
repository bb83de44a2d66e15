"""`topics`: what is listened for, what another query would change, and changing it, forth and back."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import (
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
    Group,
    Session,
    common,
    print_json,
    print_table,
    say,
    writing,
)
from listen.cli.definitions import change, edits_of, mask_record, masked, print_figures, refusing
from listen.clock import from_environment
from listen.model import ROLES
from listen.text import one_line
from listen.told import in_stories

if TYPE_CHECKING:
    from listen.store.generations import Rematch
    from listen.store.overview import Topic


@click.group(cls=Group, invoke_without_command=True)
@common
def topics(session: Session) -> int:
    """List what is listened for: mentions and their stories in all, in the last day, and still new.

    Tells, too, what is being matched anew.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    from listen.cli import dismissals as share
    from listen.insight.dismissals import dismissals

    now = from_environment().now()
    with session.reader() as reader:
        listed, under_way, undoable = reader.topics(now=now), reader.rematches(), reader.undoable()
        dismissed = dismissals(reader, now=now)
        edits = {edit.name: edit for edit in edits_of(session, reader, "topics") if edit.under is not None}
    for topic in listed if session.as_json else ():
        rematch = next((_progress(one) for one in under_way if one.topic == topic.name), None)
        more = {"before": undoable.get(topic.name), "masks": mask_record(edits.get(topic.name))}
        more |= {"dismissed": share.topic_record(dismissed, topic.name), "rematch": rematch}
        print_json(_record(topic) | more)
    if not session.as_json and listed:
        rows = [_row(topic, share.percent(dismissed.of_topic(topic.name))) for topic in listed]
        print_table(("topic", "role", "mentions", "last 24 h", "new", "dismissed", "query"), rows)
        share.tell(dismissed.topics)
        for one in under_way:
            say(_told(one))
        for edit in edits.values():
            say(masked(edit))
    if not listed:
        say("no topic yet; `listen init BRAND` writes one")
    return FOUND if listed else NOTHING


def _record(topic: Topic) -> dict[str, Any]:
    counts = {"mentions": topic.mentions, "last_day": topic.last_day, "new": topic.new}
    stories = {
        "stories": topic.stories, "last_day_stories": topic.last_day_stories, "new_stories": topic.new_stories
    }  # fmt: skip
    return {"topic": topic.name, "role": topic.role, "query": topic.query, **counts, **stories}


def _row(topic: Topic, dismissed: str) -> tuple[str, ...]:
    return (
        one_line(topic.name),
        topic.role,
        in_stories(topic.mentions, topic.stories),
        in_stories(topic.last_day, topic.last_day_stories),
        in_stories(topic.new, topic.new_stories),
        dismissed,
        one_line(topic.query, 100),
    )


def _told(one: Rematch) -> str:
    by = f", by {one_line(one.by)}" if one.by else ""
    query = one_line(one.query, 100)
    return (
        f"{one_line(one.topic)}: matched anew, {one.share:.0%}: {one.gained:,} gained, {one.lost:,} lost{by}: {query}"
    )


def _progress(one: Rematch) -> dict[str, Any]:
    return {"query": one.query, "by": one.by, "share": round(one.share, 3), "gained": one.gained, "lost": one.lost}


name_argument = click.argument("name")
query_words = click.argument("words", nargs=-1, required=True, metavar="QUERY")


@topics.command(context_settings=QUERY_SETTINGS)
@name_argument
@query_words
@common
def preview(session: Session, name: str, words: Sequence[str]) -> int:
    """Print what QUERY would make of the topic NAME: mentions gained and lost, with examples. Nothing is changed."""
    from listen.collect import topics as changing
    from listen.collect.plan import with_cost
    from listen.config import ConfigErrors
    from listen.store.gains import gains

    with session.reader() as reader, refusing():
        node = changing.readable(" ".join(words))
        if name not in {topic.name for topic in reader.topics(now=from_environment().now())}:
            say(f"there is no topic {one_line(name)} yet, so all that is found is gained")
        found = gains(reader, name, node, now=from_environment().now())
        answer = changing.figures(name, found) | {"query": " ".join(words)}
        with contextlib.suppress(ConfigErrors):  # it works without a configuration that would run, too
            answer = with_cost(answer, session.config(adapters=True))
        print_figures(session, reader, answer)
    return FOUND if found.gained or found.lost else NOTHING


@topics.command(context_settings=QUERY_SETTINGS)
@name_argument
@query_words
@writing
def edit(session: Session, name: str, words: Sequence[str]) -> int:
    """Give the topic NAME another QUERY, and match it anew over all that is stored. `undo` takes it back."""
    return change(session, "edit", {"topic": name, "query": " ".join(words)})


@topics.command()
@name_argument
@writing
def undo(session: Session, name: str) -> int:
    """Give the topic NAME the query and the mentions back that it had before its last change."""
    return change(session, "re-match", {"topic": name, "undo": True})


@topics.command()
@name_argument
@writing
def reset(session: Session, name: str) -> int:
    """Give up the query that the topic NAME was given here: that of the configuration's file counts again."""
    return change(session, "edit", {"topic": name, "reset": True})


@topics.command(context_settings=QUERY_SETTINGS)
@name_argument
@query_words
@click.option("--role", default="theme", type=click.Choice(ROLES), help="What it is to you.")
@writing
def add(session: Session, name: str, words: Sequence[str], role: str) -> int:
    """Begin the topic NAME with this QUERY, and match it over all that is stored."""
    return change(session, "edit", {"topic": name, "query": " ".join(words), "role": role, "new": True})


@topics.command()
@name_argument
@writing
def remove(session: Session, name: str) -> int:
    """End the topic NAME, if it was begun here; one of the configuration's file is ended there."""
    return change(session, "edit", {"topic": name, "remove": True})
