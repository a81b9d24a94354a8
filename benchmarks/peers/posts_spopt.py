"""MCLP and, with ``p`` 0, LSCP by spopt 0.7 as published use: dense cost matrix, PuLP with CBC.

Run by ``benchmarks/posts.py --spopt PYTHON`` with an interpreter that has spopt; reads a table
of covering pairs, prints objective and CPU seconds.
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
    from spopt.locate import LSCP, MCLP

    data = np.load(path)
    cost = np.ones(tuple(data["shape"]))
    cost[data["row"], data["col"]] = 0.0
    begin = spent_s()
    p = int(data["p"])
    demand = data["demand"].astype(float)
    model = MCLP.from_cost_matrix(cost, demand, 0.5, p_facilities=p) if p else LSCP.from_cost_matrix(cost, 0.5)
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    print(json.dumps({"objective": float(model.problem.objective.value()), "cpu_s": spent_s() - begin}))


if __name__ == "__main__":
    main(sys.argv[1])
