"""KML 2.2 for globes: owners as folders of lines, seams and stations as points; texts are data, never markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import numpy as np
import shapely

from geo.segmentlines import segment_lines
from plan.model import Plan
from views.map.palette import ATTRIBUTION, FOOTER, LineStyle
from views.papers.facts import facts_of
from views.papers.seamrows import SeamRow, seam_rows
from views.papers.text import clean
from views.pictures.owners import owner_codes, owner_styles

_NS = "http://www.opengis.net/kml/2.2"
_DIGITS = 7
_LONGEST = 200


def plan_kml(plan: Plan) -> bytes:
    """Return a plan as KML: one folder an owner, one placemark a segment, then seams and stations.

    Texts of the map stand in ``name`` and ``ExtendedData``, never in ``description``, which programs read as HTML.
    """
    ET.register_namespace("", _NS)
    root = ET.Element(f"{{{_NS}}}kml")
    document = _sub(root, "Document")
    facts = facts_of(plan)
    _sub(document, "name", clean(plan.title or "路界", limit=_LONGEST))
    # Our own words only: what comes from the plan is in the data below.
    _sub(document, "description", f"{FOOTER.zh}  {ATTRIBUTION}")
    _data(document, {"plan": f"{facts.title} v{facts.version}", "network": facts.network, "date": facts.day})
    styles, _ = owner_styles(plan.agencies)
    for style in styles:
        _style(document, style)
    _owners(document, plan, styles)
    _seams(document, seam_rows(plan))
    stations = _sub(document, "Folder")
    _sub(stations, "name", "收费站")
    for s in plan.network.stations:
        _point(stations, s.name or s.id, (s.lon, s.lat), {"id": s.id, "kind": str(s.kind)})
    ET.indent(root, space=" ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _sub(parent: ET.Element, tag: str, text: str = "") -> ET.Element:
    element = ET.SubElement(parent, f"{{{_NS}}}{tag}")
    if text:
        element.text = clean(text, limit=2_000)
    return element


def _data(parent: ET.Element, values: dict[str, str]) -> None:
    extended = _sub(parent, "ExtendedData")
    for key, value in values.items():
        item = _sub(extended, "Data")
        item.set("name", key)
        _sub(item, "value", value)


def _style(parent: ET.Element, style: LineStyle) -> None:
    """Add a style; KML writes colours as alpha, blue, green, red."""
    element = _sub(parent, "Style")
    element.set("id", style.key)
    line = _sub(element, "LineStyle")
    red, green, blue = style.color[1:3], style.color[3:5], style.color[5:7]
    _sub(line, "color", f"ff{blue}{green}{red}".lower())
    _sub(line, "width", "3")


def _owners(parent: ET.Element, plan: Plan, styles: Sequence[LineStyle]) -> None:
    derived = plan.derived
    network, cut = derived.network, derived.ownership.cut
    codes = owner_codes(plan)
    lines = segment_lines(network)
    for code, style in enumerate(styles):
        rows = np.flatnonzero(codes == code).tolist()
        if not rows:
            continue
        folder = _sub(parent, "Folder")
        _sub(folder, "name", style.label.zh)
        for row in rows:
            mark = _sub(folder, "Placemark")
            base = plan.network.segment_ids[int(cut.base[row])]
            name, ref = network.text("name", row), network.text("ref", row)
            _sub(mark, "name", clean(" ".join(part for part in (ref, name) if part) or base, limit=_LONGEST))
            _sub(mark, "styleUrl", f"#{style.key}")
            start = int(cut.from_mm[row]) / 1000
            length = float(network.segments.length_m[row])
            _data(
                mark,
                {
                    "segment": base,
                    "from_m": f"{start:.3f}",
                    "to_m": f"{start + length:.3f}",
                    "owner": derived.owner[row],
                    "agency": derived.agency[row],
                },
            )
            line = _sub(mark, "LineString")
            xy = shapely.get_coordinates(lines[row]).round(_DIGITS).tolist()
            # Written past `clean`, which would cut a long line short.
            _sub(line, "coordinates").text = " ".join(f"{x},{y}" for x, y in xy)


def _seams(parent: ET.Element, rows: Sequence[SeamRow]) -> None:
    folder = _sub(parent, "Folder")
    _sub(folder, "name", "界点")
    for r in rows:
        told = {
            "id": r.id,
            "segment": r.segment,
            "offset_m": f"{r.offset_m:.3f}",
            "expressway": r.expressway,
            "ordinary": r.ordinary,
            "convention": r.convention,
            "handover": r.handover,
            "stake": r.stake,
        }
        _point(folder, f"{r.number} {r.station or r.kind}", (r.lon, r.lat), told)


def _point(parent: ET.Element, name: str, place: tuple[float, float], values: dict[str, str]) -> None:
    mark = _sub(parent, "Placemark")
    _sub(mark, "name", clean(name, limit=_LONGEST))
    _data(mark, {key: value for key, value in values.items() if value})
    _sub(_sub(mark, "Point"), "coordinates", f"{round(place[0], _DIGITS)},{round(place[1], _DIGITS)}")
