"""DOCTOR: what is doubtful about a road network, one family of checks a module.

``examine`` runs all of them. Each check is a pure function of a ``Survey`` (the network and what several checks
share) and returns findings with code, severity, count, metres, up to fifty places and a remedy.
"""

from __future__ import annotations

from geo.doctor.examine import CHECKS, examine
from geo.doctor.survey import Survey

__all__ = ["CHECKS", "Survey", "examine"]
