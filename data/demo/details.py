"""The small things of a real map: gates, islands, a ferry, milestones, a weigh station, and some doubtful data."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING

from data.demo.curves import distance
from data.demo.net import STREET, Line

if TYPE_CHECKING:
    from data.demo.world import World

ISLANDS = (((26950.0, 3300.0), 3), ((600.0, 20900.0), 4), ((13300.0, 20900.0), 2))
FERRY = ((21500.0, 11900.0), (23440.0, 12700.0))


def build_gate_road(world: World, back: int) -> None:
    """Add the back gate of the service area and the village road behind it."""
    net = world.net
    start = net.places[back]
    goal = net.anchor((15950.0, 9000.0), 300.0)
    end = net.places[goal]
    way = (end[0] - start[0], end[1] - start[1])
    size = hypot(*way)
    gate = net.node(
        (start[0] + way[0] / size * 45.0, start[1] + way[1] / size * 45.0), barrier="gate", access="private"
    )
    net.add([back, gate], {"highway": "service"}, "yard", label="back_gate_road")
    middle = (start[0] + way[0] * 0.55 + 60.0, start[1] + way[1] * 0.55)
    net.add_street([gate, middle, goal], {"highway": "unclassified", "name": "云栖后场路"})
    world.mark("back_gate", gate)


def add_islands(world: World) -> None:
    """Add small pieces of road that no other road reaches."""
    for (x, y), size in ISLANDS:
        trunk = world.net.add_street(
            [(x + 70.0 * k, y + 18.0 * (k % 2)) for k in range(size + 1)], {"highway": "unclassified"}, label="island"
        )
        for k in range(1, size):
            place = world.net.places[trunk.nodes[k]]
            world.net.add_street(
                [trunk.nodes[k], (place[0] + 12.0, place[1] + 85.0)], {"highway": "residential"}, label="island"
            )


def add_details(world: World) -> None:
    """Add single features that later checks look for."""
    _add_ferry(world)
    _add_milestones(world)
    _add_campus_gate(world)
    _add_weigh_station(world)
    _add_construction(world)
    _add_lights(world)


def _add_ferry(world: World) -> None:
    net = world.net
    ends = [net.anchor(p, 900.0) for p in FERRY]
    p, q = (net.places[n] for n in ends)
    inner = [net.node((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]) + 60.0)) for t in (0.3, 0.7)]
    tags = {"route": "ferry", "motor_vehicle": "yes", "name": "澄湖渡口", "duration": "00:12"}
    net.add([ends[0], *inner, ends[1]], tags, "ferry", label="ferry")


def _add_milestones(world: World) -> None:
    """Put a milestone on every kilometre of the national road from the west."""
    net = world.net
    lines = [line for line in net.lines if line.tags.get("ref") == "G389"]
    chain = _chain([line.nodes for line in lines])
    run, nxt, kilometre = 0.0, 400.0, 86
    for a, b in pairwise(chain):
        run += distance(net.places[a], net.places[b])
        if run >= nxt and b not in net.node_tags:
            net.tag(b, {"highway": "milestone", "distance": str(kilometre)})
            world.mark("milestones", b)
            kilometre += 1
            nxt += 1000.0


def _chain(pieces: list[list[int]]) -> list[int]:
    """Return the nodes of consecutive ways as one list, from the way that begins at no other's end."""
    ends = {piece[-1] for piece in pieces}
    by_start = {piece[0]: piece for piece in pieces}
    here = next(piece for piece in pieces if piece[0] not in ends)
    chain = list(here)
    while chain[-1] in by_start:
        chain += by_start[chain[-1]][1:]
    return chain


def _add_campus_gate(world: World) -> None:
    """Make a node of a town service road a toll booth: the gate of a campus, not a station."""
    net = world.net
    target = (8000.0, 11000.0)
    lines = [
        line for line in net.lines if line.group == STREET and line.tags["highway"] == "service" and len(line.nodes) > 3
    ]
    line = min(lines, key=lambda entry: (round(distance(net.places[entry.nodes[1]], target), 2), entry.nodes))
    gate = line.nodes[1]
    net.tag(gate, {"barrier": "toll_booth", "name": "岚溪学院北门"})
    line.tags["name"] = "学院内部路"
    world.mark("campus_gate", gate)


def _add_weigh_station(world: World) -> None:
    """Add the weigh station on the national road west of the town."""
    net = world.net
    head = net.anchor((5200.0, 9700.0), 300.0)
    near = net.nearest((5450.0, 9700.0), 300.0, (STREET,))
    tail = head if near is None else net.anchor((5450.0, 9700.0), 300.0)
    p, q = net.places[head], net.places[tail]
    bridge = [net.node((r[0], r[1] + 42.0)) for r in (p, q)]
    net.add([head, *bridge, tail], {"highway": "service", "name": "岚西超限检测站"}, "yard", label="weigh_station")
    scale = net.node(((p[0] + q[0]) / 2, (p[1] + q[1]) / 2 + 60.0))
    net.tag(scale, {"amenity": "weighbridge", "name": "岚西超限检测站"})
    world.mark("weigh_station", scale)
    world.spots["weigh_station"] = net.places[scale]


def _add_construction(world: World) -> None:
    """Add an unfinished road south of the town."""
    net = world.net
    start = net.anchor((8750.0, 4900.0), 400.0)
    p = net.places[start]
    inner = [
        net.node((p[0] + d, p[1] + b)) for d, b in ((300.0, -60.0), (700.0, -150.0), (1100.0, -130.0), (1500.0, -40.0))
    ]
    net.add(
        [start, *inner],
        {"highway": "construction", "construction": "primary", "name": "南环线"},
        "construction",
        label="construction",
    )


def _add_lights(world: World) -> None:
    """Put traffic lights where two main streets meet."""
    net = world.net
    seen: dict[int, int] = {}
    for line in net.lines:
        if line.group == STREET and line.tags["highway"] in {"trunk", "primary", "secondary"}:
            for n in line.nodes[1:-1]:
                seen[n] = seen.get(n, 0) + 1
    for n, count in sorted(seen.items()):
        if count > 1 and n not in net.node_tags:
            net.tag(n, {"highway": "traffic_signals"})


def add_doubtful(world: World) -> None:
    """Add a few mistakes that maps really hold: a doubled way, a wrong direction, odd limits, a way of no length."""
    net = world.net
    rng = world.rng("doubtful")
    streets = [i for i, line in enumerate(net.lines) if line.group == STREET and line.tags["highway"] == "residential"]
    picks = [net.lines[i] for i in rng.sample(streets, 4)]
    net.lines.append(Line(list(picks[0].nodes), dict(picks[0].tags), STREET, "duplicate"))
    picks[1].tags["maxspeed"] = "80 mph"
    main = next(line for line in net.lines if line.label == "G98" and "maxspeed" not in line.tags)
    main.tags["maxspeed"] = "none"
    ends = _dead_end(world, picks)
    ends.tags["oneway"] = "yes"
    ends.label = "wrong_oneway"
    place = net.places[picks[2].nodes[0]]
    twin = net.node(place)
    net.lines.append(Line([picks[2].nodes[0], twin], {"highway": "service"}, STREET, "zero_length"))


def _dead_end(world: World, avoid: list[Line]) -> Line:
    """Return a short street with a dead end, to be given a direction that traps who enters."""
    net = world.net
    uses: dict[int, int] = {}
    for line in net.lines:
        for n in line.nodes:
            uses[n] = uses.get(n, 0) + 1
    return next(
        line
        for line in net.lines
        if line.group == STREET
        and line not in avoid
        and line.tags["highway"] == "residential"
        and not line.label
        and uses[line.nodes[-1]] == 1
        and all(uses[n] == 1 for n in line.nodes[1:])
    )
