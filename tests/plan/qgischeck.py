"""Opens a plan in headless QGIS and prints, as JSON, what QGIS makes of it; run by a Python that has PyQGIS."""

import json
import os
import sys

from qgis.core import QgsApplication, QgsVectorLayer

QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
found = {}
for name in ("owners", "seams", "stations"):
    layer = QgsVectorLayer(f"{sys.argv[1]}|layername={name}", name, "ogr")
    message, is_ok = layer.loadDefaultStyle()
    renderer = layer.renderer()
    found[name] = {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "features": layer.featureCount(),
        "styled": is_ok,
        "message": message,
        "renderer": renderer.type(),
        "attribute": renderer.classAttribute() if renderer.type() == "categorizedSymbol" else "",
        "labels": [c.label() for c in renderer.categories()] if renderer.type() == "categorizedSymbol" else [],
        "colors": [c.symbol().symbolLayer(0).color().name().upper() for c in renderer.categories()]
        if renderer.type() == "categorizedSymbol"
        else [],
        "aliases": {f.name(): layer.attributeDisplayName(k) for k, f in enumerate(layer.fields())},
        "has_labels": layer.labelsEnabled(),
    }
print(json.dumps(found), flush=True)
os._exit(0)  # tearing QGIS down without a window system may crash, after all was said
