"""The map: one canvas layer over Leaflet that draws a whole district, in the app and in an exported page.

Screens fill `RoadTable` and `PointTable`, `encode_map` packs them into one data file, and `OfflineMap` with
`RoadLayer` (for ``st_folium``) or `write_html` (one file for e-mail or a memory stick) show it. Nothing is asked of
the network. Text of maps and plans never enters a folium element: it travels in the data file and reaches the page
through ``textContent``; `views.map.safe` is the only builder of map text. Colours live in `views.map.palette`.
"""

from views.map.decode import decode_map
from views.map.encode import MapMeta, encode_map
from views.map.export import write_html
from views.map.offline import Focus, LayerOptions, OfflineDualMap, OfflineMap, RoadLayer
from views.map.store import sweep_data_files, write_data_file
from views.map.tables import CardColumn, PointTable, RoadTable, fill_text

__all__ = [
    "CardColumn",
    "Focus",
    "LayerOptions",
    "MapMeta",
    "OfflineDualMap",
    "OfflineMap",
    "PointTable",
    "RoadLayer",
    "RoadTable",
    "decode_map",
    "encode_map",
    "fill_text",
    "sweep_data_files",
    "write_data_file",
    "write_html",
]
