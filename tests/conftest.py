"""Fixtures every suite shares."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every run, and no clock: a slow machine must not turn a test red.
settings.register_profile(
    "house", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """Return the folder that holds ``pyproject.toml``."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the founders' data folder beside the repository; skip where it is not to be had."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the founders' data folder (../shared/data) is not on this machine")
    return folder
