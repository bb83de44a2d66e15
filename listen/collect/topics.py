"""Changing a topic while the program runs: what it would gain and lose, the file, and who did it.

Used by the collector on behalf of people who ask, and by a command that holds the lock itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from listen import query as queries
from listen.clock import Clock
from listen.config import Config, closest
from listen.config.edits import console_file, replace, written
from listen.query import tree
from listen.store import gains
from listen.store.gains import Gains, sentence
from listen.store.read import Reader

LOG_BUDGET = 0.5
"""Seconds that are spent on what a re-read file changes in one topic, before it is changed."""

LOGGED = 10
"""Changed topics of one re-reading whose figures are worked out."""


class Refused(Exception):
    """The topic cannot be changed so; the text says why and what to do."""


def known(config: Config, topic: str) -> None:
    """Raise Refused for a topic that is not configured."""
    if topic not in config.topics:
        hint = closest(topic, list(config.topics)) or f"the topics are {', '.join(config.topics)}"
        raise Refused(f'there is no topic "{topic}"; {hint}')


def readable(text: str) -> tree.Node:
    """The query of a topic. Raises Refused."""
    try:
        node = queries.parse(text)
        queries.check_topic(node)
    except queries.QueryError as error:
        raise Refused(str(error)) from None
    if isinstance(node, tree.All):
        raise Refused("a topic needs a query; write what belongs to it, such as `acme`")
    return node


def preview(store: Path, topic: str, text: str, clock: Clock, budget: float = gains.BUDGET) -> Gains:
    """What the query would make of the topic. Raises Refused, StoreError."""
    node = readable(text)
    with Reader(store) as reader:
        return gains.gains(reader, topic, node, budget=budget, now=clock.now())


def figures(topic: str, found: Gains) -> dict[str, Any]:
    """A preview as an answer to a request."""
    return {
        "topic": topic,
        "gained": found.gained,
        "lost": found.lost,
        "exact": found.complete,
        "back_to": found.back_to,
        "gained_examples": list(found.gained_ids),
        "lost_examples": list(found.lost_ids),
        "kept_all": list(found.whole),
        "kept_matched": list(found.partly),
        "message": sentence(topic, found),
    }


def changes(store: Path, config: Config, clock: Clock) -> list[str]:
    """In a sentence each, what a configuration changes in the topics of the store, before it does."""
    with Reader(store) as reader:
        standing = {topic.name: topic.query for topic in reader.topics(now=clock.now())}
        coming = {one.topic: one.query for one in reader.rematches()}
        changed = [
            one
            for one in config.topics.values()
            if one.name in standing and one.query not in (standing[one.name], coming.get(one.name))
        ]
        told = [
            sentence(one.name, gains.gains(reader, one.name, one.node, budget=LOG_BUDGET, now=clock.now()))
            for one in changed[:LOGGED]
        ]
    if len(changed) > LOGGED:
        told.append(f"{len(changed) - LOGGED} more topics have changed")
    return told


def write(config: Config, topic: str, text: str, reload: Callable[[], Config]) -> Config:
    """Write the query into `console.toml`; the configuration that this makes. Raises Refused, and changes nothing then.

    `reload` reads the configuration, checks it whole, and raises an exception whose text says what is wrong.
    """
    known(config, topic)
    readable(text)
    path = ("topics", topic, "query")
    # Without a word of its own first: what the store's file says already, it shall go on deciding about.
    tries = [lambda before: written(before, path, None), lambda before: written(before, path, text)]
    return rewritten(config, tries, lambda changed: _query(changed, topic) == text, reload, topic)


def _query(config: Config, topic: str) -> str | None:
    return config.topics[topic].query if topic in config.topics else None


def rewritten(
    config: Config,
    tries: Sequence[Callable[[str], str]],
    holds: Callable[[Config], bool],
    reload: Callable[[], Config],
    about: str,
) -> Config:
    """Change the text of `console.toml`, by the first of these tries whose configuration `holds`. Raises Refused.

    What is refused has changed nothing.
    """
    if not config.files:
        raise Refused("there is no configuration to write this beside; `listen init BRAND` writes one")
    file = console_file(config.files[0])
    before: str | None = None
    fault: Exception | None = None
    try:
        before = file.read_text("utf-8") if file.exists() else None
        for number, made in enumerate(tries, start=1):
            replace(file, made(before or ""))
            try:
                changed = reload()
            except Exception as error:
                fault = error
                if number == len(tries):
                    raise
            else:
                if holds(changed):
                    return changed
        raise Refused(f"{file} does not decide about {about}") from fault
    except (OSError, ValueError) as error:
        _restore(file, before)
        raise Refused(f"{file} cannot be changed: {error}") from None
    except Refused:
        _restore(file, before)
        raise
    except Exception as error:
        _restore(file, before)
        raise Refused(f"the configuration would have a fault, so nothing was changed: {error}") from None


def _restore(file: Path, before: str | None) -> None:
    with contextlib.suppress(OSError):
        replace(file, before)


def wanted(config: Config, undoable: Mapping[str, str], body: Mapping[str, Any]) -> tuple[str, str]:
    """(topic, query) that a request asks for; with `undo` the query that the topic had before. Raises Refused."""
    topic, text = str(body.get("topic", "")), str(body.get("query", ""))
    known(config, topic)
    if body.get("undo"):
        if topic not in undoable:
            raise Refused(f"there is nothing to undo: {topic} has had no other query, or that was long ago")
        text = undoable[topic]
    standing = body.get("standing")
    if standing is not None and config.topics[topic].query != standing:
        raise Refused(f"{topic} has been changed since, so it stays as it is")
    return topic, text
