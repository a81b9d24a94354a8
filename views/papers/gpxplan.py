"""GPX 1.1 of a plan for hand-held receivers: seams and stations as way points, contested roads as tracks."""

from __future__ import annotations

import numpy as np

from patrol.gpx import CREATOR
from plan.model import Plan
from views.papers.facts import facts_of
from views.papers.seamrows import seam_rows
from views.papers.text import ATTRIBUTION_TEXT, clean

_DIGITS = 7


def plan_gpx(plan: Plan) -> bytes:
    """Return a plan as GPX 1.1, UTF-8; coordinates are WGS-84."""
    from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment, GPXWaypoint

    gpx, facts = GPX(), facts_of(plan)
    gpx.creator, gpx.name = CREATOR, clean(plan.title or "路界", limit=80)
    gpx.description = clean(facts.stamp)
    gpx.copyright_author = ATTRIBUTION_TEXT
    for r in seam_rows(plan):
        name = f"界点{r.number} {r.station or r.kind}"
        told = f"{r.expressway} | {r.ordinary} | {r.convention}"
        place = (round(r.lat, _DIGITS), round(r.lon, _DIGITS))
        gpx.waypoints.append(GPXWaypoint(*place, name=clean(name, limit=80), description=told, type="seam"))
    for s in plan.network.stations:
        place = (round(s.lat, _DIGITS), round(s.lon, _DIGITS))
        gpx.waypoints.append(GPXWaypoint(*place, name=clean(s.name or s.id, limit=80), type="station"))
    derived = plan.derived
    rows = np.flatnonzero(np.array([owner == "contested" for owner in derived.owner], dtype=bool)).tolist()
    for row in rows:
        base = plan.network.segment_ids[int(derived.ownership.cut.base[row])]
        track = GPXTrack(name=f"争议 {base}")
        points = derived.network.points(row).tolist()
        track.segments.append(
            GPXTrackSegment([GPXTrackPoint(round(lat, _DIGITS), round(lon, _DIGITS)) for lon, lat in points])
        )
        gpx.tracks.append(track)
    return gpx.to_xml(version="1.1").encode("utf-8")
