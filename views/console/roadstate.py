"""The roads as they are at a moment: an agency's speeds and closures, for every command that asks for times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo.errors import InputError

if TYPE_CHECKING:
    from geo.network import Network
    from geo.travel import TravelGraph
    from plan.model import Plan

ClosuresFile = Annotated[
    Path | None, typer.Option("--closures", help="封闭、施工、缓行表 CSV/XLSX/GeoJSON / closures, works, slow-downs")
]
SpeedsFile = Annotated[Path | None, typer.Option("--speeds", help="单位车速表 CSV：等级或路线,kmh / agency speeds")]
At = Annotated[
    str | None, typer.Option("--at", "--when", help="时刻，如 2026-11-25T08:00 / moment for which closures hold")
]
When = Annotated[str | None, typer.Option("--when", help="时刻，如 2026-11-25T08:00 / moment for which closures hold")]


@dataclass(frozen=True, slots=True)
class RoadState:
    """What is asked of the roads: files of closures and speeds, and the moment (``None``: what always holds)."""

    closures: Path | None = None
    at: str | None = None
    speeds: Path | None = None


USUAL = RoadState()
"""The roads as the map has them."""


def open_roads(plan: Plan, state: RoadState, network: Network | None = None) -> tuple[TravelGraph, dict[str, Any]]:
    """Build the travel graph of a plan at a moment.

    Parameters
    ----------
    plan
        The plan; its own closures (``close_road``) hold too, one of the same id in the file wins.
    state
        What is asked.
    network
        The network to travel on; that of the plan's owners when None.

    Returns
    -------
    graph
        The travel graph.
    document
        JSON values to add to an answer: ``roads`` with moment, closures in force and speeds; empty where nothing is
        asked and nothing holds.

    Raises
    ------
    InputError
        A file or the moment cannot be used; closures hold at certain times and no moment was given.
    """
    from geo.closures import find_effect, read_moment
    from geo.closuretable import read_closures
    from geo.travel import build_travel_graph
    from plan.closures import closures_of

    network = plan.derived.network if network is None else network
    at = read_moment(state.at) if state.at else None
    listed = read_closures(state.closures) if state.closures else ()
    if at is None and any(closure.is_timed for closure in listed):
        raise InputError(
            f"{state.closures.name if state.closures else ''} 含有分时段的封闭，请用 --when 指明时刻，如"
            " 2026-11-25T08:00。 / some closures hold at certain times: give the moment with --when 2026-11-25T08:00."
        )
    closures = {c.id: c for c in (*closures_of(plan), *listed)}
    kmh, said = _speeds(network, state.speeds)
    effect = find_effect(network, list(closures.values()), at=at, speeds=kmh)
    graph = build_travel_graph(network, speeds=kmh, closed_arcs=effect.closed_arcs, slow_arcs=effect.slow_arcs)
    if state == USUAL and not effect.active:
        return graph, {}
    held = effect.to_json(network)
    held["findings"] = [*held["findings"], *said.pop("findings", [])]
    moment = at.isoformat(timespec="minutes") if at is not None else None
    return graph, {"roads": {"at": moment, "closures": held, "speeds": said or None}}


def _speeds(network: Network, path: Path | None) -> tuple[Any, dict[str, Any]]:
    if path is None:
        return None, {}
    from geo.speedtable import agency_speeds, describe_speeds, read_speed_table

    table = read_speed_table(path)
    kmh, findings = agency_speeds(network, table)
    return kmh, describe_speeds(table) | {"findings": [f.to_json() for f in findings]}
