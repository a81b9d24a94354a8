"""The rule table of the seam, read once from ``data/rules/seam.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from geo.errors import InputError

CONCURRENCY_RULES = ("first_listed", "lower_number")
"""Ways to give a road of several route numbers to one brigade."""


@dataclass(frozen=True, slots=True)
class Vote:
    """A row of the evidence table: which label a metre of road speaks for, and how loudly.

    Attributes
    ----------
    name
        Row name.
    for_expressway
        ``True`` for expressway, ``False`` for ordinary road.
    weight
        Metres of evidence a metre of road.
    source
        Where the row comes from.
    """

    name: str
    for_expressway: bool
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class Convention:
    """A row of the price table: where a seam is cheap (metres per segment on the smaller side)."""

    name: str
    booth: int
    plaza: int
    gate: int
    ramp_end: int
    ramp_merge: int
    elsewhere: int
    stub_vote: bool
    source: str


@dataclass(frozen=True)
class SeamRules:
    """The whole table.

    Attributes
    ----------
    votes, class_points, conventions
        By row name.
    shifts
        Conventions that shift the seams of a price row: name to that row's name.
    stub_main_line_m, plaza_m, station_reach_m, plaza_reach_m, uncertainty_m
        Limits in metres.
    class_sources
        Class vote to where its row comes from.
    concurrency
        Which brigade has a road of several numbers: ``first_listed`` or ``lower_number``.
    """

    votes: Mapping[str, Vote]
    class_points: Mapping[str, int]
    conventions: Mapping[str, Convention]
    shifts: Mapping[str, str]
    stub_main_line_m: float
    plaza_m: float
    station_reach_m: float
    plaza_reach_m: float
    uncertainty_m: float
    concurrency: str = "first_listed"
    class_sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def names(self) -> tuple[str, ...]:
        """Every convention there is: rows of the price table first, then shifts."""
        return (*self.conventions, *self.shifts)

    def convention(self, name: str) -> Convention:
        """Return the price row of a convention; a shift has the row it starts from.

        Raises
        ------
        InputError
            There is no such convention.
        """
        row = self.shifts.get(name, name)
        if row not in self.conventions:
            known = ", ".join(self.names)
            msg = f"划界方式“{name}”不存在，可选：{known}。 / no such convention, choose one of: {known}."
            raise InputError(msg)
        return self.conventions[row]


@cache
def seam_rules() -> SeamRules:
    """Return the rule table that ships with Roadseam."""
    text = files("data.rules").joinpath("seam.toml").read_text(encoding="utf-8")
    return parse_rules(tomllib.loads(text))


def parse_rules(table: Mapping[str, Any]) -> SeamRules:
    """Build the rules from a parsed TOML table of the same form as ``data/rules/seam.toml``."""
    votes = {
        name: Vote(name, row["label"] == "expressway", float(row["weight"]), row["source"])
        for name, row in table["votes"].items()
    }
    limits = {name: float(row["value"]) for name, row in table["limits"].items()}
    points = {name: int(row["points"]) for name, row in table["class_votes"].items()}
    conventions = {name: Convention(name=name, **row) for name, row in table["conventions"].items()}
    shifts = {name: str(row["base"]) for name, row in table.get("shifts", {}).items()}
    concurrency = str(table.get("concurrency", {}).get("several_numbers", {}).get("rule", CONCURRENCY_RULES[0]))
    if concurrency not in CONCURRENCY_RULES:
        known = ", ".join(CONCURRENCY_RULES)
        msg = f"共线规则“{concurrency[:30]}”不存在，可选：{known}。 / no such rule, choose one of: {known}."
        raise InputError(msg)
    sources = {name: str(row["source"]) for name, row in table["class_votes"].items()}
    return SeamRules(votes, points, conventions, shifts, **limits, concurrency=concurrency, class_sources=sources)
