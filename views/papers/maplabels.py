"""Words on a map sheet: shields, road names, stations, seam numbers and stakes, none over another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from views.map.palette import RANKS, SHIELDS, THEME, text_color
from views.papers.mapframe import MM, FramePart, MapFrame
from views.papers.mapscene import Mark, Scene
from views.papers.pdffonts import Faces
from views.papers.text import clean

Floats = npt.NDArray[np.float64]
_NAMED_RANKS = ("motorway", "trunk", "primary", "secondary", "tertiary")
_APART_MM = 95.0
_CLUSTER_MM = 7.0
_MOST_NAMES = 160
Write = Callable[[float, float, float, float], bool]
"""Draws a text at x, y (points) at an angle (degrees) on a piece of a length; returns whether there was room."""


@dataclass
class Room:
    """The room on a sheet: boxes (points) that are taken."""

    frame: MapFrame
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def take(self, box: tuple[float, float, float, float]) -> bool:
        """Take a box if it lies in the frame and on no other; return whether it did."""
        x0, y0, x1, y1 = box
        left, low = (self.frame.left_mm + 0.8) * MM, (self.frame.bottom_mm + 0.8) * MM
        right = (self.frame.left_mm + self.frame.width_mm - 0.8) * MM
        high = (self.frame.bottom_mm + self.frame.height_mm - 0.8) * MM
        if x0 < left or y0 < low or x1 > right or y1 > high:
            return False
        if any(x0 < b and a < x1 and y0 < d and c < y1 for a, c, b, d in self.taken):
            return False
        self.taken.append(box)
        return True


def draw_marks(canvas: Any, scene: Scene, room: Room, *, faces: Faces) -> None:
    """Draw stations, seams with their numbers, and stake ticks; symbols always, words where there is room."""
    frame = room.frame
    seams = _on_page(scene.seams, frame)
    stations = _on_page(scene.stations, frame)
    for x, y, _ in seams:
        room.taken.append((x - 1.6 * MM, y - 1.6 * MM, x + 1.6 * MM, y + 1.6 * MM))
    for x, y, _ in _on_page(scene.ticks, frame):
        room.taken.append((x - 1.2 * MM, y - 1.2 * MM, x + 1.2 * MM, y + 1.2 * MM))
    for x, y, mark in seams:
        _diamond(canvas, x, y, is_booth=mark.kind == "booth")
    for x, y, mark in stations:
        if mark.text:
            _beside(canvas, room, (x, y), text=mark.text, face=faces["bold"], size=8.5)
    for x, y, text in _clusters(seams):
        _beside(canvas, room, (x, y), text=text, face=faces["hei"], size=6.5, color=THEME["warning"])
    _draw_ticks(canvas, scene, room, faces)


def _on_page(marks: Sequence[Mark], frame: MapFrame) -> list[tuple[float, float, Mark]]:
    inside = [m for m in marks if frame.holds(m.x, m.y, inset_mm=1.0)]
    if not inside:
        return []
    page = frame.to_page(np.array([[m.x, m.y] for m in inside]))
    return [(float(x), float(y), m) for (x, y), m in zip(page.tolist(), inside, strict=True)]


def _clusters(seams: Sequence[tuple[float, float, Mark]]) -> list[tuple[float, float, str]]:
    """Return one text for seams that lie together: their numbers as ranges."""
    groups: list[list[tuple[float, float, int]]] = []
    for x, y, mark in seams:
        near = next((g for g in groups if math.hypot(g[0][0] - x, g[0][1] - y) < _CLUSTER_MM * MM), None)
        if near is None:
            near = []
            groups.append(near)
        near.append((x, y, int(mark.text)))
    return [(max(x for x, _, _ in g), sum(y for _, y, _ in g) / len(g), ranges(n for _, _, n in g)) for g in groups]


def ranges(numbers: Any) -> str:
    """Return numbers as ranges.

    Examples
    --------
    >>> ranges([1, 2, 3, 7])
    '1–3,7'
    """
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(a) if a == b else f"{a}–{b}" for a, b in found)


def _diamond(canvas: Any, x: float, y: float, *, is_booth: bool, size: float = 1.35 * MM) -> None:
    canvas.setDash([])
    canvas.setLineWidth(0.7)
    canvas.setStrokeColor(THEME["ink"] if is_booth else "#FFFFFF")
    canvas.setFillColor("#FFFFFF" if is_booth else "#111111")
    path = canvas.beginPath()
    path.moveTo(x, y + size)
    for dx, dy in ((size, 0.0), (0.0, -size), (-size, 0.0)):
        path.lineTo(x + dx, y + dy)
    path.close()
    canvas.drawPath(path, stroke=1, fill=1)


def _beside(
    canvas: Any, room: Room, at: tuple[float, float], *, text: str, face: str, size: float, color: str = THEME["ink"]
) -> bool:
    """Write a text right of, left of, over or under a place, on a strip of paper."""
    width = canvas.stringWidth(text, face, size)
    x, y = at
    gap = 2.4 * MM
    places = (
        (x + gap, y - size * 0.35),
        (x - gap - width, y - size * 0.35),
        (x - width / 2, y + gap),
        (x - width / 2, y - gap - size * 0.8),
        (x + gap, y + gap),
        (x + gap, y - gap - size),
    )
    for left, base in places:
        if room.take((left - 1.5, base - size * 0.28, left + width + 1.5, base + size * 0.95)):
            _paper(canvas, left - 1.2, base - size * 0.24, width + 2.4, size * 1.16)
            canvas.setFillColor(color)
            canvas.setFont(face, size)
            canvas.drawString(left, base, text)
            return True
    return False


def _paper(canvas: Any, x: float, y: float, width: float, height: float) -> None:
    canvas.setFillColor(THEME["paper"])
    canvas.roundRect(x, y, width, height, 1.5, stroke=0, fill=1)


def _draw_ticks(canvas: Any, scene: Scene, room: Room, faces: Faces) -> None:
    """Draw stake ticks across their road, with the kilometre where there is room."""
    for route in dict.fromkeys(t.kind for t in scene.ticks):
        mine = [t for t in scene.ticks if t.kind == route]
        page = room.frame.to_page(np.array([[t.x, t.y] for t in mine]))
        for k, tick in enumerate(mine):
            if not room.frame.holds(tick.x, tick.y, inset_mm=1.5):
                continue
            before, after = page[max(0, k - 1)], page[min(len(mine) - 1, k + 1)]
            dx, dy = (after - before).tolist()
            far = math.hypot(dx, dy) or 1.0
            nx, ny = -dy / far * 1.9 * MM, dx / far * 1.9 * MM
            x, y = page[k].tolist()
            canvas.setDash([])
            canvas.setLineCap(0)
            for color, width in ((THEME["paper"], 2.2), (THEME["ink"], 0.9)):
                canvas.setStrokeColor(color)
                canvas.setLineWidth(width)
                canvas.line(x - nx, y - ny, x + nx, y + ny)
            text = f"{tick.kind} {tick.text}" if tick.text.endswith(("0", "5")) else tick.text
            _beside(canvas, room, (x + nx, y + ny), text=text, face=faces["hei"], size=6.0)


def draw_letters(canvas: Any, scene: Scene, part: FramePart, *, room: Room, faces: Faces) -> None:
    """Draw the owner's letter along its major roads, so that a copy without colours still tells who is who."""
    ranks = {str(r["name"]): k for k, r in enumerate(RANKS)}
    major = np.isin(scene.rank[part.rows], [ranks[name] for name in _NAMED_RANKS[:3]])
    for number, style in enumerate(scene.styles):
        rows = np.flatnonzero(major & (scene.code[part.rows] == number)).tolist()
        if style.letter and rows:
            _along(part, rows, _letter(canvas, room, faces, text=style.letter, color=style.color))


def _letter(canvas: Any, room: Room, faces: Faces, *, text: str, color: str) -> Write:
    size, face = 6.5, faces["bold"]
    shown = clean(text, limit=4)
    width = canvas.stringWidth(shown, face, size) + 4
    height = size + 2.6

    def _write(x: float, y: float, _angle: float, length: float) -> bool:
        half_w, half_h = width / 2 + 1, height / 2 + 1
        if length < 2 * width or not room.take((x - half_w, y - half_h, x + half_w, y + half_h)):
            return False
        canvas.setDash([])
        canvas.setLineWidth(0.8)
        canvas.setStrokeColor(color)
        canvas.setFillColor(THEME["paper"])
        canvas.roundRect(x - width / 2, y - height / 2, width, height, height / 2, stroke=1, fill=1)
        canvas.setFillColor(text_color(color))
        canvas.setFont(face, size)
        canvas.drawCentredString(x, y - size * 0.36, shown)
        return True

    return _write


def draw_names(canvas: Any, scene: Scene, part: FramePart, *, room: Room, faces: Faces) -> None:
    """Draw road shields and road names along the longest pieces, major roads first."""
    ranks = {str(r["name"]): k for k, r in enumerate(RANKS)}
    written = 0
    for kind in _NAMED_RANKS:
        chosen = np.flatnonzero(scene.rank[part.rows] == ranks[kind])
        for is_shield in (True, False):
            for text, rows in _by_text(scene, part, chosen, is_shield=is_shield):
                if written >= _MOST_NAMES:
                    return
                write = _shield if is_shield else _name
                written += _along(part, rows, write(canvas, room, faces, text=text, kind=kind))


def _by_text(
    scene: Scene, part: FramePart, chosen: npt.NDArray[np.intp], *, is_shield: bool
) -> list[tuple[str, list[int]]]:
    column = scene.refs if is_shield else scene.names
    found: dict[str, list[int]] = {}
    for k in chosen.tolist():
        text = column[int(part.rows[k])]
        if text:
            found.setdefault(text.partition(";")[0] if is_shield else text, []).append(k)
    length = {text: sum(_length(part.lines[k]) for k in rows) for text, rows in found.items()}
    return sorted(found.items(), key=lambda item: (-length[item[0]], item[0]))


def _length(line: Floats) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _along(part: FramePart, rows: Sequence[int], write: Write) -> int:
    """Write a text in the middle of the longest pieces of a road, far enough apart; return how often."""
    merged = shapely.line_merge(shapely.MultiLineString([part.lines[k] for k in rows]))
    pieces = sorted(shapely.get_parts(merged).tolist(), key=lambda p: -p.length)
    done: list[tuple[float, float]] = []
    for piece in pieces[:12]:
        for share in (0.5, 0.3, 0.7, 0.15, 0.85):
            middle = piece.interpolate(share, normalized=True)
            if any(math.hypot(middle.x - x, middle.y - y) < _APART_MM * MM for x, y in done):
                continue
            reach = 8 * MM
            at = share * piece.length
            a, b = piece.interpolate(max(0.0, at - reach)), piece.interpolate(min(piece.length, at + reach))
            angle = math.degrees(math.atan2(b.y - a.y, b.x - a.x))
            angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle  # noqa: PLR2004
            if write(middle.x, middle.y, angle, piece.length):
                done.append((middle.x, middle.y))
    return len(done)


def _shield(canvas: Any, room: Room, faces: Faces, *, text: str, kind: str) -> Write:
    shown = clean(text, limit=7)
    look = "expressway" if kind == "motorway" else shown[:1].upper()
    fill, ink, rim = SHIELDS.get(look, SHIELDS["C"])
    size, face = 6.5, faces["bold"]
    width = canvas.stringWidth(shown, face, size) + 4
    height = size + 2.6

    def _write(x: float, y: float, _angle: float, length: float) -> bool:
        half_w, half_h = width / 2 + 1, height / 2 + 1
        if length < 3 * width or not room.take((x - half_w, y - half_h, x + half_w, y + half_h)):
            return False
        canvas.setDash([])
        canvas.setLineWidth(0.6)
        canvas.setStrokeColor(rim)
        canvas.setFillColor(fill)
        canvas.roundRect(x - width / 2, y - height / 2, width, height, 1.4, stroke=1, fill=1)
        canvas.setFillColor(ink)
        canvas.setFont(face, size)
        canvas.drawCentredString(x, y - size * 0.36, shown)
        return True

    return _write


def _name(canvas: Any, room: Room, faces: Faces, *, text: str, kind: str) -> Write:
    shown = clean(text, limit=16)
    size = 7.5 if kind in {"motorway", "trunk", "primary"} else 6.5
    face = faces["hei"]
    width = canvas.stringWidth(shown, face, size)

    def _write(x: float, y: float, angle: float, length: float) -> bool:
        cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
        half_w = (width * cos + size * sin) / 2 + 1
        half_h = (width * sin + size * cos) / 2 + 1
        if length < 1.15 * width or not room.take((x - half_w, y - half_h, x + half_w, y + half_h)):
            return False
        canvas.saveState()
        canvas.translate(x, y)
        canvas.rotate(angle)
        _paper(canvas, -width / 2 - 1, -size * 0.56, width + 2, size * 1.12)
        canvas.setFillColor(THEME["name"])
        canvas.setFont(face, size)
        canvas.drawCentredString(0, -size * 0.36, shown)
        canvas.restoreState()
        return True

    return _write
