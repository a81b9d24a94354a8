"""LAND: roads, toll stations, stakes, coordinates and travel times.

Reads a map file into one immutable ``Network`` of columns, finds its toll stations, and answers where a place
is and how long the way takes. This room knows nothing of agencies and imports no other room.
"""

import os

# Nothing here multiplies large matrices; the threads numpy would start for that cost more than the rest of its import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
