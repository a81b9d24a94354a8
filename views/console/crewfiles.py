"""Files for crews: one GPX and one sheet each; the id of a crew cannot lead out of the folder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import InputError
from views.console.cells import safe_cell

if TYPE_CHECKING:
    from geo.travel import TravelGraph
    from patrol.day import DayPlan, Route
    from patrol.sheets import CrewSheet

RECORD_HEADS = {
    "task": "任务",
    "start_s": "开始时间",
    "end_s": "结束时间",
    "category": "类别",
    "type": "巡查类型",
    "weather": "天气",
    "road_number": "道路编号",
    "road_name": "道路名称",
    "direction": "行驶方向",
    "from_stake": "起点桩号",
    "to_stake": "终点桩号",
    "length_m": "巡查里程（米）",
    "abnormal": "异常情况",
    "disposal": "处置情况",
    "officers": "巡查人员",
    "plate": "车牌",
}
"""Fields of a 巡查记录 and their heads, in the order of the paper."""


def write_gpx_files(graph: TravelGraph, day: DayPlan, folder: Path) -> list[str]:
    """Write one GPX file a crew (route and track, in order) and return their names.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    from patrol.gpx import write_gpx

    return _write_each(day.routes, folder, "gpx", lambda _, route: write_gpx(graph, day, route))


def write_sheet_files(sheets: Sequence[CrewSheet], day: DayPlan, folder: Path) -> list[str]:
    """Write for each crew its sheet (JSON) and its patrol records (CSV, to be filled in), and return their names.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """

    def sheet(number: int, _route: Route) -> bytes:
        text = json.dumps(sheets[number].to_json(), ensure_ascii=False, allow_nan=False, indent=1)
        return text.encode("utf-8", "backslashreplace")

    def records(number: int, _route: Route) -> bytes:
        return record_table(sheets[number]).encode("utf-8-sig", "backslashreplace")

    return [*_write_each(day.routes, folder, "csv", records), *_write_each(day.routes, folder, "json", sheet)]


def file_name(number: int, route: Route, suffix: str) -> str:
    """Return a file name for a crew that no system takes for a path or a device.

    Parameters
    ----------
    number
        Number of the route, from 1: names stay apart whatever the crews are called.
    route
        The route.
    suffix
        Without the dot.
    """
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in route.unit)[:40]
    return f"{number:02}-{safe}-{route.car}.{suffix}"


def _write_each(routes: Sequence[Route], folder: Path, suffix: str, make: Callable[[int, Route], bytes]) -> list[str]:
    from views.map.store import write_bytes_atomic

    names = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, route in enumerate(routes):
            name = file_name(number + 1, route, suffix)
            write_bytes_atomic(folder / name, make(number, route))
            names.append(name)
    except OSError as error:
        raise InputError(
            f"{folder.name} 无法写入，请换一个文件夹。"
            f" / {folder.name} cannot be written ({error.strerror}); choose another folder"
        ) from error
    return names


def record_table(sheet: CrewSheet) -> str:
    """Return the patrol records of a crew as a CSV table with empty fields for the crew to fill in."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(list(RECORD_HEADS.values()))
    for record in sheet.records:
        cells = record.to_json()
        cells |= {key: _clock(float(str(cells[key]))) for key in ("start_s", "end_s")}
        writer.writerow([safe_cell(cells[key]) for key in RECORD_HEADS])
    return buffer.getvalue()


def _clock(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
