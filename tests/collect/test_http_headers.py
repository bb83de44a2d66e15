"""What the heads of answers say about asking again, in all the spellings that servers use."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.collect.http import Rate, headers, urls

NOW = 1_795_000_000.0


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        ({}, Rate()),
        ({"ratelimit-remaining": "7", "ratelimit-reset": "30"}, Rate(7, NOW + 30)),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795000600"}, Rate(0, NOW + 600)),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795000600000"}, Rate(0, NOW + 600)),
        ({"x-ratelimit-remaining": "299", "x-ratelimit-reset": "2026-11-18T11:10:00.000Z"}, Rate(299, NOW + 200)),
        ({"x-ratelimit-remaining": "299", "x-ratelimit-reset": "2026-11-18T11:10:00"}, Rate(299, NOW + 200)),
        ({"x-ratelimit-remaining": "99.0", "x-ratelimit-reset": "250"}, Rate(99, NOW + 250)),
        ({"x-rate-limit-remaining": "3", "x-rate-limit-reset": "1795000010"}, Rate(3, NOW + 10)),
        ({"x-ratelimit-remaining": "3"}, Rate(3, None)),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "tomorrow"}, Rate(3, None)),
        ({"x-ratelimit-remaining": "many"}, Rate()),
        ({"x-ratelimit-remaining": "9" * 5000}, Rate()),
        ({"ratelimit": "limit=100, remaining=50, reset=5"}, Rate(50, NOW + 5)),
        ({"ratelimit": '"default";r=50;t=30'}, Rate(50, NOW + 30)),
        ({"ratelimit": '"hour";r=50;t=3000, "minute";r=2;t=9'}, Rate(2, NOW + 9)),
        ({"ratelimit": "nonsense", "x-ratelimit-remaining": "4"}, Rate(4, None)),
    ],
)
def test_rates(said: dict[str, str], rate: Rate) -> None:
    assert headers.rate(said, NOW) == rate


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public,Max-Age="600"', "age": "601"}, 0),
        ({"cache-control": "s-maxage=5"}, None),
        ({"cache-control": "max-age=2591034"}, 86_400),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "no-cache, max-age=600"}, 0),
        ({"cache-control": "no-store"}, 0),
        ({"cache-control": "max-age=60", "expires": "0"}, 60),
        ({"expires": "0"}, 0),
        ({"expires": "Wed, 18 Nov 2026 11:08:00 GMT"}, 80),
        ({"expires": "Wed, 18 Nov 2026 09:01:20 GMT", "date": "Wed, 18 Nov 2026 09:00:00 GMT"}, 80),
        ({"expires": "Wed, 18 Nov 2099 10:28:00 GMT"}, headers.DAY),
        ({"expires": "Wed, 18 Nov 1998 10:28:00 GMT"}, 0),
        ({"expires": "Wed, 99 Nov 99999 10:28:00 GMT"}, 0),
    ],
)
def test_freshness(said: dict[str, str], seconds: float | None) -> None:
    assert headers.fresh_for(said, NOW) == seconds


@pytest.mark.parametrize(
    "said", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_the_three_spellings_of_http_dates(said: str) -> None:
    assert headers.http_date(said) == 784_111_777


@given(
    st.text(max_size=60),
    st.sampled_from(["retry-after", "ratelimit", "x-ratelimit-reset", "expires", "cache-control", "age"]),
)
def test_no_header_can_break_the_reading(said: str, name: str) -> None:
    given_headers = {"x-ratelimit-remaining": "1", name: said}
    headers.rate(given_headers, NOW)
    fresh, wait = headers.fresh_for(given_headers, NOW), headers.retry_after(given_headers, NOW)
    assert fresh is None or 0 <= fresh <= headers.DAY
    assert wait is None or 0 < wait <= headers.LONGEST_WAIT


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.example/a/b", "https://h.example/a/b"),
        ("https://H.example.:443/", "https://h.example/"),
        ("http://h.example:8080/?a=1&b=&c", "http://h.example:8080/?a=***&b=***&***"),
        ("https://ana:word@h.example/x", "https://***@h.example/x"),
        ("http://[::1]:81/", "http://[::1]:81/"),
        ("http://café.example/é", "http://xn--caf-dma.example/%C3%A9"),
        ("http://h.example/" + "x" * 300, "http://h.example/" + "x" * 182 + "…"),
    ],
)
def test_addresses_are_shown_without_their_secrets(url: str, shown: str) -> None:
    assert urls.redact(httpx.URL(url)) == shown


def test_fingerprints_tell_addresses_apart_without_telling_them() -> None:
    one, two = (urls.fingerprint(httpx.URL(f"https://h.example/?key=canary-{n}")) for n in (1, 2))
    assert one != two
    assert "canary" not in one + two
    assert one == urls.fingerprint(httpx.URL("https://h.example/?key=canary-1"))


def test_one_host_has_one_name() -> None:
    for text in ("http://h.example/", "http://H.EXAMPLE:80/x", "http://h.example./"):
        assert urls.place(urls.parse(text)) == "h.example:80"
    assert urls.place(urls.parse("https://[2606:4700::1]/")) == "[2606:4700::1]:443"
