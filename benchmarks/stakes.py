"""How well stakes are predicted on the real table of the G15 near Ningbo, and which interpolation does it best.

    python benchmarks/stakes.py ../shared/data/stakes

Every second point of the table is kept from us; the bar for the stake of such a point is p50 <= 15 m, p90 <= 60 m. Two
tests that we can make are harder, since they double the gaps: each row left out in turn, and every second row left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.interpolate import (
    Akima1DInterpolator,
    CubicHermiteSpline,
    CubicSpline,
    PchipInterpolator,
    interp1d,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geo.calibration import calibrate
from geo.measure import measure_between, measure_steps
from geo.routeline import make_line
from geo.stakeerror import leave_out
from geo.stakeplaces import locate_stake, read_stake
from geo.stakes import Stake
from geo.staketable import StakeTable, read_stake_table

Floats = npt.NDArray[np.float64]
Curve = Callable[[Floats, Floats], Callable[[Floats], Floats]]


def catmull_rom(power: float) -> Curve:
    """Return a Catmull-Rom curve over chords to a power: 0.5 centripetal, 1 chordal."""

    def build(at: Floats, points: Floats) -> Callable[[Floats], Floats]:
        knots = np.concatenate(([0.0], np.cumsum(np.diff(at) ** power)))
        step, slope = np.diff(knots), np.diff(points, axis=0) / np.diff(knots)[:, None]
        tangent = np.empty_like(points)
        weight = (step[1:] + step[:-1])[:, None]
        tangent[1:-1] = (slope[:-1] * step[1:, None] + slope[1:] * step[:-1, None]) / weight
        tangent[0], tangent[-1] = 2 * slope[0] - tangent[1], 2 * slope[-1] - tangent[-2]
        curve = CubicHermiteSpline(knots, points, tangent)
        return lambda x: curve(np.interp(x, at, knots))

    return build


CURVES: Mapping[str, Curve] = {
    "straight lines": lambda at, points: interp1d(at, points, axis=0),
    "cubic spline (ours)": CubicSpline,
    "PCHIP": PchipInterpolator,
    "Akima": Akima1DInterpolator,
    "Catmull-Rom, centripetal": catmull_rom(0.5),
    "Catmull-Rom, chordal": catmull_rom(1.0),
}


def compare_curves(table: StakeTable) -> None:
    """Print the error of each curve with each row left out in turn."""
    print(
        f"{'interpolation':26}{'place p50':>10}{'p90':>8}{'stake p50':>11}{'p90':>8}   (m, each row left out in turn)"
    )
    stake_m = table.mm / 1000.0
    for name, build in CURVES.items():
        place, stake = [], []
        for k in range(1, len(table) - 1):
            keep = np.array([j for j in range(len(table)) if j != k and abs(j - k) <= 8])
            points = np.column_stack((table.lon[keep], table.lat[keep]))
            at = np.concatenate(([0.0], np.cumsum(measure_steps(points[:, 0], points[:, 1]))))
            fine = np.concatenate([np.linspace(a, b, 40, endpoint=False) for a, b in pairwise(at)])
            fine = np.append(fine, at[-1])
            curve = build(at, points)(fine)
            line = make_line(curve[:, 0], curve[:, 1])
            along = np.concatenate(([0.0], np.cumsum(measure_steps(curve[:, 0], curve[:, 1]))))[::40]
            spot = (float(table.lon[k]), float(table.lat[k]))
            found = line.places_at(np.interp(stake_m[k], stake_m[keep], along))
            place.append(measure_between((float(found.lon[0]), float(found.lat[0])), spot))
            seen = line.project(*([v] for v in spot)).along_m[0]
            stake.append(abs(np.interp(seen, along, stake_m[keep]) - stake_m[k]))
        p, s = np.quantile(place, [0.5, 0.9]), np.quantile(stake, [0.5, 0.9])
        print(f"{name:26}{p[0]:10.1f}{p[1]:8.1f}{s[0]:11.1f}{s[1]:8.1f}")


def check_halves(table: StakeTable) -> None:
    """Print errors and coverage with every second row left out."""
    for first in (0, 1):
        known = set(range(first, len(table), 2))
        calibration = calibrate(table.take(sorted(known)))
        errors = []
        for k in range(first + 1, len(table) - 1, 2):
            spot = (float(table.lon[k]), float(table.lat[k]))
            place = locate_stake(calibration, Stake(int(table.mm[k])))[0]
            seen = read_stake(calibration, spot, max_m=1_000.0)
            off = measure_between((place.lon, place.lat), spot)
            wrong = abs(seen.stake.mm - table.mm[k]) / 1000
            errors.append((off, wrong, off <= place.error_m, wrong <= seen.error_m))
        found = np.array(errors)
        p, s = np.quantile(found[:, 0], [0.5, 0.9]), np.quantile(found[:, 1], [0.5, 0.9])
        print(
            f"every second row left out ({len(found)}): place p50 {p[0]:.1f} p90 {p[1]:.1f} m, "
            f"stake p50 {s[0]:.1f} p90 {s[1]:.1f} m; "
            f"within the bound {found[:, 2].mean():.0%} and {found[:, 3].mean():.0%}"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    table, _ = read_stake_table(folder / "cn-g15-ningbo-up-odd.csv")
    compare_curves(table)
    way = calibrate(table).carriageways[0]
    left = leave_out(way.pieces[0], line=way.line, is_drawn=True)
    inside = (left.stake_m <= way.errors.source_m + way.errors.stake_scale * left.size_m).mean()
    print(
        f"calibration, each of {len(left.row)} rows left out: stake p50 {np.median(left.stake_m):.1f} "
        f"p90 {np.quantile(left.stake_m, 0.9):.1f} m, place p50 {np.median(left.place_m):.1f} "
        f"p90 {np.quantile(left.place_m, 0.9):.1f} m; stakes within the bound {inside:.0%}"
    )
    check_halves(table)
    for finding in calibrate(table).findings:
        print(f"{finding.code} {finding.count}: {finding.message_en}")
    gantries, _ = read_stake_table(folder / "tw-freeway-gantries.csv")
    start = time.process_time()
    calibration = calibrate(gantries)
    spent = time.process_time() - start
    print(f"gantries: {len(gantries)} rows read, {len(calibration.carriageways)} carriageways in {spent:.1f} CPU s")
    for finding in calibration.findings:
        print(f"{finding.code} {finding.count}: {finding.message_en[:160]}")


if __name__ == "__main__":
    main()
