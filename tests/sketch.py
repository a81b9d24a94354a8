"""Maps drawn in metres by hand, written as OSM XML or loaded as a network."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, pi, radians
from pathlib import Path
from xml.sax.saxutils import quoteattr

from geo.load import load_network
from geo.network import Network

METRES_PER_DEGREE = 6_371_008.8 * pi / 180


@dataclass
class Sketch:
    """A made-up map: named points in metres around an origin, ways and outlines through them."""

    origin: tuple[float, float] = (114.2, 22.7)
    points: dict[str, tuple[int, float, float, Mapping[str, str]]] = field(default_factory=dict)
    ways: list[tuple[int, list[str], Mapping[str, str]]] = field(default_factory=list)
    relations: list[tuple[int, list[int], Mapping[str, str]]] = field(default_factory=list)

    def point(self, name: str, x_m: float, y_m: float, /, **tags: str) -> Sketch:
        """Add a point; its OSM id is its place in the order of creation, from 1."""
        self.points[name] = (len(self.points) + 1, x_m, y_m, tags)
        return self

    def put(self, **places: tuple[float, float]) -> Sketch:
        """Add several points without tags."""
        for name, (x, y) in places.items():
            self.point(name, x, y)
        return self

    def tag(self, name: str, tags: Mapping[str, str]) -> Sketch:
        """Give a point tags."""
        ident, x, y, old = self.points[name]
        self.points[name] = (ident, x, y, {**old, **tags})
        return self

    def booth(self, *names: str, station: str = "") -> Sketch:
        """Make points toll booths."""
        for name in names:
            self.tag(name, {"barrier": "toll_booth"} | ({"name": station} if station else {}))
        return self

    def way(self, points: str, highway: str = "", /, **tags: str) -> int:
        """Add a way through space-separated points; returns its OSM id (from 101)."""
        ident = len(self.ways) + 101
        self.ways.append((ident, points.split(), ({"highway": highway} if highway else {}) | tags))
        return ident

    def outline(self, points: str, /, **tags: str) -> int:
        """Add a closed way that is no road."""
        names = points.split()
        ident = len(self.ways) + 101
        self.ways.append((ident, [*names, names[0]], tags))
        return ident

    def relation(self, members: Sequence[int], /, **tags: str) -> int:
        """Add a relation of outer ways."""
        ident = len(self.relations) + 501
        self.relations.append((ident, list(members), tags))
        return ident

    def id(self, name: str) -> int:
        """Return the OSM id of a point."""
        return self.points[name][0]

    def name(self, ident: int) -> str:
        """Return the name of the point with an OSM id, or its id as text."""
        return next((name for name, point in self.points.items() if point[0] == ident), str(ident))

    def place(self, name: str) -> tuple[float, float]:
        """Return ``(lon, lat)`` of a point."""
        _, x, y, _ = self.points[name]
        lon, lat = self.origin
        return round(lon + x / (METRES_PER_DEGREE * cos(radians(lat))), 7), round(lat + y / METRES_PER_DEGREE, 7)

    def elements(self) -> tuple[list[str], list[str], list[str]]:
        """Return nodes, ways and relations as XML texts."""
        nodes = []
        for name, (ident, _, _, tags) in self.points.items():
            lon, lat = self.place(name)
            nodes.append(f'<node id="{ident}" version="1" lon="{lon}" lat="{lat}">{_tags(tags)}</node>')
        ways = []
        for ident, names, tags in self.ways:
            refs = "".join(f'<nd ref="{self.points[n][0]}"/>' for n in names)
            ways.append(f'<way id="{ident}" version="1">{refs}{_tags(tags)}</way>')
        relations = []
        for ident, members, tags in self.relations:
            refs = "".join(f'<member type="way" ref="{m}" role="outer"/>' for m in members)
            relations.append(f'<relation id="{ident}" version="1">{refs}{_tags(tags)}</relation>')
        return nodes, ways, relations

    def xml(self) -> str:
        """Return the map as OSM XML: nodes, ways, relations."""
        return wrap_xml([text for kind in self.elements() for text in kind])

    def shuffled_xml(self, seed: int) -> str:
        """Return the map with its elements in any order, ways before their nodes too."""
        body = [text for kind in self.elements() for text in kind]
        random.Random(seed).shuffle(body)
        return wrap_xml(body)

    def write(self, path: Path) -> Path:
        """Write the map as OSM XML and return its path."""
        path.write_text(self.xml(), encoding="utf-8")
        return path

    def load(self, folder: Path) -> Network:
        """Load the map with stations and findings, through the true reader."""
        return load_network(self.write(folder / "sketch.osm"))


def wrap_xml(body: Sequence[str]) -> str:
    """Return an OSM XML document around some elements."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n' + "\n".join(body) + "\n</osm>\n"


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
