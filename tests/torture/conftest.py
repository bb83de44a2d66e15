"""Hosts that misbehave, and a desk of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.rig import Desk, Hosts


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    with Hosts() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
