"""Apprise in its child: a mail over real SMTP, a service that refuses, an address that is none."""

from __future__ import annotations

import asyncio
import email
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP  # type: ignore[import-untyped]

from listen.alerts.notify.targets import Target
from listen.secrets import Secret
from tests.alerts.notify.conftest import Post
from tests.collect.server import Reply, Server


class Kept:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.mails.append(envelope.content)  # type: ignore[attr-defined]
        return "250 OK"


async def test_apprise_sends_mails_tells_refusals_and_says_what_is_no_address(post: Post, server: Server) -> None:
    server.on("/", Reply(500))
    kept = Kept()
    served = await asyncio.get_running_loop().create_server(lambda: SMTP(kept), "127.0.0.1", 0)
    port = served.sockets[0].getsockname()[1]
    mail = f"mailto://127.0.0.1:{port}?from=listen@acme.example&to=duty@acme.example&mode=insecure"
    post.to(
        Target("mail", "url", Secret(mail)),
        Target("chat", "url", Secret(f"json://user:s3cret-canary@{server.place}/")),
        Target("odd", "url", Secret("nosuch://x")),
    )
    for name in ("mail", "chat", "odd"):
        body = {"title": "buzz fires\r\nBcc: eve@evil.example", "text": "41 in the hour, café 🔥"}
        post.put(name, name, body=body)
    try:
        await post.round()
    finally:
        served.close()
    told = {key: (one.state, one.error or "") for key, one in post.letters().items()}
    assert told["mail"] == ("sent", "")
    (raw,) = kept.mails
    read = email.message_from_bytes(raw, policy=default)
    assert "eve" not in str(read["Bcc"])
    assert str(read["Subject"]).startswith("buzz fires")
    text = read.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert "41 in the hour, café 🔥" in text
    assert "#" in text.splitlines()[-1]
    assert told["chat"][0] == "waiting"
    assert "500" in told["chat"][1]
    assert "s3cret-canary" not in told["chat"][1]
    assert told["odd"][0] == "dead"


@pytest.mark.parametrize("call", ["@everyone", "@here", "<!channel>", "<@U123>"])
def test_foreign_words_call_nobody(call: str) -> None:
    from listen.alerts.notify.letters import harmless

    assert call not in harmless(f"look {call} now\x1b[2J\nand")
    assert "\n" not in harmless("a\nb")
