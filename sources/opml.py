"""Lists of feeds in OPML files, as other readers write and read them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from msgspec import Struct

from sources import document, links
from sources.base import SourceError

SIZE = 5_000_000
"""Largest file read, in bytes."""
OUTLINES = 10_000
_DEPTH = 64
_COMMANDS = ("|", "exec:", "filter:", "query:", "file:")


class Outline(Struct, frozen=True):
    """One feed to follow."""

    url: str
    label: str = ""
    tags: tuple[str, ...] = ()
    """The folders that it lies in, outermost first, then its categories."""
    refused: str = ""
    """Why it is not followed, in plain words; "" when it is."""


def expand(urls: Iterable[str], folder: Path) -> list[Outline]:
    """The feeds of a `urls` setting: `opml:FILE` entries (relative to `folder`) are replaced by what the file lists.

    The only function of the adapters that reads a file. Raises SourceError `opml` with the file's name.
    """
    found = []
    for entry in urls:
        if entry.strip().startswith("opml:"):
            found += _file(entry.strip()[5:], folder)
        else:
            found.append(Outline(url=entry))
    return found


def _file(name: str, folder: Path) -> list[Outline]:
    path = folder / Path(name).expanduser()
    try:
        with open(path, "rb") as file:
            data = file.read(SIZE + 1)
    except OSError as error:
        raise SourceError(
            "opml", f"{path}: {os.strerror(error.errno or 0)}", "Check the path; it counts from the configuration file."
        ) from None
    try:
        return parse(data)
    except SourceError as error:
        raise SourceError(error.reason, f"{path}: {error.message}", error.remedy) from None


def _fail(message: str, remedy: str = "Export it again from the program that wrote it.") -> NoReturn:
    raise SourceError("opml", message, remedy)


def parse(data: bytes) -> list[Outline]:
    """The feeds of an OPML document, in order, refused ones too.

    Raises SourceError `opml`: too large, not well-formed, no <opml> or <body>, or with entities of its own.
    """
    if len(data) > SIZE:
        _fail(f"the file is larger than {SIZE:,} bytes", "Split it, or list its feeds in `urls`.")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(document.utf8(data, {}).lstrip(), True)
    except expat.ExpatError as error:
        _fail(f"line {error.lineno}: the file is not well-formed XML ({expat.ErrorString(error.code)})")
    if not reader.body:
        _fail("the file has no <body> with outlines")
    return reader.found


def written(folders: Mapping[str, Sequence[Outline]]) -> str:
    """The feeds as an OPML document, a folder for each name; those that are refused are left out."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "<head><title>listen</title></head>",
        "<body>",
    ]
    for folder, outlines in folders.items():
        followed = [one for one in outlines if not one.refused]
        if followed:
            lines.append(f"<outline text={_attribute(folder)}>")
            lines += [
                f'<outline type="rss" text={_attribute(one.label or one.url)} xmlUrl={_attribute(one.url)}/>'
                for one in followed
            ]
            lines.append("</outline>")
    return "\n".join([*lines, "</body>", "</opml>", ""])


def _attribute(said: str) -> str:
    """A text as an attribute of XML, without the signs that XML cannot hold."""
    return quoteattr("".join(sign for sign in said if sign >= " " and not 0xD800 <= ord(sign) < 0xE000))


class _Reader:
    """Collects outlines while expat walks through the document."""

    def __init__(self) -> None:
        self.found: list[Outline] = []
        self.folders: list[str] = []
        self.depth = 0
        self.body = False

    def doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        if internal:
            _fail(
                "the file declares entities of its own (a DOCTYPE with an internal subset), which are refused",
                "Remove the DOCTYPE.",
            )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.lower()
        self.depth += 1
        if self.depth == 1 and name != "opml":
            _fail(f"the file is no OPML: its root element is <{name[:40]}>, <opml> was expected")
        if self.depth > _DEPTH:
            _fail(f"outlines are nested more than {_DEPTH} levels deep")
        if name == "body":
            self.body = True
        elif name == "outline" and self.body:
            self.outline({key.lower(): value.strip() for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self.depth -= 1
        if name.lower() == "outline" and self.body:
            self.folders.pop()

    def outline(self, attributes: dict[str, str]) -> None:
        label = attributes.get("text") or attributes.get("title") or ""
        url = attributes.get("xmlurl", "")
        if url:
            if len(self.found) >= OUTLINES:
                _fail(f"the file lists more than {OUTLINES:,} feeds", "Split it over several sources.")
            categories = (category.strip().strip("/") for category in attributes.get("category", "").split(","))
            tags = tuple(dict.fromkeys(tag for tag in (*self.folders, *categories) if tag))
            self.found.append(Outline(url, label, tags, _refusal(url)))
        self.folders.append("" if url else label)


def _refusal(url: str) -> str:
    if url.lower().startswith(_COMMANDS):
        return "it is a command to run or a local file, and feeds are only fetched over http and https"
    if links.web(url) is None and not url.lower().startswith("feed:"):
        return "it is no web address"
    return ""
