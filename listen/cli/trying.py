"""`try`: what a query would find out there, before it is a topic. Nothing is stored."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import (
    FAILED,
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
    USAGE,
    AdapterKeys,
    Fault,
    Session,
    advice,
    common,
    print_json,
    say,
)
from listen.cli.read import parse_words, query_argument
from listen.text import one_line

if TYPE_CHECKING:
    from listen.collect.preview import Asked, Heard, Hit
    from listen.config import Config
    from listen.query import tree


@click.command("try", context_settings=QUERY_SETTINGS)
@query_argument
@click.option("--source", "only", multiple=True, metavar="NAME", help="Ask this source, also one that rests.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many hits.")
@common
def try_(session: Session, words: Sequence[str], only: Sequence[str], limit: int) -> int:
    """Ask every searchable source once for QUERY and print what it finds. Nothing is stored."""
    from listen import query
    from listen.collect import preview
    from listen.query import tree

    text, node = " ".join(words), parse_words(words)
    if isinstance(node, tree.All):
        raise Fault("write what to look for, such as `listen try acme`", USAGE)
    spelled = _spelled(text, node, session)
    if spelled != text:
        text, node = spelled, query.parse(spelled)
    config = _config(session, text, node)
    _check_names(only, config)
    asked, faulty, left = preview.questions(config, node, only)
    if not asked and not faulty:
        raise Fault(
            "none of the configured sources can be searched: they only stream, or are switched off; add one"
            if config.sources
            else "no source is configured that could be asked; `listen init BRAND` writes some",
            USAGE,
        )
    if left:
        say(f"{left} more feeds are left out; --source asks for one")
    return asyncio.run(_ask(config, text, asked, faulty, Printer(session.as_json, limit)))


async def _ask(config: Config, text: str, asked: Sequence[Asked], faulty: Sequence[Heard], printer: Printer) -> int:
    from listen.clock import from_environment
    from listen.collect import preview

    printer.begin([*faulty, *asked])
    for heard in faulty:
        printer.heard(heard)
    async for heard in preview.ask(config, text, asked, from_environment()):
        printer.heard(heard)
    return printer.end()


def _spelled(text: str, node: tree.Node, session: Session) -> str:
    """The query with that of a topic in the place of its name: out there nobody knows our topics.

    Raises:
        Fault: a topic that is none, or something that is known of stored mentions alone.
    """
    from listen.config import closest
    from listen.query import tree
    from listen.text import fold

    topics = {fold(name): topic for name, topic in session.config().topics.items()}
    put: dict[tuple[int, int], str] = {}
    for part in tree.walk(node):
        match part:
            case tree.Facet("topic", names):
                for name in names:
                    if name not in topics:
                        hint = closest(name, list(topics)) or (
                            f"the topics are {', '.join(topics)}" if topics else "write the words to look for instead"
                        )
                        raise Fault(f'the configuration has no topic "{name}"; {hint}', USAGE)
                put[part.span] = " OR ".join(f"({topics[name].query})" for name in names)
            case tree.Facet("status" | "tag" | "assignee" as name):
                raise Fault(f"{name}: is known of stored mentions alone; `listen search` finds those", USAGE)
            case tree.View():
                raise Fault("a view is of stored mentions; `listen search` finds those", USAGE)
    for (start, end), topic in sorted(put.items(), reverse=True):
        text = f"{text[:start]}({topic}){text[end:]}"
    return text


def _config(session: Session, text: str, node: tree.Node) -> Config:
    """The configuration with its sources; without one, that which somebody would begin with for this query."""
    from listen import config
    from listen.config import starter
    from listen.query import brands, search_terms, tree

    loaded = session.config(adapters=True)
    if loaded.written:
        return loaded
    if not search_terms(node):
        parts = node.items if isinstance(node, tree.And) else (node,)
        if all(isinstance(part, tree.Not) for part in parts):
            hint = f"the query says only what is not wanted; add what is, such as `listen try battery {text}`"
        else:
            hint = "the query has no word that every hit must hold; add one, such as `listen try battery lang:fr`"
        raise Fault(one_line(hint, 300), USAGE)
    name = brands.first_name(text)[: brands.LONGEST_NAME] or "it"
    written = starter.written(starter.Start(brands.plain_name(name), text))
    return config.would_be(written, Path("the first configuration"), adapter_keys=AdapterKeys())


def _check_names(only: Sequence[str], config: Config) -> None:
    from listen.config import closest

    for name in only:
        if name not in config.sources:
            hint = closest(name, list(config.sources)) or f"the sources are {', '.join(config.sources)}"
            raise Fault(f'there is no source "{name}"; {hint}', USAGE)


class Printer:
    """Prints hits as they come: each channel its even share at once, then the newest of what is left."""

    def __init__(self, as_json: bool, limit: int) -> None:
        self.as_json, self.limit = as_json, limit
        self.share = limit
        self.printed = self.found = self.posts = self.failed = self.asked = 0
        self.spare: list[tuple[Heard, Hit]] = []
        self.seen: set[tuple[str, str]] = set()

    def begin(self, asked: Sequence[Asked | Heard]) -> None:
        """So many answers will come."""
        self.asked = len(asked)
        self.share = max(1, self.limit // self.asked)
        names = [one.source if isinstance(one.source, str) else one.source.name for one in asked]
        if self.as_json:
            self._print({"asking": list(dict.fromkeys(names)), "channels": self.asked})
        elif sys.stderr.isatty():
            say(f"asking {', '.join(dict.fromkeys(names))} ...")

    def heard(self, heard: Heard) -> None:
        """One channel has answered, or has not."""
        fresh = [hit for hit in heard.hits if (hit.post.network, hit.post.external_id) not in self.seen]
        self.seen |= {(hit.post.network, hit.post.external_id) for hit in fresh}
        self.found, self.posts = self.found + len(fresh), self.posts + heard.posts
        share = min(self.share, self.limit - self.printed)
        for hit in fresh[:share]:
            self._hit(heard, hit)
        self.spare += [(heard, hit) for hit in fresh[share:]]
        self.failed += heard.error is not None
        if self.as_json:
            self._print(_answer(heard, len(fresh)))
        if heard.error is not None:
            say(f"{heard.source}: {advice(heard.error.message, heard.error.remedy)}")

    def end(self) -> int:
        """Print what there is still room for, and the sum; the exit code."""
        self.spare.sort(key=lambda one: -(one[1].post.published_at or 0))
        for heard, hit in self.spare[: self.limit - self.printed]:
            self._hit(heard, hit)
        shown = f", {self.printed} shown" if self.printed < self.found else ""
        failed = f"; {self.failed} of {self.asked} did not answer" if self.failed else ""
        say(f"{self.found} hits{shown} among {self.posts} posts{failed}")
        return FOUND if self.found else FAILED if self.failed == self.asked else NOTHING

    def _hit(self, heard: Heard, hit: Hit) -> None:
        self.printed += 1
        if self.as_json:
            self._print(_record(heard, hit))
        else:
            print(_row(heard, hit), flush=True)

    @staticmethod
    def _print(record: dict[str, Any]) -> None:
        print_json(record)
        sys.stdout.flush()


def _answer(heard: Heard, hits: int) -> dict[str, Any]:
    """How a channel did: it stands after its first hits."""
    record: dict[str, Any] = {"source": heard.source, "channel": heard.channel, "posts": heard.posts, "hits": hits}
    if heard.error is not None:
        record |= {"reason": heard.error.reason, "error": heard.error.message, "remedy": heard.error.remedy}
    return record


def _record(heard: Heard, hit: Hit) -> dict[str, Any]:
    from listen.cli.records import timestamp

    post = hit.post
    return {
        "source": heard.source,
        "channel": heard.channel,
        "network": post.network,
        "external_id": post.external_id,
        "time": timestamp(post.published_at),
        "kind": post.kind,
        "url": post.url,
        "author": post.author.handle if post.author else None,
        "title": post.title,
        "text": post.text,
        "lang": post.lang,
        "sentiment": None if post.score is None else post.score / 1000,
        "matched": list(hit.clauses),
        "spans": {"title": hit.title, "text": hit.text},
    }


def _row(heard: Heard, hit: Hit) -> str:
    """When, where, what found it, and what it says."""
    from listen.cli.records import coloured, local_time
    from listen.text import cell_width

    post = hit.post
    said = post.text if not post.title or post.text.startswith(post.title) else f"{post.title} — {post.text}"
    cells = [
        local_time(post.published_at) if post.published_at else "no date",
        one_line(heard.source, 12),
        one_line(" ".join(hit.clauses), 24),
    ]
    padded = [cell + " " * (width - cell_width(cell)) for cell, width in zip(cells, (16, 12, 24), strict=True)]
    padded[2] = coloured(padded[2], "33")
    room = max(20, shutil.get_terminal_size().columns - 58) if sys.stdout.isatty() else None
    return "  ".join([*padded, one_line(said, room)])
