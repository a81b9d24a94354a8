"""Stake tables in a plan: how a table becomes the decisions ``set_stakes``, one a route, and is read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from geo.chains import BrokenChain
from geo.datum import Datum
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.network import Network
from geo.routetrace import find_route
from geo.stakedesk import StakeDesk
from geo.stakes import Direction
from geo.staketable import StakeSource, StakeTable, make_stake_table, read_stake_table
from geo.suspicion import suspect_by_roads
from plan.decisions import Decision

KIND = "set_stakes"
_COLUMNS = ("direction", "mm", "lon", "lat", "line")


def make_stake_decisions(
    path: str | Path, network: Network, *, datum: Datum = Datum.WGS84, route: str = "", when: str = ""
) -> tuple[Decision, ...]:
    """Read a stake table and return one decision a route, in the order of the routes.

    Parameters
    ----------
    path
        CSV or XLSX.
    network
        The map: names of roads in the table become their numbers, and coordinates are held against its roads.
    datum
        What the coordinates are given in; they are kept in WGS-84.
    route
        Route of rows that name none.
    when
        ISO date of the decisions.

    Raises
    ------
    InputError
        The file is no stake table, or names no route.
    """
    table, findings = read_stake_table(path, datum=datum, route=route)
    names = StakeDesk(network)
    number = {text: (names.name_routes(text) or (text,))[0] for text in set(table.route)}
    routes = [number[text] for text in table.route]
    if not all(routes):
        msg = (
            f"{Path(path).name}：有的行没有写明路线，请补上“路线”一列或用 --route 指明。"
            f" / {Path(path).name}: some rows name no route; add a column route or give --route."
        )
        raise InputError(msg)
    doubt = _suspect(table, routes, network, datum)
    result = []
    for key in sorted(set(routes)):
        rows = table.take([k for k, name in enumerate(routes) if name == key])
        chains = {(key, way): found for (name, way), found in (table.chains or {}).items() if number.get(name) == key}
        mine = StakeTable(
            (key,) * len(rows), rows.direction, rows.mm, rows.lon, rows.lat, rows.line, rows.source, chains
        )
        value = stakes_value(mine, [*findings, *doubt]) | {"file": Path(path).name, "datum": str(datum)}
        result.append(Decision(KIND, key, value, when=when))
        findings, doubt = (), []
    return tuple(result)


def _suspect(table: StakeTable, routes: Sequence[str], network: Network, datum: Datum) -> list[Finding]:
    """Ask whether the places fit the roads of their routes under another datum; nothing is converted."""
    usable = find_route(network, routes[0])
    for route in set(routes[1:]):
        usable = usable | find_route(network, route)
    if not usable.any():
        return []
    # The table was converted from what it claims to be, so what is judged now claims to be WGS-84.
    report = suspect_by_roads(table.lon, table.lat, network=network, usable=usable)
    finding = report.to_finding()
    if finding is None or datum not in {Datum.WGS84, Datum.CGCS2000}:
        return []
    return [finding]


def stakes_value(table: StakeTable, findings: Iterable[Finding] = ()) -> dict[str, Any]:
    """Return the value of the decision that sets the stakes of one route: columns, WGS-84 degrees, millimetres."""
    return {
        "direction": [str(way) for way in table.direction],
        "mm": table.mm.tolist(),
        "lon": [round(x, 7) for x in table.lon.tolist()],
        "lat": [round(y, 7) for y in table.lat.tolist()],
        "line": table.line.tolist(),
        "chains": [
            [str(way), chain.before_mm, chain.after_mm]
            for (_, way), found in (table.chains or {}).items()
            for chain in found
        ],
        "findings": [finding.to_json() for finding in findings],
    }


def read_stakes_value(route: str, value: Mapping[str, Any]) -> tuple[StakeTable, tuple[Finding, ...]]:
    """Return table and findings of a ``set_stakes`` decision.

    Raises
    ------
    InputError
        The decision does not hold what it should.
    """
    try:
        columns = [list(value[name]) for name in _COLUMNS]
        rows = [
            (route, Direction(way), int(mm), float(lon), float(lat))
            for way, mm, lon, lat in zip(*columns[:4], strict=True)
        ]
        chains: dict[tuple[str, Direction], tuple[BrokenChain, ...]] = {}
        for way, before, after in value.get("chains", ()):
            key = (route, Direction(way))
            chains[key] = (*chains.get(key, ()), BrokenChain(int(before), int(after)))
        table = make_stake_table(rows, lines=[int(k) for k in columns[4]], source=StakeSource.TABLE, chains=chains)
        return table, tuple(_finding(body) for body in value.get("findings", ()))
    except (KeyError, TypeError, ValueError) as error:
        msg = (
            f"方案中 {route} 的桩号表无法读取，请重新导入。"
            f" / the stake table of {route} in the plan cannot be read: import it again."
        )
        raise InputError(msg) from error


def _finding(body: Mapping[str, Any]) -> Finding:
    return Finding(
        str(body["code"]),
        Severity(str(body["severity"])),
        int(body["count"]),
        str(body["message"]),
        str(body["message_en"]),
        float(body.get("length_m", 0.0)),
        tuple((float(lon), float(lat)) for lon, lat in body.get("places", ())),
        tuple(str(thing) for thing in body.get("things", ())),
    )


def make_desk(network: Network, values: Mapping[str, Mapping[str, Any]]) -> StakeDesk:
    """Return the desk that answers about stakes.

    Parameters
    ----------
    network
        The network whose rows the answers use.
    values
        Route to the value of its latest ``set_stakes`` decision.
    """
    return StakeDesk(network, {route: read_stakes_value(route, value) for route, value in values.items()})
