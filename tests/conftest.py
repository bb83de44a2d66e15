"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The recorded material beside the checkout; tests that read it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the recorded material is not beside this checkout")
    return SHARED
