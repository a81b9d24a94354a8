from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import Datum, convert, is_shifted_place, read_datum, state_datum
from geo.errors import InputError
from geo.measure import measure_between

INSIDE = st.tuples(st.floats(100.5, 117.0), st.floats(25.5, 38.0))
SHIFTED = (Datum.GCJ02, Datum.BD09)


@given(INSIDE, st.sampled_from(SHIFTED))
def test_there_and_back_again(place, datum):
    """WGS-84 to GCJ-02 or BD-09 and back returns within a millimetre (the bar is 0.01 m), and the shift is real."""
    shifted = convert([place[0]], [place[1]], source=Datum.WGS84, target=datum)
    back = convert(*shifted, source=datum)
    assert measure_between(place, (float(back[0][0]), float(back[1][0]))) < 0.001
    assert 50 < measure_between(place, (float(shifted[0][0]), float(shifted[1][0]))) < 2_000


@given(INSIDE)
def test_one_shifted_datum_to_the_other(place):
    """GCJ-02 to BD-09 is the same as going through WGS-84."""
    gcj = convert([place[0]], [place[1]], source=Datum.WGS84, target=Datum.GCJ02)
    direct = convert(*gcj, source=Datum.GCJ02, target=Datum.BD09)
    around = convert([place[0]], [place[1]], source=Datum.WGS84, target=Datum.BD09)
    assert np.allclose(direct, around, atol=1e-9)


def test_published_values():
    """The formulas give the values that public converters print for 116.404, 39.915."""
    gcj = convert([116.404], [39.915], source=Datum.WGS84, target=Datum.GCJ02)
    bd = convert([116.404], [39.915], source=Datum.GCJ02, target=Datum.BD09)
    assert np.allclose(np.ravel(gcj), [116.41024449916938, 39.91640428150164], atol=1e-9)
    assert np.allclose(np.ravel(bd), [116.41036949371029, 39.92133699351021], atol=1e-9)


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [
        (114.057, 22.543, True),  # Shenzhen, Futian
        (114.117, 22.532, True),  # Shenzhen station
        (113.915, 22.480, True),  # Shekou
        (113.549, 22.219, True),  # Zhuhai, Gongbei
        (113.520, 22.130, True),  # Hengqin
        (118.090, 24.470, True),  # Xiamen
        (110.330, 20.030, True),  # Haikou
        (121.120, 30.450, True),  # bridge over Hangzhou Bay
        (91.100, 29.650, True),  # Lhasa
        (124.380, 40.120, True),  # Dandong
        (80.410, 44.200, True),  # Khorgos
        (114.158, 22.281, False),  # Hong Kong, Central
        (114.128, 22.501, False),  # Sheung Shui
        (113.543, 22.195, False),  # Macau
        (121.560, 25.040, False),  # Taipei
        (118.320, 24.440, False),  # Kinmen
        (106.900, 47.900, False),  # Ulaanbaatar, inside any box around China
        (105.850, 21.030, False),  # Hanoi, inside any box around China
        (85.300, 27.700, False),  # Kathmandu, inside any box around China
        (127.000, 37.500, False),  # Seoul, inside any box around China
        (124.400, 40.080, False),  # Sinuiju, across the river from Dandong
        (127.540, 50.280, False),  # Blagoveshchensk
    ],
)
def test_china_by_polygon_not_by_box(lon, lat, inside):
    """Towns on either side of the outline are shifted or not as they should be."""
    assert bool(is_shifted_place(lon, lat)[0]) is inside
    moved = convert([lon], [lat], source=Datum.WGS84, target=Datum.GCJ02)
    assert (measure_between((lon, lat), (float(moved[0][0]), float(moved[1][0]))) > 50) is inside


def test_cgcs2000_is_taken_as_wgs84():
    """CGCS2000 and WGS-84 are the same here, and the statement printed says so."""
    lon, lat = convert([116.404], [39.915], source=Datum.CGCS2000)
    assert (lon[0], lat[0]) == (116.404, 39.915)
    assert "WGS-84" in state_datum(Datum.CGCS2000)
    assert len({state_datum(datum) for datum in Datum}) == 4


def test_inputs_are_not_changed():
    """Converting returns new arrays, also where nothing is to be done."""
    lon, lat = np.array([116.404]), np.array([39.915])
    for target in Datum:
        found = convert(lon, lat, source=Datum.WGS84, target=target)
        found[0][0] = 0.0
    assert lon[0] == 116.404


@pytest.mark.parametrize("place", [(np.nan, 30.0), (np.inf, 30.0), (30.0, 114.0), (500_000.0, 3_400_000.0)])
def test_coordinates_that_are_no_degrees(place):
    """Fault 32, 33: nan, inf, swapped columns and metres are refused, with the number of the coordinate."""
    with pytest.raises(InputError, match="第 2 个坐标"):
        convert([114.0, place[0]], [30.0, place[1]], source=Datum.GCJ02)


def test_names_of_datums():
    """Datums are known by their names, EPSG codes and map providers; others are refused with the choices."""
    words = {
        "WGS84": Datum.WGS84,
        "epsg:4490": Datum.CGCS2000,
        "火星坐标": Datum.GCJ02,
        "高德": Datum.GCJ02,
        "百度": Datum.BD09,
    }
    assert {word: read_datum(word) for word in words} == words
    with pytest.raises(InputError, match="不认识"):
        read_datum("北京54")
