"""Keep GDAL to the vector formats we read and write; a driver that opens other files or addresses is never loaded."""

from __future__ import annotations

import os

SKIPPED_DRIVERS: tuple[str, ...] = (
    "OGR_VRT",
    "GDALG",
    "HTTP",
    "WFS",
    "OAPIF",
    "OGCAPI",
    "CSW",
    "EEDA",
    "Elasticsearch",
    "Carto",
    "AmigoCloud",
    "PLSCENES",
    "NGW",
    "ADBC",
    "ESRIJSON",
    "TopoJSON",
    "GeoRSS",
    "MapML",
    "GMLAS",
    "GML",
    "LVBAG",
    "VDV",
    "VFK",
    "PGDUMP",
    "OpenFileGDB",
    "PDF",
    "S57",
    "SXF",
    "Selafin",
    "Idrisi",
    "OGR_PDS",
    "EDIGEO",
    "AVCBin",
    "AVCE00",
    "AIVector",
    "MiraMonVector",
    "WAsP",
    "GTFS",
    "PMTiles",
    "MVT",
    "MBTiles",
    "PCIDSK",
    "PDS4",
    "VICAR",
    "JML",
    "ODS",
    "OSM",
)
"""GDAL driver names that are switched off: pointers to other data, network services, and formats nobody asked for."""


def guard_gdal() -> None:
    """Set the environment that GDAL reads once, when it is loaded.

    Call it before the first import of pyogrio or geopandas; later it has no effect, and the check of the content
    in ``geo.sniff`` stands alone. What the user has set is kept and added to.
    """
    skipped = [name for name in os.environ.get("OGR_SKIP", "").split(",") if name]
    os.environ["OGR_SKIP"] = ",".join(dict.fromkeys([*skipped, *SKIPPED_DRIVERS]))
