"""The district and its townships: admin relations whose member ways are shared between neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from data.demo.curves import Point, spline
from data.demo.terrain import noise

if TYPE_CHECKING:
    from data.demo.world import World

DISTRICT = "岚溪区"
CORNERS: dict[str, Point] = {
    "a": (900, 900),
    "b": (7000, 500),
    "c": (14800, 700),
    "d": (26100, 1100),
    "e": (26500, 9000),
    "f": (26000, 13800),
    "g": (25600, 20300),
    "h": (15000, 21000),
    "i": (5600, 20700),
    "j": (900, 19200),
    "k": (700, 12600),
    "l": (1000, 6800),
    "m": (6300, 6300),
    "n": (6200, 12900),
    "o": (12300, 12600),
    "p": (12500, 6500),
    "q": (18200, 8300),
    "r": (18300, 13000),
}
EDGES = ("ab", "bc", "cd", "de", "ef", "fg", "gh", "hi", "ij", "jk", "kl", "la", "lm", "kn", "mn", "no", "op", "pm",
         "pq", "qr", "or", "qe", "rf", "bm", "cp", "oh", "cq", "rh")  # fmt: skip
TOWNS = (
    ("岚溪街道", ("mn", "no", "op", "pm")),
    ("梅坞镇", ("kl", "lm", "mn", "kn")),
    ("竹篁镇", ("bc", "cp", "pm", "bm")),
    ("槐荫乡", ("la", "ab", "bm", "lm")),
    ("砚塘镇", ("cd", "de", "qe", "cq")),
    ("荻浦乡", ("cq", "pq", "cp")),
    ("东岗镇", ("pq", "qr", "or", "op")),
    ("澄湖镇", ("qe", "ef", "rf", "qr")),
    ("北垣镇", ("rf", "fg", "gh", "rh")),
    ("柳汀镇", ("or", "rh", "oh")),
    ("松涧镇", ("kn", "no", "oh", "hi", "ij", "jk")),
)
OUTER = ("ab", "bc", "cd", "de", "ef", "fg", "gh", "hi", "ij", "jk", "kl", "la")


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation in the making: tags and member lines by index with roles."""

    tags: dict[str, str]
    members: list[tuple[int, str]] = field(default_factory=list)


def build_boundaries(world: World) -> list[Relation]:
    """Add the boundary ways and return the relations of the district and its towns."""
    net = world.net
    corner_nodes = {key: net.node(place) for key, place in CORNERS.items()}
    index: dict[str, int] = {}
    for edge in EDGES:
        start, end = CORNERS[edge[0]], CORNERS[edge[1]]
        inner = [_bent(p, start, end) for p in spline([start, end], 260.0)[1:-1]]
        nodes = [corner_nodes[edge[0]], *(net.node(p) for p in inner), corner_nodes[edge[1]]]
        level = "6" if edge in OUTER else "8"
        index[edge] = len(net.lines)
        net.add(nodes, {"boundary": "administrative", "admin_level": level}, "boundary")
    relations = [Relation(_tags(DISTRICT, "6"), [(index[e], "outer") for e in OUTER])]
    relations += [Relation(_tags(name, "8"), [(index[e], "outer") for e in edges]) for name, edges in TOWNS]
    return relations


def _bent(place: Point, start: Point, end: Point) -> Point:
    """Return the point moved by noise that fades at both corners."""
    total = (end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2
    t = ((place[0] - start[0]) * (end[0] - start[0]) + (place[1] - start[1]) * (end[1] - start[1])) / total
    fade = min(1.0, 5 * min(t, 1 - t))
    return (
        place[0] + fade * (330 * noise(place, 1900.0, 51) + 110 * noise(place, 600.0, 52)),
        place[1] + fade * (330 * noise(place, 1900.0, 53) + 110 * noise(place, 600.0, 54)),
    )


def _tags(name: str, level: str) -> dict[str, str]:
    return {"type": "boundary", "boundary": "administrative", "admin_level": level, "name": name}


def district_ring(world: World, relations: list[Relation]) -> list[Point]:
    """Return the closed ring of the district in metres."""
    net = world.net
    ring = [p for i, _ in relations[0].members for p in net.points(net.lines[i])[:-1]]
    return [*ring, ring[0]]


def crosses(ring: list[Point], p: Point, q: Point) -> Point | None:
    """Return where the piece p-q crosses the ring, or None."""
    for a, b in pairwise(ring):
        rx, ry, sx, sy = q[0] - p[0], q[1] - p[1], b[0] - a[0], b[1] - a[1]
        det = rx * sy - ry * sx
        if det == 0:
            continue
        t = ((a[0] - p[0]) * sy - (a[1] - p[1]) * sx) / det
        w = ((a[0] - p[0]) * ry - (a[1] - p[1]) * rx) / det
        if 0 <= t <= 1 and 0 <= w <= 1:
            return (p[0] + t * rx, p[1] + t * ry)
    return None
