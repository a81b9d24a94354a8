"""The demo map as plain Python, read once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from data.demo import district_path, table_path

NOT_ROADS = {"services", "construction"}


@dataclass
class DemoMap:
    """Everything the file holds: places in degrees, tags, ways, relations."""

    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], dict[str, str]]] = field(default_factory=dict)
    relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] = field(default_factory=dict)
    order: list[tuple[str, int]] = field(default_factory=list)

    def roads(self):
        """Return the ways a car may use: id to nodes and tags."""
        return {
            i: way
            for i, way in self.ways.items()
            if ("highway" in way[1] and way[1]["highway"] not in NOT_ROADS) or way[1].get("route") == "ferry"
        }

    def segments(self):
        """Return how many pieces the roads have between nodes used more than once."""
        uses = Counter()
        for nodes, _ in self.roads().values():
            uses.update([*nodes, nodes[0], nodes[-1]])
        return sum(1 + sum(uses[n] > 1 for n in nodes[1:-1]) for nodes, _ in self.roads().values())

    def steps(self):
        """Yield every drivable step: from node, to node."""
        for nodes, tags in self.roads().values():
            for a, b in pairwise(nodes):
                yield a, b
                if tags.get("oneway") != "yes":
                    yield b, a

    def nodes_with(self, key, value):
        """Return the nodes with a tag."""
        return {n for n, tags in self.node_tags.items() if tags.get(key) == value}


@pytest.fixture(scope="session")
def demo_map():
    """Return the demo map read with pyosmium."""
    import osmium

    found = DemoMap()
    for o in osmium.FileProcessor(str(district_path())):
        tags = dict(o.tags)
        found.order.append((o.type_str(), o.id))
        if o.is_node():
            found.places[o.id] = (o.location.lon, o.location.lat)
            if tags:
                found.node_tags[o.id] = tags
        elif o.is_way():
            found.ways[o.id] = ([n.ref for n in o.nodes], tags)
        else:
            found.relations[o.id] = ([(m.type, m.ref, m.role) for m in o.members], tags)
    return found


@pytest.fixture(scope="session")
def facts():
    """Return what the generator knows about the map."""
    return json.loads(table_path("facts").read_text(encoding="utf-8"))
