"""The rule table of zones, read once from ``data/rules/zones.toml``; a province's rows replace national ones."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from geo.errors import InputError

NATIONAL = "national"
_CARRIAGEWAY_CLASSES = ("expressway_4", "expressway_6", "expressway_8")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes
    ----------
    id
        ``<province>/<zone>/<class>``.
    distance_m
        Metres.
    is_law
        Whether the distance stands in the text named; if not it is an assumption or trade practice.
    source
        Where the number comes from.
    note
        What else to know, or ``""``.
    """

    id: str
    distance_m: float
    is_law: bool
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.distance_m <= 10_000 or not self.source:  # noqa: PLR2004
            raise ValueError(f"a rule row has 0 to 10,000 metres and a source, got {self}")


@dataclass(frozen=True, slots=True)
class Formation:
    """A roadbed: full width, lanes and inner width (half median and marginal strip) of one carriageway, metres."""

    full_m: float
    lanes: int = 0
    inner_m: float = 0.0
    source: str = ""


@dataclass(frozen=True, slots=True)
class TargetRow:
    """How zones of a kind become targets: seconds on site, visits a week, metres of road a target (0: one a zone)."""

    service_s: float
    visits_per_week: float
    every_m: float


@dataclass(frozen=True)
class ZoneRules:
    """The rows that hold in one province.

    Attributes
    ----------
    province
        Its key in the table, such as ``zhejiang``; ``national`` for none.
    has_own
        Whether the province has rows of its own.
    rows
        (zone, class) to row.
    formation
        Technical class to roadbed.
    design_speed_kmh
        Technical class to speed where no limit is posted.
    limits
        Name to metres (square metres where the name says so).
    targets
        Kind to row.
    """

    province: str
    has_own: bool
    rows: Mapping[tuple[str, str], Row]
    formation: Mapping[str, Formation]
    design_speed_kmh: Mapping[str, float]
    limits: Mapping[str, float]
    targets: Mapping[str, TargetRow]

    def row(self, zone: str, road_class: str) -> Row | None:
        """Return the row of a zone for a class, None where the law knows no such zone."""
        return self.rows.get((zone, road_class))

    def need(self, zone: str, road_class: str) -> Row:
        """Return a row that every table must have.

        Raises
        ------
        InputError
            The table lacks it.
        """
        row = self.row(zone, road_class)
        if row is None:
            raise InputError(
                f"规则表缺少 {zone}/{road_class} 一行，请补上。 / the rule table lacks {zone}/{road_class}."
            )
        return row

    def sight_row(self, speed_kmh: float) -> Row:
        """Return the stopping sight distance for a speed: that of the next higher speed in the table."""
        speeds = sorted(float(name) for zone, name in self.rows if zone == "sight")
        fit = next((v for v in speeds if v >= speed_kmh), speeds[-1])
        return self.need("sight", f"{fit:g}")

    def half_width_m(self, technical: str, *, lanes: int, one_way: bool) -> float:
        """Return the distance from the line on the map to the edge of the roadbed.

        Parameters
        ----------
        technical
            ``expressway``, ``ramp``, ``I`` to ``IV`` or ``service``.
        lanes
            Lanes of the line; 0 where not known.
        one_way
            Whether the line is one carriageway of a divided road. It then lies in the middle of its lanes, not in
            the middle of the roadbed.
        """
        lane_m = self.limits["lane_m"]
        if technical == "expressway":
            each = lanes if one_way else (lanes + 1) // 2
            known = self.formation[_CARRIAGEWAY_CLASSES[min(max(each, 2), 4) - 2]]
        elif technical == "ramp":
            known = self.formation["ramp_2" if lanes > 1 else "ramp_1"]
            each = max(lanes, 1)
        else:
            known = self.formation[technical]
            each = lanes if one_way else (lanes + 1) // 2
        if not known.lanes:
            return known.full_m / 2
        more_m = max(each - known.lanes, 0) * lane_m
        if not one_way:
            return known.full_m / 2 + more_m
        return known.full_m / 2 - known.inner_m - known.lanes * lane_m / 2 + more_m / 2


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("data.rules").joinpath("zones.toml").read_text(encoding="utf-8"))


@cache
def provinces() -> dict[str, str]:
    """Return the provinces that can be named: key of the table to Chinese name, without the national rows.

    Examples
    --------
    >>> provinces()["zhejiang"]
    '浙江'
    """
    return {key: str(names[0]) for key, names in _table()["provinces"].items() if key != NATIONAL}


def zone_rules(province: str = NATIONAL) -> ZoneRules:
    """Return the rules that ship with Roadseam for a province.

    Parameters
    ----------
    province
        Its name in Chinese or in Latin letters, such as ``浙江``, ``浙江省``, ``zhejiang``; national by default.

    Raises
    ------
    InputError
        There is no such province.
    """
    return parse_zone_rules(_table(), province)


def parse_zone_rules(table: Mapping[str, Any], province: str = NATIONAL) -> ZoneRules:
    """Build the rules from a parsed TOML table of the same form as ``data/rules/zones.toml``.

    Raises
    ------
    InputError
        There is no such province, or a row cannot be used.
    """
    key = _find_province(table, province)
    rows: dict[tuple[str, str], Row] = {}
    for owner in dict.fromkeys((NATIONAL, key)):
        for zone, classes in table.get(owner, {}).items():
            for name, row in classes.items():
                rows[zone, name] = _parse_row(f"{owner}/{zone}/{name}", row)
    return ZoneRules(
        key,
        key != NATIONAL and key in table,
        rows,
        {name: Formation(**row) for name, row in table["formation"].items()},
        {name: float(row["value"]) for name, row in table["design_speed"].items()},
        {name: float(row["value"]) for name, row in table["limits"].items()},
        {
            kind: TargetRow(60.0 * row["service_min"], float(row["visits_per_week"]), float(row["every_m"]))
            for kind, row in table["targets"].items()
        },
    )


def _find_province(table: Mapping[str, Any], province: str) -> str:
    wanted = province.strip().lower()
    for key, names in table["provinces"].items():
        if wanted == key or wanted in names:
            return str(key)
    raise InputError(
        f"没有省份“{province[:40]}”，请写省名，例如 浙江；不写则用全国标准。 / "
        f"no province {province[:40]!r}: write its name, such as zhejiang, or leave it out for the national rows."
    )


def _parse_row(ident: str, row: Mapping[str, Any]) -> Row:
    try:
        return Row(ident, float(row["m"]), bool(row["law"]), str(row["source"]), str(row.get("note", "")))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"规则表 {ident} 一行无法使用，应有 m、law、source。 / row {ident} cannot be used: give m, law and source."
        ) from error
