import json
import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["district.ipynb", "meeting.ipynb"])
def test_a_notebook_runs_from_top_to_bottom(repo_root, name):
    """Every code cell of a notebook runs in order in a fresh process and prints something."""
    book = json.loads((repo_root / "notebooks" / name).read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    run = subprocess.run(
        [sys.executable, "-c", "\n".join(cells)],
        cwd=repo_root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert len(run.stdout.splitlines()) > len(cells)


def test_notebooks_keep_no_outputs(repo_root):
    """A committed notebook holds no outputs, so that nothing in it is stale."""
    for path in (repo_root / "notebooks").glob("*.ipynb"):
        book = json.loads(path.read_text(encoding="utf-8"))
        assert all(not cell.get("outputs") for cell in book["cells"])
