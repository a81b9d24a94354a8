from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from geo.doctor import Survey, examine
from geo.doctor.age import check_age
from geo.doctor.edits import read_edit_days
from geo.errors import InputError
from geo.load import load_network
from tests.geo.doctor.drawing import codes, draw

LINE = {"a": (0, 0), "b": (100, 0), "c": (200, 0)}


def aged(newest: str) -> Survey:
    """Return a road whose map says when it was last edited."""
    network = draw(LINE, [("a b", {"highway": "motorway"}), ("b c", {"highway": "residential"})])
    return Survey(replace(network, source=replace(network.source, newest_edit=newest)))


@pytest.mark.parametrize(
    ("newest", "old"), [("2024-11-26T00:00:00Z", 0), ("2024-11-20T00:00:00Z", 1), ("", 0), ("?", 0)]
)
def test_old_map(newest, old):
    """A map is old from two years on; a map that does not say when it was edited is not judged."""
    assert codes(check_age(aged(newest), date(2026, 11, 25))).get("old_map", 0) == old


@pytest.mark.parametrize(("day", "old"), [("2021-11-26", 0), ("2021-11-20", 1), ("NaT", 0)])
def test_old_roads(day, old):
    """An expressway nobody edited for five years is reported; a residential street and an unknown day are not."""
    edited = np.array([day, "2001-01-01"], dtype="datetime64[D]")
    found = check_age(aged(""), date(2026, 11, 25), edited)
    assert codes(found).get("old_roads", 0) == old


def test_without_a_day_age_is_not_judged():
    """No clock is read: without ``today`` the age of a map is no finding."""
    assert "old_map" not in codes(examine(aged("2001-01-01").network))


def test_edit_days_of_a_real_map(shared_data):
    """The edit days of Longgang are those in the file, none later than its newest edit."""
    path = shared_data / "osm" / "shenzhen-longgang-heao-2019.osm.bz2"
    network = load_network(path)
    days = read_edit_days(path, network)
    assert days.max() <= np.datetime64(network.source.newest_edit[:10])
    assert not np.isnat(days).any()


def test_damaged_file(tmp_path):
    """A file that is no map is refused in one sentence."""
    path = tmp_path / "map.osm"
    path.write_text("<osm", encoding="utf-8")
    with pytest.raises(InputError, match="重新下载"):
        read_edit_days(path, aged("").network)
