"""Made-up junctions, each with the seams a person would draw under both conventions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.sketch import Sketch

RAMP = {"highway": "motorway_link", "oneway": "yes"}


@dataclass(frozen=True)
class Junction:
    """A drawn junction and what must come out.

    Attributes
    ----------
    sketch
        The map.
    toll_island, ramp_end
        Names of the points where seams must lie, and no others.
    leaks
        Names of the points that must be reported as leaks under ``toll_island``.
    expressway, ordinary
        Ways that must belong wholly to that side under ``toll_island``.
    findings
        Codes that must be among the findings.
    """

    sketch: Sketch
    toll_island: frozenset[str]
    ramp_end: frozenset[str]
    leaks: frozenset[str] = frozenset()
    expressway: tuple[int, ...] = ()
    ordinary: tuple[int, ...] = ()
    findings: tuple[str, ...] = field(default=())


BUILDERS: dict[str, Callable[[], Junction]] = {}


def junction(build: Callable[[], Junction]) -> Callable[[], Junction]:
    """Enter a junction in the list."""
    BUILDERS[build.__name__] = build
    return build


def motorway(east: str, west: str, **tags: str) -> tuple[Sketch, int, int]:
    """Return an expressway 10 km long from west to east, one way a carriageway.

    ``east`` and ``west`` name the points in between as ``name@metres``, in driving order.
    """
    sketch = Sketch()
    tags = {"name": "沿江高速", "ref": "G98"} | tags
    ways = []
    for points, y, x in ((east, 0, -5000), (west, 30, 5000)):
        names = [f"s{y}", *[text.split("@")[0] for text in points.split()], f"t{y}"]
        places = [x, *[float(text.split("@")[1]) for text in points.split()], -x]
        for name, along in zip(names, places, strict=True):
            sketch.point(name, along, y)
        ways.append(sketch.way(" ".join(names), "motorway", oneway="yes", **tags))
    return sketch, ways[0], ways[1]


def trumpet_ramps(sketch: Sketch, exit_points: str, entry_points: str) -> None:
    """Join exits a (eastbound) and c (westbound) into the exit road, and the entry road into b and d."""
    sketch.put(m=(100, -300), n=(140, -300))
    sketch.way("a m", **RAMP)
    sketch.way("c m", **RAMP)
    sketch.way(f"m {exit_points}", **RAMP)
    sketch.way(f"{entry_points} n", **RAMP)
    sketch.way("n b", **RAMP)
    sketch.way("n d", **RAMP)


@junction
def trumpet() -> Junction:
    """Trumpet with a booth on the exit and on the entry road."""
    sketch, east, west = motorway("a@-300 b@500", "c@500 d@-300")
    sketch.put(x=(100, -600), y=(140, -600), t=(120, -900), l=(-2000, -900), r=(2000, -900))
    trumpet_ramps(sketch, "x t", "t y")
    road = sketch.way("l t r", "primary", ref="S230")
    sketch.booth("x", "y", station="青石收费站")
    return Junction(sketch, frozenset("xy"), frozenset("t"), expressway=(east, west), ordinary=(road,))


@junction
def diamond() -> Junction:
    """Diamond: four ramps, each with its booth, to a road that passes over the expressway."""
    sketch, east, west = motorway("a@-500 b@500", "c@500 d@-500")
    sketch.put(p=(0, -400), q=(0, 430), l=(0, -2000), r=(0, 2000))
    sketch.put(ba=(-150, -250), bb=(150, -250), bc=(150, 280), bd=(-150, 280))
    sketch.way("a ba p", **RAMP)
    sketch.way("p bb b", **RAMP)
    sketch.way("c bc q", **RAMP)
    sketch.way("q bd d", **RAMP)
    roads = (
        sketch.way("l p", "secondary"),
        sketch.way("p q", "secondary", bridge="yes"),
        sketch.way("q r", "secondary"),
    )
    sketch.booth("ba", "bb", "bc", "bd", station="青石收费站")
    booths = frozenset({"ba", "bb", "bc", "bd"})
    return Junction(sketch, booths, frozenset("pq"), expressway=(east, west), ordinary=roads)


@junction
def booth_at_ramp_end() -> Junction:
    """Draw the only booth: it stands on the very node where the ramps meet the road."""
    sketch, east, west = motorway("a@-300 b@500", "c@500 d@-300")
    sketch.put(t=(120, -900), l=(-2000, -900), r=(2000, -900))
    trumpet_ramps(sketch, "t", "t")
    road = sketch.way("l t r", "primary")
    sketch.booth("t", station="青石收费站")
    return Junction(sketch, frozenset("t"), frozenset("t"), expressway=(east, west), ordinary=(road,))


def plaza(lanes: int, booths: int) -> Sketch:
    """Return a trumpet whose exit and entry road widen into lanes; the first ``booths`` of each have a booth."""
    sketch, _, _ = motorway("a@-300 b@500", "c@500 d@-300")
    sketch.put(f=(100, -500), g=(100, -740), h=(140, -740), i=(140, -500))
    sketch.put(t=(120, -900), l=(-2000, -900), r=(2000, -900))
    trumpet_ramps(sketch, "f", "i")
    for k in range(lanes):
        sketch.put(**{f"x{k}": (100 - 5 * k, -620), f"y{k}": (140 + 5 * k, -620)})
        sketch.way(f"f x{k} g", **RAMP)
        sketch.way(f"h y{k} i", **RAMP)
    sketch.way("g t", **RAMP)
    sketch.way("t h", **RAMP)
    sketch.way("l t r", "primary")
    return sketch.booth(*[f"{c}{k}" for c in "xy" for k in range(booths)], station="青石收费站")


@junction
def plaza_of_six_lanes() -> Junction:
    """Plaza of six lanes a side, each with its booth."""
    sketch = plaza(6, 6)
    booths = frozenset(f"{c}{k}" for c in "xy" for k in range(6))
    return Junction(sketch, booths, frozenset("t"), expressway=(101, 102))


@junction
def plaza_with_an_open_lane() -> Junction:
    """Plaza of five lanes a side, one of which lacks its booth: seams at the booths and, as a leak, where that lane ends."""
    sketch = plaza(5, 4)
    booths = frozenset(f"{c}{k}" for c in "xy" for k in range(4))
    seams, ends = booths | {"g", "h"}, frozenset("gh")
    return Junction(sketch, seams, frozenset("t"), leaks=ends, expressway=(101, 102), findings=("missing_booth",))


@junction
def plaza_of_service_lanes() -> Junction:
    """Draw a plaza whose lanes are mapped as service roads."""
    sketch = plaza(4, 4)
    service = {"highway": "service", "oneway": "yes"}
    sketch.ways = [(way, points, service if 109 <= way <= 116 else tags) for way, points, tags in sketch.ways]
    booths = frozenset(f"{c}{k}" for c in "xy" for k in range(4))
    return Junction(sketch, booths, frozenset("t"), expressway=(101, 102))


@junction
def two_way_ramp() -> Junction:
    """Draw one booth on a two-way ramp to which all others lead."""
    sketch, east, west = motorway("a@-300 b@500", "c@500 d@-300")
    sketch.put(m=(100, -300), x=(100, -600), t=(120, -900), l=(-2000, -900), r=(2000, -900))
    for points in ("a m", "m b", "c m", "m d"):
        sketch.way(points, **RAMP)
    sketch.way("m x t", "motorway_link")
    road = sketch.way("l t r", "primary")
    sketch.booth("x", station="青石收费站")
    return Junction(sketch, frozenset("x"), frozenset("t"), expressway=(east, west), ordinary=(road,))


@junction
def booth_as_a_building() -> Junction:
    """No booth node, but a booth building over the lanes."""
    sketch, east, west = motorway("a@-300 b@500", "c@500 d@-300")
    sketch.put(x=(100, -600), y=(140, -600), t=(120, -900), l=(-2000, -900), r=(2000, -900))
    trumpet_ramps(sketch, "x t", "t y")
    road = sketch.way("l t r", "primary")
    sketch.put(o1=(90, -605), o2=(150, -605), o3=(150, -595), o4=(90, -595))
    sketch.outline("o1 o2 o3 o4", building="toll_booth", name="青石收费站")
    found = ("booth_from_area",)
    return Junction(sketch, frozenset("xy"), frozenset("t"), expressway=(east, west), ordinary=(road,), findings=found)


@junction
def main_line_station() -> Junction:
    """Booths across both carriageways with a long expressway on either side are no seam."""
    sketch, east, west = motorway("a@0", "b@0")
    sketch.booth("a", "b", station="江北主线收费站")
    found = ("main_line_station",)
    return Junction(sketch, frozenset(), frozenset(), expressway=(east, west), findings=found)


@junction
def motorway_into_trunk() -> Junction:
    """Draw a stub: the expressway becomes a trunk road 700 m after its booths, and ramps join in between."""
    sketch = Sketch()
    sketch.put(s=(-5000, 0), b=(0, 0), j=(300, 0), k=(700, 0), e=(3000, 0))
    sketch.put(s2=(-5000, 30), b2=(0, 30), j2=(300, 30))
    sketch.put(p=(450, -300), q=(450, 330), l=(450, -2000), r=(450, 2000))
    inner = sketch.way("s b", "motorway", oneway="yes", name="沿江高速"), sketch.way("b2 s2", "motorway", oneway="yes")
    outer = sketch.way("b j k", "motorway", oneway="yes"), sketch.way("k j2 b2", "motorway", oneway="yes")
    ramps = sketch.way("j p", **RAMP), sketch.way("q j2", **RAMP)
    roads = sketch.way("k e", "trunk", ref="G318"), sketch.way("l p r q", "secondary")
    sketch.ways[-1] = (roads[1], ["l", "p", "q", "r"], {"highway": "secondary", "bridge": "yes"})
    sketch.booth("b", "b2", station="青石收费站")
    return Junction(
        sketch, frozenset({"b", "b2"}), frozenset("kpq"), expressway=inner, ordinary=(*outer, *ramps, *roads)
    )


def service_area(gate: dict[str, str] | None) -> tuple[Sketch, tuple[int, ...], int]:
    """Return an expressway with a service area whose back gate leads to a village road."""
    sketch, _, _ = motorway("a@-300 b@300", "")
    sketch.put(p=(-150, -60), q=(150, -60), c=(0, -120), g=(0, -200), v=(0, -400), l=(-2000, -400), r=(2000, -400))
    sketch.put(o1=(-180, -40), o2=(180, -40), o3=(180, -180), o4=(-180, -180))
    sketch.way("a p", **RAMP)
    sketch.way("q b", **RAMP)
    inside = sketch.way("p q", "service"), sketch.way("p c q", "service"), sketch.way("c g", "service")
    back = sketch.way("g v", "service")
    sketch.way("l v r", "tertiary")
    sketch.outline("o1 o2 o3 o4", highway="services", name="青石服务区")
    if gate:
        sketch.tag("g", gate)
    return sketch, inside, back


@junction
def service_area_with_gate() -> Junction:
    """Service area whose back road carries a gate: the seam is the gate."""
    sketch, inside, back = service_area({"barrier": "gate"})
    return Junction(sketch, frozenset("g"), frozenset("g"), expressway=inside, ordinary=(back,))


@junction
def service_area_with_open_back_road() -> Junction:
    """Service area whose back road carries no gate: the seam is where the area ends or the village road begins."""
    sketch, inside, _ = service_area(None)
    found = ("service_area_open",)
    return Junction(sketch, frozenset("g"), frozenset("g"), leaks=frozenset("g"), expressway=inside, findings=found)


@junction
def free_flow_interchange() -> Junction:
    """Two expressways joined by ramps without booths: no seam."""
    sketch, east, west = motorway("a@-400 b@400", "c@400 d@-400")
    sketch.put(u=(0, -5000), m=(0, -400), n=(0, 430), o=(0, 5000))
    other = sketch.way("u m", "motorway", ref="S17"), sketch.way("m n", "motorway", ref="S17", bridge="yes")
    other += (sketch.way("n o", "motorway", ref="S17"),)
    ramps = sketch.way("a n", **RAMP), sketch.way("m b", **RAMP), sketch.way("c n", **RAMP), sketch.way("m d", **RAMP)
    return Junction(sketch, frozenset(), frozenset(), expressway=(east, west, *other, *ramps))


@junction
def toll_free_expressway() -> Junction:
    """Draw an expressway without any booth: seams at the ramp ends under both conventions, listed as leaks."""
    sketch, east, west = motorway("a@-500 b@500", "c@500 d@-500")
    sketch.put(p=(0, -400), q=(0, 430), l=(0, -2000), r=(0, 2000))
    sketch.way("a p", **RAMP)
    sketch.way("p b", **RAMP)
    sketch.way("c q", **RAMP)
    sketch.way("q d", **RAMP)
    sketch.way("l p", "secondary")
    sketch.way("p q", "secondary", bridge="yes")
    sketch.way("q r", "secondary")
    ends = frozenset("pq")
    return Junction(sketch, ends, ends, leaks=ends, expressway=(east, west), findings=("no_station", "leak"))


@junction
def urban_fast_road() -> Junction:
    """Draw a motorway by tag that is an urban fast road by name: ordinary, to be confirmed."""
    sketch, east, west = motorway("a@-500", "c@500", name="滨江快速路", ref="")
    sketch.put(p=(0, -400), l=(-2000, -400), r=(2000, -400))
    sketch.way("a p", **RAMP)
    sketch.way("l p r", "secondary")
    return Junction(sketch, frozenset(), frozenset(), ordinary=(east, west), findings=("urban_expressway",))


@junction
def three_digit_expressway() -> Junction:
    """S101, a number of an ordinary road, on an expressway by class and name: expressway."""
    sketch, east, west = motorway("a@-300 b@500", "c@500 d@-300", name="西岭高速", ref="S101")
    sketch.put(x=(100, -600), y=(140, -600), t=(120, -900), l=(-2000, -900), r=(2000, -900))
    trumpet_ramps(sketch, "x t", "t y")
    sketch.way("l t r", "primary", ref="S101")
    sketch.booth("x", "y")
    return Junction(sketch, frozenset("xy"), frozenset("t"), expressway=(east, west), ordinary=(109,))


@junction
def campus_gate() -> Junction:
    """Draw a campus gate: a booth on a campus road beside a proper station is no seam."""
    built = trumpet()
    built.sketch.put(g=(-1000, -1000), h=(-1000, -1200))
    built.sketch.ways[8] = (109, ["l", "g0", "t", "r"], {"highway": "primary"})
    built.sketch.put(g0=(-1000, -900))
    campus = built.sketch.way("g0 g h", "service")
    built.sketch.booth("g", station="师范学院东门")
    return Junction(
        built.sketch, frozenset("xy"), frozenset("t"), ordinary=(109, campus), findings=("gate_not_station",)
    )


@junction
def removed_border_station() -> Junction:
    """Draw a border station that was removed: it is no seam."""
    sketch, east, west = motorway("a@0", "b@0")
    sketch.tag("a", {"disused:barrier": "toll_booth", "name": "省界收费站"})
    sketch.tag("b", {"removed:barrier": "toll_booth", "name": "省界收费站"})
    found = ("removed_border_station",)
    return Junction(sketch, frozenset(), frozenset(), expressway=(east, west), findings=found)


@junction
def gantry() -> Junction:
    """Draw toll gantries on the main line and on a ramp: they are never a seam."""
    built = trumpet()
    built.sketch.point("gantry", 3000, 0, highway="toll_gantry")
    built.sketch.point("ramp_gantry", 100, -450, highway="toll_gantry")
    east = built.sketch.ways[0]
    built.sketch.ways[0] = (101, [*east[1][:-1], "gantry", east[1][-1]], east[2])
    built.sketch.ways[4] = (105, ["m", "ramp_gantry", "x", "t"], RAMP)
    return Junction(built.sketch, frozenset("xy"), frozenset("t"), expressway=(101, 102))


@junction
def connector() -> Junction:
    """Draw a connector 连接线 between station and town: it is an ordinary road, whatever expressway its name holds."""
    built = trumpet()
    built.sketch.ways[8] = (109, ["l", "t", "r"], {"highway": "primary", "name": "沿江高速青石连接线"})
    return Junction(built.sketch, frozenset("xy"), frozenset("t"), expressway=(101, 102), ordinary=(109,))


@junction
def ramps_merge_before_the_booth() -> Junction:
    """Draw an inside ramp that merges with an outside ramp before the entry booth: a seam without a booth, listed as a leak."""
    built = trumpet()
    sketch = built.sketch
    sketch.put(k=(140, -750), z=(-300, -900))
    sketch.ways[5] = (106, ["t", "k", "y", "n"], RAMP)
    sketch.ways[8] = (109, ["l", "z", "t", "r"], {"highway": "primary"})
    sketch.put(c2=(900, 30))
    west = sketch.ways[1]
    sketch.ways[1] = (102, [west[1][0], "c2", *west[1][1:]], west[2])
    sketch.way("c2 k", **RAMP)
    return Junction(sketch, frozenset("xyk"), frozenset("t"), leaks=frozenset("k"), expressway=(101, 102, 110))


@junction
def bridge_without_a_shared_node() -> Junction:
    """Draw a road over the expressway that shares no node with it: no seam there."""
    built = trumpet()
    built.sketch.put(u=(-1500, -2000), o=(-1500, 2000))
    over = built.sketch.way("u o", "trunk", bridge="yes", layer="1")
    return Junction(built.sketch, frozenset("xy"), frozenset("t"), ordinary=(over,))
