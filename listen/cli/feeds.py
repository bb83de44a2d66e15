"""`sources opml`: the feeds of the configuration as a list that other readers take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listen.cli.common import FOUND, NOTHING, USAGE, Fault, Session, common, print_json, say

if TYPE_CHECKING:
    from listen.config import Source
    from sources.opml import Outline


@click.command()
@common
def opml(session: Session) -> int:
    """Print the feeds of the configuration as OPML, a folder for each source, for other readers."""
    from sources import links
    from sources import opml as lists

    loaded = session.config(adapters=True)
    found = {
        name: _outlines(source, loaded.folder) for name, source in loaded.sources.items() if source.adapter == "feed"
    }
    feeds = [(name, one) for name, outlines in found.items() for one in outlines if not one.refused]
    if session.as_json:
        for name, one in feeds:
            print_json({"source": name, "url": one.url, "label": one.label or one.url})
    else:
        sys.stdout.write(lists.written(found))
    private = sum(1 for _, one in feeds if links.hidden(one.url))
    if private:
        say(f"{private} of these addresses hold a key of yours: mind who gets this list")
    if not feeds:
        say("no source of the configuration is a feed")
    return FOUND if feeds else NOTHING


def _outlines(source: Source, folder: Path) -> list[Outline]:
    """The feeds of a source with their addresses written out. Raises Fault when they cannot be told."""
    from sources import opml as lists
    from sources import recipes
    from sources.base import SourceError

    try:
        listed = lists.expand([str(url) for url in source.settings.get("urls", ())], folder)
        return [
            lists.Outline(made, one.label or one.url, one.tags) if (made := recipes.address(one.url)) else one
            for one in listed
        ]
    except SourceError as error:
        raise Fault(f"{source.name}: {error.message}", USAGE) from None
