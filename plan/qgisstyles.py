"""Styles of the derived layers for QGIS: the table ``layer_styles`` with QML and SLD, Chinese layer and field names.

QML as QGIS 3.22 writes it (symbology, labels, field aliases); SLD 1.0 (OGC 02-070) for other programs. Texts of a plan
(names of agencies) become XML text and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from xml.etree import ElementTree as ET

from plan.geopackage import Layer
from plan.ownercolors import SEAM, OwnerLook

TITLES: Mapping[str, str] = MappingProxyType({"owners": "管辖归属", "seams": "界点", "stations": "收费站"})
"""Layer to its Chinese name."""
ALIASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "owners": MappingProxyType(
            {
                "fid": "序号",
                "segment": "路段",
                "way": "道路编号（OSM）",
                "from_m": "起点（米）",
                "to_m": "终点（米）",
                "length_m": "长度（米）",
                "owner": "归属",
                "agency": "管辖单位",
                "reason": "依据",
                "name": "路名",
                "ref": "路线编号",
                "highway": "道路类别",
            }
        ),
        "seams": MappingProxyType(
            {
                "fid": "序号",
                "id": "界点编号",
                "kind": "类型",
                "osm_node": "节点（OSM）",
                "station": "收费站编号",
                "margin_m": "裕度（米）",
                "price_m": "代价（米）",
                "reason": "依据",
            }
        ),
        "stations": MappingProxyType(
            {
                "fid": "序号",
                "id": "收费站编号",
                "name": "站名",
                "names": "全部名称",
                "kind": "类型",
                "lanes": "车道数",
                "booths": "收费亭节点",
            }
        ),
    }
)
"""Layer to field to its Chinese name."""
SEAM_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "booth": "收费岛",
        "plaza": "广场",
        "gate": "门禁",
        "ramp_end": "匝道终点",
        "junction": "路口",
        "plaza_edge": "广场外缘",
        "land": "用地界桩",
        "agreed": "商定",
    }
)
STATION_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "ramp": "匝道收费站",
        "main_line": "主线收费站",
        "service_area": "服务区",
        "border": "省界收费站",
        "gate": "门禁",
    }
)
HOLDER = 'CASE WHEN "owner" IN (\'contested\',\'none\') THEN "owner" ELSE "agency" END'
"""QGIS expression: who holds a piece of road."""
_WIDTH_MM, _CORE_MM = 0.9, 0.25
_TABLE = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
  styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT '1970-01-01T00:00:00.000Z')
"""
_SLD, _OGC = "http://www.opengis.net/sld", "http://www.opengis.net/ogc"


def add_styles(connection: sqlite3.Connection, layers: Sequence[Layer], looks: Sequence[OwnerLook]) -> None:
    """Write the style of each layer that has one, in the caller's transaction."""
    connection.execute(_TABLE)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', ?)",
        ("图层样式",),
    )
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, ?, 1, ?, '')",
        [
            (layer.name, layer.name, make_qml(layer, looks), make_sld(layer, looks), TITLES[layer.name])
            for layer in layers
            if layer.name in TITLES
        ],
    )


def make_qml(layer: Layer, looks: Sequence[OwnerLook]) -> str:
    """Return the QGIS style of a layer as QML text."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling|Fields")
    if layer.name == "owners":
        _categorise(root, HOLDER, [(look.key, look.label, _line_layers(look)) for look in looks], kind="line")
    elif layer.name == "seams":
        rows = [(key, text, [_marker("diamond", "#FFFFFF", 3.2)]) for key, text in SEAM_KINDS.items()]
        _categorise(root, "kind", rows, kind="marker")
    else:
        rows = [(key, text, [_marker("square", "#C9CED6", 2.8)]) for key, text in STATION_KINDS.items()]
        _categorise(root, "kind", rows, kind="marker")
        _label(root, "name")
    aliases = ET.SubElement(root, "aliases")
    for k, field in enumerate(("fid", *layer.columns)):
        ET.SubElement(aliases, "alias", index=str(k), field=field, name=ALIASES[layer.name][field])
    return ET.tostring(root, encoding="unicode")


_Symbol = tuple[str, dict[str, str]]
"""Class of a symbol layer and its options."""


def _line_layers(look: OwnerLook) -> list[_Symbol]:
    if look.second:
        return [_line(look.color, _WIDTH_MM), _line(look.second, _WIDTH_MM, look.dash)]
    layers = [_line(look.color, _WIDTH_MM, look.dash)]
    if look.core:
        layers.append(_line("#FFFFFF", _CORE_MM, (4.0, 3.0) if look.core == "dash" else ()))
    return layers


def _line(color: str, width_mm: float, dash: tuple[float, ...] = ()) -> _Symbol:
    return "SimpleLine", {
        "line_color": _rgba(color),
        "line_width": f"{width_mm:g}",
        "line_width_unit": "MM",
        "line_style": "solid",
        "capstyle": "flat",
        "joinstyle": "round",
        "use_custom_dash": "1" if dash else "0",
        "customdash": ";".join(f"{part * width_mm:g}" for part in dash) or "5;2",
        "customdash_unit": "MM",
    }


def _marker(shape: str, fill: str, size_mm: float) -> _Symbol:
    return "SimpleMarker", {
        "name": shape,
        "color": _rgba(fill),
        "outline_color": _rgba(SEAM),
        "outline_width": "0.5",
        "size": f"{size_mm:g}",
        "size_unit": "MM",
    }


def _rgba(color: str) -> str:
    return ",".join(str(int(color[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"


def _categorise(root: ET.Element, attribute: str, rows: Sequence[tuple[str, str, list[_Symbol]]], *, kind: str) -> None:
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=attribute, enableorderby="0", forceraster="0"
    )
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    for k, (key, text, layers) in enumerate(rows):
        ET.SubElement(
            categories, "category", render="true", symbol=str(k), type="string", value=_clean(key), label=_clean(text)
        )
        symbol = ET.SubElement(symbols, "symbol", type=kind, name=str(k), alpha="1", clip_to_extent="1")
        for name, options in layers:
            layer = ET.SubElement(symbol, "layer", {"class": name, "pass": "0", "locked": "0", "enabled": "1"})
            box = ET.SubElement(layer, "Option", type="Map")
            for option, value in options.items():
                ET.SubElement(box, "Option", type="QString", name=option, value=value)


def _label(root: ET.Element, field: str) -> None:
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    style = ET.SubElement(
        settings,
        "text-style",
        fieldName=field,
        isExpression="0",
        fontFamily="Noto Sans CJK SC",
        fontSize="9",
        fontSizeUnit="Point",
        textColor=_rgba(SEAM),
    )
    ET.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,255"
    )


def make_sld(layer: Layer, looks: Sequence[OwnerLook]) -> str:
    """Return the style of a layer as SLD 1.0 text."""
    root = ET.Element("StyledLayerDescriptor", {"version": "1.0.0", "xmlns": _SLD, "xmlns:ogc": _OGC})
    named = ET.SubElement(root, "NamedLayer")
    ET.SubElement(named, "Name").text = layer.name
    style = ET.SubElement(ET.SubElement(named, "UserStyle"), "FeatureTypeStyle")
    if layer.name == "owners":
        for look in looks:
            rule = _rule(style, look.label, "owner" if look.key in {"contested", "none"} else "agency", look.key)
            for _, options in _line_layers(look):
                _stroke(rule, options)
        return ET.tostring(root, encoding="unicode")
    kinds = SEAM_KINDS if layer.name == "seams" else STATION_KINDS
    for key, text in kinds.items():
        rule = _rule(style, text, "kind", key)
        graphic = ET.SubElement(ET.SubElement(rule, "PointSymbolizer"), "Graphic")
        mark = ET.SubElement(graphic, "Mark")
        ET.SubElement(mark, "WellKnownName").text = "square"
        _css(ET.SubElement(mark, "Fill"), {"fill": "#FFFFFF"})
        _css(ET.SubElement(mark, "Stroke"), {"stroke": SEAM})
        ET.SubElement(graphic, "Size").text = "10"
    return ET.tostring(root, encoding="unicode")


def _rule(style: ET.Element, title: str, field: str, value: str) -> ET.Element:
    rule = ET.SubElement(style, "Rule")
    ET.SubElement(rule, "Title").text = _clean(title)
    test = ET.SubElement(ET.SubElement(rule, "ogc:Filter"), "ogc:PropertyIsEqualTo")
    ET.SubElement(test, "ogc:PropertyName").text = field
    ET.SubElement(test, "ogc:Literal").text = _clean(value)
    return rule


def _stroke(rule: ET.Element, options: Mapping[str, str]) -> None:
    red, green, blue = (int(part) for part in options["line_color"].split(",")[:3])
    values = {"stroke": f"#{red:02X}{green:02X}{blue:02X}", "stroke-width": f"{float(options['line_width']) * 3:g}"}
    if options["use_custom_dash"] == "1":
        values["stroke-dasharray"] = " ".join(f"{float(d) * 3:g}" for d in options["customdash"].split(";"))
    _css(ET.SubElement(ET.SubElement(rule, "LineSymbolizer"), "Stroke"), values)


def _css(parent: ET.Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        ET.SubElement(parent, "CssParameter", name=name).text = value


def _clean(text: Iterable[str]) -> str:
    """Leave out the characters that XML 1.0 cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
