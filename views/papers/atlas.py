"""图集: map sheets at one scale with an automatic index, as vector PDF on A3 or A4."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geo.errors import InputError
from plan.model import Plan
from views.papers.facts import Facts, facts_of
from views.papers.mapframe import MM, MapFrame, cut_scene, draw_roads, zoom_of
from views.papers.maplabels import Room, draw_letters, draw_marks, draw_names
from views.papers.mapscene import Scene, make_scene
from views.papers.pdffonts import Faces, open_faces
from views.papers.sheetpage import EDGE_MM, FOOT_MM, PAPERS_MM, Sheet, draw_surround, frame_size, nice_scale
from views.papers.text import ATTRIBUTION_TEXT, FOOTER_TEXT, clean

MOST_SHEETS = 200
_OVERLAP_MM = 8.0
_USUAL = 50_000.0
_EXTRA = (
    "图例界点（收费站），数字为附件序号无公里桩比例尺图幅接合表分出处方案与版本协议校验码未签路网指纹地图最新编辑不详"
    "归属按计算界以签署的为准；廓注记北总览幅起止段第页共年月日" + FOOTER_TEXT + ATTRIBUTION_TEXT
)

Progress = Callable[[int, int], None]


def atlas_pdf(plan: Plan, *, scale: float | None = None, paper: str = "A3", progress: Progress | None = None) -> bytes:
    """Return the map sheets of a plan as a vector PDF.

    Parameters
    ----------
    plan
        The plan.
    scale
        1:N. Without one a single sheet shows everything at the largest round scale; with one an index sheet comes
        first and then every sheet that holds a road.
    paper
        ``A3`` or ``A4``.
    progress
        Told sheets done and sheets in all.

    Raises
    ------
    InputError
        The paper or the scale is none, or the scale needs more than 200 sheets.
    """
    check_paper(paper, scale)
    scene, facts = make_scene(plan), facts_of(plan)
    sheets = lay_sheets(scene, title=f"{clean(plan.title or '本区', limit=24)}执法管辖图", scale=scale, paper=paper)
    return draw_sheets(scene, sheets, facts=facts, progress=progress)


def usual_scale(plan: Plan, paper: str) -> float:
    """Return the scale of an atlas nobody chose one for: 1:50,000, or smaller where that takes too many sheets."""
    scene = make_scene(plan)
    x0, y0, x1, y1 = scene.bounds
    width, height = frame_size(paper)
    sheets = (x1 - x0) * (y1 - y0) / (width * height * (_USUAL / 1000) ** 2)
    return _USUAL if sheets <= MOST_SHEETS / 4 else nice_scale(_USUAL * math.sqrt(sheets / (MOST_SHEETS / 4)))


def check_paper(paper: str, scale: float | None) -> None:
    """Refuse a paper or a scale that is none.

    Raises
    ------
    InputError
        It is none.
    """
    if paper not in PAPERS_MM:
        msg = f"纸张“{paper[:10]}”应为 A3 或 A4。 / paper is A3 or A4."
        raise InputError(msg)
    if scale is not None and not (500 <= scale <= 10_000_000):  # noqa: PLR2004 - what a road map can be
        msg = f"比例尺 1:{scale:g} 应在 1:500 至 1:10000000 之间。 / the scale lies between 1:500 and 1:10,000,000."
        raise InputError(msg)


def lay_sheets(scene: Scene, *, title: str, scale: float | None, paper: str) -> tuple[Sheet, ...]:
    """Return the sheets: one that shows everything, or an index and the sheets of a scale.

    Raises
    ------
    InputError
        The scale needs more than 200 sheets.
    """
    whole = fit_frame(scene.bounds, paper)
    if scale is None or whole.scale <= scale:
        frame = whole if scale is None else _at_scale(whole, scale)
        return (Sheet(paper, title, f"1:{frame.scale:,.0f}", (frame,), 1, 1),)
    cells = _cells(scene, whole, scale)
    if len(cells) > MOST_SHEETS:
        better = nice_scale(scale * math.sqrt(len(cells) / MOST_SHEETS))
        msg = (
            f"1:{scale:g} 需要 {len(cells)} 幅图，超过 {MOST_SHEETS} 幅；请改用 1:{better:g} 或更小的比例尺。"
            f" / this scale needs {len(cells)} sheets, more than {MOST_SHEETS}: use 1:{better:g}."
        )
        raise InputError(msg)
    index = tuple((*frame.reach, k) for k, frame in enumerate(cells, start=1))
    total = len(cells) + 1
    sheets = [Sheet(paper, title, f"总览与分幅 1:{whole.scale:,.0f}", (whole,), 1, total, index)]
    sheets += [
        Sheet(paper, title, f"图幅 {k}　1:{scale:,.0f}", (frame,), k + 1, total, index, k)
        for k, frame in enumerate(cells, start=1)
    ]
    return tuple(sheets)


def fit_frame(bounds: tuple[float, float, float, float], paper: str) -> MapFrame:
    """Return the frame that shows bounds (metres) at the largest round scale."""
    x0, y0, x1, y1 = bounds
    width, height = frame_size(paper)
    need = 1.03 * 1000 * max((x1 - x0) / width, (y1 - y0) / height, 1.0)
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    return MapFrame(EDGE_MM + 2, EDGE_MM + FOOT_MM, width - 2, height - 2, *middle, nice_scale(need))


def _at_scale(frame: MapFrame, scale: float) -> MapFrame:
    return MapFrame(frame.left_mm, frame.bottom_mm, frame.width_mm, frame.height_mm, frame.x, frame.y, scale)


def _cells(scene: Scene, whole: MapFrame, scale: float) -> list[MapFrame]:
    """Return the frames of a grid that hold a road, from the north-west."""
    x0, y0, x1, y1 = scene.bounds
    wide = (whole.width_mm - _OVERLAP_MM) * scale / 1000
    high = (whole.height_mm - _OVERLAP_MM) * scale / 1000
    across, down = max(1, math.ceil((x1 - x0) / wide)), max(1, math.ceil((y1 - y0) / high))
    if across * down > 50 * MOST_SHEETS:
        return [_at_scale(whole, scale)] * (across * down)
    left, top = (x0 + x1) / 2 - across * wide / 2, (y0 + y1) / 2 + down * high / 2
    found = []
    for row in range(down):
        for column in range(across):
            x, y = left + (column + 0.5) * wide, top - (row + 0.5) * high
            frame = MapFrame(whole.left_mm, whole.bottom_mm, whole.width_mm, whole.height_mm, x, y, scale)
            a, b, c, d = x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
            box = scene.boxes
            if ((box[:, 0] <= c) & (box[:, 2] >= a) & (box[:, 1] <= d) & (box[:, 3] >= b)).any():
                found.append(frame)
    return found


def draw_sheets(scene: Scene, sheets: Sequence[Sheet], *, facts: Facts, progress: Progress | None = None) -> bytes:
    """Return the sheets as a PDF: text as text, lines as vectors, the same bytes for the same plan."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    letters = "".join(
        [
            _EXTRA,
            facts.title,
            facts.source,
            scene.crs,
            *(f"{s.title}{s.name}" for s in sheets),
            *(f"{s.label.zh}{s.letter}" for s in scene.styles),
            *scene.names.pool,
            *scene.refs.pool,
            *(m.text + m.kind for m in (*scene.stations, *scene.ticks)),
        ]
    )
    with open_faces(letters, ("hei", "bold")) as faces:
        canvas = Canvas(out, invariant=1, pageCompression=1, initialFontName=faces["hei"])
        canvas.setTitle(clean(sheets[0].title, limit=120))
        canvas.setAuthor("Roadseam")
        canvas.setCreator("Roadseam")
        for done, sheet in enumerate(sheets):
            if progress is not None:
                progress(done, len(sheets))
            _draw_sheet(canvas, scene, sheet, faces=faces, facts=facts)
        canvas.save()
        if progress is not None:
            progress(len(sheets), len(sheets))
    return out.getvalue()


def _draw_sheet(canvas: Any, scene: Scene, sheet: Sheet, *, faces: Faces, facts: Facts) -> None:
    width, height = PAPERS_MM[sheet.paper]
    canvas.setPageSize((width * MM, height * MM))
    for frame in sheet.frames:
        draw_frame(canvas, scene, frame, faces=faces)
        if sheet.index and not sheet.here:
            _draw_index(canvas, sheet, frame, faces)
    draw_surround(canvas, scene, sheet, faces=faces, facts=facts)
    canvas.showPage()


def draw_frame(canvas: Any, scene: Scene, frame: MapFrame, *, faces: Faces) -> None:
    """Draw the map of one frame, clipped to it."""
    _, lat = scene.to_degrees(frame.x, frame.y)
    zoom = zoom_of(frame.scale, lat)
    part = cut_scene(scene, frame, zoom)
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(frame.left_mm * MM, frame.bottom_mm * MM, frame.width_mm * MM, frame.height_mm * MM)
    canvas.clipPath(path, stroke=0, fill=0)
    draw_roads(canvas, scene, part, zoom=zoom)
    room = Room(frame)
    draw_marks(canvas, scene, room, faces=faces)
    draw_letters(canvas, scene, part, room=room, faces=faces)
    draw_names(canvas, scene, part, room=room, faces=faces)
    canvas.restoreState()


def _draw_index(canvas: Any, sheet: Sheet, frame: MapFrame, faces: Faces) -> None:
    """Draw the outlines of the sheets with their numbers over the whole map."""
    canvas.setDash([])
    canvas.setLineWidth(0.7)
    canvas.setStrokeColor("#A4262C")
    canvas.setFillColor("#A4262C")
    size = 16 if len(sheet.index) <= 60 else 9  # noqa: PLR2004
    canvas.setFont(faces["bold"], size)
    for x0, y0, x1, y1, number in sheet.index:
        (ax, ay), (bx, by) = frame.to_page(np.array([[x0, y0], [x1, y1]])).tolist()
        inset = _OVERLAP_MM / 2 * (bx - ax) / frame_size(sheet.paper)[0]
        canvas.rect(ax + inset, ay + inset, bx - ax - 2 * inset, by - ay - 2 * inset, stroke=1, fill=0)
        canvas.drawString(ax + inset + 4, by - inset - size, str(number))
