"""What stands around the map of a sheet: title, legend, scale bar, north, sources, default footer, page n of m."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from views.map.palette import THEME, LineStyle
from views.papers.facts import Facts
from views.papers.mapframe import MM, MapFrame, stroke
from views.papers.maplabels import _diamond
from views.papers.mapscene import Scene
from views.papers.pdffonts import Faces
from views.papers.text import ATTRIBUTION_TEXT, FOOTER_TEXT, clean, date_zh

PAPERS_MM = {"A3": (420.0, 297.0), "A4": (297.0, 210.0)}
"""Sheets lie across."""
EDGE_MM, HEAD_MM, FOOT_MM = 10.0, 15.0, 9.0
PANEL_MM = {"A3": 74.0, "A4": 58.0}
SCALES = (
    1_000, 2_000, 2_500, 5_000, 10_000, 15_000, 20_000, 25_000, 50_000, 75_000, 100_000, 150_000, 200_000, 250_000,
    300_000, 400_000, 500_000, 750_000, 1_000_000, 2_000_000, 5_000_000,
)  # fmt: skip


_STEPS = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1e9)
_STEP_MM = 38.0


@dataclass(frozen=True)
class Sheet:
    """One page of an atlas.

    Attributes
    ----------
    paper
        ``A3`` or ``A4``.
    title, name
        What the atlas is called, and this sheet.
    frames
        Its map frames: one, or several strips.
    number, total
        Page n of m.
    index
        Rectangles (least x, least y, greatest x, greatest y, metres) with numbers: the sheets of the atlas.
    here
        The number of this sheet in the index, 0 for none.
    """

    paper: str
    title: str
    name: str
    frames: tuple[MapFrame, ...]
    number: int
    total: int
    index: tuple[tuple[float, float, float, float, int], ...] = ()
    here: int = 0


def frame_size(paper: str) -> tuple[float, float]:
    """Return width and height in millimetres of the room for the map."""
    width, height = PAPERS_MM[paper]
    return width - 2 * EDGE_MM - PANEL_MM[paper] - 4, height - 2 * EDGE_MM - HEAD_MM - FOOT_MM


def nice_scale(wanted: float) -> float:
    """Return the next round scale that shows at least as much.

    Examples
    --------
    >>> nice_scale(31_000.0)
    50000
    """
    return next((scale for scale in SCALES if scale >= wanted), float(math.ceil(wanted / 1e6) * 1e6))


def draw_surround(canvas: Any, scene: Scene, sheet: Sheet, *, faces: Faces, facts: Facts) -> None:
    """Draw everything around the map of a sheet."""
    width, height = PAPERS_MM[sheet.paper]
    size = 17.0 if sheet.paper == "A3" else 13.0
    canvas.setFillColor(THEME["ink"])
    canvas.setFont(faces["bold"], size)
    canvas.drawString(EDGE_MM * MM, (height - EDGE_MM - 8) * MM, clean(sheet.title, limit=40))
    canvas.setFont(faces["hei"], size * 0.62)
    right = (width - EDGE_MM) * MM
    canvas.drawRightString(right, (height - EDGE_MM - 8) * MM, clean(sheet.name, limit=40))
    _foot(canvas, sheet, faces)
    for frame in sheet.frames:
        _neat_line(canvas, frame)
        if len(sheet.frames) == 1 and not frame.turn:
            _grid(canvas, frame, faces)
        else:
            right, top = frame.left_mm + frame.width_mm - 5, frame.bottom_mm + frame.height_mm - 11
            draw_north(canvas, right * MM, top * MM, turn=frame.turn, faces=faces)
    _panel(canvas, scene, sheet, faces=faces, facts=facts)


def _foot(canvas: Any, sheet: Sheet, faces: Faces) -> None:
    width, _ = PAPERS_MM[sheet.paper]
    low = (EDGE_MM + 0.5) * MM
    canvas.setFillColor(THEME["ink"])
    canvas.setFont(faces["hei"], 8)
    canvas.drawString(EDGE_MM * MM, low, FOOTER_TEXT)
    canvas.drawCentredString(width / 2 * MM, low, ATTRIBUTION_TEXT)
    canvas.drawRightString((width - EDGE_MM) * MM, low, f"第 {sheet.number} 页 共 {sheet.total} 页")


def _neat_line(canvas: Any, frame: MapFrame) -> None:
    canvas.setDash([])
    canvas.setStrokeColor(THEME["ink"])
    canvas.setLineWidth(0.8)
    canvas.rect(frame.left_mm * MM, frame.bottom_mm * MM, frame.width_mm * MM, frame.height_mm * MM, stroke=1, fill=0)


def _grid(canvas: Any, frame: MapFrame, faces: Faces) -> None:
    """Draw the ticks of the metre grid on the frame's edge, with whole kilometres."""
    step = next(s for s in _STEPS if s * 1000 / frame.scale >= _STEP_MM)
    x0, y0, x1, y1 = frame.reach
    canvas.setStrokeColor(THEME["ink"])
    canvas.setFillColor(THEME["quiet"])
    canvas.setLineWidth(0.5)
    canvas.setFont(faces["hei"], 5.5)
    low, high = frame.bottom_mm * MM, (frame.bottom_mm + frame.height_mm) * MM
    left, right = frame.left_mm * MM, (frame.left_mm + frame.width_mm) * MM
    for east in np.arange(math.ceil(x0 / step) * step, x1, step).tolist():
        x = float(frame.to_page(np.array([[east, frame.y]]))[0, 0])
        canvas.line(x, low, x, low - 1.2 * MM)
        canvas.line(x, high, x, high + 1.2 * MM)
        canvas.drawCentredString(x, high + 1.7 * MM, f"{east / 1000:g}")
    for north in np.arange(math.ceil(y0 / step) * step, y1, step).tolist():
        y = float(frame.to_page(np.array([[frame.x, north]]))[0, 1])
        canvas.line(left, y, left - 1.2 * MM, y)
        canvas.line(right, y, right + 1.2 * MM, y)
        canvas.saveState()
        canvas.translate(left - 1.9 * MM, y)
        canvas.rotate(90)
        canvas.drawCentredString(0, 0, f"{north / 1000:g}")
        canvas.restoreState()


def _panel(canvas: Any, scene: Scene, sheet: Sheet, *, faces: Faces, facts: Facts) -> None:
    width, height = PAPERS_MM[sheet.paper]
    left = width - EDGE_MM - PANEL_MM[sheet.paper]
    small = sheet.paper == "A4"
    pen = _Pen(canvas, faces, left * MM, (height - EDGE_MM - HEAD_MM) * MM, PANEL_MM[sheet.paper] * MM, small=small)
    pen.head("图例")
    for style, length in zip(scene.styles, scene.length_mm.tolist(), strict=True):
        if length or style.letter:
            pen.line(style, clean(style.label.zh, limit=30), f"{length / 1e6:,.1f} km")
    pen.symbol("booth", "界点（收费站），数字为附件序号")
    pen.symbol("other", "界点（无站）")
    if scene.ticks:
        pen.tick("公里桩")
    pen.gap(2)
    scale = sheet.frames[0].scale
    pen.head(f"比例尺 1:{scale:,.0f}")
    pen.scale_bar(scale)
    if len(sheet.frames) == 1 and not sheet.frames[0].turn:
        pen.north()
    pen.gap(2)
    if sheet.index:
        pen.head("图幅接合表" if sheet.here else "分幅")
        pen.index(sheet.index, sheet.here, room_mm=(44 if small else 62) * MM)
    pen.head("出处")
    for text in (
        f"{clean(facts.title, limit=28)} v{facts.version}（{date_zh(facts.day)}）",
        f"协议校验码 {facts.head[:12] if facts.is_signed else '未签'}",
        f"路网指纹 {facts.network[:12]}",
        f"地图 {clean(facts.source, limit=36)}，最新编辑 {facts.newest_edit or '不详'}",
        *scene.crs.split("，"),
        "图廓注记为公里；归属按方案计算，界点以签署的协议为准",
    ):
        pen.text(text)


class _Pen:
    """Writes down the panel beside a map, from the top."""

    def __init__(self, canvas: Any, faces: Faces, left: float, top: float, width: float, *, small: bool) -> None:
        self.canvas, self.faces = canvas, faces
        self.left, self.y, self.width = left, top, width
        self.size = 7.0 if small else 8.5

    def gap(self, mm: float) -> None:
        """Leave room."""
        self.y -= mm * MM

    def head(self, text: str) -> None:
        """Write a heading over a thin line."""
        self.y -= self.size * 1.5
        self.canvas.setFillColor(THEME["ink"])
        self.canvas.setFont(self.faces["bold"], self.size + 1.5)
        self.canvas.drawString(self.left, self.y, text)
        self.canvas.setDash([])
        self.canvas.setStrokeColor(THEME["line"])
        self.canvas.setLineWidth(0.6)
        self.canvas.line(self.left, self.y - 3, self.left + self.width, self.y - 3)
        self.y -= 5

    def _down(self) -> float:
        self.y -= self.size * 1.62
        self.canvas.setFillColor(THEME["ink"])
        self.canvas.setFont(self.faces["hei"], self.size)
        return self.y

    def line(self, style: LineStyle, label: str, amount: str) -> None:
        """Write one owner: its line with its letter, name, length."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        y, size = self._down(), self.size
        x0, x1 = self.left, self.left + 11 * MM
        points = [np.array([[x0 + 2, y + size * 0.33], [x1 - 2, y + size * 0.33]])]
        dash = [] if style.second else [max(0.3, d * 0.9) for d in style.dash]
        stroke(self.canvas, points, color=style.color, width=1.1, dash=dash, cap=0)
        if style.second:
            stroke(self.canvas, points, color=style.second, width=1.1, dash=[2.2, 2.2], cap=0)
        if style.core:
            core = [1.6, 1.2] if style.core == "dash" else []
            stroke(self.canvas, points, color=THEME["paper"], width=0.32, dash=core, cap=0)
        self.canvas.setFont(self.faces["hei"], size)
        letter = f"{style.letter} " if style.letter else ""
        room = self.width - 12 * MM - stringWidth(amount, self.faces["hei"], size) - 4
        lines = fold(letter + label, self.faces["hei"], size, width=room)
        self.canvas.drawString(x1 + 2, y, lines[0])
        self.canvas.drawRightString(self.left + self.width, y, amount)
        for more in lines[1:]:
            self.y -= size * 1.25
            self.canvas.drawString(x1 + 2, self.y, more)

    def symbol(self, kind: str, label: str) -> None:
        """Write the symbol of a seam."""
        y = self._down()
        _diamond(self.canvas, self.left + 5.5 * MM, y + self.size * 0.33, is_booth=kind == "booth")
        self.canvas.setFillColor(THEME["ink"])
        self.canvas.drawString(self.left + 11 * MM + 2, y, label)

    def tick(self, label: str) -> None:
        """Write the symbol of a stake."""
        y = self._down()
        self.canvas.setStrokeColor(THEME["ink"])
        self.canvas.setLineWidth(0.9)
        x = self.left + 5.5 * MM
        self.canvas.line(x, y - 1, x, y + self.size * 0.8)
        self.canvas.drawString(self.left + 11 * MM + 2, y, label)

    def scale_bar(self, scale: float) -> None:
        """Draw a bar of four parts whose length on land is round."""
        most = self.width - 16 * MM
        units = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000)
        part = max([u for u in units if 4 * u * 1000 / scale * MM <= most] or [units[0]])
        step = part * 1000 / scale * MM
        self.y -= 6 * MM
        x = self.left + 3
        self.canvas.setDash([])
        self.canvas.setLineWidth(0.6)
        self.canvas.setStrokeColor(THEME["ink"])
        for k in range(4):
            self.canvas.setFillColor(THEME["ink"] if k % 2 == 0 else THEME["paper"])
            self.canvas.rect(x + k * step, self.y, step, 1.6 * MM, stroke=1, fill=1)
        self.canvas.setFillColor(THEME["ink"])
        self.canvas.setFont(self.faces["hei"], self.size - 1)
        in_km = part >= 250  # noqa: PLR2004 - a quarter of a kilometre
        for k in (0, 2, 4):
            shown = f"{k * part / 1000:g}" if in_km else f"{k * part:g}"
            end = (" km" if in_km else " m") if k == 4 else ""  # noqa: PLR2004 - the last mark
            self.canvas.drawCentredString(x + k * step, self.y + 2.4 * MM, shown + end)
        self.y -= 2 * MM

    def north(self) -> None:
        """Draw an arrow to grid north at the right edge, beside the scale bar."""
        draw_north(self.canvas, self.left + self.width - 4 * MM, self.y + 0.6 * MM, turn=0.0, faces=self.faces)

    def index(self, cells: Sequence[tuple[float, float, float, float, int]], here: int, *, room_mm: float) -> None:
        """Draw where the sheets lie, this one filled."""
        x0, y0 = min(c[0] for c in cells), min(c[1] for c in cells)
        x1, y1 = max(c[2] for c in cells), max(c[3] for c in cells)
        factor = min(self.width / (x1 - x0), room_mm / (y1 - y0))
        top = self.y - 4
        self.canvas.setLineWidth(0.5)
        size = max(4.0, min(8.0, (cells[0][2] - cells[0][0]) * factor * 0.4))
        for a, b, c, d, number in cells:
            x, y = self.left + (a - x0) * factor, top - (y1 - b) * factor
            self.canvas.setStrokeColor(THEME["quiet"])
            self.canvas.setFillColor(THEME["accent"] if number == here else THEME["paper"])
            self.canvas.rect(x, y, (c - a) * factor, (d - b) * factor, stroke=1, fill=1)
            self.canvas.setFillColor(THEME["paper"] if number == here else THEME["ink"])
            self.canvas.setFont(self.faces["hei"], size)
            self.canvas.drawCentredString(x + (c - a) * factor / 2, y + (d - b) * factor / 2 - size * 0.35, str(number))
        self.y = top - (y1 - y0) * factor - 4

    def text(self, text: str) -> None:
        """Write a text, folded to the width of the panel."""
        for line in fold(text, self.faces["hei"], self.size - 1, width=self.width):
            self.y -= (self.size - 1) * 1.4
            self.canvas.setFillColor(THEME["name"])
            self.canvas.setFont(self.faces["hei"], self.size - 1)
            self.canvas.drawString(self.left, self.y, line)


def draw_north(canvas: Any, x: float, y: float, *, turn: float, faces: Faces) -> None:
    """Draw an arrow to grid north: ``turn`` radians against the clock from up."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setFillColor(THEME["paper"])
    canvas.circle(0, 2.6 * MM, 5.2 * MM, stroke=0, fill=1)
    canvas.translate(0, 2.6 * MM)
    canvas.rotate(math.degrees(turn))
    canvas.translate(0, -2.6 * MM)
    canvas.setFillColor(THEME["ink"])
    path = canvas.beginPath()
    path.moveTo(0, 4.6 * MM)
    for dx, dy in ((1.6, -3.6), (0, -2.2), (-1.6, -3.6)):
        path.lineTo(dx * MM, dy * MM)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.setFont(faces["bold"], 7)
    canvas.drawCentredString(0, 5.2 * MM, "北")
    canvas.restoreState()


def fold(text: str, face: str, size: float, *, width: float) -> list[str]:
    """Return a text in lines no wider than a width (points); Chinese breaks anywhere, Latin words stay whole."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    lines, line = [], ""
    for word in split_words(text):
        if line and stringWidth(line + word.rstrip(), face, size) > width:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()]


_CLOSING = frozenset("，。、；：！？）》〉”’…·")


def split_words(text: str) -> list[str]:
    """Return the parts of a text at which a line may break.

    Examples
    --------
    >>> split_words("路网 EPSG:4549 图")
    ['路', '网 ', 'EPSG:4549 ', '图']
    """
    parts: list[str] = []
    for letter in text:
        is_word = letter.isascii() and not letter.isspace()
        if parts and (
            letter in _CLOSING or letter.isspace() or (is_word and parts[-1].isascii() and not parts[-1][-1].isspace())
        ):
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts
