"""The map inside a frame at a true scale: which roads it holds, and how they are drawn with vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from views.map.palette import RANKS, THEME, ZOOMS, LineStyle, shade
from views.papers.mapscene import Scene

Floats = npt.NDArray[np.float64]
MM = 72 / 25.4
_PX_MM = 0.2646 * 0.82
"""Millimetres on paper for a pixel on the screen: print is finer."""
_METRES_A_PIXEL = 156_543.034
_SIMPLIFY_MM = 0.06
_CASED = frozenset({"motorway", "motorway_link"})
_DRAW_ORDER = ("service", "minor", "ferry", "tertiary", "ordinary_link", "secondary", "primary", "trunk",
               "motorway_link", "motorway")  # fmt: skip


@dataclass(frozen=True, slots=True)
class MapFrame:
    """A rectangle on paper and the land it shows.

    Attributes
    ----------
    left_mm, bottom_mm, width_mm, height_mm
        On the page.
    x, y
        Its middle, metres of the projection.
    scale
        1:N.
    turn
        Radians by which the land is turned against the clock (strip maps).
    """

    left_mm: float
    bottom_mm: float
    width_mm: float
    height_mm: float
    x: float
    y: float
    scale: float
    turn: float = 0.0

    @property
    def reach(self) -> tuple[float, float, float, float]:
        """Least x, least y, greatest x, greatest y of the land in the frame, metres."""
        half_w = self.width_mm * self.scale / 2000
        half_h = self.height_mm * self.scale / 2000
        cos, sin = abs(math.cos(self.turn)), abs(math.sin(self.turn))
        dx, dy = half_w * cos + half_h * sin, half_w * sin + half_h * cos
        return self.x - dx, self.y - dy, self.x + dx, self.y + dy

    def to_page(self, xy: Floats) -> Floats:
        """Return points on the page of places on land, float64 (n, 2)."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        dx, dy = xy[:, 0] - self.x, xy[:, 1] - self.y
        east, north = dx * cos - dy * sin, dx * sin + dy * cos
        factor = 1000 * MM / self.scale
        left, low = self.left_mm + self.width_mm / 2, self.bottom_mm + self.height_mm / 2
        return np.column_stack((left * MM + east * factor, low * MM + north * factor))

    def holds(self, x: float, y: float, *, inset_mm: float = 0.0) -> bool:
        """Whether a place on land lies in the frame, so many millimetres inside its edge."""
        (px, py), *_ = self.to_page(np.array([[x, y]])).tolist()
        left, low = (self.left_mm + inset_mm) * MM, (self.bottom_mm + inset_mm) * MM
        right = (self.left_mm + self.width_mm - inset_mm) * MM
        high = (self.bottom_mm + self.height_mm - inset_mm) * MM
        return bool(left <= px <= right and low <= py <= high)


@dataclass(frozen=True)
class FramePart:
    """The roads in a frame: rows of the scene, and their lines on the page (points)."""

    rows: npt.NDArray[np.intp]
    lines: tuple[Floats, ...]


def zoom_of(scale: float, latitude: float) -> float:
    """Return the zoom of a web map that looks like a scale, for widths and for what is left out."""
    pixel_m = scale * 0.000_264_583
    return math.log2(_METRES_A_PIXEL * math.cos(math.radians(latitude)) / pixel_m)


def width_mm(rank: int, zoom: float) -> float:
    """Return how wide a road of a rank is drawn."""
    return float(np.interp(zoom, ZOOMS, RANKS[rank]["px"])) * _PX_MM


def cut_scene(scene: Scene, frame: MapFrame, zoom: float) -> FramePart:
    """Return the roads of a frame that are drawn at a zoom, clipped and without needless points."""
    x0, y0, x1, y1 = frame.reach
    box = scene.boxes
    inside = (box[:, 0] <= x1) & (box[:, 2] >= x0) & (box[:, 1] <= y1) & (box[:, 3] >= y0)
    shown = np.array([zoom >= float(rank["zoom"]) for rank in RANKS])[scene.rank]
    rows = np.flatnonzero(inside & shown)
    margin = 3 * frame.scale / 1000
    clipped = shapely.clip_by_rect(scene.lines[rows], x0 - margin, y0 - margin, x1 + margin, y1 + margin)
    clipped = shapely.simplify(clipped, _SIMPLIFY_MM * frame.scale / 1000, preserve_topology=False)
    parts, owner = shapely.get_parts(clipped, return_index=True)
    points, line = shapely.get_coordinates(parts, return_index=True)
    page = frame.to_page(points)
    edges = np.flatnonzero(np.diff(line)) + 1
    kept = np.unique(line)
    lines = tuple(np.split(page, edges)) if len(page) else ()
    return FramePart(rows[owner[kept]], lines)


def draw_roads(canvas: Any, scene: Scene, part: FramePart, *, zoom: float) -> None:
    """Draw the roads of a frame: casings first, thin roads under wide ones, states over owners."""
    names = [str(rank["name"]) for rank in RANKS]
    order = [names.index(name) for name in _DRAW_ORDER]
    levels = sorted({style.level for style in scene.styles})
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for level in levels:
        for rank in order:
            groups = [(k, s) for k, s in enumerate(scene.styles) if s.level == level]
            chosen = [(s, list(_lines(scene, part, code=k, rank=rank))) for k, s in groups]
            width = width_mm(rank, zoom)
            for style, lines in chosen:
                _casing(canvas, style, lines, width=width, is_cased=names[rank] in _CASED)
            for style, lines in chosen:
                _stroke_owner(canvas, style, lines, width=width, alpha=float(RANKS[rank]["alpha"]))


def _lines(scene: Scene, part: FramePart, *, code: int, rank: int) -> Iterator[Floats]:
    wanted = (scene.code[part.rows] == code) & (scene.rank[part.rows] == rank)
    return (part.lines[k] for k in np.flatnonzero(wanted).tolist())


def _casing(canvas: Any, style: LineStyle, lines: Sequence[Floats], *, width: float, is_cased: bool) -> None:
    if not lines:
        return
    if style.halo:
        stroke(canvas, lines, color=THEME["paper"], width=width + 0.7)
    elif is_cased:
        stroke(canvas, lines, color=shade(style.color, 0.62), width=width + 0.3)


def _stroke_owner(canvas: Any, style: LineStyle, lines: Sequence[Floats], *, width: float, alpha: float) -> None:
    if not lines:
        return
    color = blend(style.color, alpha)
    dash = [max(length * width * style.factor, 0.25) for length in style.dash]
    if style.second:
        stroke(canvas, lines, color=color, width=width * style.factor)
        stroke(canvas, lines, color=style.second, width=width * style.factor, dash=[max(2.2, d) for d in dash], cap=0)
        return
    stroke(canvas, lines, color=color, width=width * style.factor, dash=dash, cap=1 if not dash else 0)
    if style.core and width > 0.45:  # noqa: PLR2004 - a core in a finer line is a grey line
        core = [1.6, 1.2] if style.core == "dash" else []
        stroke(canvas, lines, color=THEME["paper"], width=width * 0.26, dash=core, cap=0)


def stroke(
    canvas: Any, lines: Sequence[Floats], *, color: str, width: float, dash: Sequence[float] = (), cap: int = 1
) -> None:
    """Draw lines (points on the page) in one path; width and dashes in millimetres."""
    canvas.setStrokeColor(color)
    canvas.setLineWidth(max(width, 0.05) * MM)
    canvas.setLineCap(cap)
    canvas.setDash([length * MM for length in dash] if dash else [])
    path = canvas.beginPath()
    for line in lines:
        (x, y), *rest = line.tolist()
        path.moveTo(x, y)
        for x, y in rest:
            path.lineTo(x, y)
    canvas.drawPath(path, stroke=1, fill=0)


def blend(color: str, alpha: float) -> str:
    """Return a colour laid over paper with an opacity: printers treat real transparency badly."""
    parts = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * alpha):02X}" for part in parts)
