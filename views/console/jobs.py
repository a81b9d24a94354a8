"""One function a command: open, compute, return the JSON document."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from geo.load import LayerReading
from plan.decisions import Decision
from plan.model import EVERY_STATION, Plan
from plan.planfile import save_plan
from plan.results import findings_json, leaks_json, load_json, split_json
from plan.source import open_source

if TYPE_CHECKING:
    from datetime import date


Tell = Callable[[str], None]


def open_for(source: str, convention: str | None = None, *, reading: LayerReading | None = None, tell: Tell) -> Plan:
    """Open a source and choose a convention for it if one is given."""
    tell(f"读取 {Path(source).name} … / reading")
    plan = open_source(source, reading=reading)
    return choose(plan, convention) if convention else plan


def choose(plan: Plan, convention: str) -> Plan:
    """Return the plan with a convention chosen for every station; refuses an unknown one."""
    from jurisdiction.rules import seam_rules

    seam_rules().convention(convention)
    if plan.convention == convention:
        return plan
    return plan.decide(Decision("choose_convention", EVERY_STATION, {"convention": convention}))


def load(source: str, out: Path | None, *, reading: LayerReading | None = None, tell: Tell) -> dict[str, Any]:
    """Read a source; save it as a plan when asked."""
    refuse_suffix(out)
    plan = open_for(source, reading=reading, tell=tell)
    if out is not None:
        save_as(out, plan, tell)
    return load_json(plan.network)


def split(source: str, convention: str | None, out: Path | None, *, tell: Tell) -> dict[str, Any]:
    """Split a source; save the plan when asked."""
    refuse_suffix(out)
    plan = open_for(source, convention, tell=tell)
    tell("划分管辖 … / splitting")
    document = split_json(plan)
    if out is not None:
        save_as(out, plan, tell)
    return document


def parse_place(text: str) -> tuple[float, float]:
    """Read ``LON,LAT`` in WGS-84 degrees.

    Raises
    ------
    InputError
        Not two numbers, or out of range (latitude and longitude swapped, for instance).
    """
    parts = text.replace("，", ",").split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        msg = f"坐标“{text[:40]}”不是“经度,纬度”，例如 114.21,22.69。 / not LON,LAT, for example 114.21,22.69."
        raise InputError(msg) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004
        msg = f"坐标“{text[:40]}”超出范围，请先写经度再写纬度。 / out of range: longitude first, then latitude."
        raise InputError(msg)
    return lon, lat


def export(source: str, to: list[Path], *, convention: str | None, tell: Tell) -> dict[str, Any]:
    """Write a plan as an offline map, GeoPackage or GeoJSON, by the suffix of each file."""
    from views.console.exports import WRITERS

    for path in to:
        if path.suffix.lower() not in WRITERS:
            msg = f"{path.name}: 只能导出 {'、'.join(WRITERS)}，请换后缀。 / export to {', '.join(WRITERS)}."
            raise InputError(msg)
    plan = open_for(source, convention, tell=tell)
    written = []
    for path in to:
        WRITERS[path.suffix.lower()](path, plan)
        tell(f"已写入 {path.name} / written")
        written.append({"file": path.name, "bytes": path.stat().st_size})
    return {"written": written}


def check(source: str, *, today: date | None = None, tell: Tell) -> dict[str, Any]:
    """List what is not in order; the age of the map is counted from ``today``, and not judged without."""
    from plan.doctor import edit_days, examine_plan

    plan = open_for(source, tell=tell)
    derived = plan.derived
    tell("体检 … / examining")
    edited = edit_days(source, plan.network) if today is not None else None
    findings = findings_json(examine_plan(plan, today=today, edited=edited))
    return {
        "in_order": all(finding["severity"] == "note" for finding in findings),
        "findings": findings,
        "leaks": leaks_json(derived),
        "ledger": {"total_m": derived.ledger.total_mm / 1000} | _owner_metres(derived.ledger.of("owner")),
    }


def _owner_metres(owners: dict[str, int]) -> dict[str, float]:
    return {f"{name}_m": mm / 1000 for name, mm in owners.items()}


def run_demo(out: Path, *, seed: int, tell: Tell) -> dict[str, Any]:
    """Run the whole line on the demo district and write plan, map and report."""
    from geo.travel import build_travel_graph
    from patrol.planner import plan_work
    from patrol.solver import Search
    from plan.demo import demo_tables
    from views.console.coverjobs import describe_cover
    from views.console.exports import write_map

    plan = open_for("demo", tell=tell)
    tell("划分管辖 … / splitting")
    document: dict[str, Any] = {"load": load_json(plan.network), "split": split_json(plan)}
    tables = demo_tables()
    graph = build_travel_graph(plan.derived.network)
    tell("联合覆盖 … / joint coverage")
    document["cover"] = describe_cover(graph, tables.units, plan, limit_s=900.0)
    tell("巡查线路 … / inspection routes")
    day = plan_work(
        graph,
        tables.units,
        tables.targets,
        shift_h=8.0,
        owner_of_segment=plan.derived.holder,
        search=Search(iterations=1_000, seed=seed),
    )
    document["route"] = day.to_json()
    out.mkdir(parents=True, exist_ok=True)
    save_plan(out / "plan.gpkg", plan)
    write_map(out / "map.html", plan)
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    (out / "report.json").write_text(text, encoding="utf-8")
    tell(f"已写入 {out.name}/plan.gpkg、map.html、report.json / written")
    return {"summary": _summary(document), "written": ["plan.gpkg", "map.html", "report.json"]}


def _summary(document: dict[str, Any]) -> dict[str, Any]:
    split_doc, cover_doc, route_doc = document["split"], document["cover"], document["route"]
    return {
        "network": split_doc["network"],
        "length_m": split_doc["length_m"],
        "agency_length_m": split_doc["agency_length_m"],
        "stations": len(split_doc["stations"]),
        "seams": len(split_doc["seams"]),
        "leaks": len(split_doc["leaks"]),
        "findings": len(split_doc["findings"]),
        "coverage_m": cover_doc["length_m"],
        "response_s": cover_doc["response_s"],
        "routes": len(route_doc["routes"]),
        "stops": sum(len(r["stops"]) for r in route_doc["routes"]),
        "left_out": len(route_doc["left_out"]),
    }


def refuse_suffix(out: Path | None) -> None:
    """Refuse a name no plan has, before any work is done for it."""
    if out is not None and out.suffix.lower() != ".gpkg":
        msg = f"{out.name}: 方案文件以 .gpkg 结尾，请改名。 / a plan ends in .gpkg: rename it."
        raise InputError(msg)


def save_as(out: Path, plan: Plan, tell: Tell) -> None:
    """Save a plan and say so."""
    save_plan(out, plan)
    tell(f"已保存 {out.name} / saved")
