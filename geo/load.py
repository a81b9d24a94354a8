"""Load a network from a source: admit the file, read it, find its stations, list what is doubtful, keep the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.cache import cached, hash_map
from geo.findings import Finding, sort_findings
from geo.intake import admit_file, clean_name
from geo.network import Network, Source
from geo.reading import Progress, read_osm
from geo.sniff import OSM_FORMATS
from geo.stations import find_stations


@dataclass(frozen=True, slots=True)
class LayerReading:
    """How to read an agency's line layer: column mapping (TOML), the CRS where it states none, which layer of many."""

    mapping: Path | None = None
    crs: str | None = None
    layer: str | None = None


def load_network(path: Path, *, reading: LayerReading | None = None, progress: Progress | None = None) -> Network:
    """Load a map file with its stations and findings; an OSM map that was loaded before comes from the cache.

    Parameters
    ----------
    path
        An OSM file (``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``) or an agency's line layer.
    reading
        How to read a line layer; ignored for OSM files.
    progress
        Told what is read; may cancel by returning ``False``.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        The file cannot be used.
    CancelledError
        ``progress`` returned ``False``.
    """
    sha256 = hash_map(path)
    if sha256 is None:
        return _load(path, reading, progress)
    # The name stands in findings, so a map under another name is read anew.
    return cached(sha256, lambda: _load(path, reading, progress), settings=clean_name(path))


def _load(path: Path, reading: LayerReading | None, progress: Progress | None) -> Network:
    admitted = admit_file(path)
    source = Source(admitted.name, admitted.sha256, admitted.format)
    if admitted.format in OSM_FORMATS:
        return complete(read_osm(admitted.path, source, progress=progress), admitted.findings)
    from geo.layers import read_admitted_layer

    how = reading or LayerReading()
    return complete(read_admitted_layer(admitted, mapping=how.mapping, crs=how.crs))


def complete(network: Network, doubts: Sequence[Finding] = ()) -> Network:
    """Return the network with its stations, and with findings of reading (``doubts``) and stations added."""
    stations, findings = find_stations(network)
    return network.with_stations(stations, sort_findings([*network.findings, *doubts, *findings]))
