"""Streams as readers of the store see them."""

from listen.store import condition, live
from listen.store.channels import Channel
from listen.store.live import Live

NOW = 1_795_000_000


def channel(told: Live | None, **more: object) -> Channel:
    fields = dict.fromkeys(Channel._fields) | {"active": True, "errors": 0, "next_at": 0, "good_at": NOW, "live": told}
    return Channel(**{**fields, **more})  # type: ignore[arg-type]


def test_a_stream_is_told_with_its_pace_and_its_delay() -> None:
    standing = Live(NOW - 5, NOW - 7_300, 51.6, 0.4)
    assert condition.streamed(channel(standing), NOW) == "connected 2 h, 52 a second"
    assert condition.streamed(channel(standing._replace(rate=0.05, lag=150.0)), NOW) == (
        "connected 2 h, 3 a minute, 2 min late"
    )
    assert condition.streamed(channel(standing._replace(rate=0.0, lag=None)), NOW) == "connected 2 h, 0 an hour"
    assert condition.streamed(channel(standing, off_at=NOW), NOW) == ""


def test_what_nobody_renews_counts_no_more() -> None:
    standing = Live(NOW - 5, NOW - 7_300, 51.6, 0.4)
    assert condition.streamed(channel(standing), NOW + live.FRESH) == ""
    assert condition.streamed(channel(None), NOW) == condition.streamed(channel(Live(NOW)), NOW) == ""


def test_what_is_asked_now_and_then_instead_says_why() -> None:
    refused = channel(Live(NOW, instead="t.example refuses"))
    assert condition.problem(refused) == "not streamed but asked now and then: t.example refuses"
