"""A mail -> posts: one, or one for each result of a Google Alert whose sender is proven: anybody can write `From:`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from sources import dates, links
from sources.base import Author, Post
from sources.identity import digest

NETWORK = "mail"
ALERTS = "googlealerts-noreply@google.com"
_RESULT = re.compile(r"<(https?://www\.google\.[a-z.]+/url\?[^\s<>]+)>")
_NO_RESULT = re.compile(r"={2,}.*={2,}|-+ *$")
_METHOD = re.compile(r"\b(dkim|dmarc)\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
_SIGNER = re.compile(r"(?:header\.(?:i|d|from))\s*=\s*\"?@?([A-Za-z0-9.-]+)", re.IGNORECASE)


class Unreadable(Exception):
    """A mail that brings no post; the text begins with a short stable word."""


def posts(raw: bytes, now: float, *, verified_by: str | None = None) -> list[Post]:
    """The posts of one mail in its form on the wire.

    `verified_by` is the name under which the reader's own server writes Authentication-Results. Raises Unreadable:
    no mail at all, a sender who is not who he says, an alert whose sender nobody vouches for.
    """
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
    except RecursionError:
        raise Unreadable("limit:depth: its parts are nested too deeply to be read") from None
    if not message.keys():
        raise Unreadable("no-mail: there are no headers")
    sender = _sender(message)
    verdict = _verdict(message, verified_by)
    if verdict.get("dmarc", ("", ""))[0] == "fail":
        raise Unreadable(f"forged: the mail claims to come from {sender.handle}, and its server denies it")
    if sender.handle.lower() != ALERTS:
        return [_whole(message, sender, raw, now)]
    outcome, signer = verdict.get("dkim", ("", ""))
    if outcome != "pass" or signer != "google.com":
        raise Unreadable("unverified: the mail claims to be a Google Alert, and no signature of google.com was found")
    return list(_alert(message, now))


def _header(message: Message, name: str) -> str:
    return _unpacked(str(message.get(name, "")))


def _unpacked(said: str) -> str:
    """A header's text on one line, with what RFC 2047 packed in it."""
    try:
        text = str(make_header(decode_header(said)))
    except (ValueError, LookupError):
        text = said
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _sender(message: Message) -> Author:
    for name, address in getaddresses([str(message.get("From", ""))]):
        if address:
            return Author(handle=address, name=_unpacked(name) or None)
    return Author(handle="unknown sender")


def _verdict(message: Message, verified_by: str | None) -> dict[str, tuple[str, str]]:
    """Method -> (outcome, domain) of the topmost Authentication-Results: the reader's own server wrote that last."""
    found: dict[str, tuple[str, str]] = {}
    for told in message.get_all("Authentication-Results", []):
        said = " ".join(str(told).split())
        server = said.partition(";")[0].split(" ")[0].strip().lower()
        if verified_by and server != verified_by.lower():
            continue
        for method, outcome, rest in _METHOD.findall(said):
            signer = _SIGNER.search(rest)
            known = found.get(method.lower())
            if known is None or known[0] != "pass":
                found[method.lower()] = outcome.lower(), signer[1].lower() if signer else ""
        return found
    return found


def _whole(message: Message, sender: Author, raw: bytes, now: float) -> Post:
    markup, text = _body(message)
    given = _header(message, "Message-ID")
    before = re.findall(r"<[^<>\s]+>", f"{_header(message, 'References')} {_header(message, 'In-Reply-To')}")
    return Post(
        network=NETWORK,
        external_id=given or digest((raw,)),
        kind="mail",
        title=_header(message, "Subject") or None,
        text=text,
        markup="html" if markup else "plain",
        author=sender,
        published_at=_when(message, now),
        parent_id=before[-1] if before else None,
        thread_id=before[0] if before else None,
    )


def _when(message: Message, now: float) -> int | None:
    return dates.plausible(dates.parse(_header(message, "Date")), now)


def _alert(message: Message, now: float) -> Iterator[Post]:
    """One post for each result: title, publisher, some words, address."""
    text, when, at = _plain(message), _when(message, now), 0
    for found in _RESULT.finditer(text):
        lines = [line.strip() for line in text[at : found.start()].splitlines()]
        at = found.end()
        told = [line for line in lines if line and not _NO_RESULT.fullmatch(line)]
        url = links.unwrapped(found[1])
        if not told or links.host(url).startswith("google."):
            continue  # what stands at the end: see all results, edit, unsubscribe
        publisher, words = told[1] if len(told) > 2 else None, " ".join(told[2:] or told[1:])
        yield Post(
            network=NETWORK,
            external_id=digest((links.canonical(url),)),
            kind="article",
            url=url,
            title=told[0],
            text=words,
            author=Author(handle=links.host(url), name=publisher) if links.host(url) else None,
            published_at=when,
        )


# --- bodies ----------------------------------------------------------------------------------------------------------


def _body(message: Message) -> tuple[bool, str]:
    """(whether it is HTML, the text), of the HTML part where there is one: in plain ones addresses break the words."""
    parts = {part.get_content_type(): part for part in reversed(list(_texts(message)))}
    if (html := parts.get("text/html")) is not None:
        return True, _decoded_body(html)
    plain = parts.get("text/plain")
    return False, _flowed(plain) if plain is not None else ""


def _plain(message: Message) -> str:
    plain = next((part for part in _texts(message) if part.get_content_type() == "text/plain"), None)
    return "" if plain is None else _flowed(plain)


def _texts(message: Message) -> Iterator[Message]:
    """The parts that are written to be read, without attachments."""
    for part in message.walk():
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            yield part


def _decoded_body(part: Message) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return raw.decode(charset, "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _flowed(part: Message) -> str:
    """Plain text whose soft line breaks (RFC 3676) are undone."""
    text = _decoded_body(part).replace("\r\n", "\n")
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    deletes = str(part.get_param("delsp", "")).lower() == "yes"
    return re.sub(r"(?<!^--) \n", "" if deletes else " ", text, flags=re.MULTILINE)
