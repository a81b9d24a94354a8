"""A made-up expressway on the equator: two carriageways 33 m apart, an interchange, a station, a crossing route."""

from __future__ import annotations

import numpy as np

from geo.calibration import calibrate
from geo.cutting import cut_network
from geo.stakes import Direction
from geo.staketable import make_stake_table
from jurisdiction.agencies import Agency
from jurisdiction.brigades import assign_brigades
from tests.builders import make_network

DEGREE_M = 111_319.49
STEP = 0.01
BRIGADES = (
    Agency("local", "区大队", "local", "普"),
    Agency("exp1", "高速一大队", "expressway", "高1"),
    Agency("exp2", "高速二大队", "expressway", "高2"),
)
M = {"highway": "motorway", "oneway": "yes"}


def corridor(*, ref="G1", east_ref="", extra=(), places=None):
    """Return the network: eastbound nodes 1…11, westbound 101…111; from node 8 east the number may differ."""
    nodes = {1 + k: (k * STEP, 0.0) for k in range(11)} | {101 + k: (k * STEP, 0.0003) for k in range(11)}
    for node in (5, 105):
        nodes[node] = (*nodes[node], {"highway": "motorway_junction", "name": "甲互通", "ref": "104"})
    nodes |= {30: (0.0705, -0.002), 31: (0.0705, -0.004), 40: (0.09, 0.0), 41: (0.09, -0.01)}
    nodes |= {50: (0.075, 0.0025)} | (places or {})
    east = east_ref or ref
    ways = [
        (10, list(range(1, 9)), M | {"ref": ref, "name": "东西高速"}),
        (11, list(range(8, 12)), M | {"ref": east, "name": "东西高速"}),
        (12, list(range(111, 107, -1)), M | {"ref": east}),
        (13, list(range(108, 100, -1)), M | {"ref": ref}),
        (20, [8, 30], {"highway": "motorway_link", "oneway": "yes"}),
        (21, [30, 31], {"highway": "primary"}),
        *extra,
    ]
    return make_network(nodes, ways, stations={"乙收费站": [30]})


def stakes(route="G1", *, first_km=100, kilometres=11):
    """Return the calibration of the route: a stake every kilometre on both carriageways, from the western end."""
    rows = []
    for way, lat in ((Direction.UP, 0.0), (Direction.DOWN, 0.0003)):
        rows += [(route, way, (first_km + k) * 1_000_000, k * 1000 / DEGREE_M, lat) for k in range(kilometres)]
    table = make_stake_table(rows)

    def of(network):
        found = calibrate(table, network=network)
        return lambda name: found if name == route else None

    return of


def inside(network):
    """Return bool (segments,): motorways and their ramps."""
    return network.segment_class <= 1


def assign(network, claims, agencies=BRIGADES, rule=None):
    """Return the cut network, its expressway and who has it."""
    cut = cut_network(network, claims.cuts)
    expressway = inside(cut.network)
    return cut, expressway, assign_brigades(cut, expressway, agencies, claims=claims, rule=rule)


def metres(cut, assignment, expressway):
    """Return agency to metres of main line."""
    main = expressway & (cut.network.segment_class == 0)
    found = {}
    for agency in sorted(set(assignment.agency[main].tolist())):
        mine = main & (assignment.agency == agency)
        found[agency] = float(cut.network.segments.length_m[mine].sum())
    return found


def reach(cut, assignment, agency, *, way):
    """Return the lowest and highest longitude, in metres from the western end, of an agency's pieces of some ways."""
    network = cut.network
    mine = np.isin(network.ways.id[network.segments.way], way) & (assignment.agency == agency)
    rows = np.flatnonzero(mine)
    ends = np.concatenate((network.segments.u[rows], network.segments.v[rows]))
    lon = network.nodes.lon[ends] * DEGREE_M
    return round(float(lon.min()), 1), round(float(lon.max()), 1)
