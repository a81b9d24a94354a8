"""What is doubtful about a split: leaks, open service areas, classes that disagree, stations that separate nothing."""

from __future__ import annotations

import numpy as np

from geo.findings import Finding, Severity
from geo.stations import StationKind
from jurisdiction.ownership import Ownership


def split_findings(ownership: Ownership) -> list[Finding]:
    """Return the findings of a split; those of the network are not repeated."""
    return [
        *_leak_findings(ownership),
        *_service_area_findings(ownership),
        *_class_findings(ownership),
        *_brigade_border_findings(ownership),
    ]


def _leak_findings(ownership: Ownership) -> list[Finding]:
    if not ownership.leaks:
        return []
    nodes = ownership.network.nodes
    rows = [leak.junction for leak in ownership.leaks]
    return [
        Finding(
            "leak",
            Severity.WARNING,
            len(rows),
            f"{len(rows)} 处高速与普通公路不经收费站相通，界点没有收费亭，请逐一确认或在会商中商定。",
            f"{len(rows)} places join expressway and ordinary roads without a station: confirm or agree each seam.",
            length_m=sum(leak.length_m for leak in ownership.leaks),
            places=tuple((float(nodes.lon[r]), float(nodes.lat[r])) for r in rows[:50]),
            things=tuple(f"n{nodes.id[r]}" for r in rows[:50]),
        )
    ]


def _service_area_findings(ownership: Ownership) -> list[Finding]:
    area, network = ownership.evidence.service_area, ownership.network
    rows = [s for s in ownership.seams if area[list(s.expressway)].any() and s.kind not in {"booth", "gate"}]
    if not rows:
        return []
    beyond = [s for s in rows if ownership.evidence.ramp[list(s.ordinary)].any()]
    return [
        Finding(
            "service_area_open",
            Severity.WARNING,
            len(rows),
            f"{len(rows)} 处服务区道路不经收费亭连到站外道路（其中 {len(beyond)} 处接在站外匝道上），请现场核对。",
            f"{len(rows)} service-area roads join roads outside without a booth ({len(beyond)} of them a ramp beyond a "
            "booth): check on site.",
            places=tuple((s.lon, s.lat) for s in rows[:50]),
            things=tuple(f"n{network.nodes.id[s.node]}" for s in rows[:50]),
        )
    ]


def _class_findings(ownership: Ownership) -> list[Finding]:
    network, evidence = ownership.network, ownership.evidence
    findings = []
    raised = evidence.main_line & (network.segment_class >= 2)  # noqa: PLR2004 - 2 is the first ordinary class
    for code, mask, zh, en in (
        (
            "urban_expressway",
            evidence.urban,
            "标为 motorway，但名称、编号像城市快速路，暂按普通公路，请确认",
            "tagged motorway, but by name and number an urban fast road: read as ordinary road, please confirm",
        ),
        (
            "class_by_vote",
            raised,
            "不是 motorway，但名称、编号、收费都指向高速公路，暂按高速公路，请确认",
            "not tagged motorway, but name, number and toll say expressway: read as expressway, please confirm",
        ),
    ):
        rows = np.flatnonzero(mask)
        if len(rows) == 0:
            continue
        ways = np.unique(network.segments.way[rows])
        places = [network.points(int(row))[0] for row in rows[:50]]
        findings.append(
            Finding(
                code,
                Severity.WARNING,
                len(ways),
                f"{len(ways)} 条道路{zh}。",
                f"{len(ways)} ways are {en}.",
                length_m=float(network.segments.length_m[rows].sum()),
                places=tuple((float(x), float(y)) for x, y in places),
                things=tuple(network.segment_ids[row] for row in rows[:50]),
            )
        )
    return findings


def _brigade_border_findings(ownership: Ownership) -> list[Finding]:
    main = [s for s in ownership.network.stations if s.kind is StationKind.MAIN_LINE]
    if not main:
        return []
    return [
        Finding(
            "main_line_station",
            Severity.NOTE,
            len(main),
            f"{len(main)} 个主线收费站两侧都是高速公路，不是界点，只可作高速大队之间的分界。",
            f"{len(main)} main-line stations have expressway on both sides: no seam, only a border between brigades.",
            places=tuple((s.lon, s.lat) for s in main[:50]),
            things=tuple(s.id for s in main[:50]),
        )
    ]
