"""Road classes: what kind of road a way is, read off its OSM class alone (a prior, not a verdict)."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn


class RoadClass(IntEnum):
    """Class of a way, the most important first."""

    MOTORWAY = 0
    MOTORWAY_LINK = 1
    TRUNK = 2
    PRIMARY = 3
    SECONDARY = 4
    TERTIARY = 5
    MINOR = 6
    SERVICE = 7
    ORDINARY_LINK = 8
    FERRY = 9


CLASS_OF_HIGHWAY: dict[str, RoadClass] = {
    "motorway": RoadClass.MOTORWAY,
    "motorway_link": RoadClass.MOTORWAY_LINK,
    "trunk": RoadClass.TRUNK,
    "primary": RoadClass.PRIMARY,
    "secondary": RoadClass.SECONDARY,
    "tertiary": RoadClass.TERTIARY,
    "unclassified": RoadClass.MINOR,
    "residential": RoadClass.MINOR,
    "living_street": RoadClass.MINOR,
    "road": RoadClass.MINOR,
    "service": RoadClass.SERVICE,
    "services": RoadClass.SERVICE,
    "rest_area": RoadClass.SERVICE,
    "trunk_link": RoadClass.ORDINARY_LINK,
    "primary_link": RoadClass.ORDINARY_LINK,
    "secondary_link": RoadClass.ORDINARY_LINK,
    "tertiary_link": RoadClass.ORDINARY_LINK,
}
"""OSM ``highway`` value to class; a value that is missing here is no road for cars."""


def classify_ways(highway: TextColumn, route: TextColumn) -> npt.NDArray[np.uint8]:
    """Return the class of each way, uint8 of shape (ways,).

    Parameters
    ----------
    highway, route
        The OSM tags ``highway`` and ``route`` of each way; ``route=ferry`` makes a ferry of a way without class.
    """
    table = np.fromiter(
        (CLASS_OF_HIGHWAY.get(text, RoadClass.FERRY) for text in highway.pool),
        dtype=np.uint8,
        count=len(highway.pool),
    )
    classes: npt.NDArray[np.uint8] = table[highway.codes]
    return np.where(route.where({"ferry"}) & (highway.codes == 0), np.uint8(RoadClass.FERRY), classes)
