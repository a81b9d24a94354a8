"""The demo district once for all tests of the screens, and a way to run a screen without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from plan.demo import demo_plan, demo_tables
from plan.model import Plan
from views.crews import set_tables

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def demo() -> Plan:
    """Return the demo district with its units and targets, split."""
    tables = demo_tables()
    plan = set_tables(demo_plan(), tables.units, tables.targets)
    assert plan.derived.owner
    return plan


@pytest.fixture
def open_app(repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that runs the app on one page, in one language."""
    monkeypatch.delenv("ROADSEAM_PLAN", raising=False)
    monkeypatch.chdir(repo_root)

    def run(page: str = "boundary", language: str = "zh") -> AppTest:
        app = AppTest.from_file(str(repo_root / "app.py"), default_timeout=60)
        app.query_params["page"] = page
        app.query_params["lang"] = language
        app.query_params["tour"] = "0"
        return app.run()

    return run
