"""A small mail server on loopback that speaks as much IMAP as a reader needs, and misbehaves when it is told to."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PASSWORD = "correct horse"


def letter(subject: str, text: str, sender: str = "Zoe <zoe@letters.example>", **headers: str) -> bytes:
    """A plain mail; names of headers are written with `_` for `-`."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"From: {sender}\r\nSubject: {subject}\r\nDate: Fri, 20 Nov 2026 09:00:00 +0000\r\n{more}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    ).encode()


@dataclass
class MailServer:
    port: int = 0
    validity: int = 7
    letters: dict[int, bytes] = field(default_factory=dict)
    """uid -> mail of the only folder, `INBOX`."""
    said: list[str] = field(default_factory=list)
    """What was asked, command by command, without tags."""
    endless: bool = False
    """Announce a mail of 3 GB."""
    silent: bool = False
    """Take the connection and say nothing."""
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"imap://127.0.0.1:{self.port}"


class _Reader(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        mails: MailServer = self.server.mails  # type: ignore[attr-defined]
        if mails.silent:
            mails.released.wait(60)
            return
        self._say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            tag, _, command = line.partition(" ")
            mails.said.append(command)
            if not self._answer(mails, tag, command):
                return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _answer(self, mails: MailServer, tag: str, command: str) -> bool:
        outcome = "OK done"
        if command.startswith("CAPABILITY"):
            self._say("* CAPABILITY IMAP4rev1 AUTH=PLAIN")
        elif command.startswith("AUTHENTICATE PLAIN"):
            self._say("+ ")
            from base64 import b64decode

            given = b64decode(self.rfile.readline()).decode().split("\0")
            if given[2] != PASSWORD:
                outcome = "NO [AUTHENTICATIONFAILED] no"
        elif command.startswith("EXAMINE"):
            if '"INBOX"' in command:
                self._say(f"* {len(mails.letters)} EXISTS\r\n* OK [UIDVALIDITY {mails.validity}] ids")
                outcome = "OK [READ-ONLY] done"
            else:
                outcome = "NO there is none"
        elif command.startswith("LIST"):
            self._say('* LIST (\\HasNoChildren) "/" "INBOX"\r\n* LIST () "/" "&AMk-t&AOk-"')
        elif command.startswith("UID SEARCH"):
            above = re.search(r"UID (\d+):\*", command)
            found = [uid for uid in mails.letters if above is None or uid >= int(above[1])]
            found = found or [max(mails.letters)] if mails.letters else found
            self._say("* SEARCH " + " ".join(map(str, found)))
        elif fetched := re.match(r"UID FETCH (\d+) .*<0\.(\d+)>", command):
            self._send(mails, int(fetched[1]), int(fetched[2]))
        elif command == "LOGOUT":
            self._say(f"* BYE\r\n{tag} OK bye")
            return False
        self._say(f"{tag} {outcome}")
        return True

    def _send(self, mails: MailServer, uid: int, most: int) -> None:
        whole = mails.letters[uid]
        raw = whole[:most]
        size = 3 << 30 if mails.endless else len(raw)
        self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(whole)} BODY[]<0> {{{size}}}")
        self.wfile.write(raw + b")\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def mail_server(**fields: Any) -> Iterator[MailServer]:
    with _Server(("127.0.0.1", 0), _Reader) as server:
        mails = MailServer(server.server_address[1], **fields)
        server.mails = mails  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield mails
        finally:
            mails.released.set()
            server.shutdown()
            thread.join()
