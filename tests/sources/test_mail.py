"""Mails as posts: newsletters whole, Google Alerts by result, and nobody believed for what `From:` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources import mail
from sources.base import SourceError
from sources.imap import ImapAdapter
from tests.collect.mailserver import letter
from tests.sources.reading import NOW

PASS = "mx.example.org; dkim=pass header.i=@google.com; dmarc=pass (p=REJECT) header.from=google.com"
RESULTS = """=== News - 2 new results for [acme] ===

Acme opens a shop
The Daily Example
The battery maker said
on Monday that
<https://www.google.com/url?rct=j&sa=t&url=https://news.example/acme%3Fid%3D7&ct=ga>

Acme, reviewed
<https://www.google.com/url?rct=j&url=https://blog.example/review>

---------------
See more results:
<https://www.google.com/alerts?s=abc>
Unsubscribe:
<https://www.google.com/url?url=https://www.google.com/alerts/remove>
"""


def alert(said: str | None = PASS, *more: str, sender: str = f"Google Alerts <{mail.ALERTS}>") -> bytes:
    raw = letter("=?UTF-8?Q?Alerte_Google=C2=A0=3A_acme?=", RESULTS, sender)
    head = "".join(f"Authentication-Results: {one}\r\n" for one in (said, *more) if one is not None)
    return head.encode() + raw


def test_an_alert_is_a_post_for_each_result() -> None:
    first, second = mail.posts(alert(), NOW)
    assert (first.url, first.title) == ("https://news.example/acme?id=7", "Acme opens a shop")
    assert first.text == "The battery maker said on Monday that"
    assert first.author is not None
    assert (first.author.handle, first.author.name) == ("news.example", "The Daily Example")
    assert (second.url, second.title, second.text) == ("https://blog.example/review", "Acme, reviewed", "")
    assert first.external_id != second.external_id


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, "unverified"),
        ("mx.example.org; dkim=fail header.i=@google.com", "unverified"),
        ("mx.example.org; dkim=pass header.i=@evil.example", "unverified"),
        ("mx.example.org; dkim=pass header.i=@google.com.evil.example", "unverified"),
        ("mx.example.org; dkim=pass header.i=@google.com; dmarc=fail header.from=google.com", "forged"),
    ],
)
def test_an_alert_that_nobody_vouches_for_is_refused(said: str | None, reason: str) -> None:
    with pytest.raises(mail.Unreadable, match=f"^{reason}"):
        mail.posts(alert(said), NOW)


def test_the_topmost_result_counts_and_only_the_own_server_is_believed() -> None:
    fails = "mx.example.org; dkim=fail header.i=@google.com"
    with pytest.raises(mail.Unreadable):
        mail.posts(alert(fails, PASS), NOW)
    forged = PASS.replace("mx.example.org", "mx.evil.example")
    with pytest.raises(mail.Unreadable):
        mail.posts(alert(forged), NOW, verified_by="mx.example.org")
    assert len(mail.posts(alert(forged, PASS), NOW, verified_by="mx.example.org")) == 2


def test_a_newsletter_is_one_post_with_its_conversation() -> None:
    raw = letter(
        "=?ISO-8859-1?Q?Gr=E8ve?= du mois", "Bonjour", "=?UTF-8?B?Wm/DqQ==?= <zoe@letters.example>",
        Message_ID="<3@x>", References="<1@x> <2@x>", In_Reply_To="<2@x>",
    )  # fmt: skip
    (post,) = mail.posts(raw, NOW)
    assert (post.title, post.external_id, post.parent_id, post.thread_id) == (
        "Grève du mois",
        "<3@x>",
        "<2@x>",
        "<1@x>",
    )
    assert post.author is not None
    assert (post.author.handle, post.author.name) == ("zoe@letters.example", "Zoé")
    assert post.published_at == 1_795_165_200


def test_html_is_preferred_attachments_are_not_read_and_unknown_charsets_do_no_harm() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain; charset=no-such\r\n\r\nplain \xff\r\n"
        b"--x\r\nContent-Type: text/html; charset=no-such\r\n\r\n<p>html \xc3\xa9</p>\r\n"
        b"--x\r\nContent-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n<p>attached</p>\r\n--x--\r\n"
    )
    (post,) = mail.posts(raw, NOW)
    assert (post.markup, post.text.strip()) == ("html", "<p>html é</p>")


@pytest.mark.parametrize("raw", [b"", b"\0" * 500, b"no header at all\r\n\r\nat all"])
def test_what_is_no_mail_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(mail.Unreadable, match=r"^no-mail"):
        mail.posts(raw, NOW)


def test_a_mail_of_nothing_but_parts_is_set_aside() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3_000))
    with pytest.raises(mail.Unreadable, match=r"^limit:depth"):
        mail.posts(b"From: a@b.example\r\n" + nested, NOW)


def test_the_recorded_alert(shared: Path) -> None:
    raw = (shared / "fixtures/imap/google_alert_fr_synthetic.eml").read_bytes()
    (post,) = mail.posts(raw, NOW, verified_by="mx.example.org")
    assert (post.url, post.title) == (
        "https://www.ouest-france.fr/economie/greve-sncf?id=7",
        "Grève à la SNCF : deux trains sur trois",
    )
    for name in ("imap1.eml", "imap2.eml"):
        (post,) = mail.posts((shared / "fixtures/imap" / name).read_bytes(), NOW)
        assert post.text


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"host": "imap.example.org"}, "user"),
        ({"user": "ana"}, "host"),
        ({"host": "http://x", "user": "ana", "password": "env:P"}, "host"),
        ({"host": "imap.example.org", "user": "ana"}, "password"),
        ({"host": "imap.example.org", "user": "ana", "password": "hunter2"}, "password"),
        ({"host": "imap.example.org", "user": "ana", "password": "env:P", "senders": ['a" OR "b']}, "senders"),
    ],
)
def test_settings_that_cannot_work_name_their_key(settings: dict[str, object], key: str) -> None:
    with pytest.raises(SourceError, match=f"^{key}:") as caught:
        ImapAdapter().channels(settings, [])
    assert "hunter2" not in str(caught.value) + caught.value.remedy
