"""Start the screens: Streamlit on this machine only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from geo.errors import InputError

PLAN_VARIABLE = "ROADSEAM_PLAN"
"""Environment variable that tells the screens which plan to open."""


def serve(plan: Path | None, *, port: int, basemap: str | None = None) -> int:
    """Run the screens until they are stopped; return their exit code.

    Raises
    ------
    InputError
        There is no such plan, or the base map cannot be used.
    """
    if plan is not None and not plan.is_file():
        msg = f"{plan.name}: 没有这个方案文件，请检查路径。 / there is no such plan."
        raise InputError(msg)
    home = Path(__file__).resolve().parents[2]
    environment = dict(os.environ)
    if plan is not None:
        environment[PLAN_VARIABLE] = str(plan.resolve())
    if basemap is not None:
        from views.basemap import BASEMAP_VARIABLE, check_setting

        environment[BASEMAP_VARIABLE] = check_setting(basemap)
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(home / "app.py"),
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
    ]
    return subprocess.call(command, cwd=home, env=environment)  # noqa: S603 - our own command
