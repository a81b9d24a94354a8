"""Keep GDAL to the vector formats we read and write; a driver that opens other files or addresses is never loaded."""

from __future__ import annotations

import importlib
import os
import sys

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
    "GML",
    "LVBAG",
    "VDV",
    "VFK",
    "PGDUMP",
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
    """Load GDAL with the environment that it reads once, at that moment.

    Call it before the first import of pyogrio or geopandas; later it has no effect, and the check of the content
    in ``geo.sniff`` stands alone. What the user has set is kept and added to.
    """
    if "pyogrio" in sys.modules:
        return
    skipped = [name for name in os.environ.get("OGR_SKIP", "").split(",") if name]
    os.environ["OGR_SKIP"] = ",".join(dict.fromkeys([*skipped, *SKIPPED_DRIVERS]))
    # GDAL grumbles on stderr about each name that its build lacks; the user's stderr is for our one sentence.
    log = os.environ.get("CPL_LOG")
    os.environ["CPL_LOG"] = os.devnull
    try:
        importlib.import_module("pyogrio")
    finally:
        if log is None:
            del os.environ["CPL_LOG"]
        else:
            os.environ["CPL_LOG"] = log
