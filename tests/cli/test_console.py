"""What the bare command settles before there is a screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from listen import config
from listen.cli.console import take_time_zone
from listen.console.format import local

SUMMER = 1_782_907_200
"""2026-07-01 12:00 UTC."""


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def me(tmp_path: Path, zone: str) -> config.Config:
    file = tmp_path / "me.toml"
    file.write_text(f"[me]\nname = 'ana'\ntimezone = '{zone}'\n")
    return config.load(store=tmp_path / "x.db", personal=file)


@pytest.mark.parametrize(("zone", "told"), [("Europe/Paris", "14:00"), ("Asia/Kolkata", "17:30"), ("", "12:00")])
def test_times_are_told_where_the_person_is(tmp_path: Path, zone: str, told: str) -> None:
    take_time_zone(me(tmp_path, zone))
    assert f"{local(SUMMER):%H:%M}" == told


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "Paris "])
def test_a_zone_that_is_none_is_named_with_its_line(tmp_path: Path, zone: str) -> None:
    with pytest.raises(config.ConfigErrors, match=r"me\.toml:3: me\.timezone: there is no time zone"):
        take_time_zone(me(tmp_path, zone))
