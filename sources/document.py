"""What came over the wire -> UTF-8 bytes that a parser may have: encoding, kind of document, guards before parsing.

Content-Type lies, prologs lie, and a parser that dies on one bad character takes the good items with it. What is cheap
and safe to put right is put right here; what is hostile is refused with a reason. The real guard against expensive
input is the limit on the process that parses.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from sources import dates
from sources.base import Reject, SourceError

ENTRIES = 2_000
"""Most items taken from one answer."""

MEND = "The publisher has to mend it; it is asked again later."

Kind = Literal["xml", "json", "html"]


class Document(Struct):
    """An answer's body, ready to be parsed."""

    kind: Kind
    data: bytes
    """UTF-8; XML begins with a declaration of ours and, right behind it, the root element."""
    root: str = ""
    """Name of the XML root element as written, with its prefix."""
    lines: int = 0
    """How many lines were cut off before the root element, to number a parser's complaint right."""
    rejects: list[Reject] = []


# --- encoding ----------------------------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "iso8859-9": "cp1254",
    "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""Encodings that publishers name while they send a superset (the table of the WHATWG Encoding standard)."""
_SEVERAL_BYTES = {"gb18030", "hz", "cp932", "euc_jp", "iso2022_jp", "cp949", "big5hkscs", "iso2022_kr", "johab"}
_UNICODE = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
_NOT_TEXT = {"unicode_escape", "raw_unicode_escape", "undefined", "punycode", "idna", "utf_7", "mbcs", "oem"}
_PROLOG = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})\s*["']""")
_C1 = {code: sign for code in range(0x80, 0xA0) if (sign := bytes([code]).decode("cp1252", "ignore"))}
"""windows-1252 over Latin-1; its five bytes without meaning stay C1 controls, as in browsers."""
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)


def _codec(label: str | None) -> str | None:
    """Python's name for a declared encoding, None when there is none such. Raises SourceError when it is no charset."""
    if not label:
        return None
    try:
        name = codecs.lookup(label).name
        b"".decode(name)
    except (LookupError, ValueError, TypeError, UnicodeError):
        name = label.lower()
        if name.replace("-", "_") not in _NOT_TEXT:
            return None
    if name.replace("-", "_") in _NOT_TEXT:
        raise SourceError(
            "encoding",
            f'the answer claims the encoding "{label}", which is no character set',
            "Tell the publisher: UTF-8 is expected.",
        )
    return _WIDER.get(name, name)


def _declared(body: bytes, headers: Mapping[str, str]) -> list[str]:
    """The encodings that the answer claims, the more trustworthy first."""
    charset = _CHARSET.search(headers.get("content-type", ""))
    prolog = _PROLOG.match(body[:1_024])
    names = [_codec(charset and charset[1]), _codec(prolog[1].decode("ascii") if prolog else None)]
    # A prolog that can be read as ASCII is no UTF-16, whatever it says.
    return [name for name in names if name and not name.startswith(("utf-16", "utf-32"))]


def _wide(body: bytes) -> str | None:
    """UTF-16 and UTF-32 without a byte order mark, by the NULs around the first sign."""
    head = body[:4]
    if head[:1] in b"<{ \n" and head[:1] and head[1:4] == b"\0\0\0":
        return "utf-32-le"
    if head[:3] == b"\0\0\0" and head[3:4] in (b"<", b"{"):
        return "utf-32-be"
    if head[:1] in (b"<", b"{") and head[1:2] == b"\0":
        return "utf-16-le"
    if head[:1] == b"\0" and head[1:2] in (b"<", b"{"):
        return "utf-16-be"
    return None


def _utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(body: bytes) -> bool:
    """Whether more characters beyond ASCII read as UTF-8 than fail to: a few broken bytes do not make it Latin-1."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(1 for sign in text if sign > "\x7f") - broken > broken


def _encoding(body: bytes, headers: Mapping[str, str]) -> tuple[str, bytes]:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name, body[len(mark) :]
    if name_by_shape := _wide(body):
        return name_by_shape, body
    declared = _declared(body, headers)
    for name in declared:
        if name in _SEVERAL_BYTES:
            try:
                body.decode(name)
            except UnicodeDecodeError:
                continue
            return name, body
        if name not in _UNICODE and not _utf8(body):
            return name, body
    # What reads as UTF-8 from end to end is UTF-8, even where it claims a one-byte encoding: those read anything.
    if _utf8(body) or _mostly_utf8(body):
        return "utf-8", body
    return next((name for name in declared if name not in _UNICODE), "cp1252"), body


def utf8(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The body in UTF-8: by byte order mark, then charset, then prolog, then UTF-8, then windows-1252.

    Raises SourceError `encoding` when the declared encoding is no character set.
    """
    name, body = _encoding(body, headers)
    if name == "utf-8":
        return body if _utf8(body) else body.decode("utf-8", "replace").encode()
    if name == "cp1252":
        return body.decode("latin-1").translate(_C1).encode()
    return body.decode(name, "replace").encode("utf-8", "replace")


# --- what kind of document ---------------------------------------------------------------------------------------

_WHITE = b" \t\r\n\0\x0b\x0c"
_ROOT = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)")
_DOCTYPE = re.compile(rb"""<!DOCTYPE(?>"[^"]*"|'[^']*'|[^\[>"'])*""", re.IGNORECASE)
_FEED_ROOT = re.compile(rb"<(rss|feed|rdf:RDF)[\s>]")
_HTML = {
    "html",
    "head",
    "body",
    "meta",
    "title",
    "script",
    "style",
    "link",
    "div",
    "p",
    "br",
    "b",
    "h1",
    "center",
    "pre",
}


def _prolog(data: bytes) -> tuple[int, bytes]:
    """Where the first element begins (-1: nowhere), and the document type declaration before it if it has entities."""
    place, doctype = 0, b""
    while True:
        place = data.find(b"<", place)
        if place < 0:
            return -1, doctype
        if data.startswith(b"<!--", place):
            end = data.find(b"-->", place + 4)
        elif data.startswith(b"<?", place):
            end = data.find(b"?>", place + 2)
        elif found := _DOCTYPE.match(data, place):
            end = found.end()
            if data[end : end + 1] == b"[":
                end = data.find(b"]", end)
                end = data.find(b">", end) if end >= 0 else -1
                doctype = data[place : end + 1]
        elif _ROOT.match(data, place):
            return place, doctype
        else:
            end = place
        if end < 0:
            return -1, doctype
        place = end + 1


def _quoted(data: bytes) -> str:
    text = " ".join(data[:200].decode("utf-8", "replace").split())[:60]
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _no_feed(message: str) -> SourceError:
    return SourceError("not-a-feed", message, "Check the address in a browser; `listen sources check` tries it again.")


def _locate(data: bytes) -> tuple[int, str, bytes]:
    """Where the root element begins, its name (`html` for any page), and a document type declaration with entities."""
    start, doctype = _prolog(data)
    found = _ROOT.match(data, start) if start >= 0 else None
    root = found[1].decode("utf-8", "replace") if found else ""
    if data[:1] == b"<" and root.lower() not in _HTML:
        return start, root, doctype
    # Some servers print warnings or stray signs before the feed; what a script quotes inside a page is no feed.
    early = _FEED_ROOT.search(data, 0, 16_384) if root.lower() != "html" else None
    if early:
        return early.start(), early[1].decode(), b""
    if root.lower() in _HTML:
        return start, "html", b""
    raise _no_feed(f"the answer is neither XML nor JSON; it begins with “{_quoted(data)}”")


def read(body: bytes, headers: Mapping[str, str], *, allow_doctype: bool = False) -> Document:
    """The document in an answer's body. `headers` in lower case; only content-type matters.

    Raises SourceError: `empty`, `encoding`, `not-a-feed`, `parse`; `doctype` when it declares entities, unless allowed.
    """
    whole = utf8(body, headers)
    data = whole.lstrip(_WHITE + codecs.BOM_UTF8)
    if not data:
        raise SourceError("empty", "the answer is empty", "If it stays so, the publisher may have closed the feed.")
    if data[:1] in b"{[":
        return Document("json", data)
    start, root, doctype = _locate(data)
    if root == "html":
        return Document("html", data, root)
    if start < 0:
        raise SourceError("parse", "the document has no element at all", MEND)
    if doctype and not allow_doctype:
        raise SourceError(
            "doctype",
            "the feed declares entities of its own (a DOCTYPE with an internal subset), as XML bombs do",
            "If you trust the publisher, set `allow_doctype = true` for this source.",
        )
    head = b'<?xml version="1.0" encoding="utf-8"?>\n' + (doctype + b"\n" if doctype else b"")
    lines = whole.count(b"\n", 0, len(whole) - len(data) + start) - head.count(b"\n")
    rejects: list[Reject] = []
    rest = _whole(_fewer(_characters(data[start:]), rejects), root.encode(), rejects)
    return Document("xml", head + rest, root, lines, rejects)


# --- guards before the parser ------------------------------------------------------------------------------------

_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_SUSPECT = re.compile(rb"&#(?:[xX](?:0*[dD][89a-fA-F]|[0-9a-fA-F]{5})|[0-9]{5})")
_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")
_BEGIN = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_CLOSING = {b"rss": b"</channel></rss>", b"rdf:RDF": b"</rdf:RDF>", b"feed": b"</feed>"}
_DATE = re.compile(rb"<(?:\w+:)?(?:pubDate|published|updated|date|issued)>(?:<!\[CDATA\[)?([^<\]]{6,60})")


def _characters(data: bytes) -> bytes:
    """References to no character (`&#xD800;`, five thousand digits) become U+FFFD: the parser raises on them."""
    return _REFERENCE.sub(_reference, data) if _SUSPECT.search(data) else data


def _reference(found: re.Match[bytes]) -> bytes:
    digits, base = (found[1], 16) if found[1] else (found[2], 10)
    digits = digits.lstrip(b"0")
    code = int(digits or b"0", base) if len(digits) <= 8 else 0x110000
    return b"&#xFFFD;" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else found[0]


def _fewer(data: bytes, rejects: list[Reject]) -> bytes:
    """At most ENTRIES items, the newest, cut out before parsing: fifty thousand cost the parser its time limit."""
    ends = [found.end() for found in _END.finditer(data)]
    if len(ends) <= ENTRIES:
        return data
    rejects.append(over(len(ends)))
    begin = _BEGIN.search(data)
    if begin and _date(data[begin.start() : ends[0]]) < _date(data[ends[-2] :]):
        return data[: begin.start()] + data[ends[-ENTRIES - 1] :]
    return data[: ends[ENTRIES - 1]] + data[ends[-1] :]


def over(count: int) -> Reject:
    """The reject that says how many of `count` items were left out."""
    return Reject(f"limit:entries: {count - ENTRIES:,} of {count:,} items left out; {ENTRIES:,} are read at a time")


def _date(item: bytes) -> int:
    found = _DATE.search(item)
    return dates.parse(found[1].decode("utf-8", "replace").strip()) or 0 if found else 0


def _whole(data: bytes, root: bytes, rejects: list[Reject]) -> bytes:
    """A feed that breaks off keeps its complete items and is closed behind them.

    The half item would get another identity than the whole one that follows later.
    """
    closing = _CLOSING.get(root)
    if closing is None or re.search(rb"</" + root + rb"\s*>", data[max(0, data.rfind(b"</" + root)) :]):
        return data
    ends = [found.end() for found in _END.finditer(data)]
    if not ends:
        return data
    left = "; its last item is not whole and was left out" if _BEGIN.search(data, ends[-1]) else ""
    rejects.append(Reject(f"truncated: the feed breaks off{left}", _quoted(data[ends[-1] :])))
    return data[: ends[-1]] + closing
