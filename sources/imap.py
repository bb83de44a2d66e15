"""The adapter `imap`: a mailbox that is only read: Google Alerts, notices of LinkedIn and Viadeo, newsletters.

A mail is one post; a Google Alert is one for each of its results. The collector speaks IMAP; the answer that is read
here is an `Inbox` in JSON. Contract: RFC 3501 and RFC 4315 (`UIDVALIDITY`, `UID`), RFC 8601 (Authentication-Results).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from sources import links, mail
from sources.base import Answer, Channel, Cursor, Option, Page, Post, Reject, Request, Settings, SourceError
from sources.settings import bad, secret_of, words_of

FIRST_DAYS = 30
"""The first round reads the mails of so many days."""

_HOST = re.compile(r"(?:(?P<scheme>imaps?)://)?(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d{1,5}))?/?")
_SENDER = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@-]{1,200}")


class Letter(Struct, frozen=True):
    """One mail of a folder."""

    uid: int
    raw: bytes
    """As it was sent, headers first; base64 in JSON."""
    size: int
    """Bytes of the whole mail, of which `raw` may be the beginning."""


class Inbox(Struct, frozen=True):
    """What a folder held above a uid."""

    validity: int
    """When it changes, all uids have other meanings."""
    letters: tuple[Letter, ...]
    more: bool = False


class ImapAdapter:
    """One channel for each folder."""

    name = "imap"
    summary = "a mailbox, read only: Google Alerts, notices of LinkedIn and Viadeo, newsletters"
    needs = "a mailbox with an app password"
    every = 300.0
    options: Mapping[str, Option] = {
        "host": Option("text", "the server, such as imap.example.org; TLS at port 993", required=True),
        "user": Option("text", "the name to sign in with", required=True),
        "password": Option("secret", "an app password of this mailbox"),
        "token": Option("secret", "an OAuth 2 access token instead of a password, where the provider wants one"),
        "folders": Option("texts", 'the folders to read; ["INBOX"] when nothing is said'),
        "senders": Option("texts", "read mails from these addresses or domains alone"),
        "verified_by": Option(
            "text", "the name of your own mail server as it signs Authentication-Results; others are not believed"
        ),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """A channel for each folder. Raises SourceError `settings`: no such host or sender, no way to sign in."""
        host, common = _server(settings), {
            "user": _text(settings, "user"),
            "senders": [_sender(one) for one in words_of(settings, "senders")],
            "verified_by": settings.get("verified_by"),
        }  # fmt: skip
        secrets = {kind: reference for kind in ("password", "token") if (reference := secret_of(settings, kind))}
        if len(secrets) != 1:
            raise bad("password", "there is no way to sign in, or there are two", "Write either password or token.")
        return [
            Channel(
                f"{common['user']}@{links.host(host.replace('imap', 'http', 1))}/{folder}",
                f"{folder} · {common['user']}",
                {**common, **secrets, "host": host, "folder": folder},
            )
            for folder in words_of(settings, "folders") or ["INBOX"]
        ]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The mails above the last uid, of which the collector reads as many as one answer may hold."""
        settings = channel.settings
        asked = [("folder", settings["folder"]), ("user", settings["user"])]
        asked += [("sender", sender) for sender in settings["senders"]]
        if "uid" in cursor and "validity" in cursor:
            asked += [("validity", str(cursor["validity"])), ("above", str(cursor["uid"]))]
        asked.append(("since", str(int(now) - FIRST_DAYS * 86_400)))
        signing: dict[str, str] = {kind: settings[kind] for kind in ("password", "token") if kind in settings}
        return Request(settings["host"], params=tuple(asked), headers=signing)

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of some mails. Raises SourceError `parse` when the answer is no `Inbox`."""
        try:
            inbox = msgspec.json.decode(answer.body, type=Inbox)
        except msgspec.MsgspecError:
            raise SourceError("parse", "the answer is no list of mails", "Check that host is a mail server.") from None
        posts: list[Post] = []
        rejects: list[Reject] = []
        for letter in inbox.letters:
            try:
                found = mail.posts(letter.raw, now, verified_by=channel.settings.get("verified_by"))
            except mail.Unreadable as error:
                rejects.append(Reject(str(error), letter.raw[:200].decode("utf-8", "replace")))
                continue
            for post in found:
                post.truncated = post.truncated or len(letter.raw) < letter.size
            posts += found
        known = cursor.get("uid") if cursor.get("validity") == inbox.validity else 0
        highest = max([letter.uid for letter in inbox.letters], default=int(known or 0))
        return Page(posts, {"validity": inbox.validity, "uid": highest}, inbox.more, rejects)


def _server(settings: Settings) -> str:
    """`imaps://host:993`. Plain `imap://` has to be said."""
    said = _text(settings, "host")
    found = _HOST.fullmatch(said)
    if found is None or not 0 < int(found["port"] or 993) < 65_536:
        raise bad("host", f'"{said[:80]}" is no mail server', 'Write host = "imap.example.org".')
    scheme = found["scheme"] or "imaps"
    return f"{scheme}://{found['host'].lower()}:{found['port'] or {'imaps': 993, 'imap': 143}[scheme]}"


def _text(settings: Settings, key: str) -> str:
    said = settings.get(key)
    if not isinstance(said, str) or not said.strip() or not said.isprintable():
        raise bad(key, "nothing is said here", f'Write {key} = "...".')
    return said.strip()


def _sender(said: str) -> str:
    if not _SENDER.fullmatch(said):
        raise bad("senders", f'"{said[:80]}" is no address', 'Write senders = ["someone@example.org", "example.com"].')
    return said
