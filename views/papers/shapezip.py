"""Zipped Shapefile: owners, seams and stations with UTF-8 texts, short field names and the key to them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geo.drivers import guard_gdal
from plan.layers import make_layers
from plan.model import Plan
from views.papers.facts import Facts, facts_of
from views.papers.fixedzip import write_zip
from views.papers.text import ATTRIBUTION_TEXT, FOOTER_TEXT, clean

if TYPE_CHECKING:
    from plan.geopackage import Layer

LAYERS = ("owners", "seams", "stations")
_SHORT = 10
_TEXT_BYTES = 254
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MEANING = {
    "segment": "路段编号 w<路>/<起点>-<终点>",
    "way": "OSM 路编号",
    "from_m": "起点米数",
    "to_m": "止点米数",
    "length_m": "长度（米）",
    "owner": "归属 expressway/ordinary/none/contested",
    "agency": "单位编号",
    "reason": "依据",
    "name": "名称",
    "ref": "路线编号",
    "highway": "道路等级（OSM）",
    "id": "编号",
    "kind": "类型",
    "osm_node": "OSM 节点编号",
    "station": "收费站编号",
    "margin_m": "改变所需反证（米）",
    "price_m": "代价（米）",
    "names": "全部名称",
    "lanes": "车道数",
    "booths": "收费亭节点编号",
}


def shape_zip(plan: Plan) -> bytes:
    """Return a zip with one Shapefile a layer, ``.cpg`` UTF-8, ``.prj`` WGS-84, and ``字段说明.txt``.

    Shapefiles know ten letters a field name and 254 bytes a text; names are shortened so that none is lost, and longer
    texts are cut at a whole character.
    """
    facts = facts_of(plan)
    keys: list[str] = []
    files: list[tuple[str, bytes]] = []
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        for layer in make_layers(plan):
            if layer.name not in LAYERS:
                continue
            short = shorten(list(layer.columns))
            _write(Path(folder) / f"{layer.name}.shp", layer, short, facts=facts)
            keys += [f"{layer.name}\t{new}\t{old}\t{_MEANING.get(old, '')}" for old, new in short.items()]
            files += [(f"{layer.name}{end}", (Path(folder) / f"{layer.name}{end}").read_bytes()) for end in _PARTS]
    head = f"{clean(facts.stamp)}\n{FOOTER_TEXT}  {ATTRIBUTION_TEXT}，ODbL 1.0\n坐标系 EPSG:4326，编码 UTF-8\n\n"
    text = head + "图层\t字段\t全名\t含义\n" + "\n".join(keys) + "\n"
    return write_zip([*files, ("字段说明.txt", text.encode("utf-8-sig"))])


def shorten(names: Sequence[str]) -> dict[str, str]:
    """Return field names of ten letters at most, no two alike.

    Examples
    --------
    >>> shorten(["segment", "concurrent_route", "concurrent_name"])
    {'segment': 'segment', 'concurrent_route': 'concurrent', 'concurrent_name': 'concurren1'}
    """
    taken: dict[str, str] = {}
    for name in names:
        short, number = name[:_SHORT], 1
        while short in taken.values():
            short = f"{name[: _SHORT - len(str(number))]}{number}"
            number += 1
        taken[name] = short
    return taken


def _write(path: Path, layer: Layer, short: dict[str, str], *, facts: Facts) -> None:
    guard_gdal()
    from pyogrio.raw import write as write_vectors
    from shapely import to_wkb

    columns = list(layer.columns.items())
    field_data = []
    for k, (_, kind) in enumerate(columns):
        values = [row[k] for row in layer.rows]
        if kind is str:
            field_data.append(np.array([_fit(v) for v in values], dtype=object))
        elif kind is int:
            field_data.append(np.array(values, dtype=np.int64))
        else:
            field_data.append(np.array(values, dtype=np.float64))
    write_vectors(
        str(path),
        np.asarray(to_wkb(layer.geometry), dtype=object),
        field_data,
        list(short.values()),
        driver="ESRI Shapefile",
        geometry_type={"LINESTRING": "LineString", "POINT": "Point"}[layer.geometry_type],
        crs="EPSG:4326",
        layer_options={"ENCODING": "UTF-8", "DBF_DATE_LAST_UPDATE": facts.day},
    )
    path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")


def _fit(value: object) -> str:
    """Return a text of 254 bytes at most, cut at a whole character."""
    raw = clean(value, limit=_TEXT_BYTES).encode("utf-8")
    return raw[:_TEXT_BYTES].decode("utf-8", "ignore")
