"""Opens a plan in headless QGIS and prints, as JSON, what QGIS makes of it; run by a Python that has PyQGIS."""

import json
import os
import sys


def look(path):
    """Return, a layer, what QGIS makes of it."""
    from qgis.core import QgsVectorLayer

    found = {}
    for name in ("owners", "seams", "stations"):
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        _, is_styled = layer.loadDefaultStyle()
        renderer = layer.renderer()
        categories = renderer.categories() if renderer.type() == "categorizedSymbol" else []
        found[name] = {
            "valid": layer.isValid(),
            "crs": layer.crs().authid(),
            "features": layer.featureCount(),
            "styled": is_styled,
            "renderer": renderer.type(),
            "attribute": renderer.classAttribute() if categories else "",
            "colors": [c.symbol().symbolLayer(0).color().name().upper() for c in categories],
            "aliases": {f.name(): layer.attributeDisplayName(k) for k, f in enumerate(layer.fields())},
            "has_labels": layer.labelsEnabled(),
        }
    return found


def main():
    """Start QGIS without a window, look at the plan, and leave."""
    from qgis.core import QgsApplication

    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    print(json.dumps(look(sys.argv[1])), flush=True)
    os._exit(0)  # tearing QGIS down without a window system may crash, after all was said


if __name__ == "__main__":
    main()
