"""A report of what is looked at: its topic, window and filter, its file, and how it is written. Without a screen."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from listen import query
from listen.clock import Clock
from listen.console.answers import Post, Reported
from listen.console.clerk import Asked, Job
from listen.console.format import sure
from listen.console.view import query_of, window_of
from listen.query import QueryError, tree
from listen.text import fold, one_line

if TYPE_CHECKING:
    from listen.insight.window import Window
    from listen.store.read import Reader

USUAL = "7d"
"""The window where all of a topic is looked at; `listen report` takes the same."""

_INSTANTS = re.compile(r"(?:^|\s)since:(\d{4}\S+Z) until:(\d{4}\S+Z)$")
"""How a number of the overview says its window."""


class Wanted(NamedTuple):
    """What the report is to be about."""

    topic: str
    window: str = USUAL
    """As `listen report --since` takes it."""
    against: str = ""
    """The window beside which it is drawn; empty: the one before, as text alone."""
    only: str = ""
    """A query that narrows the topic."""

    def told(self) -> str:
        """The same in words, made safe."""
        parts = [sure(one_line(self.topic, 40)), self.window, self.against and f"against {self.against}", self.only]
        return one_line(", ".join(filter(None, parts)), 200)


def of_query(text: str, topic: str, window: str = "") -> Wanted:
    """What is shown of a topic: the window (`window` where the query holds none), and what else the query says."""
    base, ago = window_of(text)
    if instants := _INSTANTS.search(base):
        base, ago = base[: instants.start()].strip(), f"{instants[1]}..{instants[2]}"
    return Wanted(topic, ago or window or USUAL, only=_beside(base, topic))


def _beside(text: str, topic: str) -> str:
    """What a query says beside the topic; all of it where the topic is no part by itself."""
    named = query_of(topic)
    start, rest = text[: len(named)], text[len(named) :]
    if fold(start) != fold(named) or not (rest[:1].isspace() or not rest):
        return text
    try:
        query.parse(rest)
    except QueryError:  # it goes on with AND or OR
        return text
    beside = not rest or isinstance(query.parse(text), tree.And)
    return rest.strip() if beside else text


# --- its file --------------------------------------------------------------------------------------------------------


def file_name(wanted: Wanted, today: str) -> str:
    """`acme-7d-2026-11-22.html`, `acme-2026-10-01-2026-10-31.html`: in the working directory."""
    name = re.sub(r"[^\w.-]+", "-", wanted.topic).strip("-.") or "report"
    days = re.findall(r"\d{4}-\d\d-\d\d", wanted.window)
    return f"{'-'.join([name[:60], *(days or [wanted.window, today])])}.html"


def path_of(written: str) -> Path:
    """The file that is meant; `~` is the person's own folder."""
    return Path(written).expanduser()


def fault(written: str) -> str:
    """Why nothing can be written there; empty when it can. That it exists is no fault."""
    from listen.report import ENDINGS

    if not written:
        return "a report needs a file, such as report.html or report.md"
    try:
        path = path_of(written)
        if path.suffix.lower() not in ENDINGS:
            return f"its ending says how it is written: {', '.join(ENDINGS)}"
        if path.is_dir():
            return "that is a folder; write a file's name behind it"
        if not path.parent.is_dir():
            return f"there is no folder {one_line(str(path.parent), 60)}"
        if not os.access(path.parent, os.W_OK):
            return f"you may not write into {one_line(str(path.parent.absolute()), 60)}"
    except (OSError, ValueError, RuntimeError) as error:
        return f"no file can be called so: {one_line(str(error), 60)}"
    return ""


def how_to_open(path: Path, environment: Mapping[str, str]) -> str:
    """What shows it to this person, who may sit at another machine."""
    from listen.console.links import opener
    from listen.report import ENDINGS

    if ENDINGS.get(path.suffix.lower()) != "html":
        return f"less {path.name}, or any editor"
    found = opener(environment)
    if found:
        return f"{Path(found[0]).name} {path.name}"
    return "scp it to where a browser is" if environment.get("SSH_CONNECTION") else "a browser opens it"


def placed(path: Path) -> str:
    """Where it is, with `~` for the person's own folder."""
    where, home = path.absolute(), Path.home()
    return f"~/{where.relative_to(home)}" if where.is_relative_to(home) else str(where)


# --- writing it ------------------------------------------------------------------------------------------------------


def report(wanted: Wanted, path: Path, clock: Clock, *, over: bool = False) -> Job:
    """Writes it, with the numbers of `listen report`; `over`: in the place of a file that is there."""

    def job(reader: Reader, asked: Asked, _post: Post) -> Reported | None:
        from listen.files import whole_file

        name = one_line(path.name, 40)
        try:
            written = _text(reader, wanted, path, clock.now())
            if written is None:
                gone = f"{name}: not written, there is no topic {sure(one_line(wanted.topic, 40))} any more"
                return Reported(gone, "amber") if asked.wanted else None
            text, n = written
            if path.exists() and not over:
                return Reported(f"{name}: not written, there is such a file by now; :report asks again", "amber")
            with whole_file(path) as out:
                out.write(text)
        except (QueryError, ValueError) as error:
            return Reported(f"{name}: not written: {one_line(str(error), 200)}", "amber")
        except OSError as error:
            why = one_line(error.strerror or str(error), 120)
            return Reported(f"{name}: not written: {why}; :report asks for another file", "red")
        empty = "" if n else ", though nothing was said"
        return Reported(f"{one_line(placed(path), 200)} is written{empty}: {how_to_open(path, os.environ)}")

    return job


def _text(reader: Reader, wanted: Wanted, path: Path, now: float) -> tuple[str, int] | None:
    """(the report as text, of how many mentions it is); None for a topic that is not there. Raises ValueError."""
    import zoneinfo
    from datetime import UTC

    from listen.config.desks import local_zone
    from listen.report import ENDINGS
    from listen.report.gathering import page
    from listen.report.page import Asked as Question
    from listen.report.spans import span
    from listen.report.words import Speech
    from listen.report.writing import write

    name = local_zone() or "UTC"
    name = "UTC" if name == "Etc/UTC" else name
    zone = UTC if name == "UTC" else zoneinfo.ZoneInfo(name)

    def window(written: str) -> Window:
        return span(written, "", now, zone)

    other = window(wanted.against) if wanted.against else None
    question = Question(wanted.topic, window(wanted.window), other, Speech("en", zone), name, now, only=wanted.only)
    found = page(reader, question)
    return None if found is None else (write(found, ENDINGS[path.suffix.lower()]), found.head.n)
