"""What can be done by its name: verbs, screens, topics, views, sources; and which of them a few typed letters mean.

Pure: the palette shows and runs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from listen.console import keys
from listen.console.answers import Glance
from listen.console.keys import Key
from listen.console.view import query_of
from listen.text import fold, one_line

Kind = Literal["all", "topic", "view", "queue", "earlier", "source", "screen", "verb", "more"]

RANK: Sequence[Kind] = ("all", "topic", "view", "queue", "earlier", "screen", "verb", "more", "source")
"""Of two that match as well, the one whose kind stands first: what is listened to goes before what can be done."""

SCREENS = ("app.stream", "app.overview", "app.alerts", "app.people", "app.sources")

ALIASES = {"app.quit": ("q", "exit"), "app.help": ("help",), "app.out": ("close",), "list.filters": ("saved",)}
"""Other names of verbs, by their id."""

LEAST = 2
"""Letters from which on they may also be scattered in a name."""


class Command(NamedTuple):
    """Something with a name that can be run."""

    name: str
    """Foreign text, as are all names."""
    kind: Kind
    help: str
    key: str = ""
    """The key that does the same."""
    action: str = ""
    """What is done: an action of Textual, or the query that is shown, or a function."""
    query: str | None = None
    call: Callable[[], Any] | None = None
    later: bool = False
    aliases: tuple[str, ...] = ()
    takes: bool = False
    """What follows its name is a query that it shows, or a name that `take` takes."""
    take: Callable[[str], Any] | None = None
    new: bool = False
    """What follows its name is a new one, so that nothing else can be meant."""
    after: str = ""
    """It is offered only once this has been typed."""


def verbs(table: Iterable[Key], scopes: Iterable[str]) -> Iterator[Command]:
    """The verbs of the table that are alive in these scopes, moves too."""
    alive = [key for key in table if key.scope == "global" or key.scope in set(scopes)]
    taken = Counter(name for key in alive for name in {key.label, _word_of(key)})
    for key in alive:
        if key.action != "app.palette":
            yield Command(
                next((name for name in (key.label, _word_of(key)) if taken[name] == 1), key.help),
                "screen" if key.id in SCREENS else "verb",
                f"{key.help} (comes later)" if key.later else key.help,
                keys.shown(key.keys[0]) if key.keys else "",
                f"{keys.LATER}('{key.id}')" if key.later else key.action,
                later=key.later,
                aliases=ALIASES.get(key.id, ()),
                takes=key.id == "list.filter",
            )


def _word_of(key: Key) -> str:
    """Its id as a name: several keys may be one word in the footer."""
    return key.id.partition(".")[2].replace("-", " ")


def names(glance: Glance) -> Iterator[Command]:
    """Topics, saved views and sources."""
    yield Command("everything", "all", "all that was heard", query="")
    for topic in glance.topics:
        yield Command(topic.name, "topic", f"{topic.role}, {topic.new:,} new", query=query_of(topic.name))
    yield from saved(glance)
    for source in glance.sources:
        if source.active:
            query = query_of(source.name).replace("topic:", "source:", 1)
            yield Command(source.name, "source", f"what {one_line(source.adapter, 20)} heard there", query=query)


def saved(glance: Glance) -> Iterator[Command]:
    """The views and queues of the configuration."""
    for view in glance.views:
        help = view.fault or view.text
        yield Command(view.name, "queue" if view.queue else "view", help, query=view.text, later=bool(view.fault))


def earlier(history: Sequence[str]) -> Iterator[Command]:
    """Filters that were typed before, the newest first."""
    for text in reversed(history):
        yield Command(text, "earlier", "", query=text)


def ranked(commands: Iterable[Command], typed: str) -> list[Command]:
    """Those that are meant, the likeliest first: the whole name, its beginning, a word of it, letters in it.

    Of two that match as well, by kind, then in the order given. `filter acme` runs a verb with what follows it.
    """
    wanted = fold(typed.strip())
    all_of_them = [one for one in commands if not one.after or fold(typed.lstrip()).startswith(one.after)]
    found = [(how, command) for command in all_of_them if (how := _match(command, wanted)) is not None]
    found.sort(key=lambda one: (one[0], RANK.index(one[1].kind)))
    taking = [made for one in all_of_them if one.takes and (made := _taking(one, typed.strip()))]
    new = [one for one in taking if one.new]
    return [*new, *(command for _, command in found)] if found or new else taking


def _taking(command: Command, typed: str) -> Command | None:
    """The command with what follows its name."""
    name, rest = typed[: len(command.name)], typed[len(command.name) :]
    if fold(name) != fold(command.name) or not rest.strip() or not rest[0].isspace():
        return None
    full = f"{command.name} {rest[1:]}"
    if command.take is not None:
        return command._replace(name=full, call=partial(command.take, rest.strip()))
    return command._replace(name=full, help="shows this query", query=rest[1:])


def _match(command: Command, wanted: str) -> int | None:
    """How well a name matches, 0 best; None when it doesn't."""
    found = [how for name in (command.name, *command.aliases) if (how := _how(fold(name), wanted)) is not None]
    return min(found, default=None)


def _how(name: str, wanted: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if f" {wanted}" in f" {' '.join(name.replace('-', ' ').replace('.', ' ').split())}":
        return 2
    if len(wanted) < LEAST:
        return None
    signs = iter(name)
    return 3 if all(sign in signs for sign in wanted.replace(" ", "")) else None
