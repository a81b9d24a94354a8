"""Strip maps: one route from end to end, cut into straight strips at 1:N, each turned so that the road runs across."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import shapely
import shapely.ops

from geo.errors import InputError
from geo.routetrace import find_route
from plan.model import Plan
from views.papers.atlas import MOST_SHEETS, check_paper, draw_sheets
from views.papers.facts import facts_of
from views.papers.mapframe import MapFrame
from views.papers.mapscene import Scene, make_scene
from views.papers.sheetpage import EDGE_MM, FOOT_MM, Sheet, frame_size
from views.papers.text import clean

Floats = npt.NDArray[np.float64]
STRIPS = {"A3": 3, "A4": 2}
"""Strips on a page."""
_GAP_MM = 6.0
_MARGIN_MM = 9.0
_OVERLAP_MM = 10.0
_BESIDE_M = 80.0
_LEAST_M = 500.0


def strip_pdf(
    plan: Plan,
    route: str,
    *,
    scale: float = 25_000,
    paper: str = "A3",
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """Return the strip maps of a route as a vector PDF.

    Parameters
    ----------
    plan
        The plan.
    route
        Number of the route, such as ``G98``.
    scale
        1:N.
    paper
        ``A3`` (three strips a page) or ``A4`` (two).
    progress
        Told sheets done and sheets in all.

    Raises
    ------
    InputError
        No road carries the number, or the scale needs more than 200 sheets.
    """
    check_paper(paper, scale)
    scene = make_scene(plan)
    lines = route_lines(plan, scene, route)
    frames = [frame for line in lines for frame in cut_strips(line, paper=paper, scale=scale)]
    count = STRIPS[paper]
    pages = [_stack(frames[k : k + count], paper) for k in range(0, len(frames), count)]
    if len(pages) > MOST_SHEETS:
        msg = f"{route[:20]} 在 1:{scale:g} 需要 {len(pages)} 页，请改用较小的比例尺。 / too many pages at this scale."
        raise InputError(msg)
    title = f"{clean(plan.title or '本区', limit=24)} {clean(route, limit=12)} 条带图"
    sheets = [
        Sheet(paper, title, f"条带 {k * count + 1}–{k * count + len(page)}　1:{scale:,.0f}", page, k + 1, len(pages))
        for k, page in enumerate(pages)
    ]
    return draw_sheets(scene, sheets, facts=facts_of(plan), progress=progress)


def route_lines(plan: Plan, scene: Scene, route: str) -> list[Floats]:
    """Return the lines to follow along a route, float64 (points, 2) metres each, west or south end first.

    One carriageway stands for both: a line that runs beside a longer one is left out.

    Raises
    ------
    InputError
        No road of the map carries the number.
    """
    rows = np.flatnonzero(find_route(plan.derived.network, route))
    if not len(rows):
        known = sorted({part.strip() for ref in scene.refs.pool for part in ref.split(";") if part.strip()})
        msg = (
            f"地图上没有编号为 {route[:20]} 的路线，现有：{'、'.join(known)[:120]}。"
            " / no road on the map carries this number."
        )
        raise InputError(msg)
    merged = shapely.line_merge(shapely.union_all(scene.lines[rows]))
    pieces = sorted(_joined(shapely.get_parts(merged).tolist()), key=lambda p: (-p.length, p.wkt))
    kept: list[shapely.LineString] = []
    for piece in pieces:
        beside = shapely.union_all(kept).buffer(_BESIDE_M) if kept else shapely.Polygon()
        if not kept or (piece.length > _LEAST_M and piece.difference(beside).length > 0.3 * piece.length):
            kept.append(piece)
    lines = [shapely.get_coordinates(piece.simplify(5.0)) for piece in kept]
    turned = [line if tuple(line[0]) <= tuple(line[-1]) else line[::-1] for line in lines]
    return sorted(turned, key=lambda line: tuple(line[0]))


def _joined(parts: Sequence[shapely.LineString]) -> list[shapely.LineString]:
    """Join pieces whose ends meet at junctions, straightest first, so that a road stays one line."""
    left = [shapely.get_coordinates(p) for p in parts]
    while True:
        best = min(_meetings(left), default=None)
        if best is None:
            return [shapely.LineString(line) for line in left]
        _, i, j, flip_i, flip_j = best
        first = left[i][::-1] if flip_i else left[i]
        second = left[j][::-1] if flip_j else left[j]
        joined = np.vstack((first, second[1:]))
        left = [line for k, line in enumerate(left) if k not in {i, j}] + [joined]


def _meetings(lines: Sequence[Floats]) -> Iterator[tuple[float, int, int, bool, bool]]:
    """Yield the pairs of line ends that meet nearly straight, with the turn in radians."""
    ends: dict[tuple[float, float], list[tuple[int, bool]]] = {}
    for k, line in enumerate(lines):
        for at_end in (False, True):
            x, y = line[-1 if at_end else 0].tolist()
            ends.setdefault((round(x, 1), round(y, 1)), []).append((k, at_end))
    for meeting in ends.values():
        for a, (i, i_end) in enumerate(meeting):
            for j, j_end in meeting[a + 1 :]:
                if i != j:
                    into, out = _heading(lines[i], at_end=i_end), _heading(lines[j], at_end=j_end)
                    turn = abs((into - out) % (2 * math.pi) - math.pi)
                    if turn < math.radians(50):
                        yield turn, i, j, not i_end, j_end


def _heading(line: Floats, *, at_end: bool) -> float:
    """Return in which direction a line leaves one of its ends, radians."""
    a, b = (line[-1], line[-2]) if at_end else (line[0], line[1])
    return math.atan2(b[1] - a[1], b[0] - a[0])


def cut_strips(line: Floats, *, paper: str, scale: float) -> list[MapFrame]:
    """Return frames that follow a line, each as long as fits, turned so that its part runs across the page."""
    width, height = _strip_size(paper)
    shape = shapely.LineString(line)
    step = max(5 * scale / 1000, 1.0)
    at, frames = 0.0, []
    while at < shape.length:
        reach = at
        best = _fit(shape, at, min(at + step, shape.length))
        while reach < shape.length:
            tried = min(reach + step, shape.length)
            box = _fit(shape, at, tried)
            if reach > at and (box[2] > _room(width, scale) or box[3] > _room(height, scale)):
                break
            reach, best = tried, box
        x, y, _, _, angle = best
        frames.append(MapFrame(EDGE_MM + 2, EDGE_MM + FOOT_MM, width, height, x, y, scale, -angle))
        at = reach if reach >= shape.length else max(reach - _OVERLAP_MM * scale / 1000, at + step)
    return frames


def _strip_size(paper: str) -> tuple[float, float]:
    width, height = frame_size(paper)
    count = STRIPS[paper]
    return width - 2, (height - 2 - _GAP_MM * (count - 1)) / count


def _room(size_mm: float, scale: float) -> float:
    return (size_mm - 2 * _MARGIN_MM) * scale / 1000


def _fit(shape: shapely.LineString, start: float, end: float) -> tuple[float, float, float, float, float]:
    """Return middle x and y, width, height and angle of the turned box around a part of a line."""
    part = shapely.get_coordinates(shapely.ops.substring(shape, start, end))
    a, b = part[0], part[-1]
    angle = math.atan2(b[1] - a[1], b[0] - a[0])
    cos, sin = math.cos(-angle), math.sin(-angle)
    turned = np.column_stack((part[:, 0] * cos - part[:, 1] * sin, part[:, 0] * sin + part[:, 1] * cos))
    low, high = turned.min(axis=0), turned.max(axis=0)
    middle = (low + high) / 2
    x = middle[0] * math.cos(angle) - middle[1] * math.sin(angle)
    y = middle[0] * math.sin(angle) + middle[1] * math.cos(angle)
    return float(x), float(y), float(high[0] - low[0]), float(high[1] - low[1]), angle


def _stack(frames: Sequence[MapFrame], paper: str) -> tuple[MapFrame, ...]:
    """Return frames one under the other on a page, the first at the top."""
    _, height = _strip_size(paper)
    count = STRIPS[paper]
    return tuple(
        MapFrame(
            f.left_mm,
            EDGE_MM + FOOT_MM + (count - 1 - k) * (height + _GAP_MM),
            f.width_mm,
            f.height_mm,
            f.x,
            f.y,
            f.scale,
            f.turn,
        )
        for k, f in enumerate(frames)
    )
