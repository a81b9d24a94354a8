"""Zones of small roads, and the demo district made once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from data.demo import district_path, table_path
from geo.load import load_network
from jurisdiction.agencytables import read_agencies, read_stretches
from jurisdiction.brigades import assign_agencies
from jurisdiction.splitting import split
from patrol.zones import make_zones
from tests.patrol.zones.ground import agencies_of, masks_of, owners_of


@pytest.fixture(scope="session")
def zones_of():
    """Return a function that makes the zones of a network with owners and masks by map class, or as given."""

    def make(network, **more):
        owner = more.pop("owner", None) or owners_of(network)
        agency = more.pop("agency", None) or agencies_of(network)
        return make_zones(network, more.pop("masks", None) or masks_of(network), agency=agency, owner=owner, **more)

    return make


@pytest.fixture(scope="session")
def demo():
    """Return the demo district: ownership, agencies of its segments, and its zones under the rows of Zhejiang."""
    ownership = split(load_network(district_path()))
    agencies, stretches = read_agencies(table_path("agencies.csv")), read_stretches(table_path("stretches.csv"))
    agency = assign_agencies(ownership.network, ownership.expressway, agencies, stretches=stretches)
    owner = tuple(str(o) for o in ownership.owner)
    zones = make_zones(ownership.network, ownership.evidence, agency=agency, owner=owner, province="浙江")
    return SimpleNamespace(ownership=ownership, network=ownership.network, agency=agency, owner=owner, zones=zones)
