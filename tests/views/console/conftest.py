"""A small place for the commands of work: an expressway with a ramp, its crews and tables."""

from __future__ import annotations

import json
import sys

import pytest

import cli
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """Return a folder with ``map.osm``, and the coordinates of its points by name."""
    folder = tmp_path_factory.mktemp("work")
    sketch = expressway_with_ramp()
    sketch.put(u=(-2500, 700), w=(1500, 500))
    sketch.ways[-1] = (111, ["u", "o0", "r", "o1"], sketch.ways[-1][2])
    sketch.write(folder / "map.osm")
    return folder, {name: sketch.place(name) for name in sketch.points}


@pytest.fixture
def table(tmp_path):
    """Return a function that writes a CSV table and returns its path."""

    def write(name, head, *rows):
        text = "\n".join([head, *(",".join(map(str, row)) for row in rows)])
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a function that runs a command with ``--json`` and gives exit code, document (or ``None``) and stderr."""

    def runner(*words):
        monkeypatch.setattr(sys, "argv", ["roadseam", *map(str, words), "--json"])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capsys.readouterr()
        return caught.value.code or 0, json.loads(out) if out else None, err

    return runner


@pytest.fixture
def units(table, place):
    """Return a table of three units: two of the district, one of the expressway."""
    at = place[1]
    return table(
        "units.csv",
        "id,agency,lon,lat,available",
        ("普1", "local", *at["o0"], 1),
        ("普2", "local", *at["o1"], 1),
        ("高1", "expressway", *at["n0"], 1),
    )
