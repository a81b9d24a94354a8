"""The tables beside the map: agencies, stretches, units, exits and stakes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from data.demo.boundaries import crosses
from data.demo.expressways import HALF_M
from data.demo.net import STREET
from data.demo.terrain import to_lonlat

if TYPE_CHECKING:
    from data.demo.curves import Point
    from data.demo.world import World

Row = tuple[str, ...]
Table = tuple[Row, list[Row]]

CATEGORIES = ("班线客运", "旅游包车", "危化品", "非法营运", "大件运输", "超限超载", "路政")
AGENCIES = (
    ("local", "岚溪区交通综合执法大队", "local", "普", "大队机关（城中路）"),
    ("exp1", "高速公路交通综合执法支队澜陵一大队", "expressway", "高1", "东岗收费站站区"),
    ("exp2", "高速公路交通综合执法支队岚东二大队", "expressway", "高2", "岚东主线收费站站区"),
)
POSTS = {"班线客运": "客运科值班室", "旅游包车": "客运科值班室", "危化品": "危货科值班室", "非法营运": "稽查科值班室",
         "大件运输": "许可科值班室", "超限超载": "治超科值班室", "路政": "路政科值班室"}  # fmt: skip
UNITS = (
    ("普1", "local", (9050.0, 9650.0), "大队机关"),
    ("普2", "local", (4450.0, 9300.0), "梅坞中队"),
    ("普3", "local", (8250.0, 3300.0), "竹篁中队"),
    ("普4", "local", (12900.0, 9200.0), "东岗中队"),
    ("普5", "local", (16900.0, 12900.0), "柳汀中队"),
    ("普6", "local", (18900.0, 17600.0), "北垣中队"),
    ("普7", "local", (21300.0, 2300.0), "砚塘中队"),
    ("普8", "local", (24000.0, 11050.0), "澄湖中队"),
    ("高1-1", "exp1", (11650.0, 6150.0), "东岗收费站"),
    ("高1-2", "exp1", (16300.0, 7600.0), "云栖服务区"),
    ("高1-3", "exp1", (24050.0, 10150.0), "澄湖收费站"),
    ("高2-1", "exp2", (19100.0, 4450.0), "岚东主线收费站"),
    ("高2-2", "exp2", (18500.0, 13560.0), "柳汀收费站"),
    ("高2-3", "exp2", (16600.0, 18200.0), "北垣收费站"),
    ("联1", "joint", (11650.0, 6150.0), "东岗收费站"),
    ("联2", "joint", (18500.0, 13560.0), "柳汀收费站"),
)
# Stake of the western end of the curve of G98, and the short broken chain: 300 m of stakes do not exist.
FIRST_STAKE_M, BREAK_AT_M, BREAK_M = 210_400, 228_700, 300


def degrees(place: Point) -> tuple[str, str]:
    """Return longitude and latitude as text with six decimals."""
    lon, lat = to_lonlat(place)
    return f"{lon:.6f}", f"{lat:.6f}"


def agencies() -> Table:
    """Return one row per agency and category."""
    rows: list[Row] = []
    for agency in AGENCIES:
        for category in CATEGORIES:
            rows.append((*agency, category, POSTS[category], f"0000-{len(rows) + 1:07d}"))
    return ("id", "name", "kind", "letter", "office", "category", "contact_post", "phone"), rows


def stake_at(u: float) -> int:
    """Return the stake of G98 in metres at `u` metres along its centreline."""
    stake = round(u) + FIRST_STAKE_M
    return stake if stake < BREAK_AT_M else stake + BREAK_M


def stretches(world: World, ring: list[Point]) -> Table:
    """Return which agency owns which stretch of which expressway, with concurrent numbers."""
    head = ("agency", "route", "name", "from_name", "to_name", "from_stake", "to_stake", "concurrent_route", "note")
    hub = "云栖枢纽"
    curve = world.curves["G98"]
    inside = [u for u in range(0, round(curve.length_m), 10) if _inside(ring, curve.point(u, 0.0))]
    west, middle, east = (stake_text(stake_at(u)) for u in (inside[0], world.spots["hub"][0], inside[-1]))
    rows: list[Row] = [
        ("exp1", "G98", "澜陵高速", "岚西区界", hub, west, middle, "", ""),
        ("exp1", "G98", "澜陵高速", hub, "岚东区界", middle, east, "S17", "与S17共线，由高速一大队管辖"),
        ("exp2", "S101", "岚东高速", "砚塘南区界", "北垣收费站", "", "", "", ""),
    ]
    return head, rows


def units(world: World) -> Table:
    """Return the units at real places on the network."""
    rows: list[Row] = []
    for name, agency, place, base in UNITS:
        groups = ((STREET,),) if agency == "local" else (("yard",), ("ramp",))
        near = next(filter(None, (world.net.nearest(place, 500.0, g) for g in groups)), None)
        if near is None:
            raise ValueError(f"no road near the unit {name} at {place}")
        rows.append((name, agency, *degrees(near.point), "1" if name != "普6" else "0", base))
    return ("id", "agency", "lon", "lat", "available", "base"), rows


def exits(world: World, ring: list[Point]) -> Table:
    """Return where main roads leave the district; of an expressway the carriageway that leads out."""
    rows: list[Row] = []
    net = world.net
    for line in net.lines:
        if line.tags.get("highway") not in {"motorway", "trunk", "primary", "secondary"}:
            continue
        for p, q in pairwise(net.points(line)):
            found = crosses(ring, p, q)
            outward = found is not None and not _inside(ring, q)
            if found is None or (line.group == "main" and not outward):
                continue
            name = line.tags.get("ref", line.tags.get("name", ""))
            rows.append((f"出口{len(rows) + 1}", *degrees(found), name))
    return ("id", "lon", "lat", "route"), rows


def _inside(ring: list[Point], p: Point) -> bool:
    hits = 0
    for a, b in pairwise(ring):
        if (a[1] > p[1]) != (b[1] > p[1]) and p[0] < a[0] + (p[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]):
            hits += 1
    return hits % 2 == 1


def stake_text(metres: int) -> str:
    """Return the written form of a stake."""
    return f"K{metres // 1000}+{metres % 1000:03d}"


def stakes(world: World) -> Table:
    """Return a stake every kilometre on both carriageways of G98, with the broken chain."""
    curve = world.curves["G98"]
    rows: list[Row] = []
    for direction, label in ((1, "上行"), (-1, "下行")):
        marks = [(stake, "") for stake in range(211_000, 239_000, 1000)]
        marks += [(BREAK_AT_M, "断链前"), (BREAK_AT_M + BREAK_M, "断链后，短链300m")]
        for stake, note in sorted(set(marks), key=lambda m: (m[0], m[1] == "")):
            if stake == BREAK_AT_M + BREAK_M and not note:
                continue
            u = stake - FIRST_STAKE_M - (BREAK_M if stake >= BREAK_AT_M + BREAK_M else 0)
            place = curve.point(float(u), -direction * HALF_M)
            rows.append(("G98", label, stake_text(stake), *degrees(place), note))
    return ("route", "direction", "stake", "lon", "lat", "note"), rows
