"""Fixtures every suite shares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every run, and no clock: a slow machine must not turn a test red.
settings.register_profile(
    "house", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


_NUMBERS = count()


@pytest.fixture(scope="session", autouse=True)
def _no_shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep loaded maps away from the user's cache, servers that tests start included."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("ROADSEAM_CACHE")
    os.environ["ROADSEAM_CACHE"] = str(folder / "session")
    yield folder
    if before is None:
        os.environ.pop("ROADSEAM_CACHE", None)
    else:
        os.environ["ROADSEAM_CACHE"] = before


@pytest.fixture(autouse=True)
def _own_cache(_no_shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test an empty cache, so that none sees what another one loaded."""
    monkeypatch.setenv("ROADSEAM_CACHE", str(_no_shared_cache / str(next(_NUMBERS))))


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
