from __future__ import annotations

import numpy as np
import pytest

from geo.errors import InputError
from geo.measure import measure_between
from geo.zones import choose_grid


@pytest.mark.parametrize(
    ("lon", "lat", "epsg", "zones"),
    [
        ([114.19, 114.23], [22.67, 22.70], 4547, (4547,)),
        ([115.2, 115.9], [30.0, 30.4], 4548, (4547, 4548)),
        ([75.5], [39.4], 4534, (4534,)),
        ([134.2], [48.3], 4554, (4554,)),
        ([1.4, 1.8], [42.4, 42.7], 32631, (32631,)),
        ([-43.2], [-22.9], 32723, (32723,)),
        ([114.16], [22.28], 32650, (32650,)),
    ],
)
def test_grid_follows_the_data(lon, lat, epsg, zones):
    """China gets its Gauss-Krüger zone, other places UTM; a district across two zones gets that of its middle."""
    grid = choose_grid(lon, lat)
    assert (grid.epsg, grid.zones) == (epsg, zones)
    assert f"EPSG:{epsg}" in grid.name


def test_lengths_are_true_within_what_is_stated():
    """In a district across two zones a kilometre in the grid is a kilometre within the stated scale error."""
    lon, lat = np.array([115.1, 115.1105, 116.2, 116.2]), np.array([30.0, 30.0, 30.5, 30.509])
    grid = choose_grid(lon, lat)
    x, y = grid.to_metres(lon, lat)
    for a, b in ((0, 1), (2, 3)):
        true = measure_between((lon[a], lat[a]), (lon[b], lat[b]))
        assert np.hypot(x[b] - x[a], y[b] - y[a]) == pytest.approx(true, rel=grid.worst_scale_error + 1e-6)
    assert grid.worst_scale_error < 5e-4
    assert np.allclose(grid.to_degrees(x, y), (lon, lat), atol=1e-9)


def test_no_single_grid():
    """Fault 33: no usable coordinate, or data across a continent, is refused instead of measured wrongly."""
    with pytest.raises(InputError, match="没有有效的经纬度"):
        choose_grid([np.nan, 500_000.0], [30.0, 3_000_000.0])
    with pytest.raises(InputError, match="没有适用的投影带"):
        choose_grid([100.0, 120.0], [30.0, 30.0])
