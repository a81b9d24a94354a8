"""Writes every file of the demo district: `python -m data.demo [FOLDER]`."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.demo import tables, tasks
from data.demo.boundaries import district_ring
from data.demo.build import SEED, build_district
from data.demo.facts import collect_facts
from data.demo.writer import write_district

if TYPE_CHECKING:
    from data.demo.tables import Table


def write_all(folder: Path, *, seed: int = SEED) -> None:
    """Write map, tables and facts into a folder, replacing what is there."""
    world, relations = build_district(seed)
    ring = district_ring(world, relations)
    write_district(world, relations, folder / "district.osm.pbf")
    made: dict[str, Table] = {
        "agencies": tables.agencies(),
        "stretches": tables.stretches(world, ring),
        "units": tables.units(world),
        "exits": tables.exits(world, ring),
        "stakes": tables.stakes(world),
        "targets": tasks.targets(world),
        "cases": tasks.cases(world),
    }
    for name, table in made.items():
        (folder / f"{name}.csv").write_bytes(_csv(table))
    (folder / "disputes.json").write_bytes(_json(tasks.disputes(world)))
    (folder / "facts.json").write_bytes(_json(collect_facts(world)))


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table[0])
    writer.writerows(table[1])
    return text.getvalue().encode()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    target.mkdir(parents=True, exist_ok=True)
    write_all(target)
