"""Data files: named by content, written whole or not at all, swept by last use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from views.map.store import sweep_data_files, write_bytes_atomic, write_data_file


def test_equal_maps_share_one_file(tmp_path: Path) -> None:
    """Equal bytes give one file and one URL, other bytes another: the map is not mounted again for nothing."""
    one, two, other = (write_data_file(data, tmp_path / "plan") for data in (b"a", b"a", b"b"))
    assert one == two != other
    assert one.startswith("../../app/static/plan/")
    assert one.endswith(".rsm")
    assert sorted(path.read_bytes() for path in (tmp_path / "plan").iterdir()) == [b"a", b"b"]


def test_sweep_keeps_what_was_used_last(tmp_path: Path) -> None:
    """Sweeping removes the files used longest ago and broken left-overs (fault 6), and nothing else."""
    urls = [write_data_file(bytes([k]), tmp_path) for k in range(5)]
    names = [url.rsplit("/", 1)[1] for url in urls]
    for k, name in enumerate(names):
        os.utime(tmp_path / name, ns=(k * 10**9, k * 10**9))
    write_data_file(bytes([0]), tmp_path)
    (tmp_path / "x.rsm123.tmp").write_bytes(b"half")
    (tmp_path / "other.txt").write_text("kept")
    assert sweep_data_files(tmp_path, keep=2) == 4
    assert {path.name for path in tmp_path.iterdir()} == {names[0], names[4], "other.txt"}
    assert sweep_data_files(tmp_path / "missing") == 0


def test_broken_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails (fault 4), the old file is whole and nothing is left beside it (fault 3)."""
    path = tmp_path / "map.html"
    write_bytes_atomic(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(5, "no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no"):
        write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["map.html"]
