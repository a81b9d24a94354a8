"""MEMORY: decisions, their history and the plan file.

A plan is a road network and a short list of decisions; all else is derived from them. Imports ``geo``,
``jurisdiction`` and ``patrol``.
"""
