"""`init` and `config check`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, USAGE, Fault, Session, common, print_json, say

if TYPE_CHECKING:
    from listen.config import Config

TEMPLATE = """\
# What to listen for, and where. `listen config check` checks this file; a running collector reads a change by itself.
# Every key is explained in the packaged default configuration and in the README.

[topics.{key}]
# Words, "phrases", AND OR NOT, ( ), prefix*, #tags; {{Exact Case}} for a brand that is a common word.
query = '{query}'
role  = "brand"

# [topics.rival]
# query = 'rival OR "rival product"'
# role  = "competitor"

# Our own voices: kept, and left out of the numbers.
# [accounts]
# {key} = ["@{tag}@mastodon.social", "{tag}.example"]

[sources.hn]                         # Hacker News, searched for the topics above
adapter = "hackernews"
every   = "5m"

[sources.news]                       # what the press says
adapter = "feed"
every   = "15m"
urls    = ["https://www.bing.com/news/search?q={quoted}&format=rss"]

[sources.mastodon]                   # a hashtag, as Mastodon's own feed
adapter = "feed"
every   = "15m"
urls    = ["https://mastodon.social/tags/{tag}.rss"]

[sources.reddit]                     # Reddit answers about one question a minute
adapter = "feed"
every   = "30m"
urls    = ["https://www.reddit.com/search.rss?q={quoted}&sort=new"]

# [sources.press]                    # feeds of your own choice, or all of an OPML file
# adapter = "feed"
# urls    = ["https://www.lemonde.fr/rss/une.xml", "opml:press.opml"]

[collect]
# A mail or web address, sent with each request, so that a server's owner can reach you.
# contact = "you@example.org"
"""


def template(brand: str) -> str:
    """The commented configuration of somebody who listens for one brand."""
    from urllib.parse import quote_plus

    words = re.findall(r"\w+", brand)
    tag = "".join(words).lower()
    phrase = f'"{" ".join(words)}"' if len(words) > 1 else words[0]
    return TEMPLATE.format(
        key="-".join(words).lower() if "-".join(words).isascii() else f'"{" ".join(words).lower()}"',
        query=f"{phrase} OR #{tag}",
        quoted=quote_plus(f'"{" ".join(words)}"'),
        tag=tag,
    )


@click.command()
@click.argument("brand", required=False)
@click.option("--force", is_flag=True, help="Replace the file that is there.")
@common
def init(session: Session, brand: str | None, force: bool) -> int:
    """Write a commented configuration that listens for BRAND."""
    from listen import config

    if not brand or not re.search(r"\w", brand):
        raise Fault('name what to listen for, such as `listen init acme` or `listen init "Acme Battery"`', USAGE)
    if len(brand) > 100:
        raise Fault("a brand has at most 100 characters; longer queries go into the file", USAGE)
    file = (session.config_file or config.user_folder() / "config.toml").expanduser()
    if file.exists() and not force:
        raise Fault(f"{file} is there already; edit it, or write over it with --force", USAGE)
    _write(file, template(brand))
    loaded = config.load(file, store=session.db)
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


def _write(file: Path, text: str) -> None:
    """Never half a file: beside it first, then in its place."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.chmod(0o600)
    beside.replace(file)


@click.group(name="config")
def config() -> None:
    """Check the configuration."""


@config.command()
@common
def check(session: Session) -> int:
    """Check every layer, the adapters' own keys included; every fault is named with its line."""
    from listen.config import ConfigErrors

    try:
        loaded = session.config(adapters=True)
        _open_sources(loaded)
    except ConfigErrors as errors:
        if not session.as_json:
            raise
        for error in errors.errors:
            print_json(
                {
                    "file": str(error.file),
                    "line": error.line,
                    "key": error.key,
                    "message": error.message,
                    "hint": error.suggestion,
                }
            )
        return USAGE
    if session.as_json:
        print_json(
            {
                "files": [str(file) for file in loaded.files],
                "store": str(loaded.store),
                "topics": list(loaded.topics),
                "sources": list(loaded.sources),
            }
        )
        return FOUND
    for file in loaded.files:
        say(f"{file}: good")
    if not loaded.written:
        say("no configuration of your own yet; `listen init BRAND` writes one")
    say(f"{len(loaded.topics)} topics, {len(loaded.sources)} sources, store {loaded.store}")
    return FOUND


def _open_sources(loaded: Config) -> None:
    """Open the sources as the collector would, lists of feeds included. Raises ConfigErrors."""
    from listen.collect import channels
    from listen.config import ConfigErrors, fault_in
    from listen.secrets import mask

    terms = channels.search_terms(loaded.topics.values())
    enabled = [source for source in loaded.sources.values() if source.enabled]
    opened = [channels.open_source(source, terms, loaded.folder) for source in enabled]
    faults = [
        fault_in(loaded.files, ("sources", one.source.name), mask(one.error.message), mask(one.error.remedy))
        for one in opened
        if one.error is not None
    ]
    if faults:
        raise ConfigErrors(faults)
