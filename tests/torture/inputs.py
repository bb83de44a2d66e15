"""Feeds that harm whoever reads them, made here, and answers that harm whoever fetches them."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import zlib
from collections.abc import Awaitable, Callable

import brotli

from tests.collect.server import Reply, Seen

Script = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]

BOMB = 64 << 20
"""Bytes that a bomb unpacks to."""


def rss(items: str, prolog: str = "", encoding: str = "UTF-8") -> bytes:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>{prolog}<rss version="2.0"><channel><title>c</title>'
        f"<link>http://x.test/</link>{items}</channel></rss>"
    ).encode()


def item(
    title: str = "t", link: str | None = "http://x.test/1", guid: str | None = "g1", more: str = "", text: str = "d"
) -> str:
    place = f"<link>{link}</link>" if link else ""
    name = f"<guid>{guid}</guid>" if guid else ""
    return f"<item><title>{title}</title>{place}{name}<description>{text}</description>{more}</item>"


GOOD = rss("".join(item(f"hello {n}", f"http://good.test/{n}", f"good{n}") for n in range(5)))

DATES = (
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:60Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00",
    "Sat, 31 Feb 2026 25:61:61 GMT", "Mon, 32 Foo 20266 00:00:00 XYZ", "99999999999999999999", "",
)  # fmt: skip


def _laughs() -> bytes:
    entities = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return rss(item("&l9;"), f"<!DOCTYPE x [{entities}]>")


def _chain(length: int) -> bytes:
    entities = '<!ENTITY a0 "x">' + "".join(f'<!ENTITY a{n} "&a{n - 1};">' for n in range(1, length))
    return rss(item(f"&a{length - 1};"), f"<!DOCTYPE x [{entities}]>")


def _under_threshold() -> bytes:
    """Unpacks to 95 times its size, just below what expat refuses."""
    return rss(item("&a;" * 190), f'<!DOCTYPE q [<!ENTITY a "{"A" * 500_000}">]><!--{"p" * 499_000}-->')


def feeds(elsewhere: str) -> dict[str, bytes]:
    """Name -> feed. `elsewhere` is an address that nobody may ask for."""
    broken = b'<?xml version="1.0"?>\n'
    backslash = '<!DOCTYPE rss [\n<!ENTITY path "C:\\data">\n]>\n'
    missing = (
        item("first", "http://x.test/a", "same") + item("second", "http://x.test/b", "same")
        + item("no link", None, "n1") + item("no guid", "http://x.test/c", None) + item("neither", None, None)
        + "<item></item>" + item("NUL \0 title", "http://x.test/n", "nul")
    )  # fmt: skip
    return {
        "laughs": _laughs(),
        "xxe": rss(item("[&x;]"), '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "xxe-web": rss(item("[&x;]"), f'<!DOCTYPE r [<!ENTITY x SYSTEM "{elsewhere}/entity">]>'),
        "dtd": rss(item(), f'<!DOCTYPE r SYSTEM "{elsewhere}/x.dtd">'),
        "chain": _chain(50_000),
        "newlines": broken + b"\n" * 50_000 + b"<rss><channel><item><title>t</title></item></channel></rss>",
        "author": rss(item(more=f"<author>{'a' * 50_000}</author>")),
        "unclosed": broken + b"<!ENTITY \n" * 10_000 + b"<rss><channel><item><title>t</title></item></channel></rss>",
        "attributes": rss(item(more="<x " + " ".join(f'a{n}="1"' for n in range(20_000)) + "/>")),
        "under": _under_threshold(),
        "escape": rss(item("h\\ud800"), encoding="unicode_escape"),
        "surrogate": rss(item("a&#xD800;b") + item("good", "http://x.test/2", "g2")),
        "backslash": backslash.encode() + rss(item("&path;")).partition(b"?>")[2],
        "dates": rss("".join(
            item(f"d{n}", f"http://x.test/{n}", f"d{n}", f"<pubDate>{date}</pubDate>") for n, date in enumerate(DATES)
        )),
        "invalid": rss(item("a~~b ~")).replace(b"~~", b"\xff\xfe").replace(b"~", b"\x80"),
        "lying": rss(item("héllo"), encoding="UTF-16"),
        "missing": rss(missing),
        "many": rss("".join(item(f"t{n}", f"http://x.test/{n}", f"g{n}") for n in range(50_000))),
        "long": rss(item(text="x " * 9_000_000)),
    }  # fmt: skip


def json_feed(*items: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


COSTLY = json_feed(
    {"id": "emoji", "title": "emoji", "content_text": "😀" * 20_000, "language": "en"},
    {"id": "lines", "title": "lines", "content_text": "so\n\n" * 50_000, "language": "en"},
    {"id": "good", "title": "good neighbour", "content_text": "this is great", "language": "en"},
)
"""Texts that cost a scorer or a screen minutes."""


# --- answers ----------------------------------------------------------------------------------------------------------


def _head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def endless(_: Seen, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _head("Transfer-Encoding: chunked") + b"7\r\n<rss>  \r\n")
    while True:
        await _send(writer, b"10000\r\n" + b"x" * 65_536 + b"\r\n")


async def drip(_: Seen, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _head("Content-Length: 100000"))
    while True:
        await _send(writer, b"<")
        await asyncio.sleep(0.5)


async def dripping_head(_: Seen, writer: asyncio.StreamWriter) -> None:
    await _send(writer, b"HTTP/1.1 200 OK\r\n")
    while True:
        await _send(writer, b"X-More: a\r\n")
        await asyncio.sleep(0.5)


async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3_600)


async def garbage(_: Seen, writer: asyncio.StreamWriter) -> None:
    await _send(writer, os.urandom(4_096))


async def short(_: Seen, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _head("Content-Length: 99999", 'ETag: "short"') + GOOD[:300])


def answers() -> dict[str, Reply | Script]:
    """Name -> what a host answers."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    gzipped = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(BOMB >> 20)) + packer.flush()
    noise = rss("".join(item(os.urandom(20).hex(), f"http://x.test/{n}", f"g{n}") for n in range(500)))
    return {
        "gzip": Reply(body=gzipped, headers={"Content-Encoding": "gzip"}),
        "brotli": Reply(body=brotli.compress(b" " * BOMB, quality=1), headers={"Content-Encoding": "br"}),
        "cut": Reply(body=gzip.compress(noise)[:-40], headers={"Content-Encoding": "gzip", "ETag": '"cut"'}),
        "endless": endless,
        "drip": drip,
        "dripping-head": dripping_head,
        "silent": silent,
        "garbage": garbage,
        "short": short,
        "loop": Reply(302, headers={"Location": "/loop"}),
        "to-file": Reply(302, headers={"Location": "file:///etc/passwd"}),
        "busy": Reply(429, headers={"Retry-After": "120"}),
        "fault": Reply(500, b"<html>[/] oops", reason="\x1b[31m[/]PWN"),
        "unasked-304": Reply(304),
        "empty": Reply(body=b""),
        "locked": Reply(401),
        "absent": Reply(404),
    }


def growing(by: int = 80, length: int = 40) -> Script:
    """A feed that has `by` new items at each look, of `length` words."""
    shown = 0

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal shown
        shown += by
        words = "battery great " * (length // 2)
        body = rss("".join(item(f"n{n}", f"http://x.test/{n}", f"g{n}", text=words) for n in range(shown - by, shown)))
        await _send(writer, _head(f"Content-Length: {len(body)}", "Connection: close") + body)

    return answer
