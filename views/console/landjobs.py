"""Jobs of the land: each opens a source, computes and returns the JSON document; places are WGS-84 degrees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.datum import Datum
from geo.errors import InputError
from geo.findings import sort_findings
from geo.load import LayerReading
from plan.results import findings_json, network_json
from views.console.jobs import Tell, open_for, refuse_suffix, save_as

if TYPE_CHECKING:
    from geo.carriageway import Calibration
    from geo.stationmatch import StationMatch
    from geo.stationtable import StationTable
    from plan.model import Plan

CRS = "EPSG:4326"
"""What coordinates in every document are given in."""


@dataclass(frozen=True, slots=True)
class StationQuestion:
    """What is asked of stations: the agency's table and its datum, stakes to check it, corrections and their author."""

    table: Path | None = None
    datum: Datum = Datum.WGS84
    stakes: Path | None = None
    fixes: Path | None = None
    who: str = ""
    when: str = ""


def stations(source: str, question: StationQuestion, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """List the stations of a source, match an agency's table with them, import corrections."""
    from plan.stationfixes import list_stations, read_corrections

    refuse_suffix(out)
    plan = open_for(source, tell=tell)
    made = []
    if question.fixes is not None:
        made = read_corrections(question.fixes, plan.stations, who=question.who, when=question.when)
        for decision in made:
            plan = plan.decide(decision)
    land = plan.land
    about = [f for f in land.findings if "station" in f.code or f.code in {"missing_booth", "booth_off_road"}]
    document: dict[str, Any] = {
        "crs": CRS,
        "stations": list_stations(land, plan.decisions),
        "counts": dict(sorted(Counter(str(s.kind) for s in land.stations).items())),
        "corrections": [{"station": d.key, "value": dict(d.value), "who": d.who, "when": d.when} for d in made],
        "table": None,
    }
    if question.table is not None:
        tell("核对收费站表 … / matching the table")
        table, match = match_table(plan, question)
        document["table"] = _table_json(table, match)
        about += match.findings
    document["findings"] = findings_json(sort_findings(about))
    if out is not None:
        save_as(out, plan, tell)
    return document


def read_day(text: str) -> date:
    """Read an ISO date.

    Raises
    ------
    InputError
        The text is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        msg = f"“{text[:20]}”不是 2026-11-25 这样的日期，请改正。 / this is no date: write it like 2026-11-25."
        raise InputError(msg) from None


def match_table(plan: Plan, question: StationQuestion) -> tuple[StationTable, StationMatch]:
    """Match an agency's table with the stations of a plan; a table in another datum is doubted, not converted."""
    from dataclasses import replace

    from geo.stationmatch import match_stations
    from geo.stationtable import read_station_table
    from geo.suspicion import suspect_by_places

    if question.table is None:
        raise TypeError
    table = read_station_table(question.table, datum=question.datum)
    places = [row.place for row in table.rows if row.place is not None]
    known = [(s.lon, s.lat) for s in plan.stations]
    if places and known:
        lon, lat = zip(*places, strict=True)
        doubt = suspect_by_places(lon, lat, places=known).to_finding() if question.datum is Datum.WGS84 else None
        if doubt is not None:
            table = replace(table, findings=(*table.findings, doubt))
    return table, match_stations(table, plan.land, calibration=_calibration(plan, question.stakes))


def _calibration(plan: Plan, stakes: Path | None) -> Calibration | None:
    """Return the stakes to check with: of a table, else those the plan holds."""
    from geo.carriageway import Calibration

    if stakes is not None:
        from geo.calibration import calibrate
        from geo.staketable import read_stake_table

        table, findings = read_stake_table(stakes)
        return calibrate(table, network=plan.land, findings=findings)
    desk = plan.derived.stakes
    found = [made for route in desk.tables if (made := desk.of(route).calibration) is not None]
    ways = tuple(way for one in found for way in one.carriageways)
    return Calibration(ways) if ways else None


def _table_json(table: StationTable, match: StationMatch) -> dict[str, Any]:
    return {
        "name": table.name,
        "rows": len(table.rows),
        "matched": len(match.pairs),
        "pairs": [
            {
                "line": pair.row.line,
                "name": pair.row.name,
                "station": pair.station,
                "distance_m": pair.distance_m,
                "likeness": pair.likeness,
            }
            for pair in match.pairs
        ],
        "rows_left": [
            {"line": r.line, "name": r.name, "lon": r.lon, "lat": r.lat, "route": r.route} for r in match.rows_left
        ],
        "stations_left": list(match.stations_left),
        "findings": findings_json(match.findings),
    }


def compare(old: str, new: str, *, tell: Tell) -> dict[str, Any]:
    """Compare two maps of one area."""
    from geo.update import compare_networks, update_findings

    before, after = open_for(old, tell=tell).network, open_for(new, tell=tell).network
    tell("比较两张地图 … / comparing")
    update = compare_networks(before, after)
    return {
        "same": not update.changes,
        "crs": CRS,
        "old": {"name": before.source.name, "newest_edit": before.source.newest_edit} | network_json(before),
        "new": {"name": after.source.name, "newest_edit": after.source.newest_edit} | network_json(after),
        **update.to_json(),
        "segments_carried": len(update.carried),
        "findings": findings_json(update_findings(update)),
    }


def conflate(source: str, layer_file: Path, *, reading: LayerReading, within_m: float, tell: Tell) -> dict[str, Any]:
    """Compare an agency's line layer with the map, both ways."""
    from geo.conflation import conflate as compute
    from geo.layers import read_line_layer

    plan = open_for(source, tell=tell)
    tell(f"读取 {layer_file.name} … / reading")
    agency = read_line_layer(layer_file, layer=reading.layer, mapping=reading.mapping, crs=reading.crs)
    if not _overlap(agency, plan.network):
        msg = (
            f"{layer_file.name}：图层与地图不在同一地区，请检查坐标系或换一张地图。"
            f" / {layer_file.name}: layer and map are of different places: check the CRS or the map."
        )
        raise InputError(msg)
    tell("互相核对 … / conflating")
    both = compute(agency, plan.network, within_m=within_m)
    joins = {f.code: f for f in agency.findings if f.code in {"joined_gaps", "joined_tees", "crowded_vertices"}}
    return {
        "crs": CRS,
        "within_m": within_m,
        **both.to_json(),
        "gaps": {name: _gaps(side) for name, side in (("agency", both.agency), ("osm", both.osm))},
        "snapping": {
            "ends_joined": joins["joined_gaps"].count if "joined_gaps" in joins else 0,
            "tees_joined": joins["joined_tees"].count if "joined_tees" in joins else 0,
            "findings": findings_json(joins.values()),
        },
        "findings": findings_json(sort_findings([*both.findings(), *agency.findings])),
    }


def suggest(source: str, out: Path, *, layer: str | None, tell: Tell) -> dict[str, Any]:
    """Guess the column mapping of an agency's layer and write it as TOML."""
    from geo.mappingsuggest import suggest_mapping

    if out.suffix.lower() != ".toml":
        raise InputError(f"{out.name}: 字段对照表以 .toml 结尾，请改名。 / a column mapping ends in .toml: rename it.")
    guess = suggest_mapping(source, layer=layer)
    out.write_text(guess.to_toml(), encoding="utf-8")
    tell(f"已写入 {out.name}，请核对后用 --mapping 读入 / written, check it and read the layer with --mapping")
    return {"suggestion": guess.to_json(), "written": [{"file": out.name, "bytes": out.stat().st_size}]}


def _gaps(side: Any) -> list[dict[str, Any]]:
    ids = side.network.segment_ids
    longest = sorted(side.gaps, key=lambda gap: (-gap.length_mm, gap.segment, gap.from_mm))[:200]
    return [
        {
            "segment": ids[gap.segment],
            "name": side.network.text("name", gap.segment),
            "length_m": gap.length_mm / 1000,
            "lon": gap.lon,
            "lat": gap.lat,
        }
        for gap in longest
    ]


def _overlap(one: Any, other: Any) -> bool:
    """Whether the boxes of two networks meet."""
    boxes = [(n.nodes.lon.min(), n.nodes.lat.min(), n.nodes.lon.max(), n.nodes.lat.max()) for n in (one, other)]
    (w1, s1, e1, n1), (w2, s2, e2, n2) = boxes
    return bool(w1 <= e2 and w2 <= e1 and s1 <= n2 and s2 <= n1)
