"""Turn restrictions of the map: read from relations, and turned into the forbidden turns of the travel graph.

Relations ``type=restriction`` say: coming by way ``from``, at node ``via``, no way to ``to`` (``no_*``), or only to it
(``only_*``). See https://wiki.openstreetmap.org/wiki/Relation:restriction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.network import Network
from geo.turns import allowed_arcs, arc_ends

Ints = npt.NDArray[np.int64]

DRIVERS = ("motor_vehicle", "motorcar")
"""What a patrol car is, in the words of ``except=`` and ``restriction:<vehicle>=``."""
ON_DUTY = (*DRIVERS, "emergency")
"""A patrol car under blue light, which ``except=emergency`` lets through."""
_KINDS = frozenset({
    "no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit",
    "only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn",
})  # fmt: skip
_MAX_PLACES = 50


@dataclass(frozen=True)
class Restrictions:
    """Turn restrictions, one row a pair of ways, ascending by relation id.

    Attributes
    ----------
    id
        int64 (rows,), OSM relation id.
    from_way, to_way
        int64 (rows,), OSM way ids.
    via_node
        int64 (rows,), OSM node id, 0 where a way leads from one to the other.
    via_way
        int64 (rows,), OSM way id (the first of several), 0 where a node does.
    kind
        ``no_left_turn``, ``only_straight_on``, …, a row each.
    vehicle
        The vehicle of ``restriction:<vehicle>``, ``""`` for all.
    exempt
        The vehicles of ``except=``, a row each.
    condition
        Text of a conditional restriction after ``@``, ``""`` for one that always holds.
    incomplete
        int64, ids of relations that cannot be read: an unknown kind, or members missing.
    """

    id: Ints
    from_way: Ints
    to_way: Ints
    via_node: Ints
    via_way: Ints
    kind: tuple[str, ...]
    vehicle: tuple[str, ...]
    exempt: tuple[frozenset[str], ...]
    condition: tuple[str, ...]
    incomplete: Ints

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class ForbiddenTurns:
    """Forbidden pairs of arcs, as ``geo.turns.find_forbidden_turns`` returns them, and what could not be applied.

    Attributes
    ----------
    arrive, leave
        int64 (turns,), arcs (``2 * segment`` along the way, ``2 * segment + 1`` against it), sorted, each pair once.
    findings
        Restrictions that are not applied, by reason.
    """

    arrive: Ints
    leave: Ints
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    from_way: int
    to_way: int
    via_node: int
    via_way: int
    kind: str
    vehicle: str
    exempt: frozenset[str]
    condition: str


def read_restrictions(path: Path) -> Restrictions:
    """Read the turn restrictions of an OSM file, in a pass of its own over its relations.

    Parameters
    ----------
    path
        ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``; already admitted by ``geo.intake``.

    Raises
    ------
    InputError
        The file is cut or damaged.
    """
    import osmium
    from osmium import filter as of
    from osmium import osm

    relations = []
    try:
        for relation in osmium.FileProcessor(str(path), osm.RELATION).with_filter(
            of.TagFilter(("type", "restriction"))
        ):
            members = [(m.type, m.ref, m.role) for m in relation.members]  # type: ignore[union-attr]
            relations.append((relation.id, dict(relation.tags), members))
    except RuntimeError as error:
        raise InputError(
            f"{path.name}：地图文件损坏或不完整，请重新下载。 / the map is damaged: download it again."
        ) from error
    return gather_restrictions(relations)


def gather_restrictions(
    relations: Iterable[tuple[int, Mapping[str, str], Sequence[tuple[str, int, str]]]],
) -> Restrictions:
    """Return the turn restrictions of relations: id, tags, members (kind, id, role); the last of an id counts."""
    rows: dict[int, list[_Row]] = {}
    incomplete: set[int] = set()
    for ident, tags, members in relations:
        found = list(_read_one(ident, tags, members))
        rows[ident] = found
        (incomplete.discard if found else incomplete.add)(ident)
    return _to_columns([row for _, some in sorted(rows.items()) for row in some], incomplete)


def _read_one(ident: int, tags: Mapping[str, str], members: Sequence[tuple[str, int, str]]) -> Iterator[_Row]:
    """Yield the rows of one relation: one a pair of ``from`` and ``to``, one a kind that it states."""
    ways = {role: [ref for kind, ref, r in members if kind == "w" and r == role] for role in ("from", "to", "via")}
    nodes = [ref for kind, ref, role in members if kind == "n" and role == "via"]
    if not (ways["from"] and ways["to"] and (len(nodes) == 1 or (ways["via"] and not nodes))):
        return
    exempt = frozenset(part.strip() for part in tags.get("except", "").split(";")) - {""}
    for key, value in sorted(tags.items()):
        name, _, vehicle = key.partition(":")
        if name != "restriction":
            continue
        kind, _, condition = (part.strip() for part in value.partition("@"))
        conditional = vehicle.endswith("conditional")
        vehicle = vehicle.removesuffix("conditional").rstrip(":")
        if kind not in _KINDS:
            continue
        for start in sorted(set(ways["from"])):
            for end in sorted(set(ways["to"])):
                node, way = (nodes[0], 0) if nodes else (0, ways["via"][0])
                stated = condition or ("?" if conditional else "")
                yield _Row(ident, start, end, node, way, kind, vehicle, exempt, stated)


def _to_columns(rows: list[_Row], incomplete: Collection[int]) -> Restrictions:
    def numbers(name: str) -> Ints:
        return np.array([getattr(row, name) for row in rows], dtype=np.int64)

    return Restrictions(
        id=numbers("id"),
        from_way=numbers("from_way"),
        to_way=numbers("to_way"),
        via_node=numbers("via_node"),
        via_way=numbers("via_way"),
        kind=tuple(row.kind for row in rows),
        vehicle=tuple(row.vehicle for row in rows),
        exempt=tuple(row.exempt for row in rows),
        condition=tuple(row.condition for row in rows),
        incomplete=np.array(sorted(incomplete), dtype=np.int64),
    )


def forbidden_turns(
    network: Network, restrictions: Restrictions, *, drivers: Collection[str] = DRIVERS
) -> ForbiddenTurns:
    """Return the pairs of arcs that restrictions forbid.

    Parameters
    ----------
    network
        The network.
    restrictions
        As ``read_restrictions`` returns them.
    drivers
        What drives: a restriction for another vehicle, or one that exempts one of these, does not hold.

    Returns
    -------
    ForbiddenTurns
        Restrictions on ways this network does not have are passed over in silence, since they belong to roads that are
        no roads for cars or lie outside the map; those by way of a road, with a condition, or at a node one of their
        roads runs through are reported.
    """
    held = [k for k in range(len(restrictions)) if _holds(restrictions, k, drivers)]
    finder = _ArcFinder(network)
    arrive: list[Ints] = []
    leave: list[Ints] = []
    passed: dict[str, list[int]] = {"via_way": [], "conditional": [], "ambiguous": []}
    for k in held:
        if not finder.knows(int(restrictions.from_way[k]), int(restrictions.to_way[k])):
            continue
        if restrictions.condition[k]:
            passed["conditional"].append(k)
        elif restrictions.via_way[k]:
            passed["via_way"].append(k)
        else:
            pairs = finder.find(restrictions, k)
            if pairs is None:
                passed["ambiguous"].append(k)
            else:
                arrive.append(pairs[0])
                leave.append(pairs[1])
    come, go = np.concatenate([*arrive, _none()]), np.concatenate([*leave, _none()])
    order = np.lexsort((go, come))
    come, go = come[order], go[order]
    new = np.concatenate(([True], (np.diff(come) != 0) | (np.diff(go) != 0)))[: len(come)]
    findings = [_report(finder, restrictions, reason, rows) for reason, rows in passed.items() if rows]
    if len(restrictions.incomplete):
        findings.append(_report_incomplete(restrictions))
    return ForbiddenTurns(come[new], go[new], tuple(findings))


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _holds(restrictions: Restrictions, row: int, drivers: Collection[str]) -> bool:
    vehicle = restrictions.vehicle[row]
    return (not vehicle or vehicle in drivers) and not restrictions.exempt[row] & set(drivers)


class _ArcFinder:
    """Finds the arcs of a way that arrive at, or leave, a node."""

    def __init__(self, network: Network) -> None:
        self.nodes = network.nodes
        self._tail, self._head = arc_ends(network)
        self._arcs = np.flatnonzero(allowed_arcs(network)).astype(np.int64)
        self._way = np.repeat(network.ways.id[network.segments.way], 2)
        self._ways = frozenset(network.ways.id.tolist())
        self._order = np.argsort(network.nodes.id, kind="stable")
        self._sorted_ids = network.nodes.id[self._order]
        self._out = self._arcs[np.argsort(self._tail[self._arcs], kind="stable")]
        self._in = self._arcs[np.argsort(self._head[self._arcs], kind="stable")]
        self._tails, self._heads = self._tail[self._out], self._head[self._in]

    def knows(self, *ways: int) -> bool:
        """Whether the network has all of these ways."""
        return self._ways.issuperset(ways)

    def node_row(self, ident: int) -> int:
        """Return the row of a node, -1 where the network does not have it."""
        at = int(np.searchsorted(self._sorted_ids, ident))
        return int(self._order[at]) if at < len(self._order) and self._sorted_ids[at] == ident else -1

    def find(self, restrictions: Restrictions, k: int) -> tuple[Ints, Ints] | None:
        """Return the pairs of arcs one restriction forbids, or ``None`` where it could mean several turns."""
        node = self.node_row(int(restrictions.via_node[k]))
        start, end = int(restrictions.from_way[k]), int(restrictions.to_way[k])
        arriving, leaving = self._at(self._in, self._heads, node), self._at(self._out, self._tails, node)
        come, go = arriving[self._way[arriving] == start], leaving[self._way[leaving] == end]
        back = restrictions.kind[k].endswith("u_turn") and start == end
        if not back and (len(come) > 1 or len(go) > 1):
            return None
        a, b = np.repeat(come, len(leaving)), np.tile(leaving, len(come))
        wanted = (b == (a ^ 1)) if back else (b[:, None] == go).any(axis=1)
        if restrictions.kind[k].startswith("only_"):
            # Without the one allowed turn in the data, forbidding all others would close the road.
            return (a[~wanted], b[~wanted]) if wanted.any() else (_none(), _none())
        return a[wanted], b[wanted]

    @staticmethod
    def _at(arcs: Ints, nodes: Ints, node: int) -> Ints:
        first, last = np.searchsorted(nodes, [node, node + 1])
        return arcs[first:last]


_REASONS = {
    "via_way": ("经由一段路（via 为路段）", "lead over a way"),
    "conditional": ("只在某些时段或条件下有效", "hold at some hours or under a condition only"),
    "ambiguous": ("所在路口处道路未断开，无法确定是哪个转向", "lie where their road runs through the junction"),
}


def _report(finder: _ArcFinder, restrictions: Restrictions, reason: str, rows: list[int]) -> Finding:
    zh, en = _REASONS[reason]
    ids = dict.fromkeys(int(restrictions.id[k]) for k in rows)
    nodes = {int(restrictions.id[k]): finder.node_row(int(restrictions.via_node[k])) for k in rows}
    at = [row for ident in ids if (row := nodes[ident]) >= 0][:_MAX_PLACES]
    return Finding(
        f"restriction_{reason}",
        Severity.NOTE,
        len(ids),
        f"{len(ids)} 条转向限制{zh}，路径计算未采用，请在路线上人工核对。",
        f"{len(ids)} turn restrictions {en} and are not applied: check routes there by hand.",
        places=tuple((float(finder.nodes.lon[row]), float(finder.nodes.lat[row])) for row in at),
        things=tuple(f"r{ident}" for ident in list(ids)[:_MAX_PLACES]),
    )


def _report_incomplete(restrictions: Restrictions) -> Finding:
    n = len(restrictions.incomplete)
    return Finding(
        "restriction_incomplete",
        Severity.NOTE,
        n,
        f"{n} 条转向限制缺少成员或类型无法识别，未采用；若不在裁剪边缘，请在地图上补全。",
        f"{n} turn restrictions lack a member or are of an unknown kind and are not applied: complete them on the map.",
        things=tuple(f"r{ident}" for ident in restrictions.incomplete[:_MAX_PLACES].tolist()),
    )
