"""Precision and recall of station grouping against two real station tables of France.

    python benchmarks/stations.py ../shared/data/osm

The tables give one place a station; its booths are spread over some metres there. The row UNKNOWN is left out.
"""

from __future__ import annotations

import argparse
import ast
import csv
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geo.stationgroups import GroupLimits, group_booths

Truth = list[set[int]]


def read_tables(folder: Path) -> tuple[list[str], np.ndarray, list[tuple[int, int]], Truth, Truth]:
    """Return names, station places, (number, of how many) of each booth, and both truths."""
    with (folder / "fr-toll-stations-osm.csv").open(encoding="utf-8") as file:
        osm = [row for row in csv.DictReader(file) if row["osm_name"] != "UNKNOWN"]
    with (folder / "fr-toll-stations-by-operator.csv").open(encoding="utf-8") as file:
        operator = list(csv.DictReader(file, delimiter=";"))
    of: dict[int, set[int]] = defaultdict(set)
    for number, row in enumerate(operator):
        for booth in ast.literal_eval(row["booth_node_id"]) if row["booth_node_id"] else []:
            of[booth].add(number)
    names, places, ranks, station, operators = [], [], [], [], []
    for number, row in enumerate(osm):
        booths = ast.literal_eval(row["booth_node_id"])
        for k, booth in enumerate(booths):
            names.append(row["osm_name"])
            places.append((float(row["lon"]), float(row["lat"])))
            ranks.append((k, len(booths)))
            station.append({number})
            operators.append(of.get(booth, set()))
    return names, np.array(places), ranks, station, operators


def spread(places: np.ndarray, ranks: Sequence[tuple[int, int]], metres: float) -> np.ndarray:
    """Put the booths of a station side by side over so many metres."""
    share = np.array([k / max(count - 1, 1) - 0.5 for k, count in ranks])
    degrees = metres / (111_195.0 * np.cos(np.radians(places[:, 1])))
    return np.column_stack((places[:, 0] + share * degrees, places[:, 1]))


def pairwise(label: np.ndarray, truth: Truth) -> tuple[float, float]:
    """Return precision and recall over pairs of booths that have a true station."""
    groups: dict[int, list[int]] = defaultdict(list)
    stations: dict[int, list[int]] = defaultdict(list)
    for k in range(len(label)):
        if truth[k]:
            groups[int(label[k])].append(k)
            for one in truth[k]:
                stations[one].append(k)
    said = {pair for members in groups.values() for pair in combinations(members, 2)}
    true = {pair for members in stations.values() for pair in combinations(members, 2)}
    return len(said & true) / len(said), len(said & true) / len(true)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    names, places, ranks, station, operators = read_tables(parser.parse_args().folder)
    print(f"{len(names)} booths; pairwise precision / recall, against OSM stations and operators' stations")
    rng = np.random.default_rng(0)
    rare = [name if rng.random() > 0.5 else "" for name in names]
    nameless = [""] * len(names)
    rows = [
        *((f"names, spread {m} m", names, m, GroupLimits()) for m in (0, 60, 120)),
        *((f"names, spread 60 m, name_m {m}", names, 60, GroupLimits(name_m=m)) for m in (500, 1_000, 1_500)),
        *((f"names, spread 60 m, join_m {m}", names, 60, GroupLimits(join_m=m)) for m in (75, 300)),
        ("half the booths nameless", rare, 60, GroupLimits()),
        ("distance alone", nameless, 60, GroupLimits()),
    ]
    for title, given, metres, limits in rows:
        at = spread(places, ranks, metres)
        label = group_booths(at[:, 0], at[:, 1], names=given, limits=limits)
        found = [pairwise(label, truth) for truth in (station, operators)]
        print(f"{title:34}" + "".join(f"{p:10.4f} /{r:7.4f}" for p, r in found) + f"{label.max() + 1:8d} stations")


if __name__ == "__main__":
    main()
