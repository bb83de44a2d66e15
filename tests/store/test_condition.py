"""How a channel fares, in words."""

from __future__ import annotations

from typing import Any

import pytest

from listen.store import condition
from listen.store.channels import Channel
from listen.store.layout import NEVER

NOW = 1_795_000_000


def channel(**changed: Any) -> Channel:
    made = Channel(
        1, "press", "feed", "k", "x.test", True, NOW + 40, 60, NOW, NOW, NOW, 0, None, None, None, None, None, None, 3
    )
    return made._replace(**changed)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "just now"), (4, "just now"), (5, "5 s ago"), (59, "59 s ago"), (60, "1 min ago"), (7_199, "119 min ago"),
     (7_200, "2 h ago"), (172_799, "47 h ago"), (172_800, "2 d ago"), (-30, "just now"), (-90, "ahead")],
)  # fmt: skip
def test_how_long_ago(seconds: int, told: str) -> None:
    assert condition.ago(NOW - seconds, NOW) == told


def test_what_never_happened_and_what_never_will() -> None:
    assert condition.ago(None, NOW) == "never"
    assert condition.ahead(0, NOW) == "now"
    assert condition.ahead(NEVER, NOW) == "not by itself"
    assert (condition.ahead(NOW - 900, NOW), condition.ahead(NOW + 40, NOW)) == ("now", "in 40 s")


def test_what_is_wrong_and_what_to_do() -> None:
    assert condition.problem(channel()) == ""
    failing = channel(
        errors=3, error_reason="http-404", error="it is not there", error_remedy="look for its new address"
    )
    assert condition.problem(failing) == "http-404 ×3: it is not there → look for its new address"
    assert condition.problem(failing._replace(errors=1, error_remedy=None)) == "http-404: it is not there"


def test_why_it_is_off() -> None:
    assert condition.switched(channel(), "14:32") == ""
    off = channel(off_at=NOW, off_by="ana")
    assert condition.switched(off, "Thu 18:02") == "off by ana, Thu 18:02"
    assert condition.switched(off._replace(whole=True), "Thu 18:02") == "off with all of press by ana, Thu 18:02"
    assert "configuration" in condition.switched(channel(active=False), "")
