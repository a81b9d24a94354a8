"""The service area: yards on both sides of the expressway, and a back gate to a village road."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.demo.curves import Point, Pose, ramp_path
from data.demo.interchanges import add_ramp
from data.demo.stations import add_area

if TYPE_CHECKING:
    from data.demo.expressways import MainLine
    from data.demo.world import World

NAME = "云栖服务区"
LABEL = "service_area"


def build_service_area(world: World, main: MainLine, u: float) -> int:
    """Add both yards and return the node at the back of the northern yard where the gate road begins."""
    backs = {side: _yard(world, main, u, side) for side in (-1, 1)}
    return backs[1]


def _yard(world: World, main: MainLine, u: float, side: int) -> int:
    """Add the yard on one side (+1 left of the centreline) and return its back corner."""
    turn = -side
    net = world.net

    def place(p: Point) -> Point:
        return main.curve.point(u + turn * p[0], turn * p[1])

    def node(a: float, b: float) -> int:
        return net.node(place((a, b)))

    out, back = main.attach(world, turn, u - turn * 470.0), main.attach(world, turn, u + turn * 470.0)
    front = [node(a, -66.0) for a in (-200.0, -160.0, -95.0, -30.0, 35.0, 100.0, 160.0, 200.0)]
    half = main.half_m
    path = ramp_path(Pose(-470, -half, -0.07), Pose(-200, -66, 0.0), radius_m=150, word="RL")
    add_ramp(world, (out, front[0]), [place(p) for p in path])
    path = ramp_path(Pose(200, -66, 0.0), Pose(470, -half, 0.07), radius_m=150, word="LR")
    add_ramp(world, (front[-1], back), [place(p) for p in path])
    net.add(front, {"highway": "service", "oneway": "yes"}, "yard", label=LABEL)
    backs = ((-160.0, -190.0), (-95.0, -196.0), (-30.0, -196.0), (35.0, -192.0), (100.0, -186.0), (160.0, -170.0))
    rear = [node(a, b) for a, b in backs]
    net.add(
        [front[1], node(-172.0, -120.0), *rear, node(172.0, -110.0), front[6]],
        {"highway": "service"},
        "yard",
        label=LABEL,
    )
    for i in range(1, 5):
        aisle = {"highway": "service", "service": "parking_aisle"}
        middle = node(-160.0 + 65.0 * i, -128.0)
        net.add([front[i + 1], middle, rear[i]], aisle, "yard", label=LABEL)
    net.add([rear[0], node(-196.0, -200.0), node(-205.0, -150.0)], {"highway": "service"}, "yard", label=LABEL)
    tags = {"highway": "services", "name": NAME}
    corners = [(-215.0, -50.0), (215.0, -50.0), (205.0, -205.0), (90.0, -222.0), (-215.0, -218.0)]
    add_area(world, [place(c) for c in corners], tags, label=f"{LABEL}_area")
    hall = [(-20.0, -140.0), (25.0, -140.0), (25.0, -165.0), (-20.0, -165.0)]
    add_area(world, [place(c) for c in hall], {"building": "retail", "name": NAME})
    fuel = node(120.0, -80.0)
    net.tag(fuel, {"amenity": "fuel", "name": f"{NAME}加油站"})
    return rear[2]
