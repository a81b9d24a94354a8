"""All checks of the doctor in one call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt

from geo.doctor.age import check_age
from geo.doctor.carriageways import check_carriageways
from geo.doctor.classes import check_class_breaks
from geo.doctor.connectivity import check_islands, check_one_way_ends, check_traps
from geo.doctor.junctions import check_crossings, check_near_misses
from geo.doctor.outlines import check_areas, check_booths
from geo.doctor.overlaps import check_duplicates, check_overlaps
from geo.doctor.ramps import check_ramps
from geo.doctor.shifts import check_shifts
from geo.doctor.survey import Survey
from geo.doctor.tags import check_lanes, check_maxspeed, check_two_way_motorways
from geo.findings import Finding, sort_findings
from geo.network import Network

CHECKS: tuple[Callable[[Survey], list[Finding]], ...] = (
    check_islands,
    check_traps,
    check_one_way_ends,
    check_ramps,
    check_duplicates,
    check_overlaps,
    check_lanes,
    check_maxspeed,
    check_two_way_motorways,
    check_carriageways,
    check_class_breaks,
    check_shifts,
    check_near_misses,
    check_crossings,
    check_areas,
    check_booths,
)
"""Every check that needs nothing but the network."""


def examine(
    network: Network, *, today: date | None = None, edited: npt.NDArray[np.datetime64] | None = None
) -> tuple[Finding, ...]:
    """Examine a network.

    Parameters
    ----------
    network
        The network, with its stations.
    today
        The day from which the age of the map is counted; without it age is not judged.
    edited
        datetime64[D] (ways,), the day each way was last edited (``geo.doctor.edits.read_edit_days``).

    Returns
    -------
    tuple of Finding
        The gravest first. What reading and station finding have reported already (``network.findings``) is not
        repeated.
    """
    survey = Survey(network)
    findings = [finding for check in CHECKS for finding in check(survey)]
    if today is not None:
        findings += check_age(survey, today, edited)
    return sort_findings(findings)
