"""Outlines on the map: service areas, booth buildings, districts and towns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.findings import Finding, Severity
from geo.network import Area

Relation = tuple[int, Mapping[str, str], Sequence[int]]
"""A relation: id, tags, ids of the ways on its outer edge."""

_RING_POINTS = 4


@dataclass(frozen=True, slots=True)
class Outline:
    """A way that is, or is part of, an outline: its id, tags, node ids and places (points, 2) lon/lat WGS-84."""

    way: int
    tags: Mapping[str, str]
    refs: tuple[int, ...]
    places: npt.NDArray[np.float64]

    @property
    def is_closed(self) -> bool:
        """Whether the way ends where it began and encloses something."""
        return len(self.refs) >= _RING_POINTS and self.refs[0] == self.refs[-1]


def kind_of_area(tags: Mapping[str, str]) -> str:
    """Return the kind of area a set of tags means, ``""`` for none."""
    if tags.get("highway") in {"services", "rest_area"}:
        return tags["highway"]
    if "toll_booth" in {tags.get("building"), tags.get("barrier")}:
        return "toll_booth"
    if "toll_booth" in {tags.get("disused:barrier"), tags.get("removed:barrier")}:
        return "removed_toll_booth"
    if tags.get("boundary") == "administrative":
        return "admin"
    return ""


def find_areas(outlines: Sequence[Outline], relations: Sequence[Relation]) -> tuple[tuple[Area, ...], list[Finding]]:
    """Make areas of closed ways and of relations whose outer ways are all there.

    Returns
    -------
    areas
        Sorted by kind, then id.
    findings
        Relations whose ring does not close (a clipped district, for instance).
    """
    by_way = {outline.way: outline for outline in outlines}
    areas = [
        Area(f"w{o.way}", kind, o.tags.get("name", ""), (o.places,), o.tags)
        for o in outlines
        if o.is_closed and (kind := kind_of_area(o.tags)) and "boundary" not in o.tags
    ]
    broken: list[int] = []
    for relation, tags, members in relations:
        known = [by_way[m] for m in members if m in by_way]
        rings = _join_rings(known) if len(known) == len(members) else None
        if rings:
            kind = kind_of_area(tags)
            areas.append(Area(f"r{relation}", kind, tags.get("name", ""), rings, tags))
        else:
            broken.append(relation)
    findings = []
    if broken:
        findings.append(
            Finding(
                "open_outline",
                Severity.NOTE,
                len(broken),
                f"{len(broken)} 个行政区划边界在文件内不闭合，未使用；需要时请导入完整的边界。",
                f"{len(broken)} administrative outlines are not complete in this file and are not used.",
                things=tuple(f"r{i}" for i in sorted(broken)[:50]),
            )
        )
    return tuple(sorted(areas, key=lambda a: (a.kind, a.id))), findings


def _join_rings(parts: Sequence[Outline]) -> tuple[npt.NDArray[np.float64], ...] | None:
    """Join ways end to end into closed rings; ``None`` when an end stays loose."""
    rest = sorted(parts, key=lambda o: o.way)
    rings = []
    while rest:
        first = rest.pop(0)
        refs, places = list(first.refs), [first.places]
        while refs[0] != refs[-1]:
            nxt = next((o for o in rest if refs[-1] in {o.refs[0], o.refs[-1]}), None)
            if nxt is None:
                return None
            rest.remove(nxt)
            forward = nxt.refs[0] == refs[-1]
            refs += nxt.refs[1:] if forward else nxt.refs[-2::-1]
            places.append(nxt.places[1:] if forward else nxt.places[-2::-1])
        rings.append(np.concatenate(places))
    return tuple(rings) or None
