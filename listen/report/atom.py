"""Mentions as an Atom feed (RFC 4287) for an intranet: well-formed whatever was written, and the same for the same.

The standard library's ElementTree writes it: what escapes is decided in one place, and nothing foreign is markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from uuid import UUID, uuid5
from xml.etree import ElementTree

from listen.model import EPOCH, Mention
from listen.text import one_line, safe_url
from listen.told import timestamp

ATOM = "http://www.w3.org/2005/Atom"

OURS = UUID("6c697374-656e-5a74-8f6d-666565647300")
"""The name space of our ids: what is called the same has the same id in every feed, on every machine, for good."""

GENERATOR = "listen"

TITLE, NAME = 120, 100
"""Characters of titles and names."""

# All but what XML 1.0 cannot say, not even escaped (section 2.2), what commands a terminal, and what turns the reading
# direction of the rest of the page. Marks of right-to-left scripts and joiners of emoji stay.
_UNSAID = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"
)
_NO_SIGNS = re.compile(f"[{''.join(chr(end + one) for end in range(0x1FFFE, 0x110000, 0x10000) for one in (0, 1))}]")
_PARAGRAPHS = re.compile("\n{2,}")


def feed(title: str, asked: str, mentions: Iterable[Mention]) -> bytes:
    """A feed of these mentions, in their order, as UTF-8.

    `asked` is the query that finds them and gives the feed its lasting id. The same mentions give the same bytes. What
    its author took away is left out.
    """
    told = [one for one in mentions if one.state in ("active", "edited")]
    root = ElementTree.Element("feed", {"xmlns": ATOM})
    _add(root, "title", _line(title, TITLE))
    _add(root, "subtitle", said(asked))
    _add(root, "id", _id("feed", asked))
    _add(root, "updated", timestamp(max(map(_changed, told), default=EPOCH)))
    _add(root, "generator", GENERATOR)
    for one in told:
        _entry(root, one)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(root: ElementTree.Element, one: Mention) -> None:
    entry = ElementTree.SubElement(root, "entry")
    _add(entry, "title", _line(one.title or one.text, TITLE) or "(no words)")
    _add(entry, "id", _id("mention", one.network, one.external_id))
    if link := _link(one.url):
        _add(entry, "link", None, rel="alternate", href=link)
    _add(entry, "published", timestamp(one.time))
    _add(entry, "updated", timestamp(_changed(one)))
    author = ElementTree.SubElement(entry, "author")
    name = (one.author.name or one.author.handle) if one.author else ""
    _add(author, "name", _line(name, NAME) or "unknown")
    if one.author and (page := _link(one.author.url)):
        _add(author, "uri", page)
    for topic in sorted(one.topics):
        _add(entry, "category", None, term=_line(topic, NAME), scheme="urn:listen:topic")
    _add(entry, "category", None, term=one.tone, scheme="urn:listen:sentiment")
    _add(entry, "content", _paragraphs(one.text), type="html")


def _changed(one: Mention) -> int:
    return max(one.time, one.edited_at or 0)


def _add(parent: ElementTree.Element, tag: str, text: str | None, **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = text


def _id(*names: str) -> str:
    return f"urn:uuid:{uuid5(OURS, chr(0).join(said(name) for name in names))}"


def _line(foreign: str, limit: int) -> str:
    return said(one_line(foreign, limit))


def _link(url: str | None) -> str | None:
    """An address of the web alone, in signs that every reader takes for one address."""
    found = safe_url(url)
    return found if found is not None and said(found) == found else None


def said(foreign: str) -> str:
    """The text with a mark in the place of every sign that XML cannot hold, or that turns what stands behind it."""
    return _NO_SIGNS.sub("\ufffd", _UNSAID.sub("\ufffd", foreign.replace("\r\n", "\n").replace("\r", "\n")))


def _paragraphs(foreign: str) -> str:
    """HTML of which every word is escaped, and that has paragraphs and line breaks alone."""
    parts = [part.strip("\n") for part in _PARAGRAPHS.split(said(foreign).strip())]
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in parts if part)
