"""What share people dismiss, in `sources` and `topics`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Commands
from tests.insight.test_dismissals import many, told
from tests.store.posts import NOW


@pytest.fixture
def drifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in which the source b has got worse, and its clock."""
    path = tmp_path / "listen.db"
    dealt = [*many(20, "b1", 2, 50), *many(1, "b1", 10, 40), *many(20, "a1", 5, 40), *many(1, "a1", 7, 40)]
    told(path, dealt).connection.close()

    class Fixed:
        def now(self) -> float:
            return NOW

    for module in ("health", "topics"):
        monkeypatch.setattr(f"listen.cli.{module}.from_environment", Fixed)
    return path


def test_sources_tell_what_has_changed(listen: Commands, drifted: Path) -> None:
    ran = listen("sources", "--db", drifted)
    assert "b: 4 % → 25 % dismissed, re-check (7 days against the 28 before" in ran.err
    assert "a: " not in ran.err
    records = {record["source"]: record["dismissed"] for record in listen("sources", "--json", "--db", drifted).records}
    assert records["b"] == {
        "handled": 90, "dismissed": 12, "share": 0.1333, "changed": True,
        "before": {"handled": 50, "dismissed": 2, "share": 0.04},
        "lately": {"handled": 40, "dismissed": 10, "share": 0.25},
    }  # fmt: skip
    assert records["a"]["changed"] is False


def test_topics_tell_their_share_and_the_source_that_has_changed(listen: Commands, drifted: Path) -> None:
    ran = listen("topics", "--db", drifted)
    acme, rival, _ = ran.out.splitlines()[1:]
    assert " 14 % " in acme
    assert "%" not in rival
    assert "acme in b: 4 % → 25 % dismissed, re-check" in ran.err
    assert "acme in a" not in ran.err
    record = listen("topics", "--json", "--db", drifted).records[0]["dismissed"]
    assert isinstance(record, dict)
    assert (record["handled"], record["dismissed"]) == (170, 24)
    (change,) = record["changes"]
    assert (change["source"], change["before"]["share"], change["lately"]["share"]) == ("b", 0.04, 0.25)
    assert 0 < change["p"] < 0.05
