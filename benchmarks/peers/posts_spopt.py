"""MCLP by spopt 0.7 as published use (dense cost matrix, PuLP with CBC), run by an interpreter that has spopt.

Run by ``benchmarks/posts.py --spopt PYTHON``; reads a table of covering pairs, prints objective and CPU seconds.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings

import numpy as np


def spent_s() -> float:
    """Return CPU seconds of this process and of CBC, which runs as a child."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


def main(path: str) -> None:
    """Solve the instance of a ``.npz`` file."""
    warnings.filterwarnings("ignore")
    import pulp
    from spopt.locate import MCLP

    data = np.load(path)
    cost = np.ones(tuple(data["shape"]))
    cost[data["row"], data["col"]] = 0.0
    begin = spent_s()
    model = MCLP.from_cost_matrix(cost, data["demand"].astype(float), 0.5, p_facilities=int(data["p"]))
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    print(json.dumps({"objective": float(model.problem.objective.value()), "cpu_s": spent_s() - begin}))


if __name__ == "__main__":
    main(sys.argv[1])
