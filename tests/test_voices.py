"""Which posts are ours: by handle, network, site and profile."""

from __future__ import annotations

import pytest

from listen.voices import Voices, fault

US = Voices(
    {"acme": ["@acme@mastodon.social", "@AcmeCare", "hackernews:acme", "acme.example", "https://www.x.example/acme/"]}
)


@pytest.mark.parametrize(
    ("network", "handle", "ours"),
    [
        ("mastodon", "acme@mastodon.social", True),
        ("mastodon", "Acme@Mastodon.Social", True),
        ("mastodon", "acme@evil.example", False),
        ("mastodon", "acme", False),
        ("x", "acmecare", True),
        ("hackernews", "acme", True),
        ("reddit", "acme", False),
        ("bluesky", "support.acme.example", True),
        ("mail", "ana@mail.acme.example", True),
        ("bluesky", "notacme.example", False),
        ("bluesky", "acme.example.evil.example", False),
        ("feed", None, False),
    ],
)
def test_a_handle_is_ours_as_a_whole_or_by_its_site(network: str, handle: str | None, ours: bool) -> None:
    assert (US.account(network, "post", None, handle) == "acme") is ours


def test_a_link_to_us_is_not_said_by_us() -> None:
    assert US.account("feed", "article", "https://www.acme.example/news/1", "Press office") == "acme"
    assert US.account("hackernews", "post", "https://acme.example/news/1", "somebody") is None
    assert US.account("feed", "comment", "https://acme.example/news/1#c1", "somebody") is None
    assert US.account("feed", "article", "https://acme.example@evil.example/", None) is None


def test_a_profile_and_a_lasting_name_are_ours() -> None:
    assert US.account("x", "post", None, "changed", "http://x.example/acme") == "acme"
    assert Voices({"a": ["bluesky:did:plc:1"]}).account("bluesky", "post", None, "a.b", None, "did:plc:1") == "a"


@pytest.mark.parametrize("voice", ["acme", "@", "@two words", "", ".example", "http:/x"])
def test_what_names_nobody_is_a_fault(voice: str) -> None:
    assert "names neither" in (fault(voice) or "")
    assert not Voices({"x": [voice]})
