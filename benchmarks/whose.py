"""Whose road of a table of cases: CPU seconds for ten thousand cases of the demo district.

    python benchmarks/whose.py [CASES]

Seven of ten cases have coordinates near last year's places, two a stake,
one a sentence; dates spread over a year. Reading the table, all answers and writing the CSV count.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from data.demo import table_path
from jurisdiction.ask.cases import read_cases
from plan.askcases import answer_cases
from plan.demo import demo_plan

BAR_S = 5.0
"""Most CPU seconds for ten thousand cases."""


def write_cases(path: Path, count: int, *, seed: int = 1) -> None:
    """Write a table of made-up cases."""
    with table_path("cases.csv").open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "date", "lon", "lat", "stake", "text", "category"))
        for k in range(count):
            row = dice.choice(known)
            stake = f"G98 {dice.choice(('', '上行', '下行'))}K{dice.randint(211, 227)}+{dice.randint(0, 999):03d}"
            lon, lat = (f"{float(row[name]) + dice.uniform(-3e-4, 3e-4):.6f}" for name in ("lon", "lat"))
            kind = k % 10
            place = (
                (lon, lat, "", "") if kind < 7 else ("", "", stake, "") if kind < 9 else ("", "", "", f"在{stake}处")
            )
            writer.writerow((f"c{k}", row["date"], *place, row["category"]))


def main() -> None:
    """Answer the cases and print what it took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    plan = demo_plan()
    assert plan.derived.owner
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        write_cases(path, count)
        start = time.process_time()
        cases = read_cases(path)
        read_s = time.process_time() - start
        report = answer_cases(plan, cases)
        answer_s = time.process_time() - start - read_s
        size = len(report.to_csv())
        write_s = time.process_time() - start - read_s - answer_s
    total = read_s + answer_s + write_s
    print(f"{len(report.answers)} of {count} cases answered: {report.counts()}")
    print(f"read {read_s:.2f} s · answer {answer_s:.2f} s · write {write_s:.2f} s ({size / 1e6:.1f} MB) CPU")
    print(f"total {total:.2f} CPU s, bar {BAR_S * count / 10_000:.2f} s")


if __name__ == "__main__":
    main()
