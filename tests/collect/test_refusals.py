"""An adapter may say in words of its own what a refusal means."""

from __future__ import annotations

import pytest

from listen.collect import channels
from sources.base import Channel
from sources.feed import FeedAdapter

CHANNEL = Channel("a", "a")


class Outspoken(FeedAdapter):
    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        if status == 500:
            raise ValueError("a fault of the adapter")
        return ("it is closed", "knock") if status == 403 else None


@pytest.mark.parametrize(("status", "said"), [(403, ("it is closed", "knock")), (404, None), (500, None), (None, None)])
def test_an_adapter_may_explain_a_refusal(status: int | None, said: tuple[str, str] | None) -> None:
    assert channels.refusal(Outspoken(), CHANNEL, status) == said
    assert channels.refusal(FeedAdapter(), CHANNEL, status) is None
