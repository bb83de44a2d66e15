"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("busy", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
"""A busy machine makes no test fail; `settings()` keeps what else holds here, such as those of a CI."""

os.environ["LISTEN_SYSTEM_CONFIG"] = "/nonexistent/listen/config.toml"
"""No test reads or writes what somebody has configured for this machine."""

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The recorded material beside the checkout; tests that read it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the recorded material is not beside this checkout")
    return SHARED
