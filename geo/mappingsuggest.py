"""A guess which column of an agency's layer is which and what its values mean: a TOML file for a person to check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from geo.classes import CLASS_OF_HIGHWAY
from geo.errors import InputError
from geo.intake import admit_file
from geo.layerfile import LayerTable, list_fields, list_layers, read_table
from geo.mapping import ID_NAMES, as_text
from geo.sniff import LAYER_FORMATS

COLUMN_WORDS: Mapping[str, tuple[str, ...]] = {
    "highway": (
        "fclass", "道路等级", "公路等级", "技术等级", "行政等级", "等级", "类型", "道路类型", "roadclass", "road_class",
        "class", "dldj", "jsdj", "xzdj", "type", "grade",
    ),
    "name": ("名称", "路名", "路线名称", "道路名称", "lxmc", "dlmc", "mc", "roadname", "road_name"),
    "ref": ("编号", "路线编号", "路线代码", "道路编号", "lxbh", "lxdm", "roadcode", "road_code", "route", "code"),
    "oneway": ("单行", "单向", "通行方向", "direction", "dir", "one_way"),
    "maxspeed": ("限速", "设计速度", "设计时速", "车速", "speed", "sjss", "speedlimit", "speed_limit", "max_speed"),
    "lanes": ("车道", "车道数", "车道数量", "cds", "lane", "numlanes", "lane_num"),
    "toll": ("收费", "是否收费", "sfsf", "istoll"),
    "operator": ("管理单位", "管养单位", "运营单位", "养护单位", "gydw", "owner"),
    "bridge": ("桥梁", "是否桥梁", "桥", "isbridge"),
    "tunnel": ("隧道", "是否隧道", "istunnel"),
    "layer": ("层", "高程层", "zlevel"),
    "service": ("服务类型",),
    "junction": ("交叉口", "环岛"),
    "id": (*ID_NAMES, "objectid", "编码", "要素编号"),
}  # fmt: skip
"""Our columns and the names agencies give them (words of people, pinyin initials, English)."""
CLASS_WORDS: Mapping[str, tuple[str, ...]] = {
    "motorway": ("高速公路", "高速", "expressway", "freeway", "0", "gs"),
    "motorway_link": ("匝道", "高速匝道", "ramp"),
    "trunk": ("国道", "一级", "一级公路", "城市快速路", "快速路", "g", "national"),
    "primary": ("省道", "二级", "二级公路", "主干路", "主干道", "s", "provincial"),
    "secondary": ("县道", "三级", "三级公路", "次干路", "次干道", "x", "county"),
    "tertiary": ("乡道", "四级", "四级公路", "支路", "y", "township"),
    "unclassified": ("村道", "等外", "等外公路", "专用公路", "c", "z", "village"),
    "service": ("服务区", "内部道路", "服务道路", "便道"),
}
"""OSM class and the words agencies write for it: by administrative rank (a national road is a trunk road), technical
class where that is all there is (our assumption; both are only priors, see the votes of ``jurisdiction``)."""
ALIKE = 0.82
"""Names at least so alike are taken for the same."""
_MOST_VALUES = 40
_SHORTEST_ALIKE = 3


@dataclass(frozen=True)
class Suggestion:
    """A guess at a column mapping.

    Attributes
    ----------
    layer
        Name of the layer, ``""`` where the format has one only.
    columns
        Our name to the layer's column.
    classes
        The layer's class value to the OSM class, values that are OSM classes already left out.
    unknown
        Class values nobody could guess, most frequent first, with how many features carry each.
    left
        Columns of the layer that were not used.
    """

    layer: str
    columns: Mapping[str, str]
    classes: Mapping[str, str]
    unknown: Mapping[str, int]
    left: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the layer can be read with it as it stands."""
        return "highway" in self.columns and not self.unknown

    def to_toml(self) -> str:
        """Return the mapping file; what is to be filled in stands in comments."""
        lines = [
            "# 单位图层的字段对照：左边是本系统的字段，右边是图层的字段；请核对后用 --mapping 读入。",
            "# Column mapping: ours = theirs. Check it, then read the layer with --mapping.",
            "[columns]",
            *(f"{ours} = {_quoted(theirs)}" for ours, theirs in self.columns.items()),
        ]
        if "highway" not in self.columns:
            lines.append('# highway = "?"  # 请指明道路等级字段 / name the column of road classes')
        if self.left:
            lines.append(f"# 未用字段 / not used: {', '.join(_comment(name) for name in self.left[:40])}")
        if self.classes or self.unknown:
            lines += ["", "[values.highway]"]
            lines += [f"{_quoted(theirs)} = {_quoted(ours)}" for theirs, ours in self.classes.items()]
            lines += [
                f'# {_quoted(_comment(value))} = "?"  # {n} 个要素 / features' for value, n in self.unknown.items()
            ]
        return "\n".join(lines) + "\n"

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "layer": self.layer,
            "columns": dict(self.columns),
            "values": {"highway": dict(self.classes)},
            "unknown_values": dict(self.unknown),
            "columns_left": list(self.left),
            "is_whole": self.is_whole,
        }


def suggest_mapping(path: str | Path, *, layer: str | None = None) -> Suggestion:
    """Look at an agency's layer and guess its column mapping.

    Raises
    ------
    InputError
        Not such a file, damaged, or several layers with lines and none named.
    """
    admitted = admit_file(path, accept=LAYER_FORMATS)
    layers = list_layers(admitted)
    lines = [one.name for one in layers if one.has_lines]
    if layer is not None and layer not in lines and lines != [""]:
        listed = "、".join(lines) or "—"
        raise InputError(
            f"{admitted.name}：没有名为 {layer} 的线图层（现有：{listed}），请改正图层名。 / "
            f"{admitted.name}: there is no line layer {layer} (found: {listed}); correct the name."
        )
    if layer is None and len(lines) != 1:
        listed = "、".join(lines) or "—"
        raise InputError(
            f"{admitted.name}：线图层不是恰好一个（{listed}），请用 --layer 指明。 / "
            f"{admitted.name}: there is not exactly one layer of lines ({listed}); name it with --layer."
        )
    chosen = lines[0] if lines == [""] or layer is None else layer
    fields = list_fields(admitted, chosen)
    columns = guess_columns(fields)
    table = read_table(admitted, chosen, wanted=frozenset({columns["highway"]} if "highway" in columns else set()))
    classes, unknown = guess_classes(_values_of(table, columns))
    used = set(columns.values())
    return Suggestion(chosen, columns, classes, unknown, tuple(sorted(f for f in fields if f not in used)))


def _values_of(table: LayerTable, columns: Mapping[str, str]) -> list[str]:
    return [as_text(value) for value in table.columns[columns["highway"]]] if "highway" in columns else []


def guess_columns(fields: Sequence[str]) -> dict[str, str]:
    """Return our name to the column it most likely is; every column is used once, exact names before alike ones.

    Examples
    --------
    >>> guess_columns(["OBJECTID", "技术等级", "路线编号", "路线名称", "SHAPE_Leng"])
    {'highway': '技术等级', 'name': '路线名称', 'ref': '路线编号', 'id': 'OBJECTID'}
    """
    found: dict[str, str] = {}
    free = list(fields)
    for is_exact in (True, False):
        for ours, words in COLUMN_WORDS.items():
            if ours in found:
                continue
            scored = [
                (max(_likeness(column, word, exact=is_exact) for word in (ours, *words)), column) for column in free
            ]
            best = max(scored, key=lambda pair: (pair[0], -free.index(pair[1])), default=(0.0, ""))
            if best[0] >= ALIKE:
                found[ours] = best[1]
                free.remove(best[1])
    return {ours: found[ours] for ours in COLUMN_WORDS if ours in found}


def _likeness(column: str, word: str, *, exact: bool) -> float:
    one, two = (text.lower().replace("_", "").replace(" ", "") for text in (column, word))
    if one == two:
        return 1.0
    if exact or min(len(one), len(two)) < _SHORTEST_ALIKE:
        return 0.0
    first, second = sorted((one, two))
    return SequenceMatcher(None, first, second).ratio()


def guess_classes(values: Sequence[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Return value to OSM class for the values that are none, and the values nobody could guess with their counts."""
    known: dict[str, str] = {}
    unknown: dict[str, int] = {}
    for value, count in sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])):
        if not value or value.lower() in CLASS_OF_HIGHWAY:
            continue
        ours = _class_of(value)
        if ours:
            known[value] = ours
        elif len(unknown) < _MOST_VALUES:
            unknown[value] = count
    return known, unknown


def _class_of(value: str) -> str:
    """Return the OSM class of a word, or of the first known word in it, ``""`` where there is none."""
    for is_inside in (False, True):
        for ours, words in CLASS_WORDS.items():
            if any((len(word) > 1 and word in value) if is_inside else value.lower() == word for word in words):
                return ours
    return ""


def _quoted(text: str) -> str:
    """Return a TOML basic string; control characters are escaped."""
    out = [f"\\u{ord(c):04X}" if ord(c) < 0x20 or ord(c) == 0x7F else c for c in text.replace("\\", "\\\\")]  # noqa: PLR2004
    return '"' + "".join(out).replace('"', '\\"') + '"'


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
