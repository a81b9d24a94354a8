"""From geometries to clean lines: parts apart, bad coordinates and doubles reported, lengths measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.findings import Finding, Severity
from geo.grids import Grid, check_scale
from geo.lines import Lines
from geo.measure import measure_steps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LINE, _RING, _MULTILINE, _COLLECTION = 1, 2, 5, 7


@dataclass(frozen=True)
class LineRows:
    """Lines, and the feature row that each comes from, int64 (lines,)."""

    lines: Lines
    feature: Ints

    def take(self, rows: Ints) -> LineRows:
        """Return the given rows, in that order."""
        return LineRows(self.lines.take(rows), self.feature[rows])


def explode_lines(
    geometry: npt.NDArray[np.object_], kept: Ints, *, grid: Grid, name: str, findings: list[Finding]
) -> LineRows:
    """Return the lines of the kept features, multi-part ones taken apart, in WGS-84 and measured.

    Parameters
    ----------
    geometry
        Shapely geometries in the layer's system, None where there is none; object (features,).
    kept
        Rows to use.
    grid
        The layer's coordinate system.
    name
        The file, for the sentence of an error.
    findings
        Added to: features without geometry, that are no lines, with unusable coordinates, or too short.
    """
    import shapely

    some = geometry[kept]
    empty = shapely.is_missing(some) | shapely.is_empty(some)
    _report(
        findings, "empty_geometry", kept[empty], "个要素没有几何或几何无法读取", "features have no geometry we can read"
    )
    parts, owner = shapely.get_parts(some[~empty], return_index=True)
    deep = shapely.get_type_id(parts) == _MULTILINE
    if deep.any():
        more, index = shapely.get_parts(parts[deep], return_index=True)
        parts, owner = np.concatenate((parts[~deep], more)), np.concatenate((owner[~deep], owner[deep][index]))
        order = np.argsort(owner, kind="stable")
        parts, owner = parts[order], owner[order]
    feature = kept[~empty][owner]
    is_line = np.isin(shapely.get_type_id(parts), (_LINE, _RING))
    _report(
        findings, "not_a_line", np.unique(feature[~is_line]), "个要素含点或面而不是线",
        "features hold points or areas instead of lines",
        places=grid.places_of(parts[~is_line]),
    )  # fmt: skip
    parts, feature = parts[is_line & ~shapely.is_empty(parts)], feature[is_line & ~shapely.is_empty(parts)]
    points, line = shapely.get_coordinates(parts, return_index=True)
    check_scale(grid, points[:, 0], points[:, 1], name=name)
    lon, lat = grid.to_wgs84(points[:, 0], points[:, 1])
    bad = np.zeros(len(parts), dtype=bool)
    bad[line[~np.isfinite(lon)]] = True
    _report(
        findings, "bad_coordinates", np.unique(feature[bad]), "个要素的坐标无效或超出范围",
        "features have coordinates that are no numbers or out of range",
        severity=Severity.ERROR, places=grid.places_of(parts[bad]),
    )  # fmt: skip
    return _measure(points, lon, lat, line=line, feature=feature, bad=bad, grid=grid, findings=findings)


def _measure(
    points: Floats,
    lon: Floats,
    lat: Floats,
    *,
    line: Ints,
    feature: Ints,
    bad: npt.NDArray[np.bool_],
    grid: Grid,
    findings: list[Finding],
) -> LineRows:
    """Drop bad lines and repeated points, then measure along each line."""
    again = np.zeros(len(line), dtype=bool)
    again[1:] = (line[1:] == line[:-1]) & (points[1:] == points[:-1]).all(axis=1)
    use = ~again & ~bad[line]
    count = np.bincount(line[use], minlength=len(feature))
    short = ~bad & (count < 2)  # noqa: PLR2004 - a line has two points
    where = tuple((float(lon[i]), float(lat[i])) for i in np.searchsorted(line, np.flatnonzero(short))[:50])
    _report(
        findings,
        "short_line",
        np.unique(feature[short]),
        "个要素不足两个不同的点",
        "features have fewer than two different points",
        places=where,
    )
    use &= ~short[line]
    good = np.flatnonzero(~bad & ~short)
    ptr = np.concatenate(([0], np.cumsum(count[good])))
    x, y, lon, lat = points[use, 0], points[use, 1], lon[use], lat[use]
    step = np.hypot(np.diff(x), np.diff(y)) if grid.is_measure else measure_steps(lon, lat)
    step = np.append(step, 0.0) if len(x) else step
    first = np.zeros(len(x), dtype=bool)
    first[ptr[:-1]] = True
    along = np.concatenate(([0.0], np.cumsum(step)))[: len(x)]
    along -= np.repeat(along[first], count[good])
    return LineRows(Lines(ptr, lon, lat, along), feature[good])


def _report(
    findings: list[Finding],
    code: str,
    rows: Ints,
    chinese: str,
    english: str,
    *,
    severity: Severity = Severity.WARNING,
    places: tuple[tuple[float, float], ...] = (),
) -> None:
    if len(rows) == 0:
        return
    findings.append(Finding(
        code, severity, len(rows),
        f"{len(rows)} {chinese}，未计入路网，请在图层中改正。",
        f"{len(rows)} {english}; they are left out: correct them in the layer.",
        places=places,
        things=tuple(f"row {row + 1}" for row in rows[:50].tolist()) if not places else (),
    ))  # fmt: skip


def drop_duplicates(rows: LineRows, tags: Sequence[Mapping[str, str]], *, findings: list[Finding]) -> LineRows:
    """Drop lines that lie exactly on an earlier one and run the same way, and report them.

    Two one-way lines that run against each other are two carriageways, not doubles.
    """
    lines = rows.lines
    cell = np.rint(np.column_stack((lines.lon, lines.lat)) * 1e7).astype(np.int64)
    ptr = lines.ptr.tolist()
    seen: set[bytes] = set()
    kept, twice = [], []
    for k, feature in enumerate(rows.feature.tolist()):
        points = cell[ptr[k] : ptr[k + 1]]
        forward, backward = points.tobytes(), points[::-1].tobytes()
        oneway = tags[feature].get("oneway", "no" if tags[feature].get("highway") != "motorway" else "yes")
        is_two_way = oneway not in {"yes", "-1"}
        run = backward if oneway == "-1" else forward
        marks = [b"2" + min(forward, backward)] if is_two_way else [b"1" + run]
        level = "|".join(tags[feature].get(name, "") for name in ("layer", "bridge", "tunnel")).encode()
        mark = marks[0] + b"|" + level
        if mark in seen:
            twice.append(k)
        else:
            seen.add(mark)
            kept.append(k)
    if twice:
        first = lines.ptr[twice][:50]
        findings.append(Finding(
            "duplicate_line", Severity.WARNING, len(twice),
            f"{len(twice)} 条线与另一条线完全重合，只计一次，请在图层中删除多余的线。",
            f"{len(twice)} lines lie exactly on another line and count once; delete them from the layer.",
            length_m=float(lines.length_m[twice].sum()),
            places=tuple(zip(lines.lon[first].tolist(), lines.lat[first].tolist(), strict=True)),
        ))  # fmt: skip
    return rows.take(np.array(kept, dtype=np.int64))
