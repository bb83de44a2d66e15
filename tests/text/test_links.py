"""Which links are kept, and which are the same."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.text import canonical_url, one_line, safe_url
from tests.text.foreign import signs

links = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "https://user@", "https:\\\\", "javascript:", "//", " https://", "http:/"]),
    st.sampled_from(["acme.com", "Acme.com:443", "[::1]:8080", "bücher.example", "", "a.b:99999", "acme.com:"]),
    st.text(st.one_of(st.sampled_from("/?#&=;%@:\\"), signs), max_size=30),
)


@given(links)
def test_a_kept_link_hides_nothing(link: str) -> None:
    kept = safe_url(link)
    if kept is None:
        return
    parts = urlsplit(kept)
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert parts.username is None
    assert not set(" \"'<>\\\n\t") & set(kept) - {"'"}
    assert one_line(kept).replace(" ", "").isprintable()
    assert safe_url(kept) == kept


@given(links)
def test_the_identity_of_an_identity_is_itself(link: str) -> None:
    assert canonical_url(canonical_url(link)) == canonical_url(link)


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://acme.com/a?b=c#d", "https://acme.com/a?b=c#d"),
        ("HTTP://ACME.com:80/A", "http://acme.com:80/A"),
        ("\n https://acme.com/long\n  /path\t", "https://acme.com/long%20%20/path"),
        ("https://acme.com/a b?q=\u202ex\x1b]0;", "https://acme.com/a%20b?q=%E2%80%AEx%1B]0;"),
        ("https://fa.wikipedia.org/wiki/می\u200cخواهم", "https://fa.wikipedia.org/wiki/می%E2%80%8Cخواهم"),
        ('http://h.test/"onmouseover="x', "http://h.test/%22onmouseover=%22x"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://h.test/$(touch x)`id`;reboot", "http://h.test/$(touch%20x)%60id%60;reboot"),
        ("https://acme.com/%7Eana/100%", "https://acme.com/%7Eana/100%"),
    ],
)
def test_web_links_are_kept_with_what_is_dangerous_escaped(link: str, kept: str) -> None:
    assert safe_url(link) == kept


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        "acme.com",
        "/relative",
        "//acme.com/x",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "--remote-debugging-port=9222",
        "mailto:ana@acme.com",
        "http://",
        "http:///path",
        "http://[::1",
        "ht!tp://x",
        "http://acme.com:99999/",
        "http://acme.com:port/",
        "https://bank.example@evil.example/",
        "https://user:secret@acme.com/",
        "https://bank.example\\@evil.example/",
        "https://acme\u202e.com/",
        "https://ac\u200bme.com/",
        "https://ac me.com/",
        "https://acme.com\x1b/",
        "https://acme.com/" + "x" * 2_000,
    ],
)
def test_other_links_are_not_kept(link: str | None) -> None:
    assert safe_url(link) is None


@pytest.mark.parametrize(
    "link",
    [
        "http://www.acme.com/a/?b=1&a=2",
        "https://WWW.Acme.com:443/a?a=2&b=1",
        "https://www.acme.com/a?utm_source=rss&b=1&UTM_Medium=x&a=2&fbclid=z&.tsrc=rss#xtor=RSS-3208",
        " https://www.acme.com/a?&a=2&b=1&traffic_source=rss ",
    ],
)
def test_spellings_of_one_page_have_one_identity(link: str) -> None:
    assert canonical_url(link) == "https://www.acme.com/a?a=2&b=1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://acme.com/a", "https://acme.com/A"),
        ("https://acme.com/a?id=1", "https://acme.com/a?id=2"),
        ("https://acme.com/a", "https://shop.acme.com/a"),
        ("https://acme.com/a", "https://acme.com:8443/a"),
        ("https://acme.com/a#comment-12", "https://acme.com/a#comment-13"),
        ("https://acme.com/#/post/1", "https://acme.com/#/post/2"),
        ("https://acme.com/a?v=1&v=2", "https://acme.com/a?v=2&v=1"),
        ("urn:uuid:1", "urn:uuid:2"),
    ],
)
def test_other_pages_have_other_identities(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_of_the_recorded_bad_links_only_web_links_are_kept(shared: Path) -> None:
    recorded = json.loads((shared / "fixtures/hostile/inputs/urls.json").read_text("utf-8"))
    kept = [link for link in map(safe_url, recorded) if link]
    assert kept == ["http://h.test/$(touch%20x)%60id%60;reboot", "http://h.test/%20--flag"]
