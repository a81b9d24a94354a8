from __future__ import annotations

import numpy as np
import pytest

from geo.datum import Datum, convert
from geo.errors import InputError
from geo.suspicion import Verdict, suspect_by_places, suspect_by_roads
from tests.geo.stakeplay import LAT, LON, M_LAT, M_LON, Road

RNG = np.random.default_rng(5)
PLACES = np.column_stack((LON + RNG.uniform(0, 0.3, 30), LAT + RNG.uniform(0, 0.3, 30)))


def given_as(datum, *, noise_m=20.0, count=20):
    noise = np.random.default_rng(7).normal(0, noise_m, (count, 2)) / (M_LON, M_LAT)
    points = PLACES[:count] + noise
    return convert(points[:, 0], points[:, 1], source=Datum.WGS84, target=datum)


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_each_datum_is_told_by_stations(datum):
    """Points stated as WGS-84 but given in another datum are found out by the stations of the map; true ones pass."""
    lon, lat = given_as(datum)
    before = lon.copy()
    report = suspect_by_places(lon, lat, places=[tuple(p) for p in PLACES])
    assert report.likely is datum
    assert report.must_ask is (datum is not Datum.WGS84)
    assert (report.to_finding() is None) is (datum is Datum.WGS84)
    assert (lon == before).all()
    if report.must_ask:
        assert report.shift_score > 0.8
        assert str(datum) in report.to_finding().message


def test_a_true_statement_is_not_doubted():
    """Points stated as GCJ-02 that are GCJ-02 need no question; CGCS2000 is judged as WGS-84."""
    lon, lat = given_as(Datum.GCJ02)
    report = suspect_by_places(lon, lat, places=[tuple(p) for p in PLACES], stated=Datum.GCJ02)
    assert (report.verdict, report.must_ask) == (Verdict.AS_GIVEN, False)
    lon, lat = given_as(Datum.WGS84)
    report = suspect_by_places(lon, lat, places=[tuple(p) for p in PLACES], stated=Datum.CGCS2000)
    assert (report.verdict, report.likely) == (Verdict.AS_GIVEN, Datum.CGCS2000)


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_each_datum_is_told_by_roads(datum):
    """Points along a winding road are judged by their distance to it."""
    line = Road().side(1)
    spots = line.places_at(np.linspace(500, 19_000, 25))
    lon, lat = convert(spots.lon, spots.lat, source=Datum.WGS84, target=datum)
    report = suspect_by_roads(lon, lat, network=Road().network())
    assert report.likely is datum
    assert report.points == 25


def test_few_or_scattered_points_are_unclear():
    """Three points prove nothing, and points that fit no datum give no verdict; neither is converted."""
    lon, lat = given_as(Datum.GCJ02, count=3)
    report = suspect_by_places(lon, lat, places=[tuple(p) for p in PLACES])
    assert (report.verdict, report.likely) == (Verdict.UNCLEAR, Datum.WGS84)
    assert report.to_finding().code == "datum_unclear"
    far = suspect_by_places([LON + 3.0], [LAT + 3.0], places=[tuple(p) for p in PLACES])
    assert (far.points, far.must_ask, far.to_finding()) == (0, False, None)
    empty = suspect_by_places([], [], places=[tuple(p) for p in PLACES])
    assert empty.points == 0


def test_nothing_to_compare_with():
    """A map without stations cannot judge and says what to do."""
    with pytest.raises(InputError, match="没有可对照的收费站"):
        suspect_by_places([LON], [LAT], places=[])
